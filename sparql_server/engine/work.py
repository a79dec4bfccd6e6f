"""A worker at work on one query, within limits."""

from __future__ import annotations

import logging
import time
import uuid
from dataclasses import dataclass

from sparql_server.engine.caller import Caller
from sparql_server.engine.crew import CallerGone, Crew, MemoryExceeded, Worker
from sparql_server.engine.messages import Answer, Failure
from sparql_server.errors import (
    ClientGone,
    EvaluationFailed,
    MemoryLimitExceeded,
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

    def receive(self) -> Answer:
        """Return the next part of the answer. Raises what a request is to be told."""
        try:
            answer = self.worker.receive(self.deadline, self.caller, self.memory)
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
            identifier = uuid.uuid4().hex
            logger.error("worker of release %s died [%s]", self.crew.release.number, identifier)
            raise EvaluationFailed("The query ended its worker process.", identifier=identifier)
        return answer
