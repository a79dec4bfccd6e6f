"""Turtle and TriG for people: only prefixes that occur, blank nodes and lists where they stand.

https://www.w3.org/TR/turtle/, https://www.w3.org/TR/trig/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import pyoxigraph as ox

from sparql_server.engine.formats.graph_shape import NIL, TYPE, Shape, find_shape
from sparql_server.engine.formats.used_prefixes import Prefixes, Term

Graph = ox.NamedNode | ox.BlankNode | ox.DefaultGraph

_INDENT = "    "
_XSD = "http://www.w3.org/2001/XMLSchema#"
# What stands without quotation marks (https://www.w3.org/TR/turtle/#abbrev).
_BARE = {
    f"{_XSD}boolean": re.compile("true|false"),
    f"{_XSD}integer": re.compile("[+-]?[0-9]+"),
    f"{_XSD}decimal": re.compile(r"[+-]?[0-9]*\.[0-9]+"),
    f"{_XSD}double": re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)[eE][+-]?[0-9]+"),
}


def write_turtle(triples: Iterable[ox.Triple], namespaces: Mapping[str, str]) -> str:
    """Return a graph as Turtle. namespaces: by prefix, those that may be used."""
    prefixes = Prefixes(namespaces)
    body = "\n".join(_Statements(find_shape(triples, nested=True), prefixes).written())
    return "\n".join(filter(None, (_write_declarations(prefixes), body)))


def write_trig(quads: Iterable[ox.Quad], namespaces: Mapping[str, str]) -> str | None:
    """Return a dataset as TriG.

    None: blank nodes that stand in several graphs keep these from being written one by one.
    """
    prefixes = Prefixes(namespaces)
    graphs: dict[Graph, list[ox.Triple]] = {}
    for quad in quads:
        graphs.setdefault(quad.graph_name, []).append(quad.triple)
    if _is_shared(graphs):
        return None
    parts = []
    for name in sorted(graphs, key=lambda name: (isinstance(name, ox.NamedNode), str(name))):
        statements = _Statements(find_shape(graphs[name], nested=True), prefixes)
        body = "\n".join(statements.written())
        graph = _write_name(name, statements)
        parts.append(f"{graph} {{\n{body}}}\n" if graph else body)
    return "\n".join(filter(None, (_write_declarations(prefixes), *parts)))


def _write_name(graph: Graph, statements: _Statements) -> str:
    return "" if isinstance(graph, ox.DefaultGraph) else statements.term(graph)


def _is_shared(graphs: Mapping[Graph, Iterable[ox.Triple]]) -> bool:
    """Tell whether a blank node may stand in more than one graph."""
    seen: dict[object, Graph] = {}
    return any(
        seen.setdefault(term, name) != name
        for name, triples in graphs.items()
        for triple in triples
        for term in (*triple, name)
        if isinstance(term, (ox.BlankNode, ox.Triple))
    )


def _write_declarations(prefixes: Prefixes) -> str:
    lines = (f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in prefixes.sort_used().items())
    return "".join(lines)


class _Statements:
    """The statements of one graph."""

    def __init__(self, graph: Shape, prefixes: Prefixes) -> None:
        self._graph = graph
        self._prefixes = prefixes

    def written(self) -> Iterator[str]:
        """Yield what is said of each subject that stands by itself."""
        for subject in self._graph.roots:
            name = self.term(subject)
            if isinstance(subject, ox.BlankNode) and subject not in self._graph.mentioned:
                name = "[]"
            yield f"{name} {self._write_about(subject, 1)} .\n"

    def _write_about(self, node: Term, depth: int) -> str:
        lines = (
            f"{self._write_verb(predicate)} "
            + ", ".join(self._write_object(term, depth) for term in terms)
            for predicate, terms in self._graph.properties[node].items()
        )
        return f" ;\n{_INDENT * depth}".join(lines)

    def _write_verb(self, predicate: ox.NamedNode) -> str:
        return "a" if predicate == TYPE else self.term(predicate)

    def _write_object(self, term: Term, depth: int) -> str:
        if term == NIL:
            return "()"
        if term not in self._graph.within:
            return self.term(term)
        if term in self._graph.lists:
            items = (self._write_object(item, depth + 1) for item in self._graph.lists[term])
            return f"( {' '.join(items)} )"
        inside, outside = _INDENT * (depth + 1), _INDENT * depth
        return f"[\n{inside}{self._write_about(term, depth + 1)}\n{outside}]"

    def term(self, term: Term) -> str:
        """Return a term by itself."""
        if isinstance(term, ox.NamedNode):
            return self._prefixes.shorten(term.value) or str(term)
        if isinstance(term, ox.Literal) and not term.language:
            return self._write_literal(term)
        return str(term)

    def _write_literal(self, literal: ox.Literal) -> str:
        datatype = literal.datatype.value
        if datatype == f"{_XSD}string":
            return str(literal)
        if datatype in _BARE and _BARE[datatype].fullmatch(literal.value):
            return literal.value
        return f"{ox.Literal(literal.value)}^^{self.term(literal.datatype)}"
