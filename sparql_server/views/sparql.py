"""The endpoint ``/sparql``. SPARQL 1.1 Protocol, https://www.w3.org/TR/sparql11-protocol/."""

from __future__ import annotations

import logging
import time
from dataclasses import replace

from flask import Blueprint, Response, request, url_for

from sparql_server.answers import Answers
from sparql_server.errors import RequestError
from sparql_server.negotiation import prefers_html, wants_page
from sparql_server.protocol import (
    Parameters,
    QueryRequest,
    read_get,
    read_parameters,
    read_post,
)
from sparql_server.views import descriptions, pages
from sparql_server.views.streaming import respond

logger = logging.getLogger(__name__)


def blueprint(answers: Answers) -> Blueprint:
    """Return the endpoint that serves these answers."""
    views = Blueprint("sparql", __name__)

    @views.route("/sparql", methods=["GET", "POST"], endpoint="query", strict_slashes=False)
    def query() -> Response:
        arguments = read_parameters(request.query_string)
        if request.method != "POST" and "query" not in arguments:
            about = _about(answers, arguments)
            if about is not None:
                return about
        return _answer(answers, _read(arguments))

    return views


def _about(answers: Answers, arguments: Parameters) -> Response | None:
    """Answer a request that asks about the endpoint, not the data."""
    page = prefers_html(request.headers.get("Accept"))
    if not arguments:
        return pages.front(answers) if page else descriptions.service_description(answers)
    if arguments.get("help", ("",))[0] == "nsdecl":  # as Virtuoso has it
        return pages.prefixes() if page else descriptions.prefixes()
    return None


def _answer(answers: Answers, found: QueryRequest) -> Response:
    accept = request.headers.get("Accept")
    page = wants_page(found.format) or (found.format is None and prefers_html(accept))
    began = time.monotonic()
    try:
        response = _page(answers, found) if page else _result(answers, found, accept)
    except RequestError as error:
        _log(error.status, began, 0, answers, found)
        if page:
            return pages.failed(answers, found, error)
        raise
    _log(response.status_code, began, response.content_length, answers, found)
    return response


def _page(answers: Answers, found: QueryRequest) -> Response:
    return pages.head() if request.method == "HEAD" else pages.result(answers, found)


def _result(answers: Answers, found: QueryRequest, accept: str | None) -> Response:
    head = request.method == "HEAD"
    return respond(answers.head(found, accept) if head else answers.answer(found, accept))


def _read(arguments: Parameters) -> QueryRequest:
    if request.method == "POST":
        found = read_post(request.content_type or "", request.get_data(), arguments)
    else:
        found = read_get(arguments)
    return replace(found, base=url_for("sparql.query", _external=True))


def _log(
    status: int, began: float, length: int | None, answers: Answers, found: QueryRequest
) -> None:
    """Log a query on one line; its own line breaks and controls can't begin another."""
    release = answers.release
    logger.info(
        "%s %.1f ms %s bytes release %s %s",
        status,
        (time.monotonic() - began) * 1000,
        "streamed" if length is None else length,
        release.number if release else "-",
        ascii(found.query[:2000]) if not found.query.isprintable() else f"'{found.query[:2000]}'",
    )
