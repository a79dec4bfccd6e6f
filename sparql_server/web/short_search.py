"""The short way of a program's search to its answer: past Flask, as queries go.

What a page wants, and what can't be read, goes the long way; both give the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from werkzeug.sansio.utils import get_host

from sparql_server.answering.admission import is_in
from sparql_server.answering.answer import Answer
from sparql_server.answering.endpoint import Asked, Endpoint, Turn
from sparql_server.answering.replies import Record, Reply
from sparql_server.codings import LEAST, code
from sparql_server.errors import NotAcceptable, RequestError
from sparql_server.finding.replying import make_search_reply
from sparql_server.finding.schema import Schemas
from sparql_server.finding.search import Finder, Search, read_answer, read_search
from sparql_server.sparql.formats import prefers_html, wants_page
from sparql_server.sparql.iri import is_usual_host
from sparql_server.sparql.protocol import QueryRequest, read_format, read_parameters
from sparql_server.web.language import negotiate

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

PATH = "/search"
_QUERIES = "/queries/"


@dataclass(frozen=True, slots=True)
class ShortSearches:
    """Makes turns of requests that search."""

    endpoint: Endpoint
    finder: Finder
    schemas: Schemas

    def __call__(self, environ: WSGIEnvironment) -> SearchTurn | None:
        """Return the turn of a request; None: it is for the long way."""
        if not _is_plain(environ):
            return None
        try:
            search = _read_search(environ)
            return SearchTurn(self, search, environ) if search and search.text else None
        except RequestError:
            return None


class SearchTurn(Turn):
    """A search from its arrival to its reply."""

    def __init__(self, ways: ShortSearches, search: Search, environ: WSGIEnvironment) -> None:
        answers = ways.finder.answers(search)
        question = answers.asking.search(search.wanted)
        asked = Asked(QueryRequest(f"SEARCH {search.text}"), None, question)
        super().__init__(ways.endpoint, asked, environ, answers)
        if isinstance(self.error, NotAcceptable):  # of codings: as pages, it is sent as it is
            self.error = None
        self._known = self.visitor.known
        self.visitor = replace(self.visitor, known="")  # the tag is that of all that is said
        self._ways = ways
        self._search = search
        self._queries = _read_host(ways.endpoint, environ) + _QUERIES

    def write(self, answer: Answer, record: Record) -> Reply:
        """Return the reply with what has been found, and what stands beside it."""
        release = self._ways.endpoint.answers.release
        schema = self._ways.schemas.of(release)
        found = read_answer(self._search, answer)
        whole = self._ways.finder.complete(found, self._search, schema, self._queries)
        reply = make_search_reply(whole, release.number if release else None, self._known)
        record.end(answer, status=reply.status)
        return _code(reply, self.coding)


def _is_plain(environ: WSGIEnvironment) -> bool:
    """Tell whether a request can go the short way, as far as its head shows."""
    return (
        environ["REQUEST_METHOD"] == "GET"
        and not environ.get("SCRIPT_NAME")
        and "CONTENT_LENGTH" not in environ
        and "HTTP_UPGRADE" not in environ
        and is_usual_host(environ.get("HTTP_HOST", ""))
        and not prefers_html(environ.get("HTTP_ACCEPT"))
    )


def _read_search(environ: WSGIEnvironment) -> Search | None:
    """Return what a request looks for; None: it is for a page. Raises RequestError."""
    parameters = read_parameters(environ["QUERY_STRING"].encode("latin-1"))
    if wants_page(read_format(parameters)):
        return None
    return read_search(parameters, negotiate(environ.get("HTTP_ACCEPT_LANGUAGE")))


def _read_host(endpoint: Endpoint, environ: WSGIEnvironment) -> str:
    """Return the address of this server as the client has it, without a path."""
    secure = environ.get("HTTP_X_FORWARDED_PROTO") == "https"
    believed = secure and is_in(environ.get("REMOTE_ADDR", ""), endpoint.trusted)
    scheme = "https" if believed else environ["wsgi.url_scheme"]
    return f"{scheme}://{get_host(scheme, environ['HTTP_HOST'])}"


def _code(reply: Reply, coding: str) -> Reply:
    """Return a reply whose body is in a coding, if it is worth one."""
    body = reply.body
    if not coding or not isinstance(body, bytes) or len(body) < LEAST:
        return reply
    coded = code(coding, body)
    headers = [header for header in reply.headers if header[0] != "Content-Length"]
    headers += [("Content-Encoding", coding), ("Content-Length", str(len(coded)))]
    return replace(reply, headers=headers, body=coded)
