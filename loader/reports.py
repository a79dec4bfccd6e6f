"""What comes of a harvest, in figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from loader.web import Traffic

Shown = Callable[[int, str | None], None]
"""Called after each page with its number of records and the datestamp reached."""


@dataclass(slots=True)
class Counts:
    """What came of one selection. received: records, deletions and quarantined ones included."""

    received: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    quarantined: int = 0
    pages: int = 0
    finished: bool = False

    def add(self, other: Counts) -> None:
        """Add what came of another selection; finished if both are."""
        for name in ("received", "new", "changed", "unchanged", "deleted", "quarantined", "pages"):
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
    """What came of a harvest, by set (empty: everything). seconds: wall-clock."""

    sets: dict[str, Counts] = field(default_factory=dict)
    seconds: float = 0.0
    traffic: Traffic = field(default_factory=Traffic)

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
        self.seconds += other.seconds
        for name in ("requests", "retries", "bytes"):
            added = getattr(self.traffic, name) + getattr(other.traffic, name)
            setattr(self.traffic, name, added)

    def as_json(self) -> dict[str, Any]:
        """Return all of it as JSON has it."""
        sets = {name: asdict(one) for name, one in self.sets.items()}
        total = {**asdict(self.total()), **asdict(self.traffic), "seconds": round(self.seconds, 3)}
        return {"total": total, "sets": sets}
