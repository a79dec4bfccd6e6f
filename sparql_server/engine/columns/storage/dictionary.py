"""Merges the terms of runs into one dictionary, range by range, and numbers them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import Kind
from sparql_server.engine.columns.storage.byte_strings import Integers, Texts, rank
from sparql_server.engine.columns.storage.instants import DATE_TIME, UNKNOWN, read_instants
from sparql_server.engine.columns.storage.layout import ArrayFile, ArrayWriter, Unrepresentable
from sparql_server.engine.columns.storage.share import TERM
from sparql_server.engine.columns.storage.sorted_runs import Run

_LONGEST = 256  # bytes of a value that separates two ranges
_PIECE = 1 << 22  # numbers that are read at once
_MOST = np.iinfo(np.int32).max

NUMBERS = "numbers"
"""The array of a run's folder that has the number of each of its terms among all."""


class DictionaryWriter:
    """Writes the dictionary of columns: terms, as they come in order. count: how many there are.

    tag_names: all that there will be, sorted.
    """

    def __init__(self, writer: ArrayWriter, scratch: ArrayWriter, tag_names: Sequence[bytes]):
        self._writer = writer
        self._scratch = scratch
        self._names = tag_names
        self._bounds = [0] * (len(Kind) + 1)
        self.count = 0
        writer.append("blob", np.empty(0, np.uint8))
        writer.append("tags", np.empty(0, np.int32))
        writer.append("instants", np.empty(0, np.int64))
        scratch.append("lengths", np.empty(0, np.uint32))

    def write(self, kind: Kind, texts: Texts, tags: Integers) -> None:
        """Add terms of a kind. tags: places among the names. Raises Unrepresentable."""
        for piece in texts.join_pieces():
            self._writer.append("blob", piece)
        self.note(kind, texts.lengths.astype(np.uint32))
        if kind >= Kind.LANGUAGE:
            self._writer.append("tags", tags.astype(np.int32))
        if kind == Kind.TYPED:
            self._writer.append("instants", self._find_instants(texts, tags))

    def note(self, kind: Kind, lengths: NDArray[np.uint32]) -> None:
        """Count terms of a kind, whose values have these lengths. Raises Unrepresentable."""
        self._scratch.append("lengths", lengths)
        self.count += len(lengths)
        if self.count > _MOST:
            raise Unrepresentable("it has more terms than 32 bits can number")
        for place in range(kind + 1, len(Kind) + 1):
            self._bounds[place] = self.count

    def adopt(self, run: Run) -> None:
        """Take over the terms of a run, if there is no other: its files, as far as may be."""
        os.unlink(self._writer.folder / "blob")
        self._writer.take("blob", run.files["blob"])
        for kind in Kind:
            begin, end = run.bounds[kind : kind + 2]
            for first, last in split_range(begin, end):
                self.note(kind, run.files["lengths"].read(first, last))
                tags = run.read_tags(first, last)
                if kind >= Kind.LANGUAGE:
                    self._writer.append("tags", tags.astype(np.int32))
                if kind == Kind.TYPED:
                    texts = run.read_texts(first, last)
                    self._writer.append("instants", self._find_instants(texts, tags))

    def _find_instants(self, texts: Texts, tags: Integers) -> NDArray[np.int64]:
        instants = np.full(len(texts), UNKNOWN, np.int64)
        if DATE_TIME in self._names:
            dated = np.flatnonzero(tags == self._names.index(DATE_TIME))
            instants[dated] = read_instants(texts.take(dated))
        return instants

    def finish(self) -> dict[str, Any]:
        """Write where values begin; return what there is to say of the terms."""
        lengths = self._scratch.open_written("lengths")
        total = len(self._writer.open_written("blob"))
        kind = np.uint32 if total < 1 << 32 else np.int64
        self._writer.append("offsets", np.zeros(1, kind))
        before = 0
        for piece in read_pieces(lengths):
            ends = before + np.cumsum(piece, dtype=np.int64)
            before = int(ends[-1])
            self._writer.append("offsets", ends.astype(kind))
        return {"bounds": self._bounds, "tag_names": [name.decode() for name in self._names]}


