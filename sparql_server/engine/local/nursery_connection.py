"""The server's end of a nursery."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
import threading
from collections import deque
from contextlib import suppress

from sparql_server.engine.local.nursery import COMMAND, FORGET, FORK, READY
from sparql_server.engine.releases import Release

_FORK = 10.0  # seconds in which a nursery answers, unless it hangs


class CrewError(Exception):
    """The nursery has ended or hangs, or a worker could not open its release."""


class Nursery:
    """The server's end of a nursery. mode: ``disk`` or ``columns``."""

    def __init__(self, release: Release, mode: str, confined: bool) -> None:
        self._control, theirs = socket.socketpair()
        command = [
            sys.executable,
            "-P",
            "-m",
            "sparql_server.engine.local.nursery",
            str(theirs.fileno()),
        ]
        command += [mode, str(release.path), "confined" if confined else "connected"]
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
        self._forgotten: deque[int] = deque()
        self.confined = False

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
        command, confined = self._answer()
        self.confined = bool(confined)
        if command != READY:
            raise CrewError("it can't open the release")
        return True

    def fork(self, connection: socket.socket) -> int:
        """Fork a worker at the other end of this socket; return its process number."""
        try:
            return self._forked(connection)
        finally:
            self._send_forgotten()

    def _forked(self, connection: socket.socket) -> int:
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
        self._forgotten.append(pid)
        self._send_forgotten()

    def _send_forgotten(self) -> None:
        """Say which processes are forgotten, unless somebody waits for the nursery to fork.

        Who does says it afterwards: a nursery that hangs keeps nobody else waiting.
        """
        while self._forgotten and self._lock.acquire(blocking=False):
            try:
                with suppress(OSError, IndexError):
                    while True:
                        pid = self._forgotten.popleft()
                        self._control.sendall(COMMAND.pack(FORGET, pid))
            finally:
                self._lock.release()

    def _answer(self) -> tuple[bytes, int]:
        return _read(self._control.recv(COMMAND.size, socket.MSG_WAITALL))

    def close(self) -> None:
        """End the process, and with it every worker that is left; wait for nothing."""
        self._process.kill()
        self._control.close()
        threading.Thread(target=self._process.wait, name="reaper", daemon=True).start()


def _read(answer: bytes) -> tuple[bytes, int]:
    if len(answer) < COMMAND.size:
        raise CrewError("it has ended")
    command, number = COMMAND.unpack(answer)
    return command, number
