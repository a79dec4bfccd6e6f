"""JSON-LD 1.1: node objects with @type, lists and languages, as a list of all nodes (flattened).

By default IRIs are compacted with the prefixes that occur; the profile ``expanded`` has none.
https://www.w3.org/TR/json-ld11-api/#serialize-rdf-as-json-ld-algorithm
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

import orjson
import pyoxigraph as ox

from sparql_server.engine.formats.graph_shape import NIL, TYPE, Properties, Shape, find_shape
from sparql_server.engine.formats.used_prefixes import Prefixes, Term, find_occurring
from sparql_server.errors.failures.failure import Unwritable
from sparql_server.sparql.namespaces import RDF

_XSD = "http://www.w3.org/2001/XMLSchema#"
_PLAIN = frozenset([f"{_XSD}string", f"{RDF}langString", f"{RDF}dirLangString"])
_ENDS = tuple(":/?#[]@")  # with what a namespace ends that is a prefix by itself (4.1.5)

Node = dict[str, object]


def write_small_graph(
    triples: Iterable[ox.Triple], namespaces: Mapping[str, str], *, expanded: bool
) -> bytes:
    """Return a graph, its lists as lists. namespaces: by prefix, those that may be used."""
    graph = find_shape(triples, nested=False)
    prefixes = Prefixes({} if expanded else _drop_unnamed(namespaces))
    nodes = _Nodes(prefixes, expanded=expanded, graph=graph)
    written = [nodes.node(subject, graph.properties[subject]) for subject in graph.roots]
    body = b",\n".join(map(orjson.dumps, written))
    return b"".join((_write_head(prefixes.sort_used(), expanded), body, _write_foot(expanded)))


def write_large_graph(
    first: Iterable[ox.Triple],
    rest: Iterable[ox.Triple],
    namespaces: Mapping[str, str],
    *,
    expanded: bool,
) -> Iterator[bytes]:
    """Yield a graph piece by piece: what comes with the same subject, as one node object.

    The prefixes are those that occur in what comes first.
    """
    there = {} if expanded else find_occurring(first, _drop_unnamed(namespaces))
    nodes = _Nodes(Prefixes(there), expanded=expanded)
    before = _write_head(there, expanded)
    for part in (first, rest):
        for subject, triples in groupby(part, key=lambda triple: triple.subject):
            about: Properties = {subject: {}}
            for triple in triples:
                about[subject].setdefault(triple.predicate, []).append(triple.object)
            yield before + orjson.dumps(nodes.node(subject, about[subject]))
            before = b",\n"
    yield _write_foot(expanded)


def _drop_unnamed(namespaces: Mapping[str, str]) -> dict[str, str]:
    return {prefix: iri for prefix, iri in namespaces.items() if prefix}


def _write_head(prefixes: Mapping[str, str], expanded: bool) -> bytes:
    if expanded:
        return b"[\n"
    context = {prefix: _define_prefix(iri) for prefix, iri in prefixes.items()}
    return b'{"@context":' + orjson.dumps(context) + b',"@graph":[\n'


def _define_prefix(namespace: str) -> str | dict[str, str | bool]:
    if namespace.endswith(_ENDS):
        return namespace
    return {"@id": namespace, "@prefix": True}


def _write_foot(expanded: bool) -> bytes:
    return b"\n]\n" if expanded else b"\n]}\n"


class _Clash(Exception):
    """An IRI would be read as a prefixed name."""


class _Nodes:
    """Makes node objects."""

    def __init__(self, prefixes: Prefixes, *, expanded: bool, graph: Shape | None = None) -> None:
        self._compact = _Compact(prefixes)
        self._expanded = expanded
        self._lists: Mapping[Term, list[Term]] = graph.lists if graph else {}

    def node(self, subject: Term, about: Mapping[ox.NamedNode, list[Term]]) -> Node:
        """Return the node object of a subject.

        One with an IRI that would be read as a prefixed name is written without any.
        """
        if not self._expanded:
            try:
                return self._make_node_object(subject, about, self._compact, _unwrap_single)
            except _Clash:
                return {"@context": None} | self._make_node_object(subject, about, str, list)
        return self._make_node_object(subject, about, str, list)

    def _make_node_object(
        self,
        subject: Term,
        about: Mapping[ox.NamedNode, list[Term]],
        iri: Callable[[str], str],
        several: Callable[[Sequence[object]], object],
    ) -> Node:
        node: Node = {"@id": _write_identifier(subject, iri)}
        for predicate, objects in about.items():
            if predicate == TYPE:
                types = [term for term in objects if not isinstance(term, ox.Literal)]
                objects = [term for term in objects if isinstance(term, ox.Literal)]
                if types:
                    node["@type"] = several([_write_identifier(type_, iri) for type_ in types])
            if objects:
                values = [self._make_value(term, iri, several is list) for term in objects]
                node[iri(predicate.value)] = several(values)
        return node

    def _make_value(self, term: Term, iri: Callable[[str], str], full: bool) -> object:
        if term in self._lists:
            return {"@list": [self._make_value(item, iri, full) for item in self._lists[term]]}
        if term == NIL:
            return {"@list": []}
        if not isinstance(term, ox.Literal):
            return {"@id": _write_identifier(term, iri)}
        return _make_value_object(term, iri, full)


def _unwrap_single(values: Sequence[object]) -> object:
    """Return the only one of several values, or all of them."""
    return values[0] if len(values) == 1 else values


def _write_identifier(term: Term, iri: Callable[[str], str]) -> str:
    if isinstance(term, ox.NamedNode):
        return iri(term.value)
    if isinstance(term, ox.Triple):
        raise Unwritable("JSON-LD has no triples as terms. Ask for Turtle or N-Triples.")
    return str(term)


def _make_value_object(literal: ox.Literal, iri: Callable[[str], str], full: bool) -> object:
    value: dict[str, str] = {"@value": literal.value}
    if literal.language:
        value["@language"] = literal.language
        if literal.direction:
            value["@direction"] = literal.direction.value
    elif literal.datatype.value not in _PLAIN:
        value["@type"] = iri(literal.datatype.value)
    elif not full:
        return literal.value
    return value


class _Compact:
    """Compacts IRIs. Raises _Clash where one would be taken for a prefixed name."""

    def __init__(self, prefixes: Prefixes) -> None:
        self._prefixes = prefixes
        self._known: dict[str, str] = {}

    def __call__(self, iri: str) -> str:
        written = self._known.get(iri)
        if written is None:
            if len(self._known) > 10_000:
                self._known.clear()
            written = self._known[iri] = self._shorten(iri)
        return written

    def _shorten(self, iri: str) -> str:
        short = self._prefixes.shorten(iri)
        if short is not None:
            return short
        scheme, _, rest = iri.partition(":")
        if scheme in self._prefixes.namespaces and not rest.startswith("//"):
            raise _Clash
        return iri
