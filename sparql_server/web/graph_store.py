"""The graph store ``/graphs``: each graph has an address; it can be read, not written.

SPARQL 1.1 Graph Store HTTP Protocol, https://www.w3.org/TR/sparql11-http-rdf-update/
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from sparql_server.answering.endpoint import Endpoint, read_visitor
from sparql_server.answering.replies import Record
from sparql_server.errors import RequestError
from sparql_server.sparql.graph_store import read_direct, read_indirect
from sparql_server.sparql.protocol import read_format, read_parameters
from sparql_server.web.transfer.responses import read_host, respond


def blueprint(endpoint: Endpoint) -> Blueprint:
    """Return the graph store that serves these answers."""
    views = Blueprint("graphs", __name__)

    @views.get("/graphs", endpoint="store", strict_slashes=False)
    def store() -> Response:
        return _graph(endpoint, read_indirect(read_parameters(request.query_string)))

    @views.get("/graphs/<path:rest>")
    def graph(rest: str) -> Response:
        return _graph(endpoint, read_direct(_address(), read_parameters(request.query_string)))

    return views


def _graph(endpoint: Endpoint, name: str) -> Response:
    wanted = read_format(read_parameters(request.query_string))
    record = Record(endpoint.journal, f"GRAPH <{name}>")
    who = read_visitor(request.environ, endpoint.trusted)
    answers = endpoint.answers
    ask = answers.graph_head if request.method == "HEAD" else answers.graph
    try:
        answers.admit(who.client)
        answer = ask(name, wanted, request.headers.get("Accept"), who)
        return respond(answer, record, endpoint)
    except RequestError as error:
        record.fail(error)
        raise


def _address() -> str:
    """Return the request's own address as it was sent, its percent-encoding too."""
    raw = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI")
    path = urlsplit(raw).path if raw else urlsplit(request.base_url).path
    return read_host() + path
