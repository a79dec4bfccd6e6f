"""Runs: published as graphs, repeated to the byte, taken back exactly, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from loader.errors import LinkError
from loader.link import operations
from loader.link.entities.extraction import GRAPHS
from loader.link.extracts.link_database import Tables
from loader.link.joining.decisions import Link
from loader.link.runs import STAGES, judgements, publication, review, runs
from loader.link.runs.evidence_rdf import Run
from loader.link.runs.judgements import Judgement
from loader.link.stages import find_links
from loader.maintenance.verification import find_breaches
from loader.store import pipeline
from loader.store.store import GraphStore
from loader.workspace import Workspace
from tests.link.conftest import ISNI, Linker, Q, exact, item, person
from tests.records import heading, record, stored

ISNI_IRI = f"https://isni.org/isni/{ISNI}"
WHEN = "2026-11-24T08:00:00.000000Z"


@pytest.fixture
def linked(linker: Linker) -> Linker:
    """Strindberg, who is linked, and Lagerlöf, who would be if her item were known."""
    linker.load(
        person(
            "a", "August Strindberg", "1849-1912", identifiedBy=[{"@type": "ISNI", "value": ISNI}]
        ),
        person("b", "Selma Lagerlöf", "1858-1940"),
        record("t", {"@type": "Topic", "closeMatch": [heading("Archives")]}),
    )
    linker.extract(item(7724, "August Strindberg", "1849-1912", P213=ISNI))
    assert linker.link().added > 0
    return linker


def is_sound(workspace: Workspace) -> bool:
    with pipeline.opened(workspace, "test") as archive:
        return not list(find_breaches(archive, GraphStore(workspace.store), lambda _: None))


def graphs(workspace: Workspace) -> dict[str, list[str]]:
    store = GraphStore(workspace.store, read_only=True)
    return {name: sorted(store.graph(name)) for name in store.graph_names()}


def with_lagerlof(linked: Linker) -> str:
    path = linked.folder / "more.jsonl"
    path.write_text("", encoding="utf-8")
    linked.folder = linked.folder / "more"
    linked.folder.mkdir()
    linked.extract(item(44519, "Selma Lagerlöf", "1858-1940", P214="7392519"))
    return linked.link().id


def test_links_stand_in_a_graph_of_the_run_and_records_stay_as_they_were(linker: Linker) -> None:
    isni = {"identifiedBy": [{"@type": "ISNI", "value": ISNI}]}
    linker.load(person("a", "August Strindberg", "1849-1912", **isni))
    before = graphs(linker.workspace)
    linker.extract(item(7724, "August Strindberg", "1849-1912", P213=ISNI))
    run = linker.link().id
    after = graphs(linker.workspace)
    assert {name: after[name] for name in before} == before
    same = "<https://libris.kb.se/a#it> <https://id.kb.se/vocab/exactMatch>"
    assert after[f"{GRAPHS}run/{run}"] == [f"{same} <{Q}7724>", f"{same} <{ISNI_IRI}>"]
    assert is_sound(linker.workspace)


def test_every_link_has_its_evidence(linked: Linker) -> None:
    (run,) = [name for (name,) in linked.rows("SELECT id FROM run")]
    evidence = graphs(linked.workspace)[f"{GRAPHS}run/{run}/evidence"]
    targets = {line.split()[2] for line in evidence if "annotatedTarget" in line}
    assert targets == {f"<{other}>" for _, other in linked.links()}
    assert sum("mapping_justification" in line for line in evidence) == len(linked.links())
    assert any("ns/prov#used" in line for line in evidence)


def test_evidence_of_many_links_stands_in_several_graphs() -> None:
    run = Run("r", ())
    links = [Link(f"urn:s{n}", "urn:p", f"urn:o{n}", "terms", 1.0, ()) for n in range(300)]
    whole = dict(publication.divide_evidence(run, links, 3))
    assert list(whole) == [f"{GRAPHS}run/r/evidence{end}" for end in ("", "/1", "/2")]
    assert sorted(quad.subject for quads in whole.values() for quad in quads) == sorted(
        link.subject for link in links
    )
    # A link that is withdrawn leaves the others where they are.
    fewer = dict(publication.divide_evidence(run, links[1:], 3))
    assert {
        name: [quad for quad in quads if quad != links[0]] for name, quads in whole.items()
    } == fewer


def test_second_run_on_the_same_inputs_changes_nothing(linked: Linker) -> None:
    before = stored(linked.workspace.store)
    assert linked.link().id == ""
    assert stored(linked.workspace.store) == before


def test_same_inputs_elsewhere_give_the_same_bytes(linked: Linker, tmp_path: Path) -> None:
    other = Linker(Workspace(tmp_path / "other"), linked.folder)
    pipeline.load(
        other.workspace, pipeline.files.find_files([linked.folder / "records.jsonl"]), None
    )
    other.read("wikidata", linked.folder / "items.jsonl")
    other.link()
    assert stored(other.workspace.store) == stored(linked.workspace.store)


def test_later_run_holds_only_what_is_new(linked: Linker) -> None:
    first = graphs(linked.workspace)
    run = with_lagerlof(linked)
    after = graphs(linked.workspace)
    common = {f"{GRAPHS}extracts"}
    assert {name: after[name] for name in first.keys() - common} == {
        name: first[name] for name in first.keys() - common
    }
    assert {line.split()[0] for line in after[f"{GRAPHS}run/{run}"]} == {
        "<https://libris.kb.se/b#it>"
    }
    assert is_sound(linked.workspace)


def test_undo_restores_the_store_exactly(linked: Linker) -> None:
    before, links = stored(linked.workspace.store), linked.links()
    run = with_lagerlof(linked)
    assert stored(linked.workspace.store) != before
    operations.undo_run(linked.workspace, run)
    assert stored(linked.workspace.store) == before
    assert linked.links() == links
    assert is_sound(linked.workspace)


def test_undo_of_a_run_brings_back_what_it_withdrew(linked: Linker) -> None:
    before = stored(linked.workspace.store)
    linked.extract(item(7724, "August Strindberg", "1814-1880", P213=ISNI))
    run = linked.link()
    assert run.withdrawn > 0
    operations.undo_run(linked.workspace, run.id)
    assert stored(linked.workspace.store) == before


def test_run_after_undo_is_the_same_run(linked: Linker) -> None:
    run = with_lagerlof(linked)
    before = stored(linked.workspace.store)
    operations.undo_run(linked.workspace, run)
    assert linked.link().id == run
    assert stored(linked.workspace.store) == before


def test_undo_of_an_unknown_run_says_so(linked: Linker) -> None:
    with pytest.raises(LinkError, match="there is no run nonsense"):
        operations.undo_run(linked.workspace, "nonsense")


def test_record_that_goes_takes_its_links_along(linked: Linker) -> None:
    with pipeline.opened(linked.workspace, "test") as archive:
        with archive.transaction():
            archive.delete([("https://libris.kb.se/a", "jsonld", None)], 1, "2099-01-01T00:00:00Z")
        pipeline.bring_in_step(linked.workspace, archive, pipeline.Report())
    linked.link()
    assert linked.links("a") == set()
    assert is_sound(linked.workspace)


def test_links_are_in_a_rebuilt_store_and_in_a_release(linked: Linker) -> None:
    from loader.release import release

    before = stored(linked.workspace.store)
    pipeline.rebuild(linked.workspace)
    assert stored(linked.workspace.store) == before
    with pipeline.opened(linked.workspace, "test") as archive:
        release.publish(linked.workspace, archive, 1)
    assert stored(linked.workspace.current / "store") == before


def test_run_killed_before_it_was_published_is_published_by_the_next_command(
    linked: Linker,
) -> None:
    """The moment between the commit in one file and that in the other."""
    before = stored(linked.workspace.store)
    linked.folder = linked.folder / "more"
    linked.folder.mkdir()
    linked.extract(item(44519, "Selma Lagerlöf", "1858-1940"))
    with (
        pipeline.opened(linked.workspace, "test") as archive,
        operations.open_tables(linked.workspace) as tables,
    ):
        made_of = runs.list_inputs(archive, tables, [], STAGES)
        find_links(tables, {}, STAGES, lambda count, note="": None)
        assert runs.commit_run(tables, made_of, STAGES).added == 1
    assert stored(linked.workspace.store) == before
    assert linked.link().id == ""
    assert any("/Q44519>" in line for line in stored(linked.workspace.store))
    assert is_sound(linked.workspace)


def test_dry_run_says_what_would_change_and_changes_nothing(linked: Linker) -> None:
    before = stored(linked.workspace.store)
    linked.folder = linked.folder / "more"
    linked.folder.mkdir()
    linked.extract(item(44519, "Selma Lagerlöf", "1858-1940"))
    planned = operations.link(linked.workspace, ("identifiers", "terms", "names"), dry_run=True)
    assert (planned.added, stored(linked.workspace.store)) == (1, before)
    assert linked.link().added == 1


def test_stage_alone_leaves_the_links_of_others(linked: Linker) -> None:
    before = linked.links()
    linked.link("names")
    assert linked.links() == before


def judge(linked: Linker, subject: str, other: str, verdict: str) -> None:
    one = Judgement(f"https://libris.kb.se/{subject}#it", other, verdict, "KB", WHEN, "because")
    judgements.append_judgements(linked.workspace.judgements, [one])


def test_negative_judgement_removes_the_link_and_keeps_it_away(linked: Linker) -> None:
    judge(linked, "a", f"{Q}7724", "no")
    linked.link()
    assert linked.links("a") == exact(ISNI_IRI)
    pipeline.rebuild(linked.workspace)
    assert linked.link().id == ""
    assert linked.links("a") == exact(ISNI_IRI)
    assert is_sound(linked.workspace)


def test_positive_judgement_makes_the_link(linked: Linker) -> None:
    judge(linked, "b", f"{Q}44519", "yes")
    linked.link()
    assert linked.links("b") == exact(f"{Q}44519")
    judge(linked, "b", f"{Q}44519", "unsure")
    linked.link()
    assert linked.links("b") == set()


def test_judgements_are_in_the_store_with_who_and_when(linked: Linker) -> None:
    judge(linked, "a", f"{Q}7724", "no")
    linked.link()
    said = graphs(linked.workspace)[f"{GRAPHS}judgements"]
    assert any('predicate_modifier> "Not"' in line for line in said)
    assert any('reviewer_label> "KB"' in line for line in said)
    assert any('"2026-11-24"^^' in line for line in said)


def test_judgement_cut_short_by_a_crash_does_not_spoil_the_next(
    linked: Linker, caplog: pytest.LogCaptureFixture
) -> None:
    with open(linked.workspace.judgements, "w", encoding="utf-8") as log:
        log.write("https://libris.kb.se/a#it\thttp")
    judge(linked, "b", f"{Q}44519", "yes")
    assert len(judgements.read_judgements(linked.workspace.judgements)) == 1
    assert "judgements.tsv:1: no judgement" in caplog.text


def test_doubts_go_out_and_come_back_as_judgements(linker: Linker, tmp_path: Path) -> None:
    linker.load(person("b", "Selma Lagerlöf", "1858-"))
    linker.extract(item(44519, "Selma Lagerlöf", "1859-1940"))
    linker.link()
    table = tmp_path / "doubts.tsv"
    with (
        operations.open_tables(linker.workspace) as tables,
        open(table, "w", encoding="utf-8") as out,
    ):
        assert review.export_doubts(tables, out) == 1
    header, row = (line.split("\t") for line in table.read_text(encoding="utf-8").splitlines())
    cells = dict(zip(header, row, strict=True))
    assert (cells["name"], cells["years"]) == ("Selma Lagerlöf", "1858–")
    assert (cells["object name"], cells["object years"]) == ("Selma Lagerlöf", "1859–1940")
    row[header.index("verdict")] = "Ja"
    row[header.index("note")] = "same books"
    table.write_text("\t".join(header) + "\n" + "\t".join(row) + "\n", encoding="utf-8")
    with pytest.raises(LinkError, match="nobody is named"):
        review.import_judgements(table, "", [])
    found = review.import_judgements(table, "Karin", [])
    assert [(judgement.verdict, judgement.who, judgement.reason) for judgement in found] == [
        ("yes", "Karin", "same books")
    ]
    assert review.import_judgements(table, "Karin", found) == []
    judgements.append_judgements(linker.workspace.judgements, found)
    linker.link()
    assert ("exactMatch", f"{Q}44519") in linker.links("b")
    assert linker.doubts() == set()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("subject\tobject\n", "no column verdict"),
        ("subject\tobject\tverdict\nhttps://a\thttps://b\tmaybe\n", "t.tsv:2: the verdict is"),
        ("subject\tobject\tverdict\nx\thttps://b\tyes\n", "t.tsv:2: subject and object"),
    ],
)
def test_table_with_an_error_is_refused_whole(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "t.tsv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(LinkError, match=says):
        review.import_judgements(path, "KB", [])


def test_tables_of_a_later_version_are_refused(tmp_path: Path) -> None:
    tables = Tables(tmp_path / "links.sqlite")
    tables.connection.execute("PRAGMA user_version = 99")
    tables.close()
    with pytest.raises(LinkError, match="has version 99"):
        Tables(tmp_path / "links.sqlite")
