"""The queries that tell of a document: whether it is there, its things, what is said of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sparql_server.engine.terms import iri, literal
from sparql_server.sparql.namespaces import KBV, RDF_REST, RDF_TYPE

SHOWN_FRAGMENTS = 50
"""Things with a fragment of a document's IRI that a page shows."""

MOST_SUBJECTS = 50
"""Subjects of a document's graph that are looked at to find its things."""

SHOWN_STATEMENTS = 3000
"""Statements up to which a page shows all values of each property."""

SHOWN_VALUES = 100
"""Values of a property that a page shows where it doesn't show all."""

DEPTH = 4
"""Blank nodes that hang on each other and are told of as they come."""

DEEPEST = 8
"""Blank nodes that hang on each other and can be told of; a list counts once, however long."""

UNCOUNTED = -1
"""Stands for a number that isn't known."""

Path = tuple[str, ...]
"""Properties that lead from a thing with an IRI to another, over blank nodes."""

MOST_RECORDS = 10
"""Records of a thing that are told of."""

_MORE_FRAGMENTS = SHOWN_FRAGMENTS + 1
REST = f"<{RDF_REST}>"
"""The property from a list to what follows its first member, as SPARQL writes it."""

TYPE = RDF_TYPE
TRAITS = (
    TYPE,
    *(f"{KBV}{name}" for name in ("itemOf", "instanceOf", "encodingLevel", "mainEntity")),
)
"""Properties that tell the kinds of things, and which of them the document is about."""


@dataclass(frozen=True, slots=True)
class Document:
    """The things of one address.

    iri: of the document, as the data spell it. things: it, and those that it tells of.
    records: those whose graphs say nothing else. has_more: whether there are other fragments.
    """

    iri: str
    things: tuple[str, ...]
    records: tuple[str, ...] = ()
    has_more: bool = False


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


def ask_said(document: str) -> str:
    """Return the query whether anything is said of a document or of its ``#it``."""
    names = [document] if "#" in document else [document, f"{document}#it"]
    return f"ASK {{ {' UNION '.join(f'{{ {iri(name)} ?p ?o }}' for name in names)} }}"


def list_subjects(document: str) -> str:
    """Return the query for what the graph of a document says anything of, with an IRI.

    It has ``MOST_SUBJECTS`` rows where there may be more.
    """
    pattern = f"GRAPH {iri(document)} {{ ?thing ?p ?o }} FILTER(isIRI(?thing))"
    return f"SELECT DISTINCT ?thing {{ {pattern} }} LIMIT {MOST_SUBJECTS}"


def list_fragments(document: str) -> str:
    """Return the query for what the graph of a document tells of with a fragment of its IRI.

    It has one row more than ``SHOWN_FRAGMENTS`` where there are more.
    """
    return f"SELECT DISTINCT ?thing {{ {_fragments(document, 'thing')} }} LIMIT {_MORE_FRAGMENTS}"


def list_records(thing: str) -> str:
    """Return the query for the records that describe a thing: ``?record``."""
    return (
        f"SELECT DISTINCT ?record {{ ?record <{KBV}mainEntity> {iri(thing)} ."
        f" FILTER(isIRI(?record)) GRAPH ?record {{ ?record <{KBV}mainEntity> {iri(thing)} }} }}"
        f" ORDER BY ?record LIMIT {MOST_RECORDS}"
    )


def ask_deeper(things: Sequence[str], depth: int) -> str:
    """Return the query whether blank nodes hang on things, one on the other, deeper than this."""
    chain = f"{write_chain(depth, depth)} ?s{depth} ?q{depth} ?s . FILTER(isBlank(?s))"
    beyond = f" FILTER(?q{depth} != {REST})" if depth > DEPTH else ""
    return f"ASK {{ {write_values('s0', things)} {chain}{beyond} }}"


def select_traits(document: Document) -> str:
    """Return the query for what tells the kinds of a document's things: ``?s ?p ?o``."""
    values = f"{write_values('s', document.things)} {write_values('p', TRAITS)}"
    return f"SELECT DISTINCT ?s ?p ?o {{ {values} ?s ?p ?o }} LIMIT {SHOWN_STATEMENTS}"


def ask_outside(document: Document) -> str:
    """Return the query whether blank nodes hang on things outside the graphs of the records."""
    values = write_values("s0", document.things)
    if not document.records:
        return f"ASK {{ {values} ?s0 ?q ?s1 FILTER(isBlank(?s1)) }}"
    outside = f"FILTER(?g NOT IN ({', '.join(map(iri, document.records))}))"
    return f"ASK {{ {values} GRAPH ?g {{ ?s0 ?q ?s1 }} FILTER(isBlank(?s1)) {outside} }}"


