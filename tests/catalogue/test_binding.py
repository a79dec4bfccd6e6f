"""Binding: what values become, what is refused, and that no value changes a query."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Node

from sparql_server.catalogue.binding import BoundQuery, bind
from sparql_server.catalogue.query_files import load, read
from sparql_server.catalogue.saved_query import SavedQuery
from sparql_server.catalogue.source import find_blocks
from sparql_server.errors import BadParameter
from sparql_server.settings import QUERIES
from sparql_server.sparql.lexer import decode_escapes, tokens

pytestmark = pytest.mark.long

CATALOGUE = load(QUERIES)
TYPES = {
    "string": ('"a"', "a"),
    "tagged": ('"a"@sv', "a"),
    "integer": ("5", "5"),
    "decimal": ("1.5", "1.5"),
    "year": ('"1900"', "1900"),
    "date": ('"2020-01-31"^^<http://www.w3.org/2001/XMLSchema#date>', "2020-01-31"),
    "boolean": ("true", "true"),
    "iri": ("<https://id.kb.se/language/swe>", "lge:swe"),
}


def all_types() -> SavedQuery:
    """A query with a parameter of each type, two of them optional, and one with limits."""
    lines = ["#+ title: {sv: x, en: x}", "#+ description: {sv: x, en: x}", "#+ parameters:"]
    body = []
    for name, (shown, default) in TYPES.items():
        kind = "string\n#+     language: sv" if name == "tagged" else name
        lines += [f"#+   - name: {name}", f"#+     type: {kind}", "#+     label: {sv: x, en: x}"]
        lines += [f"#+     default: {default}", "#+     multiple: true"]
        body.append(f"  VALUES ?{name} {{ {shown} }}")
    lines += [
        *("#+   - name: limited", "#+     type: integer", "#+     label: {sv: x, en: x}"),
        *("#+     minimum: 1", "#+     maximum: 10", "#+     default: 5", "#+     required: false"),
        *("#+   - name: absent", "#+     type: string", "#+     label: {sv: x, en: x}"),
        *("#+     example: b", "#+     required: false"),
    ]
    body += [
        *("  VALUES ?limited { 5 } #? limited", "  FILTER(?limited > 0) #? limited"),
        *('  #? absent: VALUES ?absent { "b" }', "  #? absent: FILTER(?absent != ?string)"),
    ]
    names = " ".join(f"?{name}" for name in TYPES)
    return read("all", "\n".join([*lines, "", f"SELECT {names} WHERE {{", *body, "}", "# end"]))


QUERY = all_types()


def solutions(text: str) -> list[Any]:
    results = ox.Store().query(text)
    assert isinstance(results, ox.QuerySolutions)
    return list(results)


def test_absent_parameters_take_their_defaults() -> None:
    bound = bind(QUERY, {})
    (row,) = solutions(bound.text)
    assert row["tagged"] == ox.Literal("a", language="sv")
    assert row["iri"] == ox.NamedNode("https://id.kb.se/language/swe")
    assert bound.values["limited"] == ("5",)
    assert "absent" not in bound.values


@pytest.mark.parametrize(
    ("name", "value", "term"),
    [
        ("string", "Å\n'\"\\", r'"Å\n' + "'" + r'\"\\"'),
        ("string", " a ", '" a "'),
        ("tagged", "hej", '"hej"@sv'),
        ("integer", "+007", '"7"^^<http://www.w3.org/2001/XMLSchema#integer>'),
        ("decimal", "-1.5", '"-1.5"^^<http://www.w3.org/2001/XMLSchema#decimal>'),
        ("year", " 1999 ", '"1999"'),
        ("date", "2024-02-29", '"2024-02-29"^^<http://www.w3.org/2001/XMLSchema#date>'),
        ("boolean", "1", '"true"^^<http://www.w3.org/2001/XMLSchema#boolean>'),
        ("iri", "sao:Covid-19", "<https://id.kb.se/term/sao/Covid-19>"),
        ("iri", "http://example.org/å", "<http://example.org/å>"),
        ("iri", "urn:isbn:9100000000", "<urn:isbn:9100000000>"),
    ],
)
def test_value_becomes_a_term(name: str, value: str, term: str) -> None:
    bound = bind(QUERY, {name: [value]})
    assert f"VALUES ?{name} {{ {term} }}" in bound.text
    assert str(solutions(bound.text)[0][name]) == term


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"nothing": ["x"]}, "There is no parameter nothing; there are: absent, boolean,"),
        ({"string": [""]}, "string is missing. It takes a text, such as a."),
        ({"string": []}, "string is missing"),
        ({"limited": ["1", "2"]}, "limited has 2 values; it takes one"),
        ({"limited": ["0"]}, "it is less than 1. It takes a whole number, from 1 to 10"),
        ({"limited": ["11"]}, "it is more than 10"),
        ({"integer": ["1.0"]}, "integer is '1.0': it is not a whole number"),
        ({"integer": ["9" * 19]}, "it is not a whole number"),
        ({"integer": ["٣"]}, "it is not a whole number"),
        ({"decimal": ["1e5"]}, "it is not a number, with a point"),
        ({"year": ["19"]}, "it is not a year of four digits. It takes"),
        ({"date": ["2023-02-29"]}, "date is '2023-02-29': day"),
        ({"date": ["20230228"]}, "it is not a date"),
        ({"boolean": ["yes"]}, "it is not true or false"),
        ({"iri": ["swe"]}, "iri is 'swe': No scheme found"),
        ({"iri": ["http://x/> } DROP"]}, "Invalid IRI code point"),
        ({"string": ["x" * 2001]}, "it has 2001 characters; 2000 are the most"),
        ({"string": ["\ud800"]}, "half a character"),
        ({"string": [str(number) for number in range(201)]}, "201 values; 200 are the most"),
    ],
)
def test_value_that_does_not_fit_is_refused_with_name_type_and_example(
    values: dict[str, list[str]], said: str
) -> None:
    with pytest.raises(BadParameter) as error:
        bind(QUERY, values)
    assert said in error.value.detail
    (name,) = values
    problem = error.value.problem()
    assert problem["status"] == 400
    assert problem["parameter"] == name
    if name != "nothing":
        parameter = QUERY.parameter(name)
        assert parameter is not None
        assert (problem["type"], problem["example"]) == (parameter.type, parameter.example)


def test_only_allowed_values_are_taken_however_they_are_written() -> None:
    query = CATALOGUE.queries["records-changed-per-year"]
    short = bind(query, {"kind": ["kbv:Topic"]})
    assert bind(query, {"kind": ["https://id.kb.se/vocab/Topic"]}).text == short.text
    with pytest.raises(BadParameter, match="it is not one of those allowed: kbv:Person, "):
        bind(query, {"kind": ["kbv:Record"]})


def test_several_values_are_several_rows_each_once() -> None:
    bound = bind(QUERY, {"year": ["1900", "1901", " 1900", "1901"], "iri": ["lge:swe", "lge:eng"]})
    assert 'VALUES ?year { "1900" "1901" }' in bound.text
    assert len(solutions(bound.text)) == 4


def test_optional_parameter_left_out_takes_its_lines_along() -> None:
    assert "limited" not in bind(QUERY, {"limited": [""]}).text
    assert "absent" not in bind(QUERY, {}).text
    given = bind(QUERY, {"absent": ["c"]}).text
    assert 'VALUES ?absent { "c" }\n  FILTER(?absent != ?string)\n' in given


def test_link_says_what_differs_from_nothing_and_what_is_left_out() -> None:
    bound = bind(QUERY, {"limited": [""], "year": ["1901", "1902"], "absent": ["c"]})
    again = [pair for pair in bound.arguments if pair[0] in ("limited", "year", "absent")]
    assert again == [("year", "1901"), ("year", "1902"), ("limited", ""), ("absent", "c")]
    values: dict[str, list[str]] = {}
    for name, value in bound.arguments:
        values.setdefault(name, []).append(value)
    assert bind(QUERY, values).text == bound.text


# No value changes a query

UNTIMED = settings(deadline=None)

NASTY = st.sampled_from(
    [
        '" } #',
        "' } UNION { ?s ?p ?o } {",
        '"@sv } . ?s ?p ?o . VALUES ?x { "',
        r"\u0022 } DROP ALL #",
        "\\\\u0022",
        r"\U00000022",
        "a\nb\r\n#",
        "http://x/> } ?s ?p <http://y/",
        "urn:x:\\u003E",
        "lge:swe> }",
        "wd:Q1 } LIMIT 0 #",
        '"""',
        "\x00\x07\x7f\u2028\ufeff",
        "UNDEF",
        "1 2",
        '1"^^<urn:x>',
    ]
)
PIECES = st.one_of(NASTY, st.text(max_size=20), st.text(alphabet="\\u\"'{}<>#?0123 ", max_size=20))
ANY = st.one_of(PIECES, st.lists(PIECES, max_size=3).map("".join), st.integers().map(str))


