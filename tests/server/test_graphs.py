"""The graph store over HTTP. https://www.w3.org/TR/sparql11-http-rdf-update/."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pyoxigraph as ox
import pytest

from sparql_server.engine.local.evaluation import evaluate
from sparql_server.engine.messages import Job
from sparql_server.engine.serialization import serialize
from tests.server.conftest import NUMBERS, Server, publish, start, stop
from tests.server.http import Reply, ask, request, values

G1 = "http://example.org/g1"
MEDIA_TYPES = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
    "application/ld+json": ox.RdfFormat.JSON_LD,
}


def triples(reply: Reply) -> set[str]:
    kind = reply.headers["content-type"].partition(";")[0]
    return {str(quad.triple) for quad in ox.parse(reply.body, MEDIA_TYPES[kind])}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose default graph is the store's own; its addresses name graphs."""
    data = tmp_path_factory.mktemp("own")
    publish(data, 1)
    running = start(data, "--workers", "1", "--default-graph", "own")
    graph = f"{running.address}/graphs/r%C3%A4k/1"
    publish(data, 2, f'\n<urn:own> <urn:is> <urn:here> .\n<urn:a> <urn:is> "d" <{graph}> .')
    for _ in range(100):
        if ask(running, "ASK {}").headers["libris-release"] == "2":
            break
        time.sleep(0.05)
    yield running
    assert stop(running) == 0


@pytest.mark.parametrize("accept", MEDIA_TYPES)
def test_graph_named_by_a_parameter_is_whole_in_every_format(server: Server, accept: str) -> None:
    reply = request(server, "GET", f"/graphs?graph={quote(G1, safe='')}", Accept=accept)
    assert (reply.status, reply.headers["content-type"].partition(";")[0]) == (200, accept)
    assert reply.headers["libris-release"] == "1"
    assert triples(reply) == {
        '<http://example.org/s> <http://example.org/p> "ett"@sv',
        '<http://example.org/s> <http://example.org/p> "one"@en',
    }


def test_large_graph_is_streamed_whole(server: Server) -> None:
    reply = request(server, "GET", "/graphs?graph=urn:numbers&format=nt")
    assert len(triples(reply)) == NUMBERS


def test_default_graph_is_the_union_as_it_is_for_queries(server: Server) -> None:
    reply = request(server, "GET", "/graphs?default")
    assert len(triples(reply)) == NUMBERS + 5
    assert (
        str(len(triples(reply))) == values(ask(server, "SELECT (COUNT(*) AS ?n) {?s ?p ?o}"))[0][0]
    )


def test_default_graph_is_the_stores_own_by_setting(own: Server) -> None:
    assert triples(request(own, "GET", "/graphs?default")) == {"<urn:own> <urn:is> <urn:here>"}
    assert values(ask(own, "SELECT ?s { ?s ?p ?o }")) == [["urn:own"]]
    assert values(ask(own, "SELECT (COUNT(*) AS ?n) FROM <http://example.org/g1> {?s ?p ?o}")) == [
        ["2"]
    ]


def test_address_of_its_own_names_a_graph(own: Server) -> None:
    reply = request(own, "GET", "/graphs/r%C3%A4k/1")
    assert triples(reply) == {'<urn:a> <urn:is> "d"'}
    name = quote(f"{own.address}/graphs/r%C3%A4k/1", safe="")
    assert triples(request(own, "GET", f"/graphs?graph={name}")) == triples(reply)
    assert request(own, "GET", "/graphs/r%C3%A4k/2").status == 404
    assert request(own, "GET", "/graphs/r%C3%A4k/1?default").status == 400


@pytest.mark.parametrize(
    ("parameters", "status", "says"),
    [
        ("", 400, "Name one graph"),
        ("?graph=", 400, "absolute IRI"),
        ("?graph=g1", 400, "absolute IRI"),
        ("?graph=http://example.org/a%20b", 400, "absolute IRI"),
        ("?graph=http://[", 400, "is no IRI"),
        ("?graph=urn:a&graph=urn:b", 400, "Name one graph"),
        ("?graph=urn:numbers&default", 400, "Name one graph"),
        ("?default=urn:numbers", 400, "no value"),
        ("?graph=http://example.org/none", 404, "no graph <http://example.org/none>"),
        ("?graph=urn:numbers&format=csv", 406, "text/turtle"),
    ],
)
def test_request_for_no_graph_gets_its_status(
    server: Server, parameters: str, status: int, says: str
) -> None:
    reply = request(server, "GET", f"/graphs{parameters}")
    assert (reply.status, reply.headers["content-type"]) == (status, "application/problem+json")
    assert says in reply.json()["detail"]
    head = request(server, "HEAD", f"/graphs{parameters}")
    assert (head.status, head.body) == (status, b"")


def test_unacceptable_is_406(server: Server) -> None:
    reply = request(server, "GET", "/graphs?graph=urn:numbers", Accept="text/csv")
    assert reply.status == 406
    assert "text/turtle (format=ttl)" in reply.json()["available"]


def test_head_has_the_headers_and_nothing_of_the_graph(server: Server) -> None:
    for parameters in ("?graph=urn:numbers", "?default"):
        reply = request(server, "HEAD", f"/graphs{parameters}", Accept="application/rdf+xml")
        assert (reply.status, reply.body) == (200, b"")
        assert reply.headers["content-type"] == "application/rdf+xml"
        assert reply.headers["libris-release"] == "1"


def test_head_serialises_no_graph() -> None:
    store = ox.Store()
    node = ox.NamedNode("urn:a")
    store.extend(ox.Quad(node, node, ox.Literal(n), node) for n in range(1000))
    out = io.BytesIO()
    results, name = evaluate(store, Job("", graphs="ttl", graph="urn:a", rows=0))
    serialize(results, name, 0, out)
    assert len(out.getvalue()) < 100


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/graphs?graph=urn:numbers", "/graphs?default", "/graphs/x"])
def test_nothing_can_be_written(server: Server, method: str, path: str) -> None:
    reply = request(server, method, path, b"<urn:a> <urn:b> <urn:c> .", Content_Type="text/turtle")
    assert reply.status == 405
    assert set(reply.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_parameter_reaches_the_store_decoded_once(data: Path) -> None:
    publish(data, 2, '\n<urn:a> <urn:b> "x" <http://example.org/a%2520b> .')
    running = start(data, "--workers", "1")
    try:
        path = "/graphs?graph=http%3A%2F%2Fexample.org%2Fa%252520b"
        assert triples(request(running, "GET", path)) == {'<urn:a> <urn:b> "x"'}
    finally:
        stop(running)
