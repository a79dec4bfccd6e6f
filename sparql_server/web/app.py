"""The Flask application: put together from its views, with errors and headers for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flask import Flask, Request, Response, request
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException

from sparql_server.answering.admission import Networks, is_in
from sparql_server.answering.endpoint import Endpoint
from sparql_server.answering.fast_path import Shortcut
from sparql_server.answering.replies import log_unexpected
from sparql_server.answering.replies import make_problem as plain_problem
from sparql_server.errors import BadRequest, RequestError
from sparql_server.finding.schema import Schemas
from sparql_server.finding.search import Finder
from sparql_server.saved.pickers import Lists
from sparql_server.sparql.formats import prefers_html
from sparql_server.sparql.iri import is_host, is_usual_host
from sparql_server.sparql.protocol import read_parameters
from sparql_server.web import (
    api,
    descriptions,
    finding,
    graph_store,
    language,
    monitoring,
    pages,
    queries,
    short_search,
    sparql,
    tables,
    things,
)
from sparql_server.web.services import changes, citing, mcp, reconcile
from sparql_server.web.short_search import ShortSearches
from sparql_server.web.transfer import cors, dumps, site
from sparql_server.web.transfer.responses import addresses, compress, make_response
from sparql_server.web.workbench.static_files import send_static

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_SAFE = [
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none';"
        " frame-ancestors 'none'",
    ),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
]
ALWAYS = [*_SAFE, *cors.HEADERS]
"""The headers that every answer has."""

NEGOTIATED = [*ALWAYS, ("Vary", "Accept, Accept-Encoding")]
"""The headers of every answer whose form the client has a say in."""

_STATIC = "/static/"
_UNNAMED = "localhost"  # for clients that name no host

SHORTCUT = "libris-shortcut"


class _Request(Request):
    """A request whose address is read as everywhere else, and within the same bounds."""

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The parameters of the address; none where ``_check_parameters`` refuses them."""
        try:
            return MultiDict(
                (name, value)
                for name, values in read_parameters(self.query_string).items()
                for value in values
            )
        except BadRequest:
            return MultiDict()


def _check_parameters() -> None:
    """Refuse an address whose parameters can't be read, whatever it is the address of."""
    read_parameters(request.query_string)


def create_app(endpoint: Endpoint, *, short: bool = True) -> Flask:
    """Return the application that serves this endpoint and its pages.

    short: whether queries may go past Flask; ``extensions[SHORTCUT]`` knows which are at hand then.
    """
    finder, schemas = Finder(endpoint.searching, endpoint.catalogue), Schemas()
    app = _long_way(endpoint, finder, schemas)
    way = app.wsgi_app
    if short:
        others = {short_search.PATH: ShortSearches(endpoint, finder, schemas)}
        way = app.extensions[SHORTCUT] = Shortcut(endpoint, way, others)
    app.wsgi_app = _Headers(way, endpoint.trusted)  # type: ignore[method-assign]
    return app


def _long_way(endpoint: Endpoint, finder: Finder, schemas: Schemas) -> Flask:
    app = Flask(__name__, static_folder=None)
    app.add_url_rule("/static/<path:filename>", "static", send_static)
    app.request_class = _Request
    app.before_request(_check_parameters)
    app.register_blueprint(sparql.blueprint(endpoint))
    app.register_blueprint(graph_store.blueprint(endpoint))
    app.register_blueprint(descriptions.blueprint(endpoint))
    app.register_blueprint(pages.blueprint(endpoint.answers, endpoint.catalogue))
    lists = Lists(endpoint.answers, endpoint.catalogue)
    app.register_blueprint(queries.blueprint(endpoint, lists, finder))
    app.register_blueprint(finding.blueprint(endpoint, finder, schemas))
    app.register_blueprint(api.blueprint(endpoint))
    app.register_blueprint(tables.blueprint(endpoint))
    app.register_blueprint(dumps.blueprint(endpoint))
    app.register_blueprint(site.blueprint(endpoint, addresses))
    app.register_blueprint(things.blueprint(endpoint))
    app.register_blueprint(changes.blueprint(endpoint, pages.show))
    app.register_blueprint(mcp.blueprint(endpoint))
    app.register_blueprint(reconcile.blueprint(endpoint))
    app.register_blueprint(citing.blueprint(endpoint, pages.show_citation))
    app.context_processor(language.context)
    app.register_blueprint(monitoring.blueprint(endpoint.answers, endpoint.journal))
    app.after_request(compress)
    app.register_error_handler(RequestError, problem)
    app.register_error_handler(HTTPException, _http_problem)
    app.register_error_handler(Exception, _unexpected)
    return app


def problem(error: RequestError) -> Response:
    """Return an error as a problem document (RFC 9457), or as a page for a browser."""
    if not prefers_html(request.headers.get("Accept")):
        return make_response(plain_problem(error))
    page = language.page(pages.show_error(error), error.status)
    page.headers.update(error.make_headers())
    return page


def _http_problem(error: HTTPException) -> Response:
    """Say in the same way what Werkzeug found wrong: no such path, no such method."""
    found = RequestError(error.description or "")
    found.status, found.title = error.code or 500, error.name
    said = problem(found)
    for name in ("Allow", "Content-Range"):
        if value := error.get_response().headers.get(name):
            said.headers[name] = value
    return said


def _unexpected(error: Exception) -> Response:
    return problem(log_unexpected(error))


class _Headers:
    """WSGI middleware that adds the headers which every answer has.

    Not after_request: there they took a fifth of the time of an answer out of the cache.
    trusted: proxies that are believed when they say that the client came by HTTPS.
    """

    def __init__(self, app: WSGIApplication, trusted: Networks) -> None:
        self._app = app
        self._trusted = trusted

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        secure = environ.get("HTTP_X_FORWARDED_PROTO") == "https"
        if secure and is_in(environ.get("REMOTE_ADDR", ""), self._trusted):
            environ["wsgi.url_scheme"] = "https"

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            there = dict(headers)
            added = [header for header in _always(environ, there) if header[0] not in there]
            return start_response(status, headers + added, *rest)

        host = environ.get("HTTP_HOST", _UNNAMED)
        if not is_host(host):
            return self._refuse_host(start)
        if not is_usual_host(host):
            del environ["HTTP_HOST"]  # addresses are made with the server's own name then
        return self._app(environ, start)

    def _refuse_host(self, start: StartResponse) -> Iterable[bytes]:
        """Answer a request that names a host with which no address can be made."""
        reply = plain_problem(BadRequest("The request's Host field names no host."))
        start(reply.status_line, reply.headers)
        return [reply.body] if isinstance(reply.body, bytes) else reply.body


def _always(environ: WSGIEnvironment, there: Mapping[str, str]) -> list[tuple[str, str]]:
    always = ALWAYS if environ["PATH_INFO"].startswith(_STATIC) else NEGOTIATED
    if environ["REQUEST_METHOD"] != "OPTIONS":
        return always
    wanted = environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS")
    return always + cors.make_preflight_headers(wanted, there.get("Allow", "GET, HEAD, OPTIONS"))
