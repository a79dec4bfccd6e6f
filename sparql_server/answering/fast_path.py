"""The short way of a query to its result: past Flask, which takes longer than a kept answer does.

It takes the queries of programs: sent to the endpoint by GET or POST, answered with data; and what
others make turns of. All else goes the long way: pages, other addresses and methods, and what can't
be read, whatever is wrong with it. Both ways use the same functions; which one a request goes can't
be told from its reply.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from typing import TYPE_CHECKING

from sparql_server.answering.admission import is_plain
from sparql_server.answering.answers import Answers
from sparql_server.answering.cache import Stored
from sparql_server.answering.coded_answers import is_coded
from sparql_server.answering.endpoint import (
    QUICK,
    Asked,
    Endpoint,
    Turn,
    check_size,
    choose_coding,
    receive,
    take_turn,
)
from sparql_server.answering.replies import Reply, log_unexpected, make_problem
from sparql_server.codings import decode
from sparql_server.engine.handle import Handle, Wait
from sparql_server.errors import RequestError
from sparql_server.memo import Memo
from sparql_server.sparql.formats import wants_page
from sparql_server.sparql.protocol import QueryRequest, read_get, read_parameters, read_post
from sparql_server.sparql.query import read

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/sparql"

_AT_HAND = "libris.at_hand"
_TURN = "libris.turn"
ADDRESSES = 8 * 1024 * 1024
"""Bytes of addresses that are remembered with what they ask."""

_LONGEST = 8 * 1024  # characters of one that is, with the formats that are accepted
_QUICK = 2 * 1024  # characters of one that is read without a thread of its own
_SMALL = 256 * 1024  # bytes of a result that is written without a thread of its own


MakeTurn = Callable[["WSGIEnvironment"], Turn | None]
"""Makes a turn of a request; None: it is for the long way."""


class Shortcut:
    """WSGI application that answers what goes the short way, in front of one that takes the rest.

    What an address asks is made out once. others: what makes turns of GET requests to other paths.
    """

    def __init__(
        self, endpoint: Endpoint, app: WSGIApplication, others: Mapping[str, MakeTurn] | None = None
    ) -> None:
        self._endpoint = endpoint
        self._others = others or {}
        self._app = app
        self._known: Memo[tuple[str, str | None], Asked] = Memo(ADDRESSES)
        self._lock = threading.Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        reply = self.reply(environ)
        if reply is None:
            return self._app(environ, start_response)
        start_response(reply.status_line, reply.headers)
        return [reply.body] if isinstance(reply.body, bytes) else reply.body

    def is_at_hand(self, environ: WSGIEnvironment) -> bool:
        """Tell whether a request's answer can be given with nothing to read or to wait for.

        If so, it is given from what has been found now, whatever happens to the cache meanwhile.
        """
        if environ["REQUEST_METHOD"] != "GET":  # what is asked stands in the body too
            return False
        if environ["PATH_INFO"] in self._others:
            return self._is_kept(environ)
        asked = self._known.get(_read_address(environ))
        if asked is None or asked.question is None or not _is_query(environ):
            return self._is_looked_up(environ)
        stored = self._endpoint.answers.at_hand(asked.question)
        if stored is None:
            return self._is_looked_up(environ)
        if len(stored.body) > _SMALL or not self._is_coded(stored, environ):
            return False
        environ[_AT_HAND] = stored
        return True

    def _is_kept(self, environ: WSGIEnvironment) -> bool:
        """Tell whether the result is kept of what others make a turn of."""
        turn = self._early_turn(environ)
        question = turn.asked.question if turn else None
        stored = turn.answers.at_hand(question) if turn and question else None
        if stored is None or len(stored.body) > QUICK:
            return False
        environ[_AT_HAND] = stored
        return True

    def _is_coded(self, stored: Stored, environ: WSGIEnvironment) -> bool:
        """Tell whether next to nothing has to be done for a result's content coding."""
        if len(stored.body) <= QUICK:
            return True
        try:
            coding = choose_coding(environ)
        except RequestError:
            return False
        return not coding or is_coded(stored, coding, self._endpoint.answers.cache)

    def _is_looked_up(self, environ: WSGIEnvironment) -> bool:
        try:
            turn = self._early_turn(environ)
            return bool(turn and turn.submit(Wait.NOTHING) and turn.is_quick)
        except Exception as error:  # as where a query begins: others will come upon the same
            log_unexpected(error)
            return False

    def submit(self, environ: WSGIEnvironment, wait: Wait = Wait.ANSWER) -> Handle | None:
        """Have a request's query evaluated with no more waiting than this; None: it isn't enough.

        Raises NotNow where all it lacks is a worker: it may be tried again.
        """
        turn = self._early_turn(environ)
        return turn.submit(wait) if turn else None

    def _early_turn(self, environ: WSGIEnvironment) -> Turn | None:
        """Return the turn of a query that is read without a thread of its own, always the same."""
        turn: Turn | None = environ.get(_TURN)
        if turn is None and environ["REQUEST_METHOD"] == "GET" and _read_length(environ) <= _QUICK:
            turn = self._turn(environ)
            if turn:
                environ[_TURN] = turn
        return turn

    def reply(self, environ: WSGIEnvironment) -> Reply | None:
        """Return the reply to a request, without the headers that all have; None: not from here."""
        try:
            turn: Turn | None = environ.get(_TURN) or self._turn(environ)
            return turn.reply(environ.get(_AT_HAND)) if turn else None
        except RequestError as error:
            return make_problem(error)
        except Exception as error:  # as for Flask: whatever it is, the client must hear of it
            return make_problem(log_unexpected(error))

    def leave(self, environ: WSGIEnvironment) -> None:
        """End what has begun for a request that has had no reply."""
        turn: Turn | None = environ.get(_TURN)
        if turn:
            turn.leave()

    @property
    def memory(self) -> int:
        """Bytes that what is remembered takes."""
        return self._known.used

    def _turn(self, environ: WSGIEnvironment) -> Turn | None:
        make_turn = self._others.get(environ["PATH_INFO"])
        if make_turn:
            return make_turn(environ)
        asked = self._read(environ) if _is_query(environ) else None
        if asked is None:
            return None
        endpoint = self._endpoint
        return Turn(endpoint, asked, receive(endpoint.answers, environ, endpoint.trusted))

    def _read(self, environ: WSGIEnvironment) -> Asked | None:
        """Return what a request asks, unless it is for the long way."""
        if environ["REQUEST_METHOD"] == "POST":
            return self._read_post(environ)
        address = _read_address(environ)
        known = self._known.get(address)
        if known is None:
            known = self._read_get(*address)
            if known and known.question and _read_length(environ) <= _LONGEST:
                self._remember(address, known)
        return known

    def _read_get(self, query_string: str, accept: str | None) -> Asked | None:
        sent = query_string.encode("latin-1")
        try:
            check_size(self._endpoint.request_bytes, len(sent), 0)
            with take_turn(len(sent)):
                return _asked(read_get(read_parameters(sent)), accept, self._endpoint.answers)
        except RequestError:
            return None

    def _read_post(self, environ: WSGIEnvironment) -> Asked | None:
        sent = environ["QUERY_STRING"].encode("latin-1")
        length = environ.get("CONTENT_LENGTH", "")
        if not (length.isascii() and length.isdigit()):
            return None
        try:
            check_size(self._endpoint.request_bytes, len(sent), int(length))
            body = environ["wsgi.input"].read(int(length))
            environ["wsgi.input"] = BytesIO(body)  # for whoever reads it again
            with take_turn(len(sent) + len(body)):
                coding = environ.get("HTTP_CONTENT_ENCODING", "")
                body = decode(coding, body, self._endpoint.request_bytes)
                request = read_post(environ.get("CONTENT_TYPE", ""), body, read_parameters(sent))
                return _asked(request, environ.get("HTTP_ACCEPT"), self._endpoint.answers)
        except RequestError:
            return None

    def _remember(self, address: tuple[str, str | None], asked: Asked) -> None:
        with self._lock:
            self._known.put(address, asked, (*address, asked.request.query))


def _is_query(environ: WSGIEnvironment) -> bool:
    """Tell whether a request is a query that can go the short way, as far as its head shows."""
    return environ["PATH_INFO"] == PATH and is_plain(environ, ("GET", "POST"))


def _read_length(environ: WSGIEnvironment) -> int:
    return len(environ["QUERY_STRING"]) + len(environ.get("HTTP_ACCEPT", ""))


def _read_address(environ: WSGIEnvironment) -> tuple[str, str | None]:
    return environ["QUERY_STRING"], environ.get("HTTP_ACCEPT")


def _asked(request: QueryRequest, accept: str | None, answers: Answers) -> Asked | None:
    """Return what a query asks; None if it is for a page, or has to do with addresses.

    What is wrong with it is for the time when it is asked.
    """
    reading = read(request.query)
    if wants_page(request.format) or request.explain or request.plan or reading.relative:
        return None
    if request.release is not None:  # the address of the same in the one that is served is said
        return None
    try:
        return Asked(request, accept, answers.asking.question(request, accept, reading))
    except RequestError:
        return Asked(request, accept)
