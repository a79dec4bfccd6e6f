"""Columns, asked before Oxigraph: whether they answer a query, and with what.

Nothing of columns is imported before there are any: numpy takes its time, and processes without
them do without.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING

from sparql_server.engine.prefixes import predefined
from sparql_server.engine.serialization import Found

if TYPE_CHECKING:
    from sparql_server.engine.columns.algebra import Select
    from sparql_server.engine.columns.storage.triples import Columns

_REMEMBERED = 10_000  # characters of a query that is remembered with what it says

Selected = Callable[[str, str | None], tuple[str, ...] | None]
"""Tells which variables a query with a base selects; None for one that isn't a SELECT."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A query as columns take it. names: of the variables that it selects."""

    select: Select
    names: tuple[str, ...]


def get_ready() -> None:
    """Import what answers queries, so that processes forked from this one needn't."""
    names = ("columns.results.answering", "columns.results.serialization", "explaining.explanation")
    for name in names:
        import_module(f"sparql_server.engine.{name}")


def ask_columns(columns: Columns, query: str, base: str | None, selected: Selected) -> Found | None:
    """Return what columns find; None where Oxigraph has to be asked.

    Raises what ``selected`` does: it is asked whether the query is well-formed, too, before
    anything is evaluated.
    """
    from sparql_server.engine.columns.algebra import Unsuited
    from sparql_server.engine.columns.results.answering import answer
    from sparql_server.engine.columns.results.serialization import serialize

    prepare = _prepared if len(query) <= _REMEMBERED else _prepared.__wrapped__
    with suppress(Unsuited):
        prepared = prepare(query, base, selected)
        if prepared:
            result = answer(columns, prepared.select, prepared.names)
            return Found(lambda name, writer, most: serialize(result, name, writer, most))
    return None


@lru_cache(maxsize=128)
def _prepared(query: str, base: str | None, selected: Selected) -> _Prepared | None:
    """Return what a query says; None if that is nothing for columns.

    It is read before ``selected`` evaluates it on no data at all: so that no SERVICE is called.
    """
    from sparql_server.engine.columns.algebra import Unsuited
    from sparql_server.engine.columns.results.answering import prepare

    with suppress(Unsuited):
        select = prepare(query, predefined(), base)
        names = selected(query, base)
        return None if names is None else _Prepared(select, names)
    return None
