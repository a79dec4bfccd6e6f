"""Budgets of bytes: whoever wants to hold more of them asks first.

A body that is counted tells its budget when nobody holds it any more, however it was passed on:
the last to let it go may be the cache, or the connection of a client that reads slowly.
"""

from __future__ import annotations

import threading


class Budget:
    """Keeper of so many bytes. used: of them. Takes and gives from any thread."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.used = 0
        # Not a plain lock: what gives bytes back may be run wherever memory is freed.
        self._lock = threading.RLock()

    def take(self, size: int) -> bool:
        """Take bytes if there are so many; tell whether there were."""
        with self._lock:
            if self.used + size > self.size:
                return False
            self.used += size
            return True

    def give(self, size: int) -> None:
        """Give bytes back."""
        with self._lock:
            self.used -= size


class Body(bytes):
    """A result's bytes, counted as long as anything refers to them, a part of them included."""

    __slots__ = ()
    _of: Budget

    def __del__(self) -> None:
        self._of.give(len(self))


def count_in(budget: Budget) -> type[Body]:
    """Return the class of bodies whose bytes have been taken from this budget.

    A class for each budget, since bytes have no place for more than themselves.
    """
    return type("Body", (Body,), {"__slots__": (), "_of": budget})
