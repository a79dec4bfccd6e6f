"""Versions of a document: which of two is the newer, as far as their datestamps tell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from loader.archive.packing import Packed


class Known(NamedTuple):
    """The archive's version of a document. received: when its content came, or came again."""

    digest: bytes
    datestamp: str | None
    deleted: bool
    received: str

    def is_newer(self, datestamp: str | None, since: str | None) -> bool:
        """Tell whether it is newer than a version with this datestamp.

        since: when the run began that brings the version; None to ask no questions. A datestamp
        that was in the future when it came proves nothing but within one run.
        """
        if since is None or datestamp is None or self.datestamp is None:
            return False
        is_proof = self.received >= since or self.datestamp <= self.received
        return is_proof and self.datestamp > datestamp


def is_news(row: Packed, known: Known | None, since: str | None) -> bool:
    """Tell whether a document is another than the one that is known, and not an older one."""
    if known is None:
        return True
    return known.digest != row.digest and not known.is_newer(row.datestamp, since)


def pick_newest(rows: Iterable[Packed]) -> dict[str, Packed]:
    """Return the newest version of each document, by name; the last one if that isn't known."""
    newest: dict[str, Packed] = {}
    for row in rows:
        known = newest.get(row.name)
        if known is None or (row.datestamp or "~") >= (known.datestamp or ""):
            newest[row.name] = row
    return newest
