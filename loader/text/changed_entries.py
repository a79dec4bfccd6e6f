"""The part of a text index that changes with some graphs: things and texts, of before and of now.

A thing changes with a graph that says something of it, or refers to it: its names, or its uses. Of
the classes of a thing the rarest is shown, by the counts of when it was written.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from loader.text.naming_properties import RDFS
from loader.text.things import Things
from loader.text.triples import Triples
from sparql_server.engine.columns.algebra import Kind, Term
from sparql_server.engine.text.storage.layout import Literal

MOST = 0.2
"""Share of an index that is changed; beyond, it is faster to write it anew."""


class TooMuch(Exception):
    """So much has changed that an index is to be written anew."""


@dataclass(slots=True)
class Changes:
    """Changed things and texts. things: IRIs."""

    things: set[str] = field(default_factory=set)
    texts: set[Literal] = field(default_factory=set)

    def note(self, triples: Triples, things: Things, graphs: Iterable[str]) -> None:
        """Note what graphs say, and of what. Raises TooMuch."""
        rows = [triples.rows_of_graph(graph) for graph in graphs]
        subjects, predicates, objects = (np.concatenate(part) for part in zip(*rows, strict=True))
        if triples.number(f"{RDFS}subClassOf") in predicates:
            raise TooMuch  # the classes of whatever is below
        nodes = np.concatenate([subjects, objects[objects < triples.nodes]])
        literals = np.unique(objects[objects >= triples.nodes])
        if len(np.unique(nodes)) > MOST * triples.nodes:
            raise TooMuch
        owners = things.owners(np.unique(nodes), np.unique(subjects))
        self.things.update(triples.terms.values(owners))
        self._note_literals(triples, literals[literals < triples.terms.bounds[Kind.TYPED]])

    def _note_literals(self, triples: Triples, literals: NDArray[np.int64]) -> None:
        tagged = triples.terms.bounds[Kind.LANGUAGE]
        for number, value in zip(literals.tolist(), triples.terms.values(literals), strict=True):
            language = triples.terms.tag(number) if number >= tagged else ""
            self.texts.add(Literal(value, language))

    def numbers(self, triples: Triples) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the numbers of things and of texts, as far as they are there; sorted."""
        things = {triples.number(iri) for iri in self.things}
        texts = {triples.terms.find(_term(literal)) for literal in self.texts}
        return _sorted(things), _sorted(texts)


def _term(literal: Literal) -> Term:
    kind = Kind.LANGUAGE if literal.language else Kind.SIMPLE
    return Term(kind, literal.value, literal.language)


def _sorted(numbers: set[int]) -> NDArray[np.int64]:
    return np.array(sorted(number for number in numbers if number >= 0), np.int64)
