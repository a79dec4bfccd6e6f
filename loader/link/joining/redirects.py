"""Redirects: what names became that were merged into others, were deleted since, or were split."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from loader.link.extracts.link_database import Tables
from loader.link.joining.closure import Edge

_MERGED_INTO = (
    "SELECT DISTINCT authority.iri FROM identifier JOIN authority ON authority.id = authority"
    " WHERE identifier.iri = ? AND property = 'redirect' AND authority.iri != identifier.iri"
)
_GONE = (
    "SELECT 1 FROM authority JOIN said ON said.authority = authority.id AND property = 'gone'"
    " WHERE iri = ?"
)


def follow_edges(edges: Sequence[Edge], gone: Collection[str]) -> tuple[Edge, ...]:
    """Call what was merged by its last name; drop edges to what was deleted, or split."""
    now: dict[str, set[str]] = defaultdict(set)
    for edge in edges:
        if edge.by == "redirect":
            now[edge.other].add(edge.one)
    if not now and not gone:
        return tuple(edges)
    kept = (edge for edge in edges if edge.by != "redirect")
    return tuple(
        replace(edge, one=one, other=other)
        for edge in kept
        if (one := _follow(edge.one, now, gone)) != (other := _follow(edge.other, now, gone))
        and one
        and other
    )


def _follow(name: str, now: dict[str, set[str]], gone: Collection[str]) -> str:
    """Return what a name became; empty if that was deleted, or is several."""
    ends = _find_ends(name, lambda former: now.get(former, ())) - set(gone)
    return ends.pop() if len(ends) == 1 else ""


def list_moved(tables: Tables, iri: str) -> list[str]:
    """Return what a name became, by its last names in order; none if it was deleted."""
    query = tables.connection.execute
    ends = _find_ends(iri, lambda former: (row[0] for row in query(_MERGED_INTO, (former,))))
    return sorted(end for end in ends if query(_GONE, (end,)).fetchone() is None)


def _find_ends(name: str, list_next: Callable[[str], Iterable[str]]) -> set[str]:
    """Return the names at the ends of all ways from a name; of a circle, the first in order."""
    passed, waiting, ends = {name}, [name], set()
    while waiting:
        former = waiting.pop()
        following = set(list_next(former))
        if not following:
            ends.add(former)
        waiting += following - passed
        passed |= following
    return ends or {min(passed)}
