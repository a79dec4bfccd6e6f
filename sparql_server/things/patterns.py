"""The queries that tell of a thing: each bounded by LIMIT, for one IRI or a batch of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sparql_server.engine.terms import iri, literal

MOST_FRAGMENTS = 50
"""Things with a fragment of a document's IRI that are told of with it."""

MOST_STATEMENTS = 3000
"""Statements that are read of a thing and what hangs on its blank nodes."""

MOST_NAMED = 600
"""Things that are named in one go."""

MOST_PATHS = 24
"""Paths of properties by which things point to one that are shown."""

SHOWN = 10
"""Things that point by each path, where all paths are shown."""

PART = 100
"""Things that point by a path, where only that is shown."""

UNCOUNTED = -1
"""Stands for a number that isn't known."""

_DEPTH = 4  # blank nodes that hang on each other
_STEPS = 3  # properties that lead to a thing from one with an IRI, over blank nodes
_LOOKED_AT = 2000  # things that point to one, where all are too many to count
_MOST_SORTED = 100_000  # things that are put in order to show a part of them
_KBV = "https://id.kb.se/vocab/"
_RDFS = "http://www.w3.org/2000/01/rdf-schema#"
_SKOS = "http://www.w3.org/2004/02/skos/core#"

NAMES = {
    "label": (f"{_KBV}prefLabel", f"{_SKOS}prefLabel", f"{_KBV}label", f"{_RDFS}label"),
    "name": (f"{_KBV}name", "http://xmlns.com/foaf/0.1/name", "http://schema.org/name"),
    "family": (f"{_KBV}familyName",),
    "given": (f"{_KBV}givenName",),
    "life": (f"{_KBV}lifeSpan",),
}
"""Kind of name to the properties that have it."""

_OVER = {  # kind of name: the paths over other things that have it
    "title": (f"<{_KBV}hasTitle>/<{_KBV}mainTitle>",),
    "work": (
        f"<{_KBV}instanceOf>/<{_KBV}hasTitle>/<{_KBV}mainTitle>",
        f"<{_KBV}mainEntity>/<{_KBV}hasTitle>/<{_KBV}mainTitle>",
        *(f"<{_KBV}mainEntity>/<{_KBV}{name}>" for name in ("prefLabel", "name", "familyName")),
    ),
    "held": (f"<{_KBV}itemOf>/<{_KBV}hasTitle>/<{_KBV}mainTitle>",),
    "holder": (f"<{_KBV}heldBy>/<{_KBV}name>",),
}

Path = tuple[str, ...]
"""Properties that lead from a thing with an IRI to another, over blank nodes."""


def ask_existence(document: str, *, fragments: bool) -> str:
    """Return the query whether an IRI stands anywhere in the data, or a fragment ``#it`` of it."""
    names = [document, f"{document}#it"] if fragments else [document]
    parts = [
        f"{{ {place} }}"
        for name in map(iri, names)
        for place in (
            f"{name} ?p ?o",
            f"?s ?p {name}",
            f"?s {name} ?o",
            f"GRAPH {name} {{ ?s ?p ?o }}",
        )
    ]
    return f"ASK {{ {' UNION '.join(parts)} }}"


def list_fragments(document: str) -> str:
    """Return the query for what the graph of a document tells of with a fragment of its IRI."""
    return (
        f"SELECT DISTINCT ?thing {{ GRAPH {iri(document)} {{ ?thing ?p ?o }}"
        f" FILTER(STRSTARTS(STR(?thing), {literal(document + '#')})) }}"
        f" LIMIT {MOST_FRAGMENTS}"
    )


def select_statements(things: Sequence[str]) -> str:
    """Return the query for statements of things, and of the blank nodes that hang on them."""
    return f"SELECT DISTINCT ?s ?p ?o {{ {_statements(things)} }} LIMIT {MOST_STATEMENTS}"


def _statements(things: Sequence[str]) -> str:
    return _at_each_depth(things, "?s{depth} ?p ?o BIND(?s{depth} AS ?s)")


def select_names(things: Sequence[str]) -> str:
    """Return the query for what things are called: ``?thing ?kind ?name``."""
    kinds = " ".join(
        f"({iri(property_)} {literal(kind)})"
        for kind, properties in NAMES.items()
        for property_ in properties
    )
    values = _values("thing", things[:MOST_NAMED])
    parts = [f"{{ {values} VALUES (?p ?kind) {{ {kinds} }} ?thing ?p ?name }}"]
    for kind, paths in _OVER.items():
        parts += [f"{{ {values} ?thing {p} ?name BIND({literal(kind)} AS ?kind) }}" for p in paths]
    return f"SELECT DISTINCT ?thing ?kind ?name {{ {' UNION '.join(parts)} }} LIMIT 9000"


def count_incoming(things: Sequence[str]) -> str:
    """Return the query by which paths things are pointed to, and how often."""
    variables = " ".join(f"?p{n}" for n in range(_STEPS))
    # The things stand in each part: around them all, everything would be walked first.
    parts = [
        f"{{ {_incoming(things, [f'?p{n}' for n in range(steps + 1)])} }}"
        for steps in range(_STEPS)
    ]
    return (
        f"SELECT {variables} (COUNT(DISTINCT ?source) AS ?count) {{ {' UNION '.join(parts)} }}"
        f" GROUP BY {variables} ORDER BY DESC(?count) {variables} LIMIT {MOST_PATHS}"
    )


