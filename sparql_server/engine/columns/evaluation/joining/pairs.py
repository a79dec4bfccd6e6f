"""Pairs of terms that a path connects, to be looked up from either end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.evaluation.joining.restrictions import Spans
from sparql_server.engine.columns.solutions.arrays import (
    Mask,
    Numbers,
    Rows,
    make_numbers,
    pair,
    split_pairs,
)
from sparql_server.engine.columns.solutions.halves import take
from sparql_server.engine.columns.solutions.number_search import find, find_matches, spread
from sparql_server.engine.columns.storage.triples import Property


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs in two orders: by where they come from, and by where they go to.

    graphs, by_object_graphs: the graph that each stands in, where that is known.
    """

    subjects: Numbers
    objects: Numbers
    by_object_objects: Numbers
    by_object_subjects: Numbers
    graphs: Numbers
    by_object_graphs: Numbers

    def __len__(self) -> int:
        return len(self.subjects)

    def inverse(self) -> Pairs:
        """Return the pairs the other way round."""
        return Pairs(
            self.by_object_objects,
            self.by_object_subjects,
            self.subjects,
            self.objects,
            self.by_object_graphs,
            self.graphs,
        )


def make_pairs(triples: Property | None) -> Pairs:
    """Return a property's subjects and objects."""
    if triples is None:
        return _NONE
    return Pairs(
        triples.subjects,
        triples.objects,
        triples.by_object_objects,
        triples.by_object_subjects,
        triples.graphs,
        triples.by_object_graphs,
    )


def sort_keys(keys: NDArray[np.int64]) -> Pairs:
    """Return pairs that ``paired`` has made and that are sorted, of no known graph."""
    subjects, objects = split_pairs(keys)
    by_object_objects, by_object_subjects = split_pairs(np.sort(pair(objects, subjects)))
    return Pairs(subjects, objects, by_object_objects, by_object_subjects, _NOTHING, _NOTHING)


def sort_columns(subjects: Numbers, objects: Numbers, graphs: Numbers) -> Pairs:
    """Return pairs in any order, with the graphs that they stand in."""
    order = np.argsort(pair(subjects, objects), kind="stable")
    other = np.argsort(pair(objects, subjects), kind="stable")
    return Pairs(
        subjects[order],
        objects[order],
        objects[other],
        subjects[other],
        graphs[order],
        graphs[other],
    )


_NOTHING = np.empty(0, np.int32)
_NONE = Pairs(*[_NOTHING] * 6)


def narrow(pairs: Pairs, spans: Spans) -> Pairs:
    """Return the pairs whose subjects are within ranges of numbers, in one order alone."""
    bounds = pairs.subjects.searchsorted(np.array(spans, np.int32).reshape(-1, 2)).tolist()
    columns = (pairs.subjects, pairs.objects, pairs.graphs)
    subjects, objects, graphs = (
        np.concatenate([_NOTHING, *(column[begin:end] for begin, end in bounds)])
        if len(bounds) != 1
        else column[slice(*bounds[0])]
        for column in columns
    )
    return Pairs(subjects, objects, _NOTHING, _NOTHING, graphs, _NOTHING)


def find_objects_of(pairs: Pairs, number: int) -> Numbers:
    """Return the objects of one subject, sorted."""
    begin, end = find(pairs.subjects, make_numbers([number]))
    return pairs.objects[begin[0] : end[0]]


def find_members(sorted_numbers: Numbers, column: Numbers) -> Rows:
    """Return the rows whose number is among these: once for each time that it is."""
    return spread(*find(sorted_numbers, column))[0]


def find_objects(pairs: Pairs, column: Numbers) -> tuple[Rows | None, Numbers]:
    """Return for each object that a row's subject has the row, and the object.

    None for the rows: each has one object.
    """
    rows, positions = find_matches(pairs.subjects, column)
    return rows, take(pairs.objects, positions)


def match_both(pairs: Pairs, subjects: Numbers, objects: Numbers) -> Rows:
    """Return the rows whose subject has the object of the same row."""
    begin, end = find(pairs.subjects, subjects)
    if (end - begin).sum() > 4 * len(subjects):
        pairs, subjects, objects = pairs.inverse(), objects, subjects
        begin, end = find(pairs.subjects, subjects)
    rows, positions = spread(begin, end)
    agreeing: Mask = pairs.objects[positions] == objects[rows]
    return rows[agreeing]
