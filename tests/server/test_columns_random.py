"""Columns answer queries that nobody has thought of as Oxigraph does, or leave them to it."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparql_server.engine.columns.algebra import Unsuited
from tests.server.columns_comparison import Asked, asked, difference
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
    assert not difference(expected, found), query
    keys = [names.index(name) for name in questions.ordered if name in names]
    for row, other in zip(expected, found, strict=True):
        assert [row[key] for key in keys] == [other[key] for key in keys], query
    if questions.slice:
        check_slice(data, query, questions.slice)
    return "same" if expected else "same, nothing"


def check_slice(data: Asked, query: str, part: tuple[int, int | None]) -> None:
    """As many solutions as are wanted are some of all."""
    offset, limit = part
    query, at, values = query.partition("  VALUES")
    text = f"{query} OFFSET {offset}" + ("" if limit is None else f" LIMIT {limit}") + at + values
    names, expected = data.by_oxigraph(text)
    try:
        found = data.by_columns(text, names)
    except Unsuited:
        return
    assert len(found) == len(expected), text
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
