"""The data of a release as explanations look it up: what occurs in it, and under which names."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from typing import TYPE_CHECKING

import pyoxigraph as ox

from sparql_server.sparql.namespaces import RDF, RDFS

if TYPE_CHECKING:
    from sparql_server.engine.columns.storage.triples import Columns

OWL = "http://www.w3.org/2002/07/owl#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
TYPE = ox.NamedNode(f"{RDF}type")

_PROPERTIES = (f"{OWL}ObjectProperty", f"{OWL}DatatypeProperty", f"{RDF}Property")
_CLASSES = (f"{OWL}Class", f"{RDFS}Class")
_EQUIVALENT = (
    f"{OWL}equivalentProperty",
    f"{OWL}equivalentClass",
    f"{OWL}sameAs",
    f"{SKOS}exactMatch",
    f"{SKOS}closeMatch",
    f"{RDFS}subPropertyOf",
    f"{RDFS}subClassOf",
)
_NAMES = 5_000  # names of properties or classes that are compared
_SAMPLE = 1_000  # quads that are looked at for what names there are
_VALUES = 800  # values of a property that are looked at
_AROUND = 400  # IRIs, in their order, that are looked at before and after one that isn't there
_STEPS = 4_000  # look-ups for one explanation
_SECONDS = 0.12  # and the time that they may take together

Node = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Reason = dict[str, object]
"""``{"kind", …}``: what of a query is a reason, and what to write in its place."""


@dataclass(frozen=True, slots=True)
class Dataset:
    """The graphs of FROM, of which the default graph is made, and those of FROM NAMED (13.2)."""

    default: tuple[ox.NamedNode, ...]
    named: tuple[ox.NamedNode, ...]


class Exhausted(Exception):
    """So much has been looked up that nothing more is."""


class Facts:
    """The data of a release. columns: of the same release, if there are any.

    Methods that look something up raise Exhausted after so many look-ups.
    """

    def __init__(
        self, store: ox.Store, columns: Columns | None, dataset: Dataset | None = None
    ) -> None:
        self._store = store
        self._columns = columns
        self.dataset = dataset
        self._left = _STEPS
        self._end = time.monotonic() + _SECONDS

    def quads(self, *pattern: Node | None) -> Iterator[ox.Quad]:
        """Yield the quads of a pattern of subject, predicate and object in all graphs."""
        return self.quads_in((None,), *pattern)

    def default_quads(self, *pattern: Node | None) -> Iterator[ox.Quad]:
        """Yield the quads of a pattern in the default graph of the query's dataset."""
        return self.quads_in(self.dataset.default if self.dataset else (None,), *pattern)

    def named_quads(self, *pattern: Node | None) -> Iterator[ox.Quad]:
        """Yield the quads of a pattern in the named graphs of the query's dataset."""
        return self.quads_in(self.dataset.named if self.dataset else (None,), *pattern)

    def quads_in(
        self, graphs: Sequence[ox.NamedNode | None], *pattern: Node | None
    ) -> Iterator[ox.Quad]:
        """Yield the quads of a pattern in some graphs; None: in all."""
        subject, predicate, object_ = pattern
        if isinstance(subject, ox.Literal) or not isinstance(predicate, ox.NamedNode | None):
            return
        for graph in graphs:
            self._spend()
            for quad in self._store.quads_for_pattern(subject, predicate, object_, graph):
                self._spend()
                yield quad

    def has_graph(self, name: Node) -> bool:
        """Tell whether there is a graph of a name."""
        return (
            isinstance(name, ox.NamedNode) and next(self.quads_in((name,), None, None, None), None)
        ) is not None

    def spend(self, times: int) -> None:
        """Count what takes as long as so many look-ups. Raises Exhausted."""
        for _ in range(times):
            self._spend()

    def _spend(self) -> None:
        self._left -= 1
        if self._left < 0 or time.monotonic() > self._end:
            raise Exhausted

    def has(self, *pattern: Node | None) -> bool:
        """Tell whether there is a quad of a pattern."""
        return next(self.quads(*pattern), None) is not None

    def count(self, predicate: ox.NamedNode, object_: Node | None) -> int | None:
        """Return how many triples have a predicate and an object, from sizes; None: unknown.

        Looks nothing up in the store.
        """
        if self._columns is None or not isinstance(object_, ox.NamedNode | None):
            return None
        from sparql_server.engine.columns.algebra import Kind, Term

        terms = self._columns.terms
        triples = self._columns.property(terms.find(Term(Kind.IRI, predicate.value)))
        if triples is None or object_ is None:
            return 0 if triples is None else len(triples.subjects)
        number = terms.find(Term(Kind.IRI, object_.value))
        bounds = (
            triples.by_object_objects.searchsorted(number, side) for side in ("left", "right")
        )
        begin, end = bounds
        return int(end - begin) if number >= 0 else 0

    def is_property(self, term: Node) -> bool:
        """Tell whether an IRI is the predicate of anything."""
        return self.has(None, term, None)

    def is_class(self, term: Node) -> bool:
        """Tell whether anything is of a class."""
        return self.has(None, TYPE, term)

    def occurs(self, term: Node) -> bool:
        """Tell whether a term is subject or object of anything."""
        return self.has(term, None, None) or self.has(None, None, term)

    def equivalents(self, term: ox.NamedNode, *, broader: bool = True) -> list[ox.NamedNode]:
        """Return the terms that the vocabulary in the data relates to one from elsewhere.

        broader: whether to return those, too, that it is narrower than.
        """
        found: dict[ox.NamedNode, None] = {}
        for iri in _EQUIVALENT:
            relation = ox.NamedNode(iri)
            ways = (
                (quad.subject for quad in self.quads(None, relation, term)),
                (quad.object for quad in self.quads(term, relation, None))
                if broader or not iri.startswith(f"{RDFS}sub")
                else (),
            )
            for other in islice(chain.from_iterable(ways), 20):
                if isinstance(other, ox.NamedNode):
                    found[other] = None
        return list(found)

    def values(self, predicate: ox.NamedNode) -> set[str]:
        """Return some of the IRIs that a property has for values."""
        quads = islice(self.quads(None, predicate, None), _VALUES)
        return {quad.object.value for quad in quads if isinstance(quad.object, ox.NamedNode)}

    @cached_property
    def properties(self) -> list[str]:
        """The IRIs of properties: all of them where there are columns, else the known ones."""
        if self._columns:
            numbers = self._columns.properties()[:_NAMES]
            return [self._columns.terms.value(number) for number in numbers]
        sampled = (quad.predicate.value for quad in self._sample)
        return list({*sampled, *self._declared(_PROPERTIES)})

    @cached_property
    def classes(self) -> list[str]:
        """The IRIs of classes, likewise."""
        if self._columns:
            return self._class_names(self._columns)
        typed = (quad.object for quad in self._sample if quad.predicate == TYPE)
        sampled = (term.value for term in typed if isinstance(term, ox.NamedNode))
        return list({*sampled, *self._declared(_CLASSES)})

    def _class_names(self, columns: Columns) -> list[str]:
        from sparql_server.engine.columns.algebra import Kind, Term
        from sparql_server.engine.columns.solutions.arrays import find_distinct

        types = columns.property(columns.terms.find(Term(Kind.IRI, TYPE.value)))
        if types is None:
            return []
        numbers = find_distinct(types.by_object_objects)[:_NAMES].tolist()
        return [columns.terms.value(number) for number in numbers]

    @cached_property
    def _sample(self) -> list[ox.Quad]:
        return list(islice(self._store.quads_for_pattern(None, None, None, None), _SAMPLE))

    def _declared(self, kinds: tuple[str, ...]) -> Iterator[str]:
        for kind in kinds:
            quads = self._store.quads_for_pattern(None, TYPE, ox.NamedNode(kind), None)
            for quad in islice(quads, _NAMES):
                if isinstance(quad.subject, ox.NamedNode):
                    yield quad.subject.value

    def neighbours(self, iri: str, namespace: str) -> list[str]:
        """Return IRIs that begin with a namespace, from around where another one would stand."""
        if self._columns is None:
            return []
        from sparql_server.engine.columns.algebra import Kind

        terms = self._columns.terms
        first, end = terms.find_prefixed(Kind.IRI, namespace)
        place = terms.find_lower(Kind.IRI, iri.encode())
        around = range(max(first, place - _AROUND), min(end, place + _AROUND))
        return [terms.value(number) for number in around]
