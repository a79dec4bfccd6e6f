"""Questions under evaluation: who gets in, who leads, who waits for whom.

Equal questions that come together are evaluated once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

from sparql_server.answering.admission import Admission
from sparql_server.answering.cache import Flight, Key, ResultCache, Stored
from sparql_server.answering.delivery import WHOLE, Delivery, Keeping
from sparql_server.answering.entity_tags import EntityTags
from sparql_server.answering.failures import error_of
from sparql_server.answering.question import Question
from sparql_server.engine.caller import Caller, Nobody
from sparql_server.engine.local.query_run import Errand
from sparql_server.engine.messages import Failure, Job
from sparql_server.engine.releases import Release
from sparql_server.engine.results import Result, Status
from sparql_server.errors import (
    MemoryLimitExceeded,
    NoRelease,
    NotAcceptable,
    RequestError,
    Stopping,
    TimeLimitExceeded,
)
from sparql_server.sparql.formats import KNOWN, Format

_Begin = Callable[[], Errand | Result | None]
# What is wrong with a malformed query is said in its own words: it is nobody else's to read.
_ALIKE = (NotAcceptable, TimeLimitExceeded, MemoryLimitExceeded)


class Engine(Protocol):
    """Whatever evaluates queries on releases."""

    def lookup(self, job: Job) -> Result | None:
        """Return a job's whole result if it is there in some tens of microseconds."""

    def begin(self, job: Job, caller: Caller, waited: float = 0.0) -> Errand | None:
        """Have a job begun that need not wait; None: this engine can't. Raises NoneFree."""

    def evaluate(
        self, job: Job, caller: Caller | None = None, errand: Any = None
    ) -> Result | Failure:
        """Evaluate a job. errand: what ``begin`` has returned for it."""

    @property
    def release(self) -> Release | None:
        """The release that the next query is evaluated on."""

    def status(self) -> Status:
        """Return how the engine is."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks. client: address. known: entity tags of what it has already (If-None-Match)."""

    client: str = ""
    caller: Caller = Nobody()
    known: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer on its way.

    format: None for a page's rows. body: the whole result; None: ``pieces`` have it, or, if there
    are none either, the client has it already. tag: its entity tag; None: it can't be kept.
    age: seconds since it was evaluated. cache: ``hit``, ``shared``, ``miss``, or ``none`` where a
    result can't be kept. coding: of ``body``. to_code: what it or the pieces are coded with as they
    are sent; keep: is told of the whole coded body then.
    """

    format: Format | None
    release: int
    cache: str
    tag: str | None
    body: bytes | None = None
    pieces: Delivery | None = None
    age: int | None = None
    engine: str = ""
    queued: float = 0.0
    cpu: float = 0.0
    rows: int | None = None
    coding: str = ""
    to_code: str = ""
    keep: Callable[[bytes], bytes] | None = None


@dataclass(frozen=True, slots=True)
class HeadStart:
    """A question whose evaluation has begun. Whoever has one must ``finish`` it.

    errand: whoever evaluates it, or its result, if that is whole already.
    """

    question: Question
    visitor: Visitor
    key: Key | None
    flight: Flight | None
    errand: Errand | Result


class Evaluations:
    """Has an engine evaluate questions. result_bytes: as of ``Answers``."""

    def __init__(
        self, engine: Engine, cache: ResultCache, admission: Admission, result_bytes: int
    ) -> None:
        self._engine = engine
        self._cache = cache
        self._admission = admission
        self._result_bytes = result_bytes
        self.tags = EntityTags(lambda: engine.release)

    def begin(
        self, question: Question, visitor: Visitor, key: Key | None, waited: float
    ) -> HeadStart | None:
        """Have a question's evaluation begun, if it must be evaluated and need not wait for others.

        Raises NoneFree where all it lacks is a worker. waited: seconds for which it was tried.
        """
        job, caller = question.job, visitor.caller
        begin = partial(self._engine.begin, job, caller, waited)
        return self._head_start(question, visitor, key, begin)

    def look_up(self, question: Question, visitor: Visitor, key: Key | None) -> HeadStart | None:
        """Have a question answered, if it must be and that takes next to no time."""
        found = self._engine.lookup(question.job)
        if found is None:
            return None
        return self._head_start(question, visitor, key, lambda: found, at_once=True)

    def _head_start(
        self,
        question: Question,
        visitor: Visitor,
        key: Key | None,
        begin: _Begin,
        *,
        at_once: bool = False,
    ) -> HeadStart | None:
        flight, leads = self._cache.board(key) if key else (None, True)
        if not leads:
            return None
        try:
            errand = self._begin(visitor.client, begin, at_once)
            if errand:
                self._cache.miss(key)
                return HeadStart(question, visitor, key, flight, errand)
        except BaseException:
            self._land(key, flight)
            raise
        self._land(key, flight)
        return None

    def finish(self, begun: HeadStart) -> Answer:
        """Answer a question whose evaluation has begun. Raises RequestError, as do the pieces."""
        try:
            return self.evaluate(begun.question, begun.visitor, begun.flight, begun.errand)
        finally:
            self._land(begun.key, begun.flight)

    def once(self, question: Question, visitor: Visitor, key: Key) -> Answer:
        """Evaluate a question, or wait for whoever evaluates it already. Raises as ``evaluate``."""
        while True:
            flight, leads = self._cache.board(key)
            if leads:
                try:
                    return self.evaluate(question, visitor, flight)
                finally:
                    self._cache.land(key, flight)
            with self._admission.place(visitor.client):
                stored = flight.wait(visitor.caller)
            if stored:
                return kept_answer(stored, "shared")
            if flight.large:
                return self.evaluate(question, visitor, None)

    def read(self, question: Question, visitor: Visitor, key: Key | None) -> Answer:
        """Have a question's query read, and evaluated on no data at all; return what a HEAD gets.

        Raises RequestError where the query is wrong.
        """
        job = replace(question.job, read_only=True)
        answer = self.evaluate(Question(question.query, job, None), visitor, None)
        if answer.pieces:
            answer.pieces.close()
        return replace(answer, tag=self.tags.of(key), body=None, pieces=None, rows=None)

    def evaluate(
        self,
        question: Question,
        visitor: Visitor,
        flight: Flight | None,
        errand: Errand | Result | None = None,
    ) -> Answer:
        """Evaluate a question. errand: if that has begun already, and a place been taken.

        Raises RequestError, as do the pieces.
        """
        client = visitor.client
        if errand is None:
            self._admission.enter(client)
        try:
            result = self._result(question, visitor, errand)
        except BaseException as error:
            self._admission.leave(client)
            if flight and isinstance(error, _ALIKE):
                flight.error = error
            raise
        return self._deliver(question.key(result.release), result, client, flight)

    def _begin(self, client: str, begin: _Begin, at_once: bool) -> Errand | Result | None:
        try:
            self._admission.enter(client, at_once=at_once)
        except RequestError:
            return None  # to be told when it is asked
        errand = None
        try:
            errand = begin()
        except (NoRelease, Stopping):
            pass  # to be told likewise
        finally:
            if errand is None:
                self._admission.leave(client)
        return errand

    def _land(self, key: Key | None, flight: Flight | None) -> None:
        if key and flight:
            self._cache.land(key, flight)

    def _result(
        self, question: Question, visitor: Visitor, errand: Errand | Result | None
    ) -> Result:
        if isinstance(errand, Result):
            return errand
        result = self._engine.evaluate(question.job, visitor.caller, errand)
        if isinstance(result, Failure):
            raise error_of(result)
        return result

    def _deliver(
        self, key: Key | None, result: Result, client: str, flight: Flight | None
    ) -> Answer:
        tag = self.tags.of(key)

        def keep(body: bytes | None) -> bytes | None:
            self._admission.leave(client)
            if not (key and tag) or body is None:
                return body
            stored = Stored(result.release, result.format, body, result.rows, tag)
            stored = self._cache.put(key, stored)
            if flight:
                flight.stored = stored
            return stored.body

        body = result.body
        if body is not None and len(body) <= min(WHOLE, self._result_bytes or WHOLE):
            return _evaluated(key, tag, result, keep(body))
        most = max(self._cache.entry_size, WHOLE) if key else 0
        keeping = Keeping(most, self._cache.arriving, keep)
        delivery = Delivery(result, self._result_bytes, keeping)
        body = delivery.look_ahead()
        if flight and body is None:
            flight.large = True
        return _evaluated(key, tag, result, body, None if body is not None else delivery)


def _evaluated(
    key: Key | None,
    tag: str | None,
    result: Result,
    body: bytes | None,
    pieces: Delivery | None = None,
) -> Answer:
    return Answer(
        KNOWN.get(result.format),
        result.release,
        "miss" if key else "none",
        tag,
        body,
        pieces,
        engine=result.engine,
        queued=result.queued,
        cpu=result.cpu,
        rows=result.rows,
    )


def unchanged(answer: Answer) -> Answer:
    """Return what says that the client has an answer already; the answer is left."""
    if answer.pieces:
        answer.pieces.close()
    return replace(answer, format=None, body=None, pieces=None)


def kept_answer(stored: Stored, cache: str) -> Answer:
    """Return an answer out of the cache. cache: as of ``Answer``."""
    # A query that was waited for may have been evaluated on a release newer than the key's: the
    # release and the tag are the result's own.
    return Answer(
        KNOWN.get(stored.format),
        stored.release,
        cache,
        stored.tag,
        stored.body,
        age=stored.age,
        engine="cache",
        rows=stored.rows,
    )
