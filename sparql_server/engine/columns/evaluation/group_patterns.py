"""Evaluates groups of patterns, and what each row is joined with (18.2.2, 18.5, 18.6)."""

from __future__ import annotations

from collections.abc import Sequence as Several
from itertools import count

import numpy as np

from sparql_server.engine.columns.algebra import (
    Bind,
    Element,
    Expression,
    Group,
    Minus,
    Optional,
    Unsuited,
)
from sparql_server.engine.columns.evaluation.joining.planning import (
    Joined,
)
from sparql_server.engine.columns.evaluation.joining.variables import (
    find_mentioned,
    find_variables,
)
from sparql_server.engine.columns.evaluation.joins import Joins
from sparql_server.engine.columns.evaluation.scopes import (
    Around,
    OutOfScope,
    check_plain,
    check_scope,
    drop_needless,
    has_pattern,
    is_plain_triple,
    split_filters,
)
from sparql_server.engine.columns.solutions.arrays import Mask, Numbers, Rows
from sparql_server.engine.columns.solutions.solutions import (
    UNIT,
    Solutions,
    concatenate,
    has_match,
    join,
)

_Names = frozenset[str]

_MANY = 10_000  # rows for which it may be better to evaluate a group without them
_TIMES = 2  # rows that a pattern may have then, for each of those


class Patterns:
    """Evaluates groups in one graph, or in each named one. joins: joins what stands in them."""

    def __init__(self, joins: Joins) -> None:
        self.joins = joins
        self._graph = joins.graph
        self._depth = count()

    def evaluate_group(self, group: Group, seed: Solutions, needed: _Names) -> Solutions:
        """Join a table with a group, and return what is needed of it.

        The group's own patterns and filters see what the table has, what is nested in it doesn't.
        """
        filters, elements = split_filters(group)
        return self.join_rest(seed, [], filters, elements, needed, Around(seed))

    def join_rest(
        self,
        table: Solutions,
        joined: Several[Joined],
        filters: Several[Expression],
        elements: Several[Element],
        needed: _Names,
        around: Around,
    ) -> Solutions:
        """Join a table with patterns, and with the elements of a group that come after them."""
        left = list(filters)
        waiting = list(joined)
        needed |= self._graph
        for index, element in enumerate(elements):
            if isinstance(element, (Optional, Bind, Minus)):
                check_scope(element, [*around.before, *elements[:index]], around.seed)
                later = needed.union(*map(find_mentioned, elements[index + 1 :]))
                table = self.joins.join_all(table, waiting, left, later | find_mentioned(element))
                waiting = []
                table = self._apply(element, table, later.union(*map(find_variables, left)))
            else:
                waiting += self.joins.list_joined(element, filters)
        table = self.joins.join_all(table, waiting, left, needed)
        for expression in left:
            table = table.take(self.joins.expressions.holds(expression, table))
        return table.only(needed)

    def _apply(self, element: Optional | Bind | Minus, table: Solutions, kept: _Names) -> Solutions:
        if isinstance(element, Optional):
            return self._join_optional(element.group, table, kept)
        if isinstance(element, Minus):
            return self._subtract(element.group, table)
        if element.variable.name in table.columns:
            raise Unsuited("a variable is bound twice")
        if element.variable.name not in kept:
            return table
        value = self.joins.expressions.value(element.expression, table)
        return table.with_columns({element.variable.name: value})

    # What is evaluated for each row of a table

    def _join_optional(self, group: Group, table: Solutions, kept: _Names) -> Solutions:
        """Return a table's rows with what a group adds to them, or else alone (18.5)."""
        parts = [
            self._join_optional_to(group, part, kept)
            for _, part in table.split(find_mentioned(group))
        ]
        return concatenate(parts)

    def _join_optional_to(self, group: Group, table: Solutions, kept: _Names) -> Solutions:
        new = find_mentioned(group).difference(table.columns)
        rows, found = self._join_each(group, table, kept & new)
        lacking = np.ones(table.size, np.bool_)
        lacking[rows] = False
        return concatenate([table.take(rows).with_columns(found), table.take(lacking)])

    def exists(self, group: Group, table: Solutions) -> Mask:
        """Tell for each row of a table whether a group has a solution with it (18.6)."""
        group = drop_needless(group, frozenset(table.columns))
        check_plain(group)
        found = np.zeros(table.size, np.bool_)
        for rows, part in table.split(find_mentioned(group)):
            shared = find_mentioned(group).intersection(part.columns)
            if self._is_better_whole(group, part, shared):
                whole = self.evaluate_group(group, UNIT, shared)
                found[rows] = has_match(part, whole, sorted(shared))
            else:
                found[rows[self._join_each(group, part, frozenset())[0]]] = True
        return found

    def _is_better_whole(self, group: Group, table: Solutions, shared: _Names) -> bool:
        """Tell whether all solutions of a group are found as soon as those with many rows.

        Of the rows it sees but what its own patterns bind.
        """
        filters, elements = split_filters(group)
        triples = [element for element in elements if is_plain_triple(element)]
        names = frozenset[str]().union(*map(find_mentioned, triples))
        seen = shared.union(*map(find_variables, filters))
        if self._graph or table.size < _MANY or not shared or not seen <= names:
            return False
        if len(triples) < len(elements) or any(map(has_pattern, filters)):
            return False
        joined = [each for triple in triples for each in self.joins.list_joined(triple, filters)]
        return self.joins.count_alone(joined) <= _TIMES * len(joined) * table.size

    def _join_each(
        self, group: Group, table: Solutions, needed: _Names
    ) -> tuple[Rows, dict[str, Numbers]]:
        """Evaluate a group with the rows of a table; return which row, and what is needed."""
        row = f"_:row{next(self._depth)}"
        seed = table.only(find_mentioned(group) | self._graph)
        seed = seed.with_columns({row: np.arange(table.size, dtype=np.int32)})
        try:
            found = self.evaluate_group(group, seed, needed | {row})
        except OutOfScope:
            found = self._join_apart(group, seed, needed | {row})
        columns = {name: found.columns[name] for name in needed if name in found.columns}
        return found.columns[row].astype(np.intp), columns

    def _join_apart(self, group: Group, table: Solutions, needed: _Names) -> Solutions:
        """Join a table with a group that is evaluated without it, but for its filters."""
        filters, elements = split_filters(group)
        every = find_mentioned(group) | self._graph
        table = join(table, self.evaluate_group(Group(tuple(elements)), UNIT, every))
        for expression in filters:
            table = table.take(self.joins.expressions.holds(expression, table))
        return table.only(needed)

    def _subtract(self, group: Group, table: Solutions) -> Solutions:
        """Return the rows that agree with no solution of a group (18.5, Minus)."""
        shared = find_mentioned(group).intersection(table.columns)
        if not shared:
            return table
        found = self._find_without(group, table, shared)
        names = sorted((shared | self._graph).intersection(found.columns))
        if not found.size:
            return table
        return table.take(~has_match(table, found, names, self._graph))

    def _find_without(self, group: Group, table: Solutions, shared: _Names) -> Solutions:
        """Return a group's solutions that rows of a table may agree with."""
        return self.joins.evaluate(group, table, shared | self._graph)