def merge_terms(
    runs: Sequence[Run],
    dictionary: DictionaryWriter,
    numbered: Sequence[ArrayWriter],
    most: int,
) -> None:
    """Write the terms of all runs into a dictionary, and each run's ``NUMBERS`` into a folder.

    most: bytes of terms that are merged at once.
    """
    names = sorted(set(chain.from_iterable(run.tag_names for run in runs)))
    places = {name: place for place, name in enumerate(names)}
    own = [np.array([*map(places.__getitem__, run.tag_names), 0], np.int64) for run in runs]
    for folder in numbered:
        folder.append(NUMBERS, np.empty(0, np.int32))
    for kind in Kind:
        for ranges in _split_kind(runs, kind, most):
            texts, tags, sizes = [], [], []
            for run, tagged, (begin, end) in zip(runs, own, ranges, strict=True):
                texts.append(run.read_texts(begin, end))
                own_tags = run.read_tags(begin, end)
                tags.append(tagged[own_tags] if kind >= Kind.LANGUAGE else own_tags)
                sizes.append(end - begin)
            numbers = _merge(kind, _concatenate(texts), np.concatenate(tags), dictionary)
            pieces = np.split(numbers, np.cumsum(sizes)[:-1])
            for folder, piece in zip(numbered, pieces, strict=True):
                folder.append(NUMBERS, piece)


def _merge(
    kind: Kind, texts: Texts, tags: Integers, dictionary: DictionaryWriter
) -> NDArray[np.int32]:
    """Write terms, each once; return their numbers."""
    before = dictionary.count
    order, ranks = rank(np.zeros(len(texts), np.int8), texts, tags)
    new = np.ones(len(order), np.bool_)
    new[1:] = np.diff(ranks[order]) > 0
    first = order[new]
    dictionary.write(kind, texts.take(first), tags[first])
    return (ranks + before).astype(np.int32)


def _concatenate(parts: Sequence[Texts]) -> Texts:
    shifts = np.cumsum([0, *(len(part.blob) for part in parts)]).tolist()
    starts = [part.starts + shift for part, shift in zip(parts, shifts, strict=False)]
    return Texts(
        np.concatenate([part.blob for part in parts]),
        np.concatenate(starts),
        np.concatenate([part.lengths for part in parts]),
    )


def _split_kind(runs: Sequence[Run], kind: Kind, most: int) -> Iterator[list[tuple[int, int]]]:
    """Yield ranges of places that hold the same values in every run, all of a kind in the end."""
    begins = [run.bounds[kind] for run in runs]
    for pivot in (*_find_pivots(runs, kind, most), None):
        ends = [
            run.bounds[kind + 1] if pivot is None else run.find_lower(kind, pivot, begin)
            for run, begin in zip(runs, begins, strict=True)
        ]
        if begins != ends:
            yield list(zip(begins, ends, strict=True))
        begins = ends


def _find_pivots(runs: Sequence[Run], kind: Kind, most: int) -> list[bytes]:
    """Return values between which there is about as much as may be merged at once."""
    step = max(1, most // (8 * len(runs)))
    samples = sorted(value for run in runs for value in _take_samples(run, kind, step))
    apart = max(1, most // step)
    return list(dict.fromkeys(samples[apart::apart]))


def _take_samples(run: Run, kind: Kind, step: int) -> Iterator[bytes]:
    begin, end = run.bounds[kind], run.bounds[kind + 1]
    weights = run.offsets[begin:end] + TERM * np.arange(begin, end)
    if len(weights):
        wanted = np.arange(weights[0], weights[-1], step)
        for place in np.unique(np.searchsorted(weights, wanted)).tolist():
            yield run.read_value(begin + place)[:_LONGEST]


def split_range(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges of places in which an array is read, piece by piece."""
    for first in range(begin, end, _PIECE):
        yield first, min(first + _PIECE, end)


def read_pieces(file: ArrayFile) -> Iterator[Any]:
    """Yield an array's items in pieces."""
    for begin, end in split_range(0, len(file)):
        yield file.read(begin, end)
