"""The worker processes on one release, and the nursery they are forked from."""

from __future__ import annotations

import logging
import mmap
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import TYPE_CHECKING

from sparql_server.engine.caller import Caller
from sparql_server.engine.columns.storage import sharing
from sparql_server.engine.memory import anonymous
from sparql_server.engine.messages import Answer, End, Failure, Job
from sparql_server.engine.nursery import COMMAND, FORGET, FORK, READY
from sparql_server.engine.releases import Release

if TYPE_CHECKING:
    from sparql_server.engine.columns.storage.triples import Columns

logger = logging.getLogger(__name__)

START = 30.0  # seconds a worker may take to open a release
LOOK = 0.05  # seconds between two looks at a worker's memory, and at its caller


class CrewError(Exception):
    """The nursery has ended, or a worker could not open its release."""


class CallerGone(Exception):
    """Nobody waits for the answer any more."""


class MemoryExceeded(Exception):
    """The query takes more memory than it may."""


class Nursery:
    """The server's end of a nursery. mode: ``disk``, ``columns`` or ``memory``.

    shared: the memory that has the release's columns, if there is any.
    """

    def __init__(self, release: Release, mode: str, confined: bool) -> None:
        self._control, theirs = socket.socketpair()
        command = [sys.executable, "-P", "-m", "sparql_server.engine.nursery", str(theirs.fileno())]
        command += [mode, str(release.store), "confined" if confined else "connected"]
        self._process = subprocess.Popen(
            command,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            # Those of numpy would have threads, which must not be there when it forks.
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
        theirs.close()
        self._lock = threading.Lock()
        self.confined = False
        self.shared: mmap.mmap | None = None

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    def alive(self) -> bool:
        """Tell whether the process is still there."""
        return self._process.poll() is None

    def ready(self, timeout: float) -> bool:
        """Tell whether workers can be forked, waiting for it at most so many seconds.

        Raises CrewError if they never can.
        """
        if not wait([self._control], timeout):
            return False
        answer, descriptors, _, _ = socket.recv_fds(self._control, COMMAND.size, 1)
        if descriptors:
            self.shared = sharing.mapped(descriptors[0])
        command, confined = _read(answer)
        self.confined = bool(confined)
        if command != READY:
            raise CrewError("it can't hold the release")
        return True

    def fork(self, connection: socket.socket) -> int:
        """Fork a worker at the other end of this socket; return its process number."""
        with self._lock, suppress(OSError):
            message = COMMAND.pack(FORK, 0)
            socket.send_fds(self._control, [message], [connection.fileno()])
            return self._answer()[1]
        raise CrewError("it has ended")

    def forget(self, pid: int) -> None:
        """Say that nobody will signal this process any more, so that its number may be reused."""
        with self._lock, suppress(OSError):
            self._control.sendall(COMMAND.pack(FORGET, pid))

    def _answer(self) -> tuple[bytes, int]:
        return _read(self._control.recv(COMMAND.size, socket.MSG_WAITALL))

    def close(self) -> None:
        """End the process, and with it every worker that is left.

        A process that holds gigabytes takes its time to end, and nobody is to wait for it.
        """
        self._process.kill()
        self._control.close()
        self.shared = None
        threading.Thread(target=self._process.wait, name="reaper", daemon=True).start()


def _read(answer: bytes) -> tuple[bytes, int]:
    if len(answer) < COMMAND.size:
        raise CrewError("it has ended")
    command, number = COMMAND.unpack(answer)
    return command, number


class Worker:
    """The server's end of a worker process.

    queries: that it has been given. peak: bytes that it was seen to have taken for them, at most;
    what takes less time than ``LOOK`` isn't seen.
    """

    def __init__(self, nursery: Nursery) -> None:
        ours, theirs = socket.socketpair()
        self._nursery = nursery
        self._connection = Connection(ours.detach())
        with theirs:
            self.pid = nursery.fork(theirs)
        self.queries = 0
        self.peak = 0
        self._at_first = 0
        self._looked = 0.0
        self._poll = select.poll()
        self._poll.register(self._connection.fileno(), select.POLLIN)
        ready = self.receive(time.monotonic() + START)
        if not isinstance(ready, End):
            self.kill()
            raise CrewError(ready.detail if isinstance(ready, Failure) else "no answer")
        # What it shares with the nursery is none of its own.
        self._at_first, self.peak = anonymous(self.pid), 0

    def fileno(self) -> int:
        """Return the descriptor of the connection to it."""
        return self._connection.fileno()

    def send(self, job: Job) -> None:
        """Hand over a job."""
        self.queries += 1
        self._looked = time.monotonic()
        self._connection.send(job)

    def receive(
        self, deadline: float, caller: Caller | None = None, memory: int = 0
    ) -> Answer | None:
        """Return the next part of the answer, or None if it isn't there by the deadline.

        A worker that has died gives a Failure. memory: bytes that the query may take; 0: any.
        Raises CallerGone and MemoryExceeded.
        """
        try:
            while (now := time.monotonic()) < deadline:
                # Also where there always is a next part: its reader may be slower than the worker.
                if now >= self._looked + LOOK:
                    self._looked = now
                    self._look(caller, memory)
                if self._poll.poll(1000 * min(LOOK, deadline - now)):
                    answer: Answer = self._connection.recv()
                    return answer
            return None
        except (EOFError, OSError):
            return Failure("died", "the worker process ended")

    def _look(self, caller: Caller | None, memory: int) -> None:
        if caller and caller.gone():
            raise CallerGone
        self.peak = max(self.peak, anonymous(self.pid) - self._at_first)
        if 0 < memory < self.peak:
            raise MemoryExceeded

    def ended(self) -> bool:
        """Tell whether the process has ended while it had nothing to do."""
        return bool(self._poll.poll(0))

    def kill(self) -> None:
        """End the process, whatever it is doing."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        self._nursery.forget(self.pid)
        self._connection.close()


class Crew:
    """Workers on a release. All methods but ``start_one`` are called with the pool's lock held.

    mode: ``disk``; ``columns``: on disk, with its columns in memory; or ``memory``: both are.
    is_closed: whether workers have been ended by us, and not by what they did.
    """

    def __init__(self, release: Release, mode: str, confined: bool) -> None:
        self.release = release
        self.mode = mode
        self.nursery = Nursery(release, mode, confined)
        self.idle: list[Worker] = []
        self.busy: set[Worker] = set()
        self.starting = 0
        self.is_closed = False
        self._retired = False
        self._columns: Columns | None = None

    @property
    def columns(self) -> Columns | None:
        """The release's columns, if it has any: without the lock, by whoever wants them.

        Whoever has got them may keep them, and so the memory, until after the crew has ended.
        """
        shared = self.nursery.shared
        if shared is None:
            return None
        if self._columns is None:
            self._columns = sharing.columns_of(shared)
        return self._columns

    @property
    def size(self) -> int:
        """The number of workers there are or will be in a moment."""
        return len(self.idle) + len(self.busy) + self.starting

    def start_one(self) -> Worker:
        """Fork a worker. Raises CrewError."""
        return Worker(self.nursery)

    def retire(self) -> None:
        """End what is idle; what is busy ends when it is done, and the nursery after it."""
        self._retired = True
        for worker in self.idle:
            worker.kill()
        self.idle.clear()
        self._close_if_done()

    def leave(self, worker: Worker) -> None:
        """Note that a worker is not busy any more."""
        self.busy.discard(worker)
        self._close_if_done()

    def _close_if_done(self) -> None:
        if self._retired and not self.busy:
            self._end()

    def close(self) -> None:
        """End all of it now, queries under way too."""
        self.is_closed = True
        self.idle.clear()
        self.busy.clear()
        self._end()

    def _end(self) -> None:
        self.nursery.close()
        self._columns = None
