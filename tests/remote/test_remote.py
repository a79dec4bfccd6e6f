"""What our server promises holds with another store behind it: both stores, over HTTP."""

from __future__ import annotations

import csv
import io
import json
import socket
import threading
from pathlib import Path
from urllib.parse import urlencode
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest

from tests.remote.conftest import Front
from tests.server.http import ask, request, values
from tests.server.test_endpoint import BY_GRAPH, CONSTRUCT, COUNT, G1, G2, SELECT
from tests.server.test_pages import BROWSER, Tags
from tests.server.test_workers import serving, wait_for

TERMS = """SELECT * { VALUES (?n ?x) {
  (1 <http://example.org/å>) (2 "två\\n\\"rader\\",") (3 "hej"@sv) (4 true) (5 2.5)
  (6 "2026-11-24"^^xsd:date) (7 "x"^^<http://example.org/type>) (8 UNDEF) } } ORDER BY ?n"""
ENDLESS = """SELECT (SUM(?d) AS ?n) {
  ?a <urn:is> ?x . ?b <urn:is> ?y . ?c <urn:is> ?z BIND(STRLEN(CONCAT(?x, ?y, ?z)) AS ?d) }"""


def test_every_format_of_solutions_is_that_of_the_specification(front: Front) -> None:
    found = json.loads(ask(front.server, TERMS, format="json").body)
    terms = [row.get("x") for row in found["results"]["bindings"]]
    assert terms[0] == {"type": "uri", "value": "http://example.org/å"}
    assert terms[1] == {"type": "literal", "value": 'två\n"rader",'}
    assert terms[2] == {"type": "literal", "value": "hej", "xml:lang": "sv"}
    assert terms[3] is not None
    assert terms[3]["value"] == "true"
    assert terms[5] == {
        "type": "literal",
        "value": "2026-11-24",
        "datatype": "http://www.w3.org/2001/XMLSchema#date",
    }
    assert terms[7] is None
    for name in ("xml", "tsv"):
        body = ask(front.server, TERMS, format=name).body
        parsed = ox.parse_query_results(
            body, ox.QueryResultsFormat.XML if name == "xml" else ox.QueryResultsFormat.TSV
        )
        assert isinstance(parsed, ox.QuerySolutions)
        rows = [solution["x"] for solution in parsed]
        assert rows[1] == ox.Literal('två\n"rader",')
        assert rows[6] == ox.Literal("x", datatype=ox.NamedNode("http://example.org/type"))
        assert rows[7] is None
    reply = ask(front.server, TERMS, format="csv")
    assert reply.headers["content-type"] == "text/csv; charset=utf-8"
    table = list(csv.reader(io.StringIO(reply.text, newline="")))
    assert table[:3] == [["n", "x"], ["1", "http://example.org/å"], ["2", 'två\n"rader",']]
    assert reply.text.startswith("n,x\r\n")


@pytest.mark.parametrize(
    ("name", "true"),
    [
        ("json", b'{"head":{},"boolean":true}'),
        ("csv", b"true"),
        ("tsv", b"true"),
    ],
)
def test_ask_is_a_boolean_in_every_format(front: Front, name: str, true: bytes) -> None:
    false = true.replace(b"true", b"false")
    assert ask(front.server, "ASK { ?s <urn:isnt> ?o }", format=name).body == false
    assert ask(front.server, "ASK { ?s <urn:is> ?o }", format=name).body == true


def test_ask_in_xml_is_a_boolean(front: Front) -> None:
    root = ElementTree.fromstring(ask(front.server, "ASK { ?s <urn:is> ?o }", format="xml").body)
    assert root.findtext("{*}boolean") == "true"


@pytest.mark.parametrize(
    ("name", "form", "content_type"),
    [
        ("ttl", ox.RdfFormat.TURTLE, "text/turtle; charset=utf-8"),
        ("nt", ox.RdfFormat.N_TRIPLES, "application/n-triples; charset=utf-8"),
        ("rdf", ox.RdfFormat.RDF_XML, "application/rdf+xml"),
        ("jsonld", ox.RdfFormat.JSON_LD, "application/ld+json"),
    ],
)
def test_every_format_of_graphs(
    front: Front, name: str, form: ox.RdfFormat, content_type: str
) -> None:
    reply = ask(front.server, CONSTRUCT, format=name)
    assert reply.headers["content-type"] == content_type
    triples = {str(quad.triple) for quad in ox.parse(reply.body, form)}
    assert len(triples) == 3
    assert '<http://example.org/s> <http://example.org/p> "ett"@sv' in triples


