"""Groups solutions and aggregates them, piece by piece where that is possible (18.5.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

import numpy as np

from sparql_server.engine.columns.algebra import Expression, Item, Variable
from sparql_server.engine.columns.evaluation.aggregation.aggregates import (
    aggregate,
    group_rows,
    merge_parts,
)
from sparql_server.engine.columns.evaluation.aggregation.rewriting import SOLUTION, name_item
from sparql_server.engine.columns.evaluation.joining.variables import find_variables
from sparql_server.engine.columns.solutions.arrays import Numbers, number_rows
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import (
    Solutions,
    concatenate,
    drop_repeated,
    join,
)

MERGED = {"COUNT": "SUM", "SUM": "SUM", "MIN": "MIN", "MAX": "MAX", "SAMPLE": "SAMPLE"}
"""Aggregates, and those that make one of them of what it is in each piece."""

_Aggregates = Mapping[Expression, str]


class Expressions(Protocol):
    """Evaluates expressions on tables."""

    def value(self, expression: Expression, table: Solutions) -> Numbers:
        """Return an expression's value for each row; ``UNBOUND`` where it has none."""


class Grouping:
    """The groups of a SELECT.

    keys: what it is grouped by; None where nothing says so, and all rows are one group. aggregates:
    the names of the columns that they get. graph: the column of graphs, each of which has groups of
    its own; of ``graphs``, those that have no solution have a group, too, where there are no keys.
    """

    def __init__(
        self,
        keys: tuple[Item, ...] | None,
        aggregates: _Aggregates,
        expressions: Expressions,
        terms: QueryTerms,
        graph: str | None,
        graphs: Numbers,
    ) -> None:
        self._keys = keys
        self._aggregates = aggregates
        self._expressions = expressions
        self._terms = terms
        self._graph = graph
        self._graphs = graphs
        self._names = [*(name_item(item) for item in keys or ()), *([graph] if graph else ())]

    def group(self, pieces: Iterable[Solutions]) -> Solutions:
        """Return a row for each group of all pieces together. Raises Unsuited."""
        if all(_is_merged(expression) for expression in self._aggregates):
            found = [self._group_piece(piece) for piece in _skip_empty(pieces)]
            table = found[0] if len(found) == 1 else self._merge(concatenate(found))
        else:
            table = self._group_piece(self._gather(pieces))
        if self._keys is not None or not self._graph:
            return table
        return self._add_empty_graphs(table)

    def _gather(self, pieces: Iterable[Solutions]) -> Solutions:
        """Return all pieces in one; what tells no more than others have told is left out."""
        arguments = [_find_distinct_variable(expression) for expression in self._aggregates]
        plain = not any(map(_has_to_be_found, self._keys or ()))
        every = list(pieces) if None in arguments or not plain else []
        if every:
            return concatenate(every)
        names = sorted({*self._names, *(name for name in arguments if name)})
        for piece in pieces:
            rows = piece.with_columns({name: piece.column(name) for name in names}).only(names)
            every.append(drop_repeated(rows, names) if every else rows)
        return concatenate(every)

    def _extend(self, table: Solutions) -> Solutions:
        for item in self._keys or ():
            if _has_to_be_found(item):
                value = self._expressions.value(item.expression, table)
                table = table.with_columns({name_item(item): value})
        return table

    def _group_piece(self, table: Solutions) -> Solutions:
        table = self._extend(table)
        whole = self._keys is None and not self._graph
        found = group_rows(table, None if whole else [table.column(name) for name in self._names])
        rows = table.take(found.first) if self._names else Solutions(found.count, {})
        columns = {}
        for expression, name in self._aggregates.items():
            values = self._find_values(expression, table)
            columns[name] = aggregate(expression, values, found, self._terms)
        return rows.only(self._names).with_columns(columns)

    def _find_values(self, expression: Expression, table: Solutions) -> Numbers | None:
        """Return what an aggregate is of in each row: of different solutions numbers of these."""
        if not expression.arguments:
            return None
        (argument,) = expression.arguments
        if argument.operator != SOLUTION:
            return self._expressions.value(argument, table)
        columns = [table.column(name) for name in sorted(find_variables(argument))]
        return number_rows(columns) if columns else np.zeros(table.size, np.int32)

    def _merge(self, table: Solutions) -> Solutions:
        """Return one row of all those of the same group."""
        whole = self._keys is None and not self._graph
        found = group_rows(table, None if whole else [table.column(name) for name in self._names])
        rows = table.take(found.first) if self._names else Solutions(found.count, {})
        columns = {
            name: merge_parts(MERGED[expression.operator], table.column(name), found, self._terms)
            for expression, name in self._aggregates.items()
        }
        return rows.only(self._names).with_columns(columns)

    def _add_empty_graphs(self, found: Solutions) -> Solutions:
        """Return aggregates of each graph with those of nothing for the graphs that had nothing."""
        graph = self._graph or ""
        lacking = self._graphs[~np.isin(self._graphs, found.column(graph))]
        nothing = Grouping(None, self._aggregates, self._expressions, self._terms, None, lacking)
        empty = nothing.group([Solutions(0, {})])
        return concatenate([found, join(Solutions(len(lacking), {graph: lacking}), empty)])


def _has_to_be_found(key: Item) -> bool:
    """Tell whether a key is more than a variable of the pattern by its own name."""
    return key.expression.node is None or key.variable not in (None, key.expression.node)


def _skip_empty(pieces: Iterable[Solutions]) -> Iterator[Solutions]:
    """Yield the pieces that have rows; one that has none if there is no other."""
    last = Solutions(0, {})
    is_empty = True
    for piece in pieces:
        last = piece
        if piece.size:
            is_empty = False
            yield piece
    if is_empty:
        yield last


def _is_merged(expression: Expression) -> bool:
    return expression.operator in MERGED and not (
        expression.distinct and expression.operator in ("COUNT", "SUM")
    )


def _find_distinct_variable(expression: Expression) -> str | None:
    """Return the variable of which only different values count; None: it isn't that."""
    if not expression.distinct or len(expression.arguments) != 1:
        return None
    node = expression.arguments[0].node
    return node.name if isinstance(node, Variable) else None
