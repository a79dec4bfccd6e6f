"""Answers a query from columns: what the rest of the engine needs of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sparql_server.engine.columns.algebra import Select, Unsuited
from sparql_server.engine.columns.evaluation.selection import Selection
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import Solutions
from sparql_server.engine.columns.storage.triples import Columns
from sparql_server.engine.columns.syntax.query_syntax import read


@dataclass(frozen=True, slots=True)
class Found:
    """A query's result. names: the variables that are selected, in their order."""

    names: tuple[str, ...]
    solutions: Solutions
    terms: QueryTerms


def prepare(query: str, prefixes: Mapping[str, str], base: str | None = None) -> Select:
    """Read a SELECT query that is known to be well-formed. Raises Unsuited.

    prefixes: known without declaration.
    """
    try:
        return read(query, prefixes, base)
    except RecursionError as error:
        raise Unsuited("too deep a query") from error


def answer(columns: Columns, select: Select, names: Sequence[str]) -> Found:
    """Evaluate a query on the union of all graphs. names: the variables that it selects.

    Raises Unsuited where Oxigraph should evaluate it.
    """
    terms = QueryTerms(columns.terms)
    try:
        solutions = Selection(columns, terms).select(select, names)
    except (RecursionError, MemoryError) as error:
        raise Unsuited(type(error).__name__) from error
    return Found(tuple(names), solutions, terms)
