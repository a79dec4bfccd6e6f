"""Columns answer in the graphs that are asked, and each form of query, as specified."""

from __future__ import annotations

from itertools import groupby

import pyoxigraph as ox
import pytest

from sparql_server.engine.columns.algebra import Kind, Query, Term, Unsuited
from sparql_server.engine.columns.results.answering import Found, Graphs, answer, prepare
from sparql_server.engine.columns.results.graph_results import Statements, read_graph
from tests.server.columns_comparison import Asked, asked, difference, rows
from tests.server.test_columns_answers import LINKS, NS, PREFIXES, check, lines


@pytest.fixture(scope="module")
def links() -> Asked:
    return asked(LINKS, PREFIXES)


IN_GRAPHS = r"""
SELECT * { GRAPH :g { ?x :p ?y } }
SELECT * { GRAPH ?g { ?x :p ?y } }
SELECT * { GRAPH ?g { ?x ?p ?y } }
SELECT * { GRAPH ?g { ?x :p ?y . ?y :p ?z } }
SELECT * { GRAPH ?g { ?x :p ?y } ?y :q ?z }
SELECT * { ?y :q ?z GRAPH ?g { ?x :p ?y } }
SELECT * { GRAPH ?g { ?x :p ?y } GRAPH ?g { ?x :n ?n } }
SELECT * { GRAPH ?g { ?x :p ?y } GRAPH ?h { ?x :n ?n } }
SELECT * { GRAPH ?g { } }
SELECT * { GRAPH :g { } }
SELECT * { GRAPH :nowhere { } }
SELECT * { GRAPH :nowhere { ?x :p ?y } }
SELECT * { GRAPH :a { ?x :p ?y } }
SELECT * { VALUES ?g { :g :h :nowhere } GRAPH ?g { } }
SELECT * { VALUES ?g { :g :h :nowhere } GRAPH ?g { ?x :p ?y } }
SELECT * { GRAPH ?g { VALUES ?x { 1 2 } } }
SELECT * { GRAPH ?g { BIND(1 AS ?x) } }
SELECT * { GRAPH ?g { BIND(1 AS ?x) ?s :p ?y } }
SELECT * { GRAPH ?g { OPTIONAL { ?x :n ?n } } }
SELECT * { GRAPH ?g { ?x :p ?y OPTIONAL { ?y :p ?z } } }
SELECT * { GRAPH ?g { ?x :p ?y OPTIONAL { ?x :n ?n } } }
SELECT * { GRAPH ?g { ?x :p ?y MINUS { ?x :n ?n } } }
SELECT * { GRAPH ?g { ?x :p ?y MINUS { ?z :n ?n } } }
SELECT * { GRAPH ?g { ?x :p ?y FILTER EXISTS { ?x :n ?n } } }
SELECT * { GRAPH ?g { ?x :p ?y FILTER NOT EXISTS { ?y :p ?n } } }
SELECT * { GRAPH ?g { { ?x :p ?y } UNION { ?x :n ?y } } }
SELECT * { { GRAPH ?g { ?x :p ?y } } UNION { GRAPH :g { ?x :n ?y } } }
SELECT * { GRAPH ?g { { SELECT (COUNT(*) AS ?k) { ?x :p ?y } } } }
SELECT * { GRAPH ?g { { SELECT (COUNT(*) AS ?k) { ?x :q ?y } } } }
SELECT * { GRAPH ?g { { SELECT ?x (COUNT(*) AS ?k) { ?x :p ?y } GROUP BY ?x } } }
SELECT * { GRAPH ?g { { SELECT DISTINCT ?x { ?x :p|:n ?y } } } }
SELECT * { GRAPH ?g { ?x :p/:p ?y } }
SELECT * { GRAPH ?g { ?x ^:p ?y } }
SELECT * { GRAPH ?g { :a :p* ?y } }
SELECT * { GRAPH ?g { :a :p+ ?y } }
SELECT * { GRAPH ?g { ?x :p+ :c } }
SELECT * { GRAPH ?g { ?x :p+ ?y } }
SELECT * { GRAPH ?g { ?x :p* ?y } }
SELECT * { GRAPH ?g { ?x (:p|:q)* ?y } }
SELECT * { GRAPH ?g { ?x :p ?y . ?y :p* ?z } }
SELECT * { GRAPH ?g { ?x :p ?y . ?x :p+ ?y } }
SELECT * { GRAPH ?g { ?x :p+ ?x } }
SELECT * { GRAPH ?g { :d :p+ ?y } }
SELECT * { GRAPH ?g { ?x :p|:n ?y } }
SELECT * { GRAPH ?g { :a :p :b } }
SELECT * { GRAPH ?g { :a :p ?y . FILTER(?y = :b) } }
SELECT * { GRAPH ?g { :a ?p ?y } }
SELECT * { GRAPH ?g { ?x ?p :b } }
SELECT * { GRAPH ?g { ?g :p ?y } }
SELECT * { GRAPH ?x { ?x :p ?y } }
SELECT * { GRAPH ?g { GRAPH ?h { ?x :p ?y } } }
SELECT * { GRAPH ?g { ?x :n ?n GRAPH ?h { ?x :p ?y } } }
SELECT * { GRAPH ?g { GRAPH :g { ?x :p ?y } } }
SELECT * { ?x :p ?y OPTIONAL { GRAPH ?g { ?x :n ?n } } }
SELECT * { ?x :p ?y OPTIONAL { GRAPH :h { ?x :n ?n } } }
SELECT * { ?x :p ?y MINUS { GRAPH :h { ?x :n ?n } } }
SELECT DISTINCT ?g { GRAPH ?g { ?x ?p ?y } }
SELECT * { GRAPH ?g { ?x :p ?y FILTER(?g = :g) } }
SELECT * { GRAPH ?g { FILTER(?g != :g) ?x :p ?y OPTIONAL { ?x :n ?n } FILTER(?y != :c) } }
SELECT * { VALUES ?g { :g :h } GRAPH ?g { ?x :p ?y FILTER(STRENDS(STR(?g), 'h')) } }
SELECT ?g (COUNT(*) AS ?k) { GRAPH ?g { ?x ?p ?y } } GROUP BY ?g
"""


