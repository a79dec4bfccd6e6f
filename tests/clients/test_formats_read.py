"""Every format of nasty data, read by the libraries that people read it with, is the data."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from xml.dom.minidom import Element

import lxml.etree
import pyoxigraph as ox
import pytest
import rdflib
from rdflib.query import Result
from SPARQLWrapper import CSV, JSON, JSONLD, RDFXML, XML, SPARQLWrapper

from tests.clients.test_clients import needs_npm, node, wrapper
from tests.nasty import (
    COMMA,
    EX,
    GRAPHS,
    NASTY,
    QUADS,
    TRIPLES,
    XSD,
    canonical,
    canonical_graph,
    in_xml,
)
from tests.server.conftest import Server, publish, start, stop
from tests.server.http import ask

_PATTERN = "{{ GRAPH ?g {{ ?s ?p ?o }} VALUES ?g {{ {} }} }}".format(" ".join(map(str, GRAPHS)))
SELECT = f"SELECT ?s ?p ?o WHERE {_PATTERN}"
CONSTRUCT = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {_PATTERN}"
RESULTS = "{http://www.w3.org/2005/sparql-results#}"

pytestmark = [
    pytest.mark.long,
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is dep", "ignore:Dataset.default_"),
]


@pytest.fixture(scope="module", params=["disk", "columns"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server of the nasty data."""
    data = tmp_path_factory.mktemp("nasty")
    quads = "\n" + (ox.serialize(QUADS, format=ox.RdfFormat.N_QUADS) or b"").decode()
    publish(data, 1, quads, columns=request.param == "columns")
    running = start(data, "--workers", "2")
    yield running
    assert stop(running) == 0


@pytest.fixture(autouse=True)
def lexical_forms_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)


def body(server: Server, query: str, name: str) -> str:
    reply = ask(server, query, format=name)
    assert reply.status == 200, reply.text
    return reply.text


# Terms of others in those of pyoxigraph


def literal(value: str, language: str | None, datatype: str | None) -> ox.Literal:
    if language:
        return ox.Literal(value, language=language)
    return ox.Literal(value, datatype=ox.NamedNode(datatype) if datatype else None)


def of_rdflib(term: Any) -> Any:
    if isinstance(term, rdflib.Literal):
        return literal(str(term), term.language, term.datatype and str(term.datatype))
    return (ox.BlankNode if isinstance(term, rdflib.BNode) else ox.NamedNode)(str(term))


def of_javascript(term: list[str]) -> Any:
    kind, value, *more = term
    if kind == "Literal":
        return literal(value, *more)
    makers = {"BlankNode": ox.BlankNode, "NamedNode": ox.NamedNode}
    return makers[kind](value) if kind in makers else ox.DefaultGraph()


def of_json(term: dict[str, str]) -> Any:
    if term["type"] in ("literal", "typed-literal"):
        return literal(term["value"], term.get("xml:lang"), term.get("datatype"))
    return (ox.BlankNode if term["type"] == "bnode" else ox.NamedNode)(term["value"])


def of_xml(name: str, value: str, attributes: Any) -> Any:
    if name == "literal":
        language = attributes.get("{http://www.w3.org/XML/1998/namespace}lang")
        return literal(value, language or attributes.get("xml:lang"), attributes.get("datatype"))
    return (ox.BlankNode if name == "bnode" else ox.NamedNode)(value)


def triples(rows: Iterable[Iterable[Any]]) -> set[str]:
    return canonical_graph(ox.Triple(*row) for row in rows)


# rdflib


@pytest.mark.parametrize(
    ("name", "reader"),
    [
        ("ttl", "turtle"),
        ("nt", "nt"),
        ("rdf", "xml"),
        ("jsonld", "json-ld"),
        ("expanded", "json-ld"),
    ],
)
def test_rdflib_reads_the_graph(server: Server, name: str, reader: str) -> None:
    read = rdflib.Graph().parse(data=body(server, CONSTRUCT, name).encode(), format=reader)
    expected = in_xml(TRIPLES) if name == "rdf" else TRIPLES
    assert triples(map(of_rdflib, triple) for triple in read) == canonical_graph(expected)


