"""Evaluates a SELECT: its pattern, its groups, its expressions, its order (18.2.4, 18.2.5)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sparql_server.engine.columns.algebra import Expression, Item, Select, Unsuited, Variable
from sparql_server.engine.columns.evaluation.aggregates import NAMES, aggregate, groups
from sparql_server.engine.columns.evaluation.expressions import Expressions
from sparql_server.engine.columns.evaluation.joining.datasets import Dataset, Triples
from sparql_server.engine.columns.evaluation.joining.matching import Matching
from sparql_server.engine.columns.evaluation.joining.variables import (
    bindable,
    mentioned,
    of_expression,
)
from sparql_server.engine.columns.evaluation.nesting import Nesting
from sparql_server.engine.columns.evaluation.ordering import order
from sparql_server.engine.columns.evaluation.patterns import OutOfScope, Patterns
from sparql_server.engine.columns.evaluation.rewriting import (
    name_of,
    with_keys,
    without_aggregates,
)
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import (
    UNIT,
    Solutions,
    concatenate,
    join,
    without_repetition,
)


class Selection:
    """Evaluates one query, subqueries and all.

    triples, graph: those that patterns stand in, and the column of their graph, as ``Matching`` has
    them.
    """

    def __init__(
        self,
        dataset: Dataset,
        terms: QueryTerms,
        bindable: frozenset[str] = frozenset(),
        triples: Triples | None = None,
        graph: str | None = None,
    ) -> None:
        self._dataset = dataset
        self._terms = terms
        self._graph: tuple[str, ...] = (graph,) if graph else ()
        matching = Matching(dataset, terms, triples or dataset.default_graph, graph)
        self._patterns = Patterns(matching, terms, bindable)
        self._expressions = Expressions(terms, self._patterns.exists)
        self.nesting = Nesting(self._patterns, terms, dataset, self._subquery, self._within)
        self._patterns.expressions = self._expressions
        self._patterns.nesting = self.nesting

    def _within(self, triples: Triples, graph: str | None) -> Nesting:
        bindable = self._patterns.bindable
        return Selection(self._dataset, self._terms, bindable, triples, graph).nesting

    def select(self, select: Select, names: Sequence[str]) -> Solutions:
        """Return a query's solutions. names: of the variables that it selects. Raises Unsuited."""
        self._patterns.bindable = bindable(select)
        return self._selected(select, names, UNIT)

    def of_all(self, select: Select) -> Solutions:
        """Return a query's solutions, with every variable that it selects. Raises Unsuited."""
        return self.select(select, _names(select))

    def is_there(self, select: Select) -> bool:
        """Tell whether a query has a solution. Raises Unsuited."""
        return bool(self.select(select, ()).size)

    def _subquery(self, select: Select, seed: Solutions) -> Solutions:
        """Return a subquery's solutions, joined with a table of what it binds for certain."""
        names = _names(select)
        if self._graph and (select.limit is not None or select.offset):
            raise Unsuited("a LIMIT or an OFFSET in each graph")
        if seed.columns and not _can_be_seeded(select):
            raise OutOfScope("a subquery that is evaluated as a whole")
        return self._selected(select, [*names, *self._graph], seed)

    def _selected(self, select: Select, names: Sequence[str], seed: Solutions) -> Solutions:
        if _any_will_do(select):
            return self._first(select, names)
        table = self._patterns.group(select.where, seed, frozenset(_needed(select, names)))
        return self._modified(self._projected(select, table, names), select, names)

    def _first(self, select: Select, names: Sequence[str]) -> Solutions:
        """Return the first solutions that are found, as many as a SELECT wants."""
        wanted = select.offset + (select.limit or 0)
        found: list[Solutions] = []
        size = 0
        needed = frozenset(_needed(select, names))
        if wanted:
            for piece in self.nesting.pieces(select.where, needed):
                found.append(_only(self._projected(select, piece, names), names))
                if select.distinct:
                    found = [without_repetition(concatenate(found), names)]
                size = sum(table.size for table in found)
                if size >= wanted:
                    break
        if not found:
            found = [_only(Solutions(0, {}), names)]
        return concatenate(found).cut(select.offset, wanted)

    def _projected(self, select: Select, table: Solutions, names: Sequence[str]) -> Solutions:
        """Return the groups of a table and what expressions say of each row (18.2.4)."""
        aggregates: dict[Expression, str] = {}
        select = without_aggregates(with_keys(select), aggregates)
        if aggregates or select.group_by is not None:
            table = self._grouped(table, select.group_by, aggregates)
        for condition in select.having:
            table = table.take(self._expressions.holds(condition, table))
        if select.values:
            if mentioned(select.values) & mentioned(select.where) - table.columns.keys():
                raise Unsuited("VALUES of a variable that grouping hides")
            table = join(table, self._patterns.values(select.values))
        for item in select.items or ():
            table = self._extended(table, item)
        if select.order_by:
            keys = [
                (self._expressions.value(order.expression, table), order.descending)
                for order in select.order_by
            ]
            table = table.take(order(keys, self._terms))
        return table

    def _grouped(
        self,
        table: Solutions,
        keys: tuple[Item, ...] | None,
        aggregates: dict[Expression, str],
    ) -> Solutions:
        for item in keys or ():
            table = self._extended(table, item)
        names = [*(name_of(item) for item in keys or ()), *self._graph]
        found = self._aggregated(table, names, keys is None and not self._graph, aggregates)
        if keys is not None or not self._graph:
            return found
        return self._with_empty_graphs(found, table, aggregates)

    def _aggregated(
        self, table: Solutions, names: list[str], whole: bool, aggregates: dict[Expression, str]
    ) -> Solutions:
        found = groups(table, None if whole else [table.column(name) for name in names])
        rows = table.take(found.first) if names else Solutions(found.count, {})
        columns = {}
        for expression, name in aggregates.items():
            values = None
            if expression.arguments:
                values = self._expressions.value(expression.arguments[0], table)
            columns[name] = aggregate(expression, values, found, self._terms)
        return rows.only(names).with_columns(columns)

    def _with_empty_graphs(
        self, found: Solutions, table: Solutions, aggregates: dict[Expression, str]
    ) -> Solutions:
        """Return aggregates of each graph with those of nothing for the graphs that had nothing."""
        graph = self._graph[0]
        names = self._dataset.named_graphs
        lacking = names[~np.isin(names, found.columns[graph])]
        nothing = self._aggregated(table.cut(0, 0), [], True, aggregates)
        return concatenate([found, join(Solutions(len(lacking), {graph: lacking}), nothing)])

    def _extended(self, table: Solutions, item: Item) -> Solutions:
        """Return a table with what an item says in a column of its name."""
        if isinstance(item.expression.node, Variable) and item.variable in (
            None,
            item.expression.node,
        ):
            return table
        value = self._expressions.value(item.expression, table)
        return table.with_columns({name_of(item): value})

    def _modified(self, table: Solutions, select: Select, names: Sequence[str]) -> Solutions:
        """Apply what comes after the order (15)."""
        table = _only(table, names)
        if select.distinct:
            table = without_repetition(table, names)
        if select.offset or select.limit is not None:
            end = table.size if select.limit is None else select.offset + select.limit
            table = table.cut(select.offset, end)
        return table


