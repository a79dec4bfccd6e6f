"""A worker at work on one query, within limits."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from sparql_server.engine.caller import Caller
from sparql_server.engine.frames import MalformedMessage
from sparql_server.engine.local.crew import Crew, Died, Worker
from sparql_server.engine.messages import Answer, Head, Job, Whole
from sparql_server.errors import (
    ClientGone,
    EvaluationFailed,
    MemoryLimitExceeded,
    RequestError,
    Stopping,
    TimeLimitExceeded,
)

logger = logging.getLogger(__name__)

_MOMENT = 0.05  # seconds


@dataclass(frozen=True, slots=True)
class Limits:
    """What queries may take. Seconds, bytes (0: any), and queries to a worker's life (0: any)."""

    workers: int = 2
    timeout: float = 60.0
    queue_timeout: float = 30.0
    memory: int = 0
    recycle: int = 0


class Work:
    """A worker at work on a query.

    ``breach`` and ``end`` are for whoever watches, from another thread than the one that waits for
    the answer and hands it on, which may be slow. told: whether that one knows of the end. quiet:
    whether the log has enough from others.
    """

    def __init__(
        self, crew: Crew, worker: Worker, job: Job, limits: Limits, caller: Caller
    ) -> None:
        self.crew = crew
        self.worker = worker
        self.caller = caller
        self.told = self.quiet = False
        self._formats = job.formats
        self._timeout = min(job.timeout or limits.timeout, limits.timeout)
        self._memory = limits.memory
        self._began = time.monotonic()
        self._deadline = self._began + self._timeout
        self._cause: RequestError | None = None
        self.lost: Callable[[Work], None] = lambda work: None

    def breach(self, now: float) -> RequestError | None:
        """Return why the query must end, if it must. now: monotonic clock.

        It may not be worth another worker that nobody waits for what is done in a moment.
        """
        is_young = now < self._began + _MOMENT
        if not is_young and self.caller.gone():
            return ClientGone("The client hung up.")
        if not is_young and 0 < self._memory < self.worker.measure():
            return MemoryLimitExceeded(
                f"The query took more memory than the limit of {self._memory:,} bytes"
                " and was ended.",
                limit=self._memory,
                unit="bytes",
            )
        if now >= self._deadline:
            return TimeLimitExceeded(
                f"The query took longer than the limit of {self._timeout:g} seconds and was ended.",
                limit=self._timeout,
                unit="seconds",
            )
        return None

    def end(self, cause: RequestError) -> None:
        """End the query, and its worker with it."""
        self._cause = cause
        self.worker.stop()

    def receive(self, received: Answer | None = None) -> Answer:
        """Wait for the next part of the answer. Raises what a request is to be told.

        received: the part, if it has come already.
        """
        try:
            answer = received
            while answer is None and self._cause is None:
                answer = self.worker.receive()
            self._check(answer)
        except Died as error:
            self._raise_cause()
            if self.crew.is_closed:
                raise Stopping("The server is stopping; the query was ended.") from error
            raise self.failed("died", "The query ended its worker process.") from error
        except MalformedMessage as error:
            self._raise_cause()
            wrong = f"sent {error}, and was ended"
            raise self.failed(wrong, "The query's worker gave no answer.") from error
        self._raise_cause()
        assert answer is not None
        return answer

    def receive_whole(self) -> Answer | None:
        """Return the first part of the answer if it is there, without waiting.

        What can't be read is for ``receive`` to find.
        """
        try:
            return self.worker.receive(wait=False)
        except (Died, MalformedMessage):
            return None

    def _check(self, answer: Answer | None) -> None:
        """Raise MalformedMessage for a result in another format than those that were asked for."""
        if isinstance(answer, (Whole, Head)) and answer.format not in self._formats:
            raise MalformedMessage(f"a result in the format {answer.format}")

    def _raise_cause(self) -> None:
        if self._cause:
            self.told = True
            raise self._cause

    def failed(self, what: str, detail: str) -> EvaluationFailed:
        """Log what a worker has done; return what the request is to be told."""
        identifier = uuid.uuid4().hex
        number = self.crew.release.number
        level = logging.DEBUG if self.quiet else logging.ERROR
        logger.log(level, "worker of release %s %s [%s]", number, what, identifier)
        return EvaluationFailed(detail, identifier=identifier)


class NoneFree(Exception):
    """No worker is free, or others have waited longer for one."""


class Errand:
    """A job in the hands of a worker, from when it was given to the first part of its answer.

    queued: seconds that it waited for the worker.
    """

    def __init__(self, work: Work, queued: float) -> None:
        self.work = work
        self.queued = queued
        self._first: Answer | None = None

    def fileno(self) -> int:
        """Return what can be read from when there is an answer."""
        return self.work.worker.fileno()

    def is_whole(self) -> bool:
        """Tell whether the answer that is there now is a whole result."""
        self._first = self.work.receive_whole()
        return isinstance(self._first, Whole)

    def first(self) -> Answer:
        """Wait for the first part. Raises what a request is to be told."""
        return self.work.receive(self._first)
