"""Plans the order in which patterns are joined: next is what keeps the table smallest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sparql_server.engine.columns.algebra import (
    Alternative,
    Graph,
    Group,
    Inverse,
    Negated,
    Node,
    Path,
    Repeat,
    Select,
    Sequence,
    Term,
    Triple,
    Union,
    Variable,
)
from sparql_server.engine.columns.evaluation.joining.matching import Matching
from sparql_server.engine.columns.evaluation.joining.pair_tables import narrow_ends
from sparql_server.engine.columns.evaluation.joining.pairs import Pairs, find_objects_of
from sparql_server.engine.columns.evaluation.joining.paths import Known, count_different
from sparql_server.engine.columns.evaluation.joining.restrictions import (
    Restrictions,
    is_within,
    spans_of,
)
from sparql_server.engine.columns.evaluation.joining.variables import find_mentioned
from sparql_server.engine.columns.solutions.number_search import find
from sparql_server.engine.columns.solutions.solutions import Solutions, join

_FEW = 16  # distinct terms up to which what a path reaches from them is found for an estimate
_SAMPLE = 512  # rows that are looked at to tell how many all of them will become
_SMALL = 64  # rows of a table that takes no time to join with anything that doesn't make it grow
_FIRST = 10_000  # rows up to which patterns come before what is nested, which then begins with them
_NEAR = 0.5  # rows that one is taken to become where what it says may be so or not
_FAR = 8.0  # terms that a path is taken to reach from one where that isn't known

Nested = Group | Union | Graph | Select
"""The parts that stand for themselves and are not evaluated yet."""

Joined = Triple | Solutions | Nested
"""A pattern, a table, or what is nested."""


@dataclass(slots=True, eq=False)
class Candidate:
    """A pattern that is still to be joined.

    growth: rows that one becomes, as far as ``known`` is known.
    """

    joined: Joined
    names: frozenset[str]
    known: frozenset[str] | None = None
    growth: float = 0.0


def list_candidates(joined: Iterable[Joined]) -> list[Candidate]:
    """Return what is to be joined, with the variables that it mentions."""
    return [Candidate(element, list_names(element)) for element in joined]


def list_names(joined: Joined) -> frozenset[str]:
    """Return the variables of what is to be joined."""
    return frozenset(joined.columns) if isinstance(joined, Solutions) else find_mentioned(joined)


class Planning:
    """Plans the joins of one query, as they go."""

    def __init__(self, matching: Matching) -> None:
        self._matching = matching

    def choose_next(self, candidates: list[Candidate], table: Solutions) -> Candidate:
        """Return what to join with a table next. Raises Unsuited."""
        if len(candidates) == 1:
            return candidates[0]
        ready = [each for each in candidates if isinstance(each.joined, (Triple, Solutions))]
        nested = [each for each in candidates if not isinstance(each.joined, (Triple, Solutions))]
        best = self._choose_best(ready, table) if ready else None
        if best and (not nested or self._find_growth(best, table) * table.size <= _FIRST):
            return best
        shared = [each for each in nested if each.names.intersection(table.columns)]
        return (shared or nested)[0]

    def expect(self, candidate: Candidate, table: Solutions) -> float | None:
        """Return how many rows are expected of a join; None where there was no choice."""
        known = candidate.names.intersection(table.columns)
        return candidate.growth * table.size if candidate.known == known else None

    def expect_of(self, candidate: Candidate, table: Solutions) -> float:
        """Return how many rows are expected of a pattern or a table with another. Raises Unsuited.

        Of what is nested nobody knows.
        """
        if not isinstance(candidate.joined, (Triple, Solutions)):
            return float("inf")
        return self._find_growth(candidate, table) * table.size

    def _choose_best(self, candidates: list[Candidate], table: Solutions) -> Candidate:
        if table.size <= _SMALL:
            for candidate in candidates:
                if self._find_growth(candidate, table) <= 1:
                    return candidate
        return min(candidates, key=lambda candidate: self._find_growth(candidate, table))

    def _find_growth(self, candidate: Candidate, table: Solutions) -> float:
        known = candidate.names.intersection(table.columns)
        if known != candidate.known:
            candidate.known = known
            candidate.growth = self._estimate(table, candidate.joined)
        return candidate.growth

    def _estimate(self, table: Solutions, joined: Joined) -> float:
        if isinstance(joined, Triple):
            sample = table.sample(_SAMPLE)
            parts = sample.split(find_mentioned(joined))
            rows = sum(part.size * self._estimate_triple(part, joined) for _, part in parts)
            return rows / max(sample.size, 1)
        assert isinstance(joined, Solutions)
        return _estimate_table(table, joined)

    def _estimate_triple(self, table: Solutions, triple: Triple) -> float:
        """Return an estimate of how many rows one of a table becomes when joined with a pattern.

        Raises Unsuited where that can't be.
        """
        if isinstance(triple.path, Variable):
            ends = (triple.subject, triple.object)
            free = sum(self._matching.find_known(table, end) is None for end in ends)
            if free == len(ends) and (spans := spans_of(triple)):
                return self._count_restricted(triple.path, ends, spans)
            return (_NEAR, _FAR, float(self._matching.size))[free]
        if isinstance(triple.path, Term) and (spans := spans_of(triple)):
            ends = triple.subject, triple.object
            if all(self._matching.find_known(table, end) is None for end in ends):
                pairs = self._matching.find_pairs(triple.path)
                return len(narrow_ends(ends[0], pairs, ends[1], spans)[1])
        return self._estimate_path(table, triple.subject, triple.path, triple.object)

    def _count_restricted(
        self, predicate: Variable, ends: tuple[Node, Node], spans: Restrictions
    ) -> float:
        """Return of how many triples of any predicate the ends are within their ranges."""
        every = (
            self._matching.find_pairs_of(number)
            for number in self._matching.triples.properties()
            if is_within(number, spans.get(predicate.name))
        )
        return float(sum(len(narrow_ends(ends[0], pairs, ends[1], spans)[1]) for pairs in every))

    def _estimate_path(self, table: Solutions, subject: Node, path: Path, object_: Node) -> float:
        if isinstance(path, Inverse):
            return self._estimate_path(table, object_, path.path, subject)
        if isinstance(path, Alternative):
            return sum(self._estimate_path(table, subject, step, object_) for step in path.paths)
        known = self._matching.find_known(table, subject), self._matching.find_known(table, object_)
        if isinstance(path, Sequence):
            return _FAR * (1 if any(end is not None for end in known) else 1e6)
        if isinstance(path, Repeat):
            return self._estimate_repeat(table, subject, path, object_)
        ends = subject, object_
        if isinstance(path, Negated):
            return sum(
                self._estimate_pairs(table, ends, known, pairs)
                for pairs in self._matching.find_others(path)
            )
        return self._estimate_pairs(table, ends, known, self._matching.find_pairs(path))

    def _estimate_pairs(
        self, table: Solutions, ends: tuple[Node, Node], known: tuple[Known, Known], pairs: Pairs
    ) -> float:
        """Return how many pairs go with a row, without making the rows where these are many."""
        begin, end = known
        share = 1.0
        if self._matching.graph in table.columns:
            share = 1 / max(1, len(self._matching.dataset.named_graphs))
        if begin is None and end is None:
            return len(pairs) * share
        if begin is not None and end is not None:
            return self._matching.match_pairs(table, ends[0], pairs, ends[1]).size / max(
                table.size, 1
            )
        if begin is None:
            pairs, begin = pairs.inverse(), end
        assert begin is not None
        if isinstance(begin, int):
            return len(find_objects_of(pairs, begin)) * share
        first, last = find(pairs.subjects, begin)
        return float((last - first).sum()) / max(table.size, 1)

    def _estimate_repeat(
        self, table: Solutions, subject: Node, path: Repeat, object_: Node
    ) -> float:
        known = self._matching.find_known(table, subject), self._matching.find_known(table, object_)
        if known[0] is None and known[1] is None:
            return float("inf")
        if self._matching.graph or min(count_different(end) for end in known) > _FEW:
            return _FAR if known[0] is None or known[1] is None else _NEAR
        few = table.sample(_FEW)  # what is reached is the same for rows that begin alike
        return self._matching.match(few, subject, path, object_).size / max(few.size, 1)


def _estimate_table(table: Solutions, other: Solutions) -> float:
    if other.size == 1 or not set(other.columns).intersection(table.columns):
        return other.size
    some = table.sample(_SAMPLE)
    return join(some, other).size / max(some.size, 1)
