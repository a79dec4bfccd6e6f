"""The log of what changed with a release: what is in it, and that it comes with the release."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from loader.errors import ProcessLost
from loader.files import files
from loader.maintenance.verification import find_breaches
from loader.release import changes, release
from loader.release.change_graph import VOCABULARY
from loader.store import pipeline
from loader.store.pipeline import Report
from loader.store.store import GraphStore
from loader.workspace import Workspace
from sparql_server.changes import log as logs
from sparql_server.changes import log_writing
from sparql_server.changes.entries import Entry, Head, LogError, Span
from sparql_server.changes.log import Log
from sparql_server.changes.log_writing import write_log
from tests.records import KBV, heading, record, title, write

Load = Callable[..., Report]
LIBRIS = "https://libris.kb.se/"


def publish(
    workspace: Workspace, keep: int = 5, keep_changes: int = 30, *, history: bool = False
) -> int:
    with pipeline.opened(workspace, "release") as archive:
        return release.publish(workspace, archive, keep, keep_changes=keep_changes, history=history)


def read(workspace: Workspace, number: int) -> dict[str, Entry]:
    """The newest log of a release, by graph."""
    log = Log(logs.list_logs(workspace.releases / f"{number:04}")[-1])
    assert log.head.release == number
    return {entry.graph: entry for page in range(log.pages) for entry in log.page(page)[1]}


def listed(workspace: Workspace, number: int) -> list[int]:
    return [int(path.name) for path in logs.list_logs(workspace.releases / f"{number:04}")]


def item(name: str, library: str, **of_record: Any) -> dict[str, Any]:
    held = {"@type": "Item", "heldBy": {"@id": f"{LIBRIS}library/{library}"}}
    return record(name, held, **of_record)


def make_two(workspace: Workspace, folder: Path, *, history: bool = False) -> Workspace:
    """Make two releases: with the second, a record is new, one has changed, one is gone."""
    gone = item("gone", "S", created="2024-01-01T00:00:00Z")
    put(workspace, folder, title("a", "Ett"), title("same", "Två"), gone)
    publish(workspace, history=history)
    with pipeline.opened(workspace, "delete") as archive:
        with archive.transaction():
            source = archive.source("x", "x", "2026-01-01T00:00:00Z")
            archive.delete([(f"{LIBRIS}gone", "jsonld", None)], source, "2026-01-01T00:00:00Z")
        pipeline.bring_in_step(workspace, archive, Report())
    put(workspace, folder, title("a", "Ettan"), item("new", "Z"))
    publish(workspace, history=history)
    return workspace


def put(workspace: Workspace, folder: Path, *records: dict[str, Any]) -> None:
    path = write(folder / "in.jsonl", *records)
    pipeline.load(workspace, files.find_files([path]), None)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Two releases, which nobody changes."""
    folder = tmp_path_factory.mktemp("two")
    return make_two(Workspace(folder / "data"), folder)


@pytest.fixture
def two(workspace: Workspace, shared: Workspace) -> Workspace:
    """The same, to be changed."""
    shutil.copytree(shared.root, workspace.root, symlinks=True)
    return workspace


def test_created_changed_and_deleted_records_are_told(shared: Workspace) -> None:
    found = read(shared, 2)
    assert {name.removeprefix(LIBRIS): entry.kind for name, entry in found.items()} == {
        "a": "Update",
        "new": "Create",
        "gone": "Delete",
    }
    gone = found[f"{LIBRIS}gone"]
    assert (gone.thing, gone.type) == (f"{LIBRIS}gone#it", f"{KBV}Item")
    assert (gone.held_by, gone.created) == (f"{LIBRIS}library/S", "2024-01-01T00:00:00Z")
    assert (gone.kept, gone.came, len(gone.went)) == ((), (), 5)


def test_of_a_changed_record_only_what_differs_went_and_came(shared: Workspace) -> None:
    entry = read(shared, 2)[f"{LIBRIS}a"]
    assert [line.split(" ", 2)[2] for line in entry.went if "mainTitle" in line] == ['"Ett"']
    assert [line.split(" ", 2)[2] for line in entry.came if "mainTitle" in line] == ['"Ettan"']
    assert not any(f"{KBV}PhysicalResource" in line for line in (*entry.went, *entry.came))
    assert any(f"{KBV}PhysicalResource" in line for line in entry.kept)


