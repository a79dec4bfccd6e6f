"""Statements of things in columns: their own, and those of blank nodes that hang on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sparql_server.engine.columns.solutions.arrays import find_distinct
from sparql_server.engine.columns.telling.ranges import (
    NO_ROWS,
    Numbers,
    Places,
    Ranges,
    Rows,
    join_rows,
)
from sparql_server.sparql.namespaces import RDF_REST

_NOTHING = np.empty(0, np.int32)


@dataclass(frozen=True, slots=True)
class Own:
    """Statements. is_deep: whether more hangs on blank nodes than was gone along."""

    rows: Rows
    is_deep: bool = False


def read_own(ranges: Ranges, things: Numbers, graphs: Sequence[int], deepest: int) -> Own:
    """Return all that is said of things, and graphs whole, each triple once.

    deepest: blank nodes that hang on each other outside these graphs and are gone along; a list
    counts once, however long.
    """
    parts = [ranges.of_graph(graph) for graph in graphs]
    parts.append(ranges.of_subjects(things))
    hanging = add_hanging(ranges, join_rows(parts), deepest)
    return Own(drop_repeated(hanging.rows), hanging.is_deep)


def add_hanging(ranges: Ranges, rows: Rows, deepest: int) -> Own:
    """Return rows with what hangs on the blank nodes among their subjects and objects."""
    parts, rest = [rows], ranges.place(RDF_REST)
    seen = depths = np.empty(0, np.int64)
    new, new_depths = _list_blank(ranges, rows), np.empty(0, np.int64)
    new_depths = np.ones(len(new), np.int64)
    is_deep = False
    while len(new):
        seen, order = np.unique(np.concatenate([seen, new]), return_index=True)
        depths = np.concatenate([depths, new_depths])[order]
        found = ranges.of_subjects(new.astype(np.int32), ranges.with_blank_subjects)
        parts.append(found)
        blank = found.take(found.objects < ranges.first_iri)
        blank = blank.take(~np.isin(blank.objects, seen))
        below = depths[seen.searchsorted(blank.subjects)] + (blank.places != rest)
        is_deep |= bool((below > deepest).any())
        new, new_depths = _take_least(blank.objects, below, deepest)
    return Own(join_rows(parts), is_deep)


def _list_blank(ranges: Ranges, rows: Rows) -> Numbers:
    nodes = np.concatenate([rows.subjects, rows.objects])
    return find_distinct(nodes[nodes < ranges.first_iri])


def _take_least(nodes: Numbers, depths: Places, deepest: int) -> tuple[Numbers, Places]:
    """Return nodes, each once, with the least of their depths, as far as they aren't too deep."""
    order = np.lexsort((depths, nodes))
    each, first = np.unique(nodes[order], return_index=True)
    least = depths[order][first]
    return each[least <= deepest], least[least <= deepest]


def drop_repeated(rows: Rows) -> Rows:
    """Return each triple once, by subject, property and object."""
    order = np.lexsort((rows.objects, rows.places, rows.subjects))
    rows = rows.take(order)
    new = np.ones(len(rows), np.bool_)
    new[1:] = (
        (np.diff(rows.subjects) != 0) | (np.diff(rows.places) != 0) | (np.diff(rows.objects) != 0)
    )
    return rows.take(new)


def read_first(
    ranges: Ranges, things: Numbers, most: int, deepest: int
) -> tuple[Rows, dict[tuple[int, int], int]]:
    """Return the first values of each property of things, with what hangs on them.

    With it, how many values there are, by number of the subject and place of the property.
    """
    rows = drop_repeated(ranges.of_subjects(things))
    if not len(rows):
        return NO_ROWS, {}
    keys = (rows.subjects.astype(np.int64) << 32) | rows.places
    pairs, first, counts = np.unique(keys, return_index=True, return_counts=True)
    position = np.arange(len(rows)) - np.repeat(first, counts)
    kept = rows.take(position < most)
    shown = drop_repeated(add_hanging(ranges, kept, deepest).rows)
    numbers = ((int(key >> 32), int(key & 0xFFFFFFFF)) for key in pairs.tolist())
    return shown, dict(zip(numbers, counts.tolist(), strict=True))
