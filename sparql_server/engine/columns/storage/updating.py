"""Makes columns of others: what a few graphs held is left out, what they hold now is merged in.

The result is the same, to the byte, as columns made anew of all graphs.
"""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import Kind, Term
from sparql_server.engine.columns.storage.building import Builder
from sparql_server.engine.columns.storage.dictionary import (
    DictionaryWriter,
    read_pieces,
    split_range,
)
from sparql_server.engine.columns.storage.layout import ArrayFile, ArrayWriter, open_files
from sparql_server.engine.columns.storage.nquads import Numbers
from sparql_server.engine.columns.storage.orders import Progress, QuadsWriter
from sparql_server.engine.columns.storage.rows import Run as SortedRows
from sparql_server.engine.columns.storage.runs import (
    BY_OBJECT,
    BY_SUBJECT,
    EditedRows,
    StoredRows,
    choose_files,
)
from sparql_server.engine.columns.storage.share import USUAL, Share
from sparql_server.engine.columns.storage.term_edits import TermReader, edit_terms, locate_terms
from sparql_server.engine.columns.storage.texts import Integers
from sparql_server.engine.columns.storage.triples import Columns

Mask = NDArray[np.bool_]


def update(
    base: Path,
    graphs: Iterable[str],
    quads: Iterable[bytes],
    folder: Path,
    scratch: Path,
    share: Share = USUAL,
    progress: Progress = lambda _: None,
) -> None:
    """Write to a folder, which is made, the columns of ``base`` with other contents of graphs.

    graphs: IRIs of those that hold something else now, or nothing. quads: all that they hold, as
    N-Quads. scratch: a folder for what is being made; it is made and removed.
    Raises ColumnsError if the base can't be read, and what ``Builder`` does.
    """
    builder = Builder(scratch / "new", share)
    for piece in quads:
        builder.write(piece)
    builder.finish(scratch / "added")
    _Update(base, Columns.of(scratch / "added"), graphs, scratch, share).write(folder, progress)
    shutil.rmtree(scratch)


