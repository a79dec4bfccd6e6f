"""Responses of Flask, made from replies."""

from __future__ import annotations

from flask import Response, request

from sparql_server.answering.evaluations import Answer
from sparql_server.answering.replies import Record, Reply, reply_to


def response(reply: Reply) -> Response:
    """Return a reply as a response."""
    return Response(reply.body, status=reply.status_line, headers=reply.headers)


def respond(answer: Answer, record: Record, max_age: int) -> Response:
    """Return the response to a request for a result."""
    protocol = request.environ.get("SERVER_PROTOCOL", "")
    return response(reply_to(answer, record, max_age, protocol))
