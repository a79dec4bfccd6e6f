"""What people's programs are used to from Virtuoso's endpoint works here, or is explained."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparql_server.sparql.correction import correct_query
from sparql_server.sparql.protocol import read_get
from tests.server.conftest import Server, start, stop
from tests.server.http import ask, request, values

SELECT = "SELECT ?o { <http://example.org/s> <http://example.org/q> ?o }"
CONSTRUCT = "CONSTRUCT WHERE { <http://example.org/s> <http://example.org/q> ?o }"
# Ten minutes of work.
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a <urn:is> ?x . ?b <urn:is> ?y . ?c <urn:is> ?z }"
UNGROUPED = "SELECT ?p (COUNT(*) AS ?n) WHERE { ?s ?p ?o } ORDER BY ?p"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("query", "name", "content_type"),
    [
        (SELECT, "auto", "application/sparql-results+json"),
        (SELECT, "", "application/sparql-results+json"),
        (SELECT, "json", "application/sparql-results+json"),
        (SELECT, "application/sparql-results+json", "application/sparql-results+json"),
        (SELECT, "application/sparql-results xml", "application/sparql-results+xml"),
        (SELECT, "text/csv", "text/csv; charset=utf-8"),
        (SELECT, "text/tab-separated-values", "text/tab-separated-values; charset=utf-8"),
        (SELECT, "text/html", "text/html; charset=utf-8"),
        (CONSTRUCT, "auto", "text/turtle; charset=utf-8"),
        (CONSTRUCT, "json", "application/ld+json"),
        (CONSTRUCT, "xml", "application/rdf+xml"),
        (CONSTRUCT, "text/plain", "application/n-triples; charset=utf-8"),
        (CONSTRUCT, "text/rdf+n3", "text/turtle; charset=utf-8"),
        (CONSTRUCT, "application/x-nice-turtle", "text/turtle; charset=utf-8"),
    ],
)
def test_format_takes_media_types_and_short_names(
    server: Server, query: str, name: str, content_type: str
) -> None:
    reply = ask(server, query, format=name)
    assert (reply.status, reply.headers["content-type"]) == (200, content_type)


def test_format_auto_leaves_a_browser_its_page(server: Server) -> None:
    assert "<table>" in ask(server, SELECT, BROWSER, format="auto").text


def test_what_virtuosos_form_sends_is_answered(server: Server) -> None:
    form = {
        "default-graph-uri": "",
        "query": SELECT,
        "should-sponge": "",
        "format": "text/csv",
        "timeout": "0",
        "debug": "on",
        "run": " Run Query ",
        "signal_void": "on",
        "signal_unconnected": "on",
        "CXML_redir_for_subjs": "121",
    }
    reply = request(server, "GET", f"/sparql?{urlencode(form)}")
    assert (reply.status, reply.text) == (200, "o\r\nhttp://example.org/o\r\n")


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        ([], None),
        ([""], None),
        (["0"], None),
        (["1500"], 1.5),
        (["250.5"], 0.2505),
        (["3000", "2000"], 2.0),
    ],
)
def test_timeout_is_in_milliseconds_and_0_is_none(sent: list[str], seconds: float | None) -> None:
    assert read_get({"query": ["ASK {}"], "timeout": sent}).timeout == seconds


def test_timeout_of_the_request_ends_the_query_sooner(server: Server) -> None:
    reply = ask(server, ENDLESS, timeout="300")
    assert (reply.status, reply.json()["limit"]) == (503, 0.3)


def test_timeout_of_the_request_is_never_above_the_operators(data: Path) -> None:
    server = start(data, "--timeout", "2", "--workers", "1")
    try:
        reply = ask(server, ENDLESS, timeout="600000")
        assert (reply.status, reply.json()["limit"]) == (503, 2)
    finally:
        stop(server)


def test_help_lists_the_prefixes_as_a_query_would_declare_them(server: Server) -> None:
    reply = request(server, "GET", "/sparql?help=nsdecl")
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert reply.text.count("PREFIX ") == 25
    assert "PREFIX : <https://id.kb.se/vocab/>\n" in reply.text
    page = request(server, "GET", "/sparql?help=nsdecl", Accept=BROWSER).text
    assert "<code>sdo:</code>" in page


def test_query_that_groups_by_nothing_is_answered_with_the_corrected_one(server: Server) -> None:
    problem = ask(server, UNGROUPED).json()
    assert problem["status"] == 400
    assert "?p stands beside an aggregate" in problem["detail"]
    rows = values(ask(server, problem["corrected"]))
    assert ["http://example.org/p", "3"] in rows
    assert len(rows) == 3


def test_page_shows_the_corrected_query_and_runs_it(server: Server) -> None:
    reply = ask(server, UNGROUPED, BROWSER)
    assert reply.status == 400
    assert "GROUP BY ?p ORDER BY ?p</code>" in reply.text
    assert 'GROUP BY ?p ORDER BY ?p">' in reply.text
    assert "Run this one</button>" in reply.text


def test_query_that_is_wrong_in_another_way_has_no_correction(server: Server) -> None:
    for query in ("SELECT ?s { ?s ?p", "SELECT COUNT(?s) { ?s kvb:x ?o }", UNGROUPED + " LIMIT x"):
        assert "corrected" not in ask(server, query).json()


@pytest.mark.parametrize(
    ("query", "standard"),
    [
        ("SELECT ?a (COUNT(?b) AS ?n) { ?a ?p ?b }", "{ ?a ?p ?b }\nGROUP BY ?a"),
        (
            "SELECT ?a ?c (COUNT(?b) AS ?n) { ?a ?c ?b } GROUP BY ?a HAVING (COUNT(?b) > 1)",
            "GROUP BY ?a ?c HAVING",
        ),
        ("SELECT ?a COUNT(DISTINCT ?b) { ?a ?p ?b }", "?a (COUNT(DISTINCT ?b) AS ?count) {"),
        ("SELECT DISTINCT ?a, count(?b) as ?n { ?a ?p ?b }", "DISTINCT ?a (count(?b) as ?n) {"),
        ("SELECT (STR(?a) AS ?x) (MAX(?b) AS ?n) { ?a ?p ?b }", "\nGROUP BY ?a"),
        ("SELECT COUNT(*) { ?a ?p ?count }", "(COUNT(*) AS ?count2)"),
        (
            "SELECT * { { SELECT ?a (SUM(?b) AS ?n) { ?a ?p ?b } } ?a ?q ?r }",
            "}\nGROUP BY ?a } ?a ?q ?r }",
        ),
        ("SELECT ?a SAMPLE(?b) { ?a ?p ?b . FILTER(?b < 3 && ?b > 1) } LIMIT 3", "GROUP BY ?a LIM"),
    ],
)
def test_what_virtuoso_takes_is_put_as_the_standard_has_it(query: str, standard: str) -> None:
    with pytest.raises(SyntaxError):
        ox.Store().query(query)
    assert standard in correct_query(query)
    ox.Store().query(correct_query(query))


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?a (COUNT(?b) AS ?n) { ?a ?p ?b } GROUP BY ?a",
        "SELECT (COUNT(*) AS ?n) { ?a ?p ?b }",
        "SELECT (STR(?a) AS ?x) (?x AS ?y) { ?a ?p ?b }",
        "SELECT ?y (COUNT(*) AS ?n) { ?a ?p ?b } GROUP BY (STR(?a) AS ?y)",
        "SELECT * { ?a ?p ?b }",
        "SELECT ?a (COUNT(*) AS ?n) { ?a ?p ?b } GROUP BY STR(?a)",
        "SELECT",
        "SELECT (",
        "SELECT COUNT",
        "SELECT (COUNT ?x",
    ],
)
def test_query_in_which_nothing_is_virtuosos_stays_as_it_is(query: str) -> None:
    assert correct_query(query) == query


@given(st.text("SELECT COUNT(*)?ab{},AS GROUPBY ", max_size=80))
def test_correction_never_fails(text: str) -> None:
    assert isinstance(correct_query(text), str)
