"""The budget for the heads of unanswered requests: bytes, of all connections together.

Bodies go into files when they are large; heads can't. Where many large ones come slowly, the one
that has taken longest makes room for others.
"""

from __future__ import annotations

import threading
from typing import Protocol

SMALL = 16 * 1024
"""Bytes of a head that every connection has room for."""

SIZE = 64 * 1024 * 1024
"""Bytes of larger heads, of all connections together."""

COPIES = 4
"""Copies of a head that has been read: as a line, as its address, as what that asks."""


class Sender(Protocol):
    """A connection, as far as it sends. began: when its request did. is_sending: it isn't whole."""

    began: float
    is_sending: bool

    def handle_close(self) -> None:
        """End it."""


class Intake:
    """The connections that have large heads. used: bytes of these heads."""

    def __init__(self, size: int = SIZE) -> None:
        self.size = size
        self.used = 0
        self._sizes: dict[Sender, int] = {}
        self._lock = threading.RLock()

    def note(self, sender: Sender, size: int) -> bool:
        """Note the size of what a connection has sent; tell whether there is room for it."""
        with self._lock:
            self.used += size - self._sizes.pop(sender, 0)
            if size:
                self._sizes[sender] = size
            while self.used > self.size:
                slow = [other for other in self._sizes if other is not sender and other.is_sending]
                if not slow:
                    return False
                slowest = min(slow, key=lambda other: other.began)
                self.used -= self._sizes.pop(slowest)
                slowest.handle_close()
            return True
