"""Plans the order in which patterns are joined: next is what keeps the table smallest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from sparql_server.engine.columns.algebra import (
    Alternative,
    Inverse,
    Node,
    Path,
    Repeat,
    Sequence,
    Triple,
    Variable,
)
from sparql_server.engine.columns.evaluation.matching import Matching
from sparql_server.engine.columns.evaluation.paths import variety
from sparql_server.engine.columns.evaluation.variables import mentioned
from sparql_server.engine.columns.solutions.solutions import Solutions, join

_FEW = 16  # distinct terms up to which what a path reaches from them is found for an estimate
_SAMPLE = 64  # rows that are looked at to tell how many all of them will become
_SMALL = 64  # rows of a table that takes no time to join with anything that doesn't make it grow
_NEAR = 0.5  # rows that one is taken to become where what it says may be so or not
_FAR = 8.0  # terms that a path is taken to reach from one where that isn't known

Joined = Triple | Solutions
"""A pattern, or a table of what stands for itself."""


@dataclass(slots=True, eq=False)
class Candidate:
    """A pattern that is still to be joined.

    growth: rows that one becomes, as far as ``known`` is known.
    """

    joined: Joined
    names: frozenset[str]
    known: frozenset[str] | None = None
    growth: float = 0.0


def candidates(joined: Iterable[Joined]) -> list[Candidate]:
    """Return what is to be joined, with the variables that it mentions."""
    return [Candidate(element, _names(element)) for element in joined]


def _names(joined: Joined) -> frozenset[str]:
    return frozenset(joined.columns) if isinstance(joined, Solutions) else mentioned(joined)


class Planning:
    """Plans the joins of one query, as they go."""

    def __init__(self, matching: Matching) -> None:
        self._matching = matching

    def next(self, candidates: list[Candidate], table: Solutions) -> Candidate:
        """Return what to join with a table next. Raises Unsuited."""
        if len(candidates) == 1:
            return candidates[0]
        if table.size <= _SMALL:
            for candidate in candidates:
                if self._growth(candidate, table) <= 1:
                    return candidate
        return min(candidates, key=lambda candidate: self._growth(candidate, table))

    def _growth(self, candidate: Candidate, table: Solutions) -> float:
        known = candidate.names.intersection(table.columns)
        if known != candidate.known:
            candidate.known = known
            if isinstance(candidate.joined, Triple):
                candidate.growth = self._of_triple(table, candidate.joined)
            else:
                candidate.growth = _of_table(table, candidate.joined)
        return candidate.growth

    def _of_triple(self, table: Solutions, triple: Triple) -> float:
        """Return an estimate of how many rows one of a table becomes when joined with a pattern.

        Raises Unsuited where that can't be.
        """
        if isinstance(triple.path, Variable):
            ends = (triple.subject, triple.object)
            free = sum(self._matching.known(table, end) is None for end in ends)
            return (_NEAR, _FAR, float(self._matching.size))[free]
        return self._of_path(_sample(table), triple.subject, triple.path, triple.object)

    def _of_path(self, table: Solutions, subject: Node, path: Path, object_: Node) -> float:
        if isinstance(path, Inverse):
            return self._of_path(table, object_, path.path, subject)
        if isinstance(path, Alternative):
            return sum(self._of_path(table, subject, step, object_) for step in path.paths)
        known = self._matching.known(table, subject), self._matching.known(table, object_)
        if isinstance(path, Sequence):
            return _FAR * (1 if any(end is not None for end in known) else 1e6)
        if isinstance(path, Repeat):
            return self._of_repeat(table, subject, path, object_)
        pairs = self._matching.property(path)
        if known[0] is None and known[1] is None:
            return float(len(pairs))
        return self._matching.match_pairs(table, subject, pairs, object_).size / max(table.size, 1)

    def _of_repeat(self, table: Solutions, subject: Node, path: Repeat, object_: Node) -> float:
        known = self._matching.known(table, subject), self._matching.known(table, object_)
        if known[0] is None and known[1] is None:
            return float("inf")
        if min(variety(end) for end in known) > _FEW:
            return _FAR if known[0] is None or known[1] is None else _NEAR
        return self._matching.match(table, subject, path, object_).size / max(table.size, 1)


def _of_table(table: Solutions, other: Solutions) -> float:
    if other.size == 1 or not set(other.columns).intersection(table.columns):
        return other.size
    some = _sample(table)
    return join(some, other).size / max(some.size, 1)


def _sample(table: Solutions) -> Solutions:
    """Return some rows of a table, from all over it."""
    if table.size <= _SAMPLE:
        return table
    return table.take(np.linspace(0, table.size - 1, _SAMPLE).astype(np.intp))
