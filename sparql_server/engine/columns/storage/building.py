"""Builds columns from a dump of a store."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sparql_server.engine.columns.storage.layout import Array, pack
from sparql_server.engine.columns.storage.nquads import DEFAULT, Numbers, Reader
from sparql_server.engine.columns.storage.numbering import numbered


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
        subjects, predicates, objects, graphs = self._reader.quads()
        terms = list(self._reader.numbers)
        self._reader.numbers.clear()  # memory, which takes turns
        arrays, facts, numbers = numbered(terms)
        del terms
        names = np.where(graphs == DEFAULT, DEFAULT, numbers[graphs]) if len(graphs) else graphs
        arrays |= _sorted(numbers[subjects], numbers[predicates], numbers[objects], names)
        return pack(arrays, facts)


def _sorted(
    subjects: Numbers, predicates: Numbers, objects: Numbers, graphs: Numbers
) -> dict[str, Array]:
    """Return the arrays of ``Columns``: predicates in order, and where each one's quads are."""
    by_subject = np.lexsort((graphs, objects, subjects, predicates))
    by_object = np.lexsort((graphs, subjects, objects, predicates))
    names, starts = np.unique(predicates[by_subject], return_index=True)
    starts = np.append(starts, len(by_subject)).astype(np.int64)
    arrays: dict[str, Array] = {
        "predicates": names,
        "starts": starts,
        "subjects": subjects[by_subject],
        "objects": objects[by_subject],
        "graphs": graphs[by_subject],
        "by_object_subjects": subjects[by_object],
        "by_object_objects": objects[by_object],
        "by_object_graphs": graphs[by_object],
    }
    return (
        arrays
        | {
            "distinct_subjects": _distinct(arrays["subjects"], starts),
            "distinct_objects": _distinct(arrays["by_object_objects"], starts),
        }
        | _by_graph(arrays["graphs"])
    )


def _distinct(ordered: Array, starts: Array) -> Array:
    """Return how many different numbers there are between two starts, where they are sorted."""
    differs = np.ones(len(ordered) + 1, np.int32)
    differs[1:-1] = ordered[1:] != ordered[:-1]
    differs[starts] = 1
    return np.add.reduceat(differs, starts)[:-1].astype(np.int32)


def _by_graph(graphs: Array) -> dict[str, Array]:
    """Return the graphs in order, where each one's quads are among rows, and these rows."""
    rows = np.argsort(graphs, kind="stable")
    names, starts = np.unique(graphs[rows], return_index=True)
    return {
        "graph_names": names,
        "graph_starts": np.append(starts, len(rows)).astype(np.int64),
        "graph_rows": rows.astype(np.int32 if len(rows) < 1 << 31 else np.int64),
    }