@pytest.mark.parametrize("query", lines(IN_GRAPHS))
def test_pattern_in_graphs_is_answered_the_same(query: str, links: Asked) -> None:
    check(links, query)


@pytest.mark.parametrize("query", lines(IN_GRAPHS))
def test_as_many_are_found_in_graphs_as_there_are_or_are_wanted(query: str, links: Asked) -> None:
    names, expected = links.by_oxigraph(query)
    for limit in (0, 1, 3, 1000):
        found = links.by_columns(f"{query} LIMIT {limit}", names)
        assert len(found) == min(limit, len(expected))


def test_graph_variable_that_its_group_mentions_and_does_not_bind_is_left(links: Asked) -> None:
    query = "SELECT * { GRAPH ?g { ?x :p ?y BIND(STR(?g) AS ?s) } }"
    with pytest.raises(Unsuited):
        links.by_columns(query, ["g", "x", "y"])


# Datasets (13.2): their graphs are merged, and what stands in two of them is there once


def merged(store: ox.Store, default: list[str], named: list[str]) -> ox.Store:
    """Return a store whose default graph these graphs are."""
    found = ox.Store()
    for quad in store:
        if quad.graph_name in [ox.NamedNode(NS + name) for name in default]:
            found.add(ox.Quad(*quad.triple, ox.DefaultGraph()))
        if quad.graph_name in [ox.NamedNode(NS + name) for name in named]:
            found.add(quad)
    for name in named:
        found.add_graph(ox.NamedNode(NS + name))
    return found


