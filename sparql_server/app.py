"""The Flask application: put together from its views, with errors and headers for all of them."""

from __future__ import annotations

import json

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from sparql_server.answers import Answers
from sparql_server.errors import RequestError, Unavailable
from sparql_server.examples import catalogue
from sparql_server.negotiation import prefers_html
from sparql_server.views import pages, sparql

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def create_app(answers: Answers) -> Flask:
    """Return the application that serves these answers."""
    catalogue()  # what is wrong with a file is to be known at the start, not at the first visit
    app = Flask(__name__)
    app.register_blueprint(sparql.blueprint(answers))
    app.register_blueprint(pages.blueprint(answers))
    app.register_error_handler(RequestError, problem)
    app.register_error_handler(HTTPException, _http_problem)
    app.after_request(_add_headers)
    return app


def problem(error: RequestError) -> Response:
    """Return an error as a problem document (RFC 9457), or as a page for a browser."""
    if prefers_html(request.headers.get("Accept")):
        body = pages.error_page(error)
        response = Response(body, status=error.status, content_type="text/html; charset=utf-8")
    else:
        body = json.dumps(error.problem(), ensure_ascii=False) + "\n"
        response = Response(body, status=error.status, content_type="application/problem+json")
    if isinstance(error, Unavailable):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _http_problem(error: HTTPException) -> Response:
    """Say in the same way what Werkzeug found wrong: no such path, no such method."""
    found = RequestError(error.description or "")
    found.status, found.title = error.code or 500, error.name
    response = problem(found)
    if error.get_response().headers.get("Allow"):
        response.headers["Allow"] = error.get_response().headers["Allow"]
    return response


def _add_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if request.path == "/sparql":
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = "Libris-Release"
        response.vary.add("Accept")
    return response
