"""The records that are deleted, and since when: ``deleted.tsv`` of a release, written and read.

A line for each IRI, in the order of its bytes: the IRI, when its record was deleted (UTC,
``2026-11-23T20:15:04Z``; empty: nobody knows), and the record's IRI, with tabs between. An IRI is
a record's, or that of what it was about.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

NAME = "deleted.tsv"
"""Name of the file in a release's folder."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """A record's deletion. iri: what was asked about. since: UTC; empty: nobody knows."""

    iri: str
    since: str
    record: str


def write_deleted(path: Path, deletions: Iterable[Deletion]) -> int:
    """Write deletions, which come in the order of their IRIs' bytes; return how many they are."""
    count = 0
    with open(path, "wb") as stream:
        for deletion in deletions:
            stream.write(f"{deletion.iri}\t{deletion.since}\t{deletion.record}\n".encode())
            count += 1
    return count


def find_deletion(release: Path, iri: str) -> Deletion | None:
    """Return the deletion that a release knows of for an IRI; None: it knows of none."""
    lines = _open(release / NAME)
    if lines is None:
        return None
    wanted = iri.encode("utf-8", "replace")
    low, high = 0, len(lines)  # of the line's start, which is in between
    while low < high:
        start = lines.rfind(b"\n", low, (low + high) // 2) + 1 or low
        end = lines.find(b"\n", start, high)
        end = high if end < 0 else end
        name, _, rest = lines[start:end].partition(b"\t")
        if name == wanted:
            since, _, record = rest.decode().partition("\t")
            return Deletion(iri, since, record)
        low, high = (end + 1, high) if name < wanted else (low, start)
    return None


@lru_cache(maxsize=4)
def _open(path: Path) -> mmap.mmap | None:
    """Return a file's bytes, mapped; None if there is none, or it is empty."""
    try:
        with open(path, "rb") as stream:
            return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError):
        return None
