"""The triples of a release's columns by property, and what counts on them; arrays of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sparql_server.engine.columns.algebra import Kind, Term

if TYPE_CHECKING:
    from sparql_server.engine.columns.storage.triples import Columns

Numbers = NDArray[np.int32]

_TOGETHER = 1 << 20  # numbers that are looked at at a time: a processor's cache has room for them


class Pairs(NamedTuple):
    """Subjects and objects of triples, side by side."""

    subjects: Numbers
    objects: Numbers


_NONE = Pairs(np.zeros(0, np.int32), np.zeros(0, np.int32))


class Triples:
    """The triples of a release's columns, by IRI of a property.

    first_iri: the number from which on terms are IRIs; blank nodes come before. nodes: the number
    from which on they are literals.
    """

    def __init__(self, columns: Columns) -> None:
        self.columns = columns
        self.terms = columns.terms
        self.first_iri = columns.terms.bounds[Kind.IRI]
        self.nodes = columns.terms.bounds[Kind.SIMPLE]

    def number(self, iri: str) -> int:
        """Return the number of an IRI, -1 if it doesn't occur."""
        return self.terms.find(Term(Kind.IRI, iri))

    def properties(self) -> list[int]:
        """Return the numbers of the properties."""
        return list(self.columns.properties())

    def pairs(self, number: int) -> Pairs:
        """Return the triples of a property, sorted by subject."""
        found = self.columns.property(number) if number >= 0 else None
        return Pairs(found.subjects, found.objects) if found else _NONE

    def by_object(self, number: int) -> Numbers:
        """Return the objects of a property's triples, sorted."""
        found = self.columns.property(number)
        return found.by_object_objects if found else _NONE.objects

    def by_object_subjects(self, number: int) -> Numbers:
        """Return the subjects of a property's triples, in the order of ``by_object``."""
        found = self.columns.property(number)
        return found.by_object_subjects if found else _NONE.subjects

    def objects_of(self, subject: int, iri: str) -> list[int]:
        """Return the objects that a subject has of a property."""
        subjects, objects = self.of(iri)
        place = slice(*find(subjects, (subject, subject + 1)).tolist())
        return list(objects[place].tolist())

    def of(self, iri: str) -> Pairs:
        """Return the triples of a property, by its IRI."""
        return self.pairs(self.number(iri))

    def rows_of_graph(self, iri: str) -> tuple[Numbers, Numbers, Numbers]:
        """Return subjects, predicates and objects of a graph's triples."""
        number = self.number(iri)
        rows = self.columns.rows_of_graph(number) if number >= 0 else np.zeros(0, np.int64)
        predicates = np.array(self.properties(), np.int32)
        places = np.searchsorted(self.columns.starts, rows, "right") - 1
        return self.columns.subjects[rows], predicates[places], self.columns.objects[rows]

    def is_iri(self, numbers: Numbers) -> NDArray[np.bool_]:
        """Tell which numbers are IRIs'."""
        return (numbers >= self.first_iri) & (numbers < self.nodes)

    def count_uses(self, apart: Iterable[int] = ()) -> NDArray[np.int64]:
        """Return how often each node is an object, of all properties but those ``apart``."""
        uses = np.zeros(self.nodes, np.int64)
        left_out = set(apart)
        for number in self.properties():
            if number not in left_out:
                objects = self.by_object(number)
                for nodes, counts in count_runs(objects[: find(objects, self.nodes)]):
                    uses[nodes] += counts
        return uses


def find(numbers: Numbers, wanted: ArrayLike, side: Literal["left", "right"] = "left") -> Any:
    """Return where numbers are, or belong, among sorted ones: an array, or of one number a number.

    Those of another type would have numpy make an array of that type of all the sorted ones.
    """
    return np.searchsorted(numbers, np.asarray(wanted, numbers.dtype), side)


def count_runs(numbers: Numbers) -> Iterator[tuple[Numbers, NDArray[np.int64]]]:
    """Yield which numbers there are among sorted ones, and how often each is, piece by piece.

    One may come with two pieces.
    """
    for begin in range(0, len(numbers), _TOGETHER):
        piece = numbers[begin : begin + _TOGETHER]
        ends = np.append(np.flatnonzero(piece[1:] != piece[:-1]), len(piece) - 1)
        yield piece[ends], np.diff(ends, prepend=-1)
