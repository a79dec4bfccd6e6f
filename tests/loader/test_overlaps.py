"""Datasets that claim triples of other graphs: filled in bulk or applied, the store is the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from loader.files import files
from loader.maintenance.verification import find_breaches
from loader.release import release
from loader.store import overlaps, pipeline
from loader.store.ledger import Ledger
from loader.store.store import GraphStore
from loader.workspace import Workspace
from tests.loader.test_columns import rebuilt
from tests.records import heading, record, stored, title, write
from tests.server.test_columns_building import content

GRAPHS = [
    "http://example.org/1",  # sorts before those of records, and takes triples of them
    "http://id.loc.gov/authorities/label/Archives",  # of a thing that records describe
    "https://libris.kb.se/r1",  # of a record
    *(f"urn:x:{number}" for number in range(5)),
]
SUBJECTS = [
    "https://libris.kb.se/r1#it",
    "https://libris.kb.se/r2",
    "http://id.loc.gov/authorities/label/Archives",
    "urn:x:1",
    "urn:s",
]
OBJECTS = [
    "<urn:o>",
    '"x"',
    '"05"^^<http://www.w3.org/2001/XMLSchema#integer>',
    '"5"^^<http://www.w3.org/2001/XMLSchema#integer>',
    "_:b",
]
LABEL = "https://id.kb.se/vocab/prefLabel"


def draw_lines(chance: random.Random, graphs: list[str]) -> Iterator[str]:
    """Yield statements of which graphs have many in common, with each other and with records."""
    for graph in graphs:
        for _ in range(chance.randrange(1, 6)):
            said = f"<urn:p> {chance.choice(OBJECTS)}"
            if chance.random() < 0.2:
                said = f'<{LABEL}> "Archives"'
            yield f"<{chance.choice(SUBJECTS)}> {said} <{graph}> .\n"
            yield f'_:b <urn:p> "{chance.randrange(3)}" <{graph}> .\n'


def write_files(folder: Path, seed: int, graphs: list[str]) -> list[Path]:
    chance = random.Random(seed)
    subject = {"subject": [heading("Archives")], "prefLabel": "Archives"}
    records = [record(f"r{number}", subject) for number in range(3)]
    paths = [write(folder / "r.jsonl", *records)]
    for name in ("a.nq", "b.nq"):  # both may speak of one graph
        path = folder / name
        chosen = chance.sample(graphs, min(len(graphs), 4))
        path.write_text("".join(draw_lines(chance, chosen)), encoding="utf-8")
        paths.append(path)
    return paths


def load(workspace: Workspace, paths: list[Path]) -> None:
    report = pipeline.load(workspace, files.find_files(paths), None)
    assert report.failed == report.quarantined == 0


def describe(workspace: Workspace) -> dict[str, Any]:
    """What a release holds, and what is counted; the store is sound, and columns are its."""
    with pipeline.opened(workspace, "test") as archive:
        assert list(find_breaches(archive, GraphStore(workspace.store), lambda _: None)) == []
        assert archive.reader.pending() == []
        tally = Ledger(archive.connection).tally()
        folder = release.release_folder(workspace, release.publish(workspace, archive, 5))
    assert content(folder / "columns") == rebuilt(folder)
    return {"tally": tally, "quads": stored(folder / "store")}


def assert_same_both_ways(tmp_path: Path, seed: int, *, again: bool) -> None:
    """Load in bulk, and document by document: into a store that is there already.

    again: then load other documents, too.
    """
    first = write(tmp_path / "first.jsonl", title("first", "Först"))
    bulk, applied = Workspace(tmp_path / "bulk"), Workspace(tmp_path / "applied")
    paths = write_files(tmp_path, seed, GRAPHS)
    load(bulk, [first, *paths])
    load(applied, [first])
    load(applied, paths)
    assert describe(bulk) == describe(applied)
    if not again:
        return
    for workspace in (bulk, applied):
        load(workspace, write_files(tmp_path, seed + 100, GRAPHS))
    assert describe(bulk) == describe(applied)


@pytest.mark.parametrize("seed", range(2))
def test_store_filled_in_bulk_is_as_if_documents_had_been_applied(
    tmp_path: Path, seed: int
) -> None:
    assert_same_both_ways(tmp_path, seed, again=True)


@pytest.mark.parametrize("limit", ["_MOST_STATEMENTS", "_MOST_SUBJECTS", "_MOST_GRAPHS"])
def test_what_takes_too_much_to_settle_is_applied_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    monkeypatch.setattr(overlaps, limit, 0)
    assert_same_both_ways(tmp_path, 1, again=False)


def test_datasets_that_only_lose_triples_need_not_be_applied_afterwards(
    workspace: Workspace, tmp_path: Path
) -> None:
    graphs = [graph for graph in GRAPHS if graph.startswith("urn:")]
    load(workspace, write_files(tmp_path, 1, graphs)[:2])
    with pipeline.opened(workspace, "test") as archive:
        assert Ledger(archive.connection).changed() == []
        assert Ledger(archive.connection).shadows()
