"""Puts a SELECT in other words: variables in the place of keys and aggregates (18.2.4.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from sparql_server.engine.columns.algebra import Expression, Item, Select, Unsuited, Variable
from sparql_server.engine.columns.evaluation.aggregation.aggregates import NAMES
from sparql_server.engine.columns.evaluation.joining.variables import find_variables

_CALL = re.compile(r"(?!IN\b|NOT\b|EXISTS\b)[A-Z][A-Z0-9_]*|<.*>", re.DOTALL)  # operators of calls


def name_item(item: Item) -> str:
    """Return the variable of an item, or one of its own."""
    if item.variable:
        return item.variable.name
    if isinstance(item.expression.node, Variable):
        return item.expression.node.name
    return f"_:{item.expression.text}"


# Keys


def put_keys(select: Select) -> Select:
    """Return a SELECT that has variables where it calls again what it is grouped by."""
    calls = [item for item in select.group_by or () if _CALL.fullmatch(item.expression.operator)]
    names = {_strip_spelling(call.expression): name_item(call) for call in calls}
    if not names:
        return select
    return replace(
        select,
        items=tuple(
            Item(_put_key(item.expression, names), item.variable) for item in select.items or ()
        ),
        having=tuple(_put_key(condition, names) for condition in select.having),
        order_by=tuple(
            replace(order, expression=_put_key(order.expression, names))
            for order in select.order_by
        ),
    )


def _put_key(expression: Expression, names: Mapping[Expression, str]) -> Expression:
    name = names.get(_strip_spelling(expression))
    if name is not None:
        return Expression("variable", text=expression.text, node=Variable(name))
    if expression.operator in NAMES:
        return expression
    return replace(
        expression, arguments=tuple(_put_key(argument, names) for argument in expression.arguments)
    )


def _strip_spelling(expression: Expression) -> Expression:
    """Return what is the same for expressions that are spelt differently."""
    return replace(expression, text="", arguments=tuple(map(_strip_spelling, expression.arguments)))


# Aggregates


def put_aggregates(select: Select, names: dict[Expression, str]) -> Select:
    """Return a SELECT that has variables where it had aggregates; note which in ``names``."""
    aliases = {item.variable.name for item in select.items or () if item.variable}
    if any(find_variables(condition) & aliases for condition in select.having):
        raise Unsuited("a HAVING that mentions what is selected")
    return replace(
        select,
        items=None
        if select.items is None
        else tuple(_put_in_item(item, names) for item in select.items),
        having=tuple(_put_aggregate(condition, names) for condition in select.having),
        order_by=tuple(
            replace(order, expression=_put_aggregate(order.expression, names))
            for order in select.order_by
        ),
    )


def _put_in_item(item: Item, names: dict[Expression, str]) -> Item:
    return replace(item, expression=_put_aggregate(item.expression, names))


def _put_aggregate(expression: Expression, names: dict[Expression, str]) -> Expression:
    if expression.operator in NAMES:
        name = names.setdefault(expression, f"_:aggregate{len(names)}")
        return Expression("variable", text=expression.text, node=Variable(name))
    if not expression.arguments:
        return expression
    arguments = tuple(_put_aggregate(argument, names) for argument in expression.arguments)
    return replace(expression, arguments=arguments)
