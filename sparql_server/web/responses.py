"""Responses of Flask, made from replies."""

from __future__ import annotations

from flask import Response, request

from sparql_server.answering.answer import Answer
from sparql_server.answering.coded_answers import code_answer
from sparql_server.answering.endpoint import Endpoint, choose_coding
from sparql_server.answering.replies import Record, Reply, make_reply
from sparql_server.errors import RequestError


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
