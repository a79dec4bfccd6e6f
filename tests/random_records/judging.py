"""What became of random records, judged without reading JSON-LD.

Each mutation carries a word of its own: it is in the store, or in what was reported, or it stood
where nothing is said.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pyoxigraph as ox

from loader.files import files
from loader.maintenance.verification import find_breaches
from loader.store import pipeline
from loader.store.ledger import Ledger
from loader.store.store import GraphStore
from loader.transform.context import IGNORED
from loader.workspace import Workspace
from tests.random_records.making import made
from tests.records import title, write

BATCH = 500  # records to a data directory
EVIL = {"http://evil.example/p", "http://evil.example/g", "http://evil.example/o"}
_IDENTIFIER = re.compile(r'"@id": "([^"]*)"')
_WORD = re.compile(r"Zq\d+qZ")
_LIBRIS = re.compile(r"https?://(libris|id)\.kb\.se[/>]|marc:|kbv:")


@dataclass
class Tried:
    """What became of random records. faults: sentences; there should be none."""

    records: int = 0
    stored: int = 0
    quarantined: int = 0
    unreadable: int = 0
    with_losses: int = 0
    repaired: int = 0
    quads: int = 0
    faults: list[str] = field(default_factory=list)

    def add(self, other: Tried) -> None:
        """Add what became of others."""
        for name, figure in vars(other).items():
            setattr(self, name, getattr(self, name) + figure)

    def figures(self) -> dict[str, int]:
        """Return how many there are of each."""
        return {**vars(self), "faults": len(self.faults)}


def attempt(
    folder: Path, seed: int, count: int, sources: list[Any], *, thorough: bool = True
) -> Tried:
    """Load random records and judge what became of each; thorough: verify the store too.

    Those of an odd seed come into a store that there is already, one by one.
    """
    choose = random.Random(seed)
    first = seed * BATCH
    records = [made(first + number, choose.choice(sources), choose) for number in range(count)]
    path = folder / "records.jsonl"
    path.write_bytes(b"".join(line.encode("utf-8", "replace") + b"\n" for _, _, line in records))
    workspace = Workspace(folder / "data")
    if seed % 2:
        clean = write(folder / "clean.jsonl", title("clean", "x"))
        pipeline.load(workspace, files.find_files([clean]), None)
    report = pipeline.load(workspace, files.find_files([path]), None)
    tried = Tried(count, quarantined=report.quarantined, unreadable=report.unreadable)
    accounted = _accounted(workspace, tried, thorough)
    stored = set(_WORD.findall(_dump(workspace, tried)))
    for number, record in enumerate(records, 1):
        names = {record[0], record[1], f"records.jsonl:{number}", _called(record[2])}
        if not accounted & names and (faults := _lost(*record, stored)):
            tried.faults += [] if _is_reported(record[2], folder) else faults
    return tried


def _called(line: str) -> str:
    """Return what a record calls itself, as that may be spoilt too."""
    named = _IDENTIFIER.search(line)
    return named[1] if named else ""


def _is_reported(line: str, folder: Path) -> bool:
    """Tell whether something is said of a line as it is read: of JSON-LD that is no record."""
    path = folder / "line.jsonl"
    path.write_text(line, encoding="utf-8", errors="replace")
    (file,) = files.find_files([path])
    return any(isinstance(piece, files.Fault) for piece in files.read_file(file))


def _accounted(workspace: Workspace, tried: Tried, thorough: bool) -> set[str]:
    """Return the identifiers, and the words in them, of what is reported as lost."""
    with pipeline.opened(workspace, "test") as archive:
        if thorough:
            found = find_breaches(archive, GraphStore(workspace.store), lambda _: None)
            tried.faults += [f"verify: {breach}" for breach in found]
        counts, problems = archive.reader.counts(), Ledger(archive.connection).problems()
        quarantined = {record.identifier for record in archive.reader.quarantined()}
    reported = {problem["identifier"] for problem in problems if problem["kind"] == "dropped"}
    tried.with_losses, tried.stored = len(reported), counts["in store"]
    tried.repaired = sum(problem["kind"] == "repaired" for problem in problems)
    if counts["received"] != counts["in store"] + counts["quarantined"]:
        tried.faults.append(f"accounts: {counts}")
    names = reported | quarantined
    texts = [*names, *(problem["value"] for problem in problems)]
    return names | {word for text in texts for word in _WORD.findall(text)}


def _dump(workspace: Workspace, tried: Tried) -> str:
    """Return the store as N-Quads, and note what a strict parser doesn't take."""
    store = ox.Store.read_only(str(workspace.store))
    dumped = store.dump(format=ox.RdfFormat.N_QUADS) or b""
    try:
        quads = list(ox.parse(dumped, ox.RdfFormat.N_QUADS))
    except (SyntaxError, ValueError) as error:
        tried.faults.append(f"no N-Quads: {error}")
        return dumped.decode()
    if len(quads) != len(store):
        tried.faults.append(f"{len(store)} quads in the store, {len(quads)} in its dump")
    for quad in quads:
        if EVIL & {str(term)[1:-1] for term in (quad.predicate, quad.object, quad.graph_name)}:
            tried.faults.append(f"injected: {quad}")
    tried.quads = len(quads)
    return dumped.decode()


def _lost(identifier: str, word: str, line: str, stored: set[str]) -> list[str]:
    if word not in line or word in stored:
        return []
    record = orjson.loads(line)
    if isinstance(record, dict) and "@graph" in record:
        record.pop("@id", None)  # names the graph, which is named by the record
    said = _said(record, identifier)
    return [f"lost {word}: {text[:200]} in {line[:3000]}" for text in said if word in text]


def _said(record: Any, identifier: str) -> Iterator[str]:
    """Yield what a record says in its own name: texts, links, and keys that have a value.

    A blank node's label is no text, and a node that is only named says nothing. What describes a
    thing with a Libris record of its own is left to that record; terms that Libris says are no
    data, and contexts, say nothing.
    """
    waiting = [(record, True)]  # and whether it stands in a graph, not in the place of a value
    while waiting:
        inner, free = waiting.pop()
        if isinstance(inner, list):
            waiting += [(member, free) for member in inner]
        elif isinstance(inner, str) and not inner.startswith("_:"):
            yield inner
        elif isinstance(inner, dict) and not _is_elsewhere(inner, identifier, free):
            for name, value in inner.items():
                if name not in IGNORED and name != "@context" and not _is_nothing(value):
                    yield name
                    waiting.append((_without_index(name, value), name in _FREE))


_FREE = ("@graph", "@included", "@reverse")


def _is_nothing(value: Any) -> bool:
    if isinstance(value, dict) and value.keys() <= {"@set", "@value"}:
        return bool(value) and all(map(_is_nothing, value.values()))
    return value is None or (isinstance(value, list) and all(map(_is_nothing, value)))


def _is_elsewhere(node: dict[str, Any], identifier: str, free: bool) -> bool:
    about = node.get("@id")
    said = {name for name, value in node.items() if not _is_nothing(value)}
    if said <= {"@id", "@context"}:
        return free
    foreign = isinstance(about, str) and _LIBRIS.match(about) is not None
    return foreign and not str(about).startswith(identifier)


_INDEXED = ("sliceByDimension", "_categoryByCollection", "@reverse")


def _without_index(name: str, value: Any) -> Any:
    if name not in _INDEXED or not isinstance(value, dict):
        return value
    # The keys of @reverse are terms; those of the others are indexes, and none says nothing.
    unread = IGNORED if name == "@reverse" else ()
    return [member for key, member in value.items() if key not in unread]
