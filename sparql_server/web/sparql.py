"""The endpoint ``/sparql``. SPARQL 1.1 Protocol, https://www.w3.org/TR/sparql11-protocol/."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from sparql_server.answering import endpoint as plain
from sparql_server.answering.endpoint import Asked, Endpoint, read_visitor
from sparql_server.answering.fast_path import PATH
from sparql_server.answering.replies import Record
from sparql_server.catalogue.saved_query import LANGUAGES
from sparql_server.codings import decode
from sparql_server.errors import RequestError
from sparql_server.saved.page_texts import Wording
from sparql_server.sparql.formats import prefers_html
from sparql_server.sparql.protocol import (
    Parameters,
    QueryRequest,
    read_get,
    read_parameters,
    read_post,
)
from sparql_server.sparql.query import read
from sparql_server.web import descriptions, explanations, language, pages
from sparql_server.web.services.releases import answer_frozen, choose_endpoint
from sparql_server.web.transfer.responses import JSON, make_response, prefers_page
from sparql_server.web.workbench.query_check import check

CHECKED = 256 * 1024
"""Bytes of a query that is checked while it is written."""


def blueprint(endpoint: Endpoint) -> Blueprint:
    """Return the endpoint."""
    views = Blueprint("sparql", __name__)
    describing = descriptions.ServiceDescriptions(endpoint)

    @views.route(PATH, methods=["GET", "POST"], endpoint="query", strict_slashes=False)
    def query() -> Response:
        check_size(endpoint.request_bytes)
        arguments = read_parameters(request.query_string)
        if request.method != "POST" and "query" not in arguments:
            about = _about(endpoint, describing, arguments)
            if about is not None:
                return about
        return _answer(endpoint, _read(arguments, endpoint.request_bytes))

    @views.route("/check", methods=["GET", "POST"], endpoint="check")
    def checked() -> Response:
        check_size(min(endpoint.request_bytes, CHECKED))
        asked = _read(read_parameters(request.query_string), endpoint.request_bytes)
        return _check(endpoint, asked)

    return views


def _check(endpoint: Endpoint, asked: QueryRequest) -> Response:
    """Say whether a query is well formed; it isn't evaluated."""
    who = read_visitor(request.environ, endpoint.trusted)
    endpoint.answers.admit(who.client)
    spoken = request.values.get(language.PARAMETER)
    said = check(
        endpoint.answers, asked, who, spoken if spoken in LANGUAGES else language.language()
    )
    answer = Response(json.dumps(said, ensure_ascii=False) + "\n", content_type=JSON)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Vary"] = language.VARY
    return answer


def _about(
    endpoint: Endpoint, describing: descriptions.ServiceDescriptions, arguments: Parameters
) -> Response | None:
    """Answer a request that asks about the endpoint, not the data."""
    page = prefers_html(request.headers.get("Accept"))
    if not arguments.keys() - {language.PARAMETER}:
        if page:
            return pages.front(endpoint.answers, endpoint.catalogue)
        return describing.respond()
    if arguments.get("help", ("",))[0] == "nsdecl":  # as Virtuoso has it
        return pages.prefixes() if page else descriptions.prefixes()
    return None


def _answer(endpoint: Endpoint, asked: QueryRequest) -> Response:
    accept = request.headers.get("Accept")
    chosen = choose_endpoint(endpoint, asked.release)
    if chosen is None:
        return answer_frozen(endpoint, asked, _current(asked))
    endpoint = chosen
    if asked.explain or asked.plan:
        return _explanation(endpoint, asked)
    if prefers_page(asked.format):
        return _page(endpoint, asked)
    arrival = plain.receive(endpoint.answers, request.environ, endpoint.trusted)
    return make_response(plain.Turn(endpoint, Asked(asked, accept), arrival).reply())


def _current(asked: QueryRequest) -> str:
    """Return the address of the same query in the release that is served, absolute."""
    return f"{request.base_url}?{urlencode({'query': asked.query})}"


def _page(endpoint: Endpoint, asked: QueryRequest) -> Response:
    record = Record(endpoint.journal, asked.query)
    who = read_visitor(request.environ, endpoint.trusted)
    try:
        endpoint.answers.admit(who.client)
        if request.method == "HEAD":
            answer = endpoint.answers.read(asked, who)
            record.end(answer)
            return pages.head(answer.release)
        shown, answer = pages.show_result(endpoint.answers, asked, who)
        record.end(answer, size=shown.content_length or 0)
        return shown
    except RequestError as error:
        record.fail(error)
        return pages.show_failed(endpoint.answers, asked, error)


def _explanation(endpoint: Endpoint, asked: QueryRequest) -> Response:
    record = Record(endpoint.journal, asked.query)
    who = read_visitor(request.environ, endpoint.trusted)
    try:
        endpoint.answers.admit(who.client)
        if request.method == "HEAD":
            record.end(endpoint.answers.read(asked, who))
            return Response(content_type=JSON)
        t = Wording(language.language())
        show = explanations.show_plan if asked.plan else explanations.as_json
        explained, answer = show(endpoint.answers, asked, who, t)
        record.end(answer, size=explained.content_length or 0)
        return explained
    except RequestError as error:
        record.fail(error)
        raise


def check_size(most: int) -> None:
    """Raise ContentTooLarge if the address or the body is longer than a request may be."""
    plain.check_size(most, len(request.query_string), request.content_length or 0)


def _read(arguments: Parameters, most: int) -> QueryRequest:
    with plain.take_turn(len(request.query_string) + (request.content_length or 0)):
        if request.method == "POST":
            body = decode(request.headers.get("Content-Encoding", ""), request.get_data(), most)
            found = read_post(request.content_type or "", body, arguments)
        else:
            found = read_get(arguments)
        return replace(found, base=request.base_url) if read(found.query).relative else found
