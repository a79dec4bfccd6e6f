"""What a format can't say."""

from __future__ import annotations


class Unwritable(Exception):
    """A format has no way to write a result; the message says what it is, and names another."""
