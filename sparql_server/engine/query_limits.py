"""The limits of queries: what they may take, and the watch that ends those which take more.

Whoever hands an answer on to a client may wait for the client; so it can't watch the clock.
"""

from __future__ import annotations

import logging
import threading
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass

from sparql_server.engine.client_connection import Caller
from sparql_server.engine.messages import Answer, Job
from sparql_server.errors import ClientGone, EvaluationFailed, RequestError, TimeLimitExceeded

logger = logging.getLogger(__name__)

SLOWEST = 64 * 1024
"""Bytes a second at which a stream of everything goes on for as long as it takes."""

_LOOK = 0.05  # seconds between two looks at each query's time and memory, and at its client
_PATIENCE = 0.5  # seconds for whoever hands an answer on to learn that it has been cut
_MOMENT = 0.05  # seconds


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of queries. Seconds, bytes (0: any), and queries to a worker's life (0: any).

    workers: queries under way at once. queue_timeout: for which a query waits until it is one.
    """

    workers: int = 2
    timeout: float = 60.0
    queue_timeout: float = 30.0
    memory: int = 0
    recycle: int = 0

    def seconds_for(self, job: Job) -> float:
        """Return the seconds that a job may take."""
        return min(job.timeout or self.timeout, self.timeout)


class Run(ABC):
    """A query under way, which sends the parts of its answer.

    ``breach``, ``end`` and ``lose`` are for the watchdog, from another thread than the one that
    waits for the answer and hands it on, which may be slow. timeout: seconds that it may take.
    deadline: when they are over, by the monotonic clock. cause: why it has been ended. is_told:
    whether whoever waits knows of that.
    """

    def __init__(self, timeout: float, caller: Caller) -> None:
        self.caller = caller
        self.timeout = timeout
        self.cause: RequestError | None = None
        self.is_told = False
        self._began = time.monotonic()
        self.deadline = self._began + self.timeout

    def extend(self, size: int) -> None:
        """Give a stream more time for so many bytes that a client has taken."""
        self.deadline += size / SLOWEST

    @abstractmethod
    def receive(self) -> Answer:
        """Wait for the next part of the answer. Raises what a request is to be told."""

    @abstractmethod
    def peek(self) -> Answer | None:
        """Return the next part if it is there, which ``receive`` will return; raises nothing."""

    @abstractmethod
    def leave(self, *, whole: bool) -> None:
        """Say that nobody receives any more. whole: the answer has come to its end."""

    @abstractmethod
    def fail(self, what: str, detail: str) -> EvaluationFailed:
        """Log what it has done that it must not; return what the request is to be told."""

    @abstractmethod
    def lose(self) -> None:
        """Let others have what it has taken, after ``end``."""

    @abstractmethod
    def stop(self) -> None:
        """End whatever evaluates it; whoever waits in ``receive`` goes on."""

    def breach(self, now: float) -> RequestError | None:
        """Return why the query must end, if it must. now: monotonic clock.

        It may not be worth another worker that nobody waits for what is done in a moment.
        """
        if not self.is_young(now) and self.caller.gone():
            return ClientGone("The client hung up.")
        if now >= self.deadline:
            return TimeLimitExceeded.beyond(self.timeout)
        return None

    def is_young(self, now: float) -> bool:
        """Tell whether the query has only just begun."""
        return now < self._began + _MOMENT

    def end(self, cause: RequestError) -> None:
        """End the query; ``receive`` raises the cause."""
        self.cause = cause
        self.stop()

    def raise_cause(self) -> None:
        """Raise why the query has been ended, if it has."""
        if self.cause:
            self.is_told = True
            raise self.cause


class Watchdog:
    """Ends queries that exceed their limits, in a thread of its own."""

    def __init__(self) -> None:
        self._runs: set[Run] = set()
        self._ended: list[tuple[float, Run]] = []  # and who may not know it yet
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin."""
        threading.Thread(target=self._go_on, name="watchdog", daemon=True).start()

    def watch(self, run: Run) -> None:
        """Watch a query from now on."""
        with self._lock:
            self._runs.add(run)

    def leave(self, run: Run) -> bool:
        """Watch a query no more; tell whether it was within its limits to the end."""
        run.is_told = True
        with self._lock:
            if run in self._runs:
                self._runs.remove(run)
                return True
        return False

    def stop(self) -> None:
        """Watch nothing any more."""
        self._stopped.set()

    def _go_on(self) -> None:
        while not self._stopped.wait(_LOOK):
            try:
                self._look(time.monotonic())
            except Exception:
                logger.exception("cannot watch queries")

    def _look(self, now: float) -> None:
        with self._lock:
            runs = list(self._runs)
        for run in runs:
            if self._ends(run, now):
                self._ended.append((now, run))
                run.lose()
        if self._ended:
            self._cut(now)

    def _ends(self, run: Run, now: float) -> bool:
        """End a query if it must end and is still under way; tell whether it was."""
        cause = run.breach(now)
        if cause is None:
            return False
        with self._lock:  # or its worker might have another query by now
            if run not in self._runs:
                return False
            self._runs.remove(run)
            run.end(cause)
            return True

    def _cut(self, now: float) -> None:
        """Have those clients cut off that keep a thread from learning of a query's end."""
        waiting = [(since, run) for since, run in self._ended if not run.is_told]
        for since, run in waiting:
            if since < now - _PATIENCE:
                run.caller.cut()
        self._ended = [(since, run) for since, run in waiting if since >= now - _PATIENCE]
