"""A worker at work on one query, within limits."""

from __future__ import annotations

import logging
import time
import uuid
from dataclasses import dataclass

from sparql_server.engine.caller import Caller
from sparql_server.engine.crew import CallerGone, Crew, MemoryExceeded, Worker
from sparql_server.engine.messages import Answer, Failure, Whole
from sparql_server.errors import (
    ClientGone,
    EvaluationFailed,
    MemoryLimitExceeded,
    Stopping,
    TimeLimitExceeded,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What queries may take. Seconds, bytes (0: any), and queries to a worker's life (0: any)."""

    workers: int = 2
    timeout: float = 60.0
    queue_timeout: float = 30.0
    memory: int = 0
    recycle: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """A worker at work on a query. timeout: seconds. deadline: by the monotonic clock."""

    crew: Crew
    worker: Worker
    timeout: float
    memory: int
    caller: Caller | None
    deadline: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "deadline", time.monotonic() + self.timeout)

    def receive(self, received: Answer | None = None) -> Answer:
        """Return the next part of the answer. Raises what a request is to be told.

        received: the part, if it has come already.
        """
        try:
            answer = received or self.worker.receive(self.deadline, self.caller, self.memory)
        except CallerGone as error:
            raise ClientGone("The client hung up.") from error
        except MemoryExceeded as error:
            raise MemoryLimitExceeded(
                f"The query took more memory than the limit of {self.memory:,} bytes"
                " and was ended.",
                limit=self.memory,
                unit="bytes",
            ) from error
        if answer is None:
            raise TimeLimitExceeded(
                f"The query took longer than the limit of {self.timeout:g} seconds and was ended.",
                limit=self.timeout,
                unit="seconds",
            )
        if isinstance(answer, Failure) and answer.kind == "died":
            if self.crew.is_closed:
                raise Stopping("The server is stopping; the query was ended.")
            identifier = uuid.uuid4().hex
            logger.error("worker of release %s died [%s]", self.crew.release.number, identifier)
            raise EvaluationFailed("The query ended its worker process.", identifier=identifier)
        return answer


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
        self._first = self.work.worker.receive(self.work.deadline)
        return isinstance(self._first, Whole)

    def first(self) -> Answer:
        """Wait for the first part. Raises what a request is to be told."""
        return self.work.receive(self._first)
