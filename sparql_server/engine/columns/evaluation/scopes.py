"""Scopes: what a part of a group sees of what is around it (SPARQL 1.1 Query, 18.2.2, 18.6)."""

from __future__ import annotations

from collections.abc import Sequence as Several
from typing import NamedTuple

from sparql_server.engine.columns.algebra import (
    Bind,
    Element,
    Expression,
    Filter,
    Group,
    Minus,
    Optional,
    Term,
    Triple,
    Union,
    Unsuited,
    Values,
)
from sparql_server.engine.columns.evaluation.joining.variables import (
    find_bound,
    find_mentioned,
    find_variables,
)
from sparql_server.engine.columns.solutions.solutions import Solutions


class Around(NamedTuple):
    """The surroundings of a group's elements: the table around it, the elements before them."""

    seed: Solutions
    before: Several[Element] = ()


class OutOfScope(Unsuited):
    """A part that stands for itself, and would have to see variables from around it."""


def split_filters(group: Group) -> tuple[list[Expression], list[Element]]:
    """Return a group's filters, and its other elements."""
    filters = [element.expression for element in group.elements if isinstance(element, Filter)]
    return filters, [element for element in group.elements if not isinstance(element, Filter)]


def has_pattern(expression: Expression) -> bool:
    """Tell whether an expression asks whether a pattern has a solution."""
    return expression.pattern is not None or any(map(has_pattern, expression.arguments))


def is_plain_triple(element: Element) -> bool:
    """Tell whether an element is a pattern of one predicate."""
    return isinstance(element, Triple) and isinstance(element.path, Term)


def check_scope(element: Element, before: Several[Element], seed: Solutions) -> None:
    """Raise OutOfScope if an element would see what the table around its group has bound.

    It stands for itself with what is before it in the group, and can be evaluated with the table
    only if that makes no difference.
    """
    certain = frozenset[str]().union(*map(find_bound, before))
    if not find_mentioned(element).intersection(seed.columns) <= certain:
        raise OutOfScope("an element that sees variables from around its group")


def check_plain(group: Group) -> None:
    """Raise Unsuited if what is in an EXISTS might see a row's values where joins don't."""
    for element in group.elements:
        if isinstance(element, Union):
            if not all(map(_sees_its_own, element.groups)):
                raise Unsuited("more than patterns in a UNION in an EXISTS")
        elif not isinstance(element, (Triple, Filter, Values)):
            raise Unsuited("more than patterns and filters in an EXISTS")


def _sees_its_own(group: Group) -> bool:
    """Tell whether a group is patterns, and filters of what these bind."""
    filters, elements = split_filters(group)
    if not all(isinstance(element, Triple) for element in elements):
        return False
    bound = find_bound(group)
    return not any(has_pattern(each) or not find_variables(each) <= bound for each in filters)


def count_leading(elements: Several[Element]) -> int:
    """Return how many elements come before the first that needs a table."""
    for place, element in enumerate(elements):
        if isinstance(element, (Optional, Bind, Minus)):
            return place
    return len(elements)


def drop_needless(group: Group, around: frozenset[str] = frozenset()) -> Group:
    """Return a group that has a solution where this one has, without an OPTIONAL of no matter.

    around: the variables that have values already.
    """
    filters, elements = split_filters(group)
    used = around.union(*map(find_variables, filters))
    kept: list[Element] = []
    for place in reversed(range(len(elements))):
        element = elements[place]
        certain = frozenset[str]().union(*map(find_bound, elements[:place]))
        if isinstance(element, Optional) and used.isdisjoint(find_mentioned(element) - certain):
            continue
        used |= find_mentioned(element)
        kept.insert(0, element)
    return Group((*kept, *map(Filter, filters)))
