"""The report of a harvest: counts by set, remarks, traffic."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from loader.provider.http import Traffic

logger = logging.getLogger(__name__)

Shown = Callable[[int, str | None], None]
"""Called after each page with its number of records and the datestamp reached."""


_SUMMED = ("received", "new", "changed", "unchanged", "deleted", "quarantined", "pages")


class Remark(Protocol):
    """Called with a sentence about what was not as it should be, and has been dealt with."""

    def __call__(self, sentence: str, *, warning: bool = False) -> None:
        """Note it. warning: it needs a look."""


@dataclass(slots=True)
class Counts:
    """The counts of one selection. received: records, deletions and quarantined ones included."""

    received: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    quarantined: int = 0
    pages: int = 0
    finished: bool = False

    def add(self, other: Counts) -> None:
        """Add what came of another selection, or of another run."""
        for name in _SUMMED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.finished = self.finished and other.finished

    def __str__(self) -> str:
        """Return what people are told of it."""
        return (
            f"{self.received:,} received, {self.new:,} new, {self.changed:,} changed,"
            f" {self.unchanged:,} unchanged, {self.deleted:,} deleted,"
            f" {self.quarantined:,} unreadable"
        )


@dataclass(slots=True)
class HarvestReport:
    """The report of a harvest. sets: counts by setSpec (empty: everything). seconds: wall-clock.

    remarks: sentences about what was not as it should be.
    """

    sets: dict[str, Counts] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    seconds: float = 0.0
    traffic: Traffic = field(default_factory=Traffic)

    def remark(self, sentence: str, *, warning: bool = False) -> None:
        """Note a sentence and say it, once."""
        if sentence not in self.remarks:
            self.remarks.append(sentence)
            logger.log(logging.WARNING if warning else logging.INFO, "%s", sentence)

    def total(self) -> Counts:
        """Return the sum over all sets; finished if all of them are."""
        total = Counts(finished=True)
        for counts in self.sets.values():
            total.add(counts)
        return total

    def add(self, other: HarvestReport) -> None:
        """Add what came of another harvest."""
        for name, counts in other.sets.items():
            self.sets.setdefault(name, Counts(finished=True)).add(counts)
        self.remarks += [remark for remark in other.remarks if remark not in self.remarks]
        self.seconds += other.seconds
        for name in ("requests", "retries", "bytes"):
            added = getattr(self.traffic, name) + getattr(other.traffic, name)
            setattr(self.traffic, name, added)

    def as_json(self) -> dict[str, Any]:
        """Return all of it as JSON has it."""
        sets = {name: asdict(counts) for name, counts in self.sets.items()}
        total = {**asdict(self.total()), **asdict(self.traffic), "seconds": round(self.seconds, 3)}
        return {"total": total, "sets": sets, "remarks": self.remarks}
