"""What waits to be sent to a client, lying where it lies: no copy of it is made.

It has what waitress wants of its buffers, which copy what they are given, and into a file if it is
large.
"""

from __future__ import annotations

from sparql_server.budget import Body, Budget
from sparql_server.cache import LARGE


class Lying:
    """Bytes that are read, never added to. budget: gets them back at the end, if it gave them."""

    def __init__(self, data: bytes, budget: Budget | None) -> None:
        self._rest = memoryview(data)
        self._budget = budget
        self._size = len(data)

    def __len__(self) -> int:
        return len(self._rest)

    def __bool__(self) -> bool:
        return True  # as waitress's own: empty ones are buffers, too

    def get(self, size: int = -1, skip: bool = False) -> memoryview:
        """Return the next bytes, at most so many; skip: they are done with."""
        found = self._rest if size < 0 else self._rest[:size]
        if skip:
            self.skip(len(found))
        return found

    def skip(self, size: int, allow_prune: bool = False) -> None:
        """Say that so many bytes are done with."""
        self._rest = self._rest[size:]

    def prune(self) -> None:
        """Do nothing: it takes no room of its own."""

    def close(self) -> None:
        """Let the bytes go."""
        self._rest = memoryview(b"")
        budget, self._budget = self._budget, None
        if budget:
            budget.give(self._size)


def lying(data: bytes, budget: Budget) -> Lying | None:
    """Return a piece of an answer as it waits to be sent; None: it is to be copied.

    What is counted already needs nothing of the budget. What is small isn't worth it, and what
    there is no room for goes into a file.
    """
    if len(data) < LARGE:
        return None
    if isinstance(data, Body):
        return Lying(data, None)
    return Lying(data, budget) if budget.take(len(data)) else None
