"""A catalogue and the other side of it, and what the loader makes of the two."""

from __future__ import annotations

import json
import math
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loader.archive.archive import Archive, Arrival, connect
from loader.link.entities.extraction import read_entities
from loader.link.extracts.extract_files import read_extract
from loader.link.extracts.link_database import Tables
from loader.link.joining.decisions import kind_of
from loader.link.matching.indexing import index_authorities
from loader.link.runs import STAGES
from loader.link.stages import find_links


@dataclass(frozen=True)
class Found:
    """What became of a record: the likeliest object, how likely, and whether it was linked."""

    object: str
    confidence: float
    linked: bool


@dataclass(frozen=True)
class Outcome:
    """What became of records.

    found: by subject, the best of its links and doubts. proposed: all of them, by subject and
    object, with how likely each is. doubts: subject and reason of each.
    """

    found: dict[str, Found]
    proposed: dict[str, dict[str, float]]
    doubts: list[tuple[str, str]]


class World:
    """Tables with items, to which catalogues can be brought one after the other."""

    def __init__(self, items: Iterable[object], source: str = "wikidata") -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._root = Path(self._folder.name)
        self.tables = Tables(self._root / "links.sqlite")
        path = self._root / "items.jsonl"
        path.write_text("".join(f"{_line(one)}\n" for one in items), encoding="utf-8")
        read_extract(self.tables, source, path, _quiet)
        index_authorities(self.tables, _quiet)

    def load(self, records: Iterable[dict[str, Any]]) -> None:
        """Let these be the catalogue's records, and no others."""
        path = self._root / "archive.sqlite"
        path.unlink(missing_ok=True)
        archive = Archive(connect(path))
        _fill(archive, records)
        self.tables.connection.execute("UPDATE reading SET hash = x''")
        read_entities(archive, self.tables, _quiet)
        archive.connection.close()

    def __enter__(self) -> World:
        return self

    def __exit__(self, *error: object) -> None:
        self.tables.close()
        self._folder.cleanup()


def resolve(
    records: Iterable[dict[str, Any]],
    files: Sequence[tuple[str, str, Iterable[object]]],
    stages: Sequence[str] = STAGES,
    kind: str = "wikidata",
) -> Outcome:
    """Link records and return what was found.

    files: source, name and lines (JSON, or text as it is) of each extract. kind: of the objects
    that count.
    """
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        archive = Archive(connect(root / "archive.sqlite"))
        tables = Tables(root / "links.sqlite")
        _fill(archive, records)
        for source, name, lines in files:
            path = root / name
            path.write_text("".join(f"{_line(line)}\n" for line in lines), encoding="utf-8")
            read_extract(tables, source, path, _quiet)
        read_entities(archive, tables, _quiet)
        index_authorities(tables, _quiet)
        find_links(tables, {}, stages, _quiet)
        outcome = _outcome(tables, kind)
        tables.close()
        archive.connection.close()
    return outcome


def _quiet(count: int, note: str = "", /) -> None:
    pass


def _line(one: object) -> str:
    return one if isinstance(one, str) else json.dumps(one)


def _fill(archive: Archive, records: Iterable[dict[str, Any]]) -> None:
    arrivals = [
        Arrival(
            record["@graph"][0]["@id"],
            "jsonld",
            json.dumps(record).encode(),
            record["@graph"][1]["@id"],
        )
        for record in records
    ]
    with archive.transaction():
        source = archive.source("cases", "cases", "2026-11-24T00:00:00Z")
        for start in range(0, len(arrivals), 1000):
            archive.store(arrivals[start : start + 1000], source, "2026-11-24T00:00:00Z")


def _outcome(tables: Tables, kind: str) -> Outcome:
    found: dict[str, Found] = {}
    proposed: dict[str, dict[str, float]] = {}
    query = tables.connection.execute
    for subject, other, confidence in query("SELECT subject, object, confidence FROM found"):
        if kind_of(other) == kind:
            found[subject] = Found(other, confidence, True)
            proposed.setdefault(subject, {})[other] = confidence
    for subject, other, confidence in query(
        "SELECT subject, object, confidence FROM doubted ORDER BY confidence DESC"
    ):
        if kind_of(other) == kind:
            found.setdefault(subject, Found(other, confidence, False))
            proposed.setdefault(subject, {}).setdefault(other, confidence)
    doubts = query("SELECT subject, reason FROM doubted").fetchall()
    return Outcome(found, proposed, doubts)


def wilson(good: int, all_: int) -> tuple[float, float]:
    """Return the 95 % interval of a proportion (Wilson 1927)."""
    if not all_:
        return 0.0, 1.0
    z = 1.959964
    share = good / all_
    centre = share + z * z / (2 * all_)
    margin = z * math.sqrt(share * (1 - share) / all_ + z * z / (4 * all_ * all_))
    scale = 1 + z * z / all_
    # Rounding must not put a bound beyond what was measured.
    return max(0.0, (centre - margin) / scale), min(1.0, (centre + margin) / scale)


def shown(good: int, all_: int) -> str:
    """Return a proportion with its interval and what it is of, as text."""
    if not all_:
        return "none"
    low, high = wilson(good, all_)
    return f"{good / all_:.4f} [{low:.4f}, {high:.4f}] {good}/{all_}"


def say(what: str, which: str, figure: str, target: str = "") -> None:
    """Print a figure, tabs between."""
    print(f"{what}\t{which}\t{figure}\t{target}".rstrip(), flush=True)


def counted(outcome: Outcome, truth: dict[str, str]) -> Counter[str]:
    """Count what is right. truth: by subject the right object, empty if there is none."""
    counts: Counter[str] = Counter()
    for subject, right in truth.items():
        found = outcome.found.get(subject)
        counts["findable"] += bool(right)
        counts["nil"] += not right
        if found and found.linked:
            counts["linked"] += 1
            counts["right"] += found.object == right
            counts["nil linked"] += not right
        elif right:
            counts["in review"] += right in outcome.proposed.get(subject, {})
    return counts


def precision(counts: Counter[str]) -> str:
    """Return the share of links that are right, as text."""
    return shown(counts["right"], counts["linked"])


def recall(counts: Counter[str]) -> str:
    """Return the share of what there is to find that is linked, as text."""
    return shown(counts["right"], counts["findable"])
