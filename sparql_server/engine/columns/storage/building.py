"""Builds columns from a dump of a store."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.storage.layout import Array, pack
from sparql_server.engine.columns.storage.nquads import Numbers, Reader
from sparql_server.engine.columns.storage.numbering import numbered

_LOW = (1 << 32) - 1


class Builder:
    """Takes N-Quads as Oxigraph dumps them, and makes columns of them.

    ``write`` and ``columns`` raise Unrepresentable if columns can't hold them.
    """

    def __init__(self) -> None:
        self._reader = Reader()

    def write(self, piece: bytes) -> int:
        """Take the next piece; return its length."""
        return self._reader.write(piece)

    def columns(self) -> Iterator[bytes | memoryview]:
        """Return what ``Columns.of`` takes, in pieces; this once. Raises ValueError, too."""
        triples = self._reader.triples()
        terms = list(self._reader.numbers)
        self._reader.numbers.clear()  # memory, which takes turns
        arrays, facts, numbers = numbered(terms)
        del terms
        arrays |= _sorted(*(numbers[part] for part in triples))
        return pack(arrays, facts)


def _sorted(subjects: Numbers, predicates: Numbers, objects: Numbers) -> dict[str, Array]:
    """Return the arrays of ``Columns``: predicates in order, and where each one's triples are."""
    order = np.argsort(predicates, kind="stable")
    names, starts = np.unique(predicates[order], return_index=True)
    starts = np.append(starts, len(order)).astype(np.int64)
    by_subject = (subjects[order].astype(np.int64) << 32) | objects[order]
    by_object = (by_subject << 32) | (by_subject >> 32)
    counts = []
    for start, end in zip(starts.tolist(), starts[1:].tolist(), strict=False):
        by_subject[start:end].sort()
        by_object[start:end].sort()
        counts.append((_distinct(by_subject[start:end]), _distinct(by_object[start:end])))
    distinct = np.array(counts, np.int32).reshape(-1, 2)
    return {
        "predicates": names,
        "starts": starts,
        "distinct_subjects": distinct[:, 0],
        "distinct_objects": distinct[:, 1],
        "subjects": _high(by_subject),
        "objects": _low(by_subject),
        "by_object_subjects": _low(by_object),
        "by_object_objects": _high(by_object),
    }


def _distinct(pairs: NDArray[np.int64]) -> int:
    """Return how many numbers come first in pairs, which are sorted."""
    return 1 + int(np.count_nonzero(np.diff(pairs >> 32)))


def _high(pairs: NDArray[np.int64]) -> Array:
    return (pairs >> 32).astype(np.int32)


def _low(pairs: NDArray[np.int64]) -> Array:
    return (pairs & _LOW).astype(np.int32)
