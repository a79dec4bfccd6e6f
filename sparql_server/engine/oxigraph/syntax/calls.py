"""Calls and aggregates in expressions, and expressions with variables for parts of them."""

from __future__ import annotations

from collections.abc import Callable

from sparql_server.engine.oxigraph.syntax.elements import (
    Brackets,
    Expression,
    Part,
    Select,
    Token,
)
from sparql_server.engine.oxigraph.syntax.scope import list_expressions, walk

AGGREGATES = frozenset(("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"))


def make_variable(name: str) -> Token:
    """Return a variable as a part of an expression."""
    return Token("variable", name)


def canonicalize(parts: list[Part]) -> str:
    """Return what is the same for expressions that are spelt differently.

    >>> canonicalize([Token("LANG", "lang"), Brackets([Token("variable", "?v")])])
    'LANG ( ?v )'
    """
    if len(parts) == 1 and isinstance(parts[0], Brackets):
        return canonicalize(parts[0].parts)
    return " ".join(map(_canonicalize, parts))


def _canonicalize(part: Part) -> str:
    if isinstance(part, Brackets):
        return f"( {' '.join(map(_canonicalize, part.parts))} )"
    if isinstance(part, Token):
        return part.kind if part.kind.isidentifier() and part.kind.isupper() else part.text
    return str(part)


def is_call(parts: list[Part], at: int, kinds: frozenset[str]) -> bool:
    """Tell whether a call of any of these functions stands at a place."""
    part = parts[at]
    following = parts[at + 1] if at + 1 < len(parts) else None
    return isinstance(part, Token) and part.kind in kinds and isinstance(following, Brackets)


def list_aggregates(parts: list[Part]) -> list[list[Part]]:
    """Return the aggregates of an expression, each with its arguments."""
    found: list[list[Part]] = []
    for at, part in enumerate(parts):
        if is_call(parts, at, AGGREGATES):
            found.append(parts[at : at + 2])
        elif isinstance(part, Brackets) and not (at and is_call(parts, at - 1, AGGREGATES)):
            found += list_aggregates(part.parts)
    return found


def is_aggregated(select: Select) -> bool:
    """Tell whether a SELECT groups its solutions."""
    return bool(select.group_by) or any(map(list_aggregates, list_expressions(select)))


def replace_parts(parts: list[Part], new: Callable[[list[Part]], str | None]) -> list[Part]:
    """Return an expression with variables for parts of it.

    new: gives the variable for a call, or what stands in brackets; None: it stays.
    """
    found: list[Part] = []
    at = 0
    while at < len(parts):
        part = parts[at]
        width = (
            2 if isinstance(part, Token) and part.kind != "IN" and has_brackets(parts, at) else 1
        )
        name = None if width == 1 and isinstance(part, Token) else new(parts[at : at + width])
        if name is not None:
            found.append(make_variable(name))
        else:
            found += (_replace_within(part, new) for part in parts[at : at + width])
        at += width
    return found


def has_brackets(parts: list[Part], at: int) -> bool:
    """Tell whether a function's name stands at a place, and its arguments after it."""
    part = parts[at]
    called = isinstance(part, Token) and (part.kind.isidentifier() or part.kind == "iri")
    return called and at + 1 < len(parts) and isinstance(parts[at + 1], Brackets)


def _replace_within(part: Part, new: Callable[[list[Part]], str | None]) -> Part:
    return Brackets(replace_parts(part.parts, new)) if isinstance(part, Brackets) else part


def list_variables(expression: Expression) -> set[str]:
    """Return the variables of an expression, but for those of patterns within it."""
    return {
        part.text
        for inner in walk(expression)
        if isinstance(inner, list)
        for part in inner
        if isinstance(part, Token) and part.kind == "variable" and part.text
    }
