"""Makes columns of others: what a few graphs held is left out, what they hold now is merged in.

The result is the same, to the byte, as columns made anew of all graphs.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from sparql_server.engine.columns.algebra import Kind, Term
from sparql_server.engine.columns.storage.building import Builder
from sparql_server.engine.columns.storage.byte_strings import Integers
from sparql_server.engine.columns.storage.layout import ArrayWriter, open_files
from sparql_server.engine.columns.storage.merging.counts import Counts
from sparql_server.engine.columns.storage.merging.graph_edits import GraphEdits
from sparql_server.engine.columns.storage.merging.quad_edits import (
    Merged,
    OrderEdits,
    Part,
    find_places,
)
from sparql_server.engine.columns.storage.merging.term_edits import TermEdits, locate_terms
from sparql_server.engine.columns.storage.nquads import Numbers
from sparql_server.engine.columns.storage.orders import Progress
from sparql_server.engine.columns.storage.sorted_runs import BY_OBJECT, BY_SUBJECT
from sparql_server.engine.columns.storage.triples import Columns


def update(
    base: Path,
    graphs: Iterable[str],
    quads: Iterable[bytes],
    folder: Path,
    scratch: Path,
    progress: Progress = lambda _: None,
) -> None:
    """Write to a folder, which is made, the columns of ``base`` with other contents of graphs.

    graphs: IRIs of those that hold something else now, or nothing. quads: all that they hold, as
    N-Quads. scratch: a folder for what is being made; it is made and removed.
    Raises ColumnsError if the base can't be read, and what ``Builder`` does.
    """
    builder = Builder(scratch / "new")
    for piece in quads:
        builder.write(piece)
    builder.finish(scratch / "added")
    _Update(_open(base), _open(scratch / "added"), graphs).write(folder, scratch, progress)
    shutil.rmtree(scratch)


def _open(folder: Path) -> Part:
    return Part(Columns.of(folder), open_files(folder)[0])


class _Update:
    """Merges columns of what graphs hold now with those of before, less what these held then."""

    def __init__(self, base: Part, added: Part, graphs: Iterable[str]) -> None:
        terms = base.columns.terms
        self._base, self._added = base, added
        self._places, self._is_there = locate_terms(terms, added.columns.terms)
        self._points = self._places[~self._is_there]
        merged = Merged(*self._number(np.empty(0, np.int64)))
        found = {terms.find(Term(Kind.IRI, graph)) for graph in graphs} - {-1}
        numbers = np.array(sorted(found), np.int64)
        self._graphs = GraphEdits(base, merged, numbers)
        by_object = find_places(base.files[BY_OBJECT[2]], numbers, terms.count)
        self._orders = (
            OrderEdits(base, added, BY_SUBJECT, merged, self._graphs.rows),
            OrderEdits(base, added, BY_OBJECT, merged, by_object),
        )
        self._counts = Counts(base, added, merged, self._orders)

    def _number(self, removed: Integers) -> tuple[Numbers, Numbers]:
        """Return the number that each term gets, of the base and of those that are added.

        removed: terms of the base that get none. The last one is the default graph's.
        """
        moves = np.ones(self._base.columns.terms.count + 1, np.int32)
        moves[0] = 0
        np.add.at(moves, self._points, 1)
        np.subtract.at(moves, removed + 1, 1)
        numbers: Numbers = np.cumsum(moves, dtype=np.int32, out=moves)
        numbers[-1] = -1
        added = np.append(numbers[self._places], np.int32(-1))
        before = np.searchsorted(removed, self._points)
        added[:-1][~self._is_there] = self._points - before + np.arange(len(self._points))
        return numbers, added

    def write(self, folder: Path, scratch: Path, progress: Progress) -> None:
        """Write the columns: each order and the terms by themselves, on two processors."""
        writer, working = ArrayWriter(folder), ArrayWriter(scratch / "working")
        numbers = self._number(self._counts.unused)
        terms = TermEdits(self._base, self._added, self._counts.unused, self._points)
        by_subject, by_object = self._orders
        with ThreadPoolExecutor(1) as pool:
            tasks = (
                pool.submit(terms.write, writer, working, np.flatnonzero(~self._is_there)),
                pool.submit(lambda: {"quads": sum(by_object.write(writer, *numbers))}),
            )
            for quads in by_subject.write(writer, *numbers):
                progress(quads)
            self._graphs.write_rows(writer, working, by_subject)
            facts = tasks[0].result() | tasks[1].result()
        graphs = self._graphs.write_names(writer, by_subject.added.graphs, *numbers)
        self._counts.write_predicates(writer, *numbers)
        writer.finish(facts | self._counts.of_quads() | {"graphs": graphs})
