"""Answers a query from columns: what the rest of the engine needs of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparql_server.engine.columns.aggregates import NAMES
from sparql_server.engine.columns.algebra import Expression, Select, Unsuited
from sparql_server.engine.columns.query_terms import QueryTerms
from sparql_server.engine.columns.selection import Selection
from sparql_server.engine.columns.solutions import Solutions
from sparql_server.engine.columns.syntax import read
from sparql_server.engine.columns.triples import Columns


@dataclass(frozen=True, slots=True)
class Found:
    """A query's result. names: the variables that are selected, in their order."""

    names: tuple[str, ...]
    solutions: Solutions
    terms: QueryTerms


def answer(
    columns: Columns,
    query: str,
    names: Sequence[str],
    prefixes: Mapping[str, str],
    base: str | None = None,
) -> Found:
    """Evaluate a SELECT query that is known to be well-formed, on the union of all graphs.

    names: the variables that it selects. prefixes: known without declaration. Raises Unsuited
    where Oxigraph should evaluate it.
    """
    try:
        select = read(query, prefixes, base)
        _check_whole(select)
        terms = QueryTerms(columns.terms)
        solutions = Selection(columns, terms).select(select, names)
    except (RecursionError, MemoryError) as error:
        raise Unsuited(type(error).__name__) from error
    return Found(tuple(names), solutions, terms)


def _check_whole(select: Select) -> None:
    """Raise Unsuited if some rows of many will do: Oxigraph stops when it has found those."""
    if select.limit is None or select.order_by or select.group_by is not None:
        return
    items = [item.expression for item in select.items or ()]
    if not any(map(_aggregates, items)):
        raise Unsuited("a LIMIT of what can be found in any order")


def _aggregates(expression: Expression) -> bool:
    return expression.operator in NAMES or any(map(_aggregates, expression.arguments))
