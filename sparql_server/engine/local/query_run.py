"""A worker at work on one query, within limits."""

from __future__ import annotations

import logging
import uuid
from typing import Protocol

from sparql_server.engine.client_connection import Caller
from sparql_server.engine.frames import MalformedMessage
from sparql_server.engine.local.crew import Crew, Died, Worker
from sparql_server.engine.messages import Answer, Head, Job, Whole
from sparql_server.engine.query_limits import Limits, Run
from sparql_server.engine.whole_streams import is_stream
from sparql_server.errors import EvaluationFailed, MemoryLimitExceeded, RequestError, Stopping

logger = logging.getLogger(__name__)


class Keeper(Protocol):
    """The owner of the workers."""

    def note(self, answer: Answer) -> None:
        """Note what a worker has answered."""

    def free(self, work: Work) -> None:
        """Have a worker take the next query."""

    def replace(self, work: Work) -> None:
        """End a worker, and have another in its place."""

    def note_lost(self, work: Work) -> None:
        """Have another worker in the place of one that has ended."""


class Work(Run):
    """A worker at work on a query. is_quiet: whether the log has enough from others."""

    def __init__(
        self, keeper: Keeper, crew: Crew, worker: Worker, job: Job, limits: Limits, caller: Caller
    ) -> None:
        super().__init__(limits.seconds_for(job), caller)
        self.crew = crew
        self.worker = worker
        self.is_quiet = False
        self._keeper = keeper
        self._streams = is_stream(job)
        self._formats = job.formats
        self._memory = limits.memory
        self._peeked: Answer | None = None

    def breach(self, now: float) -> RequestError | None:
        """Return why the query must end, if it must: its memory is measured, too."""
        cause = super().breach(now)
        if cause or self.is_young(now) or not 0 < self._memory < self.worker.measure():
            return cause
        return MemoryLimitExceeded.beyond(self._memory)

    def stop(self) -> None:
        """End the worker."""
        self.worker.stop()

    def lose(self) -> None:
        """Have another worker in the place of this one, which has ended."""
        self._keeper.note_lost(self)

    def leave(self, *, whole: bool) -> None:
        """Have the worker take the next query; if its answer isn't whole, another one in its place.

        A query has no other end than its worker's.
        """
        (self._keeper.free if whole else self._keeper.replace)(self)

    def receive(self) -> Answer:
        """Wait for the next part of the answer. Raises what a request is to be told."""
        answer, self._peeked = self._peeked, None
        try:
            while answer is None and self.cause is None:
                answer = self.worker.receive()
            self._check(answer)
        except Died as error:
            self.raise_cause()
            if self.crew.is_closed:
                raise Stopping("The server is stopping; the query was ended.") from error
            raise self.fail("died", "The query ended its worker process.") from error
        except MalformedMessage as error:
            self.raise_cause()
            wrong = f"sent {error}, and was ended"
            raise self.fail(wrong, "The query's worker gave no answer.") from error
        self.raise_cause()
        assert answer is not None
        if self._streams and isinstance(answer, bytes):
            self.extend(len(answer))
        self._keeper.note(answer)
        return answer

    def peek(self) -> Answer | None:
        """Return the next part if it is there; what can't be read is for ``receive`` to find."""
        if self._peeked is None:
            try:
                self._peeked = self.worker.receive(wait=False)
            except (Died, MalformedMessage):
                return None
        return self._peeked

    def _check(self, answer: Answer | None) -> None:
        """Raise MalformedMessage for a result in another format than those that were asked for."""
        if isinstance(answer, (Whole, Head)) and answer.format not in self._formats:
            raise MalformedMessage(f"a result in the format {answer.format}")

    def fail(self, what: str, detail: str) -> EvaluationFailed:
        """Log what a worker has done; return what the request is to be told."""
        identifier = uuid.uuid4().hex
        number = self.crew.release.number
        level = logging.DEBUG if self.is_quiet else logging.ERROR
        logger.log(level, "worker of release %s %s [%s]", number, what, identifier)
        return EvaluationFailed(detail, identifier=identifier)
