"""The statements by which things point to others in columns, over blank nodes and lists."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sparql_server.engine.columns.solutions.arrays import find_distinct
from sparql_server.engine.columns.telling.ranges import (
    NO_ROWS,
    Numbers,
    Ranges,
    Rows,
    join_rows,
)
from sparql_server.sparql.namespaces import RDF_FIRST, RDF_REST


def read_pointing(ranges: Ranges, path: Sequence[int], sources: Numbers, targets: Numbers) -> Rows:
    """Return the statements by which sources point to targets by a path; lists are whole."""
    if min(path, default=-1) < 0:
        return NO_ROWS
    steps, nodes = [], sources
    for place in path:
        links = _read_links(ranges, nodes) if place == ranges.place(RDF_FIRST) else NO_ROWS
        nodes = np.union1d(nodes, links.objects)
        rows = ranges.of_subjects(nodes, np.array([place]))
        steps.append((rows, links))
        nodes = find_distinct(rows.objects)
    kept, wanted = list[Rows](), targets
    for rows, links in reversed(steps):
        hits = rows.take(np.isin(rows.objects, wanted))
        wanted = find_distinct(hits.subjects)
        if len(links):
            wanted = _reach(wanted, links.objects, links.subjects)
            cells = _reach(wanted, links.subjects, links.objects)
            hits = rows.take(np.isin(rows.subjects, cells))
            kept.append(links.take(np.isin(links.subjects, cells)))
        kept.append(hits)
    return join_rows(kept)


def _read_links(ranges: Ranges, heads: Numbers) -> Rows:
    """Return what joins the cells of lists, from their heads on."""
    places = ranges.places([RDF_REST])
    parts, seen, new = list[Rows](), heads, heads
    while len(new):
        parts.append(ranges.of_subjects(new, places))
        following = parts[-1].objects
        new = np.setdiff1d(following[following < ranges.first_iri], seen)
        seen = np.union1d(seen, new)
    return join_rows(parts)


def _reach(nodes: Numbers, sources: Numbers, targets: Numbers) -> Numbers:
    """Return nodes, and those that can be reached from them."""
    while True:
        more = np.union1d(nodes, targets[np.isin(sources, nodes)])
        if len(more) == len(nodes):
            return more
        nodes = more
