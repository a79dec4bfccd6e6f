"""The parts of a release that make things findable: the text index and the schema."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
import tantivy
from rdflib import Graph, Namespace, URIRef

from loader.files import files
from loader.release import checksums, release
from loader.store import pipeline
from loader.text.index import write_index
from loader.text.things import Things
from loader.text.triples import Triples
from loader.workspace import Workspace
from sparql_server.engine.columns.storage.triples import Columns
from sparql_server.engine.text.index import NoIndex, TextIndex
from sparql_server.engine.text.storage import layout
from sparql_server.engine.text.storage.word_folding import fold, identifiers
from sparql_server.engine.text.things import Wanted, find_things

KBV = "https://id.kb.se/vocab/"
CATALOGUE = """
@prefix : <https://id.kb.se/vocab/> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix l: <https://libris.kb.se/> .

<https://id.kb.se/vocab/> {
  :Person a owl:Class ; :label "Person"@sv , "Person"@en ; rdfs:subClassOf :Agent ;
    owl:equivalentClass <http://id.loc.gov/ontologies/bibframe/Person> .
  :Agent a owl:Class ; :label "Agent"@sv .
  :hasTitle :label "titel"@sv , "\\n has title "@en .
}
l:p1 { l:p1 a :Record ; :controlNumber "4711" ; :mainEntity <https://libris.kb.se/p1#it> ;
    :identifiedBy [ a :LibrisIIINumber ; :value "9901039865" ] .
  <https://libris.kb.se/p1#it> a :Person ; :familyName "Lagerlöf" ; :givenName "Selma" ;
    :lifeSpan "1858-1940" ; :identifiedBy [ a :ISNI ; :value "0000 0001 2148 3628" ] ;
    :hasVariant [ a :Person ; :familyName "Lagerlef" ; :givenName "Sel'ma" ] . }