class _Update:
    """Merges columns of what graphs hold now with those of before, less what these held then."""

    def __init__(
        self, base: Path, added: Columns, graphs: Iterable[str], scratch: Path, share: Share
    ) -> None:
        self._files, self._facts = open_files(base)
        self._base = Columns.of(base)
        self._added = added
        self._added_files, _ = open_files(scratch / "added")
        self._scratch = scratch
        self._share = share
        self._gone = self._find_places(graphs)
        self._places, self._is_there = locate_terms(self._base.terms, added.terms)
        self._removed = self._find_unused_terms()
        self._points = self._places[~self._is_there]
        self._numbers = self._move()
        self._added_numbers = self._number_added()

    def write(self, folder: Path, progress: Progress) -> None:
        """Write the columns."""
        writer, working = ArrayWriter(folder), ArrayWriter(self._scratch / "working")
        facts = self._write_terms(writer, working)
        quads = QuadsWriter(writer, working, facts["bounds"], self._share)
        parts: defaultdict[int, list[tuple[EditedRows, EditedRows]]] = defaultdict(list)
        for predicate, *pair_of_parts in self._split():
            first, second = pair_of_parts
            parts[predicate].append((first, second))
        for predicate in sorted(parts):
            by_subject: list[SortedRows] = [part for part, _ in parts[predicate]]
            by_object: list[SortedRows] = [part for _, part in parts[predicate]]
            quads.write(predicate, by_subject, progress, by_object)
        writer.finish(facts | quads.finish())

    # What goes

    def _find_places(self, graphs: Iterable[str]) -> dict[tuple[str, str, str], Integers]:
        """Return where quads of these graphs are, in each of the two orders."""
        terms = self._base.terms
        named = [terms.find(Term(Kind.IRI, graph)) for graph in graphs]
        gone = np.zeros(terms.count + 1, np.bool_)  # the last one stands for the default graph
        gone[[number for number in named if number >= 0]] = True
        places = {}
        for names in (BY_SUBJECT, BY_OBJECT):
            values = self._files[names[2]]
            pieces = [
                begin + np.flatnonzero(gone[values.read(begin, end)])
                for begin, end in split_range(0, len(values))
            ]
            places[names] = np.concatenate([np.empty(0, np.int64), *pieces])
        return places

    def _find_unused_terms(self) -> Integers:
        """Return the terms of the base that stand in nothing that stays or comes, sorted."""
        gone, starts = self._gone[BY_SUBJECT], self._base.starts
        columns = self._base.subjects, self._base.objects, self._base.graphs
        predicates = np.array(self._base.properties(), np.int64)
        places = np.searchsorted(starts, gone, "right") - 1
        leaving = np.concatenate([*(column[gone] for column in columns), predicates[places]])
        leaving = leaving[leaving >= 0]
        candidates, uses = np.unique(leaving, return_counts=True)
        is_candidate = np.zeros(self._base.terms.count + 1, np.bool_)
        is_candidate[candidates] = True
        for name in BY_SUBJECT:
            for piece in read_pieces(self._files[name]):
                used = piece[is_candidate[piece]]
                found = np.searchsorted(candidates, used)
                uses = uses - np.bincount(found, minlength=len(candidates))
        is_used = is_candidate[predicates]
        found = np.searchsorted(candidates, predicates[is_used])
        uses[found] -= np.diff(starts)[is_used]
        return np.setdiff1d(candidates[uses == 0], self._places[self._is_there]).astype(np.int64)

    # Numbers

    def _move(self) -> Numbers:
        """Return the number that each term of the base gets, and that of the default graph."""
        moves = np.zeros(self._base.terms.count + 1, np.int32)
        moves[self._removed] = -1
        np.add.at(moves, self._points, 1)
        numbers: Numbers = np.cumsum(moves, dtype=np.int32)
        numbers += np.arange(len(moves), dtype=np.int32)
        numbers[-1] = -1
        return numbers

    def _number_added(self) -> Numbers:
        numbers = np.append(self._numbers[self._places], np.int32(-1))
        before = np.searchsorted(self._removed, self._points)
        new = self._points - before + np.arange(len(self._points))
        numbers[:-1][~self._is_there] = new
        return numbers

    # Writing

    def _split(self) -> Iterable[tuple[int, EditedRows, EditedRows]]:
        """Yield the quads of predicates, in both orders: of the base, then what is added."""
        yield from self._split_predicate(self._base, self._files, self._gone, self._numbers)
        nothing = {names: np.empty(0, np.int64) for names in (BY_SUBJECT, BY_OBJECT)}
        yield from self._split_predicate(
            self._added, self._added_files, nothing, self._added_numbers
        )

    def _split_predicate(
        self,
        columns: Columns,
        files: dict[str, ArrayFile],
        gone: dict[tuple[str, str, str], Integers],
        numbers: Numbers,
    ) -> Iterator[tuple[int, EditedRows, EditedRows]]:
        starts = columns.starts.tolist()
        for place, predicate in enumerate(columns.properties()):
            begin, end = starts[place : place + 2]
            parts = []
            for names in (BY_SUBJECT, BY_OBJECT):
                first, last = np.searchsorted(gone[names], (begin, end))
                stored = StoredRows(choose_files(files, names), begin, end)
                parts.append(EditedRows(stored, gone[names][first:last] - begin, numbers))
            yield int(numbers[predicate]), parts[0], parts[1]

    def _write_terms(self, writer: ArrayWriter, working: ArrayWriter) -> dict[str, Any]:
        names = self._list_tag_names()
        dictionary = DictionaryWriter(writer, working, names)
        own, added = (
            TermReader(columns.terms, files, names)
            for columns, files in ((self._base, self._files), (self._added, self._added_files))
        )
        new = np.flatnonzero(~self._is_there)
        for kind in Kind:
            begin, end = self._base.terms.bounds[kind : kind + 2]
            first, last = np.searchsorted(new, self._added.terms.bounds[kind : kind + 2])
            texts, tags = added.read(kind, new[first:last])
            points = self._points[first:last]
            for start, stop in [*split_range(begin, end)] or [(begin, end)]:
                stops = len(points) if stop == end else int(np.searchsorted(points, stop))
                starts = int(np.searchsorted(points, start)) if start > begin else 0
                removed = self._removed[
                    np.searchsorted(self._removed, start) : np.searchsorted(self._removed, stop)
                ]
                here = slice(starts, stops)
                piece = own.read(kind, np.arange(start, stop))
                edited = edit_terms(
                    piece,
                    removed - start,
                    (texts.take(np.arange(starts, stops)), tags[here]),
                    points[here] - start,
                )
                dictionary.write(kind, *edited)
        return dictionary.finish()

    def _list_tag_names(self) -> list[bytes]:
        terms, removed = self._base.terms, self._removed
        uses = np.zeros(len(terms.tag_names), np.int64)
        for piece in read_pieces(self._files["tags"]):
            uses += np.bincount(piece, minlength=len(uses))
        tagged = removed[removed >= terms.bounds[Kind.LANGUAGE]] - terms.bounds[Kind.LANGUAGE]
        uses -= np.bincount(terms.tags[tagged], minlength=len(uses))
        used = {name for name, count in zip(terms.tag_names, uses, strict=True) if count}
        return sorted(name.encode() for name in used | set(self._added.terms.tag_names))
