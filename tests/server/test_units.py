"""Negotiation, tokens and diagnosis without HTTP."""

from __future__ import annotations

import contextlib

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparql_server.engine.prefixes import predefined
from sparql_server.errors import BadRequest, RequestError
from sparql_server.sparql.diagnosis import Diagnosis, diagnose
from sparql_server.sparql.formats import GRAPHS, SOLUTIONS, choose, find_quality, prefers_html
from sparql_server.sparql.lexer import decode_escapes, names_dataset, tokens
from sparql_server.sparql.protocol import read_get, read_parameters, read_post
from sparql_server.sparql.service import check_services


def diagnosis(query: str) -> Diagnosis:
    with pytest.raises(SyntaxError) as error:
        ox.Store().query(query, prefixes=predefined())
    return diagnose(query, error.value.msg, predefined())


@pytest.mark.parametrize(
    ("query", "place", "cause", "hint"),
    [
        ("", (1, 1), "the query is empty", "Begin with SELECT"),
        ("# nothing\n", (2, 1), "the query is empty", "Begin with SELECT"),
        ("SELECT ?s { ?s kvb:x ?o }", (1, 16), "kvb: is not declared", "Did you mean kbv:?"),
        ("SELECT ?s { ?s zzzz:x ?o }", (1, 16), "zzzz: is not declared", "PREFIX zzzz:"),
        ("SELECT ?c (COUNT(*) AS ?n) { ?s a ?c }", (1, 8), "?c stands beside", "GROUP BY ?c"),
        (
            "SELECT ?a ?b (COUNT(*) AS ?n) { ?a a ?b } GROUP BY ?a",
            (1, 11),
            "?b stands beside",
            "GROUP BY ?a ?b",
        ),
        ("SELECT ?c COUNT(*) { ?s a ?c }", (1, 11), "COUNT stands without", "(COUNT(…) AS ?x)"),
        ("SELECT ?s {\n  ?s ?p ?o", (1, 11), "this { is never closed", ""),
        ("SELECT ?s { ?s ?p ?o } }", (1, 24), "this } closes nothing", ""),
        ("SELEC ?s { ?s ?p ?o }", (1, 1), "can't begin with SELEC", "Did you mean SELECT?"),
        ("DROP ALL", (1, 1), "DROP is an update", ""),
        ("SELECT ?s { ?s ?p “x” }", (1, 19), "can't be read", "straight quotation marks"),
        ("SELECT ?s { ?s ?p ?o ?q ?r }", (1, 25), "can't be read", "a full stop"),
    ],
)
def test_malformed_query_is_explained(
    query: str, place: tuple[int, int], cause: str, hint: str
) -> None:
    found = diagnosis(query)
    assert (found.line, found.column) == place
    assert cause in found.cause
    assert hint in (found.hint or "")


def test_line_at_fault_is_given_as_it_stands() -> None:
    found = diagnosis("SELECT ?s WHERE {\n  ?s a kbv:Record ;;; }\n  FILTER(?s }")
    assert found.text == "  FILTER(?s }"


@given(st.text(max_size=60))
def test_every_text_that_is_no_query_is_explained(text: str) -> None:
    try:
        ox.Store().query(text, prefixes=predefined())
    except (SyntaxError, ValueError) as error:
        found = diagnose(text, str(getattr(error, "msg", error)), predefined())
        assert found.line >= 1
        assert found.column >= 1
        assert found.cause


@given(st.text(max_size=60))
def test_tokens_lose_nothing_but_space_and_comments(text: str) -> None:
    for token in tokens(text):
        assert text.startswith(token.text, token.start)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("SELECT * FROM <g> { }", True),
        ("SELECT * from named <g> { }", True),
        (r"SELECT * \u0046ROM <g> { }", True),
        ("SELECT ?from { ?from <from> 'FROM' } # FROM", False),
        ("SELECT * { ?s kbv:from ?o }", False),
    ],
)
def test_dataset_clause_is_told_from_what_looks_like_one(query: str, names: bool) -> None:
    assert names_dataset(query) is names


def test_escapes_are_decoded_before_anything_else() -> None:
    assert decode_escapes(r"a\u0062\U00000063\uD8") == r"abc\uD8"


def test_escaped_backslash_begins_no_codepoint_escape() -> None:
    assert decode_escapes(r'"\\u0022" \\\u0062') == r'"\\u0022" \\b'


def test_service_in_a_comment_stays_there_behind_an_escaped_backslash() -> None:
    check_services(r"SELECT * { ?s ?p ?o } # \\u000A SERVICE <http://x/> {}", ())


@pytest.mark.parametrize(
    ("accept", "solutions", "graphs"),
    [
        (None, "json", "ttl"),
        ("", "json", "ttl"),
        ("*/*", "json", "ttl"),
        ("text/*", "csv", "ttl"),
        ("application/json", "json", "jsonld"),
        ("text/csv;q=0", None, None),
        ("text/csv;q=nonsense", None, None),
        ("*/*, text/turtle;q=nan", "json", "ttl"),
        ("text/csv;q=2, text/tab-separated-values;q=0.001", "tsv", None),
        ("text/csv;q=0.33333, text/tab-separated-values;q=0.4", "tsv", None),
        ("text/csv;q=0., text/tab-separated-values;q=1.000", "tsv", None),
        ("text/csv;q=-1", None, None),
        ('text/csv;x="a,b;q=0";q=0.5', "csv", None),
        ("application/sparql-results+xml;version=1.2;q=0.9, text/csv ; q = 0.5", "xml", None),
        (",,;,", None, None),
        ("*/*;q=0.1, application/xml", "xml", "rdf"),
        ("TEXT/CSV; Q=0.7 , text/tab-separated-values;q=0.8", "tsv", None),
        ("text/csv, */*;q=0", "csv", None),
        ("nonsense", None, None),
    ],
)
def test_the_format_a_client_wants_most(
    accept: str | None, solutions: str | None, graphs: str | None
) -> None:
    chosen = choose(accept, SOLUTIONS), choose(accept, GRAPHS)
    assert tuple(format_.name if format_ else None for format_ in chosen) == (solutions, graphs)


def test_specific_range_decides_over_a_wider_one() -> None:
    assert find_quality("*/*, text/csv;q=0.2", "text/csv") == 0.2


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("*/*", False),
        ("text/csv, text/html;q=0.5", False),
        (None, False),
    ],
)
def test_only_browsers_get_pages(accept: str | None, html: bool) -> None:
    assert prefers_html(accept) is html


@given(
    st.binary(max_size=60),
    st.sampled_from(["application/x-www-form-urlencoded", "application/sparql-query", "a/b", ""])
    | st.text(max_size=30),
)
def test_every_request_is_a_query_or_says_what_is_wrong(sent: bytes, content_type: str) -> None:
    with contextlib.suppress(RequestError):
        arguments = read_parameters(sent)
        assert isinstance(read_get(arguments).query, str)
    with contextlib.suppress(RequestError):
        assert isinstance(read_post(content_type, sent, {}).query, str)


def test_more_parameters_than_anyone_sends_are_refused() -> None:
    with pytest.raises(BadRequest, match="more than 1000"):
        read_parameters(b"a=1&" * 1001)