def test_manifest_counts_what_changed(shared: Workspace) -> None:
    said = release.read_manifest(shared, 2)["changes"]
    assert {name: said[name] for name in ("Create", "Update", "Delete", "since")} == {
        "Create": 1,
        "Update": 1,
        "Delete": 1,
        "since": 1,
    }
    assert release.read_manifest(shared, 1)["changes"] == {}


def test_store_made_anew_has_changed_nothing(two: Workspace) -> None:
    pipeline.rebuild(two)
    assert read(two, publish(two)) == {}


def test_graph_of_an_outside_thing_is_told_of_too(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    subject = heading("Cats")
    load(write(tmp_path / "a.jsonl", record("a", {"subject": [subject]})))
    publish(workspace)
    load(write(tmp_path / "b.jsonl", record("b", {"subject": [heading("Cats", note="x")]})))
    entry = read(workspace, publish(workspace))[subject["@id"]]
    assert (entry.kind, entry.is_record, len(entry.came)) == ("Update", False, 1)


def test_as_many_logs_are_kept_as_are_wanted(two: Workspace, load: Load, tmp_path: Path) -> None:
    load(write(tmp_path / "c.jsonl", title("c", "Tre")))
    assert listed(two, publish(two)) == [2, 3]
    assert listed(two, publish(two, keep_changes=1)) == [4]
    assert listed(two, publish(two, keep_changes=0)) == []
    assert listed(two, publish(two)) == [6]  # whoever follows begins anew
    assert listed(two, 3) == [2, 3]


def test_logs_outlive_their_releases(two: Workspace, load: Load, tmp_path: Path) -> None:
    load(write(tmp_path / "c.jsonl", title("c", "Tre")))
    assert listed(two, publish(two, keep=1)) == [2, 3]
    assert release.list_numbers(two) == [3]
    assert f"{LIBRIS}new" in {
        entry.graph for entry in Log(two.releases / "0003" / "changes" / "0002").page(0)[1]
    }


def test_after_a_rollback_changes_go_on_from_the_newest(
    two: Workspace, load: Load, tmp_path: Path
) -> None:
    release.roll_back(two, 1)
    assert listed(two, 1) == []
    load(write(tmp_path / "c.jsonl", title("c", "Tre")))
    number = publish(two)
    assert listed(two, number) == [2, 3]
    assert list(read(two, number)) == [f"{LIBRIS}c"]


def test_times_go_on_from_log_to_log(two: Workspace, load: Load, tmp_path: Path) -> None:
    load(write(tmp_path / "c.jsonl", title("c", "Tre")))
    publish(two)
    second, third = (Log(path).head for path in logs.list_logs(two.releases / "0003"))
    assert second.began < second.time(0) <= second.ended == third.began < third.time(0)


def test_damaged_former_release_leaves_a_release_without_a_log(
    two: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    (two.releases / "0002" / "changes" / "0002" / "head.json").write_text("{")
    number = publish(two)
    assert listed(two, number) == []
    assert "missing" in release.read_manifest(two, number)["changes"]
    assert "doesn't say what has changed" in caplog.text


def test_log_is_among_the_files_with_checksums(shared: Workspace) -> None:
    files = release.read_manifest(shared, 2)["files"]
    assert "changes/0002/entries.bin" in files


def test_blank_nodes_that_say_the_same_are_no_change() -> None:
    before = ["<urn:a> <urn:p> _:x", '_:x <urn:q> "1"', '<urn:a> <urn:r> "old"']
    after = ["<urn:a> <urn:p> _:y", '_:y <urn:q> "1"', '<urn:a> <urn:r> "new"']
    entry = changes.describe_change("urn:g", before, after)
    assert entry is not None
    assert (entry.went, entry.came) == ((before[2],), (after[2],))
    assert changes.describe_change("urn:g", before[:2], after[:2]) is None


def test_blank_nodes_on_a_circle_are_compared_as_a_whole() -> None:
    before = ["_:a <urn:p> _:b", "_:b <urn:p> _:a"]
    after = ["_:c <urn:p> _:d", "_:d <urn:p> _:c"]
    assert changes.describe_change("urn:g", before, after) is None
    entry = changes.describe_change("urn:g", before, [*after, '_:c <urn:q> "1"'])
    assert entry is not None
    assert (len(entry.went), len(entry.came)) == (2, 3)


def test_blank_node_at_the_same_place_is_the_same_node() -> None:
    def tell(text: str, node: str) -> list[str]:
        return [
            f"<urn:a> <urn:title> {node}",
            f"{node} <urn:is> {node}b",
            f'{node}b <urn:p> "{text}"',
        ]

    entry = changes.describe_change("urn:g", tell("old", "_:x"), tell("new", "_:y"))
    assert entry is not None
    assert (entry.went, entry.came) == (('_:xb <urn:p> "old"',), ('_:yb <urn:p> "new"',))
    assert len(entry.kept) == 2


def test_one_of_two_equal_blank_nodes_that_goes_is_a_change() -> None:
    one = ["<urn:a> <urn:p> _:x", '_:x <urn:q> "1"']
    entry = changes.describe_change("urn:g", [*one, "<urn:a> <urn:p> _:y", '_:y <urn:q> "1"'], one)
    assert entry is not None
    assert entry.went


def make_entries(count: int) -> list[Entry]:
    return [
        Entry(f"urn:g{n}", "Create", f"urn:g{n}", came=(f'<urn:g{n}> <urn:p> "{n}"',))
        for n in range(count)
    ]


def test_entries_are_found_by_graph_and_by_time(tmp_path: Path) -> None:
    head = write_log(tmp_path / "0002", 2, 1, Span(1000, 3000), make_entries(1234))
    log = Log(tmp_path / "0002")
    assert (head.entries, head.ended, log.pages) == (1234, 3000, 13)
    assert [number for number, _ in log.find("urn:g777")] == [777]
    assert list(log.find("urn:other")) == []
    assert head.count_until(head.time(776)) == 777
    assert [number for number, _ in log.backwards(3)] == [2, 1, 0]


def test_thing_with_a_name_of_its_own_is_found_by_that(tmp_path: Path) -> None:
    term = Entry("urn:g", "Create", "https://id.kb.se/term/x")
    write_log(tmp_path / "0002", 2, 1, Span(1, 2), [term, *make_entries(3)])
    log = Log(tmp_path / "0002")
    assert [number for number, _ in log.find("https://id.kb.se/term/x")] == [0]
    assert [number for number, _ in log.find("urn:g")] == [0]


def test_no_more_than_a_page_has_the_same_time(tmp_path: Path) -> None:
    head = write_log(tmp_path / "0002", 2, 1, Span(1000, 1000), make_entries(250))
    assert (head.began, head.ended) == (1000, 1003)


def test_log_without_entries_has_one_page_that_is_empty(tmp_path: Path) -> None:
    assert write_log(tmp_path / "0002", 2, 1, Span(1, 2), ()) == Head(2, 1, 1, 2, 0, {})
    log = Log(tmp_path / "0002")
    assert (log.pages, log.page(0)) == (1, (0, []))
    assert (list(log.find("urn:a")), list(log.backwards(0))) == ([], [])


@pytest.mark.parametrize("name", ["head.json", "entries.bin", "pages.bin", "names.bin"])
def test_log_that_lacks_a_file_is_refused(tmp_path: Path, name: str) -> None:
    write_log(tmp_path / "0002", 2, 1, Span(1, 2), make_entries(3))
    (tmp_path / "0002" / name).unlink()
    with pytest.raises(LogError):
        Log(tmp_path / "0002")


@pytest.mark.parametrize("name", ["head.json", "entries.bin", "pages.bin", "names.bin"])
def test_log_whose_file_is_empty_is_damaged(tmp_path: Path, name: str) -> None:
    write_log(tmp_path / "0002", 2, 1, Span(1, 2), make_entries(3))
    (tmp_path / "0002" / name).write_bytes(b"")
    with pytest.raises(LogError):
        Log(tmp_path / "0002").page(0)


def test_log_of_another_format_is_refused(tmp_path: Path) -> None:
    write_log(tmp_path / "0002", 2, 1, Span(1, 2), make_entries(3))
    path = tmp_path / "0002" / "head.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 2}))
    with pytest.raises(LogError, match="another format"):
        Log(tmp_path / "0002")


def test_names_are_sorted_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_writing, "_RUN", 7)
    write_log(tmp_path / "0002", 2, 1, Span(1, 2), make_entries(100))
    log = Log(tmp_path / "0002")
    assert [number for n in range(100) for number, _ in log.find(f"urn:g{n}")] == list(range(100))
    assert sorted(path.name for path in log.folder.iterdir()) == [
        "entries.bin",
        "head.json",
        "names.bin",
        "pages.bin",
    ]


def ask(workspace: Workspace, query: str) -> list[list[str]]:
    store = ox.Store.read_only(str(workspace.current.resolve() / "store"))
    prefixes = f"PREFIX c: <{VOCABULARY}> PREFIX as: <https://www.w3.org/ns/activitystreams#> "
    prefixes += f"PREFIX kbv: <{KBV}> "
    found = store.query(prefixes + query, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    return [[term.value for term in row] for row in found]


@pytest.fixture
def told(workspace: Workspace, tmp_path: Path) -> Workspace:
    """As ``two``, but what changed stands in the data."""
    return make_two(workspace, tmp_path, history=True)


def test_sparql_can_ask_what_changed(told: Workspace) -> None:
    lost = f"SELECT ?thing {{ ?c a as:Delete ; c:thing ?thing ; c:heldBy <{LIBRIS}library/S> }}"
    assert ask(told, lost) == [[f"{LIBRIS}gone#it"]]
    changed = """SELECT ?old ?new { ?c a as:Update ; c:went ?w ; c:came ?n .
      ?w c:property kbv:mainTitle ; c:value ?old . ?n c:property kbv:mainTitle ; c:value ?new }"""
    assert ask(told, changed) == [["Ett", "Ettan"]]
    per_month = """SELECT ?month (COUNT(*) AS ?n) { ?c a as:Create ; as:published ?t
      BIND(SUBSTR(STR(?t), 1, 7) AS ?month) } GROUP BY ?month"""
    assert [count for _, count in ask(told, per_month)] == ["1"]


def test_what_is_told_of_changes_is_no_change(told: Workspace, load: Load, tmp_path: Path) -> None:
    load(write(tmp_path / "c.jsonl", title("c", "Tre")))
    number = publish(told, history=True, keep_changes=1)
    assert list(read(told, number)) == [f"{LIBRIS}c"]
    graphs = {graph for (graph,) in ask(told, "SELECT DISTINCT ?g { GRAPH ?g { ?c a as:Create } }")}
    assert graphs == {"urn:libris:changes:3:1"}  # that of release 2 has gone with its log
    pipeline.rebuild(told)
    assert read(told, publish(told)) == {}
    with pipeline.opened(told, "verify") as archive:
        assert list(find_breaches(archive, GraphStore(told.store), lambda done: None)) == []


def test_publishing_that_was_ended_halfway_is_made_good(
    told: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(told, tmp_path, title("c", "Tre"))

    def end(store: GraphStore, target: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(GraphStore, "backup", end)
        with pytest.raises(KeyboardInterrupt):
            publish(told, history=True)
    assert release.current_number(told) == 2
    put(told, tmp_path, title("d", "Fyra"))
    number = publish(told, history=True)
    assert (number, set(read(told, 3))) == (3, {f"{LIBRIS}c", f"{LIBRIS}d"})
    created = ask(told, "SELECT ?thing { ?c a as:Create ; c:release 3 ; c:thing ?thing }")
    assert sorted(created) == [[f"{LIBRIS}c#it"], [f"{LIBRIS}d#it"]]
    with pipeline.opened(told, "verify") as archive:
        assert list(find_breaches(archive, GraphStore(told.store), lambda done: None)) == []


def test_log_made_in_a_process_of_its_own_is_the_same(
    workspace: Workspace, shared: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "_MANY", 0)
    make_two(workspace, tmp_path)
    told, expected = read(workspace, 2), read(shared, 2)
    assert {name: entry.kind for name, entry in told.items()} == {
        name: entry.kind for name, entry in expected.items()
    }
    said = [release.read_manifest(each, 2)["changes"] for each in (workspace, shared)]
    assert said[0] | {"seconds": 0} == said[1] | {"seconds": 0}


def test_release_without_a_log_if_the_process_that_makes_it_ends(
    two: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Lost(changes.Crew[Any, Any]):
        def map(self, loads: object) -> Any:
            raise ProcessLost("a process has ended")
            yield

    monkeypatch.setattr(changes, "_MANY", 0)
    monkeypatch.setattr(changes, "Crew", Lost)
    put(two, tmp_path, title("a", "Igen"))
    assert release.read_manifest(two, publish(two))["changes"] == {"missing": "a process has ended"}
    assert listed(two, 3) == []
