"""The endpoint ``/sparql``. SPARQL 1.1 Protocol, https://www.w3.org/TR/sparql11-protocol/."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request
from werkzeug.datastructures import MultiDict

from sparql_server.admission import Networks
from sparql_server.answers import Answers
from sparql_server.errors import ContentTooLarge, RequestError
from sparql_server.journal import Journal
from sparql_server.negotiation import prefers_html
from sparql_server.protocol import FORM, QueryRequest, read_get, read_post
from sparql_server.views import pages
from sparql_server.views.responses import Record, respond
from sparql_server.views.visitors import visitor


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What the endpoint needs.

    request_bytes: that a request may have. max_age: seconds for which others may keep a result.
    trusted: proxies that are believed.
    """

    answers: Answers
    journal: Journal
    request_bytes: int = 1024 * 1024
    max_age: int = 0
    trusted: Networks = ()


def blueprint(endpoint: Endpoint) -> Blueprint:
    """Return the endpoint."""
    views = Blueprint("sparql", __name__)

    @views.route("/sparql", methods=["GET", "POST"], endpoint="query")
    def query() -> Response:
        accept = request.headers.get("Accept")
        check_size(endpoint.request_bytes)
        page = _wants_page(accept)
        if page and request.method == "GET" and not request.args:
            return pages.front(endpoint.answers)
        return _answer(endpoint, _read(), accept, page)

    return views


def _answer(endpoint: Endpoint, found: QueryRequest, accept: str | None, page: bool) -> Response:
    record = Record(endpoint.journal, found.query)
    who = visitor(endpoint.trusted)
    try:
        endpoint.answers.admit(who.client)
        if request.method == "HEAD" and not page:
            return respond(endpoint.answers.head(found, accept), record, endpoint.max_age)
        if page:
            response, answer = pages.result(endpoint.answers, found, who)
            record.end(answer, size=response.content_length or 0)
            return response
        return respond(endpoint.answers.answer(found, accept, who), record, endpoint.max_age)
    except RequestError as error:
        record.fail(error)
        if page and error.status != 429:
            return pages.failed(endpoint.answers, found, error)
        raise


def check_size(most: int) -> None:
    """Raise ContentTooLarge if the address or the body is longer than a request may be."""
    for part, size in (
        ("address", len(request.query_string)),
        ("body", request.content_length or 0),
    ):
        if size > most:
            raise ContentTooLarge(
                f"The {part} has {size:,} bytes; {most:,} is the most that one may have here.",
                limit=most,
                unit="bytes",
            )


def _wants_page(accept: str | None) -> bool:
    """Tell whether the answer is to be a page: a browser that asks for no format of its own."""
    named = request.values.get("format")
    if named == "html":
        return True
    return prefers_html(accept) and not named


def _read() -> QueryRequest:
    if request.method in ("GET", "HEAD"):
        return read_get(_lists(request.args))
    form = request.form if request.mimetype == FORM else MultiDict[str, str]()
    body = b"" if request.mimetype == FORM else request.get_data()
    return read_post(request.content_type or "", body, _lists(form), _lists(request.args))


def _lists(values: MultiDict[str, str]) -> Mapping[str, Sequence[str]]:
    return values.to_dict(flat=False)
