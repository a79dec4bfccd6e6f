"""The server's end of a worker process."""

from __future__ import annotations

import os
import select
import signal
import socket
from contextlib import suppress

from sparql_server.engine import frames
from sparql_server.engine.frames import Frames, MalformedMessage
from sparql_server.engine.local.nursery_connection import CrewError, Nursery
from sparql_server.engine.messages import Answer, Job, Ready
from sparql_server.engine.processes.memory import measure_anonymous
from sparql_server.errors.failures.failure import Failure

START = 30.0  # seconds a worker may take to open a release


class Died(Exception):
    """The worker process has ended."""


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
        self._at_first = measure_anonymous(self.pid)

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
        self.peak = max(self.peak, measure_anonymous(self.pid) - self._at_first)
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
