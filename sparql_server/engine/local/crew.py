"""The worker processes on one release, and the nursery they are forked from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparql_server.engine.columns.storage import sharing
from sparql_server.engine.local.nursery_end import CrewError, Nursery
from sparql_server.engine.local.worker_end import START, Died, Worker
from sparql_server.engine.releases import Release

if TYPE_CHECKING:
    from sparql_server.engine.columns.storage.triples import Columns

__all__ = ["START", "Crew", "CrewError", "Died", "Nursery", "Worker"]


class Crew:
    """Workers on a release. All methods but ``start_one`` are called with the pool's lock held.

    mode: ``disk``; ``columns``: on disk, with its columns in memory; or ``memory``: both are.
    is_closed: whether workers have been ended by us, and not by what they did.
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
        self.is_closed = False
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
        """End all of it now, queries under way too."""
        self.is_closed = self.retired = True
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
