"""Service description and VoID over HTTP.

https://www.w3.org/TR/sparql11-service-description/, https://www.w3.org/TR/void/
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import RDF, VOID, Graph, Literal, Namespace, URIRef

from sparql_server.finding.service_description import Service, describe
from tests.server.conftest import Server, publish, start, stop
from tests.server.http import Reply, request

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
FORMATS = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/ld+json": ox.RdfFormat.JSON_LD,
}
VOID_TTL = """
@prefix void: <http://rdfs.org/ns/void#> .
<#dataset> a void:Dataset ; void:triples 7 .
"""
PARTITIONS = VOID_TTL + "".join(
    f"<#dataset> void:classPartition [ void:class <urn:c{n}> ; void:propertyPartition "
    f"[ void:property <urn:p> ; void:triples {n} ] , [ void:property <urn:q> ] ] ."
    for n in range(20)
)
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("described")
    publish(data, 1)
    release = data / "releases" / "0001"
    manifest = json.loads((release / "manifest.json").read_text())
    manifest |= {"classes": {"urn:C": 2}, "properties": {"urn:p": 3, "urn:q": 4}}
    (release / "manifest.json").write_text(json.dumps(manifest))
    (release / "void.ttl").write_text(VOID_TTL)
    running = start(data, "--workers", "1")
    yield running
    assert stop(running) == 0


def parsed(reply: Reply) -> Graph:
    kind = reply.headers["content-type"].partition(";")[0]
    triples = (quad.triple for quad in ox.parse(reply.body, FORMATS[kind]))
    return Graph().parse(data=ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES), format="nt")


def test_endpoint_without_a_query_describes_itself_in_every_format(described: Server) -> None:
    endpoint = URIRef(f"{described.address}/sparql")
    for accept in (*FORMATS, None, "*/*"):
        reply = request(described, "GET", "/sparql", **({"Accept": accept} if accept else {}))
        assert reply.headers["content-type"].partition(";")[0] == (
            accept if accept in FORMATS else "text/turtle"
        )
        graph = parsed(reply)
        assert list(graph.objects(None, SD.endpoint)) == [endpoint]
        assert (None, RDF.type, SD.Service) in graph
        assert (None, SD.supportedLanguage, SD.SPARQL11Query) in graph
        assert len(list(graph.objects(None, SD.resultFormat))) == 8
        assert (None, SD.feature, SD.UnionDefaultGraph) in graph
        assert (None, SD.feature, SD.BasicFederatedQuery) not in graph


def test_default_dataset_is_counted_and_is_the_one_of_void(described: Server) -> None:
    graph = parsed(request(described, "GET", "/sparql"))
    dataset = graph.value(None, RDF.type, SD.Dataset)
    assert dataset == URIRef(f"{described.address}/.well-known/void#dataset")
    default = graph.value(dataset, SD.defaultGraph)
    assert graph.value(default, VOID.triples) == Literal(3005)
    assert graph.value(default, VOID.properties) == Literal(2)
    about = parsed(request(described, "GET", "/.well-known/void"))
    assert about.value(dataset, VOID.triples) == Literal(7)
    assert about.value(dataset, VOID.sparqlEndpoint) == URIRef(f"{described.address}/sparql")


@pytest.mark.parametrize(
    ("union", "federated"), [(True, True), (True, False), (False, True), (False, False)]
)
def test_features_are_those_that_are_on(union: bool, federated: bool) -> None:
    service = Service("http://e/sparql", "http://e/void", union, federated, 1, {"quads": 5})
    graph = describe(service)
    assert ((None, SD.feature, SD.UnionDefaultGraph) in graph) is union
    assert ((None, SD.feature, SD.BasicFederatedQuery) in graph) is federated
    assert ((None, VOID.triples, None) in graph) is union


def test_allowed_service_is_announced(data: Path) -> None:
    running = start(data, "--workers", "1", "--allow-service", "http://127.0.0.1:9/")
    try:
        graph = parsed(request(running, "GET", "/sparql"))
        assert (None, SD.feature, SD.BasicFederatedQuery) in graph
    finally:
        stop(running)


def test_void_is_in_every_format_and_in_turtle_by_its_name(described: Server) -> None:
    for accept in FORMATS:
        reply = request(described, "GET", "/.well-known/void", Accept=accept)
        assert len(parsed(reply)) == 3
        assert reply.headers["libris-release"] == "1"
    reply = request(described, "GET", "/void.ttl", Accept="application/rdf+xml")
    assert reply.headers["content-type"] == "text/turtle; charset=utf-8"


def test_release_without_void_has_none(server: Server) -> None:
    assert request(server, "GET", "/void.ttl").status == 404


def test_browser_gets_the_query_page_and_others_406_for_what_there_isnt(described: Server) -> None:
    assert "<textarea" in request(described, "GET", "/sparql", Accept=BROWSER).text
    reply = request(described, "GET", "/sparql", Accept="text/csv")
    assert (reply.status, reply.json()["title"]) == (406, "Not acceptable")


def test_head_of_the_description_has_its_headers(described: Server) -> None:
    reply = request(described, "HEAD", "/sparql")
    assert (reply.status, reply.body) == (200, b"")
    assert reply.headers["content-type"] == "text/turtle; charset=utf-8"


def test_before_there_is_a_release_the_service_is_described_without_counts(tmp_path: Path) -> None:
    running = start(tmp_path, "--workers", "1")
    try:
        graph = parsed(request(running, "GET", "/sparql"))
        assert (None, VOID.triples, None) not in graph
        assert (None, SD.endpoint, None) in graph
        assert request(running, "GET", "/.well-known/void").status == 404
        assert request(running, "HEAD", "/sparql?query=ASK%7B%7D").status == 503
    finally:
        stop(running)


def test_descriptions_are_the_same_bytes_in_each_process(tmp_path: Path) -> None:
    address = "http://127.0.0.1/"
    (tmp_path / "void.ttl").write_text(PARTITIONS)
    written = f"""
import hashlib
from pathlib import Path
from sparql_server.catalogue.query_files import load
from sparql_server.catalogue.shacl import export_shapes
from sparql_server.finding.service_description import Service, describe_service, void
service = Service("{address}sparql", "{address}void", True, False, 1)
examples = export_shapes(load(Path("queries")), "{address}queries/", service.endpoint)
for name in ("ttl", "nt", "rdf", "jsonld"):
    partitions = void(Path("{tmp_path}/void.ttl"), service, name)
    additions = (examples, void(Path("{tmp_path}/void.ttl"), service, "ttl").decode())
    print(hashlib.sha256(partitions + describe_service(service, name, additions)).hexdigest())
"""
    first, second = (
        subprocess.run(
            [sys.executable, "-c", written],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            check=True,
        ).stdout
        for seed in "12"
    )
    assert len(first.splitlines()) == 4
    assert first == second


def test_description_that_is_known_is_not_sent_again(described: Server) -> None:
    for path in ("/sparql", "/.well-known/void"):
        reply = request(described, "GET", path)
        again = request(described, "GET", path, If_None_Match=reply.headers["etag"])
        assert (again.status, again.body) == (304, b"")
