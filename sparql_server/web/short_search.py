"""The short way of a program's search to its answer: past Flask, as queries go.

What a page wants, and what can't be read, goes the long way; both give the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from werkzeug.sansio.utils import get_host

from sparql_server.answering.admission import is_in, is_plain
from sparql_server.answering.answer import Answer
from sparql_server.answering.endpoint import Arrival, Asked, Endpoint, Turn, receive
from sparql_server.answering.replies import Record, Reply
from sparql_server.codings import LEAST, code
from sparql_server.errors import NotAcceptable, RequestError
from sparql_server.finding.replying import make_search_reply
from sparql_server.finding.schema import Schemas
from sparql_server.finding.search import Finder, Search, read_answer, read_search
from sparql_server.sparql.formats import wants_page
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

    def __call__(self, environ: WSGIEnvironment) -> Turn | None:
        """Return the turn of a request; None: it is for the long way."""
        if not (is_plain(environ) and is_usual_host(environ.get("HTTP_HOST", ""))):
            return None
        try:
            search = _read_search(environ)
            return self._make_turn(search, environ) if search and search.text else None
        except RequestError:
            return None

    def _make_turn(self, search: Search, environ: WSGIEnvironment) -> Turn:
        answers = self.finder.answers(search)
        question = answers.asking.search(search.wanted)
        asked = Asked(QueryRequest(f"SEARCH {search.text}"), None, question)
        arrival = receive(answers, environ, self.endpoint.trusted)
        if isinstance(arrival.error, NotAcceptable):  # of codings: as pages, it is sent as it is
            arrival = arrival._replace(error=None)
        known = arrival.visitor.known
        # The tag that the client knows is that of all that is said, not of what is found.
        arrival = arrival._replace(visitor=replace(arrival.visitor, known=""))
        queries = _read_host(self.endpoint, environ) + _QUERIES
        write = partial(self._write, search, known, queries)
        return Turn(self.endpoint, asked, arrival, answers, write)

    def _write(
        self,
        search: Search,
        known: str,
        queries: str,
        answer: Answer,
        record: Record,
        arrival: Arrival,
    ) -> Reply:
        """Return the reply with what has been found, and what stands beside it.

        known: the tag that the client has sent. queries: the address of the saved queries.
        """
        release = self.endpoint.answers.release
        schema = self.schemas.of(release)
        whole = self.finder.complete(read_answer(search, answer), search, schema, queries)
        reply = make_search_reply(whole, release.number if release else None, known)
        record.end(answer, status=reply.status)
        return _code(reply, arrival.coding)


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
