"""Tables made of a release: what they hold, how they are described, and that they come whole."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pyoxigraph as ox
import pytest

from loader.errors import LoaderError
from loader.files import files
from loader.maintenance import damage
from loader.release import additions, manifest, release
from loader.store import pipeline
from loader.workspace import Workspace
from sparql_server.engine.columns.algebra import Unsuited
from sparql_server.engine.releases import Release, open_release
from sparql_server.errors import MalformedFile, StartError
from sparql_server.settings import TABLES
from sparql_server.tables import making
from sparql_server.tables.making import NoTables, make_tables
from sparql_server.tables.model import Sizes
from sparql_server.tables.query_files import load_tables, read_table
from tests.conftest import SAMPLE
from tests.server.conftest import add_columns

LIBRIS = "https://libris.kb.se/"
DEFINED = load_tables(TABLES)


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    return list(pq.read_table(folder / f"{name}.parquet").to_pylist())


def records(kind: str) -> list[list[dict[str, Any]]]:
    """The sample's records of a kind, ``b`` titles, as they stand in the file."""
    lines = (SAMPLE / "records.jsonl").read_text(encoding="utf-8").splitlines()
    graphs = [json.loads(line)["@graph"] for line in lines]
    return [graph for graph in graphs if f"/sample-{kind}" in graph[0]["@id"]]


def test_instances_are_those_of_the_records(folder: Path) -> None:
    expected = {(thing["@id"], thing["hasTitle"][0]["mainTitle"]) for _, thing in records("b")}
    assert {(row["instance"], row["title"]) for row in rows(folder, "instances")} == expected


def test_holdings_are_those_of_the_records(folder: Path) -> None:
    expected = Counter(
        (thing["itemOf"]["@id"], thing["heldBy"]["@id"]) for _, thing in records("h")
    )
    found = rows(folder, "holdings")
    assert Counter((row["instance"], row["library"]) for row in found) == expected
    (first,) = [row for row in found if row["item"] == f"{LIBRIS}sample-h0001#it"]
    assert first["shelf_mark"] == "Mag 1"
    assert first["created"] == datetime(2004, 2, 2, 14, tzinfo=UTC)
    counted = {row["library"]: row["holdings"] for row in rows(folder, "libraries")}
    held = Counter(row["library"] for row in found)
    assert {library: count for library, count in counted.items() if count} == held


def test_publications_have_the_year_as_a_number_and_as_stated(folder: Path) -> None:
    stated = Counter(
        publication.get("year") for _, thing in records("b") for publication in thing["publication"]
    )
    found = rows(folder, "publications")
    assert Counter(row["year_stated"] for row in found) == stated
    assert all(row["year"] == int(row["year_stated"]) for row in found if row["year_stated"])


def test_contributions_and_subjects_are_joined_to_works(folder: Path) -> None:
    works = {row["work"] for row in rows(folder, "works")}
    roles = [
        (thing["@id"], contribution["agent"].get("@id"), role["@id"])
        for _, thing in [*records("b"), *records("a")]
        for contribution in thing.get("instanceOf", thing).get("contribution", [])
        for role in contribution["role"]
    ]
    found = rows(folder, "contributions")
    assert Counter((row["work"], row["agent"], row["role"]) for row in found) == Counter(roles)
    for name in ("contributions", "subjects", "languages", "classifications"):
        assert {row["work"] for row in rows(folder, name)} <= works


@pytest.mark.parametrize("table", DEFINED, ids=[table.name for table in DEFINED])
def test_keys_tell_rows_apart_and_what_refers_finds_one(folder: Path, table: Any) -> None:
    found = rows(folder, table.name)
    if table.key:
        keys = [tuple(row[name] for name in table.key) for row in found]
        assert len(set(keys)) == len(keys)
        assert all(all(part is not None for part in key) for key in keys)
    for column in table.columns:
        if column.refers and column.refers.split(".")[0] != "libraries":
            other, _, name = column.refers.partition(".")
            there = {row[name] for row in rows(folder, other)}
            assert {row[column.name] for row in found} - {None} <= there


