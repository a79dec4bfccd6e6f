"""The page of a saved query: form, chart, table, and how to get the same elsewhere."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Response, request, url_for

from sparql_server.answering.answer import Visitor
from sparql_server.answering.endpoint import Endpoint, read_visitor
from sparql_server.answering.replies import Record
from sparql_server.catalogue.saved_query import Chart, SavedQuery
from sparql_server.errors import BadParameter, RequestError
from sparql_server.saved.chart import KINDS, Data, make_chart_data
from sparql_server.saved.drawing import Drawing, draw
from sparql_server.saved.form import Field, fill_fields, refill_fields
from sparql_server.saved.page_texts import Wording
from sparql_server.saved.pickers import Lists
from sparql_server.saved.result_parts import Part, make_part
from sparql_server.saved.saved_request import (
    GRAPH_FORMS,
    OWN,
    SavedRequest,
    list_arguments,
    list_formats,
    make_address,
    read,
)
from sparql_server.saved.snippets import make_snippets
from sparql_server.saved.table import find_label_columns, make_table, relink
from sparql_server.sparql.protocol import Parameters, QueryRequest
from sparql_server.web import language, pages
from sparql_server.web.services.releases import answer_frozen, choose_endpoint
from sparql_server.web.transfer.responses import addresses, read_host


def show(endpoint: Endpoint, lists: Lists, query: SavedQuery, parameters: Parameters) -> Response:
    """Return the page, with the result that the request asks for or what is wrong with it."""
    # The page is always HTML; whoever says format=html means no more than that.
    wanted = {name: given for name, given in parameters.items() if name != "format"}
    who = read_visitor(request.environ, endpoint.trusted)
    endpoint.answers.admit(who.client)
    try:
        asked = read(query, wanted, language=language.language())
    except BadParameter as error:
        values = {name: given for name, given in wanted.items() if name not in OWN}
        again = refill_fields(query, values, lists, who, error)
        return _page(query, again, error.status, error=error)
    chosen = choose_endpoint(endpoint, asked.release)
    if chosen is None:
        there = QueryRequest(asked.text, release=asked.release)
        now = _external(make_address(query.name, list_arguments(asked)))
        return answer_frozen(endpoint, there, now)
    endpoint = chosen
    if request.method == "HEAD":
        return _head(endpoint, asked, who)
    form = fill_fields(query, asked.bound.values, lists, who)
    return _with_result(endpoint, asked, form, who)


def _head(endpoint: Endpoint, asked: SavedRequest, who: Visitor) -> Response:
    record = Record(endpoint.journal, asked.bound.text)
    try:
        answer = endpoint.answers.read(QueryRequest(asked.bound.text), who)
    except RequestError as error:
        record.fail(error)
        raise
    record.end(answer)
    return pages.head(answer.release)


def _with_result(
    endpoint: Endpoint, asked: SavedRequest, form: list[Field], who: Visitor
) -> Response:
    record = Record(endpoint.journal, asked.bound.text)
    query = asked.bound.query
    links = _links(asked)
    try:
        found = make_part(endpoint.answers, asked, who)
    except RequestError as error:
        record.fail(error)
        response = _page(query, form, error.status, error=error, **links)
        if error.retry_after:
            response.headers["Retry-After"] = str(error.retry_after)
        return response
    table = make_table(found.variables, found.shown, _RowAddresses(asked, found.offset))
    shown = relink(table, addresses().of)
    links |= _of_release(asked, found.answer.release)
    response = _page(query, form, part=found, table=shown, **links, **_chart(asked, found))
    response.headers["Libris-Release"] = str(found.answer.release)
    record.end(found.answer, size=response.content_length or 0)
    return response


def _page(query: SavedQuery, form: list[Field], status: int = 200, **more: object) -> Response:
    body = language.render("query.html", query=query, fields=form, **more)
    response = language.page(body, status)
    response.headers["Content-Security-Policy"] = pages.SCRIPT
    return response


def _external(path: str) -> str:
    return read_host() + path


def _links(asked: SavedRequest) -> dict[str, Any]:
    """Return the addresses of the same result elsewhere."""
    query, pairs = asked.bound.query, _of_file(asked)
    graph = query.form in GRAPH_FORMS
    csv = _external(make_address(f"{query.name}.{'ttl' if graph else 'csv'}", pairs))
    return {
        "downloads": [
            (format_, make_address(f"{query.name}.{format_.name}", pairs))
            for format_ in list_formats(query)
        ],
        "snippets": make_snippets(query.name, csv, graph),
        "text": asked.bound.text,
        "cite": f"{make_address(query.name, [])}/cite{_query_string(list_arguments(asked))}",
        "edit": url_for("pages.front", query=asked.bound.text, **_chosen()),
        "parts": _PartAddresses(asked),
    }


def _query_string(arguments: list[tuple[str, str]]) -> str:
    return f"?{urlencode(arguments)}" if arguments else ""


def _of_file(asked: SavedRequest) -> list[tuple[str, str]]:
    """Return what a link to a file has to say: the values, and the page's language if it must.

    Files are in Swedish unless their address says otherwise, whatever their reader prefers.
    """
    english = [(language.PARAMETER, "en")] if language.language() == "en" else []
    return [*asked.bound.arguments, *english]


def _of_release(asked: SavedRequest, release: int) -> dict[str, Any]:
    pairs = [*list_arguments(asked), ("release", str(release))]
    return {"release": release, "permanent": _external(make_address(asked.bound.query.name, pairs))}


def _chosen() -> dict[str, Any]:
    found = language.read_chosen()
    return {"lang": found} if found else {}


class _RowAddresses:
    """Makes the addresses of rows with their whole values. first: the number of the first one."""

    def __init__(self, asked: SavedRequest, first: int) -> None:
        self._asked = asked
        self._first = first

    def __call__(self, row: int) -> str:
        query, pairs = self._asked.bound.query, _of_file(self._asked)
        if query.form in GRAPH_FORMS:
            return "#whole"
        part = [("limit", "1"), ("offset", str(self._first + row))]
        return make_address(f"{query.name}.json", [*pairs, *part])


class _PartAddresses:
    """Makes addresses of the same page with another part of the rows, or another chart."""

    def __init__(self, asked: SavedRequest) -> None:
        self._asked = asked

    def __call__(self, offset: int = 0, chart: str | None = None) -> str:
        asked = self._asked
        pairs = list(asked.bound.arguments)
        if asked.limit is not None:
            pairs.append(("limit", str(asked.limit)))
        if offset:
            pairs.append(("offset", str(offset)))
        if asked.release is not None:
            pairs.append(("release", str(asked.release)))
        kind = chart or request.args.get("chart")
        pairs += [("chart", kind)] if kind in KINDS else []
        return make_address(asked.bound.query.name, [*pairs, *_chosen().items()])


def _chart(asked: SavedRequest, part: Part) -> dict[str, Any]:
    spec = asked.bound.query.chart
    points: Data | None = None
    if spec and part.first:
        points = make_chart_data(spec, part.variables, part.first)
    if points is None or spec is None:
        return {}
    kind = request.args.get("chart", "")
    if kind not in KINDS:
        kind = "lines" if points.ongoing and len(points.slots) > 40 else "bars"
    others = Wording(language.language())("chart.others")
    drawing: Drawing = draw(points, kind, others)
    return {"chart": points, "chart_kind": kind, "drawing": drawing, "axes": _axes(spec, part)}


def _axes(spec: Chart, part: Part) -> tuple[str, str, str | None]:
    """Return what x, y and series are: the thing, where the column only says what it is called."""
    pairs = find_label_columns(part.variables, part.first)
    things = {label: thing for thing, label in pairs.items()}
    x, series = things.get(spec.x, spec.x), spec.series and things.get(spec.series, spec.series)
    return x, spec.y, series
