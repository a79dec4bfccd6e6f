"""Programs that people ask endpoints with, against this one over HTTP."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.dom.minidom import Document

import pytest
from rdflib import Graph, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, JSON, JSONLD, N3, POST, RDFXML, TSV, TURTLE, XML, SPARQLWrapper
from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

from tests.server.conftest import NUMBERS, Server

pytestmark = pytest.mark.long

HERE = Path(__file__).parent
SELECT = "SELECT ?o WHERE { <http://example.org/s> <http://example.org/p> ?o } ORDER BY ?o"
CONSTRUCT = "CONSTRUCT WHERE { ?s <http://example.org/q> ?o }"
ASK = "ASK { ?s <http://example.org/q> ?o }"
TRIPLE = (
    URIRef("http://example.org/s"),
    URIRef("http://example.org/q"),
    URIRef("http://example.org/o"),
)

needs_npm = pytest.mark.skipif(
    shutil.which("node") is None or not (HERE / "node_modules").exists(),
    reason="needs node and the packages that `make test` has npm install",
)
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")


def wrapper(server: Server, query: str, return_format: str) -> SPARQLWrapper:
    client = SPARQLWrapper(f"{server.address}/sparql", returnFormat=return_format)
    client.setQuery(query)
    return client


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_sparqlwrapper_gets_json(server: Server, method: str) -> None:
    client = wrapper(server, SELECT, JSON)
    client.setMethod(method)
    bindings = client.queryAndConvert()["results"]["bindings"]
    assert [(binding["o"]["value"], binding["o"]["xml:lang"]) for binding in bindings] == [
        ("ett", "sv"),
        ("one", "en"),
    ]
    assert wrapper(server, ASK, JSON).queryAndConvert()["boolean"] is True


def test_sparqlwrapper_posts_the_query_itself(server: Server) -> None:
    client = wrapper(server, SELECT, JSON)
    client.setMethod(POST)
    client.setRequestMethod("postdirectly")
    assert len(client.queryAndConvert()["results"]["bindings"]) == 2


def test_sparqlwrapper_gets_xml_csv_and_tsv(server: Server) -> None:
    document = wrapper(server, SELECT, XML).queryAndConvert()
    assert isinstance(document, Document)
    assert len(document.getElementsByTagName("result")) == 2
    assert wrapper(server, SELECT, CSV).queryAndConvert() == b"o\r\nett\r\none\r\n"
    assert wrapper(server, SELECT, TSV).queryAndConvert() == b'?o\n"ett"@sv\n"one"@en\n'


@pytest.mark.parametrize(
    ("asked", "parsed"),
    [(RDFXML, None), (XML, None), (TURTLE, "turtle"), (N3, "turtle"), (JSONLD, None)],
)
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_sparqlwrapper_gets_graphs(server: Server, asked: str, parsed: str | None) -> None:
    found = wrapper(server, CONSTRUCT, asked).queryAndConvert()
    graph = found if parsed is None else Graph().parse(data=found, format=parsed)
    assert list(graph) == [TRIPLE]


def test_sparqlwrapper_says_what_is_wrong_with_a_query(server: Server) -> None:
    with pytest.raises(QueryBadFormed, match="Did you mean kbv:"):
        wrapper(server, "SELECT ?s { ?s kvb:x ?o }", JSON).query()


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("returned", ["json", "xml", "csv", "tsv"])
def test_rdflib_store_asks(server: Server, method: Any, returned: str) -> None:
    store = SPARQLStore(f"{server.address}/sparql", method=method, returnFormat=returned)
    found = list(Graph(store).query(SELECT))
    if returned == "csv":  # which has no languages
        assert found == [(Literal("ett"),), (Literal("one"),)]
    else:
        assert found == [(Literal("ett", lang="sv"),), (Literal("one", lang="en"),)]


def test_rdflib_store_is_a_graph_of_the_union_and_of_each(server: Server) -> None:
    store = SPARQLStore(f"{server.address}/sparql", context_aware=True)
    subject, predicate, object_ = TRIPLE
    assert list(Graph(store).objects(subject, predicate)) == [object_]
    one = Graph(store, identifier=URIRef("http://example.org/g1"))
    assert len(one) == 2
    assert TRIPLE not in one
    assert bool(Graph(store).query(ASK))
    assert list(Graph(store).query(CONSTRUCT)) == [TRIPLE]


def node(script: str, *arguments: str) -> Any:
    done = subprocess.run(
        ["node", str(HERE / script), *arguments], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@needs_npm
def test_comunica_asks_whether_told_what_it_is_or_left_to_find_out(server: Server) -> None:
    found = node("comunica.mjs", f"{server.address}/sparql")
    language = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
    for answer in (found["told"], found["found"]):
        assert answer["solutions"] == [
            ["1", "", "http://www.w3.org/2001/XMLSchema#integer"],
            ["ett", "sv", language],
            ["one", "en", language],
        ]
        assert answer["counted"] == [["http://example.org/g1", "2"], ["http://example.org/g2", "1"]]
        assert answer["quads"] == [["http://example.org/s", "urn:found", "http://example.org/o"]]
        assert answer["boolean"] is True


@needs_npm
def test_sparql_http_client_asks_and_reads_a_graph(server: Server) -> None:
    found = node("http-client.mjs", f"{server.address}/sparql", f"{server.address}/graphs")
    rows = [["1", ""], ["ett", "sv"], ["one", "en"]]
    assert found["solutions"] == dict.fromkeys(("get", "postUrlencoded", "postDirect"), rows)
    assert (found["boolean"], found["quads"], found["graph"]) == (True, 1, ["ett", "one"])
    assert found["streamed"] == NUMBERS + 1


def curl(*arguments: str) -> str:
    command = ["curl", "--silent", "--show-error", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


@needs_curl
def test_curl_asks_in_every_way(server: Server) -> None:
    endpoint = f"{server.address}/sparql"
    expected = "o\nett\none\n"
    csv, encoded = ("-H", "Accept: text/csv"), ("--data-urlencode", f"query={SELECT}")
    direct = ("-H", "Content-Type: application/sparql-query", "--data-binary", SELECT)
    for way in (encoded, ("--get", *encoded), direct):
        assert curl(*csv, *way, endpoint).replace("\r\n", "\n") == expected
    assert curl("--head", "--get", *csv, *encoded, endpoint).startswith("HTTP/1.1 200")
    compressed = curl("--compressed", "--http1.0", *csv, *encoded, endpoint)
    assert compressed.replace("\r\n", "\n") == expected


@needs_curl
def test_curl_fails_where_the_endpoint_does(server: Server) -> None:
    command = ["curl", "--silent", "--fail", "--data-urlencode", "query=x"]
    done = subprocess.run([*command, f"{server.address}/sparql"], capture_output=True, timeout=60)
    assert done.returncode == 22
