"""View of the Model Context Protocol: streamable HTTP, each message answered as JSON.

https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#streamable-http. There are
no sessions and nothing is ever sent by itself, so a GET, which would wait for that, is 405.
"""

from __future__ import annotations

import json
from dataclasses import replace

from flask import Blueprint, Response, request
from werkzeug.exceptions import MethodNotAllowed

from sparql_server.answering.answer import Answer
from sparql_server.answering.endpoint import Endpoint, check_size, read_visitor
from sparql_server.answering.replies import Record
from sparql_server.assistants.mcp_messages import answer_text
from sparql_server.assistants.tools import Toolbox
from sparql_server.finding.search import Finder


def blueprint(endpoint: Endpoint) -> Blueprint:
    """Return the view."""
    views = Blueprint("mcp", __name__)
    finder = Finder(endpoint.searching, endpoint.catalogue)
    tools = Toolbox(endpoint.answers, finder, endpoint.catalogue)

    @views.post("/mcp", endpoint="message")
    def message() -> Response:
        check_size(endpoint.request_bytes, len(request.query_string), request.content_length or 0)
        visitor = replace(read_visitor(request.environ, endpoint.trusted), known="")
        record = Record(endpoint.journal, "MCP")
        said = answer_text(request.get_data(), replace(tools, visitor=visitor))
        if said is None:
            return Response(status=202)
        release = endpoint.answers.release
        record.end(Answer(None, release.number if release else 0, "none", None))
        text = json.dumps(said, ensure_ascii=False) + "\n"
        response = Response(text, content_type="application/json")
        response.headers["Cache-Control"] = "no-store"
        return response

    @views.get("/mcp", endpoint="stream")
    def stream() -> Response:
        raise MethodNotAllowed(valid_methods=["POST"])

    return views