def outside_blocks(text: str, names: set[str]) -> list[str]:
    """Return the tokens of a query that stand in no data block of these variables."""
    spans = [(block.start, block.end) for block in find_blocks(text) if block.variable in names]
    found = tokens(text)
    return [token.text for token in found if not any(a <= token.start < b for a, b in spans)]


def algebra(value: Any) -> Any:
    """Return a query's algebra (SPARQL 1.1 Query, 18) without the rows of its data blocks."""
    if isinstance(value, CompValue):
        return (value.name, {k: algebra(v) for k, v in value.items() if k != "res"})
    if isinstance(value, (list, tuple)):
        return [algebra(member) for member in value]
    return str(value) if isinstance(value, Node) else None


def check(query: SavedQuery, bound: BoundQuery) -> None:
    names = {parameter.name for parameter in query.parameters}
    plain = query.source.with_parameters(bound.values)
    assert outside_blocks(bound.text, names) == outside_blocks(plain, names)
    # Readers that decode escapes before all else see the same.
    decoded = decode_escapes(bound.text)
    assert outside_blocks(decoded, names) == outside_blocks(plain, names)
    ox.Store().query(bound.text)


@UNTIMED
@given(st.data())
def test_no_value_changes_a_query_that_ships(data: st.DataObject) -> None:
    query = data.draw(st.sampled_from([q for q in CATALOGUE.queries.values() if q.parameters]))
    names = [parameter.name for parameter in query.parameters]
    chosen = data.draw(st.dictionaries(st.sampled_from(names), st.lists(ANY, max_size=3)))
    with suppress(BadParameter):
        check(query, bind(query, chosen))


