"""The report of a load: counts of documents and faults, and the log lines about faults."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from loader.files.faults import Fault, Unreadable

logger = logging.getLogger(__name__)

_SAID = 20  # faults of a file that are said one by one


@dataclass(slots=True)
class Report:
    """The counts of a run.

    received: documents in the files; new, changed: those that the archive took in;
    unreadable: pieces of files in which there was nothing to read; failed: files that can't be
    read, or of RDF in which something isn't as it should be; repaired, dropped: terms and
    statements of documents that were applied.
    applied, quarantined: what became of documents in the store. seconds: of either stage.
    """

    received: int = 0
    new: int = 0
    changed: int = 0
    unreadable: int = 0
    repaired: int = 0
    dropped: int = 0
    failed: int = 0
    applied: int = 0
    quarantined: int = 0
    archive_seconds: float = 0.0
    store_seconds: float = 0.0

    @property
    def unchanged(self) -> int:
        """Return the number of documents that the archive already held."""
        return self.received - self.new - self.changed


@dataclass(slots=True)
class FaultCounts:
    """The faults of a file as log lines: the first ones, and the number of all."""

    name: str
    count: int = 0
    unreadable: int = 0

    def say(self, fault: Fault) -> None:
        """Say what is wrong and where, unless that has been said often enough."""
        self.count += 1
        self.unreadable += isinstance(fault, Unreadable)
        if self.count <= _SAID:
            logger.warning("%s: %s", fault.location, fault.reason)

    def conclude(self, report: Report) -> None:
        """Count the faults, and say how many weren't said."""
        report.unreadable += self.unreadable
        if self.count > _SAID:
            logger.warning("%s: %s more of this kind", self.name, f"{self.count - _SAID:,}")
