"""Columns answer queries that nobody has thought of as Oxigraph does, or leave them to it."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from random import Random

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparql_server.engine.columns.algebra import Unsuited
from sparql_server.engine.columns.results.answering import answer, prepare
from tests.judge import judges
from tests.server.columns_comparison import Asked, Row, asked, difference
from tests.server.columns_questions import PREFIXES, Questions, nquads

pytestmark = pytest.mark.long

_QUESTIONS = 30  # of each of the datasets


def asked_of(data: Asked, questions: Questions) -> str:
    """Ask a question of both; return what came of it. Fails where they differ."""
    query = questions.query()
    try:
        names, expected = data.by_oxigraph(query)
    except SyntaxError:
        return "malformed"
    try:
        found = data.by_columns(query, names)
    except Unsuited:
        return "unsuited"
    if "REDUCED" in query:
        assert set(expected) == set(found), query
        return "same"
    if difference(expected, found):
        assert is_settled(data, query, names, found), query
        return "settled"
    keys = [names.index(name) for name in questions.ordered if name in names]
    for row, other in zip(expected, found, strict=True):
        assert [row[key] for key in keys] == [other[key] for key in keys], query
    if questions.slice:
        check_slice(data, query, questions.slice, questions.ordered)
    if questions.pattern and "VALUES" not in query:
        check_asked(data, questions.pattern, bool(expected))
    return "same" if expected else "same, nothing"


def check_asked(data: Asked, pattern: str, expected: bool) -> None:
    """An ASK is told whether the pattern has a solution."""
    with suppress(Unsuited):
        found = answer(data.columns, prepare(f"ASK {pattern}", data.prefixes), ())
        assert found is expected, pattern


def is_settled(data: Asked, query: str, names: list[str], found: list[Row]) -> bool:
    """Tell whether another judge finds the solutions that columns do, where Oxigraph doesn't.

    It evaluates what is nested in a group with what is bound around it, where that makes a
    difference, and finds some paths of any length more than once.
    """
    dump = data.store.dump(format=ox.RdfFormat.N_QUADS)
    prefixes = "".join(f"PREFIX {name}: <{iri}> " for name, iri in PREFIXES.items())
    wanted = judges.by_rdflib(dump.decode(), prefixes + query)
    rows = [
        frozenset((name, "_" if term[0] == "_" else term) for name, term in row if term)
        for row in (zip(names, row, strict=True) for row in found)
    ]
    return not isinstance(wanted, bool) and set(wanted) == set(rows)


def check_slice(
    data: Asked, query: str, part: tuple[int, int | None], ordered: tuple[str, ...]
) -> None:
    """As many solutions as are wanted are some of all: in order, the same but for equal ones."""
    offset, limit = part
    query, at, values = query.partition("  VALUES")
    text = f"{query} OFFSET {offset}" + ("" if limit is None else f" LIMIT {limit}") + at + values
    names, expected = data.by_oxigraph(text)
    try:
        found = data.by_columns(text, names)
    except Unsuited:
        return
    assert len(found) == len(expected), text
    keys = [names.index(name) for name in ordered if name in names]
    for row, other in zip(expected, found, strict=True):
        assert [row[key] for key in keys] == [other[key] for key in keys], text
    assert not Counter(found) - Counter(data.by_columns(query + at + values, names)), text


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False))
def test_random_queries_are_answered_the_same(random: Random) -> None:
    data = asked(nquads(random), PREFIXES)
    questions = Questions(random)
    for _ in range(3):
        asked_of(data, questions)


def test_most_random_queries_are_answered_by_columns_and_the_same() -> None:
    random, outcomes = Random(20_240_501), Counter[str]()
    for _ in range(100):
        data = asked(nquads(random), PREFIXES)
        questions = Questions(random)
        outcomes.update(asked_of(data, questions) for _ in range(_QUESTIONS))
    assert outcomes["same"] > 500
    assert outcomes["same"] + outcomes["same, nothing"] > outcomes["unsuited"]