def test_blank_nodes_stay_blank(front: Front) -> None:
    query = "SELECT ?b { ?i :publication ?b FILTER(isBlank(?b)) } LIMIT 3"
    rows = ask(front.server, query).json()["results"]["bindings"]
    assert [row["b"]["type"] for row in rows] == ["bnode"] * 3
    text = ask(front.server, query.replace("SELECT ?b", "CONSTRUCT { ?b a :B }"), format="nt").text
    assert text.count("_:") == 3


def test_default_graph_is_the_union_of_all(front: Front) -> None:
    assert values(ask(front.server, COUNT)) == [["3"]]


@pytest.mark.parametrize(
    ("query", "parameters", "count"),
    [
        (COUNT, {"default_graph_uri": G1}, "2"),
        (COUNT, {"default_graph_uri": ""}, "3"),
        (COUNT, {"named_graph_uri": G1}, "0"),
        (BY_GRAPH, {"named_graph_uri": G2}, "1"),
        (BY_GRAPH, {"default_graph_uri": G1}, "0"),
        (COUNT.replace("WHERE", f"FROM <{G1}> WHERE"), {}, "2"),
        (COUNT.replace("WHERE", f"FROM <{G1}> FROM <{G2}>\nWHERE"), {}, "3"),
        (COUNT.replace("WHERE", f"FROM <{G1}> WHERE"), {"default_graph_uri": G2}, "1"),
        (BY_GRAPH.replace("WHERE", f"FROM NAMED <{G2}> WHERE"), {}, "1"),
        (BY_GRAPH.replace("WHERE", f"FROM <{G2}> WHERE"), {}, "0"),
        (COUNT.replace("WHERE", f"FROM NAMED <{G2}> WHERE"), {}, "0"),
        (COUNT.replace("WHERE", f"# FROM <{G1}>\nWHERE"), {}, "3"),
    ],
)
def test_dataset_is_the_one_the_request_or_the_query_names(
    front: Front, query: str, parameters: dict[str, str], count: str
) -> None:
    assert values(ask(front.server, query, **parameters)) == [[count]]


def test_prefixes_are_predefined_and_can_be_declared_anew(front: Front) -> None:
    assert ask(front.server, "ASK { ?s kbv:x ?o ; :y sao:Arkiv , lge:swe }").status == 200
    own = "PREFIX kbv: <http://example.org/> ASK { kbv:s kbv:q kbv:o }"
    assert ask(front.server, own).json()["boolean"] is True


@pytest.mark.parametrize(
    ("query", "line", "column", "says"),
    [
        ("SELECT ?s WHERE {\n  ?s kvb:title ?o\n}", 2, 6, "Did you mean kbv:?"),
        ("SELECT ?s WHERE {\n  ?s kbv:title }", 2, 16, "can't be read"),
        ("SELECT ?s WHERE {\n  ?s a :Work", 1, 17, "never closed"),
        ("SELEC ?s { ?s a :Work }", 1, 1, "Did you mean SELECT?"),
        ("DROP ALL", 1, 1, "is an update"),
        ("", 1, 1, "empty"),
    ],
)
def test_malformed_query_is_explained_as_it_was_written(
    front: Front, query: str, line: int, column: int, says: str
) -> None:
    problem = ask(front.server, query).json()
    assert (problem["status"], problem["line"], problem["column"]) == (400, line, column)
    assert says in problem["detail"]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT (bif:http_get(?u) AS ?x) { BIND('http://127.0.0.1:%d/' AS ?u) }",
        "PREFIX b: <bif:> SELECT (b:http_get(?u) AS ?x) { BIND('http://127.0.0.1:%d/' AS ?u) }",
        "BASE <bif:> SELECT (<http_get>(?u) AS ?x) { BIND('http://127.0.0.1:%d/' AS ?u) }",
        r"SELECT (\u0062if:http_get(?u) AS ?x) { BIND('http://127.0.0.1:%d/' AS ?u) }",
        r"SELECT (<\u005Cu0062if:http_get>(?u) AS ?x) { BIND('http://127.0.0.1:%d/' AS ?u) }",
        "SELECT ?u { BIND('http://127.0.0.1:%d/' AS ?u) FILTER(1<?u&&bif:http_get(?u)>1) }",
        "SELECT ?x { BIND(<BIF:http_get>('http://127.0.0.1:%d/') AS ?x) }",
        'define get:soft "replacing" SELECT * FROM <http://127.0.0.1:%d/> { ?s ?p ?o }',
        "SELECT * FROM <http://127.0.0.1:%d/> { ?s ?p ?o }",
        "SELECT * FROM <http://127.0.0.1:%d/> OPTION (get:soft 'soft') { ?s ?p ?o }",
        "SELECT * { SERVICE <http://127.0.0.1:%d/> { ?s ?p ?o } }",
        "LOAD <http://127.0.0.1:%d/>",
    ],
)
def test_no_query_has_the_store_reach_the_network(front: Front, query: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.3)
        reply = ask(front.server, query % listener.getsockname()[1])
        assert reply.status in (200, 400, 403)
        with pytest.raises(TimeoutError):
            listener.accept()


