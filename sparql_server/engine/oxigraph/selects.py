"""SELECT as the specification has it: what its expressions may use, and in which order (18.2.4)."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

from sparql_server.engine.columns.syntax.tokens import split_tokens
from sparql_server.engine.oxigraph.scope import (
    FreshVariables,
    everything,
    expressions,
    of_kind,
    visible,
)
from sparql_server.engine.oxigraph.syntax import (
    Block,
    Brackets,
    Expression,
    Group,
    Item,
    Part,
    Select,
    Token,
)

AGGREGATES = frozenset(("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"))


def variable(name: str) -> Token:
    """Return a variable as a part of an expression."""
    return Token("variable", name)


def canonical(parts: list[Part]) -> str:
    """Return what is the same for expressions that are spelt differently.

    >>> canonical([Token("LANG", "lang"), Brackets([Token("variable", "?v")])])
    'LANG ( ?v )'
    """
    if len(parts) == 1 and isinstance(parts[0], Brackets):
        return canonical(parts[0].parts)
    return " ".join(map(_canonical, parts))


def _canonical(part: Part) -> str:
    if isinstance(part, Brackets):
        return f"( {' '.join(map(_canonical, part.parts))} )"
    if isinstance(part, Token):
        return part.kind if part.kind.isidentifier() and part.kind.isupper() else part.text
    return str(part)


def is_call(parts: list[Part], at: int, kinds: frozenset[str]) -> bool:
    """Tell whether a call of any of these functions stands at a place."""
    part = parts[at]
    following = parts[at + 1] if at + 1 < len(parts) else None
    return isinstance(part, Token) and part.kind in kinds and isinstance(following, Brackets)


def aggregates(parts: list[Part]) -> list[list[Part]]:
    """Return the aggregates of an expression, each with its arguments."""
    found: list[list[Part]] = []
    for at, part in enumerate(parts):
        if is_call(parts, at, AGGREGATES):
            found.append(parts[at : at + 2])
        elif isinstance(part, Brackets) and not (at and is_call(parts, at - 1, AGGREGATES)):
            found += aggregates(part.parts)
    return found


def is_aggregated(select: Select) -> bool:
    """Tell whether a SELECT groups its solutions."""
    return bool(select.group_by) or any(map(aggregates, expressions(select)))


def replaced(parts: list[Part], new: Callable[[list[Part]], str | None]) -> list[Part]:
    """Return an expression with variables for parts of it.

    new: gives the variable for a call, or what stands in brackets; None: it stays.
    """
    found: list[Part] = []
    at = 0
    while at < len(parts):
        part = parts[at]
        width = (
            2 if isinstance(part, Token) and part.kind != "IN" and _has_brackets(parts, at) else 1
        )
        name = None if width == 1 and isinstance(part, Token) else new(parts[at : at + width])
        if name is not None:
            found.append(variable(name))
        else:
            found += (_replaced_within(part, new) for part in parts[at : at + width])
        at += width
    return found


def _has_brackets(parts: list[Part], at: int) -> bool:
    part = parts[at]
    called = isinstance(part, Token) and (part.kind.isidentifier() or part.kind == "iri")
    return called and at + 1 < len(parts) and isinstance(parts[at + 1], Brackets)


def _replaced_within(part: Part, new: Callable[[list[Part]], str | None]) -> Part:
    return Brackets(replaced(part.parts, new)) if isinstance(part, Brackets) else part


def _is_call(expression: Expression) -> bool:
    """Tell whether an expression is a call, and no operator: only that is grouped by as it is.

    The W3C's test agg08 has ``(?a + ?b)`` refused beside ``GROUP BY (?a + ?b)``.
    """
    if len(expression) == 1 and isinstance(expression[0], Brackets):
        return _is_call(expression[0].parts)
    return len(expression) == 2 and _has_brackets(expression, 0)


class Nesting:
    """A SELECT that aggregates, as one that computes on what a subquery has aggregated.

    of_aggregate: the variables that the subquery gives to aggregates, by their canonical form.
    """

    def __init__(self, select: Select, names: FreshVariables) -> None:
        self._names = names
        self._select = select
        self._items: list[Item] = []
        self.of_aggregate: dict[str, str] = {}
        self._keys: dict[str, str] = {}
        self._group_by = [self._key(deepcopy(item)) for item in select.group_by]

    def _key(self, item: Item) -> Item:
        name = item.name
        if name is None:
            name = item.variable = self._names.new()
        self._items.append(Item([variable(name)]))
        if _is_call(item.expression):
            self._keys[canonical(item.expression)] = name
        return item

    def _as_key(self, parts: list[Part]) -> str | None:
        return self._keys.get(canonical(parts))

    def _as_variable(self, parts: list[Part]) -> str | None:
        key = self._as_key(parts)
        if key or not is_call(parts, 0, AGGREGATES):
            return key
        text = canonical(parts)
        if text not in self.of_aggregate:
            self.of_aggregate[text] = self._names.new()
            self._items.append(Item(parts, self.of_aggregate[text]))
        return self.of_aggregate[text]

    def above(self, expression: Expression) -> Expression:
        """Return an expression as it is above the subquery."""
        key = self._as_key(expression)
        if key:
            return [variable(key)]
        return replaced(deepcopy(expression), self._as_variable)

    def outer(self) -> Select:
        """Return the SELECT around the subquery."""
        select = self._select
        items = [Item(self.above(item.expression), item.variable) for item in select.items or ()]
        order_by = [self.above(order) for order in select.order_by]
        return Select(
            select.form,
            items,
            select.dataset,
            Group([]),
            [],
            [],
            order_by,
            select.cut,
            select.values,
        )

    def inner(self) -> Select:
        """Return the subquery, when all that is above has been asked for."""
        having = [replaced(deepcopy(condition), self._as_key) for condition in self._select.having]
        return Select("SELECT", self._items, "", self._select.where, self._group_by, having)


def nested(select: Select, names: FreshVariables) -> Select:
    """Return a SELECT that aggregates as one around a subquery that does."""
    nesting = Nesting(select, names)
    outer = nesting.outer()
    outer.where = Group([Block("", [Group([nesting.inner()])])])
    return outer


def replace_select(select: Select, other: Select) -> None:
    """Make a SELECT another one, where it stands."""
    for name in Select.__slots__:
        setattr(select, name, getattr(other, name))


def mend(select: Select, names: FreshVariables) -> bool:
    """Nest what uses what stands to the left of it, or is grouped by; tell whether any does."""
    mended = False
    for part in reversed(of_kind(select, Select)):
        if part.items and is_aggregated(part) and _is_mendable(part):
            replace_select(part, nested(part, names))
            mended = True
    return mended


def _is_mendable(select: Select) -> bool:
    """Tell whether all variables in a SELECT have values once it is nested, and some need that."""
    outer = nested(deepcopy(select), FreshVariables(str(select)))
    known = set(visible(outer.where))
    keys = {item.name for item in select.group_by if item.name}
    in_pattern, needed = visible(select.where), False
    for item, above in zip(select.items or (), outer.items or (), strict=True):
        if not variables(above.expression) <= known or item.variable in in_pattern:
            return False
        needed = needed or not variables(_without_aggregates(item.expression)) <= keys
        known.add(above.name or "")
    return needed


def _without_aggregates(expression: Expression) -> Expression:
    def none(parts: list[Part]) -> str | None:
        return "" if is_call(parts, 0, AGGREGATES) else None

    return replaced(deepcopy(expression), none)


def variables(expression: Expression) -> set[str]:
    """Return the variables of an expression, but for those of patterns within it."""
    return {
        part.text
        for inner in everything(expression)
        if isinstance(inner, list)
        for part in inner
        if isinstance(part, Token) and part.kind == "variable" and part.text
    }


def write_out(select: Select, text: str) -> bool:
    """Write out what ``*`` selects, in the order in which variables come in the query's text.

    Tell whether anything was: a query can have no variables, and can be no SELECT.
    """
    if select.items is not None or not select.form.startswith("SELECT"):
        return False
    come = [name.replace("$", "?") for name in split_tokens(text).texts if name[0:1] in ("?", "$")]
    place = {name: at for at, name in reversed(list(enumerate(come)))}
    names = sorted(visible(select), key=lambda name: place.get(name, len(place)))
    select.items = [Item([variable(name)]) for name in names] or None
    return bool(names)


def has_no_variables(select: Select) -> bool:
    """Tell whether a query's solutions have no variables: it is ``SELECT *``, and there are none.

    That can't be written out.
    """
    return select.items is None and select.form.startswith("SELECT")


def expand_stars(select: Select, names: FreshVariables) -> None:
    """Write out what ``*`` stands for: variables that aren't in the query are none of it.

    Where there are none in the query, it is one without a value.
    """
    for part in reversed(of_kind(select, Select)):
        if part.items is None and part.form.startswith("SELECT"):
            part.items = [Item([variable(name)]) for name in visible(part) or [names.new()]]
        elif part.form == "DESCRIBE *":
            part.form = f"DESCRIBE {' '.join(visible(part) or [names.new()])}"


def count_solutions(select: Select) -> None:
    """Have a query's solutions counted instead."""
    inner = deepcopy(select)
    inner.dataset = ""
    count = Item([Token("COUNT", "COUNT"), Brackets([Token("*", "*")])], "?count")
    replace_select(select, Select("SELECT", [count], select.dataset, Group([inner])))


def rewrite_counts(select: Select, names: FreshVariables) -> bool:
    """Have COUNT(DISTINCT *) count solutions without what can't be seen in them."""
    counting = [
        part for part in of_kind(select, Select) if any(map(_counts_solutions, expressions(part)))
    ]
    for part in reversed(counting):
        seen = visible(part.where) or [names.new()]
        items = [Item([variable(name)]) for name in seen]
        part.where = Group([Select("SELECT", items, "", part.where)])
    return bool(counting)


def _counts_solutions(expression: Expression) -> bool:
    return any(canonical(call) == "COUNT ( DISTINCT * )" for call in aggregates(expression))
