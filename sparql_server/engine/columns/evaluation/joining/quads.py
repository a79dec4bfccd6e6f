"""Joins solutions with pairs in any named graph, which is a column (SPARQL 1.1 Query, 13.3)."""

from __future__ import annotations

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
from sparql_server.engine.columns.solutions.number_search import find, spread
from sparql_server.engine.columns.solutions.solutions import Solutions

Known = int | Numbers | None
_Ends = tuple[Known, Known]

_MANY = 100_000  # candidates up to which nobody asks whether graphs would leave fewer


def match_quads(
    table: Solutions,
    ends: tuple[Node, Node],
    known: _Ends,
    pairs: Pairs,
    graph: str,
    dataset: Dataset,
) -> Solutions:
    """Join a table with pairs, each of which stands in a graph.

    ends: what the pairs are matched with; known: numbers of these, columns, or None for what is
    free. graph: the column that has the graph, or gets it.
    """
    if _is_better_turned(known, pairs):
        pairs, ends, known = pairs.inverse(), ends[::-1], known[::-1]
    known_graph = table.columns.get(graph)
    rows, positions = _find_candidates(table, pairs, known[0], known_graph)
    graphs = pairs.graphs[positions]
    kept = (
        _compare(rows, known_graph, graphs)
        if known_graph is not None
        else dataset.are_named(graphs)
    )
    subjects, objects = pairs.subjects[positions], pairs.objects[positions]
    if known[0] is not None:
        kept &= _compare(rows, known[0], subjects)
    if known[1] is not None:
        kept &= _compare(rows, known[1], objects)
    elif ends[0] == ends[1]:
        kept &= subjects == objects
    more = {graph: graphs[kept]}
    for node, values in zip(ends, (subjects, objects), strict=True):
        if isinstance(node, Variable) and node.name not in table.columns:
            more[node.name] = values[kept]
    return table.take(rows[kept]).with_columns(more)


def _is_better_turned(known: _Ends, pairs: Pairs) -> bool:
    """Tell whether fewer pairs come into question from the other end."""
    begin, end = known
    if end is None:
        return False
    return begin is None or _count_reached(pairs.inverse(), end) < _count_reached(pairs, begin)


def _count_reached(pairs: Pairs, known: int | Numbers) -> float:
    begin, end = find(pairs.subjects, make_numbers([known]) if isinstance(known, int) else known)
    return float((end - begin).sum()) * (1 if not isinstance(known, int) else 1.5)


def _find_candidates(
    table: Solutions, pairs: Pairs, begin: Known, graphs: Numbers | None
) -> tuple[Rows, Rows]:
    """Return rows with positions of the pairs that may go with them."""
    if isinstance(begin, np.ndarray):
        firsts, lasts = find(pairs.subjects, begin)
        total = int((lasts - firsts).sum())
        if graphs is not None and total > max(_MANY, len(pairs)):
            order, begins, ends = _sort_by_graph(pairs, 0, len(pairs), graphs)
            if int((ends - begins).sum()) < total:
                rows, places = spread(begins, ends)
                return rows, order[places]
        return spread(firsts, lasts)
    if graphs is not None and table.size > 1:
        low, high = (0, len(pairs)) if begin is None else _find_range(pairs, begin)
        order, begins, ends = _sort_by_graph(pairs, low, high, graphs)
        rows, places = spread(begins, ends)
        return rows, order[places] + low
    first, last = (0, len(pairs)) if begin is None else _find_range(pairs, begin)
    check_size(table.size * (last - first))
    positions = np.arange(first, last)
    if table.size == 1:
        return np.zeros(len(positions), np.intp), positions
    return np.repeat(np.arange(table.size), len(positions)), np.tile(positions, table.size)


def _sort_by_graph(pairs: Pairs, low: int, high: int, graphs: Numbers) -> tuple[Rows, Rows, Rows]:
    """Return pairs between two places in the order of graphs, and where each graph's are."""
    here = pairs.graphs[low:high]
    order = np.argsort(here)
    return order, *find(here[order], graphs)


def _find_range(pairs: Pairs, number: int) -> tuple[int, int]:
    begin, end = find(pairs.subjects, make_numbers([number]))
    return int(begin[0]), int(end[0])


def _compare(rows: Rows, known: int | Numbers, values: Numbers) -> Mask:
    found: Mask = values == (known if isinstance(known, int) else known[rows])
    return found
