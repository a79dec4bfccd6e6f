"""An attack from its beginning to its end, and the table of all of them."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.queues import Queue
from pathlib import Path

from tests.attack.attacks import ATTACKS, Attack
from tests.attack.observer import Observer, Seen
from tests.attack.sending import Scale, Target
from tests.server.conftest import Server
from tests.server.processes import serving, wait_for

MOST = 0.1
"""Seconds of a median during an attack, at full scale."""

_LATER = 20.0  # seconds that an attacker gets to stop by itself
OPTIONS = (
    *("--workers", "2"),
    *("--timeout", "5"),
    *("--worker-memory", "500M"),
    *("--send-timeout", "10"),
    *("--receive-timeout", "10"),
    *("--cache", "64M"),
)


@dataclass(frozen=True)
class Report:
    """What came of an attack."""

    attack: Attack
    seen: Seen

    def misses(self) -> list[str]:
        """Return which of the figures are not reached."""
        missed = [
            f"{what}: {seconds * 1000:.0f} ms"
            for what, seconds in self._medians()
            if seconds > MOST
        ]
        if self.seen.bound and self.seen.memory > self.seen.bound:
            missed.append(f"memory: {self.seen.memory:,} bytes, more than {self.seen.bound:,.0f}")
        return [*missed, *self.seen.wrong]

    def _medians(self) -> list[tuple[str, float]]:
        return [("a cheap query", self.seen.query_median), ("health", self.seen.health_median)]


def run(data: Path, attack: Attack, scale: Scale) -> Report:
    """Attack a server of its own, with the release in ``data``; return what was noticed of it."""
    with serving(data, *OPTIONS) as server:
        return run_on(server, attack, scale)


def run_on(server: Server, attack: Attack, scale: Scale) -> Report:
    """Attack a server; return what was noticed of it."""
    with Observer(server, attack.honest) as seen:
        seen.wrong += _attack(server, attack, scale)
    seen.wrong += _aftermath(server)
    return Report(attack, seen)


def _attack(server: Server, attack: Attack, scale: Scale) -> list[str]:
    """Have another process attack; end it where it doesn't end by itself."""
    context = multiprocessing.get_context("spawn")
    results: Queue[list[str]] = context.Queue()
    target = Target(server.port, server.process.pid, server.data, scale, 0.0)
    process = context.Process(target=_send, args=(attack.name, target, results))
    process.start()
    process.join(scale.seconds + _LATER)
    if process.is_alive():
        process.kill()
        process.join()
        return []
    return results.get() if process.exitcode == 0 else [f"the attack failed: {process.exitcode}"]


def _send(name: str, target: Target, results: Queue[list[str]]) -> None:
    attack = next(attack for attack in ATTACKS if attack.name == name)
    until = time.time() + target.scale.seconds
    results.put(attack.run(Target(target.port, target.pid, target.data, target.scale, until)))


def _aftermath(server: Server) -> list[str]:
    """Return what must not be when an attack is over."""
    recovered = wait_for(lambda: Observer(server).is_content())
    found = [] if recovered else ["nobody is answered after it"]
    if "Traceback" in server.log:
        place = server.log.index("Traceback")
        found.append("in the log: " + server.log[max(place - 300, 0) : place + 1500])
    return found


def table(reports: Sequence[Report]) -> str:
    """Return a table in Markdown. Memory: of the server's process, of the others, its bound."""
    head = "| attack | cheap query, ms | /health, ms | wrong | server, MiB | bound | others, MiB |"
    rows = [
        f"| {report.attack.name}: {report.attack.sends}"
        f" | {report.seen.query_median * 1000:.1f} | {report.seen.health_median * 1000:.1f}"
        f" | {len(report.seen.wrong)} | {_mib(report.seen.memory)} | {_mib(report.seen.bound)}"
        f" | {_mib(report.seen.others)} |"
        for report in reports
    ]
    return "\n".join([head, "|---|--:|--:|--:|--:|--:|--:|", *rows])


def _mib(size: float | None) -> str:
    return "?" if size is None else f"{size / 2**20:,.0f}"
