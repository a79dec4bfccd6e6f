"""What a release costs: bytes on disk, and, where it is wanted, time and memory to make it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import load
from measure import MIB, Figure

_BYTES = "<= 45"
_LOADED = {
    "time, ratio": ("load and release / bulk_load and optimize", "<= 1.5"),
    "load and release, peak memory": ("peak memory of the loader", "<= 2048"),
    "release, whole command": ("release after 1,000 changed records", "< 15"),
}


def sizes(kept: Path, quads: int) -> Iterator[Figure]:
    """Yield the bytes on disk of the store, and of the columns if the release has any."""
    release = kept / "data" / "current"
    for part, target in (("store", ""), ("columns", _BYTES), ("text", "")):
        held = _held(release / part)
        if held:
            yield Figure(f"{part} on disk", held / MIB, "MiB")
            yield Figure(f"{part} on disk, of a quad", held / quads, "bytes", target)


def _held(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def loading(kept: Path, runs: int) -> Iterator[Figure]:
    """Yield what loading the same records takes, beside pyoxigraph's bulk loader; it takes long.

    Everything that is made for it is removed.
    """
    folder = kept / "loading"
    folder.mkdir(exist_ok=True)
    try:
        for figure in load.measured(folder, kept / "records.jsonl", runs):
            name, target = _LOADED.get(figure.name, (figure.name, ""))
            yield Figure(f"loading: {name}", figure.value, figure.unit, target)
    finally:
        shutil.rmtree(folder)
