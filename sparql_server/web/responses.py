"""Replies as Flask has them."""

from __future__ import annotations

from flask import Response, request

from sparql_server.answering.coded_answers import coded
from sparql_server.answering.endpoint import Endpoint, coding_of
from sparql_server.answering.evaluations import Answer
from sparql_server.answering.replies import Record, Reply, reply_to
from sparql_server.errors import RequestError


def response(reply: Reply) -> Response:
    """Return a reply as a response."""
    return Response(reply.body, status=reply.status_line, headers=reply.headers)


def respond(answer: Answer, record: Record, endpoint: Endpoint) -> Response:
    """Return the response to a request for a result. Raises NotAcceptable."""
    try:
        coding = coding_of(request.environ)
    except RequestError:
        if answer.pieces:
            answer.pieces.close()
        raise
    protocol = request.environ.get("SERVER_PROTOCOL", "")
    answer = coded(answer, coding, endpoint.answers.cache)
    return response(reply_to(answer, record, endpoint.max_age, protocol))
