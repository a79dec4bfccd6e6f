"""Tokens, where a query looks like something that it isn't."""

from __future__ import annotations

import pytest

from sparql_server.sparql.lexer import decode_escapes, names_dataset, tokens
from sparql_server.sparql.query import read


def kinds(query: str) -> list[tuple[str, str]]:
    return [(token.kind, token.text) for token in tokens(query)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        (":a\u0301\\#b c", [("name", ":a\u0301\\#b"), ("word", "c")]),
        (":.FROM", [("name", ":"), ("symbol", "."), ("word", "FROM")]),
        (":a.b. c", [("name", ":a.b"), ("symbol", "."), ("word", "c")]),
        ("a.b", [("word", "a"), ("symbol", "."), ("word", "b")]),
        ("'a\\u0022' b", [("string", "'a\\u0022'"), ("word", "b")]),
        ("<http://a/\\u00e9#b> c", [("iri", "<http://a/\\u00e9#b>"), ("word", "c")]),
        ("'''a' b", [("unclosed", "'''a' b")]),
        ('"a\nb', [("unclosed", '"a'), ("word", "b")]),
        ("?a\u0301b", [("variable", "?a\u0301b")]),
    ],
)
def test_token_ends_where_the_grammar_has_it(query: str, found: list[tuple[str, str]]) -> None:
    assert kinds(query) == found


def test_escape_in_a_string_stays_what_it_is() -> None:
    assert decode_escapes(r"'\u0022' \u0041SK") == r"'\u0022' ASK"
    assert decode_escapes(r"# \u000A FROM") == r"# \u000A FROM"


def test_keyword_that_nothing_keeps_apart_is_seen() -> None:
    assert names_dataset("ASKFROM<urn:g>{}")
    assert not read("SELECT * {} ORDER BYRAND()").lasting


@pytest.mark.parametrize(
    "query",
    [
        "ASK {{ BIND(1<2&&'>'!='a{0}b' AS ?x) }}",
        "ASK {{ VALUES ?x {{ '''a' 'b{0}' }} }}",
        "ASK {{ ?s :a\u0301\\'b '{0}' }}",
        "ASK {{ ?s ?p 'a\\u0027{0}' }}",
        "ASK {{ FILTER(?a<?b#>{0}\n) }}",
    ],
)
def test_queries_that_may_differ_in_a_string_have_two_names(query: str) -> None:
    assert read(query.format(" ")).normal != read(query.format("  ")).normal


def test_spaces_outside_of_strings_make_no_other_query() -> None:
    one, other = "ASK { ?s <http://a/#b> 'x' }", "ASK  {\n?s <http://a/#b>   'x' } # all"
    assert read(one).normal == read(other).normal


def test_query_with_more_tokens_than_anybody_writes_is_left_as_it_is() -> None:
    long = "ASK { " + "?s  ?p ?o . " * 20_000 + "}"
    assert read(long).normal == long
    assert read(long).form == "ASK"
    assert not read(long).lasting
