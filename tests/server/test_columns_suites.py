"""Columns answer the W3C's queries, the saved ones and the benchmarks' as Oxigraph does."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest

from sparql_server.catalogue.binding import bind
from sparql_server.engine.columns.algebra import Unsuited
from sparql_server.engine.prefixes import predefined
from tests.server.columns_comparison import Asked, Row, difference, of_store
from tests.server.test_columns_syntax import (
    BASE,
    CATALOGUE,
    PREFIXES,
    QUESTIONS,
    evaluations,
    loaded,
)
from tests.shared import needs_shared

_CUT = re.compile(r"\sLIMIT [0-9]+\s*\Z")


@pytest.fixture(scope="module")
def sample(sample_store: ox.Store) -> Asked:
    return of_store(sample_store, predefined())


def is_same(data: Asked, query: str, base: str | None = None) -> bool:
    """Tell whether columns answer a query; fail where they answer something else.

    Which of several that are equal come before a LIMIT isn't said.
    """
    names, expected = data.by_oxigraph(query, base)
    try:
        found = data.by_columns(query, names, base)
    except Unsuited:
        return False
    if difference(expected, found) and (cut := _CUT.search(query)):
        assert len(found) == len(expected)
        assert ordered(query, names, found) == ordered(query, names, expected)
        expected = data.by_oxigraph(query[: cut.start()], base)[1]
        assert not Counter(found) - Counter(expected)
    else:
        assert not difference(expected, found)
    return True


def ordered(query: str, names: list[str], rows: list[Row]) -> list[Row]:
    """Return what a query is ordered by, of variables that it selects."""
    last = query.rpartition("ORDER BY")[2]
    places = [place for place, name in enumerate(names) if re.search(rf"\?{name}\b", last)]
    assert places
    return [tuple(row[place] for place in places) for row in rows]


@needs_shared
def test_queries_of_the_suites_are_answered_the_same() -> None:
    answered = 0
    for path, files in evaluations():
        query = path.read_text(encoding="utf-8")
        if "SERVICE" in query:
            continue
        data = of_store(loaded(files), PREFIXES)
        try:
            found = data.store.query(query, prefixes=PREFIXES, base_iri=BASE)
        except (SyntaxError, RuntimeError):
            continue
        if isinstance(found, ox.QuerySolutions):
            answered += is_same(data, query, BASE)
    assert answered > 140


@pytest.mark.parametrize("path", QUESTIONS, ids=lambda path: path.stem)
def test_benchmark_question_is_answered_the_same(path: Path, sample: Asked) -> None:
    assert is_same(sample, path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(CATALOGUE.queries))
def test_saved_query_is_answered_the_same(name: str, sample: Asked) -> None:
    saved = CATALOGUE.queries[name]
    examples = {parameter.name: [parameter.example] for parameter in saved.parameters}
    assert all(is_same(sample, bind(saved, given).text) for given in ({}, examples))
