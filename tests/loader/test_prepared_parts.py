"""Text index and schema made beside bulk loading are those that a release would make."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loader.errors import StoreError
from loader.parts.prepared import prepare_parts, read_facts
from loader.release import release
from loader.store import pipeline
from loader.store.columns_state import identify
from loader.store.pipeline import Report
from loader.workspace import Workspace
from sparql_server.engine.text.index import TextIndex
from sparql_server.engine.text.things import Wanted
from tests.records import record, title, write

Load = Callable[..., Report]


def prepare(workspace: Workspace, check: Callable[[], None] = lambda: None) -> None:
    identifier = identify(workspace.columns)
    assert identifier is not None
    prepare_parts(workspace.columns, identifier, workspace.parts, check)


def publish(workspace: Workspace) -> Path:
    with pipeline.opened(workspace, "release") as archive:
        return release.release_folder(workspace, release.publish(workspace, archive, 5))


def described(folder: Path) -> dict[str, Any]:
    """What a release has to find by, but for its number and the time that it took."""
    schema = json.loads((folder / "schema.json").read_bytes())
    parts = json.loads((folder / "manifest.json").read_bytes())["parts"]
    counts = {name: parts["text"][name] for name in ("things", "texts")}
    return {"schema": schema | {"release": ""}, **counts}


def found(folder: Path, text: str) -> list[str]:
    return [hit["iri"] for hit in TextIndex(folder).search(Wanted(text))["hits"]]


@pytest.fixture
def loaded(workspace: Workspace, load: Load, tmp_path: Path) -> Workspace:
    load(write(tmp_path / "r.jsonl", title("a", "Gösta Berlings saga"), title("b", "Jerusalem")))
    return workspace


def test_prepared_parts_are_published_with_the_columns_they_are_of(loaded: Workspace) -> None:
    prepare(loaded)
    made = (loaded.parts / "text" / "meta.json").stat().st_ino
    folder = publish(loaded)
    assert (folder / "text" / "meta.json").stat().st_ino == made
    assert json.loads((folder / "schema.json").read_bytes())["release"] == "0001"
    assert found(folder, "gösta berling") == ["https://libris.kb.se/a#it"]
    assert not loaded.parts.exists()


def test_prepared_parts_are_those_that_a_release_makes(loaded: Workspace) -> None:
    prepare(loaded)
    first = publish(loaded)
    with pipeline.opened(loaded, "release") as archive, archive.transaction():
        archive.remember("columns", None)  # so that all is made anew
    assert described(publish(loaded)) == described(first)


def test_what_has_changed_since_is_changed_in_prepared_parts(
    loaded: Workspace, load: Load, tmp_path: Path
) -> None:
    prepare(loaded)
    load(write(tmp_path / "s.jsonl", title("b", "Nils Holgersson"), title("c", "Charlotte")))
    folder = publish(loaded)
    assert found(folder, "jerusalem") == []
    assert found(folder, "holgersson") == ["https://libris.kb.se/b#it"]
    assert found(folder, "berling") == ["https://libris.kb.se/a#it"]


def test_parts_of_other_columns_are_not_published(
    loaded: Workspace, load: Load, tmp_path: Path
) -> None:
    prepare_parts(loaded.columns, "those of another store", loaded.parts, lambda: None)
    assert read_facts(loaded.parts, identify(loaded.columns)) is None
    folder = publish(loaded)
    assert found(folder, "jerusalem") == ["https://libris.kb.se/b#it"]
    assert not loaded.parts.exists()


def test_making_parts_ends_when_loading_is_interrupted(loaded: Workspace) -> None:
    def interrupt() -> None:
        raise StoreError("bulk loading was interrupted")

    with pytest.raises(StoreError):
        prepare(loaded, interrupt)
    assert read_facts(loaded.parts, identify(loaded.columns)) is None
    assert found(publish(loaded), "jerusalem") == ["https://libris.kb.se/b#it"]


def test_large_loads_prepare_parts(workspace: Workspace, load: Load, tmp_path: Path) -> None:
    notes = [{"@type": "Note", "label": [f"Anmärkning {number}"]} for number in range(100)]
    records = (record(f"r{number}", {"hasNote": notes}) for number in range(110))
    load(write(tmp_path / "r.jsonl", *records))
    assert read_facts(workspace.parts, identify(workspace.columns)) is not None
    assert described(publish(workspace))["texts"] >= 100


NOTE = '<https://libris.kb.se/a#it> <https://id.kb.se/vocab/note> "Roman" <{}> .\n'
LABEL = '<https://libris.kb.se/a#it> <https://id.kb.se/vocab/label> "Jerusalem" <{}> .\n'


def write_lines(path: Path, *lines: str) -> Path:
    path.write_text("".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def preparing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have bulk loading prepare parts of however little."""
    monkeypatch.setattr("loader.store.bulk._MANY", 0)


@pytest.mark.usefixtures("preparing")
def test_parts_are_prepared_with_datasets_that_claim_what_others_have(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    lines = [NOTE.format(graph) for graph in ("urn:x:2", "urn:x:1", "https://libris.kb.se/b")]
    load(
        write(tmp_path / "r.jsonl", record("a", {"label": "Jerusalem"})),
        write_lines(tmp_path / "other.nq", *lines, LABEL.format("urn:x:1")),
    )
    columns, made = identify(workspace.columns), workspace.parts / "text" / "meta.json"
    inode = made.stat().st_ino
    folder = publish(workspace)
    assert identify(folder / "columns") == columns
    assert (folder / "text" / "meta.json").stat().st_ino == inode
    assert found(folder, "jerusalem") == ["https://libris.kb.se/a#it"]


@pytest.mark.usefixtures("preparing")
def test_parts_are_left_to_the_release_if_a_dataset_takes_what_is_stored(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    load(
        write(tmp_path / "r.jsonl", record("a", {"label": "Jerusalem"})),
        write_lines(tmp_path / "other.nq", LABEL.format("http://example.org/first")),
    )
    assert not workspace.parts.exists()
    assert found(publish(workspace), "jerusalem") == ["https://libris.kb.se/a#it"]
