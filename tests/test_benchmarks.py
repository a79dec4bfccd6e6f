"""The benchmarks' questions in their forms, and the sums that are made of the answers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture(scope="module", autouse=True)
def _importable() -> Any:
    sys.path.insert(0, str(BENCHMARKS))
    yield
    sys.path.remove(str(BENCHMARKS))


def test_every_question_is_sparql_in_every_form() -> None:
    from questions import FORMS, numbered, questions

    store = ox.Store()
    asked = questions(FORMS)
    for question in asked:
        store.query(numbered(question.query))
    counts = [len(questions([form])) for form in FORMS]
    assert counts == [29, 29, 29, 29, 29, 60]
    assert len({question.label for question in asked}) == len(asked)


def test_forms_ask_for_what_they_say() -> None:
    from questions import asked, constructed, limited, within_graph

    data = "<urn:g> { <urn:a> <urn:p> 1 . <urn:b> <urn:p> 2 }"
    store = ox.Store()
    store.extend(ox.parse(data.encode(), ox.RdfFormat.TRIG))

    def answer(query: str) -> Any:
        return store.query(query, use_default_graph_as_union=True)

    query = "SELECT ?s (?o + 1 AS ?n) WHERE { ?s <urn:p> ?o } ORDER BY ?o"
    assert len(list(answer(limited(query)))) == 2
    assert limited(f"{query} LIMIT 1") == f"{query} LIMIT 1"
    assert len(list(answer(within_graph(query)))) == 2
    assert bool(answer(asked(query)))
    assert {t.predicate.value[-1] for t in answer(constructed(query))} == {"s", "n"}
    assert len(list(answer(constructed("SELECT ?s WHERE { ?s <urn:p> ?o } LIMIT 1")))) == 1


def test_sums_and_growth_are_of_what_both_answer_alike() -> None:
    from engine_answers import Asked, differences
    from engine_targets import Measured, growth, summary, table

    found = {
        "q1": {"ours": Asked(2.0, 1, ("a",)), "virtuoso": Asked(8.0, 1, ("a",))},
        "q2": {"ours": Asked(9.0, 1, ("a",)), "virtuoso": Asked(1.0, 2, ("a", "b"))},
        "q3": {"ours": Asked(5.0, 1, ("a",)), "virtuoso": Asked(1.0, refusal="500 no")},
        "generic/q4": {"ours": Asked(6.0, 7), "virtuoso": Asked(3.0, 7)},
    }
    figures = {figure.name: figure for figure in summary(found, 30_000_000)}
    assert figures["kb: sum, ours / virtuoso, of 1"].value == 0.25
    assert figures["kb: sum, ours / virtuoso, of 1"].target == "<= 1.0"
    assert figures["generic: worst, ours / virtuoso: generic/q4"].value == 2.0
    assert [line.partition(":")[0] for line in differences(found)] == ["q2", "q3"]
    small = {label: {"ours": Asked(1.0, 1, ("a",))} for label in found}
    grown = list(growth(Measured(3, small, []), Measured(30, found, [])))
    assert grown[1].name == "growth, ours, worst: q2"
    assert grown[1].value == 9.0
    assert "| growth, ours, worst: q2 | 9.00  | <= 12 |" in table(grown)
