"""The endpoint ``/sparql``. SPARQL 1.1 Protocol, https://www.w3.org/TR/sparql11-protocol/."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from flask import Blueprint, Response, request

from sparql_server.admission import Networks
from sparql_server.answers import Answers, Visitor
from sparql_server.catalogue.model import Catalogue
from sparql_server.errors import ContentTooLarge, RequestError
from sparql_server.journal import Journal
from sparql_server.negotiation import prefers_html, wants_page
from sparql_server.protocol import (
    Parameters,
    QueryRequest,
    read_get,
    read_parameters,
    read_post,
)
from sparql_server.query import read
from sparql_server.views import descriptions, language, pages
from sparql_server.views.responses import Record, respond
from sparql_server.views.visitors import visitor


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What the endpoint needs.

    catalogue: the saved queries. request_bytes: that a request may have. max_age: seconds for
    which others may keep a result. trusted: proxies that are believed.
    """

    answers: Answers
    journal: Journal
    catalogue: Catalogue = field(default_factory=lambda: Catalogue({}))
    request_bytes: int = 1024 * 1024
    max_age: int = 0
    trusted: Networks = ()


def blueprint(endpoint: Endpoint) -> Blueprint:
    """Return the endpoint."""
    views = Blueprint("sparql", __name__)

    @views.route("/sparql", methods=["GET", "POST"], endpoint="query", strict_slashes=False)
    def query() -> Response:
        check_size(endpoint.request_bytes)
        arguments = read_parameters(request.query_string)
        if request.method != "POST" and "query" not in arguments:
            about = _about(endpoint, arguments)
            if about is not None:
                return about
        return _answer(endpoint, _read(arguments))

    return views


def _about(endpoint: Endpoint, arguments: Parameters) -> Response | None:
    """Answer a request that asks about the endpoint, not the data."""
    page = prefers_html(request.headers.get("Accept"))
    if not arguments.keys() - {language.PARAMETER}:
        if page:
            return pages.front(endpoint.answers, endpoint.catalogue)
        return descriptions.service_description(endpoint.answers)
    if arguments.get("help", ("",))[0] == "nsdecl":  # as Virtuoso has it
        return pages.prefixes() if page else descriptions.prefixes()
    return None


def _answer(endpoint: Endpoint, found: QueryRequest) -> Response:
    accept = request.headers.get("Accept")
    page = wants_page(found.format) or (found.format is None and prefers_html(accept))
    record = Record(endpoint.journal, found.query)
    who = visitor(endpoint.trusted)
    try:
        endpoint.answers.admit(who.client)
        if page:
            return _page(endpoint.answers, found, who, record)
        if request.method == "HEAD":
            return respond(endpoint.answers.head(found, accept), record, endpoint.max_age)
        return respond(endpoint.answers.answer(found, accept, who), record, endpoint.max_age)
    except RequestError as error:
        record.fail(error)
        if page:
            return pages.failed(endpoint.answers, found, error)
        raise


def _page(answers: Answers, found: QueryRequest, who: Visitor, record: Record) -> Response:
    if request.method == "HEAD":
        return pages.head()
    response, answer = pages.result(answers, found, who)
    record.end(answer, size=response.content_length or 0)
    return response


def check_size(most: int) -> None:
    """Raise ContentTooLarge if the address or the body is longer than a request may be."""
    sizes = {"address": len(request.query_string), "body": request.content_length or 0}
    for part, size in sizes.items():
        if size > most:
            raise ContentTooLarge(
                f"The {part} has {size:,} bytes; {most:,} is the most that one may have here.",
                limit=most,
                unit="bytes",
            )


def _read(arguments: Parameters) -> QueryRequest:
    if request.method == "POST":
        found = read_post(request.content_type or "", request.get_data(), arguments)
    else:
        found = read_get(arguments)
    return replace(found, base=request.base_url) if read(found.query).relative else found
