"""Records to triples."""

from __future__ import annotations

import json
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.archive.archive import Document
from loader.errors import TransformError
from loader.store.contents.graph_contents import tally
from loader.store.fast_transform import is_plain, tally_lines, write_plain_nquads
from loader.transform.context import CONTEXT, IGNORED
from loader.transform.document import read_document
from loader.transform.jsonld import Problem, Transformed, encode_canonically, repair_iri, transform
from loader.transform.ownership import name_by_content
from tests.golden.pairs import NAMES, lines_of, path_of, quads
from tests.records import KBV, canonical, heading, quads_of, record, title
from tests.shared import SHARED, needs_shared, real_records


def transformed(*records: dict[str, Any]) -> list[Transformed | TransformError]:
    return list(transform([read_document(record) for record in records]))


def only(one: dict[str, Any]) -> Transformed:
    (result,) = transformed(one)
    assert isinstance(result, Transformed), result
    return result


@pytest.mark.parametrize("name", NAMES)
def test_golden_record_gives_exactly_its_quads(name: str) -> None:
    assert lines_of(name) == path_of(name, ".nq").read_text(encoding="utf-8").splitlines()


def reference_context() -> Any:
    path = SHARED / "libris" / "vocab" / "kbv.merged.pyoxigraph.jsonld"
    return json.loads(path.read_text(encoding="utf-8"))["@context"]


def reference_quads(one: dict[str, Any], context: Any) -> list[ox.Quad]:
    document = {"@context": context, "@id": one["@graph"][0]["@id"], "@graph": one["@graph"]}
    return list(ox.parse(json.dumps(document), ox.RdfFormat.JSON_LD))


@needs_shared
def test_own_context_gives_the_quads_of_the_published_one_for_every_real_record() -> None:
    reference = reference_context()
    records = real_records()
    assert len(records) == 309
    for document in records:
        assert canonical(reference_quads(document, CONTEXT)) == canonical(
            reference_quads(document, reference)
        )


@needs_shared
def test_real_records_keep_every_quad_but_those_of_embedded_descriptions() -> None:
    reference = reference_context()
    split = reduced = 0
    for document in real_records():
        expected = reference_quads(document, reference)
        result = only(document)
        if describes_another_record(document):
            reduced += 1
        elif result.outside:
            split += 1
            assert by_content(quads_of(quads(result))) == by_content(expected)
        else:
            assert canonical(quads_of(quads(result))) == canonical(expected)
    assert (split, reduced) == (29, 1)


def describes_another_record(one: dict[str, Any]) -> bool:
    return "computedLabel" in json.dumps(one)


def by_content(of: list[ox.Quad]) -> list[tuple[str, str, str]]:
    """Triples with blank nodes named by what is said of them: what is said twice stands once."""
    return name_by_content("", [(str(q.subject), str(q.predicate), str(q.object)) for q in of])


@needs_shared
def test_every_term_of_the_published_context_means_the_same_here() -> None:
    reference = reference_context()
    for term in reference:
        if term.startswith("@") or ":" in term:
            continue
        one = {"@id": "https://libris.kb.se/x#it", term: ["a", {"@id": "http://example.org/b"}]}
        documents = [
            json.dumps({"@context": context, "@graph": [one]}) for context in (reference, CONTEXT)
        ]
        first, second = (outcome(document) for document in documents)
        assert first == second, term


def outcome(document: str) -> list[str] | str:
    try:
        return canonical(ox.parse(document, ox.RdfFormat.JSON_LD))
    except SyntaxError as error:
        return str(error)


