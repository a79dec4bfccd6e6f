"""Evaluates groups of patterns, in an order that their data suggests (SPARQL 1.1 Query, 18.2.2)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
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
    Select,
    Sequence,
    Term,
    Triple,
    Union,
    Unsuited,
    Values,
)
from sparql_server.engine.columns.evaluation.matching import Matching
from sparql_server.engine.columns.evaluation.planning import Joined, Planning, candidates
from sparql_server.engine.columns.evaluation.variables import bound, mentioned, of_expression
from sparql_server.engine.columns.solutions.arrays import Mask, Numbers, Rows, numbers
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import (
    UNBOUND,
    UNIT,
    Solutions,
    concatenate,
    has_match,
    join,
)

_Names = frozenset[str]


class Expressions(Protocol):
    """Evaluates expressions on tables."""

    def holds(self, expression: Expression, table: Solutions) -> Mask:
        """Tell for each row whether an expression is true of it."""

    def value(self, expression: Expression, table: Solutions) -> Numbers:
        """Return an expression's value for each row; ``UNBOUND`` where it has none."""


class Patterns:
    """Evaluates patterns. select: evaluates subqueries.

    bindable: the variables that the whole query may bind.
    """

    def __init__(
        self, matching: Matching, terms: QueryTerms, select: Callable[[Select], Solutions]
    ) -> None:
        self._matching = matching
        self._planning = Planning(matching)
        self._terms = terms
        self._select = select
        self._depth = count()
        self.bindable: _Names = frozenset()
        self.expressions: Expressions

    def evaluate(self, group: Group, needed: Collection[str]) -> Solutions:
        """Return a group's solutions, as far as they bind what is needed of them."""
        return self._group(group, UNIT, frozenset(needed))

    # Groups

    def _group(self, group: Group, seed: Solutions, needed: _Names) -> Solutions:
        """Join a table with a group.

        Its own patterns and filters see what the table has, what is nested in it doesn't.
        """
        filters = [element.expression for element in group.elements if isinstance(element, Filter)]
        elements = [element for element in group.elements if not isinstance(element, Filter)]
        table = seed
        joined: list[Joined] = []
        for index, element in enumerate(elements):
            wanted = needed.union(*map(mentioned, elements[index:]))
            if isinstance(element, (Optional, Bind, Minus)):
                _check_scope(element, elements[:index], seed)
                table = self._join(table, joined, filters, wanted)
                joined = []
                kept = wanted.union(*map(of_expression, filters))
                table = self._apply(element, table, kept)
            else:
                kept = wanted.union(*map(of_expression, filters))
                joined += self._to_join(element, kept)
        table = self._join(table, joined, filters, needed)
        for expression in filters:
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

    def _to_join(self, element: Element, kept: _Names) -> Iterator[Joined]:
        """Yield what an element is, as patterns and as tables of what stands for itself."""
        if isinstance(element, Triple):
            yield from self._steps(element)
        elif isinstance(element, Values):
            yield self.values(element)
        elif isinstance(element, Union):
            yield concatenate([self._group(group, UNIT, kept) for group in element.groups])
        elif isinstance(element, Select):
            yield self._select(element).only(kept)
        elif isinstance(element, Group):
            yield self._group(element, UNIT, kept)

    def _steps(self, triple: Triple) -> Iterator[Triple]:
        if not isinstance(triple.path, Sequence):
            yield triple
            return
        for step in self._matching.paths.steps(triple.subject, triple.path, triple.object):
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
            table = self._filtered(self._joined(table, chosen.joined), filters)
            wanted = needed.union(
                *(candidate.names for candidate in left), *map(of_expression, filters)
            )
            table = table.only(wanted)
        return table

    def _joined(self, table: Solutions, joined: Joined) -> Solutions:
        if isinstance(joined, Solutions):
            return join(table, joined)
        return self._matching.match(table, joined.subject, joined.path, joined.object)

    def _filtered(self, table: Solutions, filters: list[Expression]) -> Solutions:
        """Apply the filters whose variables all have values: no join will change those."""
        for expression in list(filters):
            names = of_expression(expression)
            if names <= table.columns.keys() and names.isdisjoint(table.partial):
                filters.remove(expression)
                table = table.take(self.expressions.holds(expression, table))
        return table

    # What is evaluated for each row of a table

    def _optional(self, group: Group, table: Solutions, kept: _Names) -> Solutions:
        """Return a table's rows with what a group adds to them, or else alone (18.5)."""
        new = mentioned(group).difference(table.columns)
        rows, found = self._for_each(group, table, kept & new)
        lacking = np.ones(table.size, np.bool_)
        lacking[rows] = False
        return concatenate([table.take(rows).with_columns(found), table.take(lacking)])

    def exists(self, group: Group, table: Solutions) -> Mask:
        """Tell for each row of a table whether a group has a solution with it (18.6)."""
        _check_plain(group)
        if not (mentioned(group) & self.bindable) <= table.columns.keys():
            # Oxigraph may have bound it by then.
            raise Unsuited("a variable in an EXISTS that is bound elsewhere")
        rows, _ = self._for_each(group, table, frozenset())
        found = np.zeros(table.size, np.bool_)
        found[rows] = True
        return found

    def _for_each(
        self, group: Group, table: Solutions, needed: _Names
    ) -> tuple[Rows, dict[str, Numbers]]:
        """Evaluate a group with the rows of a table; return which row, and what is needed."""
        row = f"_:row{next(self._depth)}"
        seed = table.only(mentioned(group))
        seed = seed.with_columns({row: np.arange(table.size, dtype=np.int32)})
        found = self._group(group, seed, needed | {row})
        columns = dict(found.columns)
        rows = columns.pop(row)
        return rows.astype(np.intp), columns

    def _minus(self, group: Group, table: Solutions) -> Solutions:
        """Return the rows that agree with no solution of a group (18.5, Minus)."""
        found = self._group(group, UNIT, mentioned(group))
        shared = [name for name in found.columns if name in table.columns]
        if not shared or not found.size:
            return table
        return table.take(~has_match(table, found, shared))


def _check_scope(element: Element, before: Several[Element], seed: Solutions) -> None:
    """Raise Unsuited if an element would see what the table around its group has bound.

    It stands for itself with what is before it in the group, and can be evaluated with the table
    only if that makes no difference.
    """
    certain = frozenset().union(*map(bound, before))
    if not mentioned(element).intersection(seed.columns) <= certain:
        raise Unsuited("an element that sees variables from around its group")


def _check_plain(group: Group) -> None:
    """Raise Unsuited if what is in an EXISTS might see a row's values where joins don't."""
    for element in group.elements:
        if isinstance(element, Union):
            for branch in element.groups:
                if not all(isinstance(inner, Triple) for inner in branch.elements):
                    raise Unsuited("more than patterns in a UNION in an EXISTS")
        elif not isinstance(element, (Triple, Filter, Values)):
            raise Unsuited("more than patterns and filters in an EXISTS")
