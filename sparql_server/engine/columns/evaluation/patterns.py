"""Evaluates groups of patterns, in an order that their data suggests (SPARQL 1.1 Query, 18.2.2)."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as Several
from itertools import count
from typing import Protocol

import numpy as np

from sparql_server.engine.columns.algebra import (
    Bind,
    Element,
    Expression,
    Filter,
    Group,
    Minus,
    Optional,
    Sequence,
    Term,
    Triple,
    Union,
    Unsuited,
    Values,
)
from sparql_server.engine.columns.evaluation.joining.matching import Matching
from sparql_server.engine.columns.evaluation.joining.planning import (
    Joined,
    Nested,
    Planning,
    candidates,
)
from sparql_server.engine.columns.evaluation.joining.variables import (
    bound,
    mentioned,
    of_expression,
)
from sparql_server.engine.columns.solutions.arrays import Mask, Numbers, Rows, numbers
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import (
    UNBOUND,
    UNIT,
    Solutions,
    concatenate,
    has_match,
    join,
    without_repetition,
)

_Names = frozenset[str]

_SEEDS = 100_000  # rows that what is nested in a group is evaluated with, at most


class OutOfScope(Unsuited):
    """What stands for itself would see variables from around it."""


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


class Patterns:
    """Evaluates patterns in one graph, or in each named one.

    bindable: the variables that the whole query may bind.
    """

    expressions: Expressions
    nesting: Nesting

    def __init__(self, matching: Matching, terms: QueryTerms, bindable: _Names) -> None:
        self.matching = matching
        self.bindable = bindable
        self._planning = Planning(matching)
        self._terms = terms
        self._depth = count()
        self._graph = frozenset((matching.graph,)) if matching.graph else frozenset()
        self._nested: dict[tuple[int, _Names], Solutions] = {}

    def group(self, group: Group, seed: Solutions, needed: _Names) -> Solutions:
        """Join a table with a group, and return what is needed of it.

        The group's own patterns and filters see what the table has, what is nested in it doesn't.
        """
        filters, elements = parted(group)
        return self.rest(seed, [], filters, elements, needed, seed)

    def rest(
        self,
        table: Solutions,
        joined: Several[Joined],
        filters: Several[Expression],
        elements: Several[Element],
        needed: _Names,
        seed: Solutions = UNIT,
        before: Several[Element] = (),
    ) -> Solutions:
        """Join a table with patterns, and with the elements of a group that come after them.

        seed: the table around the group. before: the elements that stand before those.
        """
        left = list(filters)
        waiting = list(joined)
        needed |= self._graph
        for index, element in enumerate(elements):
            if isinstance(element, (Optional, Bind, Minus)):
                check_scope(element, [*before, *elements[:index]], seed)
                wanted = needed.union(*map(mentioned, elements[index:]))
                table = self._join(table, waiting, left, wanted)
                waiting = []
                table = self._apply(element, table, wanted.union(*map(of_expression, left)))
            else:
                waiting += self.to_join(element)
        table = self._join(table, waiting, left, needed)
        for expression in left:
            table = table.take(self.expressions.holds(expression, table))
        return table.only(needed)

    def _apply(self, element: Optional | Bind | Minus, table: Solutions, kept: _Names) -> Solutions:
        if isinstance(element, Optional):
            return self._optional(element.group, table, kept)
        if isinstance(element, Minus):
            return self._minus(element.group, table)
        if element.variable.name in table.columns:
            raise Unsuited("a variable is bound twice")
        value = self.expressions.value(element.expression, table)
        return table.with_columns({element.variable.name: value})

    def to_join(self, element: Element) -> Iterator[Joined]:
        """Yield what an element is, as patterns, as tables and as what is nested."""
        if isinstance(element, Triple):
            yield from self._steps(element)
        elif isinstance(element, Values):
            yield self.values(element)
        else:
            assert not isinstance(element, (Optional, Bind, Minus, Filter))
            yield element

    def _steps(self, triple: Triple) -> Iterator[Triple]:
        if not isinstance(triple.path, Sequence):
            yield triple
            return
        for step in self.matching.paths.steps(triple.subject, triple.path, triple.object):
            yield from self._steps(step)

    def values(self, values: Values) -> Solutions:
        """Return a data block as a table (10.2)."""
        found = [[self._number(term) for term in row] for row in values.rows]
        columns = {
            variable.name: numbers([row[place] for row in found])
            for place, variable in enumerate(values.variables)
        }
        return Solutions(len(values.rows), {}).with_columns(columns)

    def _number(self, term: Term | None) -> int:
        return UNBOUND if term is None else self._terms.constant(term)

    # Joins, in an order that keeps tables small

    def first(self, joined: Several[Joined]) -> tuple[Joined, list[Joined]]:
        """Return what of several patterns is best to begin with, and the others."""
        left = candidates(joined)
        chosen = self._planning.next(left, UNIT)
        return chosen.joined, [candidate.joined for candidate in left if candidate is not chosen]

    def _join(
        self,
        table: Solutions,
        joined: Several[Joined],
        filters: list[Expression],
        needed: _Names,
    ) -> Solutions:
        """Join a table with all of these. Filters that can be applied leave the list."""
        left = candidates(joined)
        table = self._filtered(table, filters)
        while left:
            chosen = self._planning.next(left, table)
            left.remove(chosen)
            others = needed.union(
                *(candidate.names for candidate in left), *map(of_expression, filters)
            )
            if not isinstance(chosen.joined, (Triple, Solutions)):
                evaluated = self._evaluated(chosen.joined, table, others.union(table.columns))
                left += candidates([evaluated])
                continue
            table = self._filtered(self.joined(table, chosen.joined), filters)
            table = table.only(others)
        return self._in_graphs(table)

    def _in_graphs(self, table: Solutions) -> Solutions:
        """Return a table with the graphs that its rows hold in; each if nothing says which."""
        graph = self.matching.graph
        if graph is None or graph in table.columns:
            return table
        return join(table, self._names())

    def _names(self) -> Solutions:
        names = self.matching.dataset.named_graphs
        return Solutions(len(names), {self.matching.graph or "": names})

    def joined(self, table: Solutions, joined: Triple | Solutions) -> Solutions:
        """Join a table with a pattern, or another table."""
        if isinstance(joined, Solutions):
            return join(table, joined)
        parts = [
            self.matching.match(part, joined.subject, joined.path, joined.object)
            for _, part in table.parts(mentioned(joined))
        ]
        return concatenate(parts)

    def _evaluated(self, element: Nested, table: Solutions, kept: _Names) -> Solutions:
        """Return what is nested: with the rows of a small table, if that makes no difference."""
        shared = (bound(element) | self._graph).intersection(table.columns) - table.partial
        if shared - self._graph and table.size <= _SEEDS and table.size:
            names = sorted(shared)
            seed = without_repetition(table.only(names), names)
            try:
                return self.nesting.evaluate(element, seed, kept)
            except OutOfScope:
                pass
        key = id(element), kept
        if key not in self._nested:
            self._nested[key] = self.nesting.evaluate(element, UNIT, kept)
        return self._nested[key]

    def _filtered(self, table: Solutions, filters: list[Expression]) -> Solutions:
        """Apply the filters whose variables all have values: no join will change those."""
        for expression in list(filters):
            names = of_expression(expression)
            if names <= table.columns.keys() and names.isdisjoint(table.partial):
                if not self._graph <= table.columns.keys() and has_pattern(expression):
                    continue
                filters.remove(expression)
                table = table.take(self.expressions.holds(expression, table))
        return table

    # What is evaluated for each row of a table

    def _optional(self, group: Group, table: Solutions, kept: _Names) -> Solutions:
        """Return a table's rows with what a group adds to them, or else alone (18.5)."""
        parts = [self._optional_to(group, part, kept) for _, part in table.parts(mentioned(group))]
        return concatenate(parts)

    def _optional_to(self, group: Group, table: Solutions, kept: _Names) -> Solutions:
        new = mentioned(group).difference(table.columns)
        rows, found = self._for_each(group, table, kept & new)
        lacking = np.ones(table.size, np.bool_)
        lacking[rows] = False
        return concatenate([table.take(rows).with_columns(found), table.take(lacking)])

    def exists(self, group: Group, table: Solutions) -> Mask:
        """Tell for each row of a table whether a group has a solution with it (18.6)."""
        check_plain(group)
        found = np.zeros(table.size, np.bool_)
        for rows, part in table.parts(mentioned(group)):
            found[rows[self._for_each(group, part, frozenset())[0]]] = True
        return found

    def _for_each(
        self, group: Group, table: Solutions, needed: _Names
    ) -> tuple[Rows, dict[str, Numbers]]:
        """Evaluate a group with the rows of a table; return which row, and what is needed."""
        row = f"_:row{next(self._depth)}"
        seed = table.only(mentioned(group) | self._graph)
        seed = seed.with_columns({row: np.arange(table.size, dtype=np.int32)})
        try:
            found = self.group(group, seed, needed | {row})
        except OutOfScope:
            found = self._apart(group, seed, needed | {row})
        columns = {name: found.columns[name] for name in needed if name in found.columns}
        return found.columns[row].astype(np.intp), columns

    def _apart(self, group: Group, table: Solutions, needed: _Names) -> Solutions:
        """Join a table with a group that is evaluated without it, but for its filters."""
        filters, elements = parted(group)
        every = mentioned(group) | self._graph
        table = join(table, self.group(Group(tuple(elements)), UNIT, every))
        for expression in filters:
            table = table.take(self.expressions.holds(expression, table))
        return table.only(needed)

    def _minus(self, group: Group, table: Solutions) -> Solutions:
        """Return the rows that agree with no solution of a group (18.5, Minus)."""
        shared = mentioned(group).intersection(table.columns)
        if not shared:
            return table
        found = self._without(group, table, shared)
        names = sorted((shared | self._graph).intersection(found.columns))
        if not found.size:
            return table
        return table.take(~has_match(table, found, names, self._graph))

    def _without(self, group: Group, table: Solutions, shared: _Names) -> Solutions:
        """Return a group's solutions that rows of a table may agree with."""
        return self._evaluated(group, table, shared | self._graph)


