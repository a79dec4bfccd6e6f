"""Conditions that no solution meets: FILTER tried on solutions, HAVING over a name of SELECT."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from enum import Enum

import pyoxigraph as ox

from sparql_server.engine.explaining.pattern_parts import Solution
from sparql_server.engine.explaining.pattern_reader import tidy
from sparql_server.engine.explaining.release_data import Node, Reason
from sparql_server.engine.oxigraph.syntax.elements import (
    Brackets,
    Expression,
    Group,
    Query,
    Select,
    Token,
    write_expression,
)
from sparql_server.engine.oxigraph.syntax.scope import find_parts
from sparql_server.engine.prefixes import predefined

_EMPTY = ox.Store()
_SAID = 200  # characters of a condition that is said
_OUTCOME = ox.Variable("outcome__")


class Outcome(Enum):
    """The value of a condition for a solution. UNKNOWN: it can't be told without the data."""

    MET = 1
    UNMET = 2
    ERROR = 3
    UNKNOWN = 4


class Conditions:
    """Evaluates a query's expressions by themselves."""

    def __init__(self, query: Query) -> None:
        self._prologue = query.prologue
        selects = find_parts(query.select, Select)
        items = [item for select in selects for item in select.items or ()]
        self._computed = {item.variable for item in items if item.variable}

    def outcome(self, expression: Expression, solution: Solution) -> Outcome:
        """Tell whether a solution meets a condition."""
        if has_group(expression) or self._computed.intersection(list_variables(expression)):
            return Outcome.UNKNOWN
        text = f"IF({write_expression(expression)}, true, false)"
        names = set(list_variables(expression))
        try:
            value = self._evaluate(text, names, solution)
        except (SyntaxError, ValueError, RuntimeError):
            return Outcome.UNKNOWN
        if value is None:
            return Outcome.ERROR
        return Outcome.MET if str(value).startswith('"true"') else Outcome.UNMET

    def value(self, expression: Expression, solution: Solution) -> Node | None:
        """Return what an expression is for a solution; None: an error, or it can't be told."""
        if has_group(expression):
            return None
        with suppress(SyntaxError, ValueError, RuntimeError):
            return self._evaluate(
                write_expression(expression), set(list_variables(expression)), solution
            )
        return None

    def _evaluate(self, text: str, names: set[str], solution: Solution) -> Node | None:
        known = {name: term for name, term in solution.items() if f"?{name.value}" in names}
        # Not as substitutions: for those, what isn't in a pattern is unbound to BOUND.
        binds = " ".join(f"BIND({_write_value(term)} AS {name})" for name, term in known.items())
        query = f"{self._prologue} SELECT ({text} AS {_OUTCOME}) {{ {binds} }}"
        found = _EMPTY.query(query, prefixes=predefined())
        row = next(found, None) if isinstance(found, ox.QuerySolutions) else None
        value: Node | None = row[_OUTCOME] if row is not None else None
        return value


def _write_value(term: Node) -> str:
    return "BNODE()" if isinstance(term, ox.BlankNode) else str(term)


def has_group(expression: Expression) -> bool:
    """Tell whether there is an EXISTS in an expression."""
    return any(
        isinstance(part, Group) or isinstance(part, Brackets) and has_group(part.parts)
        for part in expression
    )


def find_having_aliases(select: Select) -> Iterator[Reason]:
    """Yield the reasons of HAVING over names that SELECT gives afterwards (18.2.4.1)."""
    named = {
        item.variable: write_expression(item.expression).strip()
        for item in select.items or ()
        if item.variable
    }
    for condition in select.having:
        for name in dict.fromkeys(list_variables(condition)):
            if name in named:
                text = write_expression(condition).strip()
                better = text.replace(name, named[name])
                yield {
                    "kind": "having-alias",
                    "variable": name,
                    "condition": tidy(text)[:_SAID],
                    "nearest": [tidy(f"HAVING {better}")[:_SAID]],
                }


def list_variables(expression: Expression) -> Iterator[str]:
    """Yield the variables of an expression, with their marks, but for those in EXISTS."""
    for part in expression:
        if isinstance(part, Token) and part.kind == "variable":
            yield part.text
        elif isinstance(part, Brackets):
            yield from list_variables(part.parts)