def test_description_of_an_outside_thing_goes_to_the_things_own_graph() -> None:
    subject = heading("Archives", inScheme={"@id": "https://id.kb.se/term/lcsh"})
    result = only(record("a", {"subject": [subject]}))
    link = f"<https://libris.kb.se/a#it> <{KBV}subject> <{subject['@id']}>"
    assert link in result.triples
    assert not any(line.startswith(f"<{subject['@id']}>") for line in result.triples)
    assert sorted(result.outside[subject["@id"]]) == [
        f"<{subject['@id']}> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{KBV}Topic>",
        f"<{subject['@id']}> <{KBV}inScheme> <https://id.kb.se/term/lcsh>",
        f'<{subject["@id"]}> <{KBV}prefLabel> "Archives"',
    ]


def test_two_records_say_the_same_of_an_outside_thing_in_the_same_words() -> None:
    parts = [{"@type": "Topic", "prefLabel": "Archives"}, {"@type": "Topic", "prefLabel": "Paris"}]
    subject = heading("Archives--Paris", termComponentList=parts)
    one, other = transformed(record("a", {"subject": subject}), record("b", {"subject": subject}))
    assert isinstance(one, Transformed)
    assert isinstance(other, Transformed)
    assert one.outside == other.outside
    assert any("_:" in line for line in one.outside[subject["@id"]])


@pytest.mark.parametrize(
    "iri", ["https://libris.kb.se/other#it", "https://id.kb.se/term/sao/Arkiv"]
)
def test_description_of_something_with_its_own_record_is_reduced_to_the_link(iri: str) -> None:
    embedded = {"@id": iri, "prefLabel": "Arkiv", "hasNote": {"@type": "Note", "label": "x"}}
    result = only(record("a", {"subject": embedded}))
    assert f"<https://libris.kb.se/a#it> <{KBV}subject> <{iri}>" in result.triples
    assert not any("Arkiv" in line and iri not in line.split(" ")[2] for line in result.triples)
    assert not any('"x"' in line or '"Arkiv"' in line for line in result.triples)
    assert result.outside == {}


def test_fragments_of_the_record_and_blank_nodes_stay_in_its_graph() -> None:
    work = {"@id": "https://libris.kb.se/a#work", "@type": "Monograph", "label": "w"}
    result = only(record("a", {"instanceOf": work, "hasNote": {"@type": "Note", "label": "n"}}))
    assert f'<https://libris.kb.se/a#work> <{KBV}label> "w"' in result.triples
    assert any(
        line.startswith("_:") and line.endswith(f'<{KBV}label> "n"') for line in result.triples
    )
    assert result.outside == {}


def test_embellished_record_with_nested_graphs_keeps_only_its_own() -> None:
    one = record("a", {"subject": {"@id": "https://libris.kb.se/s#it"}})
    other = record("s", {"prefLabel": "Other"})
    one["@graph"].append({"@id": "https://libris.kb.se/s", "@graph": other["@graph"]})
    alone = record("a", {"subject": {"@id": "https://libris.kb.se/s#it"}})
    assert sorted(only(one).triples) == sorted(only(alone).triples)


def test_invalid_iri_is_repaired_where_that_is_certain_and_reported() -> None:
    result = only(record("a", {"subject": {"@id": "http://example.org/a b"}}))
    assert (
        f"<https://libris.kb.se/a#it> <{KBV}subject> <http://example.org/a%20b>" in result.triples
    )
    assert result.problems == (Problem("repaired", "http://example.org/a b"),)


def test_hopeless_iri_is_left_out_and_reported() -> None:
    result = only(record("a", {"subject": {"@id": "www.example.org"}}))
    assert not any(f"{KBV}subject" in line for line in result.triples)
    assert result.problems == (Problem("dropped", "www.example.org"),)


def test_invalid_language_tag_is_left_out_and_reported() -> None:
    result = only(record("a", {"labelByLang": {"s v": "x", "sv-Latn": "y"}}))
    assert f'<https://libris.kb.se/a#it> <{KBV}label> "y"@sv-latn' in result.triples
    assert result.problems == (Problem("dropped", "@s v"),)


