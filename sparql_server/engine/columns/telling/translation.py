"""What is told of a document in the terms of another vocabulary, to which the data map its own."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sparql_server.engine.columns.solutions.arrays import find_distinct
from sparql_server.engine.columns.telling.ranges import Ranges, Rows
from sparql_server.engine.columns.telling.request import Vocabulary
from sparql_server.sparql.namespaces import RDF_TYPE

NumberedTriple = tuple[int, int, int]
"""Numbers of subject, property and object."""


class Translator:
    """Translates rows. lacking: the terms without an equivalent, as far as rows were translated."""

    def __init__(self, ranges: Ranges, vocabulary: Vocabulary) -> None:
        self._ranges = ranges
        self._vocabulary = vocabulary
        self._type_place = ranges.place(RDF_TYPE)
        self._above = ranges.places(vocabulary.above)
        self._known: dict[tuple[int, str], list[int]] = {}
        self.lacking: list[str] = []

    def translate(self, rows: Rows) -> Iterator[NumberedTriple]:
        """Yield the triples of rows whose property, or class, has an equivalent."""
        properties = self._ranges.predicates
        columns = rows.subjects.tolist(), rows.places.tolist(), rows.objects.tolist()
        for subject, place, object_ in zip(*columns, strict=True):
            if place != self._type_place:
                for other in self._find(int(properties[place]), self._vocabulary.same_property):
                    yield subject, other, object_
            elif self._ranges.first_iri <= object_ < self._ranges.end_of_iris:
                for other in self._find(object_, self._vocabulary.same_class):
                    yield subject, int(properties[place]), other

    def _find(self, term: int, same: str) -> list[int]:
        """Return the equivalents of a term; where it has none itself, those of terms above it."""
        if (term, same) not in self._known:
            found = self._list_equivalents([term], same) or self._list_equivalents(
                self._list_above(term), same
            )
            self._known[term, same] = found
            self.lacking += [] if found else [self._ranges.terms.value(term)]
        return self._known[term, same]

    def _list_equivalents(self, terms: list[int], same: str) -> list[int]:
        ranges = self._ranges
        rows = ranges.of_subjects(np.array(sorted(terms), np.int32), ranges.places([same]))
        others = rows.objects[(rows.objects >= ranges.first_iri)]
        numbers: list[int] = find_distinct(others[others < ranges.end_of_iris]).tolist()
        space = self._vocabulary.namespace
        return [number for number in numbers if ranges.terms.value(number).startswith(space)]

    def _list_above(self, term: int) -> list[int]:
        found, new = {term}, [term]
        while new:
            rows = self._ranges.of_subjects(np.array(sorted(new), np.int32), self._above)
            new = [number for number in set(rows.objects.tolist()) if number not in found]
            found.update(new)
        return sorted(found - {term})
