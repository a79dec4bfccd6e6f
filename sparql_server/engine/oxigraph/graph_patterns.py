"""``GRAPH ?g`` as the specification has it: a pattern of each named graph by itself (13.3, 18.6).

Oxigraph matches all graphs at once and has ``?g`` for one more place of every triple. So ``?g``
has no value where there is no triple, is forgotten where a subquery doesn't select it, and is what
MINUS takes for shared.
"""

from __future__ import annotations

from sparql_server.engine.oxigraph.differences import replace_difference
from sparql_server.engine.oxigraph.nested_selects import Nesting, replace_select
from sparql_server.engine.oxigraph.syntax.calls import is_aggregated, make_variable
from sparql_server.engine.oxigraph.syntax.elements import (
    Bind,
    Block,
    Brackets,
    Element,
    Expression,
    Filter,
    Group,
    Item,
    Select,
    Token,
    Triples,
    Values,
)
from sparql_server.engine.oxigraph.syntax.parser import rename_variables
from sparql_server.engine.oxigraph.syntax.scope import (
    FreshVariables,
    find_parts,
    list_visible,
)

_OF_NOTHING = {"COUNT": "0", "SUM": "0", "AVG": "0", "GROUP_CONCAT": '""'}
"""Values of aggregates where there is nothing to aggregate (18.5.1); the others are an error."""


def rewrite(select: Select, names: FreshVariables) -> bool:
    """Put what stands in ``GRAPH ?g`` in other words; tell whether there was anything to put."""
    blocks = [block for block in find_parts(select, Block) if block.word == "GRAPH"]
    changed = False
    for block in blocks:
        if block.target[0] == "?":
            changed = _Graph(block.target, names).rewrite(block.groups[0]) or changed
    return changed


def rewrite_named(select: Select, names: FreshVariables) -> bool:
    """Have ``GRAPH <g>`` empty where there is no such graph; tell whether anything was to be put.

    VALUES and subqueries have solutions of their own, and another GRAPH has its graph's.
    """
    changed = False
    for block in [block for block in find_parts(select, Block) if block.word == "GRAPH"]:
        within = block.groups[0]
        if block.target[0] != "?" and _has_own_solutions(within):
            within.elements.insert(0, Block("GRAPH", [Group([])], block.target))
            changed = True
    return changed


def _has_own_solutions(group: Group) -> bool:
    """Tell whether there is something in a group that has solutions without any triple."""
    if any(find_parts(group, Values)) or any(find_parts(group, Select)):
        return True
    return any(block.word == "GRAPH" for block in find_parts(group, Block))


class _Graph:
    """One ``GRAPH ?g``. name: the variable, with its mark."""

    def __init__(self, name: str, names: FreshVariables) -> None:
        self._name = name
        self._names = names

    def rewrite(self, group: Group) -> bool:
        """Put a group in other words."""
        minuses = [
            element
            for element in group.elements
            if isinstance(element, Block) and element.word == "MINUS"
        ]
        changed = any([self._rewrite_within(element) for element in group.elements])
        changed = any([self._rewrite_minus(group, minus) for minus in minuses]) or changed
        changed = (
            any([self._replace(group, element) for element in list(group.elements)]) or changed
        )
        if any(map(self._needs_name, group.elements)):
            group.elements.insert(0, self._name_graphs())
            changed = True
        return changed

    def _replace(self, group: Group, element: Element) -> bool:
        if not isinstance(element, Select):
            return False
        at = next(place for place, member in enumerate(group.elements) if member is element)
        group.elements[at : at + 1] = self._rewrite_subquery(element)
        return True

    def _name_graphs(self) -> Block:
        """Return what has the names of all graphs."""
        return Block("GRAPH", [Group([])], self._name)

    def _needs_name(self, element: Element) -> bool:
        if isinstance(element, Values):
            return True
        return isinstance(element, Block) and (
            element.word == "SERVICE" or element.word == "GRAPH" and element.target != self._name
        )

    def _rewrite_within(self, element: Element) -> bool:
        if isinstance(element, (Filter, Bind)):
            inner = [
                part
                for parts in find_parts(element.expression, list)
                for part in parts
                if isinstance(part, Group)
            ]
        elif isinstance(element, Block) and element.word not in ("GRAPH", "SERVICE"):
            inner = element.groups
        else:
            inner = []
        return any([self.rewrite(group) for group in inner])

    # MINUS

    def _rewrite_minus(self, group: Group, minus: Block) -> bool:
        """Have MINUS compare what its sides share, which the graph's name is none of (8.3)."""
        at = next(place for place, member in enumerate(group.elements) if member is minus)
        return replace_difference(group, at, self._names)

    # Subqueries

    def _rewrite_subquery(self, select: Select) -> list[Element]:
        """Return a subquery that knows which graph it is about."""
        if select.items is None:
            select.items = [Item([make_variable(name)]) for name in list_visible(select)]
        if self._name not in list_visible(select) and self._name in str(select):
            new = {self._name: self._names.new()}
            replace_select(select, _rename_select(select, new))
        if is_aggregated(select) and not select.group_by:
            self._rewrite_aggregate(select)
        else:
            self._rewrite_select(select)
        if not select.cut:
            return [select]
        return [self._name_graphs(), Block("LATERAL", [Group([select])])]

    def _rewrite_select(self, select: Select) -> None:
        self.rewrite(select.where)
        name = Item([make_variable(self._name)])
        if self._name not in list_visible(select):
            select.items = [*(select.items or ()), name]
        if select.group_by and self._name not in [item.name for item in select.group_by]:
            select.group_by.append(name)
        if not any(isinstance(element, Triples) for element in select.where.elements):
            select.where = Group([self._name_graphs(), Block("", [select.where])])

    def _rewrite_aggregate(self, select: Select) -> None:
        """Have a graph without solutions aggregated, too."""
        nesting = Nesting(select, self._names)
        outer = nesting.make_outer()
        having = [Filter([Brackets(nesting.lift(condition))]) for condition in select.having]
        select.having = []
        inner = nesting.make_inner()
        count = self._names.new()
        name = Item([make_variable(self._name)])
        inner.items = [*(inner.items or ()), Item([Token("", "COUNT(*)")], count)]
        self._rewrite_select(inner)
        inner.group_by = [name]
        found = [Block("OPTIONAL", [Group([inner])])]
        defaults = [
            self._bind_default(text, own, count) for text, own in nesting.of_aggregate.items()
        ]
        new = {
            own: bind.variable
            for own, bind in zip(nesting.of_aggregate.values(), defaults, strict=True)
        }
        outer.where = Group([self._name_graphs(), *found, *defaults, *having])
        outer.items = [*(outer.items or ()), name]
        for expression in (
            *(item.expression for item in outer.items),
            *outer.order_by,
            *(condition.expression for condition in having),
        ):
            _rename(expression, new)
        replace_select(select, outer)

    def _bind_default(self, text: str, own: str, count: str) -> Bind:
        default = _OF_NOTHING.get(text.partition(" ")[0])
        parts: Expression = [Token("", f"IF(BOUND({count}), {own}, {default})" if default else own)]
        return Bind(parts, self._names.new())


def _rename(expression: Expression, new: dict[str, str]) -> None:
    for parts in find_parts(expression, list):
        for at, part in enumerate(parts):
            if isinstance(part, Token) and part.text in new:
                parts[at] = make_variable(new[part.text])


def _rename_select(select: Select, new: dict[str, str]) -> Select:
    """Return a copy of a subquery that has other variables for some."""
    group = rename_variables(Group([select]), new)
    (found,) = group.elements
    assert isinstance(found, Select)
    return found
