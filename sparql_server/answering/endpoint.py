"""The endpoint, without Flask: what it has, who asks it, how it answers a query.

Requests come as WSGI has them (https://peps.python.org/pep-3333/).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sparql_server.answering.admission import Networks, client_of
from sparql_server.answering.answers import Answers
from sparql_server.answering.cache import Stored
from sparql_server.answering.coded_answers import coded
from sparql_server.answering.codings import IDENTITY, choose
from sparql_server.answering.evaluations import Answer, HeadStart, Visitor
from sparql_server.answering.journal import Journal
from sparql_server.answering.question import Question
from sparql_server.answering.replies import Record, Reply, reply_to
from sparql_server.catalogue.model import Catalogue
from sparql_server.engine.caller import Caller, Nobody
from sparql_server.engine.local.query_run import Errand
from sparql_server.engine.results import Result
from sparql_server.errors import ClientGone, ContentTooLarge, RequestError
from sparql_server.sparql.protocol import QueryRequest

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


LARGE = 64 * 1024
"""Bytes from which a request is large."""

AT_ONCE = 2
"""Large requests that are read at a time."""

QUICK = 32 * 1024
"""Bytes of a body that is coded without a thread of its own."""

_reading = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What the endpoint needs.

    catalogue: the saved queries. request_bytes: that a request may have. max_age: seconds for
    which others may keep a result. trusted: proxies that are believed.
    """

    answers: Answers
    journal: Journal
    catalogue: Catalogue = field(default_factory=lambda: Catalogue({}))
    request_bytes: int = 1024 * 1024
    max_age: int = 0
    trusted: Networks = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as it was sent. question: what is asked by it, if that has been made out already."""

    request: QueryRequest
    accept: str | None
    question: Question | None = None


class Turn:
    """A query from its arrival to its reply. error: what came of it at the door.

    begun: its evaluation, if that has begun.
    """

    def __init__(self, endpoint: Endpoint, asked: Asked, environ: WSGIEnvironment) -> None:
        self.asked = asked
        self.began = time.monotonic()
        self.visitor = visitor(environ, endpoint.trusted)
        self.begun: HeadStart | None = None
        self.error: RequestError | None = None
        self._replied = False
        self._endpoint = endpoint
        self._record = Record(endpoint.journal, asked.request.query)
        self._method = environ["REQUEST_METHOD"]
        self._protocol = environ.get("SERVER_PROTOCOL", "")
        self._coding = IDENTITY
        try:
            endpoint.answers.admit(self.visitor.client)
            self._coding = coding_of(environ)
        except RequestError as error:
            self.error = error

    def begin(self) -> Errand | None:
        """Have the query's evaluation begun, if nothing has to be waited for.

        Raises NoneFree where all it lacks is a worker.
        """
        question = self.asked.question
        if question is None or self.error or self.begun:
            return None
        waited = time.monotonic() - self.began
        self.begun = self._endpoint.answers.begin(question, self.visitor, waited)
        errand = self.begun.errand if self.begun else None
        return None if isinstance(errand, Result) else errand

    @property
    def is_quick(self) -> bool:
        """Whether the answer that has been looked up takes next to no time to be coded."""
        errand = self.begun.errand if self.begun else None
        body = errand.body if isinstance(errand, Result) else None
        return not self._coding or body is None or len(body) <= QUICK

    def look_up(self) -> bool:
        """Have the query answered, if that takes next to no time; tell whether it is."""
        question = self.asked.question
        if question and not self.error:
            self.begun = self._endpoint.answers.look_up(question, self.visitor)
        return self.begun is not None

    def reply(self, at_hand: Stored | None = None) -> Reply:
        """Answer the query with its result; note in the journal what comes of it.

        at_hand: as for ``Answers.give``. Raises RequestError, which is noted too.
        """
        self._replied = True
        try:
            if self.error:
                raise self.error
            cache = self._endpoint.answers.cache
            answer = coded(self._answer(at_hand), self._coding, cache)
            return reply_to(answer, self._record, self._endpoint.max_age, self._protocol)
        except RequestError as error:
            self._record.fail(error)
            raise

    def leave(self) -> None:
        """End a query without a reply, if it has none: its client has gone."""
        if self._replied:
            return
        self._replied = True
        begun, self.begun = self.begun, None
        try:
            answer = self._endpoint.answers.finish(begun) if begun else None
            if answer and answer.pieces:
                answer.pieces.close()
            self._record.fail(ClientGone("The client hung up."), answer)
        except RequestError as error:
            self._record.fail(error)

    def _answer(self, at_hand: Stored | None) -> Answer:
        answers, asked = self._endpoint.answers, self.asked
        begun, self.begun = self.begun, None
        if begun:
            return answers.finish(begun)
        if self._method == "HEAD":
            return answers.head(asked.request, asked.accept, self.visitor)
        question = asked.question or answers.asking.question(asked.request, asked.accept)
        return answers.give(question, self.visitor, at_hand)


def check_size(most: int, address: int, body: int) -> None:
    """Raise ContentTooLarge if address or body have more bytes than those of a request may."""
    for part, size in (("address", address), ("body", body)):
        if size > most:
            raise ContentTooLarge(
                f"The {part} has {size:,} bytes; {most:,} is the most that one may have here.",
                limit=most,
                unit="bytes",
            )


@contextmanager
def in_turn(size: int) -> Iterator[None]:
    """Have a request of so many bytes read while the block runs; large ones only so many at once.

    Reading one takes several times its size, and processor time that others wait for.
    """
    if size <= LARGE:
        yield
        return
    with _reading:
        yield


def coding_of(environ: WSGIEnvironment) -> str:
    """Return the content coding of the answer to a request. Raises NotAcceptable."""
    # By HTTP/1.0 a result is sent when it is there whole, which takes less time as it is.
    is_old = environ.get("SERVER_PROTOCOL") == "HTTP/1.0"
    return IDENTITY if is_old else choose(environ.get("HTTP_ACCEPT_ENCODING"))


class _Channel:
    """A client of waitress, which says whether the connection is still there."""

    def __init__(self, disconnected: Callable[[], bool], cut: Callable[[], None]) -> None:
        self._disconnected = disconnected
        self._cut = cut

    def gone(self) -> bool:
        """Tell whether the client has hung up."""
        return self._disconnected()

    def cut(self) -> None:
        """Cut the connection."""
        self._cut()


def visitor(environ: WSGIEnvironment, trusted: Networks) -> Visitor:
    """Return who has sent a request."""
    forwarded = environ.get("HTTP_X_FORWARDED_FOR")
    client = client_of(environ.get("REMOTE_ADDR", ""), forwarded, trusted)
    disconnected = environ.get("waitress.client_disconnected")
    # The environment has no place for more than that: the channel is whose method it is.
    cut = getattr(getattr(disconnected, "__self__", None), "cut", None)
    caller: Caller = _Channel(disconnected, cut) if disconnected and cut else Nobody()
    return Visitor(client, caller, environ.get("HTTP_IF_NONE_MATCH", ""))
