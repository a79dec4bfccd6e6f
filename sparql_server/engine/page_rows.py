"""The rows that a page shows of a result: so many, and so many bytes, with long values cut.

A result may be any size; whoever makes a page of it, and whoever reads one, has bounds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import islice
from json.encoder import encode_basestring

import pyoxigraph as ox

from sparql_server.engine.messages import PageRows, Term

BYTES = 1024 * 1024
"""Bytes of a page's rows at most, the first one apart: values as they are written, and what
surrounds them."""

CHARACTERS = 2000
"""Characters of a value that a page shows."""

COLUMNS = 500
"""Columns that a page shows."""

_CELL = 64  # characters around a value: its type here, its markup there

Results = ox.QuerySolutions | ox.QueryBoolean | Iterator[ox.Triple] | ox.QueryTriples
Shown = Term | None


def make_page_rows(results: Results, limit: int) -> PageRows:
    """Return what a page shows, at most ``limit`` rows of it."""
    if isinstance(results, ox.QueryBoolean):
        return {"boolean": bool(results)}
    if isinstance(results, ox.QuerySolutions):
        every = [variable.value for variable in results.variables]
        names = every[:COLUMNS]
        terms = ([_describe_term(row[name]) for name in names] for row in results)
    else:
        every = names = ["subject", "predicate", "object"]
        terms = ([_describe_term(term) for term in triple] for triple in results)
    shown, more = _take_rows(terms, limit)
    left_out = len(every) - len(names)
    return {"variables": names, "rows": shown, "more": more, "left_out": left_out}


def _take_rows(rows: Iterable[list[Shown]], limit: int) -> tuple[list[list[Shown]], bool]:
    """Return the rows that a page has room for, and whether there are others."""
    shown: list[list[Shown]] = []
    room = BYTES
    for row in islice(rows, limit + 1):
        room -= _weigh_row(row)
        if len(shown) == limit or (shown and room < 0):
            return shown, True
        shown.append(row)
    return shown, False


def _weigh_row(row: Sequence[Shown]) -> int:
    return sum(_CELL + (_write_row(term["value"]) if term else 0) for term in row)


def _write_row(value: str) -> int:
    return max(len(escape(value)), len(encode_basestring(value)))


def _describe_term(term: object) -> Shown:
    if term is None:
        return None
    if isinstance(term, ox.NamedNode):
        return {"type": "iri", **_cut(term.value)}
    if isinstance(term, ox.Literal):
        datatype = _shorten_text(term.datatype.value)
        described: Term = {"type": "literal", "datatype": datatype, **_cut(term.value)}
        if term.language:
            described["language"] = _shorten_text(term.language)
        return described
    return {"type": "blank", **_cut(str(term))}


def _cut(value: str) -> Term:
    if len(value) <= CHARACTERS:
        return {"value": value}
    return {"value": _shorten_text(value), "length": len(value)}


def _shorten_text(value: str) -> str:
    return value[:CHARACTERS]
