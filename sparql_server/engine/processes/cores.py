"""The cores that workers compute on: each takes one for a query, and may borrow one that is free.

Who has which is said by locks on a file without a name, which the kernel takes from a process that
has ended (https://man7.org/linux/man-pages/man2/fcntl_locking.2.html).
"""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


class Cores:
    """The cores of the processes that are forked from the one which makes this.

    count: how many there are; None: those that the process may use.
    """

    def __init__(self, count: int | None = None) -> None:
        self._file = _open_file() if sys.platform == "linux" else -1
        self._count = (count or os.cpu_count() or 1) if self._file >= 0 else 0
        if count is None and self._count:
            self._count = len(os.sched_getaffinity(0))
        self._own: int | None = None
        self._borrowed: int | None = None

    @contextmanager
    def taking_one(self) -> Iterator[None]:
        """Have a core, if one is free, while the block runs."""
        self._own = self._take()
        try:
            yield
        finally:
            own, self._own = self._own, None
            self._leave(own)

    def borrow(self) -> bool:
        """Take another core beside one's own; tell whether one was free. One at a time."""
        if self._own is None or self._borrowed is not None:
            return False
        self._borrowed = self._take()
        return self._borrowed is not None

    def give_back(self) -> None:
        """Leave the core that was borrowed."""
        borrowed, self._borrowed = self._borrowed, None
        self._leave(borrowed)

    def _take(self) -> int | None:
        """Lock a place that nobody has locked: for its own process a lock is no hindrance."""
        for place in range(self._count):
            if place != self._own:
                try:
                    fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
                except OSError:
                    continue
                return place
        return None

    def _leave(self, place: int | None) -> None:
        if place is not None:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, place)


def _open_file() -> int:
    """Return a file that nobody can write anything to, but lock."""
    file = os.memfd_create("cores", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL)
    return file
