"""Puts a SELECT in other words: variables in the place of keys and aggregates (18.2.4.1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from sparql_server.engine.columns.algebra import Expression, Item, Select, Variable
from sparql_server.engine.columns.evaluation.aggregation.aggregates import NAMES
from sparql_server.engine.columns.evaluation.joining.variables import find_mentioned

_CALL = re.compile(r"(?!IN\b|NOT\b|EXISTS\b)[A-Z][A-Z0-9_]*|<.*>", re.DOTALL)  # operators of calls

SOLUTION = "a solution"
"""The operator of what COUNT(DISTINCT *) counts: all that can be seen in a solution."""


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
    return _change(select, lambda each: _put_key(each, names)) if names else select


def _change(select: Select, change: Callable[[Expression], Expression]) -> Select:
    """Return a SELECT whose expressions are changed, but for what it is grouped by."""
    items = None
    if select.items is not None:
        items = tuple(replace(item, expression=change(item.expression)) for item in select.items)
    order_by = tuple(
        replace(order, expression=change(order.expression)) for order in select.order_by
    )
    return replace(select, items=items, having=tuple(map(change, select.having)), order_by=order_by)


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


def put_solutions(select: Select) -> Select:
    """Return a SELECT whose COUNT(DISTINCT *) have an argument, with the variables to be seen."""
    every = [item.expression for item in select.items or ()]
    every += [*select.having, *(order.expression for order in select.order_by)]
    if not any(map(_counts_solutions, every)):
        return select
    seen = sorted(name for name in find_mentioned(select.where) if not name.startswith("_:"))
    variables = (Expression("variable", node=Variable(name)) for name in seen)
    solution = Expression(SOLUTION, tuple(variables))
    return _change(select, lambda each: _put_solution(each, solution))


def _counts_solutions(expression: Expression) -> bool:
    if expression.operator == "COUNT" and expression.distinct and not expression.arguments:
        return True
    return any(map(_counts_solutions, expression.arguments))


def _put_solution(expression: Expression, solution: Expression) -> Expression:
    if not _counts_solutions(expression):
        return expression
    arguments = tuple(_put_solution(argument, solution) for argument in expression.arguments)
    return replace(expression, arguments=arguments or (solution,))


def put_aggregates(select: Select, names: dict[Expression, str]) -> Select:
    """Return a SELECT that has variables where it had aggregates; note which in ``names``."""
    return _change(select, lambda each: _put_aggregate(each, names))


def _put_aggregate(expression: Expression, names: dict[Expression, str]) -> Expression:
    if expression.operator in NAMES:
        name = names.setdefault(expression, f"_:aggregate{len(names)}")
        return Expression("variable", text=expression.text, node=Variable(name))
    if not expression.arguments:
        return expression
    arguments = tuple(_put_aggregate(argument, names) for argument in expression.arguments)
    return replace(expression, arguments=arguments)
