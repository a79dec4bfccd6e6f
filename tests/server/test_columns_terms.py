"""Terms in columns: their order, and that they are found again."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np
import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparql_server.engine.columns.algebra import Kind, Term
from sparql_server.engine.columns.storage.numbered_terms import UNKNOWN, Terms
from sparql_server.engine.columns.storage.triples import Columns
from tests.server.columns_comparison import built

XSD = "http://www.w3.org/2001/XMLSchema#"
STRING = f"{XSD}string"
DATE_TIME = f"{XSD}dateTime"

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
NAMES = st.text("abAB/åé𐐷", max_size=6)
LANGUAGES = st.sampled_from(["sv", "en", "en-gb"])
DATATYPES = st.sampled_from(["urn:a", "urn:b"])
TERMS = st.one_of(
    st.builds(Term, st.just(Kind.BLANK), st.from_regex("[a-z][a-z0-9]{0,3}", fullmatch=True)),
    st.builds(Term, st.just(Kind.IRI), NAMES.map("urn:{}".format)),
    st.builds(Term, st.just(Kind.SIMPLE), TEXT),
    st.builds(Term, st.just(Kind.LANGUAGE), TEXT, LANGUAGES),
    st.builds(Term, st.just(Kind.TYPED), TEXT, DATATYPES),
)


def order(term: Term) -> tuple[Kind, bytes, bytes]:
    return term.kind, term.value.encode(), term.tag.encode()


def of_oxigraph(term: Term) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    if term.kind == Kind.BLANK:
        return ox.BlankNode(term.value)
    if term.kind == Kind.IRI:
        return ox.NamedNode(term.value)
    if term.kind == Kind.LANGUAGE:
        return ox.Literal(term.value, language=term.tag)
    return ox.Literal(term.value, datatype=ox.NamedNode(term.tag or STRING))


SUBJECT = Term(Kind.IRI, "urn:s")


def terms_of(terms: set[Term]) -> Terms:
    """Return the terms, and the subject and predicate that they are the objects of."""
    node = ox.NamedNode(SUBJECT.value)
    quads = [ox.Quad(node, node, of_oxigraph(term)) for term in terms]
    return Columns.of(built([ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b""])).terms


def all_of(terms: Terms) -> list[Term]:
    numbers = range(terms.count)
    return [Term(terms.kind(n), terms.value(n), terms.tag(n)) for n in numbers]


@given(st.sets(TERMS, min_size=1, max_size=40))
def test_terms_are_in_order_and_each_is_found(some: set[Term]) -> None:
    terms = terms_of(some)
    expected = sorted(some | {SUBJECT}, key=order)
    assert all_of(terms) == expected
    assert [terms.find(term) for term in expected] == list(range(terms.count))
    for kind in Kind:
        assert terms.bounds[kind] == bisect_left(expected, kind, key=lambda term: term.kind)
    assert terms.bounds[-1] == terms.count == len(expected)


@given(st.sets(TERMS, max_size=40), TERMS)
def test_only_what_is_there_is_found(some: set[Term], other: Term) -> None:
    found = terms_of(some | {SUBJECT}).find(other)
    assert (found >= 0) == (other in some | {SUBJECT})


@given(st.sets(TERMS, min_size=1, max_size=40), st.sampled_from(Kind), TEXT)
def test_values_from_one_on_and_with_a_prefix_are_found(
    some: set[Term], kind: Kind, text: str
) -> None:
    terms = terms_of(some)
    known = sorted(some | {SUBJECT}, key=order)
    expected = bisect_left(known, (kind, text.encode()), key=lambda one: order(one)[:2])
    assert terms.find_lower(kind, text.encode()) == expected
    begin, end = terms.find_prefixed(kind, text)
    assert known[begin:end] == [
        term for term in known if term.kind == kind and term.value.startswith(text)
    ]


@given(st.sets(TERMS, min_size=1, max_size=40), st.randoms())
def test_values_of_many_come_in_the_order_of_the_numbers(some: set[Term], random: object) -> None:
    terms = terms_of(some)
    numbers = list(range(terms.count)) * 2
    random.shuffle(numbers)  # type: ignore[attr-defined]
    assert terms.values(np.array(numbers, np.int32)) == [terms.value(n) for n in numbers]


def test_text_with_half_a_character_is_not_found() -> None:
    terms = terms_of({Term(Kind.SIMPLE, "a")})
    assert terms.find(Term(Kind.SIMPLE, "\ud800")) == -1
    assert terms.find(Term(Kind.LANGUAGE, "a", "\ud800")) == -1
    begin, end = terms.find_prefixed(Kind.SIMPLE, "\ud800")
    assert begin == end


def test_same_text_of_several_kinds_stays_apart() -> None:
    same = {
        Term(Kind.IRI, "urn:x"),
        Term(Kind.SIMPLE, "urn:x"),
        Term(Kind.LANGUAGE, "urn:x", "en"),
        Term(Kind.LANGUAGE, "urn:x", "sv"),
        Term(Kind.TYPED, "urn:x", "urn:x"),
        Term(Kind.TYPED, "urn:x", "en:"),
    }
    terms = terms_of(same)
    assert {term for term in all_of(terms) if term != SUBJECT} == same
    assert len({terms.find(term) for term in same}) == len(same)


def instant(value: str, datatype: str = DATE_TIME) -> int:
    line = f'<urn:s> <urn:p> "{value}"^^<{datatype}> .\n'
    (known,) = Columns.of(built([line.encode()])).terms.instants.tolist()
    return int(known)


@pytest.mark.parametrize(
    ("value", "microseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00-00:00", 0),
        ("1970-01-01T01:00:00+01:00", 0),
        ("1970-01-01T00:00:00.000001Z", 1),
        ("1970-01-01T00:00:01.5Z", 1_500_000),
        ("1969-12-31T23:59:59Z", -1_000_000),
        ("1989-07-24T13:46:47+02:00", 617_284_007_000_000),
        ("0001-01-01T00:00:00+14:00", -62_135_647_200_000_000),
    ],
)
def test_instant_is_known(value: str, microseconds: int) -> None:
    assert instant(value) == microseconds


@pytest.mark.parametrize(
    "value",
    [
        "1970-01-01T00:00:00",  # no zone
        "1970-01-01T00:00:60Z",
        "1970-01-01T24:00:00Z",
        "1970-01-01T00:00:00.1234567Z",
        "1970-01-01T00:00:00+14:01",
        "1970-01-01T00:00:00+01:60",
        "1970-01-01T00:00:00z",
        "1970-02-30T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "-0001-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "1970-01-01 00:00:00Z",
        "1970-01-01T00:00Z",
        "1970-01-01T00:00:00Z\\n",
        "١٩٧٠-01-01T00:00:00Z",
        "",
    ],
)
def test_instant_is_not_known(value: str) -> None:
    assert instant(value) == UNKNOWN


def test_other_datatype_has_no_instant() -> None:
    assert instant("1970-01-01T00:00:00Z", f"{XSD}date") == UNKNOWN