@pytest.mark.parametrize(("name", "reader"), [("nq", "nquads"), ("trig", "trig")])
def test_rdflib_reads_the_dataset(server: Server, name: str, reader: str) -> None:
    read = rdflib.Dataset()
    read.parse(data=body(server, CONSTRUCT, name).encode(), format=reader)
    quads = (ox.Quad(*map(of_rdflib, quad)) for quad in read.quads())
    assert canonical(quads) == canonical(QUADS)


@pytest.mark.parametrize("name", ["xml", "json"])
def test_rdflib_reads_the_solutions(server: Server, name: str) -> None:
    read = Result.parse(io.BytesIO(body(server, SELECT, name).encode()), format=name)
    expected = in_xml(TRIPLES) if name == "xml" else TRIPLES
    assert triples(map(of_rdflib, row) for row in read) == canonical_graph(expected)


def ends_lines(triple: ox.Triple) -> bool:
    r"""Whether rdflib's reader of TSV, which knows no ``\u000B`` either, takes it for two lines."""
    value = triple.object
    return isinstance(value, ox.Literal) and bool(set("\x0b\x0c\x85\u2028") & set(value.value))


def test_rdflib_reads_tsv_but_what_it_takes_for_ends_of_lines(server: Server) -> None:
    without = f'{SELECT[:-1]} FILTER(isBlank(?o) || !REGEX(STR(?o), "[\x0b\x0c\x85\u2028]")) }}'
    read = Result.parse(io.BytesIO(body(server, without, "tsv").encode()), format="tsv")
    expected = [triple for triple in TRIPLES if not ends_lines(triple)]
    assert triples(map(of_rdflib, row) for row in read) == canonical_graph(expected)


def test_pyoxigraph_reads_tsv(server: Server) -> None:
    data = body(server, SELECT, "tsv").encode()
    read = ox.parse_query_results(data, ox.QueryResultsFormat.TSV)
    assert isinstance(read, ox.QuerySolutions)
    assert triples(read) == canonical_graph(TRIPLES)


# Readers of CSV


def cell(term: Any) -> str:
    """A term as CSV has it, with blank nodes that are all alike."""
    return "_:" if isinstance(term, ox.BlankNode) else str(term.value)


CELLS = Counter(tuple(map(cell, triple)) for triple in TRIPLES)


def cells(rows: Iterable[Iterable[str]]) -> Counter[tuple[str, ...]]:
    return Counter(tuple("_:" if text.startswith("_:") else text for text in row) for row in rows)


def test_csv_reads_the_solutions(server: Server) -> None:
    head, *rows = csv.reader(io.StringIO(body(server, SELECT, "csv"), newline=""), strict=True)
    assert (head, cells(rows)) == (["s", "p", "o"], CELLS)


def test_sparqlwrapper_reads_csv(server: Server) -> None:
    read = wrapper(server, SELECT, CSV).queryAndConvert().decode()
    _, *rows = csv.reader(io.StringIO(read, newline=""), strict=True)
    assert cells(rows) == CELLS


def test_rdflib_reads_csv(server: Server) -> None:
    read = Result.parse(io.BytesIO(body(server, SELECT, "csv").encode()), format="csv")
    # It takes an empty field for no value, and what begins like an address for an IRI.
    rows = (
        ["_:" if isinstance(term, rdflib.BNode) else str(term or "") for term in row]
        for row in read
    )
    assert cells(rows) == CELLS


# lxml and SPARQLWrapper


def test_lxml_reads_the_solutions(server: Server) -> None:
    root = lxml.etree.fromstring(body(server, SELECT, "xml").encode())
    rows = [
        [of_xml(lxml.etree.QName(term).localname, term.text or "", term.attrib) for (term,) in row]
        for row in root.iter(f"{RESULTS}result")
    ]
    assert triples(rows) == canonical_graph(in_xml(TRIPLES))


