"""The pool of workers: which are free, which must end, and those that come in their place.

Crews replace each other between two queries; those under way end where they began.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from contextlib import suppress

from sparql_server.engine.client_connection import Caller, Nobody
from sparql_server.engine.handle import Handle, NotNow, Wait
from sparql_server.engine.local.crew import Crew, CrewError, Worker
from sparql_server.engine.local.query_run import Work
from sparql_server.engine.messages import Answer, Job
from sparql_server.engine.query_limits import Limits, Watchdog
from sparql_server.engine.releases import Release
from sparql_server.engine.status import Status
from sparql_server.engine.turns import Turns
from sparql_server.errors import NoRelease, Stopping
from sparql_server.errors.failures.failure import Failure

logger = logging.getLogger(__name__)

_REST = 1.0  # seconds between two tries to start a worker, where one has failed


class Pool:
    """Evaluates queries in the workers of a crew.

    answered, started: when a query was answered, and a worker started, last. damaged: when a query
    wasn't answered because the store can't be read. By the monotonic clock.
    """

    def __init__(self, limits: Limits, watchdog: Watchdog) -> None:
        self._limits = limits
        self._watchdog = watchdog
        self._crew: Crew | None = None
        self.answered = self.started = self.damaged = -math.inf
        late = f"No worker became free within {limits.queue_timeout:g} seconds."
        self._turns = Turns(limits.queue_timeout, late)
        self._changed = self._turns.changed
        self._stopped = False

    @property
    def crew(self) -> Crew | None:
        """The crew that evaluates the next query."""
        return self._crew

    @property
    def release(self) -> Release | None:
        """The release that the next query is evaluated on."""
        crew = self._crew
        return crew.release if crew else None

    def status(self) -> Status:
        """Return how the pool is."""
        with self._changed:
            crew = self._crew
            if crew is None:
                return Status(None, "none", 0, 0, self._turns.waiting)
            busy, idle = len(crew.busy), len(crew.idle)
            return Status(crew.release, crew.mode, busy, idle, self._turns.waiting)

    def switch_to(self, crew: Crew | None) -> Crew | None:
        """Have a crew, or nobody, evaluate the queries to come; return the one that it replaces."""
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

    def submit(self, job: Job, caller: Caller, wait: Wait) -> Handle:
        """Give a job to a worker, as ``Engine.submit`` says."""
        if wait is Wait.NOTHING:
            raise NotNow(again=False)
        began = time.monotonic()
        if wait is Wait.TURN:
            crew, worker = self._turns.wait_for(self._take_idle, caller)
        else:
            crew, worker = self._take_now(-1)
        queued = time.monotonic() - began if wait is Wait.TURN else 0.0
        return self._give(Work(self, crew, worker, job, self._limits, caller), job, queued)

    def probe(self, job: Job) -> Handle:
        """Give a job to the worker that has been free for longest; the log hears nothing of it.

        Raises NotNow and NoRelease.
        """
        work = Work(self, *self._take_now(0), job, self._limits, Nobody())
        work.is_quiet = True
        return self._give(work, job)

    def note(self, answer: Answer) -> None:
        """Note when there was an answer, or the store couldn't be read."""
        if isinstance(answer, Failure) and answer.kind in ("damaged", "failed"):
            self.damaged = time.monotonic() if answer.kind == "damaged" else self.damaged
        elif not isinstance(answer, bytes):
            self.answered = time.monotonic()

    def _give(self, work: Work, job: Job, queued: float = 0.0) -> Handle:
        self._watchdog.watch(work)
        try:
            with suppress(OSError):  # a worker that died while idle: receive says so
                work.worker.send(job)
        except BaseException:
            self.replace(work)
            raise
        crew = work.crew
        handle = Handle(crew.release.number, crew.mode, work, work.worker.fileno())
        handle.queued = queued
        return handle

    # Who is free

    def _take_now(self, place: int) -> tuple[Crew, Worker]:
        """Return a worker that is free now, unless others wait for one. Raises NotNow."""
        with self._changed:
            taken = None if self._turns.waiting else self._take_idle(place)
        if taken is None:
            raise NotNow(again=True)
        return taken

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

    def free(self, work: Work) -> None:
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
        self.replace(work)

    def replace(self, work: Work) -> None:
        """End a worker, and start another in its place without the request waiting for it."""
        self._watchdog.leave(work)
        work.worker.kill()
        self.note_lost(work)

    def note_lost(self, work: Work) -> None:
        """Start another worker in the place of one that has ended, if nobody has done so yet."""
        with self._changed:
            was_there = work.crew.leave(work.worker)
            if not was_there or work.crew is not self._crew or self._stopped:
                return
        threading.Thread(target=self.fill, args=(work.crew,), daemon=True).start()

    def drop_ended(self, crew: Crew) -> None:
        """Forget the workers that have ended while they had nothing to do."""
        with self._changed:
            for worker in [worker for worker in crew.idle if worker.ended()]:
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