def _only(table: Solutions, names: Sequence[str]) -> Solutions:
    return table.with_columns({name: table.column(name) for name in names}).only(names)


def _names(select: Select) -> list[str]:
    if select.items is None:
        return sorted(name for name in mentioned(select.where) if not name.startswith("_:"))
    return [name_of(item) for item in select.items]


def _needed(select: Select, names: Sequence[str]) -> set[str]:
    """Return the variables of a SELECT's pattern that are used outside of it."""
    items = [*(select.items or ()), *(select.group_by or ())]
    ordered = [order.expression for order in select.order_by]
    expressions = [*(item.expression for item in items), *select.having, *ordered]
    values = mentioned(select.values) if select.values else ()
    return set(names).union(*map(of_expression, expressions), values)


def _any_will_do(select: Select) -> bool:
    """Tell whether the first solutions that are found are as good as any."""
    if select.limit is None or select.order_by or select.group_by is not None or select.having:
        return False
    return not any(_aggregates(item.expression) for item in select.items or ())


def _can_be_seeded(select: Select) -> bool:
    """Tell whether a subquery's solutions with some values are those that it has of these alone."""
    return select.limit is None and not select.offset and select.values is None


def _aggregates(expression: Expression) -> bool:
    return expression.operator in NAMES or any(map(_aggregates, expression.arguments))