def select_statements(document: Document, depth: int) -> str:
    """Return the query for all that is said of a document's things: ``?s ?p ?o``.

    It has one row more than ``SHOWN_STATEMENTS`` where there are more.
    """
    pattern = " UNION ".join(write_own(document, depth))
    return f"SELECT DISTINCT ?s ?p ?o {{ {pattern} }} LIMIT {SHOWN_STATEMENTS + 1}"


def count_values(things: Sequence[str]) -> str:
    """Return the query how many values properties of things have: ``?s ?p ?count``."""
    return (
        f"SELECT ?s ?p (COUNT(DISTINCT ?o) AS ?count)"
        f" {{ {write_values('s', things)} ?s ?p ?o }} GROUP BY ?s ?p"
    )


def select_values(pairs: Sequence[tuple[str, str]], depth: int = DEPTH) -> str:
    """Return the query for the first values of properties, with what hangs on them: ``?s ?p ?o``.

    pairs: each a thing and a property of it.
    """
    parts = []
    for thing, property_ in pairs:
        values = f"VALUES (?s0 ?q0) {{ ({iri(thing)} {iri(property_)}) }}"
        first = f"{values} ?s0 ?q0 ?o BIND(?s0 AS ?s) BIND(?q0 AS ?p)"
        parts.append(f"{{ SELECT ?s ?p ?o {{ {first} }} LIMIT {SHOWN_VALUES} }}")
        for level in range(1, depth + 1):
            below = f"{values} {write_chain(level, depth)} ?s{level} ?p ?o BIND(?s{level} AS ?s)"
            most = SHOWN_VALUES * 10 * level
            parts.append(f"{{ SELECT ?s ?p ?o {{ {below} }} LIMIT {most} }}")
    return f"SELECT DISTINCT ?s ?p ?o {{ {' UNION '.join(parts)} }}"


def write_own(document: Document, depth: int) -> list[str]:
    """Return the patterns for all that is said of a document's things: ``?s ?p ?o``.

    depth: of blank nodes that hang on them outside the graphs of the records, which come whole.
    """
    graphs = [f"{{ GRAPH {iri(each)} {{ ?s ?p ?o }} }}" for each in document.records]
    return [*graphs, _write_statements(_write_things(document), depth)]


def write_objects(document: Document, depth: int) -> str:
    """Return the pattern for what a document's things point to, with an IRI: ``?s``."""
    graphs = [f"{{ GRAPH {iri(each)} {{ ?x ?y ?s }} }}" for each in document.records]
    levels = _at_each_depth(_write_things(document), "?s{depth} ?q{depth} ?s", depth)
    return f"{' UNION '.join([*graphs, levels])} FILTER(isIRI(?s))"


def write_values(variable: str, things: Iterable[str]) -> str:
    """Return the data block of a variable."""
    return f"VALUES ?{variable} {{ {' '.join(map(iri, things))} }}"


def _write_things(document: Document) -> str:
    """Return the pattern of all things of a document: ``?s0``."""
    values = write_values("s0", document.things)
    if not document.has_more:
        return values
    others = f"SELECT DISTINCT ?s0 {{ {_fragments(document.iri, 's0')} }}"
    return f"{{ {{ {values} }} UNION {{ {others} }} }}"


def _fragments(document: str, variable: str) -> str:
    return (
        f"GRAPH {iri(document)} {{ ?{variable} ?x ?y }}"
        f" FILTER(STRSTARTS(STR(?{variable}), {literal(document + '#')}))"
    )


def _write_statements(things: str, depth: int) -> str:
    return _at_each_depth(things, "?s{depth} ?p ?o BIND(?s{depth} AS ?s)", depth)


def _at_each_depth(things: str, pattern: str, depth: int) -> str:
    """Return a pattern of things, and of the blank nodes that hang on them: ``?s{depth}``."""
    return " UNION ".join(
        f"{{ {things} {write_chain(level, depth)} {pattern.format(depth=level)} }}"
        for level in range(depth + 1)
    )


def write_chain(length: int, depth: int) -> str:
    """Return the pattern from ``?s0`` over so many blank nodes.

    depth: of the longest chain that is asked for; where it is more than usual, lists are gone
    along, which costs more.
    """
    if depth <= DEPTH:
        return " ".join(
            f"?s{n} ?q{n} ?s{n + 1} . FILTER(isBlank(?s{n + 1}))" for n in range(length)
        )
    return " ".join(
        f"?s{n} ?q{n} ?h{n} . FILTER(isBlank(?h{n})) FILTER(?q{n} != {REST})"
        f" ?h{n} {REST}* ?s{n + 1} . FILTER(isBlank(?s{n + 1}))"
        for n in range(length)
    )
