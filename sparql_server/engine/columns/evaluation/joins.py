"""Joins what stands side by side in a group, in an order that its data suggests (18.2.2, 18.5)."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as Several
from typing import Protocol

from sparql_server.engine.columns.algebra import (
    Bind,
    Element,
    Expression,
    Filter,
    Minus,
    Optional,
    Sequence,
    Term,
    Triple,
    Values,
)
from sparql_server.engine.columns.evaluation.joining.matching import Matching
from sparql_server.engine.columns.evaluation.joining.planning import (
    Candidate,
    Joined,
    Nested,
    Planning,
    list_candidates,
)
from sparql_server.engine.columns.evaluation.joining.plans import Plan, measure_time, write_joined
from sparql_server.engine.columns.evaluation.joining.restrictions import (
    find_restrictions,
    restrict,
)
from sparql_server.engine.columns.evaluation.joining.variables import (
    find_bound,
    find_mentioned,
    find_variables,
)
from sparql_server.engine.columns.evaluation.scopes import OutOfScope, has_pattern
from sparql_server.engine.columns.solutions.arrays import Mask, Numbers, make_numbers
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import (
    UNBOUND,
    UNIT,
    Solutions,
    concatenate,
    drop_repeated,
    join,
)

_Names = frozenset[str]

_BEGIN = 100_000  # rows expected of a join up to which it is made as a whole, not in pieces
_SEEDS = 100_000  # rows that what is nested in a group is evaluated with, at most


class Expressions(Protocol):
    """Evaluates expressions on tables."""

    def holds(self, expression: Expression, table: Solutions) -> Mask:
        """Tell for each row whether an expression is true of it."""

    def value(self, expression: Expression, table: Solutions) -> Numbers:
        """Return an expression's value for each row; ``UNBOUND`` where it has none."""


class Nesting(Protocol):
    """Evaluates what is nested in a group and stands for itself."""

    def evaluate(self, element: Nested, seed: Solutions, kept: _Names) -> Solutions:
        """Return an element's solutions, joined with a table of what it binds for certain."""


