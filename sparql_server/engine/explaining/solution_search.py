"""Solutions of a query's parts, looked for with a bound: enough to tell which leaves nothing.

Groups are evaluated with the values of what stands before them, and what an aggregate gives is
taken for unknown: what has no solution here has none by the specification, but for rare cases.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice

import pyoxigraph as ox

from sparql_server.engine.explaining.conditions import Conditions, Outcome
from sparql_server.engine.explaining.paths import Quads, Walker
from sparql_server.engine.explaining.pattern_parts import (
    Computed,
    Condition,
    Match,
    Nested,
    Part,
    Pattern,
    Place,
    Rows,
    Solution,
    Walk,
    add_graph,
    find_bound,
    join_quad,
    merge,
    restrict,
)
from sparql_server.engine.explaining.pattern_reader import Reader
from sparql_server.engine.explaining.release_data import Facts
from sparql_server.engine.explaining.scopes import (
    is_cut_to_nothing,
    list_names,
    list_variables_in,
)
from sparql_server.engine.oxigraph.syntax.calls import is_aggregated
from sparql_server.engine.oxigraph.syntax.elements import Select
from sparql_server.engine.oxigraph.syntax.scope import list_visible

_PEEKED = 8  # quads by which patterns are compared: what has fewer goes first


class Search:
    """Looks for solutions of parts. Its methods raise ``Exhausted`` where that takes too long.

    taken: by the ``id`` of a MINUS, the solutions that it was seen to take away.
    """

    def __init__(self, facts: Facts, reader: Reader, conditions: Conditions) -> None:
        self._facts = facts
        self._reader = reader
        self._conditions = conditions
        self.taken: dict[int, int] = {}

    def has(
        self, parts: Sequence[Part], graph: Place | None, known: Solution | None = None
    ) -> bool:
        """Tell whether parts have a solution."""
        return self.first(parts, graph, known) is not None

    def first(
        self, parts: Sequence[Part], graph: Place | None, known: Solution | None = None
    ) -> Solution | None:
        """Return a solution of parts, if there is one."""
        return next(self.solve(parts, graph, known or {}), None)

    def solve(
        self, parts: Sequence[Part], graph: Place | None, known: Solution, *, scoped: bool = False
    ) -> Iterator[Solution]:
        """Yield the solutions of parts together.

        graph: that they stand in; None: the default. scoped: whether conditions see what the parts
        bind and nothing else, as in a group (18.2.2.2).
        """
        patterns = tuple(
            pattern for part in parts if isinstance(part, Match) for pattern in part.patterns
        )
        rows = [part for part in parts if _is_constant(part)]
        conditions = [part for part in parts if isinstance(part, Condition)]
        others = [
            part
            for part in parts
            if not (isinstance(part, (Match, Condition)) or _is_constant(part))
        ]
        seen = list_names(parts) | list_variables_in((graph,) if graph else ()) if scoped else None
        for start in self._chain(rows, graph, known):
            for matched in self._match(patterns, graph, start):
                for solution in self._chain(others, graph, matched):
                    own = solution if seen is None else restrict(solution, seen)
                    if all(self.meets(part, graph, own) for part in conditions):
                        yield solution

    def meets(self, condition: Condition, graph: Place | None, solution: Solution) -> bool:
        """Tell whether a solution meets a condition; what can't be told, it does."""
        if condition.group is not None:
            return self.has(condition.group, graph, solution) != condition.negated
        self._facts.spend(3)
        met = (Outcome.MET, Outcome.UNKNOWN)
        return self._conditions.outcome(condition.expression, solution) in met

    def _chain(
        self, parts: Sequence[Part], graph: Place | None, known: Solution
    ) -> Iterator[Solution]:
        if not parts:
            yield known
            return
        for solution in self._extend(parts[0], graph, known):
            yield from self._chain(parts[1:], graph, solution)

    def _extend(self, part: Part, graph: Place | None, known: Solution) -> Iterator[Solution]:
        if isinstance(part, Rows):
            yield from filter(None, (merge(known, row) for row in part.rows))
        elif isinstance(part, Walk):
            yield from self._walk(part, graph, known)
        elif isinstance(part, Computed):
            value = part.term or self._conditions.value(part.expression, known)
            joined = merge(known, {} if value is None else {part.variable: value})
            if joined is not None:
                yield joined
        elif isinstance(part, Nested):
            yield from self._nested(part, graph, known)

    def _nested(self, part: Nested, graph: Place | None, known: Solution) -> Iterator[Solution]:
        if part.word in ("", "UNION", "LATERAL"):
            for group in part.groups:
                yield from self.solve(group, graph, known, scoped=True)
        elif part.word == "OPTIONAL":
            yield from self._optional(part, graph, known)
        elif part.word == "MINUS":
            if self._is_taken(part, graph, known):
                self.taken[id(part)] = self.taken.get(id(part), 0) + 1
            else:
                yield known
        elif part.word == "GRAPH":
            yield from self._in_graph(part, known)
        elif part.select is not None:
            yield from self._subquery(part, part.select, graph, known)
        else:
            yield known  # what another endpoint has isn't known

    def _optional(self, part: Nested, graph: Place | None, known: Solution) -> Iterator[Solution]:
        alone = True
        for solution in self.solve(part.groups[0], graph, known):
            alone = False
            yield solution
        if alone:
            yield known

    def _is_taken(self, part: Nested, graph: Place | None, known: Solution) -> bool:
        """Tell whether MINUS takes a solution away: one of its own has something in common."""
        free = {
            name: term for name, term in known.items() if name.value in list_names(part.groups[0])
        }
        return bool(free) and self.has(part.groups[0], graph, free)

    def _in_graph(self, part: Nested, known: Solution) -> Iterator[Solution]:
        if part.groups[0] or part.graph is None:
            yield from self.solve(part.groups[0], part.graph, known, scoped=True)
            return
        for quad in self._quads(part.graph, known)(None, None, None):
            yield add_graph(part.graph, quad, known)

    def _subquery(
        self, part: Nested, select: Select, graph: Place | None, known: Solution
    ) -> Iterator[Solution]:
        names = {name[1:] for name in list_visible(select)}
        outer = {name: term for name, term in known.items() if name.value in names}
        if is_cut_to_nothing(select.cut):
            return
        if is_aggregated(select) and not select.group_by:
            yield known
            return
        for solution in self.solve(part.groups[0], graph, outer):
            shown = {name: term for name, term in solution.items() if name.value in names}
            joined = merge(known, shown)
            if joined is not None:
                yield joined

    # Triples

    def _quads(self, graph: Place | None, known: Solution) -> Quads:
        if graph is None:
            return self._facts.default_quads
        place = known.get(graph) if isinstance(graph, ox.Variable) else graph
        if place is None:
            return self._facts.named_quads
        return partial(self._facts.quads_in, (place,) if isinstance(place, ox.NamedNode) else ())

    def _walk(self, part: Walk, graph: Place | None, known: Solution) -> Iterator[Solution]:
        walker = Walker(self._quads(graph, known), self._reader.term)
        start, end = (find_bound(place, known) for place in (part.subject, part.object))
        for pair in walker.walk(part.path, start, end):
            joined: Solution | None = known
            for place, term in zip((part.subject, part.object), pair, strict=True):
                if joined is not None and isinstance(place, ox.Variable):
                    joined = merge(joined, {place: term})
            if joined is not None:
                yield joined

    def _match(
        self, patterns: tuple[Pattern, ...], graph: Place | None, known: Solution
    ) -> Iterator[Solution]:
        if not patterns:
            yield known
            return
        best = min(
            range(len(patterns)),
            key=lambda place: self._estimate_size(patterns[place], graph, known),
        )
        rest = patterns[:best] + patterns[best + 1 :]
        pattern = patterns[best]
        for quad in self._quads(graph, known)(*(find_bound(place, known) for place in pattern)):
            more = join_quad(
                pattern, quad, known if graph is None else add_graph(graph, quad, known)
            )
            if more is not None:
                yield from self._match(rest, graph, more)

    def _estimate_size(self, pattern: Pattern, graph: Place | None, known: Solution) -> int:
        bound = [find_bound(place, known) for place in pattern]
        if all(place is None for place in bound):
            return _PEEKED + 1
        return sum(1 for _ in islice(self._quads(graph, known)(*bound), _PEEKED))


def _is_constant(part: Part) -> bool:
    return isinstance(part, Rows) or isinstance(part, Computed) and part.term is not None
