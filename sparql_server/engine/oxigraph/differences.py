"""MINUS as the specification has it: a difference of solutions by what both sides bind (8.3, 18.5).

Oxigraph evaluates what stands to the right of a join with each solution from the left of it, and a
MINUS in there takes the values of that solution for shared.
"""

from __future__ import annotations

import re

from sparql_server.engine.oxigraph.syntax.elements import (
    Bind,
    Block,
    Element,
    Filter,
    Group,
    Select,
    Token,
)
from sparql_server.engine.oxigraph.syntax.parser import rename_variables
from sparql_server.engine.oxigraph.syntax.scope import FreshVariables, find_certain, list_visible
from sparql_server.sparql.lexer import VARIABLE

_NAME = re.compile(rf"[?$]([{VARIABLE}]+)")


def rewrite(select: Select, names: FreshVariables) -> bool:
    """Put each MINUS in other words that could see what is outside; tell whether there was any."""
    return _Differences(select, names).take(select.where, False)


class _Differences:
    """The MINUS of a query, those in EXISTS left out: what is substituted there isn't said."""

    def __init__(self, select: Select, names: FreshVariables) -> None:
        self._select = select
        self._names = names

    def take(self, group: Group, nested: bool) -> bool:
        """Put what is in a group in other words. nested: whether it can be joined as a whole."""
        changed = False
        for element in list(group.elements):
            changed = self._within(element, nested) or changed
            if _is_minus(element):
                at = next(i for i, member in enumerate(group.elements) if member is element)
                if nested or any(map(_can_be_joined, group.elements[at + 1 :])):
                    changed = self._mend(group, at) or changed
        return changed

    def _within(self, element: Element, nested: bool) -> bool:
        if isinstance(element, Select):
            return self.take(element.where, True)
        if not isinstance(element, Block) or element.word == "SERVICE":
            return False
        alone = element.word == "GRAPH" and not nested
        return any([self.take(group, not alone) for group in element.groups])

    def _mend(self, group: Group, at: int) -> bool:
        minus = group.elements[at]
        assert isinstance(minus, Block)
        changed = replace_difference(group, at, self._names)
        if not any(member is minus for member in group.elements):
            return changed
        return self._rename(group.elements[:at], minus) or changed

    def _rename(self, before: list[Element], minus: Block) -> bool:
        """Have what the left side doesn't bind no name that something outside has."""
        within = _count_names(str(minus))
        everywhere = _count_names(str(self._select))
        shared = list_visible(Group(before))
        new = {
            f"?{name}": self._names.new()
            for name, times in within.items()
            if f"?{name}" not in shared and everywhere.get(name, 0) > times
        }
        if new:
            minus.groups[0] = rename_variables(minus.groups[0], new)
        return bool(new)


def _is_minus(element: Element) -> bool:
    return isinstance(element, Block) and element.word == "MINUS"


def _can_be_joined(element: Element) -> bool:
    if isinstance(element, (Filter, Bind)):
        return False
    return not (isinstance(element, Block) and element.word in ("MINUS", "OPTIONAL"))


def _count_names(text: str) -> dict[str, int]:
    found = _NAME.findall(text)
    return {name: found.count(name) for name in dict.fromkeys(found)}


def replace_difference(group: Group, at: int, names: FreshVariables) -> bool:
    """Put a MINUS in other words whose sides share nothing, or what one may lack."""
    minus = group.elements[at]
    assert isinstance(minus, Block)
    before = Group(group.elements[:at])
    shared = [name for name in list_visible(before) if name in list_visible(minus.groups[0])]
    if find_certain(before) & find_certain(minus.groups[0]):
        return False
    if not shared:
        del group.elements[at]
        return True
    filters = [element for element in before.elements if isinstance(element, Filter)]
    others = [element for element in before.elements if not isinstance(element, Filter)]
    kept = Group([*others, _make_filter(minus.groups[0], shared, names)])
    group.elements[: at + 1] = [*filters, Block("", [kept])]
    return True


def _make_filter(group: Group, shared: list[str], names: FreshVariables) -> Filter:
    """Return MINUS as a filter: no solution has some of these in common, and none otherwise."""
    new = {name: names.new() for name in shared}
    other = rename_variables(group, new)
    pairs = new.items()
    agree = [f"(!BOUND({a}) || !BOUND({b}) || SAMETERM({a}, {b}))" for a, b in pairs]
    some = " || ".join(f"(BOUND({a}) && BOUND({b}))" for a, b in pairs)
    text = f"({' && '.join([*agree, f'({some})'])})"
    other = Group([Block("", [other]), Filter([Token("", text)])])
    return Filter([Token("", "NOT EXISTS"), other])
