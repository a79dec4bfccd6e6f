"""The endpoint, without Flask: its parts, its visitors, and their turns.

Requests come as WSGI has them (https://peps.python.org/pep-3333/).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from sparql_server.answering.admission import Networks, find_client
from sparql_server.answering.answer import Answer, Visitor
from sparql_server.answering.answers import Answers
from sparql_server.answering.cache import Stored
from sparql_server.answering.coded_answers import code_answer
from sparql_server.answering.journal import Journal
from sparql_server.answering.question import Question
from sparql_server.answering.replies import Record, Reply, make_reply
from sparql_server.answering.submissions import Submission
from sparql_server.catalogue.saved_query import Catalogue
from sparql_server.codings import IDENTITY, choose
from sparql_server.engine.client_connection import Caller, Connected, Nobody
from sparql_server.engine.handle import Handle, Wait
from sparql_server.errors import ClientGone, ContentTooLarge, RequestError
from sparql_server.records.licences import Terms
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


class Former(Protocol):
    """Finds the answers of releases that are kept beside the one that is served."""

    def find(self, answers: Answers, wanted: int | None) -> Answers | None:
        """Return the answers of a release; None: it isn't kept. wanted: None: the served one."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The parts of the endpoint.

    catalogue: the saved queries. request_bytes: that a request may have. max_age: seconds for
    which others may keep a result. trusted: proxies that are believed.
    searching: the answers to searches for things, which wait for no query. poll: seconds after
    which those who follow the changes are told to ask again. former: the answers of other releases;
    data: the directory with frozen copies of results; None: there are none. terms:
    on which the records are given.
    """

    answers: Answers
    journal: Journal
    catalogue: Catalogue = field(default_factory=lambda: Catalogue({}))
    request_bytes: int = 1024 * 1024
    max_age: int = 0
    trusted: Networks = ()
    searching: Answers | None = None
    terms: Terms = field(default_factory=Terms)
    poll: int = 300
    former: Former | None = None
    data: Path | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as it was sent. question: what is asked by it, if that has been made out already."""

    request: QueryRequest
    accept: str | None
    question: Question | None = None


class Arrival(NamedTuple):
    """A request at the door. coding: of its answer. error: why it is refused, if it is."""

    visitor: Visitor
    method: str
    protocol: str
    coding: str = IDENTITY
    error: RequestError | None = None


class Turn:
    """A query from its arrival to its reply. begun: its evaluation, if that has begun."""

    __slots__ = (
        *("answers", "asked", "began", "begun"),
        *("_arrival", "_endpoint", "_record", "_replied", "_write"),
    )

    def __init__(
        self,
        endpoint: Endpoint,
        asked: Asked,
        arrival: Arrival,
        answers: Answers | None = None,
        write: Write | None = None,
    ) -> None:
        """answers: that it is put to; None: the endpoint's. write: None: the result itself."""
        self.asked = asked
        self.answers = answers or endpoint.answers
        self.began = time.monotonic()
        self.begun: Submission | None = None
        self._arrival = arrival
        self._replied = False
        self._endpoint = endpoint
        self._record = Record(endpoint.journal, asked.request.query)
        self._write = write

    def submit(self, wait: Wait) -> Handle | None:
        """Have the query evaluated with no more waiting than this; None: that isn't enough.

        Raises NotNow where all it lacks is a worker.
        """
        question = self.asked.question
        if question is None or self._arrival.error or self.begun:
            return None
        self.begun = self.answers.submit(question, self._arrival.visitor, wait)
        if self.begun is None:
            return None
        handle = self.begun.handle
        if not handle.is_finished:
            handle.queued = time.monotonic() - self.began
        return handle

    @property
    def is_quick(self) -> bool:
        """Whether the answer that has been looked up takes next to no time to be coded."""
        body = self.begun.handle.body if self.begun else None
        return not self._arrival.coding or body is None or len(body) <= QUICK

    def reply(self, at_hand: Stored | None = None) -> Reply:
        """Answer the query with its result; note in the journal what comes of it.

        at_hand: as for ``Answers.give``. Raises RequestError, which is noted too.
        """
        self._replied = True
        try:
            if self._arrival.error:
                raise self._arrival.error
            write = self._write or self._write_result
            return write(self._answer(at_hand), self._record, self._arrival)
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
            answer = self.answers.finish(begun) if begun else None
            if answer and answer.pieces:
                answer.pieces.close()
            self._record.fail(ClientGone("The client hung up."), answer)
        except RequestError as error:
            self._record.fail(error)

    def _answer(self, at_hand: Stored | None) -> Answer:
        answers, asked, visitor = self.answers, self.asked, self._arrival.visitor
        begun, self.begun = self.begun, None
        if begun:
            return answers.finish(begun)
        if self._arrival.method == "HEAD":
            return answers.head(asked.request, asked.accept, visitor)
        question = asked.question or answers.asking.question(asked.request, asked.accept)
        return answers.give(question, visitor, at_hand)

    def _write_result(self, answer: Answer, record: Record, arrival: Arrival) -> Reply:
        answer = code_answer(answer, arrival.coding, self.answers.cache)
        return make_reply(answer, record, self._endpoint.max_age, arrival.protocol)


Write = Callable[[Answer, Record, Arrival], Reply]
"""Writes the reply with an answer, and has it noted once that has gone. Raises RequestError."""


def receive(answers: Answers, environ: WSGIEnvironment, trusted: Networks) -> Arrival:
    """Return what a request says of itself, with the error that it is refused with, if it is."""
    visitor, coding, refused = read_visitor(environ, trusted), IDENTITY, None
    try:
        answers.admit(visitor.client)
        coding = choose_coding(environ)
    except RequestError as error:
        refused = error
    protocol = environ.get("SERVER_PROTOCOL", "")
    return Arrival(visitor, environ["REQUEST_METHOD"], protocol, coding, refused)


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
def take_turn(size: int) -> Iterator[None]:
    """Have a request of so many bytes read while the block runs; large ones only so many at once.

    Reading one takes several times its size, and processor time that others wait for.
    """
    if size <= LARGE:
        yield
        return
    with _reading:
        yield


def choose_coding(environ: WSGIEnvironment) -> str:
    """Return the content coding of the answer to a request. Raises NotAcceptable."""
    accept = environ.get("HTTP_ACCEPT_ENCODING")
    # By HTTP/1.0 a result is sent when it is there whole, which takes less time as it is.
    if accept is None or environ.get("SERVER_PROTOCOL") == "HTTP/1.0":
        return IDENTITY
    return choose(accept)


def read_visitor(environ: WSGIEnvironment, trusted: Networks) -> Visitor:
    """Return who has sent a request."""
    forwarded = environ.get("HTTP_X_FORWARDED_FOR")
    client = find_client(environ.get("REMOTE_ADDR", ""), forwarded, trusted)
    disconnected = environ.get("waitress.client_disconnected")
    # The environment has no place for more than that: the channel is whose method it is.
    cut = getattr(getattr(disconnected, "__self__", None), "cut", None)
    caller: Caller = Connected(disconnected, cut) if disconnected and cut else Nobody()
    return Visitor(client, caller, environ.get("HTTP_IF_NONE_MATCH", ""))
