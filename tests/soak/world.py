"""The releases that a soak serves, and how its server is set up.

Every row that a release gives has the release's number in it, so that a mixture would show.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.server.conftest import point_to, publish

ROWS = 3000
WORKERS = 2
TIMEOUT = 3.0  # seconds
OPTIONS = (
    *("--workers", str(WORKERS)),
    *("--timeout", str(TIMEOUT)),
    *("--queue-timeout", "20"),
    *("--send-timeout", "5"),
    *("--worker-memory", "150M"),
    *("--cache", "8M"),
    *("--recycle", "400"),
)
_KEPT = 30


def publish_numbered(data: Path, number: int) -> None:
    """Publish a release whose rows have its number; each third is too large for the memory."""
    rows = ROWS * (2 if number % 3 == 0 else 1)
    lines = (f'<urn:n{n}> <urn:of> "{number}" <urn:numbered> .' for n in range(rows))
    publish(data, number, "\n" + "\n".join(lines))


def rows(number: int) -> int:
    """Return how many rows with its number a release has."""
    return ROWS * (2 if number % 3 == 0 else 1)


def publish_broken(data: Path, number: int) -> None:
    """Point to a release that can't be opened."""
    (data / "releases" / f"{number:04}" / "store").mkdir(parents=True)
    point_to(data, number)


def drop_old(data: Path, keep: set[int]) -> None:
    """Remove releases that nobody can be reading any more."""
    there = sorted(data.joinpath("releases").iterdir())
    for folder in there[:-_KEPT]:
        if int(folder.name) not in keep:
            shutil.rmtree(folder)
