"""Evaluates queries in worker processes: who is free, who must end, who comes in their place.

Crews replace each other between two queries; those under way end where they began.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

from sparql_server.engine.caller import Caller, Nobody
from sparql_server.engine.crew import Crew, CrewError, Worker
from sparql_server.engine.messages import End, Failure, Head, Job, Whole
from sparql_server.engine.results import Result, Status
from sparql_server.engine.work import Errand, Limits, NoneFree, Work
from sparql_server.errors import Busy, ClientGone, EvaluationFailed, NoRelease, Stopping

logger = logging.getLogger(__name__)

_LOOK = 0.25  # seconds between two looks at whether somebody in the queue is still there


class Pool:
    """Evaluates queries in the workers of a crew."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._crew: Crew | None = None
        self._waiting = 0
        self._changed = threading.Condition()
        self._stopped = False

    @property
    def crew(self) -> Crew | None:
        """The crew that evaluates the next query."""
        return self._crew

    def status(self) -> Status:
        """Return how the pool is."""
        with self._changed:
            crew = self._crew
            if crew is None:
                return Status(None, "none", 0, 0, self._waiting)
            return Status(crew.release, crew.mode, len(crew.busy), len(crew.idle), self._waiting)

    def switch_to(self, crew: Crew) -> Crew | None:
        """Have a crew evaluate the queries to come; return the one that it replaces."""
        with self._changed:
            retired, self._crew = self._crew, crew
            self._changed.notify_all()
            if retired:
                retired.retire()
        return retired

    def stop(self) -> None:
        """End all workers."""
        with self._changed:
            self._stopped = True
            if self._crew:
                self._crew.close()
            self._crew = None
            self._changed.notify_all()

    # One query

    def begin(self, job: Job, caller: Caller, waited: float = 0.0) -> Errand:
        """Give a job to a worker that is free now. Raises NoneFree.

        waited: seconds for which that was tried. Whoever gets an Errand must hand it to
        ``evaluate``.
        """
        with self._changed:
            worker = None if self._waiting else self._take_idle()
            if worker is None:
                raise NoneFree
        return self._give(job, caller, *worker, queued=waited)

    def evaluate(
        self, job: Job, caller: Caller | None = None, errand: Errand | None = None
    ) -> Result | Failure:
        """Evaluate a job; return its result once the first bytes are good, or what is wrong.

        errand: the job's, if it has begun. Raises Busy, NoRelease, TimeLimitExceeded,
        MemoryLimitExceeded, ClientGone or EvaluationFailed. Whoever gets a Result must run its
        pieces to the end or close them: the worker is free only then.
        """
        errand = errand or self._wait_and_begin(job, caller or Nobody())
        work, queued = errand.work, errand.queued
        crew, worker = work.crew, work.worker
        try:
            first = errand.first()
        except BaseException:
            self._replace(crew, worker)
            raise
        if isinstance(first, Whole):
            self._free(crew, worker)
            release = crew.release.number
            result = Result(first.format, release, crew.mode, queued, first.cpu, first.rows)
            result.give(first.body)
            return result
        if isinstance(first, Head):
            result = Result(first.format, crew.release.number, crew.mode, queued, first.cpu)
            result.pieces = self._pieces(work, result)
            return result
        self._free(crew, worker)
        if isinstance(first, Failure):
            return first
        raise EvaluationFailed("The worker's answer has no head.")

    def _pieces(self, work: Work, result: Result) -> Iterator[bytes]:
        whole = False
        try:
            while True:
                answer = work.receive()
                if isinstance(answer, End):
                    result.cpu, result.rows = answer.cpu, answer.rows
                    whole = True
                    return
                if not isinstance(answer, bytes):
                    raise EvaluationFailed(f"The result was cut short: {answer}")
                yield answer
        finally:
            (self._free if whole else self._replace)(work.crew, work.worker)

    # Who is free

    def _wait_and_begin(self, job: Job, caller: Caller) -> Errand:
        began = time.monotonic()
        crew, worker = self._acquire(caller)
        return self._give(job, caller, crew, worker, queued=time.monotonic() - began)

    def _give(
        self, job: Job, caller: Caller, crew: Crew, worker: Worker, *, queued: float
    ) -> Errand:
        timeout = min(job.timeout or self._limits.timeout, self._limits.timeout)
        try:
            with suppress(OSError):  # a worker that died while idle: receive says so
                worker.send(job)
        except BaseException:
            self._replace(crew, worker)
            raise
        return Errand(Work(crew, worker, timeout, self._limits.memory, caller), queued)

    def _acquire(self, caller: Caller) -> tuple[Crew, Worker]:
        deadline = time.monotonic() + self._limits.queue_timeout
        with self._changed:
            self._waiting += 1
            try:
                while (found := self._take_idle()) is None:
                    self._wait(caller, deadline)
                return found
            finally:
                self._waiting -= 1

    def _take_idle(self) -> tuple[Crew, Worker] | None:
        """Return a worker that is free, if there is one; the lock is held. Raises NoRelease."""
        crew = self._crew
        if self._stopped:
            raise Stopping("The server is stopping; ask again in a moment.")
        if crew is None:
            raise NoRelease("Nothing is published yet: run libris-loader release.")
        while crew.idle:
            worker = crew.idle.pop()
            if not worker.ended():
                crew.busy.add(worker)
                return crew, worker
            worker.kill()  # the engine's watch has another one started
        return None

    def _wait(self, caller: Caller, deadline: float) -> None:
        left = deadline - time.monotonic()
        if left <= 0:
            raise Busy(
                f"No worker became free within {self._limits.queue_timeout:g} seconds.",
                limit=self._limits.queue_timeout,
                unit="seconds",
            )
        if not self._changed.wait(min(left, _LOOK)) and caller.gone():
            raise ClientGone("The client hung up while it waited.")

    def _free(self, crew: Crew, worker: Worker) -> None:
        """Have a worker take the next query, unless its time is over."""
        old = 0 < self._limits.recycle <= worker.queries
        if old or worker.peak > self._limits.memory / 2 > 0:
            self._replace(crew, worker)
            return
        with self._changed:
            if crew is self._crew and worker in crew.busy:
                crew.busy.discard(worker)
                crew.idle.append(worker)
                self._changed.notify()
                return
        self._replace(crew, worker)

    def _replace(self, crew: Crew, worker: Worker) -> None:
        """End a worker, and start another in its place without the request waiting for it."""
        worker.kill()
        with self._changed:
            crew.leave(worker)
            if crew is not self._crew or self._stopped:
                return
        threading.Thread(target=self.fill, args=(crew,), daemon=True).start()

    def drop_ended(self, crew: Crew) -> None:
        """Forget the workers that have ended while they had nothing to do."""
        with self._changed:
            for worker in [one for one in crew.idle if one.ended()]:
                crew.idle.remove(worker)
                worker.kill()

    def fill(self, crew: Crew) -> None:
        """Start the workers that a crew lacks; give up, for now, when one can't be started."""
        while True:
            with self._changed:
                if self._stopped or crew.size >= self._limits.workers:
                    return
                crew.starting += 1
            worker = None
            try:
                worker = crew.start_one()
            except (CrewError, OSError) as error:
                logger.error("cannot start a worker of release %s: %s", crew.release.number, error)
                return
            finally:
                with self._changed:
                    crew.starting -= 1
                    if worker:
                        crew.idle.append(worker)
                        self._changed.notify()
