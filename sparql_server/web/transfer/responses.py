"""Responses of Flask: made from replies, coded as the client accepts; and those it may store.

Those it must revalidate before it uses them again (RFC 9111).
"""

from __future__ import annotations

import json
import re
from functools import lru_cache

from flask import Response, current_app, request

from sparql_server.answering.answer import Answer
from sparql_server.answering.coded_answers import code_answer
from sparql_server.answering.endpoint import Endpoint, choose_coding
from sparql_server.answering.replies import Record, Reply, make_reply
from sparql_server.codings import LEAST, code
from sparql_server.errors import RequestError
from sparql_server.sparql.formats import prefers_html, wants_page
from sparql_server.things.addresses import Addresses

JSON = "application/json"

_TEXT = re.compile(r"text/|application/(?:.*\+)?(?:json|xml|javascript|n-triples|sparql-query)")
_REMEMBERED = 256 * 1024  # bytes of a body that is remembered with what is coded of it


def make_response(reply: Reply) -> Response:
    """Return a reply as a response."""
    return Response(reply.body, status=reply.status_line, headers=reply.headers)


def respond(answer: Answer, record: Record, endpoint: Endpoint) -> Response:
    """Return the response to a request for a result. Raises NotAcceptable."""
    try:
        coding = choose_coding(request.environ)
    except RequestError:
        if answer.pieces:
            answer.pieces.close()
        raise
    protocol = request.environ.get("SERVER_PROTOCOL", "")
    answer = code_answer(answer, coding, endpoint.answers.cache)
    return make_response(make_reply(answer, record, endpoint.max_age, protocol))


def revalidate(content: object, content_type: str = JSON) -> Response:
    """Return a document, or that the client has it already. content: a text, or what JSON has."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False) + "\n"
    response = Response(text, content_type=content_type)
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag(weak=True)
    response.make_conditional(request)
    return response


def prefers_page(name: str | None) -> bool:
    """Tell whether a client wants a page. name: of the format, as ``format=`` has it; None: none.

    Where that names none, the Accept header decides.
    """
    return wants_page(name) or (name is None and prefers_html(request.headers.get("Accept")))


def read_host() -> str:
    """Return the address of this server as the client has it, without a path."""
    return request.host_url.rstrip("/")


def addresses() -> Addresses:
    """Return what makes the addresses of things, beside the others of this server."""
    segments = {rule.rule.split("/")[1] for rule in current_app.url_map.iter_rules()}
    return Addresses(frozenset(segments - {"<path:rest>", "id.kb.se"}))


def compress(response: Response) -> Response:
    """Code a page or a document, of which there is the whole body, as the client wants it.

    Results and files are coded already. Whoever accepts nothing that there is, gets it as it is.
    """
    is_bare = response.is_streamed and request.method == "HEAD"  # of a page that nobody made
    is_file = (response.is_streamed and not is_bare) or response.direct_passthrough
    if is_file or not _TEXT.match(response.mimetype or ""):
        return response
    if "Vary" in response.headers:
        response.vary.add("Accept-Encoding")
    if is_bare or response.status_code in (206, 304) or "Content-Encoding" in response.headers:
        return response
    try:
        coding = choose_coding(request.environ)
    except RequestError:
        return response
    body = response.get_data()
    if coding and len(body) >= LEAST:
        coded = _code_body if len(body) <= _REMEMBERED else _code_body.__wrapped__
        response.set_data(coded(coding, body))
        response.headers["Content-Encoding"] = coding
        tag, _ = response.get_etag()
        if tag:
            response.set_etag(tag, weak=True)  # the bytes are others
    return response


@lru_cache(maxsize=32)
def _code_body(coding: str, body: bytes) -> bytes:
    return code(coding, body)
