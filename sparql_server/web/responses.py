"""Responses of Flask, made from replies; those that a client may store; where things are.

Those it must revalidate before it uses them again (RFC 9111).
"""

from __future__ import annotations

import json

from flask import Response, current_app, request

from sparql_server.answering.answer import Answer
from sparql_server.answering.coded_answers import code_answer
from sparql_server.answering.endpoint import Endpoint, choose_coding
from sparql_server.answering.replies import Record, Reply, make_reply
from sparql_server.errors import RequestError
from sparql_server.things.addresses import Addresses

JSON = "application/json"


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


def addresses() -> Addresses:
    """Return what makes the addresses of things, beside the others of this server."""
    segments = {rule.rule.split("/")[1] for rule in current_app.url_map.iter_rules()}
    return Addresses(frozenset(segments - {"<path:rest>", "id.kb.se"}))
