"""Finds other words for a query in which Oxigraph would depart from SPARQL 1.1."""

from __future__ import annotations

import re
from functools import lru_cache

from sparql_server.engine.oxigraph import selects
from sparql_server.engine.oxigraph.departures import TABLE, Peculiarity
from sparql_server.engine.oxigraph.parser import Query, read
from sparql_server.engine.oxigraph.scope import FreshVariables
from sparql_server.engine.oxigraph.syntax import Select, Unreadable
from sparql_server.sparql.lexer import VARIABLE

_REMEMBERED = 10_000  # characters of a query that is remembered with its other words


# What a query must have for any of these to matter, but for those that Oxigraph refuses.
_MARKS = re.compile(
    rf"(?<!\|)\|(?!\|)|GROUP_CONCAT|REPLACE|BNODE|GRAPH|!(?!=)|\?(?![{VARIABLE}])", re.IGNORECASE
)
# IRIs that are absolute wherever they stand, and what makes a < part of something else.
_IRI = re.compile(r"""(<[A-Za-z][A-Za-z0-9+.-]*+:[^<>"{}|^`\\'\x00-\x20\x7f]*+>)""")
_AROUND = frozenset("\"'#\\")
_NUMBERED = re.compile("<urn:iri:([0-9]+)>")
_SOLUTIONS = re.compile(r"\(\s*\*")


def reworded(query: str) -> str | None:
    """Return other words for a query that Oxigraph takes; None: it is answered as it is written."""
    stars = query.count("*")
    if not _MARKS.search(query) and (not stars or stars == len(_SOLUTIONS.findall(query))):
        return None
    return _put_alike(query, False)


def mended(query: str) -> str | None:
    """Return other words for a query that Oxigraph refuses; None: it can't be right."""
    return _put_alike(query, True)


def _put_alike(query: str, refused: bool) -> str | None:
    """Put a query as others were that differ from it in IRIs alone, if they can be told apart."""
    if len(query) > _REMEMBERED:
        return _put.__wrapped__(query, refused)
    parts = _IRI.split(query)
    iris = parts[1::2]
    parts[1::2] = [f"<urn:iri:{number}>" for number in range(len(iris))]
    shape = "".join(parts)
    if _AROUND.intersection(shape):
        return _put(query, refused)
    words = _put(shape, refused)
    return words and _NUMBERED.sub(lambda match: iris[int(match[1])], words)


@lru_cache(maxsize=256)
def _put(query: str, refused: bool) -> str | None:
    try:
        found = read(query)
    except Unreadable:
        return None
    names = FreshVariables(query)
    has_order = _write_out(found, query)
    met = {
        peculiarity.name
        for peculiarity in TABLE
        if _is_met(peculiarity, found.select, names, refused)
    }
    if names.used:
        found = read(query)
        has_order = _write_out(found, query)
        selects.expand_stars(found.select)
        for peculiarity in TABLE:
            _is_met(peculiarity, found.select, names, refused)
    return str(found) if met or has_order or refused else None


def _is_met(peculiarity: Peculiarity, select: Select, names: FreshVariables, refused: bool) -> bool:
    if peculiarity.rewrite is None or (peculiarity.refused and not refused):
        return False
    return peculiarity.rewrite(select, names)


def _write_out(query: Query, text: str) -> bool:
    """Write out ``SELECT *`` of the whole query; tell whether it was that."""
    select = query.select
    if select.items is not None or not select.form.startswith("SELECT"):
        return False
    return selects.write_out(select, text)
