"""N-Quads, TriG and the profiles of JSON-LD over HTTP: who gets them, and what is in them."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import pyoxigraph as ox
import pytest

from tests.server.conftest import NUMBERS, Server
from tests.server.http import Reply, ask, request

PREFIX = "PREFIX ex: <http://example.org/> "
EXPANDED = 'application/ld+json;profile="http://www.w3.org/ns/json-ld#expanded"'
READERS = {"application/n-quads": ox.RdfFormat.N_QUADS, "application/trig": ox.RdfFormat.TRIG}
S, P = "<http://example.org/s>", "<http://example.org/p>"
G1, G2 = "<http://example.org/g1>", "<http://example.org/g2>"


def quads(reply: Reply) -> set[str]:
    assert reply.status == 200, reply.text
    kind = reply.headers["content-type"].partition(";")[0]
    return set(map(str, ox.parse(reply.body, READERS[kind])))


@pytest.mark.parametrize("accept", READERS)
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } FILTER(?s=ex:s && ?p=ex:p) }",
            {f'{S} {P} "ett"@sv {G1}', f'{S} {P} "one"@en {G1}'},
        ),
        (
            "CONSTRUCT { ex:x a ex:T . } WHERE { GRAPH ex:g1 { ?s ?p ?o } }",
            {
                "<http://example.org/x> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
                f" <http://example.org/T> {G1}"
            },
        ),
        (
            "CONSTRUCT { ?o ?p ?s . ex:x ex:n ?g } WHERE { GRAPH $g { ?s ?p ?o } VALUES ?s {ex:s}"
            " FILTER(isLITERAL(?o)) } ORDER BY ?o LIMIT 1",
            {f"<http://example.org/x> <http://example.org/n> {G1} {G1}"},
        ),
        ("CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ex:nothing ?o . ?s ?p ?o } }", set()),
    ],
)
def test_what_is_constructed_stands_in_the_graph_of_the_pattern(
    server: Server, accept: str, query: str, expected: set[str]
) -> None:
    assert quads(ask(server, PREFIX + query, accept)) == expected


@pytest.mark.parametrize("name", ["nq", "trig"])
def test_graph_of_the_store_has_its_name(server: Server, name: str) -> None:
    reply = request(server, "GET", f"/graphs?graph={quote(G1[1:-1])}&format={name}")
    assert quads(reply) == {f'{S} {P} "ett"@sv {G1}', f'{S} {P} "one"@en {G1}'}
    assert len(quads(request(server, "GET", f"/graphs?default&format={name}"))) == NUMBERS + 5


@pytest.mark.parametrize(
    "query",
    [
        "CONSTRUCT WHERE { ?s ?p ?o }",
        "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } GRAPH ?h { ?s ?q ?r } }",
    ],
)
def test_pattern_that_is_in_no_one_graph_has_no_quads(server: Server, query: str) -> None:
    reply = ask(server, query, "application/n-quads")
    assert reply.status == 406
    assert "GRAPH ?g" in reply.json()["detail"]
    assert ask(server, query, "image/png", format="trig").status == 406
    others = ask(server, query, "application/n-quads, application/trig, text/turtle;q=0.5")
    assert (others.status, others.headers["content-type"]) == (200, "text/turtle; charset=utf-8")


@pytest.mark.parametrize("accept", READERS)
@pytest.mark.parametrize(
    ("clause", "graphs"),
    [
        ("", {G1, G2}),
        ("FROM ex:g1", {G1}),
        ("FROM ex:g2 FROM <http://example.org/g1>", {G1, G2}),
        ("FROM NAMED ex:g1", set()),
    ],
)
def test_description_stands_in_the_graphs_of_its_triples(
    server: Server, accept: str, clause: str, graphs: set[str]
) -> None:
    found = quads(ask(server, f"{PREFIX}DESCRIBE ex:s {clause}", accept))
    every = quads(request(server, "GET", "/graphs?default&format=nq"))
    about = {quad for quad in every if quad.startswith(f"{S} ")}
    assert found == {quad for quad in about if quad.rpartition(" ")[2] in graphs}
    assert bool(found) == bool(graphs)


def test_description_of_a_dataset_of_the_request_stands_in_it(server: Server) -> None:
    pairs = [("default-graph-uri", G1[1:-1]), ("format", "nq")]
    target = f"/sparql?{urlencode([('query', f'DESCRIBE {S}'), *pairs])}"
    found = quads(request(server, "GET", target))
    assert found == {f'{S} {P} "ett"@sv {G1}', f'{S} {P} "one"@en {G1}'}


def test_malformed_query_is_malformed_as_quads_too(server: Server) -> None:
    query = "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p } }"
    assert ask(server, query, "application/n-quads").status == 400


@pytest.mark.parametrize(
    ("accept", "begins", "content_type"),
    [
        ("application/ld+json", b'{"@context"', "application/ld+json"),
        (EXPANDED, b"[", EXPANDED),
        (f"{EXPANDED};q=0.5, application/ld+json", b'{"@context"', "application/ld+json"),
        (f"{EXPANDED}, application/ld+json;q=0.5", b"[", EXPANDED),
        (
            'application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"',
            b'{"@context"',
            "application/ld+json",
        ),
    ],
)
def test_json_ld_has_the_profile_that_is_asked_for(
    server: Server, accept: str, begins: bytes, content_type: str
) -> None:
    reply = ask(server, "CONSTRUCT WHERE { <http://example.org/s> ?p ?o }", accept)
    assert (reply.status, reply.headers["content-type"]) == (200, content_type)
    assert reply.body.startswith(begins)


def test_graph_has_the_prefixes_that_the_query_declares_where_they_occur(server: Server) -> None:
    declared = "BASE <http://example.org/> PREFIX own: <> PREFIX rdfs: <http://e.org/> "
    query = f"{declared} PREFIX none: <urn:x> CONSTRUCT {{ own:s a rdfs:T }} {{}}"
    found = ask(server, query, "application/ld+json").json()
    assert found["@context"] == {"own": "http://example.org/", "rdfs": "http://e.org/"}
    assert found["@graph"] == [{"@id": "own:s", "@type": "rdfs:T"}]
    turtle = ask(server, query, "text/turtle").text
    assert "own:s a rdfs:T ." in turtle
    assert "none:" not in turtle


def test_prefix_of_the_query_stands_for_the_predefined_one_of_its_namespace(
    server: Server,
) -> None:
    query = "PREFIX k: <https://id.kb.se/vocab/> CONSTRUCT { [] a k:Text, kbv:Print } {}"
    found = ask(server, query, "application/ld+json").json()
    assert found["@context"] == {"k": "https://id.kb.se/vocab/"}
    plain = ask(server, query.replace("k:", ":", 2), "application/ld+json").json()
    assert plain["@context"] == {"kbv": "https://id.kb.se/vocab/"}


def test_predicate_without_a_name_is_406_before_the_first_byte(server: Server) -> None:
    query = "CONSTRUCT { ?s <http://e.org/250> ?o } WHERE { ?s ?p ?o }"
    reply = ask(server, query, "application/rdf+xml")
    assert reply.status == 406
    assert "http://e.org/250" in reply.json()["detail"]
    assert "format=ttl" in reply.json()["detail"]
