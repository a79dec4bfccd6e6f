"""Names of things, in columns: by properties of theirs, and of things that these lead to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sparql_server.engine.columns.algebra import Kind
from sparql_server.engine.columns.telling.ranges import Numbers, Ranges

Paths = Mapping[str, Sequence[Sequence[str]]]
"""Kind of name to the paths of properties that lead to such a name."""

Names = dict[str, dict[str, dict[str, str]]]
"""Thing to kind of name to language (empty: none) to name; of equals the first."""

_Pairs = list[tuple[int, int]]  # a thing, and what a path has led to


def read_names(ranges: Ranges, things: Numbers, paths: Paths, by_iri: Sequence[str] = ()) -> Names:
    """Return what things are called. things: numbers of IRIs, sorted. by_iri: kinds as asked."""
    known: dict[tuple[str, ...], _Pairs] = {(): [(thing, thing) for thing in things.tolist()]}
    found: Names = {}
    for kind, several in paths.items():
        for path in several:
            for thing, name in _walk(ranges, tuple(path), known):
                is_iri = ranges.first_iri <= name < ranges.end_of_iris
                if is_iri if kind in by_iri else name >= ranges.end_of_iris:
                    _add(found, ranges, (thing, kind, name))
    return found


def _walk(ranges: Ranges, path: tuple[str, ...], known: dict[tuple[str, ...], _Pairs]) -> _Pairs:
    """Return what a path leads to. known: what the beginnings of paths do."""
    if path not in known:
        before = _walk(ranges, path[:-1], known)
        known[path] = _step(ranges, before, ranges.place(path[-1]))
    return known[path]


def _step(ranges: Ranges, before: _Pairs, place: int) -> _Pairs:
    nodes = sorted({node for _, node in before if node < ranges.end_of_iris})
    if place < 0 or not nodes:
        return []
    rows = ranges.of_subjects(np.array(nodes, np.int32), np.array([place]))
    objects: dict[int, list[int]] = {}
    for subject, object_ in zip(rows.subjects.tolist(), rows.objects.tolist(), strict=True):
        objects.setdefault(subject, []).append(object_)
    return [(thing, each) for thing, node in before for each in objects.get(node, ())]


def _add(found: Names, ranges: Ranges, said: tuple[int, str, int]) -> None:
    thing, kind, number = said
    terms = ranges.terms
    language = terms.tag(number) if terms.kind(number) == Kind.LANGUAGE else ""
    name = terms.value(number)
    names = found.setdefault(terms.value(thing), {}).setdefault(kind, {})
    names[language] = min(names.get(language, name), name)
