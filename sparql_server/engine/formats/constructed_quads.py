"""Quads that a CONSTRUCT makes in the graph of its pattern, one solution after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import cast

import pyoxigraph as ox

from sparql_server.engine.formats.used_prefixes import Term
from sparql_server.errors.failures.failure import Unwritable
from sparql_server.sparql.pattern_graph import NONE, VARIABLE, QuadPattern

_DIGEST = 16  # bytes that stand for a quad: no two are alike, and a quad takes three times as many

Graph = ox.NamedNode | ox.BlankNode | ox.DefaultGraph
Template = list[tuple[Term, Term, Term, Term]]


@dataclass(frozen=True, slots=True)
class Quads:
    """Triples with the graphs they stand in, as they are read."""

    quads: Iterator[ox.Quad]

    def triples(self) -> Iterator[ox.Triple]:
        """Yield them without their graphs."""
        return (quad.triple for quad in self.quads)


def read_template(
    pattern: QuadPattern, namespaces: Mapping[str, str], base: str | None = None
) -> Template:
    """Return what a pattern constructs. namespaces: prefixes known without declaration.

    Raises Unwritable if it can't be read.
    """
    known = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in namespaces.items())
    marked = f"\n<{VARIABLE}> <{VARIABLE}> {pattern.graph} ."
    try:
        text = f"{known}{pattern.template}{marked}"
        *triples, last = (
            quad.triple for quad in ox.parse(text, ox.RdfFormat.TURTLE, base_iri=base)
        )
    except (SyntaxError, ValueError) as error:
        raise Unwritable(NONE) from error
    return [(*triple, last.object) for triple in triples]


def list_solutions(solutions: ox.QuerySolutions) -> Iterator[Mapping[str, object]]:
    """Yield solutions by variable; None for one that is unbound."""
    names = [variable.value for variable in solutions.variables]
    return ({name: solution[name] for name in names} for solution in solutions)


def construct_quads(
    solutions: Iterable[Mapping[str, object]], quads: Template
) -> Iterator[ox.Quad]:
    """Yield the quads of each solution that have all their terms (16.2), each once.

    What has no graph, as its variable is unbound, stands in the default graph.
    """
    seen: set[bytes] = set()
    for solution in solutions:
        for quad in _instantiate_template(quads, solution):
            digest = blake2b(str(quad).encode(), digest_size=_DIGEST).digest()
            if digest not in seen:
                seen.add(digest)
                yield quad


def _instantiate_template(quads: Template, terms: Mapping[str, object]) -> Iterator[ox.Quad]:
    labels: dict[str, ox.BlankNode] = {}
    for quad in quads:
        subject, predicate, object_, graph = (
            _instantiate_term(term, terms, labels) for term in quad
        )
        if (
            isinstance(subject, (ox.NamedNode, ox.BlankNode))
            and isinstance(predicate, ox.NamedNode)
            and object_ is not None
            and not isinstance(graph, (ox.Literal, ox.Triple))
        ):
            place = cast(Graph, graph or ox.DefaultGraph())
            yield ox.Quad(subject, predicate, cast(Term, object_), place)


def _instantiate_term(
    term: Term, terms: Mapping[str, object], labels: dict[str, ox.BlankNode]
) -> object | None:
    """Return what stands for a term of the template: blank nodes are new for each solution."""
    if isinstance(term, ox.BlankNode):
        return labels.setdefault(term.value, ox.BlankNode())
    if isinstance(term, ox.NamedNode) and term.value.startswith(VARIABLE):
        return terms.get(term.value.removeprefix(VARIABLE))
    return term
