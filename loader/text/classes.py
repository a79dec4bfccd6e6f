"""The classes of things: those that are said, the rarest first, and those above them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from loader.text.naming_properties import RDFS, TYPE
from loader.text.triples import Numbers, Triples, find


class Classes:
    """The classes of a release. counts: class, by its number, to how many nodes are of it."""

    def __init__(self, triples: Triples) -> None:
        self._triples = triples
        self._pairs = triples.of(TYPE)
        numbers, counts = np.unique(self._pairs.objects, return_counts=True)
        is_node = numbers < triples.nodes
        kept = zip(numbers[is_node].tolist(), counts[is_node].tolist(), strict=True)
        self.counts: dict[int, int] = dict(kept)
        self._broader = self._read_broader()
        self._above: dict[int, tuple[str, ...]] = {}

    def of(self, nodes: Numbers | NDArray[np.int64]) -> dict[int, tuple[int, ...]]:
        """Return the classes of nodes, by number; the rarest, which says most, first."""
        subjects, objects = self._pairs
        begins = find(subjects, nodes).tolist()
        ends = find(subjects, nodes, "right").tolist()
        found = {}
        for node, begin, end in zip(nodes.tolist(), begins, ends, strict=True):
            own = [number for number in objects[begin:end].tolist() if number in self.counts]
            found[node] = tuple(sorted(own, key=lambda number: (self.counts[number], number)))
        return found

    def name(self, number: int) -> str:
        """Return the IRI of a class."""
        return self._triples.terms.value(number)

    def with_broader(self, kinds: tuple[int, ...]) -> tuple[str, ...]:
        """Return the IRIs of classes, and of those that they are subclasses of."""
        return tuple(dict.fromkeys(iri for number in kinds for iri in self._lineage(number)))

    def _lineage(self, number: int) -> tuple[str, ...]:
        if number not in self._above:
            seen = [number]
            for class_ in seen:
                seen += [other for other in self._broader.get(class_, ()) if other not in seen]
            self._above[number] = tuple(map(self.name, seen))
        return self._above[number]

    def _read_broader(self) -> dict[int, list[int]]:
        subjects, objects = self._triples.of(f"{RDFS}subClassOf")
        broader: dict[int, list[int]] = {}
        is_iri = self._triples.is_iri(objects)
        pairs = zip(subjects[is_iri].tolist(), objects[is_iri].tolist(), strict=True)
        for narrower, other in pairs:
            broader.setdefault(narrower, []).append(other)
        return broader
