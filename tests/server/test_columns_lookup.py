"""Lookups in columns give what Oxigraph does; what isn't understood is left to it."""

from __future__ import annotations

import io
import json
import re
from collections import Counter

import pyoxigraph as ox
import pytest

from sparql_server.engine.columns.results.lookup import MOST, Lookups
from sparql_server.engine.formats.solution_writer import write_solutions
from sparql_server.engine.prefixes import predefined
from tests.server.test_columns_writing import FORMATS, columns_of

TURTLE = """
@prefix kbv: <https://id.kb.se/vocab/> .
<https://libris.kb.se/a#it> kbv:itemOf <https://libris.kb.se/å#it> ; kbv:label "ett", "två"@sv ;
  a kbv:Item ; kbv:year 1999 ; kbv:part [ kbv:label "del" ] ; kbv:note "x", "y" .
<urn:b> a kbv:Item ; kbv:label "ett" ; kbv:itemOf <urn:b> .
"""
A, KBV = "<https://libris.kb.se/a#it>", "https://id.kb.se/vocab/"

LOOKUPS = [
    f"SELECT ?of {{ {A} <{KBV}itemOf> ?of }}",
    f"SELECT ?of WHERE {{ {A} <{KBV}itemOf> ?of . }}",
    f"select?of{{{A}<{KBV}itemOf>?of}}",
    f"SELECT ?l {{ {A} kbv:label ?l }}",
    f"SELECT ?t {{ {A} a ?t }}",
    f"SELECT ?p {{ {A} kbv:part ?p }}",
    f"SELECT ?y ?l {{ {A} kbv:label ?l ; kbv:year ?y . {A} kbv:note ?n }}",
    f"SELECT DISTINCT ?y ?l {{ {A} kbv:label ?l ; kbv:year ?y ; kbv:note ?n . }}",
    f"SELECT $l {{ {A} kbv:label ?l ; kbv:missing ?m }}",
    "SELECT ?s { ?s kbv:itemOf <https://libris.kb.se/å#it> }",
    "SELECT ?s { ?s a kbv:Item }",
    f"SELECT ?s {{ ?s <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <{KBV}Item> . }}",
    "SELECT ?l { <urn:nothing> kbv:label ?l }",
    "SELECT ?s { ?s kbv:itemOf <urn:nothing> }",
    f"SELECT ?l {{ {A} <urn:nothing> ?l }}",
    "SELECT ?x { kbv:Item kbv:label ?x }",
    "SELECT ?s { ?s a kbv:Item } LIMIT 0",
    "SELECT ?s { ?s a kbv:Item } LIMIT 10",
]

OTHERS = [
    f"SELECT * {{ {A} kbv:label ?l }}",
    f"SELECT ?p {{ {A} ?p ?l }}",
    f"SELECT ?l {{ {A} kbv:label ?l . <urn:b> kbv:label ?m }}",
    f"SELECT ?l {{ {A} kbv:label ?l ; kbv:note ?l }}",
    f"SELECT ?l ?l {{ {A} kbv:label ?l }}",
    f"SELECT ?l ?m {{ {A} kbv:label ?l }}",
    f"SELECT REDUCED ?l {{ {A} kbv:label ?l }}",
    f"SELECT ?l FROM <urn:g> {{ {A} kbv:label ?l }}",
    f"SELECT ?l {{ {A} kbv:label ?l }} LIMIT 1 OFFSET 1",
    f"SELECT ?l {{ {A} kbv:label ?l }} ORDER BY ?l",
    f"SELECT ?l {{ {A} kbv:label/kbv:note ?l }}",
    f"SELECT ?l {{ {A} ^kbv:label ?l }}",
    f"SELECT ?l {{ {A} kbv:label ?l FILTER(?l > 1) }}",
    f"SELECT ?l {{ {A} kbv:label ?l }} # <urn:x>",
    f"SELECT ?l {{ {A} kbv:label ?l }} LIMIT 1.5",
    f"SELECT ?l {{ {A} A ?l }}",
    f"SELECT ?l {{ {A} unknown:label ?l }}",
    f"SELECT ?l {{ {A} <relative> ?l }}",
    f"SELECT ?l {{ {A} <http://example.org/[> ?l }}",
    f"SELECT ?l {{ {A} <http://example.org/a#b#c> ?l }}",
    f"SELECT ?l {{ {A} <http://example.org/%zz> ?l }}",
    f"SELECT ?l {{ {A} kbv:label ?l ",
    f"SELECT ?l {{ {A} kbv:label ?l }} }}",
    f"SELECTDISTINCT ?l {{ {A} kbv:label ?l }}",
    f"ASK {{ {A} kbv:label ?l }}",
    f"PREFIX kbv: <urn:> SELECT ?l {{ {A} kbv:label ?l }}",
    'SELECT ?s { ?s kbv:label "ett" }',
    "SELECT ?s { ?s kbv:itemOf ?s }",
    f"SELECT ?l {{ {A} kbv:label ?l }}" + " " * 1000,
    "",
]