class Joins:
    """Joins patterns in one graph, or in each named one. plan: what was joined."""

    expressions: Expressions
    nesting: Nesting

    def __init__(self, matching: Matching, terms: QueryTerms, plan: Plan) -> None:
        self.matching = matching
        self.plan = plan
        self._planning = Planning(matching)
        self._terms = terms
        self.graph = frozenset((matching.graph,)) if matching.graph else frozenset()
        self._nested: dict[tuple[int, _Names], Solutions] = {}

    def list_joined(self, element: Element, filters: Several[Expression]) -> Iterator[Joined]:
        """Yield what an element is, as patterns, as tables and as what is nested.

        filters: of the group that it stands in.
        """
        if isinstance(element, Triple):
            names = find_mentioned(element)
            about = [each for each in filters if not names.isdisjoint(find_variables(each))]
            found = find_restrictions(about, self._terms)
            for triple in self._split(element):
                yield restrict(triple, found)
        elif isinstance(element, Values):
            yield self.make_table(element)
        else:
            assert not isinstance(element, (Optional, Bind, Minus, Filter))
            yield element

    def _split(self, triple: Triple) -> Iterator[Triple]:
        if not isinstance(triple.path, Sequence):
            yield triple
            return
        for step in self.matching.paths.split_sequence(triple.subject, triple.path, triple.object):
            yield from self._split(step)

    def make_table(self, values: Values) -> Solutions:
        """Return a data block as a table (10.2)."""
        found = [[self._number(term) for term in row] for row in values.rows]
        columns = {
            variable.name: make_numbers([row[place] for row in found])
            for place, variable in enumerate(values.variables)
        }
        return Solutions(len(values.rows), {}).with_columns(columns)

    def _number(self, term: Term | None) -> int:
        return UNBOUND if term is None else self._terms.number_constant(term)

    # Joins, in an order that keeps tables small

    def choose_first(self, joined: Several[Joined]) -> tuple[Joined, list[Joined]]:
        """Return what of several patterns is best to begin with, and the others."""
        left = list_candidates(joined)
        chosen = self._planning.choose_next(left, UNIT)
        expected = self._planning.expect(chosen, UNIT)
        self.plan.note(write_joined(chosen.joined), expected, 0, 0.0)
        return chosen.joined, [candidate.joined for candidate in left if candidate is not chosen]

    def join_few(
        self,
        table: Solutions,
        joined: Several[Joined],
        filters: list[Expression],
        needed: _Names,
        most: int,
    ) -> tuple[Solutions, list[Joined]]:
        """Join a table with patterns until it has more rows than these; return what is left, too.

        Filters that can be applied leave the list.
        """
        left = list_candidates(joined)
        while left and table.size <= most:
            chosen = self._planning.choose_next(left, table)
            expected = self._planning.expect_of(chosen, table)
            if expected > _BEGIN:
                break
            left.remove(chosen)
            others = needed.union(
                *(candidate.names for candidate in left), *map(find_variables, filters)
            )
            table = self._filter(self._join_noted(table, chosen, expected, others), filters)
        return table, [candidate.joined for candidate in left]

    def _join_noted(
        self, table: Solutions, chosen: Candidate, expected: float | None, kept: _Names | None
    ) -> Solutions:
        assert isinstance(chosen.joined, (Triple, Solutions))
        with measure_time() as taken:
            table = self.join(table, chosen.joined, kept)
        self.plan.note(write_joined(chosen.joined), expected, table.size, taken[0])
        return table

    def count_alone(self, joined: Several[Joined]) -> float:
        """Return how many rows patterns have together, each by itself."""
        candidates = list_candidates(joined)
        return sum(self._planning.expect_of(candidate, UNIT) for candidate in candidates)

    def join_all(
        self,
        table: Solutions,
        joined: Several[Joined],
        filters: list[Expression],
        needed: _Names,
    ) -> Solutions:
        """Join a table with all of these. Filters that can be applied leave the list."""
        left = list_candidates(joined)
        table = self._filter(table, filters)
        while left:
            chosen = self._planning.choose_next(left, table)
            left.remove(chosen)
            others = needed.union(
                *(candidate.names for candidate in left), *map(find_variables, filters)
            )
            if not isinstance(chosen.joined, (Triple, Solutions)):
                evaluated = self.evaluate(chosen.joined, table, others.union(table.columns))
                left += list_candidates([evaluated])
                continue
            expected = self._planning.expect(chosen, table)
            table = self._join_noted(table, chosen, expected, others)
            table = self._filter(table, filters)
            table = table.only(others)
        return self._add_graphs(table)

    def _add_graphs(self, table: Solutions) -> Solutions:
        """Return a table with the graphs that its rows hold in; each if nothing says which."""
        graph = self.matching.graph
        if graph is None or graph in table.columns:
            return table
        return join(table, self._list_graphs())

    def _list_graphs(self) -> Solutions:
        names = self.matching.dataset.named_graphs
        return Solutions(len(names), {self.matching.graph or "": names})

    def join(
        self, table: Solutions, joined: Triple | Solutions, kept: _Names | None = None
    ) -> Solutions:
        """Join a table with a pattern, or another table. kept: as of ``match_triple``."""
        if isinstance(joined, Solutions):
            return join(table, joined)
        parts = [
            self.matching.match_triple(part, joined, kept)
            for _, part in table.split(find_mentioned(joined))
        ]
        return concatenate(parts)

    def evaluate(self, element: Nested, table: Solutions, kept: _Names) -> Solutions:
        """Return what is nested: with the rows of a small table, if that makes no difference."""
        shared = (find_bound(element) | self.graph).intersection(table.columns) - table.partial
        if shared - self.graph and table.size <= _SEEDS and table.size:
            names = sorted(shared)
            seed = drop_repeated(table.only(names), names)
            try:
                return self.nesting.evaluate(element, seed, kept)
            except OutOfScope:
                pass
        key = id(element), kept
        if key not in self._nested:
            self._nested[key] = self.nesting.evaluate(element, UNIT, kept)
        return self._nested[key]

    def _filter(self, table: Solutions, filters: list[Expression]) -> Solutions:
        """Apply the filters whose variables all have values: no join will change those."""
        for expression in list(filters):
            names = find_variables(expression)
            if names <= table.columns.keys() and names.isdisjoint(table.partial):
                if not self.graph <= table.columns.keys() and has_pattern(expression):
                    continue
                filters.remove(expression)
                table = table.take(self.expressions.holds(expression, table))
        return table
