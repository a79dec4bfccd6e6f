"""Evaluates a SELECT: its pattern, its groups, its expressions, its order (18.2.4, 18.2.5)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sparql_server.engine.columns.algebra import Expression, Item, Select, Unsuited, Variable
from sparql_server.engine.columns.evaluation.aggregates import NAMES, aggregate, groups
from sparql_server.engine.columns.evaluation.expressions import Expressions
from sparql_server.engine.columns.evaluation.matching import Matching
from sparql_server.engine.columns.evaluation.ordering import order
from sparql_server.engine.columns.evaluation.patterns import Patterns
from sparql_server.engine.columns.evaluation.variables import bindable, mentioned, of_expression
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import Solutions, join, without_repetition
from sparql_server.engine.columns.storage.triples import Columns

_CALL = re.compile(r"(?!IN\b|NOT\b|EXISTS\b)[A-Z][A-Z0-9_]*|<.*>", re.DOTALL)  # operators of calls


class Selection:
    """Evaluates one query, subqueries and all."""

    def __init__(self, columns: Columns, terms: QueryTerms) -> None:
        self._terms = terms
        self._patterns = Patterns(Matching(columns, terms), terms, self.select)
        self._expressions = Expressions(terms, self._patterns.exists)
        self._patterns.expressions = self._expressions

    def select(self, select: Select, names: Sequence[str] | None = None) -> Solutions:
        """Return a SELECT's solutions. names: what ``*`` stands for, where that is known.

        Raises Unsuited.
        """
        if select.reduced:
            raise Unsuited("REDUCED, of which Oxigraph decides what it leaves")
        _check_whole(select)
        if names is None:
            names = _names(select)
        else:
            self._patterns.bindable = bindable(select)
        table = self._patterns.evaluate(select.where, _needed(select, names))
        aggregates: dict[Expression, str] = {}
        select = _without_aggregates(_with_keys(select), aggregates)
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
        return self._modified(table, select, names)

    def _grouped(
        self,
        table: Solutions,
        keys: tuple[Item, ...] | None,
        aggregates: dict[Expression, str],
    ) -> Solutions:
        for item in keys or ():
            table = self._extended(table, item)
        names = [_name(item) for item in keys or ()]
        found = groups(table, None if keys is None else [table.column(name) for name in names])
        rows = table.take(found.first) if keys else Solutions(found.count, {})
        columns = {}
        for expression, name in aggregates.items():
            values = None
            if expression.arguments:
                values = self._expressions.value(expression.arguments[0], table)
            columns[name] = aggregate(expression, values, found, self._terms)
        return rows.only(names).with_columns(columns)

    def _extended(self, table: Solutions, item: Item) -> Solutions:
        """Return a table with what an item says in a column of its name."""
        if isinstance(item.expression.node, Variable) and item.variable in (
            None,
            item.expression.node,
        ):
            return table
        value = self._expressions.value(item.expression, table)
        return table.with_columns({_name(item): value})

    def _modified(self, table: Solutions, select: Select, names: Sequence[str]) -> Solutions:
        """Apply what comes after the pattern, in its order (15)."""
        if select.order_by:
            keys = [
                (self._expressions.value(order.expression, table), order.descending)
                for order in select.order_by
            ]
            table = table.take(order(keys, self._terms))
        table = table.with_columns({name: table.column(name) for name in names}).only(names)
        if select.distinct:
            table = without_repetition(table, names)
        if select.offset or select.limit is not None:
            end = table.size if select.limit is None else select.offset + select.limit
            table = table.cut(select.offset, end)
        return table


def _names(select: Select) -> list[str]:
    if select.items is None:
        return sorted(name for name in mentioned(select.where) if not name.startswith("_:"))
    return [_name(item) for item in select.items]


def _name(item: Item) -> str:
    if item.variable:
        return item.variable.name
    if isinstance(item.expression.node, Variable):
        return item.expression.node.name
    return f"_:{item.expression.text}"


def _needed(select: Select, names: Sequence[str]) -> set[str]:
    """Return the variables of a SELECT's pattern that are used outside of it."""
    items = [*(select.items or ()), *(select.group_by or ())]
    ordered = [order.expression for order in select.order_by]
    expressions = [*(item.expression for item in items), *select.having, *ordered]
    values = mentioned(select.values) if select.values else ()
    return set(names).union(*map(of_expression, expressions), values)


def _check_whole(select: Select) -> None:
    """Raise Unsuited if some rows of many will do: Oxigraph stops when it has found those."""
    some = select.limit is not None or select.offset
    if not some or select.order_by or select.group_by is not None:
        return
    items = [item.expression for item in select.items or ()]
    if not any(map(_aggregates, items)):
        raise Unsuited("a LIMIT or an OFFSET of what can be found in any order")


def _aggregates(expression: Expression) -> bool:
    return expression.operator in NAMES or any(map(_aggregates, expression.arguments))


# Keys


def _with_keys(select: Select) -> Select:
    """Return a SELECT that has variables where it calls again what it is grouped by."""
    calls = [item for item in select.group_by or () if _CALL.fullmatch(item.expression.operator)]
    names = {_meaning(call.expression): _name(call) for call in calls}
    if not names:
        return select
    return replace(
        select,
        items=tuple(
            Item(_keyed(item.expression, names), item.variable) for item in select.items or ()
        ),
        having=tuple(_keyed(condition, names) for condition in select.having),
        order_by=tuple(
            replace(order, expression=_keyed(order.expression, names)) for order in select.order_by
        ),
    )


def _keyed(expression: Expression, names: Mapping[Expression, str]) -> Expression:
    name = names.get(_meaning(expression))
    if name is not None:
        return Expression("variable", text=expression.text, node=Variable(name))
    if expression.operator in NAMES:
        return expression
    return replace(
        expression, arguments=tuple(_keyed(argument, names) for argument in expression.arguments)
    )


def _meaning(expression: Expression) -> Expression:
    """Return what is the same for expressions that are spelt differently."""
    return replace(expression, text="", arguments=tuple(map(_meaning, expression.arguments)))


# Aggregates


def _without_aggregates(select: Select, names: dict[Expression, str]) -> Select:
    """Return a SELECT that has variables where it had aggregates; note which in ``names``."""
    aliases = {item.variable.name for item in select.items or () if item.variable}
    if any(of_expression(condition) & aliases for condition in select.having):
        raise Unsuited("a HAVING that mentions what is selected")
    return replace(
        select,
        items=None if select.items is None else tuple(_item(item, names) for item in select.items),
        having=tuple(_replaced(condition, names) for condition in select.having),
        order_by=tuple(
            replace(order, expression=_replaced(order.expression, names))
            for order in select.order_by
        ),
    )


def _item(item: Item, names: dict[Expression, str]) -> Item:
    return replace(item, expression=_replaced(item.expression, names))


def _replaced(expression: Expression, names: dict[Expression, str]) -> Expression:
    if expression.operator in NAMES:
        name = names.setdefault(expression, f"_:aggregate{len(names)}")
        return Expression("variable", text=expression.text, node=Variable(name))
    if not expression.arguments:
        return expression
    arguments = tuple(_replaced(argument, names) for argument in expression.arguments)
    return replace(expression, arguments=arguments)
