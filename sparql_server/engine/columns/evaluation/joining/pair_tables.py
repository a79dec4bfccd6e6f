"""Joins tables with pairs, all of which stand in one graph (SPARQL 1.1 Query, 18.3)."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from sparql_server.engine.columns.algebra import Node, Variable
from sparql_server.engine.columns.evaluation.joining.pairs import (
    Pairs,
    find_members,
    find_objects,
    find_objects_of,
    match_both,
    narrow,
)
from sparql_server.engine.columns.evaluation.joining.restrictions import Restrictions
from sparql_server.engine.columns.solutions.arrays import Numbers, Rows, check_size, make_numbers
from sparql_server.engine.columns.solutions.number_search import mark_matches, repeat_matches
from sparql_server.engine.columns.solutions.solutions import Solutions

Names = Collection[str] | None
"""Variables; None: all."""


def narrow_ends(
    subject: Node, pairs: Pairs, object_: Node, spans: Restrictions
) -> tuple[Node, Pairs, Node]:
    """Return pairs of which an end is within its ranges: that of which fewer are, perhaps turned.

    They are in no other order than that of the first end.
    """
    chosen = subject, pairs, object_
    for begin, these, end in (chosen, (object_, pairs.inverse(), subject)):
        if isinstance(begin, Variable) and begin.name in spans:
            narrowed = narrow(these, spans[begin.name])
            if len(narrowed) < len(chosen[1]):
                chosen = begin, narrowed, end
    return chosen


def multiply(table: Solutions, subject: Node, object_: Node, pairs: Pairs) -> Solutions:
    """Join a table with all pairs; two variables that nothing is known of."""
    assert isinstance(subject, Variable)
    assert isinstance(object_, Variable)
    found = {subject.name: pairs.subjects, object_.name: pairs.objects}
    if subject == object_:
        found = {subject.name: pairs.subjects[pairs.subjects == pairs.objects]}
    size = len(found[subject.name])
    if table.size == 1:
        rows = np.zeros(size, np.intp)
        return table.take(rows).with_columns(found) if table.columns else Solutions(size, found)
    check_size(table.size * size)
    repeated = {name: np.tile(column, table.size) for name, column in found.items()}
    return table.take(np.repeat(np.arange(table.size), size)).with_columns(repeated)


def extend(
    table: Solutions, pairs: Pairs, known: int | Numbers, free: Node, kept: Names = None
) -> Solutions:
    """Join a table with what is at the other end of pairs of which one end is known.

    kept: the variables that are wanted of it; None: all.
    """
    assert isinstance(free, Variable)
    is_wanted = kept is None or free.name in kept
    table = table if kept is None else table.only(kept)
    if not isinstance(known, int):
        if not is_wanted:
            return table.take_all(repeat_matches(pairs.subjects, known))
        wanted = None if table.columns else mark_matches(pairs.subjects, known)
        if wanted is not None:
            objects = pairs.objects[wanted]
            return Solutions(len(objects), {free.name: objects})
        rows, objects = find_objects(pairs, known)
        return table.take_all(rows).with_columns({free.name: objects})
    objects = find_objects_of(pairs, known)
    more = {free.name: objects} if is_wanted else {}
    if table.size == 1 and not table.columns:
        return Solutions(len(objects), more)
    check_size(table.size * len(objects))
    rows = np.repeat(np.arange(table.size), len(objects))
    repeated = {name: np.tile(column, table.size) for name, column in more.items()}
    return table.take(rows).with_columns(repeated)


def match_ends(
    table: Solutions, pairs: Pairs, subject: int | Numbers, object_: int | Numbers
) -> Rows:
    """Return the rows that a pattern matches both of whose ends are known."""
    if isinstance(subject, int) and isinstance(object_, int):
        times = find_members(find_objects_of(pairs, subject), make_numbers([object_]))
        return np.repeat(np.arange(table.size), len(times))
    if isinstance(subject, int):
        assert not isinstance(object_, int)
        return find_members(find_objects_of(pairs, subject), object_)
    if isinstance(object_, int):
        return find_members(find_objects_of(pairs.inverse(), object_), subject)
    return match_both(pairs, subject, object_)
