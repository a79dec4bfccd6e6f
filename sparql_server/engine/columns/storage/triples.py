"""A release's triples, property by property."""

from __future__ import annotations

from dataclasses import dataclass
from mmap import mmap

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.storage.layout import unpack
from sparql_server.engine.columns.storage.numbered_terms import Terms

Numbers = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Property:
    """The triples of one predicate, twice; what several graphs have is there as many times.

    subjects, objects: sorted by subject, then by object. by_object_subjects, by_object_objects:
    sorted by object, then by subject.
    """

    subjects: Numbers
    objects: Numbers
    by_object_subjects: Numbers
    by_object_objects: Numbers
    distinct_subjects: int
    distinct_objects: int

    @property
    def single(self) -> bool:
        """No subject stands in two of the triples."""
        return self.distinct_subjects == len(self.subjects)


class Columns:
    """The triples of all graphs. size: how many. A property's arrays are views."""

    def __init__(self, buffer: bytes | memoryview | mmap) -> None:
        self._arrays, facts = unpack(buffer)
        self.terms = Terms(self._arrays, facts)
        self.size = len(self._arrays["subjects"])
        predicates = self._arrays["predicates"].tolist()
        self._places = {number: place for place, number in enumerate(predicates)}
        self._properties: dict[int, Property] = {}

    @classmethod
    def of(cls, buffer: bytes | memoryview | mmap) -> Columns:
        """Return what ``building`` has written. Raises ValueError if it is something else."""
        return cls(buffer)

    def properties(self) -> tuple[int, ...]:
        """Return the numbers of the predicates, in their order."""
        return tuple(self._places)

    def property(self, number: int) -> Property | None:
        """Return the triples of a predicate, None if there are none."""
        if number not in self._properties:
            place = self._places.get(number)
            if place is None:
                return None
            self._properties[number] = self._property(place)
        return self._properties[number]

    def _property(self, place: int) -> Property:
        arrays = self._arrays
        here = slice(*arrays["starts"][place : place + 2].tolist())
        return Property(
            arrays["subjects"][here],
            arrays["objects"][here],
            arrays["by_object_subjects"][here],
            arrays["by_object_objects"][here],
            int(arrays["distinct_subjects"][place]),
            int(arrays["distinct_objects"][place]),
        )
