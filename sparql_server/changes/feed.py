"""The changes of all the releases that there are logs of, as one list from the oldest on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice, takewhile
from pathlib import Path

from sparql_server.changes.entries import PAGE, Entry
from sparql_server.changes.log import Log, list_logs

_OPEN = 4  # releases whose logs are held open


@dataclass(frozen=True, slots=True)
class Change:
    """An entry of a log. time: in milliseconds since 1970."""

    release: int
    number: int
    time: int
    entry: Entry


@dataclass(frozen=True, slots=True)
class Feed:
    """The logs of a release, oldest first, each from where the one before ended."""

    logs: tuple[Log, ...]

    @property
    def total(self) -> int:
        """The number of changes."""
        return sum(log.head.entries for log in self.logs)

    def log(self, release: int) -> Log | None:
        """Return the log of a release, if there is one."""
        return next((log for log in self.logs if log.head.release == release), None)

    def find_page(self, change: Change) -> int:
        """Return the page of its release that a change stands on, from 1."""
        log = self.log(change.release)
        return log.find_page(change.number) + 1 if log else 0

    def backwards(self, until: int) -> Iterator[Change]:
        """Yield the changes up to a time, the latest first."""
        for log in reversed(self.logs):
            for number, entry in log.backwards(log.head.count_until(until)):
                yield Change(log.head.release, number, log.head.time(number), entry)

    def page(self, until: int) -> list[Change]:
        """Return the latest changes up to a time: ``PAGE``, and all of the last one's moment."""
        coming = self.backwards(until)
        page = list(islice(coming, PAGE))
        if page:
            page += takewhile(lambda change: change.time == page[-1].time, coming)
        return page

    def history(self, name: str) -> list[Change]:
        """Return the changes of a graph, or of a thing, the latest first."""
        return [
            Change(log.head.release, number, log.head.time(number), entry)
            for log in reversed(self.logs)
            for number, entry in log.find(name)
        ]


@lru_cache(maxsize=_OPEN)
def open_feed(release: Path) -> Feed:
    """Return the changes that a release knows of. release: its folder. Raises LogError."""
    return Feed(tuple(Log(folder) for folder in list_logs(release)))


def spell_time(milliseconds: int) -> str:
    """Return a time as xsd:dateTime.

    >>> spell_time(1795000000123)
    '2026-11-18T11:06:40.123Z'
    """
    when = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")
