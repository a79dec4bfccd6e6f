"""The pages: query box, result table, errors. They need no JavaScript."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request

from sparql_server.answers import PAGE_ROWS, Answer, Answers, Visitor
from sparql_server.engine.prefixes import predefined
from sparql_server.errors import RequestError
from sparql_server.examples import examples
from sparql_server.negotiation import GRAPHS, SOLUTIONS
from sparql_server.protocol import QueryRequest

_FIRST_QUERY = """SELECT ?title ?year WHERE {
  ?instance :hasTitle/:mainTitle ?title ;
    :publication/:year ?year .
}
ORDER BY ?year ?title
LIMIT 20
"""


def blueprint(answers: Answers) -> Blueprint:
    """Return the front page."""
    views = Blueprint("pages", __name__)

    @views.get("/", endpoint="front")
    def show() -> Response:
        return front(answers)

    return views


def front(answers: Answers) -> Response:
    """Return the page with the query box; ``query`` in the address fills it."""
    query = request.args.get("query") or _FIRST_QUERY
    return _page(answers, query, examples=examples())


def result(answers: Answers, found: QueryRequest, who: Visitor) -> tuple[Response, Answer]:
    """Return a result as a table, and the answer that is in it."""
    shown, answer = answers.rows(found, who)
    table = "boolean" not in shown
    graph = table and shown["variables"] == ["subject", "predicate", "object"]
    formats = [*SOLUTIONS, *(GRAPHS if graph else ())]
    page = _page(answers, found.query, result=shown, limit=PAGE_ROWS, downloads=formats)
    page.headers["Libris-Release"] = str(answer.release)
    return page, answer


def failed(answers: Answers, found: QueryRequest, error: RequestError) -> Response:
    """Return the query box with what was wrong with the query."""
    response = _page(answers, found.query, error=error)
    response.status_code = error.status
    if error.retry_after:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def head() -> Response:
    """Return the headers of a page whose query nobody wants evaluated."""
    return Response(iter(()), content_type="text/html; charset=utf-8")


def prefixes() -> Response:
    """Return the predefined prefixes."""
    body = render_template("prefixes.html", prefixes=predefined())
    return Response(body, content_type="text/html; charset=utf-8")


def error_page(error: RequestError) -> str:
    """Return a page that only says what is wrong."""
    return render_template("error.html", error=error)


def _page(answers: Answers, query: str, **more: Any) -> Response:
    release = answers.release
    body = render_template(
        "page.html",
        query=query,
        manifest=release.manifest() if release else None,
        published=release is not None,
        prefixes=predefined(),
        formats=[*SOLUTIONS, *GRAPHS],
        **more,
    )
    return Response(body, content_type="text/html; charset=utf-8")
