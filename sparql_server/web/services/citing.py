"""Views of citations: of a query's result at ``/cite``, of a saved query's at its address."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from sparql_server.answering.endpoint import Endpoint, read_visitor
from sparql_server.answering.replies import Record
from sparql_server.citing.citation import Citation, hash_result, today
from sparql_server.errors import BadParameter, RequestError
from sparql_server.saved import saved_request
from sparql_server.saved.saved_request import find, list_arguments, make_address
from sparql_server.sparql.formats import Format, choose, find_format
from sparql_server.sparql.protocol import QueryRequest, read_format, read_get, read_parameters
from sparql_server.web.services.releases import choose_endpoint, refuse_release
from sparql_server.web.transfer.responses import read_host

Show = Callable[[Citation], Response]

_FORMATS = (
    Format("json", ("application/json",)),
    Format("html", ("text/html", "application/xhtml+xml")),
    Format("txt", ("text/plain",)),
    Format("bib", ("application/x-bibtex", "text/x-bibtex")),
)
_LONGEST = 80  # characters of a query that stands for its title


def blueprint(endpoint: Endpoint, show: Show) -> Blueprint:
    """Return the views. show: makes a page of a citation."""
    views = Blueprint("citing", __name__)

    @views.get("/cite", endpoint="query")
    def query() -> Response:
        parameters = read_parameters(request.query_string)
        name = read_format(parameters)
        asked = read_get({key: value for key, value in parameters.items() if key != "format"})
        return _respond(_cite(endpoint, asked, *_address_query(asked)), name, show)

    @views.get("/queries/<name>/cite", endpoint="saved")
    def saved(name: str) -> Response:
        parameters = read_parameters(request.query_string)
        found, extension = find(endpoint.catalogue, name)
        if extension:
            raise BadParameter("The address of a citation has no extension.", parameter="name")
        wanted = {key: value for key, value in parameters.items() if key != "format"}
        asked = saved_request.read(found, wanted)
        address = make_address(name, list_arguments(asked))
        query = QueryRequest(asked.text, release=asked.release)
        title = found.title.get(request.args.get("lang", "en"), found.title["en"])
        return _respond(_cite(endpoint, query, title, address), read_format(parameters), show)

    return views


def _address_query(asked: QueryRequest) -> tuple[str, str]:
    """Return the title of a query's result, and its address without a release."""
    pairs = [
        ("query", asked.query),
        *(("default-graph-uri", name) for name in asked.default_graphs),
        *(("named-graph-uri", name) for name in asked.named_graphs),
    ]
    short = " ".join(asked.query.split())
    title = short if len(short) <= _LONGEST else f"{short[:_LONGEST]}…"
    return title, f"/sparql?{urlencode(pairs)}"


def _cite(endpoint: Endpoint, asked: QueryRequest, title: str, address: str) -> Citation:
    chosen = choose_endpoint(endpoint, asked.release)
    absolute = read_host() + address
    if chosen is None:
        raise refuse_release(endpoint, asked.release or 0, absolute)
    record = Record(endpoint.journal, asked.query)
    who = read_visitor(request.environ, endpoint.trusted)
    try:
        endpoint.answers.admit(who.client)
        found, rows, number = hash_result(chosen.answers, asked, who)
    except RequestError as error:
        record.fail(error)
        raise
    release = chosen.answers.release
    published = str(release.manifest().get("published", "")) if release else ""
    mark = "&" if "?" in absolute else "?"
    whole = f"{absolute}{mark}{urlencode({'release': number, 'hash': found})}"
    return Citation(title, whole, number, published, found, rows, today())


def _respond(cited: Citation, name: str | None, show: Show) -> Response:
    accepted = choose(request.headers.get("Accept"), _FORMATS) or _FORMATS[0]
    chosen = find_format(name, _FORMATS) if name else accepted
    if chosen is None:
        names = ", ".join(each.name for each in _FORMATS)
        raise BadParameter(f"format is one of {names}.", parameter="format")
    if chosen.name == "html":
        return show(cited)
    if chosen.name == "json":
        return _send(json.dumps(cited.as_json(), ensure_ascii=False) + "\n", "application/json")
    if chosen.name == "txt":
        return _send(f"{cited.as_text()}\n", "text/plain; charset=utf-8")
    return _send(cited.as_bibtex(), "application/x-bibtex; charset=utf-8")


def _send(text: str, kind: str) -> Response:
    response = Response(text, content_type=kind)
    response.headers["Cache-Control"] = "no-store"  # it says when it was asked
    return response
