"""Releases: publishing, rolling back, and what a manifest says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph, Namespace

from loader.errors import ReleaseError
from loader.release import release
from loader.store import pipeline
from loader.store.pipeline import Report
from loader.workspace import Workspace
from tests.records import KBV, stored, title, write

Load = Callable[..., Report]


def publish(workspace: Workspace, keep: int = 5) -> int:
    with pipeline.opened(workspace, "release") as archive:
        return release.publish(workspace, archive, keep)


@pytest.fixture
def two(workspace: Workspace, load: Load, tmp_path: Path) -> Workspace:
    """A workspace with two releases, of one record and of two."""
    load(write(tmp_path / "r.jsonl", title("a", "Ett")))
    publish(workspace)
    load(write(tmp_path / "s.jsonl", title("b", "Två")))
    publish(workspace)
    return workspace


def test_release_is_the_store_as_it_was(two: Workspace) -> None:
    assert stored(two.releases / "0002" / "store") == stored(two.store)
    assert len(stored(two.releases / "0001" / "store")) == 6
    assert two.current.readlink() == Path("releases/0002")


def test_manifest_counts_what_is_in_the_release(two: Workspace) -> None:
    manifest = json.loads((two.releases / "0002" / "manifest.json").read_bytes())
    store = ox.Store.read_only(str(two.releases / "0002" / "store"))
    assert manifest["quads"] == len(store) == 12
    assert (manifest["records"], manifest["graphs"], manifest["release"]) == (2, 2, 2)
    assert manifest["classes"][f"{KBV}Record"] == 2
    assert manifest["properties"][f"{KBV}mainTitle"] == 2
    assert [source["name"] for source in manifest["sources"]] == ["r.jsonl", "s.jsonl"]
    assert all(len(source["sha256"]) == 64 for source in manifest["sources"])
    assert manifest["tools"]["pyoxigraph"]
    assert "/" not in json.dumps(manifest["sources"])


def test_void_says_the_same(two: Workspace) -> None:
    graph = Graph().parse(two.releases / "0002" / "void.ttl", publicID="http://example.org/")
    void = Namespace("http://rdfs.org/ns/void#")
    assert [
        int(str(count)) for count in graph.objects(None, void.triples) if str(count) == "12"
    ] == [12]
    parts = list(graph.objects(None, void.classPartition))
    assert len(parts) == 3


def test_counts_follow_a_changed_record(two: Workspace, load: Load, tmp_path: Path) -> None:
    changed = title("a", "Ett")
    changed["@graph"][1]["@type"] = "DigitalResource"
    load(write(tmp_path / "r.jsonl", changed))
    number = publish(two)
    classes = release.read_manifest(two, number)["classes"]
    assert (classes[f"{KBV}DigitalResource"], classes[f"{KBV}PhysicalResource"]) == (1, 1)


def test_rollback_returns_to_the_release_before(two: Workspace) -> None:
    assert release.roll_back(two, None) == 1
    assert release.current_number(two) == 1
    with pytest.raises(ReleaseError, match="no earlier release"):
        release.roll_back(two, None)
    assert release.roll_back(two, 2) == 2
    with pytest.raises(ReleaseError, match="no release 9"):
        release.roll_back(two, 9)
    assert release.current_number(two) == 2


def test_next_release_after_a_rollback_has_a_number_of_its_own(two: Workspace) -> None:
    release.roll_back(two, 1)
    assert publish(two) == 3
    assert [listed.number for listed in release.list_releases(two)] == [1, 2, 3]
    assert [listed.current for listed in release.list_releases(two)] == [False, False, True]


def test_old_releases_go_but_never_the_current(two: Workspace) -> None:
    publish(two, keep=2)
    assert [listed.number for listed in release.list_releases(two)] == [2, 3]
    release.roll_back(two, 2)
    release.prune(two, 1)
    assert release.current_number(two) == 2
    assert (two.releases / "0002" / "store").exists()


def test_unchanged_store_is_noticed(two: Workspace, load: Load, tmp_path: Path) -> None:
    def unchanged() -> bool:
        with pipeline.opened(two, "release") as archive:
            return release.is_unchanged(two, archive)

    assert unchanged()
    load(write(tmp_path / "s.jsonl", title("b", "Två")))
    assert unchanged()
    load(write(tmp_path / "s.jsonl", title("b", "Tre")))
    assert not unchanged()
    publish(two)
    assert unchanged()
    release.roll_back(two, 1)
    assert not unchanged()
    release.roll_back(two, 3)
    assert unchanged()


def test_nothing_loaded_is_nothing_to_publish(workspace: Workspace) -> None:
    with pytest.raises(ReleaseError, match="load something first"):
        publish(workspace)
    assert not workspace.current.exists()
