"""Evaluates queries in worker processes: who is free, who must end, who comes in their place.

Crews replace each other between two queries; those under way end where they began.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

from sparql_server.engine.caller import Caller, Nobody
from sparql_server.engine.local.crew import Crew, CrewError, Worker
from sparql_server.engine.local.query_run import Errand, Limits, NoneFree, Work
from sparql_server.engine.local.watchdog import Watchdog
from sparql_server.engine.messages import Answer, End, Failure, Head, Job, Whole
from sparql_server.engine.results import Result, Status
from sparql_server.errors import Busy, ClientGone, NoRelease, Stopping

logger = logging.getLogger(__name__)

_CUT = "The result was cut short."
_REST = 1.0  # seconds between two tries to start a worker, where one has failed
_LOOK = 0.25  # seconds between two looks at whether somebody in the queue is still there


class Pool:
    """Evaluates queries in the workers of a crew.

    answered, started: when a query was answered, and a worker started, last. damaged: when a query
    wasn't answered because the store can't be read. By the monotonic clock.
    """

    def __init__(self, limits: Limits, watchdog: Watchdog) -> None:
        self._limits = limits
        self._watchdog = watchdog
        self._crew: Crew | None = None
        self._waiting = 0
        self.answered = self.started = self.damaged = -math.inf
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
            self.damaged = -math.inf
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

    def begin(
        self, job: Job, caller: Caller, waited: float = 0.0, *, longest: bool = False
    ) -> Errand:
        """Give a job to a worker that is free now. Raises NoneFree and NoRelease.

        waited: seconds for which that was tried. longest: to the one that has been free for
        longest. Whoever gets an Errand must hand it to ``evaluate``.
        """
        with self._changed:
            worker = None if self._waiting else self._take_idle(0 if longest else -1)
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
        number, mode = work.crew.release.number, work.crew.mode
        try:
            first = errand.first()
            if isinstance(first, (bytes, End)):
                raise work.failed("sent a result without a head", "The answer has no beginning.")
        except BaseException:
            self._replace(work)
            raise
        self._note(first)
        if isinstance(first, Whole):
            self._free(work)
            result = Result(first.format, number, mode, queued, first.cpu, first.rows)
            result.give(first.body)
            return result
        if isinstance(first, Head):
            result = Result(first.format, number, mode, queued, first.cpu)
            result.pieces = self._pieces(work, result)
            return result
        self._free(work)
        return first

    def _pieces(self, work: Work, result: Result) -> Iterator[bytes]:
        whole = False
        try:
            while True:
                answer = work.receive()
                self._note(answer)
                if isinstance(answer, End):
                    result.cpu, result.rows = answer.cpu, answer.rows
                    whole = True
                    return
                if isinstance(answer, Failure):
                    raise work.failed(f"ended a result: {answer.detail}", _CUT)
                if not isinstance(answer, bytes):
                    raise work.failed("sent another head", _CUT)
                yield answer
        finally:
            (self._free if whole else self._replace)(work)

    def _note(self, answer: Answer) -> None:
        if isinstance(answer, Failure) and answer.kind in ("damaged", "failed"):
            self.damaged = time.monotonic() if answer.kind == "damaged" else self.damaged
        elif not isinstance(answer, bytes):
            self.answered = time.monotonic()

    # Who is free

    def _wait_and_begin(self, job: Job, caller: Caller) -> Errand:
        began = time.monotonic()
        crew, worker = self._acquire(caller)
        return self._give(job, caller, crew, worker, queued=time.monotonic() - began)

    def _give(
        self, job: Job, caller: Caller, crew: Crew, worker: Worker, *, queued: float
    ) -> Errand:
        work = Work(crew, worker, job, self._limits, caller)
        work.lost = self._note_lost
        self._watchdog.watch(work)
        try:
            with suppress(OSError):  # a worker that died while idle: receive says so
                worker.send(job)
        except BaseException:
            self._replace(work)
            raise
        return Errand(work, queued)

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

    def _take_idle(self, place: int = -1) -> tuple[Crew, Worker] | None:
        """Return a worker that is free, if there is one; the lock is held. Raises NoRelease."""
        crew = self._crew
        if self._stopped:
            raise Stopping("The server is stopping; ask again in a moment.")
        if crew is None:
            raise NoRelease("Nothing is published yet: run libris-loader release.")
        while crew.idle:
            worker = crew.idle.pop(place)
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

    def _free(self, work: Work) -> None:
        """Have a worker take the next query, unless its time is over, or it says more."""
        crew, worker = work.crew, work.worker
        sound = self._watchdog.leave(work)
        old = 0 < self._limits.recycle <= worker.queries
        large = worker.peak > self._limits.memory / 2 > 0
        if sound and not (old or large or worker.ended()):
            with self._changed:
                if crew is self._crew and worker in crew.busy:
                    crew.busy.discard(worker)
                    crew.idle.append(worker)
                    self._changed.notify()
                    return
        self._replace(work)

    def _replace(self, work: Work) -> None:
        """End a worker, and start another in its place without the request waiting for it."""
        self._watchdog.leave(work)
        work.worker.kill()
        self._note_lost(work)

    def _note_lost(self, work: Work) -> None:
        """Start another worker in the place of one that has ended, if nobody has done so yet."""
        with self._changed:
            was_there = work.crew.leave(work.worker)
            if not was_there or work.crew is not self._crew or self._stopped:
                return
        threading.Thread(target=self.fill, args=(work.crew,), daemon=True).start()

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
                if self._stopped or crew.retired or crew.size >= self._limits.workers:
                    return
                if time.monotonic() < crew.not_before:
                    return
                crew.starting += 1
            worker = None
            try:
                worker = crew.start_one()
            except (CrewError, OSError) as error:
                self._note_trouble(crew, str(error))
                return
            finally:
                with self._changed:
                    crew.starting -= 1
                    if worker and (self._stopped or crew.retired):
                        worker.kill()
                    elif worker:
                        crew.trouble = ""
                        self.started = time.monotonic()
                        crew.idle.append(worker)
                        self._changed.notify()

    def _note_trouble(self, crew: Crew, trouble: str) -> None:
        """Log, once, why a worker can't be started, where that isn't for whoever makes the crew."""
        if crew is self._crew and trouble != crew.trouble:
            logger.error("cannot start a worker of release %s: %s", crew.release.number, trouble)
        crew.trouble, crew.not_before = trouble, time.monotonic() + _REST
