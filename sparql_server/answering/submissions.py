"""Questions submitted to the engine: who gets in, who leads, who waits for whom.

Equal questions that come together are evaluated once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sparql_server.answering.admission import Admission
from sparql_server.answering.answer import Answer, Visitor, make_evaluated, make_kept
from sparql_server.answering.cache import Flight, Key, ResultCache, Stored
from sparql_server.answering.delivery import WHOLE, Delivery, Keeping
from sparql_server.answering.entity_tags import EntityTags
from sparql_server.answering.question import Question
from sparql_server.engine.handle import Engine, Handle, NotNow, Wait
from sparql_server.errors import (
    MemoryLimitExceeded,
    NotAcceptable,
    RequestError,
    TimeLimitExceeded,
)
from sparql_server.errors.failures.translation import translate_failure

# What is wrong with a malformed query is said in its own words: it is nobody else's to read.
_ALIKE = (NotAcceptable, TimeLimitExceeded, MemoryLimitExceeded)


@dataclass(frozen=True, slots=True)
class Submission:
    """A question that the engine has. Whoever has one must ``finish`` it.

    key: of its result in the cache. flight: where others wait for it; None: it can't be kept.
    """

    question: Question
    visitor: Visitor
    key: Key | None
    flight: Flight | None
    handle: Handle


class Submissions:
    """The questions that an engine has. result_bytes: as of ``Answers``."""

    def __init__(
        self, engine: Engine, cache: ResultCache, admission: Admission, result_bytes: int
    ) -> None:
        self._engine = engine
        self._cache = cache
        self._admission = admission
        self._result_bytes = result_bytes
        self.tags = EntityTags(lambda: engine.release)

    def submit(
        self, question: Question, visitor: Visitor, key: Key | None, wait: Wait
    ) -> Submission | None:
        """Have a question evaluated with no more waiting than this; None: that isn't enough.

        Raises NotNow where all it lacks is a worker. What is wrong is told when it is answered.
        """
        flight, leads = self._cache.board(key) if key else (None, True)
        if not leads:
            return None
        handle = None
        try:
            handle = self._enter(question, visitor, wait)
        except NotNow as refusal:
            if refusal.again:
                raise
        except RequestError:
            pass
        finally:
            if handle is None:
                self._land(key, flight)
        if handle is None:
            return None
        self._cache.miss(key)
        return Submission(question, visitor, key, flight, handle)

    def finish(self, begun: Submission) -> Answer:
        """Answer a question that the engine has. Raises RequestError, as do the pieces."""
        try:
            return self._answer(begun.question, begun.visitor, begun.flight, begun.handle)
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
                return make_kept(stored, "shared")
            if flight.large:
                return self.evaluate(question, visitor)

    def read(self, question: Question, visitor: Visitor, key: Key | None) -> Answer:
        """Have a question's query read, and evaluated on no data at all; return what a HEAD gets.

        Raises RequestError where the query is wrong.
        """
        job = replace(question.job, read_only=True)
        answer = self.evaluate(Question(question.query, job, None), visitor)
        if answer.pieces:
            answer.pieces.close()
        return replace(answer, tag=self.tags.of(key), body=None, pieces=None, rows=None)

    def evaluate(
        self, question: Question, visitor: Visitor, flight: Flight | None = None
    ) -> Answer:
        """Evaluate a question, however long its turn takes to come.

        Raises RequestError, as do the pieces.
        """
        handle = self._enter(question, visitor, Wait.TURN)
        return self._answer(question, visitor, flight, handle)

    def _enter(self, question: Question, visitor: Visitor, wait: Wait) -> Handle:
        """Take a place, and have a question evaluated. Raises as ``Engine.submit``."""
        self._admission.enter(visitor.client, at_once=wait is Wait.NOTHING)
        try:
            return self._engine.submit(question.job, visitor.caller, wait)
        except BaseException:
            self._admission.leave(visitor.client)
            raise

    def _answer(
        self, question: Question, visitor: Visitor, flight: Flight | None, handle: Handle
    ) -> Answer:
        """Return the answer to a question that has a place, which is left then or with the end."""
        try:
            failure = handle.wait()
            if failure:
                raise translate_failure(failure)
        except BaseException as error:
            self._admission.leave(visitor.client)
            if flight and isinstance(error, _ALIKE):
                flight.error = error
            raise
        return self._deliver(question.key(handle.release), handle, visitor.client, flight)

    def _land(self, key: Key | None, flight: Flight | None) -> None:
        if key and flight:
            self._cache.land(key, flight)

    def _deliver(
        self, key: Key | None, handle: Handle, client: str, flight: Flight | None
    ) -> Answer:
        tag = self.tags.of(key)

        def keep(body: bytes | None) -> bytes | None:
            self._admission.leave(client)
            if not (key and tag) or body is None:
                return body
            stored = Stored(handle.release, handle.format, body, handle.rows, tag)
            stored = self._cache.put(key, stored)
            if flight:
                flight.stored = stored
            return stored.body

        body = handle.body
        if body is not None and len(body) <= min(WHOLE, self._result_bytes or WHOLE):
            return make_evaluated(key, tag, handle, keep(body))
        most = max(self._cache.entry_size, WHOLE) if key else 0
        keeping = Keeping(most, self._cache.arriving, keep)
        delivery = Delivery(handle, self._result_bytes, keeping)
        body = delivery.look_ahead()
        if flight and body is None:
            flight.large = True
        return make_evaluated(key, tag, handle, body, None if body is not None else delivery)
