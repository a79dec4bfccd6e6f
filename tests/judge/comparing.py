"""Compares the answers of both judges, and of columns where they are the question's to answer."""

from __future__ import annotations

from collections import Counter
from random import Random

from sparql_server.engine.columns.algebra import Unsuited
from tests.judge.judges import Answer, by_columns, by_oxigraph, by_rdflib
from tests.judge.questions import Questions, dataset
from tests.judge.settled import settled

_OF_EACH = 5  # queries that one dataset is asked


def compare(count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Return how often which outcome came, and the queries with a difference that isn't settled."""
    random = Random(seed)
    questions = Questions(random)
    outcomes: Counter[str] = Counter()
    unsettled = []
    nquads = ""
    for number in range(count):
        if number % _OF_EACH == 0:
            nquads = dataset(random)
        query = questions.query()
        outcome = _outcome(nquads, query)
        outcomes[outcome] += 1
        if outcome.startswith("DIFFERENT"):
            unsettled.append(f"{outcome}\n{query}\n{nquads}")
    return outcomes, unsettled


def _outcome(nquads: str, query: str) -> str:
    try:
        answer = by_oxigraph(nquads, query)
    except SyntaxError:
        return "malformed"
    try:
        if by_columns(nquads, query) != answer:
            return "DIFFERENT from columns"
    except Unsuited:
        pass
    try:
        other = by_rdflib(nquads, query)
    except Exception as error:
        return f"rdflib fails: {type(error).__name__}"
    if answer == other:
        return "the same" if _is_telling(answer) else "the same, nothing"
    kind = settled(query, nquads)
    return f"settled: {kind}" if kind else "DIFFERENT"


def _is_telling(answer: Answer) -> bool:
    return bool(answer)
