"""Edits of the quads of columns in one of their two orders, and what there is to count of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import Kind
from sparql_server.engine.columns.storage.byte_strings import Integers
from sparql_server.engine.columns.storage.dictionary import read_pieces
from sparql_server.engine.columns.storage.layout import Array, ArrayFile, ArrayWriter
from sparql_server.engine.columns.storage.merging.edits import Edits, edit_arrays
from sparql_server.engine.columns.storage.merging.row_search import (
    Groups,
    find_rows,
)
from sparql_server.engine.columns.storage.nquads import Numbers
from sparql_server.engine.columns.storage.sorted_runs import choose_files
from sparql_server.engine.columns.storage.triples import Columns

Names = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """Columns with their files."""

    columns: Columns
    files: Mapping[str, ArrayFile]

    def predicates(self) -> Numbers:
        """Return the numbers of the predicates, sorted."""
        return np.array(self.columns.properties(), np.int32)

    def predicates_at(self, places: Integers) -> Numbers:
        """Return the predicates of quads, whose places are the same in both orders."""
        return self.predicates()[np.searchsorted(self.columns.starts, places, "right") - 1]

    def kinds_of(self, numbers: Numbers) -> Integers:
        """Return the kinds of terms."""
        return np.searchsorted(self.columns.terms.bounds, numbers, "right").astype(np.int64) - 1


@dataclass(frozen=True, slots=True)
class Merged:
    """The places of terms among those of both, sorted. base, added: of each term of either.

    Each has that of the default graph, -1, at its end.
    """

    base: Numbers
    added: Numbers


@dataclass(frozen=True, slots=True)
class Quads:
    """Quads that go or come, in one order.

    first, second, graphs: as the arrays have them. kinds: of the first. The others: places of terms
    among those of both.
    """

    kinds: Integers
    first: Numbers
    second: Numbers
    graphs: Numbers
    predicate_at: Numbers
    first_at: Numbers
    second_at: Numbers


class OrderEdits:
    """The quads in one order, of before and of now, as they are merged.

    merged: places of the terms. gone: places of quads that go. firsts: the first of the arrays.
    """

    def __init__(
        self, base: Part, added: Part, names: Names, merged: Merged, gone: Integers
    ) -> None:
        self.names = names
        self._base = base
        self._merged = merged
        self._files = choose_files(base.files, names)
        self.firsts = self._files[0]
        self._arrays: tuple[Array, ...] = tuple(file.map() for file in self._files)
        self.gone = self._take_gone(gone)
        self.added = _take_added(added, names, merged.added)
        wanted = (self.added.first_at, self.added.second_at, merged.added[self.added.graphs])
        sections = self._find_sections(self.added.predicate_at)
        self.edits = Edits(gone, find_rows(self._arrays, wanted, sections, merged.base.take))

    def _take_gone(self, places: Integers) -> Quads:
        first, second, graphs = (array[places] for array in self._arrays)
        predicates = self._base.predicates_at(places)
        at = map(self._merged.base.take, (predicates, first, second))
        return Quads(self._base.kinds_of(first), first, second, graphs, *at)

    def _find_sections(self, predicates: Numbers) -> tuple[Integers, Integers]:
        """Return where the quads of predicates begin in the base, and where they end."""
        columns = self._base.columns
        known = self._merged.base[self._base.predicates()]
        places = np.searchsorted(known, predicates)
        is_known = np.append(known, np.int32(-1))[places] == predicates
        return columns.starts[places], columns.starts[places + is_known]

    # What there is to count

    def count_firsts(self) -> Iterator[tuple[int, int]]:
        """Yield predicates, by their places, with how many more firsts each has."""
        gone, added = self.gone, self.added
        groups = Groups.of((gone.predicate_at, gone.first_at), (added.predicate_at, added.first_at))
        more = groups.count_more(self._count_rows(groups, 1))
        yield from zip(groups.columns[0].tolist(), more.tolist(), strict=True)

    def count_triples(self) -> int:
        """Return how many more triples there are, each once in whatever graphs it stands."""
        rows = ((part.predicate_at, part.first_at, part.second_at) for part in self._both())
        groups = Groups.of(*rows)
        return int(groups.count_more(self._count_rows(groups, 2)).sum())

    def count_quads(self) -> Iterator[tuple[int, int]]:
        """Yield predicates, by their places, with how many more quads each has."""
        groups = Groups.of(*((part.predicate_at,) for part in self._both()))
        more = groups.added - groups.gone
        yield from zip(groups.columns[0].tolist(), more.tolist(), strict=True)

    def count_rows_by_kind(self) -> Integers:
        """Return how many more quads there are whose first is of each kind."""
        gone, added = (np.bincount(part.kinds, minlength=len(Kind)) for part in self._both())
        return added - gone

    def group_firsts(self) -> Groups:
        """Group firsts by kind and place, whatever the predicate."""
        return Groups.of(*((part.kinds, part.first_at) for part in self._both()))

    def _both(self) -> tuple[Quads, Quads]:
        return self.gone, self.added

    def _count_rows(self, groups: Groups, depth: int) -> Integers:
        """Return how many quads the base has in each group of predicate, first and so on."""
        sections = self._find_sections(groups.columns[0])
        wanted = groups.columns[1:]
        arrays, locate = self._arrays[:depth], self._merged.base.take
        after = find_rows(arrays, (*wanted[:-1], wanted[-1] + 1), sections, locate)
        return after - find_rows(arrays, wanted, sections, locate)

    # Writing

    def write(self, writer: ArrayWriter, numbers: Numbers, added_numbers: Numbers) -> Iterator[int]:
        """Write the arrays of this order; yield how many quads are done, piece by piece.

        numbers: that each term of the base gets. added_numbers: that each added one gets.
        """
        added = self.added
        new = tuple(added_numbers[part] for part in (added.first, added.second, added.graphs))
        return edit_arrays(writer, self.names, self._files, self.edits, new, numbers.take)


def _take_added(added: Part, names: Names, places: Numbers) -> Quads:
    first, second, graphs = (file.read() for file in choose_files(added.files, names))
    predicates = added.predicates_at(np.arange(len(first)))
    at = (places[part] for part in (predicates, first, second))
    return Quads(added.kinds_of(first), first, second, graphs, *at)


def find_places(file: ArrayFile, numbers: Integers, size: int) -> Integers:
    """Return where an array has one of these numbers. size: more than any number in it."""
    table = np.zeros(size + 1, np.bool_)  # the last one stands for the default graph
    table[numbers] = True
    begin, found = 0, [np.empty(0, np.int64)]
    for piece in read_pieces(file):
        found.append(begin + np.flatnonzero(table.take(piece)))
        begin += len(piece)
    return np.concatenate(found)


def count_uses(file: ArrayFile, numbers: Integers, size: int) -> Integers:
    """Return how often an array has each of some sorted numbers. size: more than any in it."""
    table = np.zeros(size + 1, np.bool_)
    table[numbers] = True
    counts = np.zeros(len(numbers), np.int64)
    for piece in read_pieces(file):
        used: NDArray[np.int32] = piece[table.take(piece)]
        counts += np.bincount(np.searchsorted(numbers, used), minlength=len(numbers))
    return counts
