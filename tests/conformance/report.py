"""What a run of the suites comes to: passes, failures known and new, and tests gone missing."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.conformance.suites import Outcome, Suite

_KNOWN = Path(__file__).with_name("known.toml")


def known_failures() -> dict[str, dict[str, str]]:
    """Return suite name to test name to why it fails."""
    return tomllib.loads(_KNOWN.read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Report:
    """A suite's outcomes beside what is known. partial: not all of its tests were to be run."""

    suite: Suite
    outcomes: Sequence[Outcome]
    known: Mapping[str, str]
    partial: bool = False

    @property
    def passed(self) -> int:
        return sum(outcome.passed for outcome in self.outcomes)

    def surprises(self) -> list[str]:
        """Return what is not as it is known to be; empty if the run is good."""
        found = []
        for outcome in self.outcomes:
            if outcome.passed and outcome.name in self.known:
                found.append(f"{outcome.name} passes, although known.toml has it as a failure")
            elif not outcome.passed and outcome.name not in self.known:
                found.append(f"{outcome.name} fails: {outcome.reason}")
        if self.partial:
            return found
        names = {outcome.name for outcome in self.outcomes}
        found += [f"{name} is in known.toml, but was not run" for name in self.known.keys() - names]
        if len(self.outcomes) != self.suite.total:
            found.append(f"{len(self.outcomes)} tests were run, not {self.suite.total}")
        return found

    def lines(self) -> Iterator[str]:
        """Yield the report for people."""
        yield f"{self.suite.name}: {self.passed} of {len(self.outcomes)} passed"
        for outcome in self.outcomes:
            if not outcome.passed and outcome.name in self.known:
                yield f"  known failure {outcome.name}: {self.known[outcome.name]}"
        for surprise in self.surprises():
            yield f"  NOT AS KNOWN: {surprise}"