def test_bad_record_is_found_by_taking_the_batch_apart() -> None:
    records = [title(f"r{number}", f"Titel {number}") for number in range(9)]
    records[5]["@graph"][1]["@type"] = 5
    results = transformed(*records)
    assert [isinstance(result, TransformError) for result in results] == [n == 5 for n in range(9)]
    assert str(results[5]).startswith("https://libris.kb.se/r5: JSON-LD: @type value")


def test_blank_nodes_of_two_records_never_meet() -> None:
    one, other = transformed(
        record("a", {"hasNote": {"@id": "_:n", "label": "x"}}),
        record("b", {"hasNote": {"@id": "_:n", "label": "x"}}),
    )
    assert isinstance(one, Transformed)
    assert isinstance(other, Transformed)
    labels = [
        {word for line in result.triples for word in line.split(" ") if word.startswith("_:")}
        for result in (one, other)
    ]
    assert labels[0]
    assert labels[0].isdisjoint(labels[1])


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ([], 'no "@graph" list'),
        ({"@graph": []}, 'no node has a "mainEntity"'),
        ({"@graph": [{"@id": "x", "mainEntity": {"@id": "y"}}]}, "not an absolute IRI: 'x'"),
        ({"@graph": [{"@id": "https://libris.kb.se/x", "mainEntity": "y"}]}, "no node has"),
    ],
)
def test_what_is_no_record_is_refused_with_its_reason(document: Any, reason: str) -> None:
    with pytest.raises(TransformError, match="^here: ") as error:
        read_document(document, "here")
    assert reason in str(error.value)


@given(st.text(max_size=30).map(lambda text: f"http://example.org/{text}"))
def test_any_text_after_a_host_becomes_a_valid_iri_and_stays_so(iri: str) -> None:
    repaired = repair_iri(iri)
    if repaired is not None:
        assert ox.NamedNode(repaired)
        assert repair_iri(repaired) == repaired


# pyoxigraph passes over an @id that is spelt like a term the context maps to null.
@given(st.text(max_size=20).filter(lambda text: text not in IGNORED))
def test_no_link_is_lost_in_silence(text: str) -> None:
    result = only(record("a", {"subject": {"@id": text}}))
    kept = any(f"<{KBV}subject>" in line for line in result.triples)
    assert kept or result.problems == (Problem("dropped", text),)


def as_document(one: dict[str, Any]) -> Document:
    found = read_document(one)
    payload = encode_canonically({"@graph": one["@graph"]})
    return Document(1, found.identifier, "jsonld", found.main_entity, False, payload)


@needs_shared
def test_short_way_gives_what_the_long_way_gives() -> None:
    documents = [as_document(record) for record in real_records()]
    plain = [document for document in documents if is_plain(document)]
    assert len(plain) > 200
    for document in plain:
        lines = write_plain_nquads([document])
        (result,) = transform([read_document(json.loads(document.payload))])
        assert isinstance(result, Transformed)
        assert (result.outside, result.problems) == ({}, ())
        assert canonical(quads_of([line.decode() for line in lines])) == canonical(
            quads_of(quads(result))
        )
        assert tally_lines(lines) == tally(result.triples)


@pytest.mark.parametrize(
    "thing",
    [
        {"subject": {"@id": "http://example.org/a b"}},
        {"subject": {"@id": "http://example.org/%zz"}},
        {"subject": {"@id": "relative"}},
        {"subject": {"@id": "http://example.org/a", "label": "x"}},
        {"subject": {"@id": "_:b"}},
        {"foo bar": "x"},
        {"@type": "Foo Bar"},
        {"@type": 5},
        {"labelByLang": {"s v": "x"}},
        {"marc:typeOfDate": "odd value"},
        {"hasNote": {"@value": "x", "@language": "s v"}},
        {"hasNote": {"@graph": []}},
    ],
)
def test_what_needs_a_second_look_takes_the_long_way(thing: dict[str, Any]) -> None:
    assert is_plain(as_document(record("a")))
    assert not is_plain(as_document(record("a", thing)))
