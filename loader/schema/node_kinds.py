"""Kinds of nodes: those that are of the same classes are of one kind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from loader.text.naming_properties import TYPE
from loader.text.triples import Triples

Codes = NDArray[np.int64]

_FEW = 1 << 16


@dataclass(frozen=True, slots=True)
class NodeKinds:
    """The kinds of the nodes of a release. of_nodes: the kind of each; 0: of no class.

    starts: where the classes of each kind begin among ``classes``, and where the last ones end.
    classes: places of classes among those that were asked for.
    """

    of_nodes: NDArray[np.int32]
    starts: Codes
    classes: Codes

    @classmethod
    def of(cls, triples: Triples, classes: list[int]) -> NodeKinds:
        """Return the kinds by these classes, which are numbers."""
        nodes, own = _read_memberships(triples, classes)
        firsts = np.flatnonzero(np.diff(nodes, prepend=np.int32(-1)))
        counts = np.diff(firsts, append=len(nodes))
        listed: list[tuple[int, ...]] = [()]
        kinds = np.zeros(len(firsts), np.int64)
        depth, rest = 0, np.arange(len(firsts))
        while len(rest):
            codes = kinds[rest] * len(classes) + own[firsts[rest] + depth]
            each, places = _distinguish(codes)
            kinds[rest] = len(listed) + places
            pairs = zip(*map(np.ndarray.tolist, np.divmod(each, len(classes))), strict=True)
            listed += [(*listed[kind], place) for kind, place in pairs]
            depth += 1
            rest = rest[counts[rest] > depth]
        of_nodes = np.zeros(triples.nodes, np.int32)
        of_nodes[nodes[firsts]] = kinds
        starts = np.cumsum([0, *map(len, listed)], dtype=np.int64)
        return cls(of_nodes, starts, np.array([n for kinds in listed for n in kinds], np.int64))

    @property
    def size(self) -> int:
        """Number of kinds."""
        return len(self.starts) - 1

    def list_classes(self, kinds: Codes) -> tuple[Codes, Codes]:
        """Return places in ``kinds``, and a class of the kind there: as many as it has."""
        begins = self.starts[kinds]
        counts = self.starts[kinds + 1] - begins
        rows = np.repeat(np.arange(len(kinds)), counts)
        within = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
        return rows, self.classes[np.repeat(begins, counts) + within]


def _distinguish(codes: Codes) -> tuple[Codes, Codes]:
    """Return different numbers, sorted, and the place among them of each that was given."""
    most = int(codes.max()) + 1
    if most > _FEW + len(codes):
        return np.unique(codes, return_inverse=True)
    is_there = np.zeros(most, np.bool_)
    is_there[codes] = True
    return np.flatnonzero(is_there), (np.cumsum(is_there) - 1)[codes]


def _read_memberships(triples: Triples, classes: list[int]) -> tuple[NDArray[np.int32], Codes]:
    """Return nodes, sorted, and the place of a class that each is of, among ``classes``."""
    places = np.full(triples.terms.count, -1, np.int32)
    places[classes] = np.arange(len(classes))
    subjects, objects = triples.of(TYPE)
    own = places[objects]
    counted = own >= 0
    return subjects[counted], own[counted].astype(np.int64)
