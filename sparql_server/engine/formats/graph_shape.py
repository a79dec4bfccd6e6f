"""The shape of a small graph: what stands in it by itself, what within something else, its lists.

A blank node that is the object of one triple can be written where it stands, and a chain of
rdf:first and rdf:rest as a list.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox

from sparql_server.engine.formats.used_prefixes import Term
from sparql_server.sparql.namespaces import RDF_FIRST, RDF_NIL, RDF_REST, RDF_TYPE

TYPE = ox.NamedNode(RDF_TYPE)
NIL = ox.NamedNode(RDF_NIL)
_FIRST, _REST = ox.NamedNode(RDF_FIRST), ox.NamedNode(RDF_REST)

_DEPTH = 20  # blank nodes within each other; deeper ones stand by themselves

Properties = dict[Term, dict[ox.NamedNode, list[Term]]]
"""Subject, predicate, objects, all in order."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A graph as it is written.

    roots: subjects that stand by themselves. within: blank nodes that are written where they stand
    as an object. lists: of those, the heads of lists, with the items. mentioned: all objects, and
    what stands in triples that are.
    """

    properties: Properties
    roots: tuple[Term, ...]
    within: frozenset[Term]
    lists: Mapping[Term, list[Term]]
    mentioned: frozenset[Term]


def find_shape(triples: Iterable[ox.Triple], *, nested: bool) -> Shape:
    """Return a graph's shape. nested: whether blank nodes that are no lists stand within others."""
    properties = _group_triples(triples)
    return _Shaping(properties, nested).shape()


def _group_triples(triples: Iterable[ox.Triple]) -> Properties:
    """Group triples, each once, subjects and predicates and objects in order, rdf:type first."""
    properties: Properties = {}
    for subject, predicate, object_ in sorted(set(triples), key=_make_sort_key):
        properties.setdefault(subject, {}).setdefault(predicate, []).append(object_)
    return properties


def _make_sort_key(triple: ox.Triple) -> tuple[bool, str, bool, str, bool, str]:
    subject, predicate, object_ = triple
    return (
        isinstance(subject, ox.BlankNode),
        str(subject),
        predicate != TYPE,
        predicate.value,
        isinstance(object_, ox.BlankNode),
        str(object_),
    )


def _list_objects(properties: Mapping[ox.NamedNode, list[Term]]) -> Iterator[Term]:
    for objects in properties.values():
        yield from objects


def _list_mentioned(term: Term) -> Iterator[Term]:
    """Yield a term; the parts of a triple twice: they can't be written where they stand."""
    if isinstance(term, ox.Triple):
        for part in (term.subject, term.object):
            yield from (*_list_mentioned(part), *_list_mentioned(part))
    else:
        yield term


class _Shaping:
    """Finds out what can stand within something else, from what stands by itself on."""

    def __init__(self, properties: Properties, nested: bool) -> None:
        self._properties = properties
        self._nested = nested
        self._times = Counter(
            part
            for about in properties.values()
            for term in _list_objects(about)
            for part in _list_mentioned(term)
        )
        self._all = frozenset(self._times)
        self._lists = dict(self._find_chains())
        self._inner = {cell for chain in self._lists.values() for cell in chain[1:]}
        self._waiting = {node: None for node in properties if self._may_stand_within(node)}
        self._within: set[Term] = set()
        self._roots = [
            node for node in properties if node not in self._waiting and node not in self._inner
        ]

    def shape(self) -> Shape:
        """Return the graph's shape."""
        self._reach(self._roots)
        while self._waiting:  # what is in a circle, or too deep
            self._reach(self._stand_alone(next(iter(self._waiting))))
        lists = {head: self._list_items(chain) for head, chain in self._lists.items()}
        return Shape(
            self._properties, tuple(self._roots), frozenset(self._within), lists, self._all
        )

    def _may_stand_within(self, node: Term) -> bool:
        return (
            self._is_mentioned_once(node)
            and node not in self._inner
            and (self._nested or node in self._lists)
        )

    def _is_mentioned_once(self, node: Term) -> bool:
        return isinstance(node, ox.BlankNode) and self._times[node] == 1

    def _is_cell(self, node: Term) -> bool:
        """Tell whether a node has what a list's cells have, nothing else, and one mention."""
        about = self._properties.get(node, {})
        return (
            self._is_mentioned_once(node)
            and about.keys() == {_FIRST, _REST}
            and len(about[_FIRST]) == len(about[_REST]) == 1
        )

    def _find_chains(self) -> Iterator[tuple[Term, list[Term]]]:
        """Yield the head and all cells of each list."""
        for subject, about in self._properties.items():
            is_cell = self._is_cell(subject)
            for predicate, objects in about.items():
                heads = () if is_cell and predicate == _REST else objects
                for head in filter(self._is_cell, heads):
                    chain = self._follow_chain(head)
                    if chain:
                        yield head, chain

    def _follow_chain(self, head: Term) -> list[Term]:
        chain = [head]
        while (rest := self._properties[chain[-1]][_REST][0]) != NIL:
            if not self._is_cell(rest):
                return []
            chain.append(rest)
        return chain

    def _list_items(self, chain: list[Term]) -> list[Term]:
        return [self._properties[cell][_FIRST][0] for cell in chain]

    def _reach(self, roots: Iterable[Term]) -> None:
        """Have what these nodes mention stand within them, as deep as it may be."""
        reached = deque((root, 0) for root in roots)
        while reached:
            node, depth = reached.popleft()
            for term in self._list_children(node):
                if term in self._waiting and depth < _DEPTH:
                    del self._waiting[term]
                    self._within.add(term)
                    reached.append((term, depth + 1))

    def _list_children(self, node: Term) -> Iterable[Term]:
        if node in self._lists:
            return self._list_items(self._lists[node])
        return _list_objects(self._properties[node])

    def _stand_alone(self, node: Term) -> list[Term]:
        """Make a node, and the cells of its list, if it is one, stand by themselves."""
        nodes = self._lists.pop(node, [node])
        for member in nodes:
            self._waiting.pop(member, None)
            self._inner.discard(member)
        self._roots += nodes
        return nodes
