"""Surroundings of a thing in columns: what is above it, and who says its links to the outside."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sparql_server.engine.columns.solutions.arrays import find_distinct
from sparql_server.engine.columns.telling.described_things import find_numbers
from sparql_server.engine.columns.telling.ranges import Numbers, Places, Ranges
from sparql_server.engine.columns.telling.request import Telling


def find_above(ranges: Ranges, main: str, wanted: Telling) -> list[list[int]]:
    """Return what stands above a thing, level by level, the highest first."""
    level = find_numbers(ranges, [main])
    places, seen, levels = ranges.places(wanted.upwards), level, list[list[int]]()
    most = None
    while len(levels) < wanted.most_levels:
        objects = ranges.of_subjects(level, places).objects
        iris = objects[(objects >= ranges.first_iri) & (objects < ranges.end_of_iris)]
        above = find_distinct(iris)[:most]
        most = wanted.most_above
        level = above[~np.isin(above, seen)][:most]
        if not len(level):
            break
        seen = np.union1d(seen, level)
        levels.append(level.tolist())
    return levels[::-1]


def find_origins(
    ranges: Ranges, things: Numbers, records: Sequence[str], wanted: Telling
) -> list[list[int | str]]:
    """Return the links of things that stand outside the graphs of their records.

    Each is property, object, graph, and of the evidence: what has it, confidence, reason.
    """
    if not records:
        return []
    rows = ranges.of_subjects(things)
    outside = ~np.isin(rows.graphs, find_numbers(ranges, records)) & (rows.graphs >= 0)
    are_iris = (rows.objects >= ranges.first_iri) & (rows.objects < ranges.end_of_iris)
    links = rows.take(outside & are_iris)
    columns = links.places.tolist(), links.objects.tolist(), links.graphs.tolist()
    subjects = links.subjects.tolist()
    found = [
        [int(ranges.predicates[place]), object_, graph, *evidence]
        for place, object_, graph, subject in zip(*columns, subjects, strict=True)
        for evidence in _find_evidence(ranges, subject, object_, wanted.evidence)
    ]
    return found[: wanted.most_links]


def _find_evidence(
    ranges: Ranges, subject: int, object_: int, properties: Sequence[str]
) -> list[list[int | str]]:
    target, source, *details = (ranges.places([each]) for each in properties)
    to_object = ranges.of_objects(np.array([object_], np.int32), target).subjects
    from_subject = ranges.of_objects(np.array([subject], np.int32), source).subjects
    mappings: list[int] = np.intersect1d(to_object, from_subject).tolist()
    found = [
        [mapping, *(_first_object(ranges, mapping, place) for place in details)]
        for mapping in mappings
    ]
    return found or [["", "", ""]]


def _first_object(ranges: Ranges, subject: int, place: Places) -> int | str:
    objects = ranges.of_subjects(np.array([subject], np.int32), place).objects
    return int(objects[0]) if len(objects) else ""