@pytest.mark.parametrize(
    ("default", "named"),
    [
        (["g"], []),
        (["g", "h"], []),
        (["g", "g"], ["h"]),
        ([], ["g"]),
        ([], ["g", "nowhere"]),
        (["nowhere"], ["h"]),
    ],
)
@pytest.mark.parametrize(
    "pattern",
    [
        "{ ?x :p ?y }",
        "{ ?x ?p ?y }",
        "{ ?x :p* ?y }",
        "{ ?x :p ?y GRAPH ?g { ?x :n ?n } }",
        "{ GRAPH ?g { } }",
        "{ GRAPH :nowhere { } }",
        "{ GRAPH :g { ?x :p ?y } }",
        "{ GRAPH ?g { ?x :p* ?y } }",
    ],
)
def test_dataset_of_a_query_and_of_a_request(
    pattern: str, default: list[str], named: list[str], links: Asked
) -> None:
    said = "".join(f" FROM :{name}" for name in default)
    said += "".join(f" FROM NAMED :{name}" for name in named)
    expected = merged(links.store, default, named).query(f"SELECT * {pattern}", prefixes=PREFIXES)
    assert isinstance(expected, ox.QuerySolutions)
    names = [variable.value for variable in expected.variables]
    wanted = [tuple("" if term is None else str(term) for term in row) for row in expected]
    found = links.by_columns(f"SELECT *{said} {pattern}", names)
    assert not difference(wanted, found)
    graphs = Graphs(
        *(tuple(Term(Kind.IRI, NS + name) for name in each) for each in (default, named))
    )
    query = prepare(f"SELECT * FROM :other {pattern}", PREFIXES)
    requested = answer(links.columns, query, names, graphs)
    assert isinstance(requested, Found)
    assert not difference(wanted, rows(requested))


def test_default_graph_without_union_is_the_stores_own(links: Asked) -> None:
    query = prepare("SELECT * { ?x :p ?y }", PREFIXES)
    found = answer(links.columns, query, ["x", "y"], Graphs(union=False))
    expected = links.store.query("SELECT ?x ?y { ?x :p ?y }", prefixes=PREFIXES)
    assert isinstance(found, Found)
    assert isinstance(expected, ox.QuerySolutions)
    assert not difference([tuple(map(str, row)) for row in expected], rows(found))


# ASK


@pytest.mark.parametrize(
    "pattern",
    [
        *("{ ?x :p ?y }", "{ :a :p :b }", "{ :a :p :zz }", "{ }", "{ FILTER(false) }"),
        *("{ ?x :p ?y } LIMIT 0", "{ ?x :p ?y } OFFSET 100", "{ ?x :p ?y } OFFSET 2 LIMIT 9"),
        *("{ GRAPH :nowhere { } }", "{ ?x :p ?y } ORDER BY DESC(?y)"),
        *(
            "{ VALUES ?x { } }",
            "{ ?x :p ?y } VALUES ?x { :zz }",
        ),
        "{ ?x :p ?y } ORDER BY ?x",
        *("{ ?x :t 'ab' OPTIONAL { ?x :none ?y } }", "{ ?x :zz ?y OPTIONAL { ?x :p ?z } }"),
        "{ ?x :t 'ab' OPTIONAL { ?x :none ?y } ?y :p ?z }",
        "{ ?x :p ?y OPTIONAL { ?x :none ?z } FILTER(BOUND(?z)) }",
        "{ ?x :p :b OPTIONAL { ?x :none ?z } MINUS { ?z :p ?y } }",
        "{ ?x :p :b OPTIONAL { ?x :q ?z } MINUS { ?x :p :b ; :q ?z } }",
        "{ OPTIONAL { ?x :q ?z } OPTIONAL { ?x :none ?y } ?y :p ?z }",
        *("{ ?x :p ?y BIND(1 / 0 AS ?z) }", "{ ?x :p ?y BIND(?y AS ?z) FILTER(?z = :zz) }"),
        "{ VALUES ?x { :a :zz } ?x :p/:p ?y . ?y :q ?z OPTIONAL { ?z :none ?w } }",
    ],
)
def test_ask_is_told_the_same(pattern: str, links: Asked) -> None:
    union = {"use_default_graph_as_union": True}
    expected = links.store.query(f"ASK {pattern}", prefixes=PREFIXES, **union)
    assert _answered(links, f"ASK {pattern}") == bool(expected)


# CONSTRUCT and DESCRIBE


def _answered(data: Asked, query: str) -> Found | Statements | bool:
    read: Query = prepare(query, PREFIXES)
    return answer(data.columns, read, [])


def _is_same_graph(data: Asked, query: str) -> None:
    expected = data.store.query(query, prefixes=PREFIXES, use_default_graph_as_union=True)
    found = _answered(data, query)
    assert isinstance(found, Statements)
    triples = list(found.triples())
    assert len(set(triples)) == len(triples)
    graphs = ox.Dataset(ox.Quad(*t) for t in triples), ox.Dataset(ox.Quad(*t) for t in expected)  # type: ignore[misc, union-attr]
    for graph in graphs:
        graph.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    assert graphs[0] == graphs[1]


