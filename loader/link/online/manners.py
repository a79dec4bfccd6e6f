"""Pace, budget and rest: what keeps a service from being asked too much. Kept in the tables."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from loader.link.extracts.link_database import Tables
from loader.link.online.services import DAY, Service


class Refused(Exception):
    """A service is to be left alone for now."""


@dataclass(slots=True)
class Clock:
    """The time, and how to let it pass."""

    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


class Manners:
    """Says when a service may be asked. sent: requests that were let through, by service."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self.clock = clock
        self.sent: dict[str, int] = {}
        self._tables = tables
        self._last: dict[str, float] = {}

    def keep(self, service: Service) -> None:
        """Wait for the service's pace; raise Refused if its day is used up or it rests."""
        if (until := self._resting(service)) > self.clock.now():
            raise Refused(f"{service.name} is left alone until {_shown(until)}")
        wait = self._last.get(service.name, 0.0) + service.pause - self.clock.now()
        if wait > 0:
            self.clock.sleep(wait)
        self._spend(service)
        self._last[service.name] = self.clock.now()
        self.sent[service.name] = self.sent.get(service.name, 0) + 1

    def _spend(self, service: Service) -> None:
        day = datetime.fromtimestamp(self.clock.now(), UTC).date().isoformat()
        connection = self._tables.connection
        row = connection.execute(
            "INSERT INTO spent VALUES (?, ?, 1) ON CONFLICT (host, day)"
            " DO UPDATE SET requests = requests + 1 WHERE requests < ? RETURNING requests",
            (service.name, day, service.budget),
        ).fetchone()
        if row is None:
            raise Refused(f"{service.name}: the budget of {service.budget} a day is used up")

    def _resting(self, service: Service) -> float:
        row = self._tables.connection.execute(
            "SELECT until FROM resting WHERE host = ?", (service.name,)
        ).fetchone()
        return float(row[0]) if row else 0.0

    def leave_alone(self, service: Service, reason: str) -> Refused:
        """Note that a service refuses: it rests, twice as long as the last time that day."""
        connection = self._tables.connection
        row = connection.execute(
            "SELECT until, times FROM resting WHERE host = ?", (service.name,)
        ).fetchone()
        now = self.clock.now()
        times = int(row[1]) + 1 if row and now - float(row[0]) < DAY else 1
        until = now + service.rest * 2 ** (times - 1)
        rest = (service.name, until, times)
        connection.execute("INSERT OR REPLACE INTO resting VALUES (?, ?, ?)", rest)
        return Refused(f"{service.name}: {reason}; it is left alone until {_shown(until)}")


def _shown(moment: float) -> str:
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M} UTC"
