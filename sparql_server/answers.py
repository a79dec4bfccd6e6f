"""From a question to its answer, without Flask: cache, evaluation, delivery."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, Protocol

from sparql_server.admission import Admission
from sparql_server.cache import Flight, Key, ResultCache, Stored
from sparql_server.delivery import WHOLE, Delivery
from sparql_server.engine.caller import Caller, Nobody
from sparql_server.engine.messages import Failure, Job
from sparql_server.engine.releases import Release
from sparql_server.engine.results import Result, Status
from sparql_server.engine.work import Errand
from sparql_server.errors import (
    MalformedQuery,
    MemoryLimitExceeded,
    NoRelease,
    NotAcceptable,
    RequestError,
    TimeLimitExceeded,
)
from sparql_server.failures import error_of
from sparql_server.negotiation import GRAPHS, SOLUTIONS, Format
from sparql_server.protocol import QueryRequest
from sparql_server.questions import Question, asking, graph_format, is_known, tag_of

_KNOWN = {one.name: one for one in (*SOLUTIONS, *GRAPHS)}
_ALIKE = (MalformedQuery, NotAcceptable, TimeLimitExceeded, MemoryLimitExceeded)


class Engine(Protocol):
    """Whatever evaluates queries on releases."""

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
    result can't be kept.
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


@dataclass(frozen=True, slots=True)
class HeadStart:
    """A question whose evaluation has begun. Whoever has one must ``finish`` it."""

    question: Question
    visitor: Visitor
    key: Key | None
    flight: Flight | None
    errand: Errand


class Answers:
    """Answers query requests.

    allow_service: endpoints that queries may call. result_bytes: that a result may have; 0: any
    number. union: whether the default graph is that of all graphs, or the store's own.
    """

    def __init__(
        self,
        engine: Engine,
        cache: ResultCache,
        admission: Admission,
        allow_service: Collection[str] = (),
        result_bytes: int = 0,
        *,
        union: bool = True,
    ) -> None:
        self.engine = engine
        self.cache = cache
        self.asking = asking(allow_service, union=union)
        self._admission = admission
        self._result_bytes = result_bytes
        self._cached_release = 0

    @property
    def release(self) -> Release | None:
        """The release that is served."""
        return self.engine.release

    def answer(
        self, request: QueryRequest, accept: str | None, visitor: Visitor | None = None
    ) -> Answer:
        """Evaluate a request; return its result in the format the client wants most.

        Raises RequestError. The pieces raise one too if the result can't be completed.
        """
        return self.give(self.asking.question(request, accept), visitor or Visitor())

    def give(self, question: Question, visitor: Visitor, at_hand: Stored | None = None) -> Answer:
        """Answer a question. at_hand: what ``at_hand`` has found; then nothing is waited for.

        Raises RequestError, as do the pieces.
        """
        key = question.key(self._release_number())
        if key is None:
            return self._evaluate(question, visitor, None)
        if visitor.known:
            tag = tag_of(key)
            if tag and is_known(tag, visitor.known):
                return Answer(None, int(str(key[0])), "hit", tag)
        stored = self.cache.get(key) or at_hand
        return _from(stored, "hit") if stored else self._once(question, visitor, key)

    def at_hand(self, question: Question) -> Stored | None:
        """Return a question's result if it is in the cache, without counting that."""
        key = question.key(self._release_number())
        return self.cache.peek(key) if key else None

    def begin(self, question: Question, visitor: Visitor, waited: float) -> HeadStart | None:
        """Have a question's evaluation begun, if it must be evaluated and need not wait for others.

        Raises NoneFree where all it lacks is a worker. waited: seconds for which it was tried.
        """
        key = question.key(self._release_number())
        if visitor.known or (key and self.cache.peek(key)):
            return None
        flight, leads = self.cache.board(key) if key else (None, True)
        if not leads:
            return None
        try:
            errand = self._begin(question, visitor, waited)
            if errand:
                self.cache.miss(key)
                return HeadStart(question, visitor, key, flight, errand)
        except BaseException:
            self._land(key, flight)
            raise
        self._land(key, flight)
        return None

    def finish(self, begun: HeadStart) -> Answer:
        """Answer a question whose evaluation has begun. Raises RequestError, as do the pieces."""
        try:
            return self._evaluate(begun.question, begun.visitor, begun.flight, begun.errand)
        finally:
            self._land(begun.key, begun.flight)

    def rows(
        self, request: QueryRequest, visitor: Visitor | None = None
    ) -> tuple[dict[str, Any], Answer]:
        """Evaluate a request for a page: at most ``PAGE_ROWS`` rows, and whether there are more.

        Return what ``engine.evaluation`` makes of them, and the answer as it came.
        """
        answer = self.give(self.asking.rows(request), replace(visitor or Visitor(), known=""))
        body = answer.body if answer.body is not None else b"".join(answer.pieces or ())
        return dict(json.loads(body)), answer

    def head(self, request: QueryRequest, accept: str | None) -> Answer:
        """Return what ``answer`` would, without its body: no query is evaluated for a HEAD.

        Raises RequestError for what can be told from the request alone.
        """
        if self.release is None:
            raise NoRelease("Nothing is published yet: run libris-loader release.")
        question, chosen = self.asking.promised(request, accept)
        key = question.key(self.release.number)
        stored = self.cache.get(key) if key else None
        if stored:
            return _from(stored, "hit")
        return Answer(chosen, self.release.number, "none", tag_of(key))

    def graph(
        self, name: str, format_name: str | None, accept: str | None, visitor: Visitor
    ) -> Answer:
        """Return a graph whole, by its name or ``graph_store.DEFAULT``. Raises RequestError."""
        return self.give(self.asking.graph(name, graph_format(format_name, accept)), visitor)

    def graph_head(
        self, name: str, format_name: str | None, accept: str | None, visitor: Visitor
    ) -> Answer:
        """Return what ``graph`` would, without its body. Raises RequestError."""
        chosen = graph_format(format_name, accept)
        found = self.give(self.asking.graph(name, chosen, rows=0), visitor)
        tag = tag_of(self.asking.graph(name, chosen).key(found.release))
        return Answer(chosen, found.release, "none", tag)

    def beside(self, engine: Engine, release: int) -> Answers:
        """Return the answers of another engine, for this cache: those of a release to come."""
        other = Answers(
            engine,
            self.cache,
            Admission(places=1),
            self.asking.allow_service,
            self._result_bytes,
            union=self.asking.union,
        )
        other._cached_release = release  # results of the release that is served stay
        return other

    def admit(self, client: str) -> None:
        """Count a request of a client. Raises TooManyRequests."""
        self._admission.note_request(client)

    def _release_number(self) -> int:
        release = self.engine.release
        number = release.number if release else 0
        if number != self._cached_release:
            self._cached_release = number
            self.cache.drop_others(number)
        return number

    # Evaluation

    def _once(self, question: Question, visitor: Visitor, key: Key) -> Answer:
        """Evaluate a question, or wait for whoever evaluates it already."""
        while True:
            flight, leads = self.cache.board(key)
            if leads:
                try:
                    return self._evaluate(question, visitor, flight)
                finally:
                    self.cache.land(key, flight)
            with self._admission.place(visitor.client):
                stored = flight.wait(visitor.caller)
            if stored:
                return _from(stored, "shared")
            if flight.large:
                return self._evaluate(question, visitor, None)

    def _begin(self, question: Question, visitor: Visitor, waited: float) -> Errand | None:
        try:
            self._admission.enter(visitor.client)
        except RequestError:
            return None  # to be told when it is asked
        errand = None
        try:
            errand = self.engine.begin(question.job, visitor.caller, waited)
        except NoRelease:
            pass
        finally:
            if errand is None:
                self._admission.leave(visitor.client)
        return errand

    def _land(self, key: Key | None, flight: Flight | None) -> None:
        if key and flight:
            self.cache.land(key, flight)

    def _evaluate(
        self,
        question: Question,
        visitor: Visitor,
        flight: Flight | None,
        errand: Errand | None = None,
    ) -> Answer:
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

    def _result(self, question: Question, visitor: Visitor, errand: Errand | None) -> Result:
        result = self.engine.evaluate(question.job, visitor.caller, errand)
        if isinstance(result, Failure):
            raise error_of(question.query, result)
        return result

    def _deliver(
        self, key: Key | None, result: Result, client: str, flight: Flight | None
    ) -> Answer:
        tag = tag_of(key)

        def done(delivery: Delivery) -> None:
            self._admission.leave(client)
            kept = delivery.kept
            if key and tag and kept is not None:
                stored = Stored(result.release, result.format, kept, result.rows, tag)
                self.cache.put(key, stored)
                if flight:
                    flight.stored = stored

        keep = max(self.cache.entry_size, WHOLE) if key else 0
        delivery = Delivery(result, self._result_bytes, keep, done)
        body = delivery.look_ahead()
        if flight and body is None:
            flight.large = True
        return Answer(
            _KNOWN.get(result.format),
            result.release,
            "miss" if key else "none",
            tag,
            body,
            None if body is not None else delivery,
            engine=result.engine,
            queued=result.queued,
            cpu=result.cpu,
            rows=result.rows,
        )


def _from(stored: Stored, cache: str) -> Answer:
    # A query that was waited for may have been evaluated on a release newer than the key's: the
    # release and the tag are the result's own.
    return Answer(
        _KNOWN.get(stored.format),
        stored.release,
        cache,
        stored.tag,
        stored.body,
        age=stored.age,
        engine="cache",
        rows=stored.rows,
    )
