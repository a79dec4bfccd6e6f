"""Results out of columns are those out of Oxigraph, byte by byte."""

from __future__ import annotations

import io

import numpy as np
import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparql_server.engine.columns.algebra import Kind, Term
from sparql_server.engine.columns.results.term_writer import write_cell, write_cells
from sparql_server.engine.columns.storage.triples import Columns
from sparql_server.engine.formats.cell_results import write_body
from sparql_server.engine.formats.solution_writer import write_solutions
from tests.server.columns_comparison import built
from tests.server.test_columns_terms import XSD, of_oxigraph

FORMATS = ("json", "xml", "csv", "tsv")
TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    st.text(" \t\r\n\"\\',;&<>]\x00\x08\x0c\x1f\x7f\x85\xa0ab", max_size=6),
    st.text("+-.0123456789eE", max_size=6),
    st.sampled_from(
        ["true", "false", "1", "INF", "NaN", "1e400", "2024-01-01", "99999999999999999999"]
    ),
)
IRIS = (
    st.text("abAB/åé𐐷&'()%#?=,;", max_size=6)
    .map("urn:{}".format)
    .filter(lambda iri: "%" not in iri and iri.count("#") < 2)
)
NAMED = ("boolean", "integer", "decimal", "double", "float", "int", "long", "date", "gYear")
DATATYPES = st.one_of(st.sampled_from([f"{XSD}{name}" for name in NAMED]), IRIS)
TERMS = st.one_of(
    st.builds(Term, st.just(Kind.BLANK), st.from_regex("[a-z][a-z0-9]{0,3}", fullmatch=True)),
    st.builds(Term, st.just(Kind.IRI), IRIS),
    st.builds(Term, st.just(Kind.SIMPLE), TEXT),
    st.builds(Term, st.just(Kind.LANGUAGE), TEXT, st.sampled_from(["sv", "en-gb"])),
    st.builds(Term, st.just(Kind.TYPED), TEXT, DATATYPES),
)
SUBJECT = ox.NamedNode("urn:s")


def written(store: ox.Store, query: str, format_name: str) -> bytes:
    results = store.query(query, use_default_graph_as_union=True)
    assert isinstance(results, ox.QuerySolutions)
    out = io.BytesIO()
    write_solutions(results, format_name, out)
    return out.getvalue()


def store_of(terms: list[Term]) -> ox.Store:
    store = ox.Store()
    store.extend(ox.Quad(SUBJECT, SUBJECT, of_oxigraph(term)) for term in terms)
    return store


def columns_of(store: ox.Store) -> Columns:
    return Columns.of(built([store.dump(format=ox.RdfFormat.N_QUADS) or b""]))


def numbers_of(columns: Columns, store: ox.Store, query: str) -> list[np.ndarray]:
    """The numbers of a result's terms, a column for each variable."""
    by_text = {}
    terms = columns.terms
    for number in range(terms.count):
        kind, value, tag = terms.kind(number), terms.value(number), terms.tag(number)
        by_text[str(of_oxigraph(Term(kind, value, tag)))] = number
    rows = list(store.query(query, use_default_graph_as_union=True))
    width = len(rows[0]) if rows else 0
    return [
        np.array([-1 if row[n] is None else by_text[str(row[n])] for row in rows], np.int32)
        for n in range(width)
    ]


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("times", [1, 30])
@given(terms=st.lists(TERMS, min_size=1, max_size=8))
def test_every_term_is_written_as_it_is_out_of_oxigraph(
    format_name: str, times: int, terms: list[Term]
) -> None:
    store = store_of(terms)
    again = f"VALUES ?n {{ {' '.join(map(str, range(times)))} }}"
    query = f"SELECT ?o {{ ?s ?p ?o {again} }}"
    columns = columns_of(store)
    (numbers,) = numbers_of(columns, store, query)
    found = write_body(
        format_name, ["o"], [write_cells(columns.terms, numbers, format_name)], len(numbers)
    )
    assert found == written(store, query, format_name)


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("select", ["?o ?z", "?z ?o", "?o ?å", "?z", "?z ?y"])
@pytest.mark.parametrize("times", [1, 100])
def test_what_is_unbound_is_written_as_it_is_out_of_oxigraph(
    format_name: str, select: str, times: int
) -> None:
    store = store_of([Term(Kind.SIMPLE, "a"), Term(Kind.IRI, "urn:b")])
    again = f"VALUES ?n {{ {' '.join(map(str, range(times)))} }}"
    query = f"SELECT {select} {{ ?s ?p ?o {again} BIND(?o AS ?å) OPTIONAL {{ ?o ?y ?q }} }}"
    columns = columns_of(store)
    numbers = numbers_of(columns, store, query)
    names = [variable.lstrip("?") for variable in select.split()]
    found = [write_cells(columns.terms, number, format_name) for number in numbers]
    assert write_body(format_name, names, found, len(numbers[0])) == written(
        store, query, format_name
    )


@pytest.mark.parametrize("format_name", FORMATS)
def test_no_row_is_written_as_it_is_out_of_oxigraph(format_name: str) -> None:
    query = "SELECT ?a ?b { ?a ?c ?b }"
    assert write_body(format_name, ["a", "b"], [[], []], 0) == written(
        ox.Store(), query, format_name
    )


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *((Kind.IRI, f"urn:{text}") for text in ("plain", "a&b", "a'b", "a,b", "å")),
        *(
            (Kind.SIMPLE, text)
            for text in ("plain", 'a"b', "a\\b", "a,b", "a\tb", "a\x7f", "å", " a ")
        ),
    ],
)
def test_many_terms_are_written_as_each_is(kind: Kind, text: str, format_name: str) -> None:
    terms = [Term(kind, f"{text}{number}") for number in range(60)]
    columns = columns_of(store_of(terms)).terms
    first = columns.bounds[kind]
    numbers = np.arange(first, columns.bounds[kind + 1], dtype=np.int32)
    together = write_cells(columns, numbers, format_name)
    assert together == [write_cell(columns, number, format_name) for number in numbers.tolist()]
    assert len(together) >= 60