def test_lxml_reads_rdf_xml(server: Server) -> None:
    root = lxml.etree.fromstring(body(server, CONSTRUCT, "rdf").encode())
    titles = Counter(title.text or "" for title in root.iter(f"{{{EX}}}title"))
    assert titles == Counter(
        triple.object.value for triple in in_xml(TRIPLES) if triple.predicate.value == f"{EX}title"
    )


def test_sparqlwrapper_reads_json(server: Server) -> None:
    rows = wrapper(server, SELECT, JSON).queryAndConvert()["results"]["bindings"]
    assert triples([of_json(row[name]) for name in "spo"] for row in rows) == canonical_graph(
        TRIPLES
    )


def test_sparqlwrapper_reads_xml(server: Server) -> None:
    document = wrapper(server, SELECT, XML).queryAndConvert()
    rows = [
        [_of_minidom(binding.firstChild) for binding in row.getElementsByTagName("binding")]
        for row in document.getElementsByTagName("result")
    ]
    assert triples(rows) == canonical_graph(in_xml(TRIPLES))


def _of_minidom(element: Element) -> Any:
    value = "".join(text.data for text in element.childNodes)
    return of_xml(element.tagName, value, dict(element.attributes.items()))


@pytest.mark.parametrize("wanted", [RDFXML, JSONLD])
def test_sparqlwrapper_reads_the_graph(server: Server, wanted: str) -> None:
    client: SPARQLWrapper = wrapper(server, CONSTRUCT, wanted)
    expected = in_xml(TRIPLES) if wanted == RDFXML else TRIPLES
    read = client.queryAndConvert()
    assert triples(map(of_rdflib, triple) for triple in read) == canonical_graph(expected)


# jsonld, N3.js, Comunica


@pytest.fixture(scope="module")
def read_by_node(server: Server) -> Any:
    return node("read.mjs", f"{server.address}/sparql", CONSTRUCT, SELECT, f"{EX}Thing")


def quads_of(rows: list[Any]) -> Iterator[ox.Quad]:
    return (ox.Quad(*map(of_javascript, row)) for row in rows)


@needs_npm
@pytest.mark.parametrize("name", ["jsonld", "expanded", "expanded by jsonld"])
def test_jsonld_reads_the_graph(read_by_node: Any, name: str) -> None:
    # It writes each double anew, in XSD's canonical form, which the store's is not.
    expected = {
        triple.replace(f'"1"^^<{XSD}double>', f'"1.0E0"^^<{XSD}double>')
        for triple in canonical_graph(TRIPLES)
    }
    assert canonical(quads_of(read_by_node["jsonld"][name])) == expected


@needs_npm
def test_jsonld_frames_by_type(read_by_node: Any) -> None:
    framed = read_by_node["jsonld"]["framed"]
    assert (framed["@id"], framed["@type"]) == (f"{EX}thing,'&'", f"{EX}Thing")
    items = framed[f"{EX}items"]["@list"]
    assert (items[0], items[1]["@id"]) == ("a,b\r\n", COMMA.value)
    assert items[2] == {"@type": f"{EX}Inner", f"{EX}title": NASTY}
    assert items[3:] == [{"@type": "xsd:integer", "@value": "5"}]
    assert framed[f"{EX}none"] == {"@list": []}
    assert {"@language": "sv", "@value": NASTY} in framed[f"{EX}title"]


@needs_npm
@pytest.mark.parametrize("name", ["ttl", "nt", "trig", "nq"])
def test_n3_reads_the_graph(read_by_node: Any, name: str) -> None:
    expected = canonical(QUADS) if name in ("trig", "nq") else canonical_graph(TRIPLES)
    assert canonical(quads_of(read_by_node["n3"][name])) == expected


@needs_npm
@pytest.mark.parametrize("form", ["select", "construct"])
def test_comunica_reads_the_data(read_by_node: Any, form: str) -> None:
    assert canonical(quads_of(read_by_node["comunica"][form])) == canonical_graph(TRIPLES)
