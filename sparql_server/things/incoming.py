"""The queries for what points to things: by which paths of properties, how often, which."""

from __future__ import annotations

from collections.abc import Sequence

from sparql_server.engine.terms import iri
from sparql_server.things.patterns import UNCOUNTED, Path, write_values

MOST_PATHS = 500
"""Paths of properties by which things point to one that are counted."""

MOST_FILLED = 24
"""Paths of which the first things are shown, where all paths are."""

SHOWN = 10
"""Things that point by each path, where all paths are shown."""

PART = 100
"""Things that point by a path, where only that is shown."""

_STEPS = 3  # properties that lead to a thing from one with an IRI, over blank nodes
_LOOKED_AT = 2000  # things that point to one, where all are too many to count
_MOST_SORTED = 100_000  # things that are put in order to show a part of them


def count_incoming(things: Sequence[str]) -> str:
    """Return the query by which paths things are pointed to, and how often.

    It has one row more than ``MOST_PATHS`` where there are more paths.
    """
    variables = " ".join(f"?p{n}" for n in range(_STEPS))
    # The things stand in each part: around them all, everything would be walked first.
    parts = [
        f"{{ {_incoming(things, [f'?p{n}' for n in range(steps + 1)])} }}"
        for steps in range(_STEPS)
    ]
    return (
        f"SELECT {variables} (COUNT(DISTINCT ?source) AS ?count) {{ {' UNION '.join(parts)} }}"
        f" GROUP BY {variables} ORDER BY DESC(?count) {variables} LIMIT {MOST_PATHS + 1}"
    )


def list_paths(things: Sequence[str]) -> str:
    """Return the query for paths by which things are pointed to, as far as the first ones go."""
    variables = " ".join(f"?p{n}" for n in range(_STEPS))
    parts = []
    for steps in range(_STEPS):
        pattern = _incoming(things, [f"?p{n}" for n in range(steps + 1)])
        parts.append(f"{{ SELECT {variables} {{ {pattern} }} LIMIT {_LOOKED_AT} }}")
    return f"SELECT DISTINCT {variables} {{ {' UNION '.join(parts)} }} LIMIT {MOST_PATHS + 1}"


def select_incoming(
    things: Sequence[str], paths: Sequence[tuple[Path, int]], limit: int, offset: int = 0
) -> str:
    """Return the query for what points to things: ``?path``, a number from 0, and ``?source``.

    paths: with the number of things that point by each, or ``UNCOUNTED``.
    """
    parts = []
    for number, (path, count) in enumerate(paths):
        pattern = _incoming(things, list(map(iri, path)))
        part = _part(count, limit, offset)
        parts.append(f'{{ SELECT DISTINCT ("{number}" AS ?path) ?source {{ {pattern} }}{part} }}')
    return f"SELECT ?path ?source {{ {' UNION '.join(parts)} }}"


def write_fixed(
    things: Sequence[str], path: Path, sources: Sequence[str], number: int
) -> tuple[str, str]:
    """Return the pattern of a path from sources to things, and the template of its statements.

    number: what tells its variables from those of other paths: each template is filled in for
    every solution that binds all of it.
    """
    source, target = f"source{number}", f"target{number}"
    nodes = [f"?{source}", *(f"?b{number}x{n}" for n in range(1, len(path))), f"?{target}"]
    triples = " ".join(f"{nodes[n]} {iri(each)} {nodes[n + 1]} ." for n, each in enumerate(path))
    values = f"{write_values(source, sources)} {write_values(target, things)}"
    return f"{{ {values} {triples} }}", triples


def _incoming(things: Sequence[str], properties: Sequence[str]) -> str:
    outside = f"FILTER(?source NOT IN ({', '.join(map(iri, things))}))"
    return f"{write_values('target', things)} {_walk(properties)} {outside}"


def _walk(properties: Sequence[str]) -> str:
    """Return the pattern from ``?source`` over blank nodes to ``?target``."""
    nodes = ["?source", *(f"?b{n}" for n in range(1, len(properties))), "?target"]
    steps = [f"{nodes[n]} {property_} {nodes[n + 1]} ." for n, property_ in enumerate(properties)]
    # One FILTER each: engines apply them as soon as they can, but a conjunction as a whole.
    filters = [f"FILTER(isBlank({node}))" for node in reversed(nodes[1:-1])]
    return " ".join([*reversed(steps), *filters, "FILTER(isIRI(?source))"])


def _part(count: int, limit: int, offset: int) -> str:
    order = " ORDER BY ?source" if UNCOUNTED < count <= _MOST_SORTED else ""
    return f"{order} LIMIT {limit} OFFSET {offset}"