CONSTRUCTED = r"""
CONSTRUCT { ?x :made ?y } WHERE { ?x :p ?y }
CONSTRUCT { ?x :made ?y . ?y :of ?x } { ?x :p ?y }
CONSTRUCT WHERE { ?x :p ?y }
CONSTRUCT WHERE { ?x :p ?y . ?y :q ?z }
CONSTRUCT { ?x ?p ?y } { ?x ?p ?y }
CONSTRUCT { ?x :made [ :of ?y ] } { ?x :p ?y }
CONSTRUCT { ?x :made _:b . _:b :of ?y ; :again _:c } { ?x :p ?y }
CONSTRUCT { _:b :of 1, 'a'@en } { ?x :p ?y }
CONSTRUCT { :only :once 1 } { ?x :p ?y }
CONSTRUCT { } { ?x :p ?y }
CONSTRUCT { ?x :made ?z } { ?x :p ?y OPTIONAL { ?y :q ?z } }
CONSTRUCT { ?n :made ?x } { ?x :n ?n }
CONSTRUCT { ?x ?n ?x } { ?x :n ?n }
CONSTRUCT { ?x ?y ?x } { ?x :r ?y }
CONSTRUCT { ?x :made ?nothing } { ?x :p ?y }
CONSTRUCT { ?x :sum ?k } { SELECT ?x (SUM(?n) AS ?k) { ?x :n ?n } GROUP BY ?x }
CONSTRUCT { ?x :in ?g } { GRAPH ?g { ?x :p ?y } }
CONSTRUCT { ?x :made ?y } { ?x :p ?y } LIMIT 0
DESCRIBE :a
DESCRIBE :a :b
DESCRIBE :nowhere
DESCRIBE ?x { ?x :p :c }
DESCRIBE ?x ?y { ?x :p ?y }
DESCRIBE * { ?x :q ?y }
DESCRIBE ?t { ?x :t ?t }
DESCRIBE ?z { ?x :p ?y OPTIONAL { ?y :q ?z } }
DESCRIBE ?x { ?x :r ?y }
DESCRIBE ?x :f { ?x :p ?y } ORDER BY ?x LIMIT 1
"""


@pytest.mark.parametrize("query", lines(CONSTRUCTED))
def test_graph_of_a_query_is_the_same(query: str, links: Asked) -> None:
    _is_same_graph(links, query)


def test_description_goes_on_through_blank_nodes_that_lead_to_each_other(links: Asked) -> None:
    found = _answered(links, "DESCRIBE :b")
    assert isinstance(found, Statements)
    assert len(list(found.triples())) == 9 + 2 + 1  # of :b, of either blank node


@pytest.mark.parametrize("name", ["g", "h"])
def test_graph_is_read_whole_and_subject_by_subject(name: str, links: Asked) -> None:
    found = read_graph(links.columns, Term(Kind.IRI, NS + name))
    assert found is not None
    triples = list(found.triples())
    quads = links.store.quads_for_pattern(None, None, None, ox.NamedNode(NS + name))
    assert sorted(map(str, triples)) == sorted(str(quad.triple) for quad in quads)
    subjects = [triple.subject for triple in triples]
    assert len(set(subjects)) == len([key for key, _ in groupby(subjects)])


def test_graph_without_triples_is_not_there(links: Asked) -> None:
    assert read_graph(links.columns, Term(Kind.IRI, f"{NS}a")) is None
    assert read_graph(links.columns, Term(Kind.IRI, f"{NS}nowhere")) is None


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { ?x ?p ?y }",
        "SELECT * { ?x :p ?y OPTIONAL { ?y :q ?z } }",
        "SELECT DISTINCT ?x { ?x :p|:q ?y }",
        "SELECT * { { ?x :p ?y } UNION { ?x :q ?y } }",
        "SELECT * { GRAPH ?g { ?x ?p ?y } }",
    ],
)
def test_pages_of_a_result_are_all_of_it_once(query: str, links: Asked) -> None:
    names, expected = links.by_oxigraph(query)
    pages = [
        row
        for offset in range(0, len(expected) + 3, 3)
        for row in links.by_columns(f"{query} LIMIT 3 OFFSET {offset}", names)
    ]
    assert not difference(expected, pages)
