"""Dumps: what a release holds, whole and by kind of record, whatever they are made from."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import defaultdict
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import pyoxigraph as ox
import pytest

from loader.dumps.column_pieces import read_columns
from loader.dumps.dump_making import make_dumps
from loader.dumps.dump_pieces import Piece
from loader.dumps.store_pieces import read_store
from loader.files import files
from loader.release import additions, release
from loader.store import pipeline
from loader.store.store import GraphStore
from loader.workspace import Workspace
from sparql_server.engine.columns.storage.building import Builder
from sparql_server.engine.columns.storage.triples import Columns
from sparql_server.records.kinds import KINDS
from tests.commands import Command
from tests.conftest import SAMPLE
from tests.server.processes import wait_for

NASTY = [chr(code) for code in (*range(0x20), 0x7F, 0x80, 0x85, 0x2028, 0xFFFE, 0xFFFF, 0x1F600)]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("published"))
    pipeline.load(workspace, files.find_files([SAMPLE]), None)
    with pipeline.opened(workspace, "release") as archive:
        release.publish(workspace, archive, 1)
    return workspace


def lines_by_kind(pieces: Iterable[Piece]) -> dict[str, list[bytes]]:
    found = defaultdict(list)
    for piece in pieces:
        assert len(piece.lines.splitlines()) == piece.quads
        found[piece.kind] += piece.lines.splitlines()
    return {kind: sorted(lines) for kind, lines in found.items() if lines}


def test_columns_give_what_the_store_holds_by_kind(published: Workspace) -> None:
    folder = published.current
    of_columns = list(read_columns(Columns.of(folder / "columns")))
    of_store = list(read_store(GraphStore(folder / "store", read_only=True)))
    assert lines_by_kind(of_columns) == lines_by_kind(of_store)
    assert sum(piece.graphs for piece in of_columns) == sum(piece.graphs for piece in of_store)


def test_statements_are_spelled_as_the_store_spells_them(tmp_path: Path) -> None:
    thing, name = ox.NamedNode("http://example.org/å/𝄞"), ox.NamedNode("urn:p")
    text = "a \"b\" \\ 'c' " + "".join(NASTY)
    values = [
        *map(ox.Literal, (text, "", *NASTY)),
        *(ox.Literal(text, language=tag) for tag in ("sv", "en-gb")),
        *(ox.Literal(text, datatype=ox.NamedNode(f"urn:type:{n}")) for n in range(2)),
        *(ox.Literal(n) for n in (1, 2.5, True)),
        *(thing, ox.BlankNode("b1"), ox.BlankNode("b2")),
    ]
    graphs = [ox.DefaultGraph(), ox.NamedNode("urn:g"), thing]
    store = ox.Store()
    store.extend(
        ox.Quad(subject, name, value, graph)
        for subject in (thing, ox.BlankNode("b3"))
        for value in values
        for graph in graphs
    )
    text_of_store = BytesIO()
    store.dump(text_of_store, ox.RdfFormat.N_QUADS)
    builder = Builder(tmp_path / "scratch")
    builder.write(text_of_store.getvalue())
    builder.finish(tmp_path / "columns")
    pieces = list(read_columns(Columns.of(tmp_path / "columns")))
    written = b"".join(piece.lines for piece in pieces)
    assert sorted(written.split(b"\n")) == sorted(text_of_store.getvalue().split(b"\n"))
    assert [(piece.kind, piece.graphs) for piece in pieces] == [("other", 0)] + 2 * [("other", 1)]


def test_dumps_of_a_release_without_columns_are_the_same(
    published: Workspace, tmp_path: Path
) -> None:
    bare = tmp_path / "0001"
    shutil.copytree(published.current / "store", bare / "store")
    facts = [
        make_dumps(published.current.resolve(), tmp_path / "a"),
        make_dumps(bare, tmp_path / "b"),
    ]
    counts = [
        {file["name"]: (file["quads"], file["graphs"], file["plain"]) for file in said["files"]}
        for said in facts
    ]
    assert counts[0] == counts[1]
    assert counts[0].keys() == {path.name for path in (tmp_path / "b").iterdir()}


def test_equal_releases_have_equal_dumps(published: Workspace, tmp_path: Path) -> None:
    sums = [
        {path.name: hashlib.sha256(path.read_bytes()).digest() for path in folder.iterdir()}
        for folder in (tmp_path / "a", tmp_path / "b")
        if make_dumps(published.current.resolve(), folder)
    ]
    assert sums[0] == sums[1]
    assert {name.partition(".")[0] for name in sums[0]} <= {*KINDS, "all"}


def test_dump_that_is_killed_leaves_the_release_as_it_was(
    published: Workspace, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    shutil.copytree(published.root, data, symlinks=True)
    workspace, folder = Workspace(data), data / "releases" / "0001"
    before = (folder / "manifest.json").read_bytes()
    arguments = ["dump-release", "--data", str(data)]
    log = tmp_path / "log"
    command = Command("loader.cli", arguments, (Path("/dev/null"), log, log))
    assert wait_for(lambda: (data / "work" / "0001-dumps").exists() or command.poll() is not None)
    command.kill()
    command.wait(timeout=60)
    said = json.loads((folder / "manifest.json").read_bytes())
    if not (folder / "dumps").exists():
        assert (folder / "manifest.json").read_bytes() == before
        assert additions.add_part(workspace, folder, "dumps")
        said = json.loads((folder / "manifest.json").read_bytes())
    names = {f"dumps/{file['name']}" for file in said["parts"]["dumps"]["files"]}
    assert names == {f"dumps/{path.name}" for path in (folder / "dumps").iterdir()}
    for name in names:
        found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        assert found == said["files"][name]["sha256"]
