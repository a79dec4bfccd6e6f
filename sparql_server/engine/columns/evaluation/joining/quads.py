"""Joins solutions with pairs in any named graph, which is a column (SPARQL 1.1 Query, 13.3)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import TypeGuard

import numpy as np

from sparql_server.engine.columns.algebra import Node, Variable
from sparql_server.engine.columns.evaluation.joining.datasets import Dataset
from sparql_server.engine.columns.evaluation.joining.pairs import Pairs
from sparql_server.engine.columns.solutions.arrays import (
    Mask,
    Numbers,
    Rows,
    check_size,
    make_numbers,
)
from sparql_server.engine.columns.solutions.halves import take
from sparql_server.engine.columns.solutions.number_search import find, spread
from sparql_server.engine.columns.solutions.solutions import Solutions

Known = int | Numbers | None
Names = Collection[str] | None
"""Variables; None: all."""

_SAMPLE = 1000  # rows that are looked at to tell how many pairs go with all of them
_MANY = 100_000  # candidates up to which nobody asks whether graphs would leave fewer


@dataclass(frozen=True, slots=True)
class End:
    """An end that pairs are matched with. known: its number, a column, or None where it is free."""

    node: Node
    known: Known


_Ends = tuple[End, End]


@dataclass(frozen=True, slots=True)
class _Candidates:
    """Rows with the pairs that may go with them.

    rows: None where the table has one row alone, with which all go. places: of the pairs, a range
    or each. are_of_graph: the pairs stand in the rows' graphs; else they begin as is known.
    """

    rows: Rows | None
    places: slice | Rows
    are_of_graph: bool = False


def match_quads(
    table: Solutions, ends: _Ends, pairs: Pairs, graph: str, dataset: Dataset, kept: Names = None
) -> Solutions:
    """Join a table with pairs, each of which stands in a graph.

    graph: the column that has the graph, or gets it. kept: the variables that are wanted beside it;
    None: all.
    """
    ends = _read_single(ends[0]), _read_single(ends[1])
    if _is_better_turned(ends, pairs):
        pairs, ends = pairs.inverse(), ends[::-1]
    known_graph = table.columns.get(graph)
    candidates = _find_candidates(table, pairs, ends[0].known, known_graph)
    places = candidates.places
    conditions = list(_check(candidates, pairs, ends, known_graph))
    columns = {graph: pairs.graphs[places]}
    if known_graph is None and (named := dataset.are_named(columns[graph])) is not None:
        conditions.append(named)
    for end, values in zip(ends, (pairs.subjects, pairs.objects), strict=True):
        for name in _list_new(end, table, kept):
            columns[name] = values[places]
    if kept is not None:
        table = table.only({graph, *kept})
    return _join(table, candidates.rows, columns, conditions)


def _read_single(end: End) -> End:
    """Return an end with the number alone of a column that has one."""
    known = end.known
    return replace(end, known=int(known[0])) if _is_column(known) and len(known) == 1 else end


def _is_column(known: Known) -> TypeGuard[Numbers]:
    return isinstance(known, np.ndarray)


def _list_new(end: End, table: Solutions, kept: Names) -> Iterator[str]:
    """Yield the name of the variable that an end is, if it is free and wanted."""
    name = end.node.name if isinstance(end.node, Variable) else None
    if name and name not in table.columns and (kept is None or name in kept):
        yield name


def _join(
    table: Solutions, rows: Rows | None, columns: dict[str, Numbers], conditions: list[Mask]
) -> Solutions:
    """Return rows with more columns where some conditions hold; None for the rows: one of all."""
    if conditions:
        kept = np.logical_and.reduce(conditions).nonzero()[0]
        columns = {name: take(column, kept) for name, column in columns.items()}
        rows = rows if rows is None else take(rows, kept)
    size = max(map(len, columns.values()))
    if not table.columns and rows is None:
        return Solutions(size, columns)
    return table.take(np.zeros(size, np.intp) if rows is None else rows).with_columns(columns)


def _check(
    candidates: _Candidates, pairs: Pairs, ends: _Ends, known_graph: Numbers | None
) -> Iterator[Mask]:
    """Yield for which candidates something holds that isn't certain of all."""
    rows, places = candidates.rows, candidates.places
    begin, end = ends[0].known, ends[1].known
    if candidates.are_of_graph:
        if begin is not None:
            yield _compare(rows, begin, pairs.subjects[places])
    elif known_graph is not None:
        yield _compare(rows, known_graph, pairs.graphs[places])
    if end is not None:
        yield _compare(rows, end, pairs.objects[places])
    elif ends[0].node == ends[1].node:
        yield pairs.subjects[places] == pairs.objects[places]


def _is_better_turned(ends: _Ends, pairs: Pairs) -> bool:
    """Tell whether fewer pairs come into question from the other end."""
    begin, end = ends[0].known, ends[1].known
    if end is None:
        return False
    return begin is None or _count_reached(pairs.inverse(), end) < _count_reached(pairs, begin)


def _count_reached(pairs: Pairs, known: int | Numbers) -> float:
    """Return how many pairs begin with what is known, about: many numbers are judged by some."""
    if isinstance(known, int):
        begin, end = find(pairs.subjects, make_numbers([known]))
        return float((end - begin).sum()) * 1.5
    step = max(1, len(known) // _SAMPLE)
    begin, end = find(pairs.subjects, known[::step])
    return float((end - begin).sum()) * step


def _find_candidates(
    table: Solutions, pairs: Pairs, begin: Known, graphs: Numbers | None
) -> _Candidates:
    if isinstance(begin, np.ndarray):
        firsts, lasts = find(pairs.subjects, begin)
        total = int((lasts - firsts).sum())
        if graphs is not None and total > max(_MANY, len(pairs)):
            order, begins, ends = _sort_by_graph(pairs, 0, len(pairs), graphs)
            if int((ends - begins).sum()) < total:
                rows, places = spread(begins, ends)
                return _Candidates(rows, order[places], are_of_graph=True)
        return _Candidates(*spread(firsts, lasts))
    first, last = (0, len(pairs)) if begin is None else _find_range(pairs, begin)
    if table.size == 1:
        return _Candidates(None, slice(first, last))
    if graphs is not None:
        order, begins, ends = _sort_by_graph(pairs, first, last, graphs)
        rows, places = spread(begins, ends)
        return _Candidates(rows, order[places] + first, are_of_graph=True)
    check_size(table.size * (last - first))
    positions = np.arange(first, last)
    rows = np.repeat(np.arange(table.size), len(positions))
    return _Candidates(rows, np.tile(positions, table.size))


def _sort_by_graph(pairs: Pairs, low: int, high: int, graphs: Numbers) -> tuple[Rows, Rows, Rows]:
    """Return pairs between two places in the order of graphs, and where each graph's are."""
    here = pairs.graphs[low:high]
    order = np.argsort(here)
    return order, *find(here[order], graphs)


def _find_range(pairs: Pairs, number: int) -> tuple[int, int]:
    begin, end = find(pairs.subjects, make_numbers([number]))
    return int(begin[0]), int(end[0])


def _compare(rows: Rows | None, known: int | Numbers, values: Numbers) -> Mask:
    """Tell which values are what is known of their rows; None for the rows: all are of one."""
    wanted = known if isinstance(known, int) or rows is None else known[rows]
    found: Mask = values == wanted
    return found