@pytest.fixture(scope="module")
def store() -> ox.Store:
    """The same triples in two graphs, as records may have them."""
    store = ox.Store()
    for graph in ("urn:g", "urn:h"):
        store.load(TURTLE, ox.RdfFormat.TURTLE, to_graph=ox.NamedNode(graph))
    many = (f"<urn:m{n}> <urn:in> <urn:set> . <urn:all> <urn:has> {n} ." for n in range(MOST + 1))
    store.load("\n".join(many), ox.RdfFormat.TURTLE, to_graph=ox.NamedNode("urn:g"))
    return store


@pytest.fixture(scope="module")
def lookups(store: ox.Store) -> Lookups:
    return Lookups(columns_of(store))


def rows(result: bytes, format_name: str) -> Counter[str]:
    """A result's rows, in whichever order they stand, and what stands around them."""
    text = result.decode()
    if format_name == "json":
        found = json.loads(text)
        return Counter(map(json.dumps, [found["head"], *found["results"]["bindings"]]))
    end = {"xml": "</result>", "csv": "\r\n", "tsv": "\n"}[format_name]
    return Counter(re.split(f"{end}|(?<=<results>)", text))


@pytest.mark.parametrize("format_name", FORMATS)
@pytest.mark.parametrize("query", LOOKUPS)
def test_lookup_gives_what_oxigraph_does(
    store: ox.Store, lookups: Lookups, query: str, format_name: str
) -> None:
    results = store.query(query, prefixes=predefined(), use_default_graph_as_union=True)
    assert isinstance(results, ox.QuerySolutions)
    out = io.BytesIO()
    write_solutions(results, format_name, out)
    expected = out.getvalue()
    for _ in range(2):  # made out, and remembered
        found = lookups.answer(query, format_name)
        assert found is not None
        assert rows(found[0], format_name) == rows(expected, format_name)
        assert len(found[0]) == len(expected)
        assert found[1] == expected.count(b"\n") - 1 or format_name != "tsv"


@pytest.mark.parametrize("query", OTHERS)
def test_what_is_no_lookup_is_left_to_others(lookups: Lookups, query: str) -> None:
    assert lookups.answer(query, "json") is None


def test_format_of_pages_is_left_to_others(lookups: Lookups) -> None:
    assert lookups.answer(LOOKUPS[0], "rows") is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT ?s { ?s <urn:in> <urn:set> }", None),
        ("SELECT ?s { ?s <urn:in> <urn:set> } LIMIT 7", 7),
        (f"SELECT ?s {{ ?s <urn:in> <urn:set> }} LIMIT {MOST}", MOST),
        (f"SELECT ?s {{ ?s <urn:in> <urn:set> }} LIMIT {MOST + 1}", None),
        ("SELECT DISTINCT ?s { ?s <urn:in> <urn:set> } LIMIT 7", None),
        ("SELECT ?n { <urn:all> <urn:has> ?n }", None),
        ("SELECT ?n ?m { <urn:all> <urn:has> ?n ; <urn:has> ?m } LIMIT 7", None),
    ],
)
def test_more_rows_than_are_written_at_once_are_left_to_others(
    lookups: Lookups, query: str, expected: int | None
) -> None:
    found = lookups.answer(query, "csv")
    assert (found and found[1]) == expected


def test_shape_is_that_of_its_constants(lookups: Lookups) -> None:
    """Queries that differ in IRIs alone are one shape, but not one result."""
    first = lookups.answer("SELECT ?l { <urn:b> kbv:label ?l }", "csv")
    other = lookups.answer("SELECT ?l { <urn:c> kbv:label ?l }", "csv")
    assert first == (b"l\r\nett\r\nett\r\n", 2)
    assert other == (b"l\r\n", 0)
    same = "SELECT ?l {{ <urn:b> kbv:label ?l . <urn:{}> kbv:itemOf ?m }}"
    assert lookups.answer(same.format("b"), "csv") == (b"l\r\n" + b"ett\r\n" * 4, 4)
    assert lookups.answer(same.format("c"), "csv") is None