def test_update_is_not_passed_on(front: Front) -> None:
    update = "INSERT DATA { GRAPH <urn:new> { <urn:new> <urn:is> 1 } }"
    assert ask(front.server, update).status == 400
    assert ask(front.server, f"ASK {{}} ; {update}").status == 400
    assert ask(front.server, "ASK { GRAPH <urn:new> { ?s ?p ?o } }").json()["boolean"] is False


def test_query_over_the_limit_is_ended_and_the_next_is_answered(front: Front) -> None:
    with serving(
        front.server.data / "..",
        "--remote",
        front.store.query,
        "--timeout",
        "1.5",
        "--workers",
        "1",
    ) as server:
        reply = ask(server, ENDLESS)
        assert (reply.status, reply.json()["title"]) in (
            (503, "Time limit exceeded"),
            (504, "Remote endpoint timed out"),
        )
        # The store goes on for as long as it takes to see that the connection is closed.
        assert wait_for(lambda: ask(server, "ASK {}").status == 200)


def test_client_that_asks_while_all_are_busy_is_told_so(front: Front, tmp_path: Path) -> None:
    options = ("--timeout", "3", "--workers", "1", "--queue-timeout", "0.3", "--cache", "0")
    with serving(tmp_path, "--remote", front.store.query, *options) as server:
        thread = threading.Thread(target=lambda: ask(server, ENDLESS))
        thread.start()
        assert wait_for(lambda: ask(server, "ASK {}").status == 503)
        thread.join()


def test_page_has_at_most_a_thousand_rows_and_says_that_there_are_more(front: Front) -> None:
    text = ask(front.server, "SELECT * { ?s <urn:is> ?o }", BROWSER).text
    assert Tags(text).names.count("tr") == 1001
    assert "There are more." in text
    text = ask(front.server, CONSTRUCT, BROWSER).text
    assert Tags(text).names.count("tr") == 4
    assert '<span lang="sv">ett</span>' in text
    assert ">Yes " in ask(front.server, "ASK { ?s <urn:is> ?o }", BROWSER).text


def test_large_result_is_whole(front: Front) -> None:
    query = "SELECT ?x ?y { ?a <urn:is> ?x . ?b <urn:is> ?y } LIMIT 100000"
    for name in ("tsv", "csv"):
        assert ask(front.server, query, format=name).text.count("\n") == 100_001


def test_unacceptable_is_406(front: Front) -> None:
    assert ask(front.server, SELECT, "text/turtle").status == 406
    assert ask(front.server, CONSTRUCT, "text/csv").status == 406


def test_explanation_of_no_rows_is_said_not_to_be_offered(front: Front) -> None:
    reply = ask(front.server, "SELECT * { ?s <urn:nothing> ?o }", explain="empty")
    assert reply.status == 400
    assert "is not offered here" in reply.json()["detail"]


def test_head_answers_without_a_body(front: Front) -> None:
    reply = request(front.server, "HEAD", f"/sparql?{urlencode({'query': SELECT})}")
    assert (reply.status, reply.body) == (200, b"")


def test_search_and_schema_name_a_query_to_ask_instead(front: Front) -> None:
    for path in ("/search?q=Lagerl%C3%B6f", "/schema"):
        reply = request(front.server, "GET", path, Accept="application/json")
        assert reply.status == 404
        problem = reply.json()
        assert "at another endpoint" in problem["detail"]
        assert ask(front.server, problem["query"], format="json").status == 200