@pytest.mark.parametrize("table", DEFINED, ids=[table.name for table in DEFINED])
def test_files_are_sorted_and_say_so(folder: Path, table: Any) -> None:
    file = pq.ParquetFile(folder / f"{table.name}.parquet")
    for group in range(file.metadata.num_row_groups):
        sorting = file.metadata.row_group(group).sorting_columns
        assert [table.names[column.column_index] for column in sorting] == list(table.order)
    keys = [[row[name] or "" for name in table.order] for row in rows(folder, table.name)]
    assert keys == sorted(keys)
    assert file.schema_arrow.field(0).metadata[b"sv"] == table.columns[0].about["sv"].encode()


def test_description_names_every_file_with_its_checksum(folder: Path) -> None:
    package = json.loads((folder / "datapackage.json").read_text())
    assert [resource["name"] for resource in package["resources"]] == [t.name for t in DEFINED]
    for resource in package["resources"]:
        (file,) = resource["files"]
        content = (folder / file["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{file['sha256']}"
        assert (file["sha256"], file["bytes"]) == (sha256(content).hexdigest(), len(content))
        assert file["rows"] == pq.ParquetFile(folder / file["path"]).metadata.num_rows
        fields = [field["name"] for field in resource["schema"]["fields"]]
        assert fields == pq.ParquetFile(folder / file["path"]).schema_arrow.names


def test_croissant_describes_the_same_columns(folder: Path) -> None:
    croissant = json.loads((folder / "croissant.json").read_text())
    described = {field["@id"] for records in croissant["recordSet"] for field in records["field"]}
    assert described == {f"{table.name}/{name}" for table in DEFINED for name in table.names}
    for records in croissant["recordSet"]:
        for field in records["field"]:
            assert (
                field.get("references", {}).get("field", {"@id": field["@id"]})["@id"] in described
            )


def test_book_of_fields_counts_what_columns_hold(folder: Path) -> None:
    book = json.loads((folder / "fields.json").read_text())
    for table in book["tables"]:
        found = rows(folder, table["name"])
        assert table["rows"] == len(found)
        for column in table["columns"]:
            values = [row[column["name"]] for row in found if row[column["name"]] is not None]
            assert column["filled"] == len(values), (table["name"], column["name"])
            assert column["different"] == len(set(values)), (table["name"], column["name"])


# Odd data


ODD = """
@prefix : <https://id.kb.se/vocab/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<urn:r1> :mainEntity <urn:i1> ; :created "2024-02-30T00:00:00Z"^^xsd:dateTime .
<urn:i1> a :Print ; :instanceOf <urn:w> ; :publication [ :year "[1952]" ], [ :date "19--" ],
  [ :date "1914-1918" ; :place [ :label "[S.l.]" ] ; :agent [ :label "s.n." ] ],
  [ :date "odaterad" ; :place [ :label "[Uppsala :" ] ] , [ :place [ :label "[Okänd ort]" ] ] .
<urn:r2> :mainEntity <urn:i2> ; :created "2024-02-29T12:00:00.123456+01:00"^^xsd:dateTime .
<urn:i2> a :Print ; :instanceOf <urn:w> ; :hasTitle [ :mainTitle "B" ], [ :mainTitle "A" ] .
<urn:r3> :mainEntity <urn:i3> . <urn:i3> :instanceOf [ :contribution [ :agent _:agent ] ] .
_:agent :familyName "Lager" ; :givenName "Selma" .
<urn:i3> :identifiedBy [ :value "1" ] .
"""


CHANGES = """
@prefix as: <https://www.w3.org/ns/activitystreams#> .
@prefix c: <urn:libris:changes:vocabulary#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<urn:c1> a as:Delete ; as:object <urn:h1> ; as:published "2026-11-02T10:00:00Z"^^xsd:dateTime ;
  c:release 10 ; c:thing <urn:i> ; c:type <https://id.kb.se/vocab/Item> ; c:heldBy <urn:lib> .
<urn:c2> a as:Create ; as:object <urn:r1> ; as:published "2026-11-01T10:00:00Z"^^xsd:dateTime ;
  c:release 9 ; c:thing <urn:i1> .
"""


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """A release of data as it shouldn't be."""
    path = tmp_path_factory.mktemp("odd") / "0003"
    path.mkdir()
    store = ox.Store(str(path / "store"))
    store.load(ODD.encode(), ox.RdfFormat.TURTLE, to_graph=ox.NamedNode("urn:g"))
    store.load(CHANGES.encode(), ox.RdfFormat.TURTLE, to_graph=ox.NamedNode("urn:c"))
    store.flush()
    add_columns(path)
    return open_release(path)


@pytest.fixture(scope="module")
def odd_tables(odd: Release) -> Path:
    target = odd.path / "tables"
    make_tables(odd, DEFINED, target, Sizes(group=2, file=3))
    return target


def test_what_is_discarded_is_there_as_stated_with_its_reason(odd_tables: Path) -> None:
    found = pq.read_table(sorted(odd_tables.glob("publications*.parquet"))).to_pylist()
    years = {(row["year_stated"], row["year"], row["year_problem"]) for row in found}
    assert years == {
        ("[1952]", 1952, None),
        ("19--", None, "digits"),
        ("1914-1918", None, "several"),
        ("odaterad", None, "none"),
        (None, None, None),
    }
    places = {(row["place_stated"], row["place"], row["place_problem"]) for row in found}
    assert places == {
        ("[S.l.]", None, "unknown"),
        ("[Uppsala :", "Uppsala", None),
        ("[Okänd ort]", None, "unknown"),
        (None, None, None),
    }
    assert ("s.n.", None, "unknown") in {
        (row["publisher_stated"], row["publisher"], row["publisher_problem"]) for row in found
    }


def test_book_of_fields_has_what_was_discarded_and_why(odd_tables: Path) -> None:
    book = json.loads((odd_tables / "fields.json").read_text())
    (table,) = [table for table in book["tables"] if table["name"] == "publications"]
    (year,) = [column for column in table["columns"] if column["name"] == "year"]
    assert year["discarded"] == 3
    assert {(each["value"], each["rows"]) for each in year["problems"]} == {
        ("digits", 1),
        ("several", 1),
        ("none", 1),
    }
    (place,) = [column for column in table["columns"] if column["name"] == "place"]
    assert place["decades"] == [{"decade": 1950, "rows": 1, "accepted": 0, "discarded": 0}]


def test_table_of_many_rows_is_in_several_files_sorted_throughout(odd_tables: Path) -> None:
    paths = sorted(odd_tables.glob("publications*.parquet"))
    assert [path.name for path in paths] == [
        "publications-0001.parquet",
        "publications-0002.parquet",
    ]
    package = json.loads((odd_tables / "datapackage.json").read_text())
    (resource,) = [each for each in package["resources"] if each["name"] == "publications"]
    assert resource["path"] == [path.name for path in paths]
    assert [file["rows"] for file in resource["files"]] == [3, 2]
    croissant = json.loads((odd_tables / "croissant.json").read_text())
    sets = [each for each in croissant["distribution"] if each["@type"] == "cr:FileSet"]
    assert "publications-files" in {each["@id"] for each in sets}


def test_one_of_several_works_without_an_iri_and_instants_that_are_none(odd_tables: Path) -> None:
    instances = {row["instance"]: row for row in rows(odd_tables, "instances")}
    assert instances["urn:i1"]["work"] == instances["urn:i2"]["work"] == "urn:w"
    assert instances["urn:i3"]["work"] == "urn:i3"
    assert instances["urn:i2"]["title"] in ("A", "B")
    (contribution,) = rows(odd_tables, "contributions")
    assert (contribution["agent"], contribution["name"]) == (None, "Lager, Selma")
    created = {row["record"]: row["created"] for row in rows(odd_tables, "records")}
    assert created["urn:r1"] is None
    assert created["urn:r2"] == datetime(2024, 2, 29, 11, 0, 0, 123000, tzinfo=UTC)


def test_changes_are_in_the_order_of_releases(odd_tables: Path) -> None:
    first, second = rows(odd_tables, "changes")
    assert (first["release"], first["change"], first["graph"]) == (9, "Create", "urn:r1")
    assert (second["release"], second["change"], second["library"]) == (10, "Delete", "urn:lib")


def test_release_without_columns_can_have_no_tables(tmp_path: Path) -> None:
    (tmp_path / "0001").mkdir()
    with pytest.raises(NoTables, match="release 1 can't have tables"):
        make_tables(open_release(tmp_path / "0001"), DEFINED, tmp_path / "tables")
    assert list(tmp_path.iterdir()) == [tmp_path / "0001"]
    with pytest.raises(StartError, match="no folder of a release"):
        open_release(tmp_path)


def decline(*_: object) -> None:
    raise Unsuited("what it is asked")


def test_what_columns_decline_is_answered_by_the_store(
    published: Workspace,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(making, "answer_in_pieces", decline)
    asked = [table for table in DEFINED if table.name in ("agents", "holdings", "publications")]
    make_tables(open_release(published.current.resolve()), asked, tmp_path / "tables")
    assert "holdings.rq takes longer than others" in caplog.text
    for table in asked:
        ours, theirs = (rows(place, table.name) for place in (tmp_path / "tables", folder))
        assert sorted(map(repr, ours)) == sorted(map(repr, theirs)), table.name


def test_table_that_nobody_answers_is_said_by_its_file(
    published: Workspace, tmp_path: Path
) -> None:
    text = DEFINITION.replace("{ ?s ?p ?o }", "{ SERVICE <urn:other> { ?s ?p ?o } }")
    with pytest.raises(NoTables, match=r"elsewhere\.rq can't be answered: .*urn:other"):
        make_tables(
            open_release(published.current.resolve()),
            [read_table("elsewhere", text)],
            tmp_path / "tables",
        )
    assert not list(tmp_path.iterdir())


# Definitions


DEFINITION = """#+ title: {sv: Ting, en: Things}
#+ description: {sv: Alla, en: All}
#+ order: [s]
#+ columns:
#+   - name: s
#+     type: iri
#+     about: {sv: Subjekt, en: Subject}

SELECT ?s { ?s ?p ?o }
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("type: iri", "type: uri", 6, "no type uri"),
        ("name: s", "name: S", 5, "names are small letters"),
        ("order: [s]", "order: [t]", 3, "there is no column t"),
        ("#+ order: [s]\n", "", 1, "order is missing"),
        ("SELECT ?s", "SELECT ?p", 9, "aren't those selected"),
        ("SELECT ?s {", "ASK {", 9, "a SELECT"),
        ("?o }", "?o", 9, "not SPARQL"),
        ("?o }", "?o } LIMIT 5", 9, "ends with its pattern"),
        ("about: {sv: Subjekt, en: Subject}", "about: {sv: Subjekt}", 7, "en is missing"),
    ],
)
def test_definition_that_is_wrong_is_said_with_its_line(
    old: str, new: str, line: int, says: str
) -> None:
    assert read_table("things", DEFINITION).names == ("s",)
    with pytest.raises(MalformedFile, match=says) as caught:
        read_table("things", DEFINITION.replace(old, new))
    assert caught.value.line == line


def test_reference_to_what_is_no_key_is_refused(tmp_path: Path) -> None:
    text = DEFINITION.replace("type: iri", "type: iri\n#+     refers: others.s")
    (tmp_path / "things.rq").write_text(text)
    with pytest.raises(MalformedFile, match=r"others\.s is no key"):
        load_tables(tmp_path)


# With a release, and added to one


def test_manifest_has_the_checksums_of_the_tables(published: Workspace) -> None:
    said = manifest.read_manifest(published.current, 1)
    assert said["parts"]["tables"]["tables"] == len(DEFINED)
    assert "tables/instances.parquet" in said["files"]
    assert list(damage.find_in_releases(published)) == []


def test_descriptions_say_when_the_tables_were_published(folder: Path) -> None:
    package = json.loads((folder / "datapackage.json").read_text())
    croissant = json.loads((folder / "croissant.json").read_text())
    made = datetime.fromisoformat(package["created"])
    assert made.tzinfo is not None
    assert croissant["datePublished"] == package["created"]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A release without tables."""
    workspace = Workspace(tmp_path_factory.mktemp("bare"))
    pipeline.load(workspace, files.find_files([SAMPLE / "records.jsonl"]), None)
    with pipeline.opened(workspace, "release") as archive:
        release.publish(workspace, archive, 3)
    return workspace


def test_tables_are_added_to_a_release_once(bare: Workspace) -> None:
    where = release.release_folder(bare, 1)
    assert additions.add_part(bare, where, "tables")
    assert not additions.add_part(bare, where, "tables")
    assert list(damage.find_in_releases(bare)) == []
    made = manifest.read_manifest(where, 1)["files"]
    assert made["tables/holdings.parquet"]["bytes"] > 0

    # A run that was killed when the folder was there and the manifest didn't know of it.
    (where / "tables" / "holdings.parquet").unlink()
    said = manifest.read_manifest(where, 1)
    del said["parts"]["tables"]
    other = {name: of for name, of in said["files"].items() if not name.startswith("tables/")}
    manifest.replace_manifest(where, {**said, "files": other})
    assert additions.add_part(bare, where, "tables")
    assert list(damage.find_in_releases(bare)) == []
    assert manifest.read_manifest(where, 1)["files"] == made


def test_tables_of_unchanged_data_are_taken_and_only_described_anew(bare: Workspace) -> None:
    first, second, last = (release.release_folder(bare, n) / "tables" for n in (1, 2, 3))
    additions.add_part(bare, first.parent, "tables")
    damaged = second / "works.parquet"
    with pipeline.opened(bare, "release") as archive:
        release.publish(bare, archive, 3, ["tables"])
        shared = [path.samefile(second / path.name) for path in first.glob("*.parquet")]
        content = damaged.read_bytes()
        damaged.unlink()
        damaged.write_bytes(b"x" + content[1:])
        release.publish(bare, archive, 3, ["tables"])
    assert all(shared)
    assert (last / damaged.name).read_bytes() == content
    for path in first.iterdir():
        is_taken = path.suffix == ".parquet" and path.name != damaged.name
        assert path.samefile(last / path.name) == is_taken, path.name
    for folder, version in ((first, "0001"), (second, "0002"), (last, "0003")):
        package = json.loads((folder / "datapackage.json").read_bytes())
        assert package["version"] == version
        assert json.loads((folder / "fields.json").read_bytes())["release"] == version
    faults = list(damage.find_in_releases(bare))
    assert len(faults) == 1
    assert damaged.name in faults[0]


def test_tables_are_made_anew_when_the_data_or_a_definition_has_changed(
    published: Workspace, tmp_path: Path
) -> None:
    where, other = open_release(published.current.resolve()), tmp_path / "0007"
    other.mkdir()
    (other / "columns").mkdir()
    for path in (where.path / "columns").iterdir():
        (other / "columns" / path.name).hardlink_to(path)
    same = open_release(other)
    changed = [replace(DEFINED[0], order=DEFINED[0].order[:0]), *DEFINED[1:]]
    make_tables(same, changed, tmp_path / "defined", former=[where.path])
    names = [table.name for table in DEFINED]
    assert [_is_shared(tmp_path / "defined", where, name) for name in names] == [
        name != names[0] for name in names
    ]
    blob = other / "columns" / "blob"
    content = blob.read_bytes()
    blob.unlink()
    blob.write_bytes(content)
    make_tables(same, DEFINED, tmp_path / "data", former=[tmp_path, where.path])
    assert not any(_is_shared(tmp_path / "data", where, name) for name in names)


def _is_shared(folder: Path, where: Release, name: str) -> bool:
    return (folder / f"{name}.parquet").samefile(where.path / "tables" / f"{name}.parquet")


def test_release_whose_tables_cannot_be_made_stays_as_it_was(
    bare: Workspace, tmp_path: Path
) -> None:
    where = tmp_path / "0001"
    where.mkdir()
    said = manifest.read_manifest(release.release_folder(bare, 1), 1)
    manifest.replace_manifest(where, {**said, "parts": {}})
    before = (where / "manifest.json").read_bytes()
    with pytest.raises(LoaderError, match="release 1 can't have tables"):
        additions.add_part(bare, where, "tables")
    facts = additions.make_wanted(where, ["tables"])
    assert "can't have tables" in facts["tables"]["missing"]
    assert not (where / "tables").exists()
    assert (where / "manifest.json").read_bytes() == before


def test_command_makes_tables_anywhere_and_never_in_part(
    published: Workspace, tmp_path: Path
) -> None:
    target = tmp_path / "out"
    command = [sys.executable, "-m", "sparql_server.cli", "tables"]
    process = subprocess.Popen([*command, str(published.current.resolve()), str(target)])
    while not target.with_name("out.part").exists():
        assert process.poll() is None
    process.kill()
    process.wait()
    assert not target.exists()
    done = subprocess.run(
        [*command, str(published.current.resolve()), str(target)], capture_output=True, text=True
    )
    assert done.returncode == 0
    assert f"holdings\t{len(records('h'))}\t" in done.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
