"""The worker processes: who is free, who must end, and which release they have open.

Workers come from multiprocessing's fork server, a clean process without threads: forking the
server itself, which has many, isn't safe.
"""

from __future__ import annotations

import logging
import multiprocessing
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sparql_server.engine.messages import Answer, End, Failure, Head, Job
from sparql_server.engine.releases import Release, current
from sparql_server.engine.worker import run
from sparql_server.errors import Busy, EvaluationFailed, NoRelease, TimeLimitExceeded

logger = logging.getLogger(__name__)

_WATCH = 0.2  # seconds between two looks at the current release
_START = 30.0  # seconds a worker may take to open a release


class WorkerStartError(Exception):
    """A worker could not open its release."""


class Worker:
    """The server's end of a worker process."""

    def __init__(self, release: Release) -> None:
        context = multiprocessing.get_context("forkserver")
        self.release = release
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=run, args=(theirs, release.store), daemon=True)
        self._process.start()
        theirs.close()
        ready = self.receive(time.monotonic() + _START)
        if not isinstance(ready, End):
            self.kill()
            raise WorkerStartError(ready.detail if isinstance(ready, Failure) else "no answer")

    def send(self, job: Job) -> None:
        """Hand over a job."""
        self._connection.send(job)

    def receive(self, deadline: float) -> Answer | None:
        """Return the next part of the answer, or None if it isn't there by the deadline.

        A worker that has died gives a Failure.
        """
        try:
            if not self._connection.poll(max(deadline - time.monotonic(), 0)):
                return None
            answer: Answer = self._connection.recv()
            return answer
        except (EOFError, OSError):
            return Failure("died", "the worker process ended")

    def kill(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._connection.close()
        self._process.join()


@dataclass
class Result:
    """A result that has begun well.

    format: name of the format. release: number. pieces: its bytes; when they end without an
    error, the result is whole. An error raised by ``pieces`` means that it isn't.
    """

    format: str
    release: int
    pieces: Iterator[bytes]


class Pool:
    """Evaluates queries in worker processes on the current release."""

    def __init__(self, data: Path, workers: int, timeout: float, queue_timeout: float) -> None:
        """Take settings; ``start`` starts processes. timeout, queue_timeout: seconds."""
        self._data = data
        self._size = workers
        self._timeout = timeout
        self._queue_timeout = queue_timeout
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._release: Release | None = None
        self._refused: Release | None = None
        self._changed = threading.Condition()
        self._stopped = threading.Event()

    def start(self) -> None:
        """Start workers on the current release, if there is one, and watch for new ones."""
        multiprocessing.get_context("forkserver").set_forkserver_preload(
            ["sparql_server.engine.forkserver"]
        )
        self._follow()
        threading.Thread(target=self._watch, name="releases", daemon=True).start()

    def stop(self) -> None:
        """End all workers."""
        self._stopped.set()
        with self._changed:
            for worker in [*self._idle, *self._busy]:
                worker.kill()
            self._idle.clear()
            self._busy.clear()
            self._changed.notify_all()

    @property
    def release(self) -> Release | None:
        """The release that the next query is evaluated on."""
        return self._release

    def evaluate(self, job: Job) -> Result | Failure:
        """Evaluate a job; return its result once the first bytes are good, or what is wrong.

        Raises Busy, NoRelease, TimeLimitExceeded or EvaluationFailed. Whoever gets a Result must
        run its pieces to the end or close them: the worker is free only then.
        """
        worker = self._acquire()
        limit = min(self._timeout, job.timeout or self._timeout)
        deadline = time.monotonic() + limit
        try:
            with suppress(OSError):  # a worker that died while idle: receive says so
                worker.send(job)
            first = self._receive(worker, deadline, limit)
        except BaseException:
            self._replace(worker)
            raise
        if isinstance(first, Head):
            pieces = self._pieces(worker, deadline, limit)
            return Result(first.format, worker.release.number, pieces)
        self._free(worker)
        if isinstance(first, Failure):
            return first
        raise EvaluationFailed("The worker's answer has no head.")

    def _pieces(self, worker: Worker, deadline: float, limit: float) -> Iterator[bytes]:
        whole = False
        try:
            while True:
                answer = self._receive(worker, deadline, limit)
                if isinstance(answer, End):
                    whole = True
                    return
                if not isinstance(answer, bytes):
                    raise EvaluationFailed(f"The result was cut short: {answer}")
                yield answer
        finally:
            if whole:
                self._free(worker)
            else:
                self._replace(worker)

    def _receive(self, worker: Worker, deadline: float, limit: float) -> Answer:
        answer = worker.receive(deadline)
        if answer is None:
            raise TimeLimitExceeded(
                f"The query took longer than the limit of {limit:g} seconds and was ended.",
                limit=limit,
            )
        if isinstance(answer, Failure) and answer.kind == "died":
            identifier = uuid.uuid4().hex
            logger.error("worker of release %s died [%s]", worker.release.number, identifier)
            raise EvaluationFailed("The query ended its worker process.", identifier=identifier)
        return answer

    # Who is free

    def _acquire(self) -> Worker:
        deadline = time.monotonic() + self._queue_timeout
        with self._changed:
            while not self._idle:
                if self._release is None:
                    raise NoRelease("Nothing is published yet: run libris-loader release.")
                if not self._changed.wait(max(deadline - time.monotonic(), 0)):
                    raise Busy(
                        f"No worker became free within {self._queue_timeout:g} seconds.",
                        limit=self._queue_timeout,
                    )
            worker = self._idle.pop()
            self._busy.add(worker)
            return worker

    def _free(self, worker: Worker) -> None:
        with self._changed:
            known = worker in self._busy
            self._busy.discard(worker)
            if known and worker.release == self._release:
                self._idle.append(worker)
                self._changed.notify()
                return
        worker.kill()

    def _replace(self, worker: Worker) -> None:
        """End a worker and start another in its place, without the request waiting for it."""
        with self._changed:
            self._busy.discard(worker)
        worker.kill()
        if worker.release == self._release and not self._stopped.is_set():
            threading.Thread(target=self._add, args=(worker.release,), daemon=True).start()

    def _add(self, release: Release) -> None:
        try:
            worker = Worker(release)
        except (WorkerStartError, OSError) as error:
            logger.error("cannot replace a worker: %s", error)
            return
        with self._changed:
            if release == self._release and not self._stopped.is_set():
                self._idle.append(worker)
                self._changed.notify()
                return
        worker.kill()

    # Which release

    def _watch(self) -> None:
        while not self._stopped.wait(_WATCH):
            try:
                self._follow()
            except Exception:
                logger.exception("cannot follow the current release")

    def _follow(self) -> None:
        """Move to the current release if it is another one; queries under way end on theirs."""
        release = current(self._data)
        if release is None or release in (self._release, self._refused):
            return
        try:
            workers = self._open(release)
        except (WorkerStartError, OSError) as error:
            self._refused = release
            logger.error("release %s can't be served: %s", release.number, error)
            return
        with self._changed:
            retired, self._idle = self._idle, workers
            self._release, self._refused = release, None
            self._changed.notify_all()
        for worker in retired:
            worker.kill()
        if retired:
            logger.info("now serving release %s", release.number)

    def _open(self, release: Release) -> list[Worker]:
        workers: list[Worker] = []
        try:
            for _ in range(self._size):
                workers.append(Worker(release))
        except BaseException:
            for worker in workers:
                worker.kill()
            raise
        return workers
