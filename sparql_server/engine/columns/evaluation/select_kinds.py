"""Kinds of SELECT: what can be left out, begun with, or handed on at once."""

from __future__ import annotations

from collections.abc import Sequence

from sparql_server.engine.columns.algebra import (
    Expression,
    Group,
    Optional,
    Select,
    Term,
    Triple,
    Variable,
)
from sparql_server.engine.columns.evaluation.aggregation.aggregates import NAMES
from sparql_server.engine.columns.evaluation.aggregation.rewriting import name_item
from sparql_server.engine.columns.evaluation.joining.variables import find_mentioned, find_variables


def list_names(select: Select) -> list[str]:
    """Return the variables that a SELECT has, those of ``*`` in the order of their names."""
    if select.items is None:
        return sorted(name for name in find_mentioned(select.where) if not name.startswith("_:"))
    return [name_item(item) for item in select.items]


def list_needed(select: Select, names: Sequence[str]) -> set[str]:
    """Return the variables of a SELECT's pattern that are used outside of it."""
    items = [*(select.items or ()), *(select.group_by or ())]
    ordered = [order.expression for order in select.order_by]
    expressions = [*(item.expression for item in items), *select.having, *ordered]
    values = find_mentioned(select.values) if select.values else ()
    return set(names).union(*map(find_variables, expressions), values)


def any_will_do(select: Select) -> bool:
    """Tell whether the first solutions that are found are as good as any."""
    if select.limit is None or select.order_by or select.group_by is not None or select.having:
        return False
    return not any(_has_aggregate(item.expression) for item in select.items or ())


def is_grouped(select: Select) -> bool:
    """Tell whether what a pattern finds is grouped or aggregated."""
    expressions = [*select.having, *(order.expression for order in select.order_by)]
    expressions += [item.expression for item in select.items or ()]
    return select.group_by is not None or any(map(_has_aggregate, expressions))


def is_plain(select: Select) -> bool:
    """Tell whether each solution of a pattern is one of the query, and nothing can go wrong."""
    changed = (select.distinct, select.offset, select.having, select.order_by, select.values)
    if any(changed) or select.limit is not None or select.group_by is not None:
        return False
    items = all(item.variable == item.expression.node for item in select.items or ())
    return items and _has_triples_alone(select.where)


def is_whole(select: Select) -> bool:
    """Tell whether solutions depend on each other: on their order, number, or what is the same."""
    ends = (select.distinct, select.offset, select.order_by, select.values)
    return any(ends) or select.limit is not None or is_grouped(select)


def _has_triples_alone(group: Group) -> bool:
    return all(
        _has_triples_alone(element.group)
        if isinstance(element, Optional)
        else isinstance(element, Triple) and isinstance(element.path, (Term, Variable))
        for element in group.elements
    )


def can_be_seeded(select: Select) -> bool:
    """Tell whether a subquery's solutions with some values are those that it has of these alone."""
    return select.limit is None and not select.offset and select.values is None


def _has_aggregate(expression: Expression) -> bool:
    return expression.operator in NAMES or any(map(_has_aggregate, expression.arguments))
