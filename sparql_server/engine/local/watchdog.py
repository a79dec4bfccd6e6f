"""Ends queries that exceed their limits, whatever those who wait for their answers are doing.

Whoever hands an answer on to a client may wait for the client; so it can't watch the worker.
"""

from __future__ import annotations

import logging
import threading
import time

from sparql_server.engine.local.query_run import Work

logger = logging.getLogger(__name__)

_LOOK = 0.05  # seconds between two looks at each query's time and memory, and at its client
_PATIENCE = 0.5  # seconds for whoever hands an answer on to learn that it has been cut


class Watchdog:
    """Watches queries under way, in a thread of its own."""

    def __init__(self) -> None:
        self._works: set[Work] = set()
        self._ended: list[tuple[float, Work]] = []  # and who may not know it yet
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin."""
        threading.Thread(target=self._go_on, name="watchdog", daemon=True).start()

    def watch(self, work: Work) -> None:
        """Watch a query from now on."""
        with self._lock:
            self._works.add(work)

    def leave(self, work: Work) -> bool:
        """Watch a query no more; tell whether it was within its limits to the end."""
        work.told = True
        with self._lock:
            if work in self._works:
                self._works.remove(work)
                return True
        return False

    def stop(self) -> None:
        """Watch nothing any more."""
        self._stopped.set()

    def _go_on(self) -> None:
        while not self._stopped.wait(_LOOK):
            try:
                self._look(time.monotonic())
            except Exception:
                logger.exception("cannot watch queries")

    def _look(self, now: float) -> None:
        with self._lock:
            works = list(self._works)
        for work in works:
            if self._has_ended(work, now):
                self._ended.append((now, work))
                work.lost(work)
        if self._ended:
            self._cut(now)

    def _has_ended(self, work: Work, now: float) -> bool:
        """End a query if it must end and is still under way."""
        cause = work.breach(now)
        if cause is None:
            return False
        with self._lock:  # or its worker might have another query by now
            if work not in self._works:
                return False
            self._works.remove(work)
            work.end(cause)
            return True

    def _cut(self, now: float) -> None:
        """Have those clients cut off that keep a thread from learning of a query's end."""
        waiting = [(since, work) for since, work in self._ended if not work.told]
        for since, work in waiting:
            if since < now - _PATIENCE:
                work.caller.cut()
        self._ended = [(since, work) for since, work in waiting if since >= now - _PATIENCE]
