"""Writes the quads of columns: predicate by predicate in two orders, and an index of graphs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import Kind
from sparql_server.engine.columns.storage.dictionary import split_range
from sparql_server.engine.columns.storage.layout import ArrayWriter
from sparql_server.engine.columns.storage.share import Share
from sparql_server.engine.columns.storage.sorted_rows import (
    Numbers,
    Rows,
    Run,
    merge,
    pair,
    sort,
    sort_numbers,
    take_first,
    take_second,
)
from sparql_server.engine.columns.storage.sorted_runs import (
    BY_OBJECT,
    BY_SUBJECT,
    StoredRows,
    store_rows,
)

Progress = Callable[[int], None]
"""Is called with how many more quads are done."""


class QuadsWriter:
    """Writes quads of one predicate after the other, in their order; counts what there is.

    terms: how many there are. bounds: of their kinds.
    """

    def __init__(
        self, writer: ArrayWriter, scratch: ArrayWriter, bounds: Sequence[int], share: Share
    ) -> None:
        self._share = share
        self._writer = writer
        self._scratch = scratch
        self._bounds = bounds
        self._predicates: list[int] = []
        self._starts = [0]
        self._distinct: dict[str, list[int]] = {"distinct_subjects": [], "distinct_objects": []}
        self._subjects = np.zeros(bounds[-1], np.bool_)
        self._objects = np.zeros(bounds[-1], np.bool_)
        self._rows = {
            "subject_rows": np.zeros(len(Kind), int),
            "object_rows": np.zeros(len(Kind), int),
        }
        self._triples = 0
        for name in (*BY_SUBJECT, *BY_OBJECT):
            writer.append(name, np.empty(0, np.int32))

    def write(
        self,
        predicate: int,
        by_subject: Sequence[Run],
        progress: Progress,
    ) -> None:
        """Add the quads of a predicate, as rows: subjects and objects, with graphs."""
        pieces, size, subjects, objects = 0, 0, _Counter(), _Counter()
        rows = Rows(np.empty(0, np.int64), np.empty(0, np.int32))
        for rows in merge(by_subject, self._share.rows):
            pieces += 1
            size += len(rows)
            self._triples += subjects.count(rows.keys)
            self._write(BY_SUBJECT, rows)
            self._note("subject_rows", self._subjects, take_first(rows.keys))
            progress(len(rows))
        if not size:
            return
        by_object = [swap(rows)] if pieces == 1 else self._sort_blocks(size)
        for rows in merge(by_object, self._share.rows):
            objects.count(rows.keys)
            self._write(BY_OBJECT, rows)
            self._note("object_rows", self._objects, take_first(rows.keys))
        self._predicates.append(predicate)
        self._starts.append(self._starts[-1] + size)
        self._distinct["distinct_subjects"].append(subjects.firsts)
        self._distinct["distinct_objects"].append(objects.firsts)

    def _write(self, names: Sequence[str], rows: Rows) -> None:
        first, second, values = names
        self._writer.append(first, take_first(rows.keys))
        self._writer.append(second, take_second(rows.keys))
        self._writer.append(values, rows.values)

    def _note(self, name: str, seen: NDArray[np.bool_], firsts: Numbers) -> None:
        seen[firsts] = True
        self._rows[name] += np.diff(np.searchsorted(firsts, np.array(self._bounds, np.int64)))

    def _sort_blocks(self, size: int) -> list[Run]:
        """Return the quads written last, a block at a time sorted by object."""
        first, second, values = map(self._writer.open_written, BY_SUBJECT)
        place = len(first) - size
        stored = StoredRows((first, second, values), place, place + size)
        most = self._share.rows
        return [
            store_rows(
                self._scratch.folder / f"block-{begin}",
                [swap(stored.read(begin, min(begin + most, size)))],
            )
            for begin in range(0, size, most)
        ]

    def finish(self) -> dict[str, Any]:
        """Write where predicates and graphs are; return what there is to say of the quads."""
        self._writer.append("predicates", np.array(self._predicates, np.int32))
        self._writer.append("starts", np.array(self._starts, np.int64))
        for name, counts in self._distinct.items():
            self._writer.append(name, np.array(counts, np.int64))
        graphs = write_graph_index(self._writer, self._scratch, self._share)
        rows = {name: counts.tolist() for name, counts in self._rows.items()}
        return rows | {
            "quads": self._starts[-1],
            "triples": self._triples,
            "graphs": graphs,
            "subjects": self._count_by_kind(self._subjects),
            "objects": self._count_by_kind(self._objects),
        }

    def _count_by_kind(self, seen: NDArray[np.bool_]) -> list[int]:
        places = zip(self._bounds, self._bounds[1:], strict=False)
        return [int(np.count_nonzero(seen[begin:end])) for begin, end in places]


class _Counter:
    """Counts different numbers among those that come first in sorted keys, piece by piece."""

    def __init__(self) -> None:
        self.firsts = 0
        self._last = -1

    def count(self, keys: NDArray[np.int64]) -> int:
        """Take the next keys; return how many there are that didn't come before."""
        if not len(keys):
            return 0
        new = np.diff(keys, prepend=self._last)
        firsts = np.diff(keys >> 32, prepend=self._last >> 32)
        self.firsts += int(np.count_nonzero(firsts))
        self._last = int(keys[-1])
        return int(np.count_nonzero(new))


