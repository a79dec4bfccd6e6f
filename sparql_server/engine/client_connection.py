"""The client, as far as an engine cares: whether it is still there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Caller(Protocol):
    """A client that waits for an answer."""

    def gone(self) -> bool:
        """Tell whether nobody waits any more."""

    def cut(self) -> None:
        """End an answer that has been cut short, and whose client keeps it from being said."""


class Connected:
    """A caller at the other end of a connection. disconnected: tells whether it has hung up."""

    def __init__(self, disconnected: Callable[[], bool], cut: Callable[[], None]) -> None:
        self.gone = disconnected
        self.cut = cut


class Nobody:
    """A caller of whom nothing is known: a test, the command line."""

    def gone(self) -> bool:
        """Return False."""
        return False

    def cut(self) -> None:
        """Do nothing: nobody takes an answer slowly."""
