"""Solutions of patterns, looked for with a bound, and the first pattern without any."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

import pyoxigraph as ox

from sparql_server.engine.explaining.facts import Exhausted, Facts, Node
from sparql_server.engine.explaining.patterns import Pattern, Place

Solution = Mapping[ox.Variable, Node]

_PEEKED = 8  # quads by which patterns are compared: what has fewer goes first


def find_solutions(facts: Facts, patterns: Sequence[Pattern]) -> Iterator[Solution]:
    """Yield the solutions of patterns together. Raises Exhausted where that takes too long."""
    yield from _extend_solutions(facts, tuple(patterns), {})


def find_first_without(facts: Facts, patterns: Sequence[Pattern]) -> int | None:
    """Return the first pattern that, with those before it, has no solution.

    None: all of them together have one. Raises Exhausted.
    """
    known: Solution | None = {}
    for number in range(1, len(patterns) + 1):
        # Often the solution that is there already goes on.
        if known:
            known = next(
                _extend_solutions(facts, tuple(patterns[number - 1 : number]), known), None
            )
        if not known:
            known = next(find_solutions(facts, patterns[:number]), None)
        if known is None:
            return number - 1
    return None


def _extend_solutions(
    facts: Facts, patterns: tuple[Pattern, ...], known: Solution
) -> Iterator[Solution]:
    if not patterns:
        yield known
        return
    best = min(
        range(len(patterns)), key=lambda place: _estimate_size(facts, patterns[place], known)
    )
    rest = patterns[:best] + patterns[best + 1 :]
    for quad in facts.quads(*_bind_pattern(patterns[best], known)):
        more = _join_solution(patterns[best], quad, known)
        if more is not None:
            yield from _extend_solutions(facts, rest, more)


def _estimate_size(facts: Facts, pattern: Pattern, known: Solution) -> int:
    bound = _bind_pattern(pattern, known)
    if all(place is None for place in bound):
        return _PEEKED + 1
    return sum(1 for _ in islice(facts.quads(*bound), _PEEKED))


def _bind_pattern(pattern: Pattern, known: Solution) -> list[Node | None]:
    return [known.get(place) if isinstance(place, ox.Variable) else place for place in pattern]


def _join_solution(pattern: Pattern, quad: ox.Quad, known: Solution) -> Solution | None:
    """Return a solution with what a quad adds to it; None where they don't go together."""
    found = dict(known)
    terms: tuple[Place, ...] = (quad.subject, quad.predicate, quad.object)
    for place, term in zip(pattern, terms, strict=True):
        assert not isinstance(term, ox.Variable)
        if isinstance(place, ox.Variable) and found.setdefault(place, term) != term:
            return None
    return found


__all__ = ["Exhausted", "Solution", "find_first_without", "find_solutions"]
