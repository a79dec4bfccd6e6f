"""The worker processes on one release, and the nursery they are forked from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sparql_server.engine.local.nursery_connection import CrewError, Nursery
from sparql_server.engine.local.worker_connection import START, Died, Worker
from sparql_server.engine.releases import Release

if TYPE_CHECKING:
    from sparql_server.engine.columns.storage.triples import Columns

__all__ = ["START", "Crew", "CrewError", "Died", "Nursery", "Worker"]


class Crew:
    """Workers on a release. All methods but ``start_one`` are called with the pool's lock held.

    mode: ``columns``, or ``disk`` if the release has none that can be used; missing: why, then.
    columns: the release's, if it has any. Whoever has got them may keep them, and so the files,
    until after the crew has ended.
    is_closed: whether workers have been ended by us, and not by what they did.
    retired: whether it takes no more workers. trouble: why the last worker could not be started.
    not_before: when to try again, by the monotonic clock.
    """

    def __init__(self, release: Release, confined: bool, *, text: bool = False) -> None:
        self.release = release
        self.columns, self.missing = (None, "") if text else _open_columns(release)
        self.mode = "text" if text else "disk" if self.columns is None else "columns"
        self.nursery = Nursery(release, self.mode, confined)
        self.idle: list[Worker] = []
        self.busy: set[Worker] = set()
        self.starting = 0
        self.is_closed = False
        self.trouble = ""
        self.not_before = 0.0
        self.retired = False

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
        self.columns = None


def _open_columns(release: Release) -> tuple[Columns | None, str]:
    """Return a release's columns, mapped; or None, and why it has none that can be used."""
    from sparql_server.engine.columns.storage.layout import ColumnsError
    from sparql_server.engine.columns.storage.triples import Columns

    folder = release.path / "columns"
    if not folder.is_dir():
        return None, "it was published by an earlier version; the next release has them"
    try:
        return Columns.of(folder), ""
    except ColumnsError as error:
        return None, str(error)
