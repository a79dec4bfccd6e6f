"""Conditions that no solution meets: FILTER tried on solutions, HAVING over a name of SELECT."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import pyoxigraph as ox

from sparql_server.engine.explaining.search import Solution
from sparql_server.engine.oxigraph.syntax.elements import (
    Brackets,
    Expression,
    Query,
    Select,
    Token,
    write_expression,
)
from sparql_server.engine.prefixes import predefined

_EMPTY = ox.Store()
_SAID = 200  # characters of a condition that is said
_FILTERS = 10  # conditions that are tried

Reason = dict[str, Any]


def find_having_aliases(select: Select) -> Iterator[Reason]:
    """Yield the reasons of HAVING over names that SELECT gives afterwards (18.2.4.1)."""
    named = {
        item.variable: write_expression(item.expression).strip()
        for item in select.items or ()
        if item.variable
    }
    for condition in select.having:
        for name in dict.fromkeys(_list_variables(condition)):
            if name in named:
                text = write_expression(condition).strip()
                better = text.replace(name, named[name])
                yield {
                    "kind": "having-alias",
                    "variable": name,
                    "condition": write_readable(text)[:_SAID],
                    "nearest": [write_readable(f"HAVING {better}")[:_SAID]],
                }


def _list_variables(expression: Expression) -> Iterator[str]:
    for part in expression:
        if isinstance(part, Token) and part.kind == "variable":
            yield part.text
        elif isinstance(part, Brackets):
            yield from _list_variables(part.parts)


def write_readable(text: str) -> str:
    """Return a condition without the spaces that its reader has put in it."""
    if '"' in text or "'" in text:
        return text
    return re.sub(r"\s+([),])", r"\1", re.sub(r"\(\s+", "(", text))


def find_refusing(
    query: Query, filters: Sequence[str], tried: Sequence[Solution]
) -> Iterator[Reason]:
    """Yield the conditions that none of some solutions meets, each tried by itself."""
    if not tried:
        return
    names = sorted({name.value for solution in tried for name in solution})
    rows = " ".join(
        f"({' '.join(_write_value(solution, name) for name in names)})" for solution in tried
    )
    values = f"VALUES ({' '.join(f'?{name}' for name in names)}) {{ {rows} }}"
    for condition in filters[:_FILTERS]:
        passed = _ask(query, f"{values} FILTER {condition}")
        if passed is not False:
            continue
        errors = _ask(query, f"{values} BIND({condition} AS ?outcome__) FILTER(BOUND(?outcome__))")
        kind = "condition-error" if errors is False else "condition"
        yield {"kind": kind, "condition": write_readable(condition)[:_SAID], "tried": len(tried)}


def _write_value(solution: Solution, name: str) -> str:
    """Return a value as VALUES has it; blank nodes, which it hasn't, are left out."""
    value = solution.get(ox.Variable(name))
    return str(value) if isinstance(value, (ox.NamedNode, ox.Literal)) else "UNDEF"


def _ask(query: Query, pattern: str) -> bool | None:
    try:
        found = _EMPTY.query(f"{query.prologue} ASK {{ {pattern} }}", prefixes=predefined())
    except (SyntaxError, ValueError, RuntimeError):
        return None
    return bool(found)
