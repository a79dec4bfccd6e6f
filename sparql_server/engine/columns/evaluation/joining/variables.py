"""The variables that a part of a query mentions, and those that it binds for certain (18.2.1)."""

from __future__ import annotations

from collections.abc import Iterable

from sparql_server.engine.columns.algebra import (
    Bind,
    Element,
    Expression,
    Filter,
    Graph,
    Group,
    Minus,
    Optional,
    Select,
    Triple,
    Union,
    Values,
    Variable,
)


def find_variables(expression: Expression) -> frozenset[str]:
    """Return every variable that an expression mentions."""
    if isinstance(expression.node, Variable):
        return frozenset((expression.node.name,))
    inside = _unite(find_variables(argument) for argument in expression.arguments)
    return inside | (find_mentioned(expression.pattern) if expression.pattern else frozenset())


def find_mentioned(element: Element) -> frozenset[str]:
    """Return every variable that a pattern mentions and that can be seen outside of it."""
    if isinstance(element, Triple):
        nodes = (element.subject, element.path, element.object)
        return frozenset(node.name for node in nodes if isinstance(node, Variable))
    if isinstance(element, Filter):
        return find_variables(element.expression)
    if isinstance(element, Bind):
        return find_variables(element.expression) | {element.variable.name}
    if isinstance(element, Values):
        return frozenset(variable.name for variable in element.variables)
    if isinstance(element, Select):
        return _find_selected(element)
    return _unite(find_mentioned(part) for part in _list_within(element)) | _find_name(element)


def _find_name(element: Element) -> frozenset[str]:
    """Return the variable that has the name of a graph."""
    if isinstance(element, Graph) and isinstance(element.name, Variable):
        return frozenset((element.name.name,))
    return frozenset()


def _list_within(element: Optional | Union | Minus | Group | Graph) -> Iterable[Element]:
    if isinstance(element, Group):
        return element.elements
    return element.groups if isinstance(element, Union) else (element.group,)


def _find_selected(select: Select) -> frozenset[str]:
    if select.items is None:
        return find_mentioned(select.where)
    return frozenset(item.variable.name for item in select.items if item.variable)


def find_bound(element: Element) -> frozenset[str]:
    """Return the variables that every solution of a pattern binds."""
    if isinstance(element, Triple):
        return find_mentioned(element)
    if isinstance(element, Values):
        rows = element.rows
        names = enumerate(element.variables)
        return frozenset(name.name for index, name in names if all(row[index] for row in rows))
    if isinstance(element, Group):
        return _unite(find_bound(member) for member in element.elements)
    if isinstance(element, Union):
        first, *others = (find_bound(group) for group in element.groups)
        return first.intersection(*others)
    if isinstance(element, Graph):
        return find_bound(element.group) | _find_name(element)
    if isinstance(element, Select):
        return _find_bound_by_select(element)
    return frozenset()


def _find_bound_by_select(select: Select) -> frozenset[str]:
    """Return the variables that a subquery hands on from what its pattern binds."""
    certain = find_bound(select.where)
    if select.items is None:
        return certain
    handed = [item for item in select.items if item.variable == item.expression.node]
    names = frozenset(item.variable.name for item in handed if item.variable)
    if select.group_by is None:
        return certain & names
    keys = (item.expression.node for item in select.group_by)
    return certain & names & frozenset(key.name for key in keys if isinstance(key, Variable))


def _unite(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)
