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
from contextlib import suppress
from typing import TYPE_CHECKING

from sparql_server.engine import frames
from sparql_server.engine.columns.storage import sharing
from sparql_server.engine.frames import Frames, MalformedMessage
from sparql_server.engine.memory import anonymous
from sparql_server.engine.messages import Answer, Failure, Job, Ready
from sparql_server.engine.nursery import COMMAND, FORGET, FORK, READY
from sparql_server.engine.releases import Release

if TYPE_CHECKING:
    from sparql_server.engine.columns.storage.triples import Columns

logger = logging.getLogger(__name__)

START = 30.0  # seconds a worker may take to open a release
_FORK = 10.0  # seconds in which a nursery answers, unless it hangs


class CrewError(Exception):
    """The nursery has ended or hangs, or a worker could not open its release."""


class Died(Exception):
    """The worker process has ended."""


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
        self._control.settimeout(_FORK)
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
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        if not poll.poll(1000 * timeout):
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
        with self._lock:
            try:
                message = COMMAND.pack(FORK, 0)
                socket.send_fds(self._control, [message], [connection.fileno()])
                return self._answer()[1]
            except TimeoutError as error:
                self._process.kill()  # what it says from now on would be taken for other answers
                raise CrewError("it hangs") from error
            except OSError as error:
                raise CrewError("it has ended") from error

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
    what takes less time than there is between two looks isn't seen. safeguards: as of ``Ready``.
    """

    def __init__(self, nursery: Nursery) -> None:
        self._socket, theirs = socket.socketpair()
        self._nursery = nursery
        self._frames = Frames(self._socket)
        self._stopped = False
        try:
            with theirs:
                self.pid = nursery.fork(theirs)
        except BaseException:
            self._socket.close()
            raise
        self.queries = 0
        self.peak = 0
        self._poll = select.poll()
        self._poll.register(self._socket.fileno(), select.POLLIN)
        try:
            self.safeguards = self._greeting().safeguards
        except BaseException:
            self.kill()
            raise
        # What it shares with the nursery is none of its own.
        self._at_first = anonymous(self.pid)

    def _greeting(self) -> Ready:
        self._socket.settimeout(START)
        try:
            greeting = frames.receive(self._frames)
        except (EOFError, OSError, MalformedMessage) as error:
            raise CrewError("a worker doesn't begin") from error
        self._socket.settimeout(None)
        if not isinstance(greeting, Ready):
            raise CrewError(greeting.detail if isinstance(greeting, Failure) else "no answer")
        return greeting

    def fileno(self) -> int:
        """Return the descriptor of the connection to it."""
        return self._socket.fileno()

    def send(self, job: Job) -> None:
        """Hand over a job."""
        self.queries += 1
        frames.send_job(self._socket, job)

    def receive(self, *, wait: bool = True) -> Answer | None:
        """Return the next part of the answer; where it isn't there and ``wait`` is false, None.

        It waits until the worker has sent it or has ended. Raises Died and MalformedMessage.
        """
        try:
            answer = frames.receive(self._frames, wait=wait)
        except (EOFError, OSError) as error:
            raise Died from error
        if isinstance(answer, Ready):
            raise MalformedMessage("a greeting")
        return answer

    def measure(self) -> int:
        """Return the bytes that it has taken for queries, at most."""
        self.peak = max(self.peak, anonymous(self.pid) - self._at_first)
        return self.peak

    def ended(self) -> bool:
        """Tell whether the process has ended, or speaks, while it has nothing to do."""
        return bool(self._poll.poll(0)) or not self._frames.is_empty

    def stop(self) -> None:
        """End the process, whatever it is doing; whoever waits for its answer learns of it."""
        if not self._stopped:
            self._stopped = True
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def kill(self) -> None:
        """End the process, and let go of it. Nobody may use it any more."""
        self.stop()
        self._nursery.forget(self.pid)
        self._socket.close()


class Crew:
    """Workers on a release. All methods but ``start_one`` are called with the pool's lock held.

    mode: ``disk``; ``columns``: on disk, with its columns in memory; or ``memory``: both are.
    retired: whether it takes no more workers. trouble: why the last worker could not be started.
    not_before: when to try again, by the monotonic clock.
    """

    def __init__(self, release: Release, mode: str, confined: bool) -> None:
        self.release = release
        self.mode = mode
        self.nursery = Nursery(release, mode, confined)
        self.idle: list[Worker] = []
        self.busy: set[Worker] = set()
        self.starting = 0
        self.trouble = ""
        self.not_before = 0.0
        self.retired = False
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
        self.retired = True
        for worker in self.idle:
            worker.kill()
        self.idle.clear()
        self._close_if_done()

    def leave(self, worker: Worker) -> bool:
        """Note that a worker is not busy any more; tell whether it was until now."""
        was_busy = worker in self.busy
        self.busy.discard(worker)
        self._close_if_done()
        return was_busy

    def _close_if_done(self) -> None:
        if self.retired and not self.busy:
            self._end()

    def close(self) -> None:
        """End all of it now."""
        self.retired = True
        for worker in self.idle:
            worker.kill()
        for worker in self.busy:
            worker.stop()  # whoever reads from it lets go of it
        self.idle.clear()
        self.busy.clear()
        self._end()

    def _end(self) -> None:
        self.nursery.close()
        self._columns = None
