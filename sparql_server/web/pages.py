"""The pages: query box, result table, errors. They need no JavaScript."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from flask import Blueprint, Response, render_template, request, url_for

from sparql_server.answering.answer import Answer, Visitor
from sparql_server.answering.answers import Answers
from sparql_server.catalogue.row_ranges import cut_page as part_of
from sparql_server.catalogue.saved_query import Catalogue
from sparql_server.citing.citation import Citation
from sparql_server.engine.messages import PageRows
from sparql_server.engine.prefixes import predefined
from sparql_server.errors import RequestError
from sparql_server.saved.listing import group_by_theme
from sparql_server.saved.page_texts import Wording
from sparql_server.saved.table import Table, Whole, relink
from sparql_server.saved.table import make_plain_table as table_of
from sparql_server.sparql.formats import GRAPHS, SOLUTIONS
from sparql_server.sparql.protocol import QueryRequest
from sparql_server.web import language
from sparql_server.web.explanations import reasons, sentence
from sparql_server.web.transfer.responses import addresses
from sparql_server.web.workbench.words import write_words

_LINKED = 2000  # characters of a query that an address of a page has in it
_SHOWN = 64 * 1024  # characters of one that a page has in it
SCRIPT = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy of a page with a script: the server's own, no others, none inline."""

RUN = "run"
"""Parameter of an address of the page whose query the workbench runs when it is opened."""

_FIRST_QUERY = """SELECT ?title ?year WHERE {
  ?instance :hasTitle/:mainTitle ?title ;
    :publication/:year ?year .
}
ORDER BY ?year ?title
LIMIT 20
"""


def blueprint(answers: Answers, catalogue: Catalogue) -> Blueprint:
    """Return the front page."""
    views = Blueprint("pages", __name__)

    @views.get("/", endpoint="front")
    def show() -> Response:
        return front(answers, catalogue)

    return views


def front(answers: Answers, catalogue: Catalogue) -> Response:
    """Return the page with the questions and the query box; ``query`` in the address fills it."""
    given = request.args.get("query")
    themes = group_by_theme(catalogue.queries.values())
    is_run = bool(given) and RUN in request.args
    return _page(answers, given or _FIRST_QUERY, themes=themes, given=bool(given), run=is_run)


def show_result(answers: Answers, asked: QueryRequest, who: Visitor) -> tuple[Response, Answer]:
    """Return a result as a table, and the answer that is in it."""
    shown, answer = answers.rows(asked, who)
    table = "boolean" not in shown
    graph = table and shown["variables"] == ["subject", "predicate", "object"]
    formats = [*SOLUTIONS, *(GRAPHS if graph else ())]
    whole = partial(_whole, asked, is_graph=graph)
    cells = _table(shown, whole) if table else None
    t = Wording(language.language())
    why = [sentence(reason, t) for reason in reasons(answers, asked, shown, who)]
    page = _page(
        answers,
        asked.query,
        result=shown,
        table=cells,
        downloads=formats,
        why=why,
        planned=answers.explains,
    )
    page.headers["Libris-Release"] = str(answer.release)
    return page, answer


def _table(shown: PageRows, whole: Whole) -> Table:
    """Return the rows as a table whose IRIs lead to their pages here."""
    return relink(table_of(shown["variables"], shown["rows"], whole), addresses().of)


def _whole(asked: QueryRequest, row: int, *, is_graph: bool) -> str:
    """Return the address of a row's whole values; of a graph, or a long query, that of all."""
    if is_graph or len(asked.query) > _LINKED or asked.default_graphs or asked.named_graphs:
        return "#whole"
    return url_for("sparql.query", query=part_of(asked.query, 1, row), format="json")


def show_failed(answers: Answers, asked: QueryRequest, error: RequestError) -> Response:
    """Return the query box with what was wrong with the query."""
    response = _page(answers, asked.query, error.status, error=error)
    if error.retry_after:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def head(release: int | None = None) -> Response:
    """Return the headers of a page that nobody wants made. release: whose result it would have."""
    response = language.head(Response(iter(()), content_type="text/html; charset=utf-8"))
    response.headers["Content-Security-Policy"] = SCRIPT
    if release is not None:
        response.headers["Libris-Release"] = str(release)
    return response


def prefixes() -> Response:
    """Return the predefined prefixes."""
    return language.page(render_template("prefixes.html", prefixes=predefined()))


def show(template: str, values: Mapping[str, object]) -> Response:
    """Return the page that a template makes of values."""
    return language.page(language.render(template, **values))


def show_citation(cited: Citation) -> Response:
    """Return the page that says how to cite a result."""
    page = language.page(language.render("cite.html", cited=cited))
    page.headers["Libris-Release"] = str(cited.release)
    return page


def show_error(error: RequestError) -> str:
    """Return a page that only says what is wrong."""
    return render_template("error.html", error=error)


def _page(answers: Answers, query: str, status: int = 200, **more: object) -> Response:
    release = answers.release
    if len(query) > _SHOWN:
        query, more = "", more | {"long": len(query), "downloads": ()}
    body = language.render(
        "page.html",
        query=query,
        manifest=release.manifest() if release else None,
        published=release is not None,
        prefixes=predefined(),
        formats=[*SOLUTIONS, *GRAPHS],
        words=write_words(Wording(language.language()), _addresses()),
        **more,
    )
    response = language.page(body, status)
    response.headers["Content-Security-Policy"] = SCRIPT
    return response


def _addresses() -> dict[str, str]:
    """Return what the workbench asks; search and schema are there if the release has them."""
    root = request.script_root
    return {
        "front": url_for("pages.front"),
        "check": url_for("sparql.check"),
        "health": f"{root}/health",
        "examples_address": url_for("queries.list"),
        "search": f"{root}/search",
        "schema": f"{root}/schema",
        "resource": f"{root}/resource",
    }