@UNTIMED
@given(st.lists(ANY, min_size=1, max_size=4), st.lists(ANY, max_size=2))
def test_texts_arrive_as_they_are_sent(texts: list[str], tagged: list[str]) -> None:
    wanted = {text for text in texts if text.strip()}
    values = {"string": texts} | ({"tagged": tagged} if any(map(str.strip, tagged)) else {})
    if not wanted:
        with pytest.raises(BadParameter):
            bind(QUERY, values)
        return
    bound = bind(QUERY, values)
    check(QUERY, bound)
    assert {row["string"].value for row in solutions(bound.text)} == wanted


@settings(UNTIMED, max_examples=25)  # rdflib takes long to read a query
@given(ANY)
def test_algebra_stays_the_same_in_another_engine(value: str) -> None:
    query = CATALOGUE.queries["translations-of-a-title"]
    try:
        bound = bind(query, {"title": [value], "language": ["lge:ger"]})
    except BadParameter:
        return
    assert algebra(prepareQuery(bound.text).algebra) == _algebra_without_a_title()


@cache
def _algebra_without_a_title() -> Any:
    shown = bind(CATALOGUE.queries["translations-of-a-title"], {"language": ["lge:ger"]})
    return algebra(prepareQuery(shown.text).algebra)


@UNTIMED
@given(ANY)
def test_iri_is_refused_or_one_term(value: str) -> None:
    try:
        bound = bind(QUERY, {"iri": [value]})
    except BadParameter:
        return
    check(QUERY, bound)
    (row,) = solutions(bound.text)
    assert isinstance(row["iri"], ox.NamedNode) or value.strip() == ""
