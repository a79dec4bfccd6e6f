"""The client, as far as an engine cares: whether it is still there."""

from __future__ import annotations

from typing import Protocol


class Caller(Protocol):
    """A client that waits for an answer."""

    def gone(self) -> bool:
        """Tell whether nobody waits any more."""

    def cut(self) -> None:
        """End an answer that has been cut short, and whose client keeps it from being said."""


class Nobody:
    """A caller of whom nothing is known: a test, the command line."""

    def gone(self) -> bool:
        """Return False."""
        return False

    def cut(self) -> None:
        """Do nothing: nobody takes an answer slowly."""
