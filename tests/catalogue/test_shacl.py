"""The catalogue as RDF, as SIB's editors read it."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from rdflib import RDF, SH, Graph, Literal, URIRef

from sparql_server.catalogue.query_files import load, read
from sparql_server.catalogue.saved_query import Catalogue
from sparql_server.catalogue.shacl import SDO, export_shapes
from sparql_server.settings import QUERIES
from tests.catalogue.test_reading import GOOD

BASE = "https://example.org/queries/"
ENDPOINT = "https://example.org/sparql"
CATALOGUE = load(QUERIES)

# What an editor asks for: each query with what to call it.
ASKED = """
PREFIX sh: <http://www.w3.org/ns/shacl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT DISTINCT ?query ?comment ?text WHERE {
  ?query a sh:SPARQLExecutable ;
    rdfs:comment ?comment ;
    sh:select|sh:ask|sh:construct ?text .
}
ORDER BY ?query
"""


@pytest.fixture(scope="module")
def graph() -> Graph:
    return Graph().parse(data=export_shapes(CATALOGUE, BASE, ENDPOINT), format="turtle")


def test_editor_finds_every_query_once(graph: Graph) -> None:
    found = [(str(row[0]), str(row[1])) for row in graph.query(ASKED)]  # type: ignore[index]
    assert found == [
        (f"{BASE}{name}", query.title["en"]) for name, query in CATALOGUE.queries.items()
    ]


def test_every_query_is_one_select_executable_for_the_endpoint(graph: Graph) -> None:
    subjects = set(graph.subjects(RDF.type, SH.SPARQLSelectExecutable))
    assert len(subjects) == len(CATALOGUE.queries)
    for subject in subjects:
        assert len(list(graph.objects(subject, SH.select))) == 1
        assert list(graph.objects(subject, SDO.target)) == [URIRef(ENDPOINT)]
        languages = {name.language for name in graph.objects(subject, SDO.name)}  # type: ignore[attr-defined]
        assert languages == {"sv", "en"}
        (prefixes,) = graph.objects(subject, SH.prefixes)
        assert len(list(graph.objects(prefixes, SH.declare))) == 25


@pytest.mark.parametrize("name", CATALOGUE.queries)
def test_exported_text_runs(name: str, graph: Graph, sample_store: ox.Store) -> None:
    text = graph.value(URIRef(f"{BASE}{name}"), SH.select)
    results = sample_store.query(str(text), use_default_graph_as_union=True)
    assert len(list(results)) > 0  # type: ignore[arg-type]


def test_parameters_are_described(graph: Graph) -> None:
    node = URIRef(f"{BASE}records-lacking-something#lacking")
    assert set(graph.objects(node, SH.defaultValue)) == {
        Literal("language"),
        Literal("year"),
        Literal("agent"),
    }
    values = graph.value(node, SH["in"])
    assert values is not None
    assert Literal("holding") in list(graph.items(values))
    language = URIRef(f"{BASE}books-per-year#language")
    assert graph.value(language, SH["class"]) == URIRef("https://id.kb.se/vocab/Language")
    assert graph.value(language, SH.nodeKind) == SH.IRI
    assert graph.value(language, SH.optional) == Literal(True)


@pytest.mark.parametrize(
    ("form", "kind", "has_text"),
    [
        ("ASK {", SH.SPARQLAskExecutable, SH.ask),
        ("CONSTRUCT { ?i :year ?year } WHERE {", SH.SPARQLConstructExecutable, SH.construct),
    ],
)
def test_other_forms_have_their_own_class(form: str, kind: URIRef, has_text: URIRef) -> None:
    text = GOOD.replace("SELECT ?title ?year WHERE {", form).replace(
        "#+ chart: {x: year, y: title}\n", ""
    )
    query = read("x", text)
    graph = Graph().parse(
        data=export_shapes(Catalogue({"x": query}), BASE, ENDPOINT), format="turtle"
    )
    subject = URIRef(f"{BASE}x")
    assert (subject, RDF.type, kind) in graph
    assert graph.value(subject, has_text) == Literal(query.text)