def parted(group: Group) -> tuple[list[Expression], list[Element]]:
    """Return a group's filters, and its other elements."""
    filters = [element.expression for element in group.elements if isinstance(element, Filter)]
    return filters, [element for element in group.elements if not isinstance(element, Filter)]


def has_pattern(expression: Expression) -> bool:
    """Tell whether an expression asks whether a pattern has a solution."""
    return expression.pattern is not None or any(map(has_pattern, expression.arguments))


def check_scope(element: Element, before: Several[Element], seed: Solutions) -> None:
    """Raise OutOfScope if an element would see what the table around its group has bound.

    It stands for itself with what is before it in the group, and can be evaluated with the table
    only if that makes no difference.
    """
    certain = frozenset[str]().union(*map(bound, before))
    if not mentioned(element).intersection(seed.columns) <= certain:
        raise OutOfScope("an element that sees variables from around its group")


def check_plain(group: Group) -> None:
    """Raise Unsuited if what is in an EXISTS might see a row's values where joins don't."""
    for element in group.elements:
        if isinstance(element, Union):
            for branch in element.groups:
                if not all(isinstance(inner, Triple) for inner in branch.elements):
                    raise Unsuited("more than patterns in a UNION in an EXISTS")
        elif not isinstance(element, (Triple, Filter, Values)):
            raise Unsuited("more than patterns and filters in an EXISTS")
