"""Runs: parts of a dataset, each with its terms and its quads sorted, in a folder of its own.

A run's numbers are the places of terms among its own, so that terms of a run and of all runs
together come in the same order. https://en.wikipedia.org/wiki/External_sorting
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from sparql_server.engine.columns.algebra import Kind
from sparql_server.engine.columns.storage.byte_strings import Integers, Texts
from sparql_server.engine.columns.storage.layout import ArrayFile, ArrayWriter, open_files
from sparql_server.engine.columns.storage.nquads import Numbers
from sparql_server.engine.columns.storage.numbering import SortedTerms, number_terms
from sparql_server.engine.columns.storage.sorted_rows import (
    Rows,
    pair,
    sort,
    sort_numbers,
    take_first,
    take_second,
)

Quads = tuple[Numbers, Numbers, Numbers, Numbers]
"""Subjects, predicates, objects, graphs."""


def write_run(folder: Path, terms: Sequence[bytes], quads: Quads) -> None:
    """Write a run of terms as N-Quads has them, and of quads of places among these.

    Raises Unrepresentable for what isn't a term of RDF 1.1.
    """
    known, numbers = number_terms(terms)
    writer = ArrayWriter(folder)
    _write_terms(writer, known)
    _write_quads(writer, *(numbers[part] for part in quads))
    bounds = np.searchsorted(known.kinds, [*Kind, len(Kind)]).tolist()
    tag_names = [name.decode() for name in known.tag_names]
    writer.finish({"bounds": bounds, "tag_names": tag_names})


def _write_quads(
    writer: ArrayWriter, subjects: Numbers, predicates: Numbers, objects: Numbers, graphs: Numbers
) -> None:
    order = sort_numbers(predicates)
    names, begins = np.unique(predicates[order], return_index=True)
    keys, values = pair(subjects[order], objects[order]), graphs[order]
    starts = [0]
    for begin, end in pairwise([*begins.tolist(), len(order)]):
        rows = sort(Rows(keys[begin:end], values[begin:end]))
        starts.append(starts[-1] + len(rows))
        writer.append("subjects", take_first(rows.keys))
        writer.append("objects", take_second(rows.keys))
        writer.append("graphs", rows.values)
    writer.append("predicates", names.astype(np.int32))
    writer.append("starts", np.array(starts, np.int64))


def _write_terms(writer: ArrayWriter, terms: SortedTerms) -> None:
    writer.append("blob", np.empty(0, np.uint8))
    for piece in terms.texts.join_pieces():
        writer.append("blob", piece)
    writer.append("lengths", terms.texts.lengths.astype(np.uint32))
    writer.append("tags", terms.tags.astype(np.int32))
    for name in ("subjects", "objects", "graphs"):
        writer.append(name, np.empty(0, np.int32))


class Run:
    """A run on disk. size: how many terms it has.

    bounds: of kinds, as ``Terms`` has them. tag_names: its tags, sorted, in UTF-8.
    predicates: of its quads, sorted; starts: where each one's quads begin, and the end.
    offsets: where each value begins in the blob, and the end.
    """

    def __init__(self, folder: Path) -> None:
        self.files, facts = open_files(folder)
        self.bounds: list[int] = facts["bounds"]
        self.tag_names = [name.encode() for name in facts["tag_names"]]
        self.predicates: Numbers = self.files["predicates"].read()
        self.starts: list[int] = self.files["starts"].read().tolist()
        lengths = self.files["lengths"].read()
        self.offsets = np.zeros(len(lengths) + 1, np.int64)
        np.cumsum(lengths, out=self.offsets[1:])
        self.size = len(lengths)

    def read_value(self, place: int) -> bytes:
        """Return a term's value."""
        begin, end = self.offsets[place : place + 2].tolist()
        return self.files["blob"].read(begin, end).tobytes()

    def find_lower(self, kind: Kind, value: bytes, begin: int) -> int:
        """Return the first place from one on whose term is of another kind, or not less."""
        return bisect_left(range(self.bounds[kind + 1]), value, lo=begin, key=self.read_value)

    def read_texts(self, begin: int, end: int) -> Texts:
        """Return the values of the terms of a range."""
        offsets = self.offsets[begin : end + 1]
        values = self.files["blob"].read(*offsets[[0, -1]].tolist())
        blob = np.concatenate([values, np.zeros(8, np.uint8)])
        return Texts(blob, offsets[:-1] - offsets[0], np.diff(offsets))

    def read_tags(self, begin: int, end: int) -> Integers:
        """Return the places in ``tag_names`` of the terms of a range."""
        return self.files["tags"].read(begin, end).astype(np.int64)


@dataclass(frozen=True, slots=True)
class StoredRows:
    """Rows on disk: arrays of the two numbers of their keys, and of values. begin, end: where."""

    files: tuple[ArrayFile, ArrayFile, ArrayFile]
    begin: int
    end: int

    def __len__(self) -> int:
        return self.end - self.begin

    def read(self, begin: int, end: int) -> Rows:
        """Return the rows of a range."""
        place = self.begin + begin, self.begin + end
        first, second, values = (file.read(*place) for file in self.files)
        return Rows(pair(first, second), values)


BY_SUBJECT = ("subjects", "objects", "graphs")
BY_OBJECT = ("by_object_objects", "by_object_subjects", "by_object_graphs")


def choose_files(
    files: Mapping[str, ArrayFile], names: tuple[str, str, str]
) -> tuple[ArrayFile, ArrayFile, ArrayFile]:
    """Return the files of these three arrays."""
    first, second, values = names
    return files[first], files[second], files[values]


def store_rows(folder: Path, rows: Iterable[Rows]) -> StoredRows:
    """Write rows that come in order to a folder."""
    writer, size = ArrayWriter(folder), 0
    for piece in rows:
        writer.append("first", take_first(piece.keys))
        writer.append("second", take_second(piece.keys))
        writer.append("values", piece.values)
        size += len(piece)
    files = (
        writer.open_written("first"),
        writer.open_written("second"),
        writer.open_written("values"),
    )
    return StoredRows(files, 0, size)
