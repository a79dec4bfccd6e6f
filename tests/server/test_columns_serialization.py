"""What columns have found is serialised byte for byte as what Oxigraph has found is."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import numpy as np
import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparql_server.engine.columns.algebra import Kind, Term
from sparql_server.engine.columns.results.answering import Found
from sparql_server.engine.columns.results.serialization import serialize
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import UNBOUND, Solutions
from sparql_server.engine.columns.storage.triples import Columns
from sparql_server.engine.formats.solution_writer import write_solutions
from tests.server.columns_comparison import built, term

XSD = "http://www.w3.org/2001/XMLSchema#"
FORMATS = ("json", "xml", "csv", "tsv")
EMPTY = Columns.of(built([b'<http://a/b> <http://a/c> "d" .\n']))

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
local_names = st.one_of(
    st.text(st.characters(min_codepoint=0xA1, max_codepoint=0xD7FF), max_size=8),
    st.text(",;!x", max_size=5),
)
iris = local_names.map("http://example.org/{}".format)
terms = st.one_of(
    st.builds(Term, st.just(Kind.IRI), iris),
    st.builds(Term, st.just(Kind.BLANK), st.from_regex(r"\A[a-z][a-z0-9]{0,5}\Z")),
    st.builds(Term, st.just(Kind.SIMPLE), texts),
    st.builds(Term, st.just(Kind.LANGUAGE), texts, st.sampled_from(["en", "sv-fi", "zh-hant"])),
    st.builds(
        Term, st.just(Kind.TYPED), texts, st.sampled_from([f"{XSD}gMonth", "http://example.org/å"])
    ),
    st.integers(-(2**63), 2**63 - 1).map(lambda one: Term(Kind.TYPED, str(one), f"{XSD}integer")),
)


def by_columns(
    names: Sequence[str], rows: Sequence[Sequence[Term | None]], format_name: str = "json"
) -> bytes:
    known = QueryTerms(EMPTY.terms)
    columns = {
        name: np.array(
            [UNBOUND if (one := row[place]) is None else known.number(one) for row in rows],
            np.int32,
        )
        for place, name in enumerate(names)
    }
    solutions = Solutions(len(rows), {}).with_columns(columns)
    written = BytesIO()
    serialize(Found(tuple(names), [solutions], known), format_name, written)
    return written.getvalue()


def by_oxigraph(
    names: Sequence[str], rows: Sequence[Sequence[Term | None]], format_name: str = "json"
) -> bytes:
    """Write the same rows, which a store has as its triples."""
    store, order = ox.Store(), ox.NamedNode("http://example.org/order")
    quads = []
    for number, row in enumerate(rows):
        subject = ox.NamedNode(f"http://example.org/{number}")
        quads.append(ox.Quad(subject, order, ox.Literal(number)))
        for name, value in zip(names, row, strict=True):
            if value is not None:
                quads.append(
                    ox.Quad(subject, ox.NamedNode(f"http://example.org/{name}"), term(value))
                )
    store.extend(quads)
    parts = " ".join(f"OPTIONAL {{ ?r <http://example.org/{name}> ?{name} }}" for name in names)
    selected = " ".join(f"?{name}" for name in names)
    query = f"SELECT {selected} {{ ?r <{order.value}> ?order {parts} }} ORDER BY ?order"
    return serialized(store, query, format_name)


def serialized(store: ox.Store, query: str, format_name: str = "json") -> bytes:
    found = store.query(query)
    assert isinstance(found, ox.QuerySolutions)
    written = BytesIO()
    write_solutions(found, format_name, written)
    return written.getvalue()


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[Term | None]]]:
    """Names and rows; some of the terms stand in several."""
    name = st.from_regex(r"\A[a-zå][a-z0-9_]{0,6}\Z").filter(lambda one: one not in ("r", "order"))
    names = draw(st.lists(name, min_size=1, max_size=4, unique=True))
    some = st.sampled_from(draw(st.lists(terms, min_size=1, max_size=8)))
    row = st.lists(st.none() | some, min_size=len(names), max_size=len(names))
    return names, draw(st.lists(row, max_size=12))


@settings(max_examples=200, deadline=None)
@given(tables(), st.sampled_from(sorted(FORMATS)))
def test_any_table_is_written_as_oxigraph_does(
    table: tuple[list[str], list[list[Term | None]]], format_name: str
) -> None:
    assert by_columns(*table, format_name) == by_oxigraph(*table, format_name)


@pytest.mark.parametrize("rows", [0, 1, 3])
@pytest.mark.parametrize("format_name", FORMATS)
def test_rows_without_variables_are_written_as_oxigraph_does(rows: int, format_name: str) -> None:
    query = f"SELECT * {{ VALUES () {{ {'() ' * rows} }} }}"
    assert by_columns([], [[]] * rows, format_name) == serialized(ox.Store(), query, format_name)


@pytest.mark.parametrize("rows", [0, 9_999, 10_000, 10_001, 20_001])
@pytest.mark.parametrize("format_name", FORMATS)
def test_many_rows_are_written_as_oxigraph_does(rows: int, format_name: str) -> None:
    cells = [[Term(Kind.SIMPLE, str(number % 7)), None] for number in range(rows)]
    names = ["x", "y"]
    assert by_columns(names, cells, format_name) == by_oxigraph(names, cells, format_name)


def test_many_rows_without_variables_are_written_as_oxigraph_does() -> None:
    query = f"SELECT * {{ VALUES () {{ {'() ' * 10_001} }} }}"
    assert by_columns([], [[]] * 10_001) == serialized(ox.Store(), query)


def test_no_more_rows_are_written_than_are_wanted() -> None:
    known = QueryTerms(EMPTY.terms)
    numbers = np.array([known.number(Term(Kind.SIMPLE, str(n))) for n in range(5)], np.int32)
    found = Found(("x",), [Solutions(5, {"x": numbers})], known)
    written = BytesIO()
    serialize(found, "tsv", written, 2)
    assert written.getvalue() == b'?x\n"0"\n"1"\n'