def list_paths(things: Sequence[str]) -> str:
    """Return the query for paths by which things are pointed to, as far as the first ones go."""
    variables = " ".join(f"?p{n}" for n in range(_STEPS))
    parts = []
    for steps in range(_STEPS):
        pattern = _incoming(things, [f"?p{n}" for n in range(steps + 1)])
        parts.append(f"{{ SELECT {variables} {{ {pattern} }} LIMIT {_LOOKED_AT} }}")
    return f"SELECT DISTINCT {variables} {{ {' UNION '.join(parts)} }} LIMIT {MOST_PATHS}"


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


def construct(things: Sequence[str], paths: Sequence[tuple[Path, Sequence[str]]]) -> str:
    """Return the query for a thing as a graph: its statements, names, and what points to it.

    paths: each with the things that point by it.
    """
    template = ["?s ?p ?o ."]
    where = [f"{{ {_statements(things)} }}", f"{{ {_named(things)} }}"]
    for n, (path, sources) in enumerate(paths):
        if sources:
            walk, triples = _fixed(path, n)
            template.append(triples)
            where.append(f"{{ {_values('source', sources)} {_values('target', things)} {walk} }}")
    sources = sorted({source for _, each in paths for source in each})
    if sources:
        where.append(f"{{ {_direct_names(sources)} }}")
    return f"CONSTRUCT {{ {' '.join(template)} }} WHERE {{ {' UNION '.join(where)} }}"


def construct_part(things: Sequence[str], path: Path, sources: Sequence[str]) -> str:
    """Return the query for the statements by which things point to others, as a graph."""
    walk, triples = _fixed(path, 0)
    names = f" UNION {{ {_direct_names(sources)} }}" if sources else ""
    values = f"{_values('source', sources)} {_values('target', things)}"
    return f"CONSTRUCT {{ {triples} ?s ?p ?o }} WHERE {{ {{ {values} {walk} }}{names} }}"


def _named(things: Sequence[str]) -> str:
    """Return the pattern for the names of what things, or their blank nodes, point to."""
    kinds = " ".join(iri(each) for several in NAMES.values() for each in several)
    return (
        f"{{ SELECT DISTINCT ?s {{ {_objects(things)} FILTER(isIRI(?s)) }} LIMIT {MOST_NAMED} }}"
        f" VALUES ?p {{ {kinds} }} ?s ?p ?o"
    )


def _objects(things: Sequence[str]) -> str:
    return _at_each_depth(things, "?s{depth} ?q{depth} ?s")


def _at_each_depth(things: Sequence[str], pattern: str) -> str:
    """Return a pattern of things, and of the blank nodes that hang on them: ``?s{depth}``."""
    values = _values("s0", things)
    parts = []
    for depth in range(_DEPTH + 1):
        steps = [f"?s{n} ?q{n} ?s{n + 1} . FILTER(isBlank(?s{n + 1}))" for n in range(depth)]
        parts.append(f"{{ {values} {' '.join(steps)} {pattern.format(depth=depth)} }}")
    return " UNION ".join(parts)


def _direct_names(things: Sequence[str]) -> str:
    kinds = " ".join(iri(each) for several in NAMES.values() for each in several)
    return f"{_values('s', things)} VALUES ?p {{ {kinds} }} ?s ?p ?o"


def _incoming(things: Sequence[str], properties: Sequence[str]) -> str:
    outside = f"FILTER(?source NOT IN ({', '.join(map(iri, things))}))"
    return f"{_values('target', things)} {_walk(properties)} {outside}"


def _walk(properties: Sequence[str]) -> str:
    """Return the pattern from ``?source`` over blank nodes to ``?target``."""
    nodes = ["?source", *(f"?b{n}" for n in range(1, len(properties))), "?target"]
    steps = [f"{nodes[n]} {property_} {nodes[n + 1]} ." for n, property_ in enumerate(properties)]
    blank = [f"isBlank({node})" for node in nodes[1:-1]]
    return f"{' '.join(reversed(steps))} FILTER({' && '.join(['isIRI(?source)', *blank])})"


def _fixed(path: Path, number: int) -> tuple[str, str]:
    """Return the pattern of a path with blank nodes of its own, and the same as a template."""
    nodes = ["?source", *(f"?b{number}x{n}" for n in range(1, len(path))), "?target"]
    triples = " ".join(f"{nodes[n]} {iri(each)} {nodes[n + 1]} ." for n, each in enumerate(path))
    return triples, triples


def _part(count: int, limit: int, offset: int) -> str:
    order = " ORDER BY ?source" if UNCOUNTED < count <= _MOST_SORTED else ""
    return f"{order} LIMIT {limit} OFFSET {offset}"


def _values(variable: str, things: Iterable[str]) -> str:
    return f"VALUES ?{variable} {{ {' '.join(map(iri, things))} }}"
