"""The result of an update, as people and as programs read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from loader.provider.harvest_report import HarvestReport
from loader.store.pipeline import Report


@dataclass(frozen=True, slots=True)
class Updated:
    """The result of an update.

    failures: why a provider's records have not all come, a sentence each. release: the number of
    the one that is served. kept: why none was published; None: one was.
    """

    harvested: HarvestReport
    applied: Report
    failures: tuple[str, ...]
    release: int | None
    kept: str | None

    @property
    def is_quiet(self) -> bool:
        """Tell whether all is well and nothing was to be done."""
        total = self.harvested.total()
        done = total.new + total.changed + total.deleted + total.quarantined
        done += self.applied.applied + self.applied.quarantined
        return not done and not self.failures and self.kept is not None

    def __iter__(self) -> Iterator[Any]:
        """Yield what was harvested, what became of it in the store, and the release's number."""
        return iter((self.harvested, self.applied, self.release))

    def __str__(self) -> str:
        """Return the line that people get."""
        total, applied = self.harvested.total(), self.applied
        said = (
            f"received {total.received}, new {total.new}, changed {total.changed},"
            f" deleted {total.deleted}, quarantined {total.quarantined + applied.quarantined},"
            f" applied {applied.applied}, release {self.release}"
        )
        failed = f"; not all has come: {'; '.join(self.failures)}" if self.failures else ""
        return said + (f"; nothing is published: {self.kept}" if self.kept else "") + failed

    def as_json(self) -> dict[str, Any]:
        """Return all of it as JSON has it."""
        store = {"applied": self.applied.applied, "quarantined": self.applied.quarantined}
        said = {"failures": list(self.failures), "release": self.release, "kept": self.kept}
        return {**self.harvested.as_json(), "store": store, **said}