l:p2 { <https://libris.kb.se/p2#it> a :Person ; :familyName "Ångström" ; :givenName "Jonas" . }
l:p3 { <https://libris.kb.se/p3#it> a :Person ; :familyName "Lagerlöf" ; :givenName "Erik" . }
l:p4 { <https://libris.kb.se/p4#it> a :Person ; :familyName "Turi" ; :givenName "Čáhci" . }
l:p5 { <https://libris.kb.se/p5#it> a :Person ; :familyName "Angstrom" ; :givenName "Per" . }
l:b1 { <https://libris.kb.se/b1#it> a :PhysicalResource ; :publication [ :year "1891" ] ;
    :contributor <https://libris.kb.se/p1#it> ; :identifiedBy [ a :ISBN ; :value "9100559156" ] ;
    :hasTitle [ a :Title ; :mainTitle "Gösta Berlings saga" ; :subtitle "roman" ] . }
l:b2 { <https://libris.kb.se/b2#it> a :PhysicalResource ;
    :contributor <https://libris.kb.se/p1#it> ;
    :hasTitle [ a :Title ; :mainTitle "Selma Lagerlöf" ] ; :note 7 , "1908" . }
l:b4 { <https://libris.kb.se/b4#it> a :PhysicalResource ;
    :responsibilityStatement "översatt av Karin Boye" ;
    :instanceOf [ a :Text ; :contribution [ :agent <https://libris.kb.se/p6#it> ] ,
      [ :agent [ a :Person ; :familyName "Almquist" ] ] ] ;
    :hasTitle [ a :Title ; :mainTitle "Det går an" ] . }
l:b5 { <https://libris.kb.se/b5#it> a :PhysicalResource ; :instanceOf <https://libris.kb.se/w5#it> ;
    :hasTitle [ a :Title ; :mainTitle "Det går inte" ] . }
l:w5 { <https://libris.kb.se/w5#it> a :Text ; :hasTitle [ :mainTitle "Det" ] ;
    :contribution [ :agent <https://libris.kb.se/p7#it> ] . }
l:p6 { <https://libris.kb.se/p6#it> a :Person ; :familyName "Sundström" ; :givenName "Ada" . }
l:p7 { <https://libris.kb.se/p7#it> a :Person ; :name "Voltaire" . }
"""
PERSON = "https://libris.kb.se/p1#it"


def publish(workspace: Workspace) -> Path:
    with pipeline.opened(workspace, "release") as archive:
        return release.release_folder(workspace, release.publish(workspace, archive, 5))


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("text"))
    trig = workspace.root / "catalogue.trig"
    trig.write_text(CATALOGUE, encoding="utf-8")
    pipeline.load(workspace, files.find_files([trig]), None)
    return workspace


@pytest.fixture(scope="module")
def folder(catalogue: Workspace) -> Path:
    return publish(catalogue)


@pytest.fixture(scope="module")
def index(folder: Path) -> TextIndex:
    return TextIndex(folder)


def found(index: TextIndex, text: str, **options: Any) -> list[str]:
    hits = index.search(Wanted(text, **options))["hits"]
    return [hit["iri"].removeprefix("https://libris.kb.se/").removesuffix("#it") for hit in hits]


@pytest.mark.parametrize(
    "typed",
    [
        *("selma lagerlöf", "Lagerlöf, Selma", "LAGERLÖF SELMA", "lagerlöf s", "selma lager"),
        *("S. Lagerlöf", "s lagerloef", "lager sel", "se la"),
        *("selma lagerlof", "Selma Lagerloef", "selma lagerlf", "slma lagerlöf", "Sel'ma Lagerlef"),
        *("selma 1858", "0000000121483628", "0000-0001 2148 3628", "4711", "p1", PERSON),
        "Selma Lagerlo\N{COMBINING DIAERESIS}f",
    ],
)
def test_person_is_found_however_the_name_is_typed(index: TextIndex, typed: str) -> None:
    assert found(index, typed)[0] == "p1"


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("gösta berl", "b1"),
        ("saga gosta", "b1"),
        ("gösta berlings saga : roman", "b1"),
        ("gösta berlings saga roman 1891", "b1"),
        ("91-0-055915-6", "b1"),
        ("978-91-0-055915-1", "b1"),
        ("ISBN 91-0-055915-6", "b1"),
        ("urn:isbn:9789100559151", "b1"),
        ("ISBN-13: 978-91-0-055915-1", "b1"),
        ("ISBN10 9100559156", "b1"),
        ("isbn9100559156", "b1"),
        ("ISNI0000000121483628", "p1"),
        ("9901039865", "p1"),
        ("libris.kb.se/bib/9901039865", "p1"),
        ("libris.kb.se/b1", "b1"),
        ("<https://libris.kb.se/b1#it>", "b1"),
        ("https://libris.kb.se/b1?language=sv#it", "b1"),
        ("isni: 0000 0001 2148 3628", "p1"),
        ("https://isni.org/isni/0000000121483628", "p1"),
        ("http://libris.kb.se/auth/4711", "p1"),
        ("https://libris.kb.se/b1", "b1"),
        ("Lagerlöf, Selma Ottilia", "p1"),
        ("gösta berlings saga AND roman", "b1"),
        ("berlings", "b1"),
        ("turi cahci", "p4"),
        ("ångström", "p2"),
        ("angstrom", "p5"),
    ],
)
def test_titles_identifiers_and_other_letters(index: TextIndex, typed: str, first: str) -> None:
    assert found(index, typed)[0] == first


def test_swedish_letters_are_letters_and_without_them_comes_behind(index: TextIndex) -> None:
    assert found(index, "angstrom") == ["p5", "p2"]
    assert found(index, "ångström") == ["p2", "p5"]


def test_what_is_used_more_comes_first_and_exact_names_before_it(index: TextIndex) -> None:
    assert found(index, "lagerlöf") == ["p1", "p3", "b2"]
    assert found(index, "erik lagerlöf")[0] == "p3"


@pytest.mark.parametrize(
    ("typed", "fitting"),
    [
        ("sundström går an", ["b4"]),
        ("det går sundst", ["b4"]),
        ("det gar sundstrom ada", ["b4"]),
        ("det går an sundström", ["b4"]),
        ("det går an sundstrim", ["b4"]),
        ("almquist det", ["b4"]),
        ("boye det går an", ["b4"]),
        ("det voltaire", ["b5", "w5"]),
        ("sundström a", ["p6", "b4"]),
        ("sundström saga", []),
    ],
)
def test_title_is_found_with_who_has_part_in_it_behind_names(
    index: TextIndex, typed: str, fitting: list[str]
) -> None:
    assert sorted(found(index, typed)) == sorted(fitting)
    assert found(index, typed)[:1] in ([], fitting[:1], ["w5"])


def test_years_are_not_misspelt(index: TextIndex) -> None:
    assert found(index, "1891") == ["b1"]
    assert found(index, "1881") == found(index, "lagerlöf 1859") == []


def test_name_that_goes_on_comes_before_one_that_only_has_the_words(index: TextIndex) -> None:
    hits = index.search(Wanted("det går a"))["hits"]
    assert [(hit["label"], hit["score"]) for hit in hits[:1]] == [("Det går an", 0.95)]


def test_missing_letter_that_leaves_two_which_are_one_elsewhere(index: TextIndex) -> None:
    assert found(index, "belings saga") == found(index, "bealings saga") == ["b1"]


def test_index_of_an_earlier_version_is_searched_without_what_it_lacks(tmp_path: Path) -> None:
    builder = tantivy.SchemaBuilder()
    for name in ("iri", "class", "name", "loose_name", "id", "word", "loose_word"):
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="basic")
    builder.add_unsigned_field("uses", fast=True)
    builder.add_bytes_field("thing", stored=True)
    former = tantivy.Index(builder.build(), path=str(tmp_path))
    writer = former.writer(num_threads=1)
    shown = layout.Shown("urn:x", (layout.Name("Det går an"),), 1, "", "")
    document = tantivy.Document(word="det går an", loose_word="det gar an")
    document.add_unsigned("uses", 1)
    document.add_bytes("thing", shown.pack())
    writer.add_document(document)
    writer.commit()
    former.reload()
    hits = find_things(former, former.searcher(), Wanted("det går"))
    assert [hit.shown.iri for hit in hits] == ["urn:x"]


def test_class_holds_for_subclasses_too(index: TextIndex) -> None:
    assert found(index, "selma", kind=f"{KBV}Agent") == ["p1"]
    assert found(index, "selma", kind=f"{KBV}PhysicalResource") == ["b2"]
    assert found(index, "selma", kind=f"{KBV}Nothing") == []


def test_hit_says_what_tells_it_apart(index: TextIndex) -> None:
    hit = index.search(Wanted("sel'ma lagerlef", language="sv"))["hits"][0]
    assert hit | {"score": 1.0} == {
        "iri": PERSON,
        "label": "Lagerlöf, Selma",
        "lang": None,
        "class": f"{KBV}Person",
        "class_label": "Person",
        "detail": "1858-1940",
        "uses": 2,
        "matched": "Lagerlef, Sel'ma",
        "score": 1.0,
    }


@pytest.mark.parametrize("typed", ["", " ", "*", "???", "a*b", "x" * 500, "() OR AND", "\0"])
def test_what_names_nothing_finds_nothing(index: TextIndex, typed: str) -> None:
    assert isinstance(found(index, typed), list)


def test_texts_are_strings_of_words_with_their_properties(index: TextIndex) -> None:
    def texts(expression: str, *properties: str) -> set[str]:
        said = index.texts.find(expression, properties, lucene=False)
        return {each.literal.value for each in said}

    assert texts("selma") == {"Selma", "Selma Lagerlöf"}
    assert texts("selma", f"{KBV}mainTitle") == {"Selma Lagerlöf"}
    assert texts("lager* AND NOT selma") == {"Lagerlöf", "Lagerlef"}
    assert texts("'berlings saga' OR roman") == {"Gösta Berlings saga", "roman"}
    assert index.texts.has(f"{KBV}mainTitle")
    assert not index.texts.has(f"{KBV}note")  # a number, and digits alone


def test_manifest_has_the_parts_and_their_checksums(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_bytes())
    parts = manifest["parts"]
    assert (parts["text"]["things"], parts["schema"]["classes"]) == (15, 9)
    names = {
        name for name in manifest["files"] if name.partition("/")[0] not in ("store", "columns")
    }
    there = {f"text/{name}" for name in os.listdir(folder / "text")}
    assert names == {"void.ttl", "schema.json", "deleted.tsv", *there}
    sums = checksums.decode_sums(manifest["files"])
    assert list(checksums.find_faults(folder, sums)) == []
    assert all((folder / name).stat().st_mode & 0o044 == 0o044 for name in there)


def test_damaged_index_is_said(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(NoIndex, match="has no text index"):
        TextIndex(tmp_path)
    (tmp_path / "text").mkdir()
    for path in (folder / "text").iterdir():
        (tmp_path / "text" / path.name).write_bytes(path.read_bytes())
    facts = tmp_path / "text" / "text.json"
    facts.write_text(facts.read_text().replace(f'"version": {layout.VERSION}', '"version": 0'))
    with pytest.raises(NoIndex, match="version 0"):
        TextIndex(tmp_path)
    (tmp_path / "text" / "meta.json").write_text("{")
    facts.write_text((folder / "text" / "text.json").read_text())
    with pytest.raises(NoIndex):
        TextIndex(tmp_path)


def test_part_that_cannot_be_made_is_said_and_the_release_is_there(
    workspace: Workspace, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A triple that columns can't hold: what is made of them can't be made."""
    ttl = tmp_path / "triple.trig"
    ttl.write_text("<urn:g> { <urn:a> <urn:b> <<( <urn:c> <urn:d> <urn:e> )>> . }")
    pipeline.load(workspace, files.find_files([ttl]), None)
    if not workspace.store.exists():
        pytest.skip("no such triple can be loaded")
    place = publish(workspace)
    parts = json.loads((place / "manifest.json").read_bytes())["parts"]
    assert "missing" in parts["text"] or "things" in parts["text"]
    if "missing" in parts["text"]:
        assert "Servers do without it" in caplog.text
        assert not (place / "text").exists()


# The schema


@pytest.fixture(scope="module")
def schema(folder: Path) -> dict[str, Any]:
    said: dict[str, Any] = json.loads((folder / "schema.json").read_bytes())
    return said


def test_schema_says_what_goes_with_what(schema: dict[str, Any]) -> None:
    classes = {each["iri"]: each for each in schema["classes"]}
    person = classes[f"{KBV}Person"]
    assert (person["count"], person["label"]) == (9, {"sv": "Person", "en": "Person"})
    assert person["broader"] == [f"{KBV}Agent"]
    assert person["equivalent"] == ["http://id.loc.gov/ontologies/bibframe/Person"]
    assert person["examples"][0] == {"iri": PERSON, "label": "Lagerlöf, Selma"}
    rows = {row["iri"]: row for row in person["properties"]}
    assert rows[f"{KBV}familyName"]["count"] == 8
    assert rows[f"{KBV}hasVariant"]["values"]["classes"] == [{"iri": f"{KBV}Person", "count": 1}]
    title = {row["iri"]: row["values"] for row in classes[f"{KBV}Title"]["properties"]}
    string = "http://www.w3.org/2001/XMLSchema#string"
    assert title[f"{KBV}mainTitle"]["datatypes"] == [{"iri": string, "count": 4}]
    own = classes["http://www.w3.org/2002/07/owl#Class"]
    labels = {row["iri"]: row["values"] for row in own["properties"]}
    assert sorted(labels[f"{KBV}label"]["languages"]) == ["en", "sv"]


def test_schema_counts_properties(schema: dict[str, Any]) -> None:
    properties = {each["iri"]: each for each in schema["properties"]}
    contributor = properties[f"{KBV}contributor"]
    assert [contributor[name] for name in ("count", "subjects", "objects")] == [2, 2, 1]
    assert contributor["examples"][0]["value"] == PERSON
    assert properties[f"{KBV}hasTitle"]["label"] == {"sv": "titel", "en": "has title"}
    assert properties[f"{KBV}hasTitle"]["examples"] == []  # blank nodes


def test_void_has_the_partitions_of_the_schema(folder: Path, schema: dict[str, Any]) -> None:
    void = Namespace("http://rdfs.org/ns/void#")
    graph = Graph().parse(folder / "void.ttl")
    partition = next(graph.subjects(void["class"], URIRef(f"{KBV}Person")))
    rows = {
        str(graph.value(part, void.property)): int(str(graph.value(part, void.triples)))
        for part in graph.objects(partition, void.propertyPartition)
    }
    person = next(each for each in schema["classes"] if each["iri"] == f"{KBV}Person")
    assert rows == {row["iri"]: row["count"] for row in person["properties"]}


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Ærø, Øst", "ärö, öst"),
        ("STRASSE Straße", "strasse strasse"),
        ("Łódź Dvořák", "lodz dvorak"),
        ("Guovdageaidnu Ŧ Ŋ Đ", "guovdageaidnu t n d"),
        ("A\N{COMBINING RING ABOVE}se", "åse"),
        ("Достоевский", "достоевскии"),
        ("ﬁlm Ⅻ", "film xii"),
    ],
)
def test_words_are_folded_as_swedes_read_them(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_isbn_of_ten_is_one_of_thirteen() -> None:
    assert set(identifiers("91-0-055915-6")) == set(identifiers("978-91-0-055915-1"))
    assert identifiers("0-8044-2957-X") == ["080442957x", "9780804429573"]


# What changes with some graphs

CHANGED = """
@prefix : <https://id.kb.se/vocab/> .
@prefix l: <https://libris.kb.se/> .

l:p3 { <https://libris.kb.se/p3#it> a :Person ; :familyName "Lagerkvist" ; :givenName "Pär" . }
l:p6 { <https://libris.kb.se/p6#it> a :Person ; :familyName "Beckman" ; :givenName "Ada" . }
l:b2 { <https://libris.kb.se/b2#it> a :PhysicalResource ;
    :contributor <https://libris.kb.se/p3#it> ; :hasTitle [ a :Title ; :mainTitle "Dvärgen" ] . }
l:b3 { <https://libris.kb.se/b3#it> a :PhysicalResource ; :hasTitle [ :mainTitle "roman" ] . }
"""


def documents(folder: Path) -> list[tuple[str, ...]]:
    """Everything that an index has, whatever the order."""
    index = TextIndex(folder)
    hits = index.searcher.search(tantivy.Query.all_query(), 1000, count=False).hits
    stored = [index.searcher.doc(address).to_dict() for _, address in hits]
    return sorted(tuple(map(str, sorted(each.items()))) for each in stored)


@pytest.fixture(scope="module")
def updated(catalogue: Workspace, folder: Path) -> Path:
    """The release after one in which some graphs were something else."""
    trig = catalogue.root / "changed.trig"
    trig.write_text(CHANGED, encoding="utf-8")
    pipeline.load(catalogue, files.find_files([trig]), None)
    return publish(catalogue)


def test_index_that_is_changed_has_what_one_made_anew_has(updated: Path, tmp_path: Path) -> None:
    manifest = json.loads((updated / "manifest.json").read_bytes())
    assert 0 < manifest["parts"]["text"]["changed"] < 20
    triples = Triples(Columns.of(updated / "columns"))
    write_index(tmp_path / "text", triples, Things(triples))
    assert documents(updated) == documents(tmp_path)
    facts = json.loads((tmp_path / "text" / "text.json").read_bytes())
    said = json.loads((updated / "text" / "text.json").read_bytes())
    assert said == facts
    for text in ("selma", "lagerlöf", "lagerkvist", "roman", "dvärgen", "det beckman"):
        own, anew = (
            [(hit["iri"], hit["uses"]) for hit in TextIndex(place).search(Wanted(text))["hits"]]
            for place in (updated, tmp_path)
        )
        assert own == anew


def test_titles_change_with_who_has_part_in_them(updated: Path, folder: Path) -> None:
    assert found(TextIndex(updated), "beckman går") == ["b4"]
    assert found(TextIndex(folder), "beckman går") == []


def test_lock_put_into_a_folder_that_is_removed_does_no_harm(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    locks = [".tantivy-meta.lock"]
    remove = os.rmdir

    def lock_and_remove(path: str, *, dir_fd: int | None = None) -> None:
        if locks:
            Path(path, locks.pop()).touch()
        remove(path, dir_fd=dir_fd)

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(os, "rmdir", lock_and_remove)
    assert found(TextIndex(folder), "erik lagerlöf") == ["p3"]
    assert not locks
    assert list(tmp_path.iterdir()) == []


def test_release_before_keeps_its_index(updated: Path, folder: Path) -> None:
    assert found(TextIndex(folder), "erik lagerlöf") == ["p3"]
    assert found(TextIndex(updated), "erik lagerlöf") == []
    assert found(TextIndex(updated), "dvärgen") == ["b2"]
    sums = json.loads((folder / "manifest.json").read_bytes())["files"]
    assert list(checksums.find_faults(folder, checksums.decode_sums(sums))) == []


def test_files_that_have_not_changed_are_shared(updated: Path, folder: Path) -> None:
    own, former = (
        {path.stat().st_ino for path in (place / "text").iterdir() if path.suffix != ".json"}
        for place in (updated, folder)
    )
    assert own & former
