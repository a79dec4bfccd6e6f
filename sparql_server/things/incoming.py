"""The queries for what points to things: by which paths of properties, how often, which.

A path leads from a thing with an IRI over blank nodes. The members of a list (rdf:first) are
pointed to by whatever has the list: how far on in it they stand is no matter.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sparql_server.engine.terms import iri
from sparql_server.sparql.namespaces import RDF_FIRST
from sparql_server.things.document_queries import REST, TYPE, UNCOUNTED, Path, write_values

MOST_PATHS = 500
"""Paths of properties by which things point to one that are counted."""

MOST_FILLED = 24
"""Paths of which the first things are shown, where all paths are."""

SHOWN = 10
"""Things that point by each path, where all paths are shown."""

STEPS = 3
"""Properties of a path, beside that of a list: it may lead over one."""

FIRST = RDF_FIRST
VARIABLES = tuple(f"p{n}" for n in range(STEPS + 1))
"""The variables of a path, of which the last ones may be unbound."""

_FIRST = iri(FIRST)
_OUTSIDE_LISTS = f"NOT IN ({_FIRST}, {REST})"
_MEMBER = f"{REST}*/{_FIRST}"  # one path: engines would go along all lists for two
_LOOKED_AT = 2000  # things that point to one, where all are too many to count
_MOST_SORTED = 100_000  # things that are put in order to show the first of them


def count_incoming(things: Sequence[str]) -> str:
    """Return the query by which paths things are pointed to, and how often.

    It has one row more than ``MOST_PATHS`` where there are more paths.
    """
    variables = " ".join(f"?{name}" for name in VARIABLES)
    # The things stand in each part: around them all, everything would be walked first.
    parts = [f"{{ {_incoming(things, properties)} }}" for properties in _list_shapes()]
    return (
        f"SELECT {variables} (COUNT(DISTINCT ?source) AS ?count) {{ {' UNION '.join(parts)} }}"
        f" GROUP BY {variables} ORDER BY DESC(?count) {variables} LIMIT {MOST_PATHS + 1}"
    )


def list_paths(things: Sequence[str]) -> str:
    """Return the query for paths by which things are pointed to, as far as the first ones go."""
    variables = " ".join(f"?{name}" for name in VARIABLES)
    parts = [
        f"{{ SELECT {variables} {{ {_incoming(things, properties)} }} LIMIT {_LOOKED_AT} }}"
        for properties in _list_shapes()
    ]
    return f"SELECT DISTINCT {variables} {{ {' UNION '.join(parts)} }} LIMIT {MOST_PATHS + 1}"


def _list_shapes() -> Iterator[list[str]]:
    """Yield the properties of paths: variables, and once at most that of a list."""
    for steps in range(1, STEPS + 1):
        yield [f"?{name}" for name in VARIABLES[:steps]]
        for place in range(1, steps + 1):
            names = [f"?{name}" for name in VARIABLES[: steps + 1]]
            names[place] = f"{names[place]} {_FIRST}"
            yield names


def count_part(things: Sequence[str], path: Path, kinds: Sequence[str]) -> str:
    """Return the query for how many things of classes point to things by a path: ``?count``."""
    pattern = _incoming(things, list(map(iri, path))) + _write_kinds(kinds)
    return f"SELECT (COUNT(DISTINCT ?source) AS ?count) {{ {pattern} }}"


def _write_kinds(kinds: Sequence[str]) -> str:
    return f" {write_values('kind', kinds)} ?source <{TYPE}> ?kind ." if kinds else ""


def select_incoming(
    things: Sequence[str],
    paths: Sequence[tuple[Path, int]],
    limit: int,
    offset: int = 0,
    kinds: Sequence[str] = (),
) -> str:
    """Return the query for what points to things: ``?path``, a number from 0, and ``?source``.

    paths: with the number of things that point by each, or ``UNCOUNTED``. The things are in order,
    but for the first of a path by which nobody knows how many point. kinds: classes, of one of
    which they are to be.
    """
    parts = []
    for number, (path, count) in enumerate(paths):
        pattern = _incoming(things, list(map(iri, path))) + _write_kinds(kinds)
        in_order = offset or limit > SHOWN or UNCOUNTED < count <= _MOST_SORTED
        part = f"{' ORDER BY ?source' if in_order else ''} LIMIT {limit} OFFSET {offset}"
        parts.append(f'{{ SELECT DISTINCT ("{number}" AS ?path) ?source {{ {pattern} }}{part} }}')
    return f"SELECT ?path ?source {{ {' UNION '.join(parts)} }}"


def write_fixed(
    things: Sequence[str], path: Path, sources: Sequence[str], number: int
) -> tuple[list[str], str]:
    """Return the patterns of a path from sources to things, and the template of its statements.

    number: what tells its variables from those of other paths: each template is filled in for
    every solution that binds all of it. Lists on the path are whole.
    """
    nodes = [f"?n{number}x{n}" for n in range(len(path) + 1)]
    values = [write_values(nodes[0][1:], sources), write_values(nodes[-1][1:], things)]
    template, pattern = list[str](), list(values)
    for n, property_ in enumerate(map(iri, path)):
        in_list = n > 0 and property_ == _FIRST
        pattern.append(f"{nodes[n]} {_MEMBER if in_list else property_} {nodes[n + 1]} .")
        template += [] if in_list else [f"{nodes[n]} {property_} {nodes[n + 1]} ."]
    whole = " ".join(pattern)
    heads = [nodes[n] for n, property_ in enumerate(path) if n > 0 and property_ == FIRST]
    lists = [  # which bind no variable of the template
        f"{{ SELECT DISTINCT ?s ?p ?o {{ {whole} {head} {REST}* ?s ."
        f" VALUES ?p {{ {_FIRST} {REST} }} ?s ?p ?o }} }}"
        for head in heads
    ]
    return [f"{{ {whole} }}", *lists], " ".join(template)


def _incoming(things: Sequence[str], properties: Sequence[str]) -> str:
    outside = f"FILTER(?source NOT IN ({', '.join(map(iri, things))}))"
    return f"{write_values('target', things)} {_walk(properties)} {outside}"


def _walk(properties: Sequence[str]) -> str:
    """Return the pattern from ``?source`` over blank nodes to ``?target``.

    properties: IRIs, and variables; before the IRI of a list's property stands its variable.
    """
    nodes = ["?source", *(f"?b{n}" for n in range(1, len(properties))), "?target"]
    steps = [
        _write_step(nodes[n], property_, nodes[n + 1], n) for n, property_ in enumerate(properties)
    ]
    # One FILTER each: engines apply them as soon as they can, but a conjunction as a whole.
    filters = [f"FILTER(isBlank({node}))" for node in reversed(nodes[1:-1])]
    free = [each for each in properties if each.startswith("?") and " " not in each]
    if len(properties) > 1:
        filters += [f"FILTER({variable} {_OUTSIDE_LISTS})" for variable in free]
    return " ".join([*reversed(steps), *filters, "FILTER(isIRI(?source))"])


def _write_step(subject: str, property_: str, object_: str, number: int) -> str:
    variable, _, fixed = property_.rpartition(" ")
    if fixed != _FIRST or number == 0:
        return f"{subject} {property_} {object_} ."
    bound = f" BIND({_FIRST} AS {variable})" if variable else ""
    return f"{subject} {_MEMBER} {object_} .{bound}"
