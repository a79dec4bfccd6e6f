"""Responses of Flask: made from replies, and coded as the client accepts."""

from __future__ import annotations

import re
from functools import lru_cache

from flask import Response, request

from sparql_server.answering.answer import Answer
from sparql_server.answering.coded_answers import code_answer
from sparql_server.answering.endpoint import Endpoint, choose_coding
from sparql_server.answering.replies import Record, Reply, make_reply
from sparql_server.codings import LEAST, code
from sparql_server.errors import RequestError

_TEXT = re.compile(r"text/|application/(?:.*\+)?(?:json|xml|javascript|n-triples|sparql-query)")
_REMEMBERED = 256 * 1024  # bytes of a body that is remembered with what is coded of it
_VARIED = "Accept-Encoding"


def response(reply: Reply) -> Response:
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
    return response(make_reply(answer, record, endpoint.max_age, protocol))


def compress(response: Response) -> Response:
    """Code a page or a document, of which there is the whole body, as the client wants it.

    Results are coded already, as they are found or sent. Whoever accepts nothing that there is,
    gets it as it is.
    """
    is_file = response.direct_passthrough
    if not _TEXT.match(response.mimetype or "") or (response.is_streamed and not is_file):
        return response
    if "Vary" in response.headers or is_file:
        response.vary.add(_VARIED)
    if response.status_code in (206, 304) or "Content-Encoding" in response.headers:
        return response
    try:
        coding = choose_coding(request.environ)
    except RequestError:
        return response
    response.direct_passthrough = False
    body = response.get_data()
    if coding and len(body) >= LEAST:
        _be_coded(response, coding, body)
    return response


def _be_coded(response: Response, coding: str, body: bytes) -> None:
    coded = _coded if len(body) <= _REMEMBERED else _coded.__wrapped__
    response.set_data(coded(coding, body))
    response.headers["Content-Encoding"] = coding
    tag, _ = response.get_etag()
    if tag:
        response.set_etag(tag, weak=True)  # the bytes are others


@lru_cache(maxsize=32)
def _coded(coding: str, body: bytes) -> bytes:
    return code(coding, body)
