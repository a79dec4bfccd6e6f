"""Groups by themselves, as the specification evaluates them (SPARQL 1.1 Query, 18.2.2, 18.6).

Oxigraph evaluates a group with the values that variables have outside it. It keeps them from what
they would make a difference to, but not from the patterns of EXISTS, nor, where what is joined
with OPTIONAL binds a variable, from what is optional within OPTIONAL.
"""

from __future__ import annotations

from sparql_server.engine.columns.syntax.tokens import split_tokens
from sparql_server.engine.oxigraph.syntax.elements import (
    Bind,
    Block,
    Brackets,
    Element,
    Expression,
    Filter,
    Group,
    Select,
    Token,
)
from sparql_server.engine.oxigraph.syntax.parser import rename_variables
from sparql_server.engine.oxigraph.syntax.scope import (
    FreshVariables,
    find_certain,
    find_parts,
    list_expressions,
    list_visible,
)

Names = frozenset[str]


def rewrite(select: Select, names: FreshVariables) -> bool:
    """Give variables other names where they aren't those outside; tell whether any is one.

    In each group, ``known`` are the variables that have values from outside by the specification:
    those of a solution that EXISTS is about, and the name of the graph. ``outer`` are those that
    Oxigraph may have values for.
    """
    return _Scopes(names).rewrite_select(select, frozenset(), frozenset())


class _Scopes:
    """The groups of one query, each with the variables that have values in it."""

    def __init__(self, names: FreshVariables) -> None:
        self._names = names

    def rewrite_select(self, select: Select, known: Names, outer: Names) -> bool:
        """Take a SELECT: of what is outside, it sees what it selects."""
        outer &= list_visible(select).keys()
        within = list_visible(select.where).keys()
        scope = known | within | list_visible(select).keys()
        changed = self._rewrite_group(select.where, known, outer)
        return any(
            [
                changed,
                *(
                    self._rewrite_expression(expression, scope, outer)
                    for expression in list_expressions(select)
                ),
            ]
        )

    def _rewrite_group(
        self, group: Group, known: Names, outer: Names, beside: Names = frozenset()
    ) -> bool:
        """Take a group. beside: what filters of OPTIONAL see beside it (18.2.2.6)."""
        within = outer | list_visible(group).keys()
        scope = known | list_visible(group).keys() | beside
        before: Names = frozenset()
        changed = False
        for at, element in enumerate(group.elements):
            if isinstance(element, Block) and element.word == "OPTIONAL":
                others = outer | list_visible(Group(group.elements[at + 1 :])).keys()
                always = frozenset(find_certain(Group(group.elements[:at])))
                changed = self._rewrite_optional(element, (always & others) - known) or changed
            if isinstance(element, Filter):
                changed = self._rewrite_expression(element.expression, scope, outer) or changed
            else:
                changed = self._rewrite_element(element, known, before, within) or changed
            before |= list_visible(element).keys()
        return changed

    def _rewrite_optional(self, block: Block, names: Names) -> bool:
        """Have what is optional bind names of its own for those that it may not bind.

        names: those that have a value before, and that Oxigraph may have for it from elsewhere.
        Filters see that value.
        """
        (group,) = block.groups
        if not _makes_a_difference(group):
            return False
        new = {
            name: self._names.new()
            for name in sorted((names & list_visible(group).keys()) - find_certain(group))
        }
        if not new:
            return False
        filters = [element for element in group.elements if isinstance(element, Filter)]
        others: list[Element] = [
            element for element in group.elements if not isinstance(element, Filter)
        ]
        tests = " && ".join(
            f"(!BOUND({own}) || SAMETERM({own}, {name}))" for name, own in new.items()
        )
        same = Filter([Token("", f"({tests})")])
        block.groups[0] = Group([*rename_variables(Group(others), new).elements, *filters, same])
        return True

    def _rewrite_element(self, element: Element, known: Names, before: Names, outer: Names) -> bool:
        if isinstance(element, Bind):
            return self._rewrite_expression(element.expression, known | before, outer)
        if isinstance(element, Select):
            return self.rewrite_select(element, known, outer)
        if not isinstance(element, Block) or element.word == "SERVICE":
            return False
        beside = before if element.word == "OPTIONAL" else frozenset()
        if element.word == "LATERAL":
            known |= before
        elif element.target[:1] == "?":
            known |= {element.target}
        return any([self._rewrite_group(group, known, outer, beside) for group in element.groups])

    def _rewrite_expression(self, expression: Expression, scope: Names, outer: Names) -> bool:
        changed = False
        for at, part in enumerate(expression):
            if isinstance(part, Brackets):
                changed = self._rewrite_expression(part.parts, scope, outer) or changed
            elif isinstance(part, Group):
                unseen = (outer - scope).intersection(split_tokens(str(part)).texts)
                new = {name: self._names.new() for name in sorted(unseen)}
                expression[at] = pattern = rename_variables(part, new) if new else part
                changed = self._rewrite_group(pattern, scope, outer | scope) or bool(new) or changed
        return changed


def _makes_a_difference(group: Group) -> bool:
    """Tell whether fewer values of a variable can make more solutions of a group."""
    blocks = (block.word for block in find_parts(group, Block))
    return bool(find_parts(group, Select)) or not {"OPTIONAL", "MINUS"}.isdisjoint(blocks)
