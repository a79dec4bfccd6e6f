"""How queries are written for Virtuoso, and what is sent with them."""

from __future__ import annotations

import pytest

from sparql_server.engine.messages import Job
from sparql_server.engine.remote import virtuoso
from sparql_server.engine.remote.dialect import Dialect
from sparql_server.engine.remote.remote_query import read


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            'SELECT * { VALUES (?a ?b) { ("x"@sv -1) } ?a ?b ?c }',
            'SELECT * { VALUES ?a { "x"@sv } VALUES ?b { -1 } ?a ?b ?c }',
        ),
        (
            "SELECT * { VALUES (?a ?b) { ('1'^^xsd:date UNDEF) } }",
            "SELECT * { VALUES ?a { '1'^^xsd:date } VALUES ?b { UNDEF } }",
        ),
        ("SELECT * { VALUES (?a ?b) { (1 2) (3 4) } }", None),
        ("SELECT * { VALUES (?a ?b) { } }", None),
        ("SELECT * { VALUES ?a { 1 2 } VALUES (?a) { (1) } }", None),
        ("SELECT * { ?a ?p ?b } VALUES (?a ?b) { (1 2) }", None),
        (
            "ASK { ?s a saogf:Sk%C3%B6n , kbv:a\\,b , kbv:c }",
            "ASK { ?s a <https://id.kb.se/term/saogf/Sk%C3%B6n> ,"
            " <https://id.kb.se/vocab/a,b> , kbv:c }",
        ),
        (
            "SELECT * FROM <urn:a> FROM <urn:b> { ?s ?p ?o }",
            "SELECT * FROM NAMED <urn:libris:nowhere> FROM <urn:a> FROM <urn:b> { ?s ?p ?o }",
        ),
        ("SELECT * FROM <urn:a> FROM NAMED <urn:b> { ?s ?p ?o }", None),
    ],
)
def test_query_is_written_as_virtuoso_reads_it(query: str, expected: str | None) -> None:
    assert virtuoso.rewrite(read(query), replace_dataset=False).text == (expected or query)


def test_dataset_of_a_request_replaces_the_one_of_the_query() -> None:
    query = read("SELECT * FROM <urn:a> FROM NAMED kbv:b { ?s ?p ?o }")
    fields = Dialect(is_virtuoso=True).fields(query, Job("", named_graphs=("urn:g",)), 5)
    assert dict(fields) == {
        "query": "SELECT *   { ?s ?p ?o }",
        "default-graph-uri": "urn:libris:nowhere",
        "named-graph-uri": "urn:g",
        "timeout": "5000",
    }


@pytest.mark.parametrize(
    ("query", "job", "union"),
    [
        ("ASK { }", Job(""), True),
        ("ASK FROM <urn:a> { }", Job(""), False),
        ("ASK { }", Job("", default_graphs=("urn:a",)), False),
        ("ASK { }", Job("", union=False), False),
    ],
)
def test_union_is_asked_for_where_nothing_names_a_dataset(
    query: str, job: Job, union: bool
) -> None:
    assert (("union-default-graph", "true") in Dialect().fields(read(query), job, 5)) is union


@pytest.mark.parametrize(
    "query",
    [
        "ASK { ?s kbv:x ?o . FILTER(nope:x(?o)) }",
        r"ASK { ?s <\u005Cu0062if:x> ?o }",
        r"ASK { ?s kbv:\u005Cu0062if ?o }",
        r"ASK { ?s ?p '\uD800' }",
        "INSERT DATA { <urn:a> <urn:b> 1 }",
        "define input:inference 'x' SELECT * { ?s ?p ?o }",
        "",
    ],
)
def test_what_is_no_query_is_not_passed_on(query: str) -> None:
    assert not read(query).is_passable
