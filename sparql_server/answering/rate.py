"""The rate of requests: when each client has sent its last ones, as many as it may send."""

from __future__ import annotations

import threading
from collections import deque

MINUTE = 60.0

TIMES = 500_000
"""Times that are kept at most, of all clients together."""

CLIENTS = 20_000
"""Clients that are known at most. Those that have asked longest ago are forgotten first."""


class Window:
    """Counts the requests of each client within the last minute, to the moment."""

    def __init__(self, rate: int) -> None:
        """rate: requests that a client may send in a minute."""
        self._rate = rate
        self._lock = threading.Lock()
        self._clients: dict[str, deque[float]] = {}  # whoever has asked last stands last
        self._kept = 0

    def wait(self, client: str, now: float) -> float:
        """Count a request; return 0, or the seconds after which it would be let in.

        now: by the monotonic clock. What isn't let in doesn't count.
        """
        with self._lock:
            times = self._clients.pop(client, None) or deque(maxlen=self._rate)
            self._clients[client] = times
            wait = times[0] + MINUTE - now if len(times) == self._rate else 0.0
            if wait <= 0:
                self._kept += len(times) < self._rate
                times.append(now)
            self._forget(now)
            return max(wait, 0.0)

    def _forget(self, now: float) -> None:
        """Drop clients that count no more, or if there are too many."""
        while True:
            client, times = next(iter(self._clients.items()))
            is_old = times[-1] <= now - MINUTE
            if not is_old and len(self._clients) <= CLIENTS and self._kept <= TIMES:
                return
            self._kept -= len(times)
            del self._clients[client]
            if not self._clients:
                return
