"""The names that parts of a query may bind, and what LIMIT leaves of solutions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyoxigraph as ox

from sparql_server.engine.explaining.pattern_parts import (
    Computed,
    Match,
    Nested,
    Part,
    Place,
    Rows,
    Walk,
)
from sparql_server.engine.oxigraph.syntax.scope import list_visible


def list_names(parts: Sequence[Part]) -> set[str]:
    """Return the names that parts may bind, without their marks (18.2.1)."""
    found: set[str] = set()
    for part in parts:
        if isinstance(part, Match):
            found |= list_variables_in(place for pattern in part.patterns for place in pattern)
        elif isinstance(part, Walk):
            found |= list_variables_in((part.subject, part.object))
        elif isinstance(part, Rows):
            found |= {name.value for row in part.rows for name in row}
        elif isinstance(part, Computed):
            found.add(part.variable.value)
        elif isinstance(part, Nested):
            found |= _list_nested(part)
    return found


def _list_nested(part: Nested) -> set[str]:
    if part.word == "MINUS":
        return set()
    if part.select is not None:
        return {name[1:] for name in list_visible(part.select)}
    graph = () if part.graph is None else (part.graph,)
    return list_variables_in(graph).union(*map(list_names, part.groups))


def list_variables_in(places: Iterable[Place]) -> set[str]:
    """Return the names of variables among places, without their marks."""
    return {place.value for place in places if isinstance(place, ox.Variable)}


def is_cut_to_nothing(cut: str) -> bool:
    """Tell whether LIMIT leaves no solution."""
    words = cut.upper().split()
    return "LIMIT" in words and not words[words.index("LIMIT") + 1].strip("0")
