"""Files to archive to store, and what a second run, a change or a bad record does."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from loader.archive.archive import Archive, connect
from loader.errors import WorkspaceBusy
from loader.maintenance.verification import find_breaches
from loader.store import pipeline
from loader.store.pipeline import Report
from loader.store.store import GraphStore
from loader.workspace import Workspace
from tests.records import KBV, heading, record, stored, title, write
from tests.shared import SHARED, needs_shared

pytestmark = pytest.mark.long

Load = Callable[..., Report]
ARCHIVES = "http://id.loc.gov/authorities/label/Archives"


def graph(workspace: Workspace, name: str) -> list[str]:
    return sorted(GraphStore(workspace.store, read_only=True).graph(name))


def is_sound(workspace: Workspace) -> bool:
    with pipeline.opened(workspace, "test") as archive:
        found = list(find_breaches(archive, GraphStore(workspace.store), lambda _: None))
    assert found == []
    return True


def same_as_rebuilt(workspace: Workspace) -> bool:
    before = stored(workspace.store)
    pipeline.rebuild(workspace)
    assert stored(workspace.store) == before
    return True


def test_each_record_has_a_graph_of_its_own_name(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    report = load(write(tmp_path / "r.jsonl", title("a", "Ett"), title("b", "Två")))
    assert (report.received, report.new, report.applied) == (2, 2, 2)
    names = set(GraphStore(workspace.store, read_only=True).graph_names())
    assert names == {"https://libris.kb.se/a", "https://libris.kb.se/b"}
    assert any('"Två"' in line for line in graph(workspace, "https://libris.kb.se/b"))
    assert is_sound(workspace)


def test_loading_the_same_file_twice_changes_nothing(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    path = write(tmp_path / "r.jsonl", title("a", "Ett"), title("b", "Två"))
    load(path)
    before = {str(quad) for quad in ox.Store.read_only(str(workspace.store))}
    report = load(path)
    assert (report.unchanged, report.applied) == (2, 0)
    assert {str(quad) for quad in ox.Store.read_only(str(workspace.store))} == before


def test_order_of_keys_is_no_change(workspace: Workspace, load: Load, tmp_path: Path) -> None:
    one = title("a", "Ett")
    turned = {"@graph": [dict(reversed(list(node.items()))) for node in one["@graph"]]}
    load(write(tmp_path / "r.jsonl", one))
    assert load(write(tmp_path / "s.jsonl", turned)).unchanged == 1


def test_changed_record_replaces_its_graph_and_no_other(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    load(write(tmp_path / "r.jsonl", title("a", "Ett"), title("b", "Två")))
    other = graph(workspace, "https://libris.kb.se/b")
    report = load(write(tmp_path / "r.jsonl", title("a", "Tre"), title("b", "Två")))
    assert (report.changed, report.unchanged, report.applied) == (1, 1, 1)
    changed = "\n".join(graph(workspace, "https://libris.kb.se/a"))
    assert '"Tre"' in changed
    assert '"Ett"' not in changed
    assert graph(workspace, "https://libris.kb.se/b") == other
    assert is_sound(workspace)
    assert same_as_rebuilt(workspace)


def test_unreadable_line_is_set_aside_with_its_place_and_the_rest_is_loaded(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    report = load(write(tmp_path / "r.jsonl", title("a", "Ett"), '{"@graph": [', title("b", "Två")))
    assert (report.received, report.unreadable, report.failed) == (2, 1, 0)
    (one,) = Archive(connect(workspace.archive)).reader.quarantined()
    assert one.identifier == "r.jsonl:2"
    assert "not JSON" in one.reason


def test_record_that_cannot_be_transformed_goes_to_quarantine_and_keeps_its_former_graph(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    load(write(tmp_path / "r.jsonl", title("a", "Ett"), title("b", "Två")))
    before = graph(workspace, "https://libris.kb.se/a")
    bad = title("a", "Fel")
    bad["@graph"][1]["@type"] = 5
    report = load(write(tmp_path / "s.jsonl", bad, title("c", "Tre")))
    assert (report.applied, report.quarantined) == (1, 1)
    assert len(graph(workspace, "https://libris.kb.se/a")) == len(before)
    (one,) = Archive(connect(workspace.archive)).reader.quarantined()
    assert one.identifier == "https://libris.kb.se/a"
    assert one.reason.startswith("JSON-LD: @type")
    assert is_sound(workspace)
    assert same_as_rebuilt(workspace)


def test_mended_record_leaves_quarantine(workspace: Workspace, load: Load, tmp_path: Path) -> None:
    bad = title("a", "Fel")
    bad["@graph"][1]["@type"] = 5
    load(write(tmp_path / "r.jsonl", bad, "no JSON"))
    assert len(Archive(connect(workspace.archive)).reader.quarantined()) == 2
    load(write(tmp_path / "r.jsonl", title("a", "Rätt")))
    assert Archive(connect(workspace.archive)).reader.quarantined() == []
    assert any('"Rätt"' in line for line in graph(workspace, "https://libris.kb.se/a"))


def test_outside_thing_stands_once_however_many_records_carry_it(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    subject = {"subject": [heading("Archives")]}
    load(write(tmp_path / "r.jsonl", *(record(name, subject) for name in "abc")))
    assert len(graph(workspace, ARCHIVES)) == 2
    assert is_sound(workspace)


def test_outside_thing_follows_what_records_say_of_it(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    def carrying(name: str, **more: str) -> dict[str, object]:
        return record(name, {"subject": [heading("Archives", **more)]})

    load(write(tmp_path / "r.jsonl", carrying("a"), carrying("b", note="old")))
    assert len(graph(workspace, ARCHIVES)) == 3
    load(write(tmp_path / "s.jsonl", carrying("b", note="new")))
    assert [line for line in graph(workspace, ARCHIVES) if "note" in line] == [
        f'<{ARCHIVES}> <{KBV}note> "new"'
    ]
    assert is_sound(workspace)
    assert same_as_rebuilt(workspace)


def test_outside_thing_that_nothing_describes_any_more_is_dropped(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    load(write(tmp_path / "r.jsonl", record("a", {"subject": [heading("Archives")]})))
    assert graph(workspace, ARCHIVES)
    load(write(tmp_path / "s.jsonl", record("a")))
    assert ARCHIVES not in set(GraphStore(workspace.store, read_only=True).graph_names())
    assert is_sound(workspace)


NQ = '<{s}> <http://example.org/p> "{o}" <{g}> .\n'
THING = "http://example.org/thing"
ONE, TWO, THREE = (f"http://example.org/{name}" for name in ("graph1", "graph2", "graph3"))


def nquads(path: Path, *rows: tuple[str, str]) -> Path:
    path.write_text("".join(NQ.format(s=THING, o=o, g=g) for o, g in rows), encoding="utf-8")
    return path


def test_triple_in_two_graphs_is_kept_in_one_and_noted(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    load(nquads(tmp_path / "r.nq", ("x", TWO), ("x", ONE), ("y", TWO)))
    assert len(graph(workspace, ONE)) == 1
    assert graph(workspace, TWO) == [f'<{THING}> <http://example.org/p> "y"']
    assert is_sound(workspace)


def test_triple_comes_back_when_the_graph_that_held_it_loses_it(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    load(nquads(tmp_path / "r.nq", ("x", THREE), ("x", TWO)))
    load(nquads(tmp_path / "s.nq", ("x", ONE)))
    assert (graph(workspace, TWO), graph(workspace, THREE)) == ([], [])
    load(nquads(tmp_path / "s.nq", ("z", ONE)))
    assert len(graph(workspace, TWO)) == 1
    assert graph(workspace, THREE) == []
    assert is_sound(workspace)
    assert same_as_rebuilt(workspace)


def test_triple_that_was_held_for_several_graphs_goes_to_one_of_them(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    for name, where in (("r", ONE), ("s", TWO), ("t", THREE)):
        load(nquads(tmp_path / f"{name}.nq", ("x", where)))
    load(nquads(tmp_path / "r.nq", ("z", ONE)))
    assert (len(graph(workspace, TWO)), graph(workspace, THREE)) == (1, [])
    assert is_sound(workspace)
    assert same_as_rebuilt(workspace)


def test_two_records_about_one_thing_do_not_repeat_its_triples(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    one, other = title("a", "Ett"), title("b", "Två")
    other["@graph"][0]["mainEntity"] = {"@id": "https://libris.kb.se/a#it"}
    other["@graph"][1] = {"@id": "https://libris.kb.se/a#it", "@type": "PhysicalResource"}
    load(write(tmp_path / "r.jsonl", one, other))
    assert is_sound(workspace)
    assert same_as_rebuilt(workspace)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ttl", "<http://example.org/s> a <http://example.org/C> ."),
        ("a.nt", "<http://example.org/s> <http://example.org/p> <http://example.org/o> ."),
        (
            "a.rdf",
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
            ' xmlns:e="http://example.org/">'
            '<e:C rdf:about="http://example.org/s"/></rdf:RDF>',
        ),
        ("a.jsonld", '{"@context": {"p": "http://example.org/p"}, "@id": "urn:s", "p": 1}'),
        ("a.json", '[{"@id": "urn:s", "http://example.org/p": [{"@value": 1}]}]'),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_plain_rdf_without_graph_goes_to_the_named_one(
    workspace: Workspace, load: Load, tmp_path: Path, name: str, text: str, packed: bool
) -> None:
    path = tmp_path / (f"{name}.gz" if packed else name)
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    load(path, graph=ONE)
    assert len(graph(workspace, ONE)) == 1
    load(path)
    assert len(graph(workspace, ONE) + graph(workspace, f"file:{path.name}")) == 1


def test_trig_loads_into_the_graphs_it_names(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    path = tmp_path / "a.trig"
    path.write_text(f"<{THING}> a <urn:A> . <{TWO}> {{ <{THING}> a <urn:B> }}", encoding="utf-8")
    load(path, graph=ONE)
    assert len(graph(workspace, ONE)) == len(graph(workspace, TWO)) == 1


def test_broken_statement_is_reported_with_its_line_and_the_others_are_loaded(
    workspace: Workspace, load: Load, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bad = tmp_path / "bad.nq"
    bad.write_text("<urn:s> <urn:p> <urn:o> .\n<urn:s> <urn:p .\n", encoding="utf-8")
    report = load(bad, write(tmp_path / "r.jsonl", title("a", "Ett")))
    assert (report.failed, report.unreadable, report.applied) == (1, 1, 2)
    assert graph(workspace, "file:bad.nq") == ["<urn:s> <urn:p> <urn:o>"]
    assert "bad.nq:2: not well-formed N-Quads" in caplog.text


def test_gzip_cut_short_is_an_error_and_what_came_before_stays(
    workspace: Workspace, load: Load, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    lines = "".join(json.dumps(title(f"r{n}", f"Titel {n}")) + "\n" for n in range(3000))
    path = tmp_path / "r.jsonl.gz"
    path.write_bytes(gzip.compress(lines.encode())[:-2000])
    report = load(path)
    assert report.failed == 1
    assert 0 < report.applied < 3000
    assert "cannot be read" in caplog.text
    assert is_sound(workspace)


def test_second_writer_is_refused_and_told_who_holds_the_directory(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    path = write(tmp_path / "r.jsonl", title("a", "Ett"))
    with (
        workspace.locked("rebuild"),
        pytest.raises(WorkspaceBusy, match=r"by process \d+ \(libris-loader rebuild\)"),
    ):
        load(path)


def test_verify_finds_what_was_done_behind_its_back(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    load(write(tmp_path / "r.jsonl", title("a", "Ett"), title("b", "Två")))
    store = ox.Store(str(workspace.store))
    a, b = (ox.NamedNode(f"https://libris.kb.se/{name}") for name in "ab")
    (main,) = store.quads_for_pattern(a, ox.NamedNode(f"{KBV}mainEntity"), None, a)
    store.add(ox.Quad(main.subject, main.predicate, main.object, b))
    store.add(ox.Quad(a, a, a, ox.DefaultGraph()))
    store.add(ox.Quad(a, a, a, ox.NamedNode("urn:stranger")))
    del store
    with pipeline.opened(workspace, "test") as archive:
        found = "\n".join(find_breaches(archive, GraphStore(workspace.store), lambda _: None))
    assert "1 triples stand in no named graph" in found
    assert "a triple stands in 2 graphs" in found
    assert "graph <https://libris.kb.se/b> has 7 triples; its document has 6" in found
    assert "graph <https://libris.kb.se/b> describes something else" in found
    assert "graph <urn:stranger> has no document" in found
    assert "is counted" in found


@needs_shared
def test_reference_data_loads_whole_and_keeps_the_rules(
    workspace: Workspace, load: Load, caplog: pytest.LogCaptureFixture
) -> None:
    libris = SHARED / "libris"
    report = load(libris / "records", libris / "vocab" / "idkbse.nq.gz", SHARED / "bibframe")
    assert (report.failed, report.unreadable, report.quarantined) == (1, 0, 0)
    assert report.applied == 309 + 35 + 11
    assert "2026888777.xml:464: not well-formed RDF/XML" in caplog.text
    kept_once = "https://id.kb.se/vocab/", "https://id.kb.se/dataset/enums"
    archive = Archive(connect(workspace.archive))
    query = "SELECT triples FROM shadowed WHERE graph = ? AND holder = ?"
    assert archive.connection.execute(query, kept_once).fetchone() == (12,)
    assert is_sound(workspace)
    assert same_as_rebuilt(workspace)


def test_two_files_that_name_one_graph_both_stand_in_it(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    one, other = nquads(tmp_path / "r.nq", ("x", ONE)), nquads(tmp_path / "s.nq", ("y", ONE))
    load(one, other)
    assert len(graph(workspace, ONE)) == 2
    assert load(one, other).unchanged == 2
    load(nquads(tmp_path / "s.nq", ("z", ONE), ("x", ONE)))
    assert sorted(line[-3:] for line in graph(workspace, ONE)) == ['"x"', '"z"']
    assert is_sound(workspace)
    assert same_as_rebuilt(workspace)


@pytest.mark.parametrize("order", [("r", "o"), ("o", "r"), ("ro",), ("r", "o", "r")])
def test_plain_rdf_in_the_graph_of_a_record_stands_beside_it_in_whatever_order(
    workspace: Workspace, load: Load, tmp_path: Path, order: tuple[str, ...]
) -> None:
    others = nquads(tmp_path / "o.nq", ("urn:other", "https://libris.kb.se/r1"))
    for number, together in enumerate(order):
        several = [title("r1", f"Titel {number}"), *(title(f"r{n}", "x") for n in range(2, 5))]
        records = write(tmp_path / f"{number}.jsonl", *several)
        load(*(records if name == "r" else others for name in together))
    held = graph(workspace, "https://libris.kb.se/r1")
    assert any("urn:other" in line for line in held)
    assert any("mainTitle" in line for line in held)
    assert is_sound(workspace)
    assert same_as_rebuilt(workspace)


def test_graph_that_a_file_no_longer_names_goes(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    path = nquads(tmp_path / "r.nq", ("x", ONE), ("y", TWO))
    load(path, write(tmp_path / "r.jsonl", title("a", "Ett")))
    load(nquads(path, ("x", ONE)))
    names = set(GraphStore(workspace.store, read_only=True).graph_names())
    assert names == {ONE, "https://libris.kb.se/a"}
    assert load(path).applied == 0
    assert is_sound(workspace)
    assert same_as_rebuilt(workspace)


def test_verify_finds_content_that_was_changed_in_the_archive(
    workspace: Workspace, load: Load, tmp_path: Path
) -> None:
    load(write(tmp_path / "r.jsonl", title("a", "Ett"), title("b", "Två")))
    with pipeline.opened(workspace, "test") as archive:
        archive.connection.execute(
            "UPDATE document SET payload ="
            " (SELECT payload FROM document WHERE identifier LIKE '%b') WHERE identifier LIKE '%a'"
        )
        assert list(archive.reader.damaged()) == ["https://libris.kb.se/a"]
