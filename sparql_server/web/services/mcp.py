"""View of the Model Context Protocol: streamable HTTP, each message answered as JSON.

https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#streamable-http. There are
no sessions and nothing is ever sent by itself, so a GET, which would wait for that, is 405.
"""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import urlsplit

from flask import Blueprint, Response, request
from werkzeug.exceptions import MethodNotAllowed

from sparql_server.answering.answer import Answer
from sparql_server.answering.endpoint import Endpoint, check_size, read_visitor
from sparql_server.answering.replies import Record
from sparql_server.assistants.mcp_messages import VERSIONS, answer_text, is_refused, refuse_version
from sparql_server.assistants.tools import Toolbox
from sparql_server.errors import RequestError
from sparql_server.finding.search import Finder

_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))


class _ForeignOrigin(RequestError):
    """A page of another site asks a server on this machine."""

    status = 403
    title = "Forbidden"


def blueprint(endpoint: Endpoint) -> Blueprint:
    """Return the view."""
    views = Blueprint("mcp", __name__)
    finder = Finder(endpoint.searching, endpoint.catalogue)
    tools = Toolbox(endpoint.answers, finder, endpoint.catalogue)

    @views.post("/mcp", endpoint="message", strict_slashes=False)
    def message() -> Response:
        _check_origin()
        check_size(endpoint.request_bytes, len(request.query_string), request.content_length or 0)
        visitor = replace(read_visitor(request.environ, endpoint.trusted), known="")
        record = Record(endpoint.journal, "MCP")
        version = request.headers.get("MCP-Protocol-Version", VERSIONS[0])  # the first has none
        said = (
            answer_text(request.get_data(), replace(tools, visitor=visitor))
            if version in VERSIONS
            else refuse_version(version)
        )
        if said is None:
            return Response(status=202)
        release = endpoint.answers.release
        record.end(Answer(None, release.number if release else 0, "none", None))
        text = json.dumps(said, ensure_ascii=False) + "\n"
        status = 400 if is_refused(said) else 200
        response = Response(text, status, content_type="application/json")
        response.headers["Cache-Control"] = "no-store"
        return response

    @views.get("/mcp", endpoint="stream", strict_slashes=False)
    def stream() -> Response:
        raise MethodNotAllowed(valid_methods=["POST"])

    return views


def _check_origin() -> None:
    """Refuse a page of another site that asks a server on its reader's own machine.

    A public server answers pages of any site, as at its other addresses.
    """
    origin, host = request.headers.get("Origin"), urlsplit(request.host_url).hostname
    if origin and host in _LOOPBACK and urlsplit(origin).hostname not in _LOOPBACK:
        raise _ForeignOrigin(
            f"A server on this machine isn't asked by pages of {origin[:200]}.", origin=origin[:200]
        )
