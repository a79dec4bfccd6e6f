"""The queue of those who wait until their query can begin: for a worker, or a place at a store."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from sparql_server.engine.client_connection import Caller
from sparql_server.errors import Busy, ClientGone

_LOOK = 0.25  # seconds between two looks at whether somebody in the queue is still there

T = TypeVar("T")


class Turns:
    """The queue. changed: held to look at what is waited for, and notified when there is more.

    waiting: how many wait. seconds: for which each may. late: what those are told who have.
    """

    def __init__(self, seconds: float, late: str) -> None:
        self.changed = threading.Condition()
        self.waiting = 0
        self._seconds = seconds
        self._late = late

    def wait_for(self, take: Callable[[], T | None], caller: Caller) -> T:
        """Wait until something can be taken, and return it; ``changed`` is held while it is tried.

        Raises Busy and ClientGone.
        """
        deadline = time.monotonic() + self._seconds
        with self.changed:
            self.waiting += 1
            try:
                while (taken := take()) is None:
                    self._wait(caller, deadline)
                return taken
            finally:
                self.waiting -= 1

    def _wait(self, caller: Caller, deadline: float) -> None:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise Busy(self._late, limit=self._seconds, unit="seconds")
        if not self.changed.wait(min(remaining, _LOOK)) and caller.gone():
            raise ClientGone("The client hung up while it waited.")
