"""Edits of the index of graphs: which quads each graph has."""

from __future__ import annotations

from typing import Any

import numpy as np

from sparql_server.engine.columns.storage.byte_strings import Integers
from sparql_server.engine.columns.storage.layout import Array, ArrayWriter
from sparql_server.engine.columns.storage.merging.edits import PIECE, Edits, edit_arrays
from sparql_server.engine.columns.storage.merging.quad_edits import Merged, OrderEdits, Part
from sparql_server.engine.columns.storage.merging.row_search import Groups, find_rows
from sparql_server.engine.columns.storage.nquads import Numbers

_ROWS = "graph_rows"


class GraphEdits:
    """The edits of the index. graphs: numbers of those that have other quads now, sorted.

    rows: where the quads are that these had, by subject, sorted.
    """

    def __init__(self, base: Part, merged: Merged, graphs: Integers) -> None:
        self._base = base
        self._merged = merged
        self._names = merged.base[base.columns.graph_names]
        sections = np.stack(self._find_sections(merged.base[graphs]), axis=1).tolist()
        places = [np.arange(begin, end) for begin, end in sections]
        self._gone = np.concatenate([np.empty(0, np.int64), *places])
        self.rows: Integers = np.sort(base.columns.graph_rows[self._gone].astype(np.int64))

    def _find_sections(self, graphs: Numbers) -> tuple[Integers, Integers]:
        """Return where the rows of graphs begin in the index, and where they end."""
        starts, (places, is_known) = self._base.columns.graph_starts, self._find(graphs)
        return starts[places], starts[places + is_known]

    def _find(self, graphs: Numbers) -> tuple[Integers, Array]:
        """Return where graphs are among those of the base, or belong; and whether they are."""
        places = np.searchsorted(self._names, graphs)
        return places, np.append(self._names, np.int32(-2))[places] == graphs

    def write_rows(self, writer: ArrayWriter, scratch: ArrayWriter, quads: OrderEdits) -> None:
        """Write which quads each graph has. quads: their edits, by subject."""
        edits, rows = quads.edits, self._base.columns.graph_rows
        size = len(rows) - len(edits.gone) + len(edits.points)
        kind: np.dtype[Any] = np.dtype(np.int32 if size < 1 << 31 else np.int64)
        moved = self._move_rows(scratch, edits, kind)
        graphs = self._merged.added[quads.added.graphs]
        order = np.argsort(graphs, kind="stable")
        sections = self._find_sections(graphs[order])
        # A quad that comes stands before the one at its point.
        points = find_rows((rows,), (2 * edits.points[order],), sections, _number_doubly)
        new = edits.place_new()[order].astype(kind)
        files, index = (self._base.files[_ROWS],), Edits(self._gone, points)
        for _ in edit_arrays(writer, (_ROWS,), files, index, (new,), moved.take):
            pass

    def _move_rows(self, scratch: ArrayWriter, edits: Edits, kind: np.dtype[Any]) -> Array:
        """Return the new place of every quad of the base; mapped, as they may be many."""
        size = len(self._base.columns.graph_rows)
        scratch.append("moved", np.empty(0, kind))
        for begin in range(0, size, PIECE):
            scratch.append("moved", edits.place_kept(begin, min(begin + PIECE, size), kind))
        return scratch.open_written("moved").map()

    def write_names(
        self, writer: ArrayWriter, coming: Numbers, numbers: Numbers, added_numbers: Numbers
    ) -> int:
        """Write the graphs and where each begins; return how many they are.

        coming: of each quad that comes, the number of its graph among the added terms. numbers:
        that terms of the base get. added_numbers: that added ones get.
        """
        columns, places = self._base.columns, self._merged.added[coming]
        going = self._merged.base[columns.graphs[self.rows]]
        groups = Groups.of((going,), (places,))
        found, is_known = self._find(groups.columns[0])
        more = groups.added - groups.gone
        sizes = np.diff(columns.graph_starts)
        sizes[found[is_known]] += more[is_known]
        new = np.unique(added_numbers[coming[~self._find(places)[1]]])  # as sorted as the groups
        names = np.concatenate([numbers[columns.graph_names], new]).astype(np.int32)
        sizes = np.concatenate([sizes, more[~is_known]])
        kept = np.flatnonzero(sizes > 0)
        order = kept[np.argsort(names[kept], kind="stable")]
        writer.append("graph_names", names[order])
        writer.append("graph_starts", np.cumsum([0, *sizes[order].tolist()], dtype=np.int64))
        return len(order)


def _number_doubly(rows: Array) -> Integers:
    return 2 * rows.astype(np.int64) + 1
