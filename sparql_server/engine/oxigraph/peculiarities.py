"""Finds other words for a query in which Oxigraph would depart from SPARQL 1.1."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from sparql_server.engine.oxigraph import selects
from sparql_server.engine.oxigraph.departures import TABLE, Peculiarity
from sparql_server.engine.oxigraph.syntax.elements import Select, Unreadable
from sparql_server.engine.oxigraph.syntax.parser import read
from sparql_server.engine.oxigraph.syntax.scope import FreshVariables
from sparql_server.sparql.lexer import VARIABLE

_REMEMBERED = 10_000  # characters of a query that is remembered with its other words


# What a query must have for any of these to matter, but for those that Oxigraph refuses.
_MARKS = re.compile(
    r"(?<!\|)\|(?!\|)|GROUP_CONCAT|REPLACE|BNODE|GRAPH|EXISTS|MINUS|OPTIONAL.*(?:OPTIONAL|GROUP)"
    rf"|COUNT\s*+\((?!\s*+(?:DISTINCT\s*+)?+(?:\*|[?$][{VARIABLE}]++\s*+\)))|!(?!=)|\?(?![{VARIABLE}])",
    re.IGNORECASE | re.DOTALL,
)
# IRIs that are absolute wherever they stand, and what makes a < part of something else.
_IRI = re.compile(r"""(<[A-Za-z][A-Za-z0-9+.-]*+:[^<>"{}|^`\\'\x00-\x20\x7f]*+>)""")
_AROUND = frozenset("\"'#\\")
_NUMBERED = re.compile("<urn:iri:([0-9]+)>")
_SOLUTIONS = re.compile(r"\(\s*\*")


@dataclass(frozen=True, slots=True)
class Words:
    """Other words for a query.

    counting: their only solution is how many solutions the query has, which has no variables.
    """

    text: str
    counting: bool = False


def reword(query: str) -> Words | None:
    """Return other words for a query that Oxigraph takes; None: it is answered as it is written."""
    stars = query.count("*")
    if not _MARKS.search(query) and (not stars or stars == len(_SOLUTIONS.findall(query))):
        return None
    return _put_alike(query, False)


def mend(query: str) -> Words | None:
    """Return other words for a query that Oxigraph refuses; None: it can't be right."""
    return _put_alike(query, True)


def _put_alike(query: str, refused: bool) -> Words | None:
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
    if words is None:
        return None
    return replace(words, text=_NUMBERED.sub(lambda match: iris[int(match[1])], words.text))


@lru_cache(maxsize=256)
def _put(query: str, refused: bool) -> Words | None:
    try:
        found = read(query)
    except Unreadable:
        return None
    names = FreshVariables(query)
    written_out = selects.write_out(found.select, query)
    met = {
        peculiarity.name
        for peculiarity in TABLE
        if _is_met(peculiarity, found.select, names, refused)
    }
    counting = False
    if names.used:
        found = read(query)
        selects.write_out(found.select, query)
        counting = selects.has_no_variables(found.select)
        selects.expand_stars(found.select, names)
        for peculiarity in TABLE:
            _is_met(peculiarity, found.select, names, refused)
        if counting:
            selects.count_solutions(found.select)
    return Words(str(found), counting) if met or written_out or refused else None


def _is_met(peculiarity: Peculiarity, select: Select, names: FreshVariables, refused: bool) -> bool:
    if peculiarity.rewrite is None or (peculiarity.refused and not refused):
        return False
    return peculiarity.rewrite(select, names)