def swap(rows: Rows) -> Rows:
    """Return rows with the other of the two numbers first, in order."""
    return sort(Rows(pair(take_second(rows.keys), take_first(rows.keys)), rows.values))


def write_graph_index(writer: ArrayWriter, scratch: ArrayWriter, share: Share) -> int:
    """Write which quads each graph has; return how many graphs there are, the default one too."""
    graphs = writer.open_written("graphs")
    size = len(graphs)
    kind = np.int32 if size < 1 << 31 else np.int64
    low = max(0, size.bit_length() - 31)  # bits of a place that the key has no room for
    blocks: list[Run] = []
    for begin in range(0, size, share.graphs):
        numbers = graphs.read(begin, min(begin + share.graphs, size))
        order = sort_numbers(numbers)
        places = order + begin
        block = _Blocks(numbers[order], places, low)
        if size > share.graphs:
            blocks.append(store_rows(scratch.folder / f"graphs-{begin}", block.read_pieces()))
        else:
            blocks.append(block)
    names, starts, before, last = [], [], 0, None
    writer.append("graph_rows", np.empty(0, kind))
    for rows in merge(blocks, share.rows):
        numbers = take_first(rows.keys)
        begins = np.flatnonzero(np.diff(numbers, prepend=np.int32(-2)) != 0)
        if len(numbers) and numbers[0] == last:
            begins = begins[1:]
        names.append(numbers[begins])
        starts.append(begins + before)
        before, last = before + len(numbers), numbers[-1] if len(numbers) else last
        places = (take_second(rows.keys).astype(np.int64) << low) | rows.values
        writer.append("graph_rows", places.astype(kind))
    writer.append("graph_names", np.concatenate([np.empty(0, np.int32), *names]))
    writer.append("graph_starts", np.concatenate([*starts, [size]]).astype(np.int64))
    return sum(map(len, names))


class _Blocks:
    """Places of quads, by the numbers of their graphs. low: bits that the value has."""

    def __init__(self, numbers: Numbers, places: NDArray[np.int64], low: int) -> None:
        self._numbers = numbers
        self._places = places
        self._low = low

    def __len__(self) -> int:
        return len(self._numbers)

    def read(self, begin: int, end: int) -> Rows:
        """Return the rows of a range."""
        places = self._places[begin:end]
        keys = pair(self._numbers[begin:end], places >> self._low)
        return Rows(keys, (places & ((1 << self._low) - 1)).astype(np.int32))

    def read_pieces(self) -> Iterator[Rows]:
        """Yield all rows."""
        for begin, end in split_range(0, len(self)):
            yield self.read(begin, end)
