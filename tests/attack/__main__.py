"""``python -m tests.attack [NAME …]``: at full scale; exit code 1 if a figure isn't reached.

The names are words of attacks' names; none: all. The table is written to benchmarks/out/attack.md.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.attack.attacks import ATTACKS
from tests.attack.running import run, table
from tests.attack.sending import FULL
from tests.server.conftest import publish


def main(words: list[str]) -> int:
    """Run the attacks; return the exit code."""
    reports = []
    for attack in ATTACKS:
        if words and not any(word in attack.name for word in words):
            continue
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder)
            publish(data, 1, columns=True)
            report = run(data, attack, FULL)
        reports.append(report)
        say(table([report]).splitlines()[-1])
        for missed in report.misses()[:5]:
            say(f"MISSED {attack.name}: {missed}")
    file = Path("benchmarks/out/attack.md")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(table(reports) + "\n")
    return 1 if any(report.misses() for report in reports) else 0


def say(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
