"""Groups and different values of what one pattern matches, from runs in sorted arrays (11, 18.2.5).

The values of an end of a predicate's triples stand in order, so that neither rows are made nor
anything is sorted.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from sparql_server.engine.columns.algebra import (
    Expression,
    Graph,
    Group,
    Kind,
    Select,
    Term,
    Variable,
)
from sparql_server.engine.columns.evaluation.aggregation.sizes import (
    Pattern,
    count_within,
    read_graph,
    read_pattern,
)
from sparql_server.engine.columns.evaluation.joining.matching import Matching
from sparql_server.engine.columns.solutions.arrays import Numbers, factorize, make_numbers
from sparql_server.engine.columns.solutions.number_search import search
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import Solutions
from sparql_server.engine.columns.storage.nquads import DEFAULT

_LONG = 64  # numbers in a run, on the average, from which on the next run is searched for

_Counts = NDArray[np.int64]
_Runs = tuple[Numbers, _Counts]
"""The different values of a variable, in order, and in how many rows each of them is."""


def group_runs(
    select: Select, aggregates: Mapping[Expression, str], matching: Matching, terms: QueryTerms
) -> Solutions | None:
    """Return the groups of a SELECT by one variable of one pattern, with their counts; else None.

    aggregates: the columns that these get. None, too, for any but those that count rows.
    """
    keys = select.group_by or ()
    name = _name_key(keys[0].expression) if len(keys) == 1 else None
    if name is None or keys[0].variable not in (None, keys[0].expression.node):
        return None
    bound = _find_bound(select.where)
    if name not in bound or not all(_counts_rows(each, bound) for each in aggregates):
        return None
    runs = _find_runs(select.where, name, matching, terms)
    if runs is None:
        return None
    values, counts = runs
    columns = {name: values}
    if aggregates:
        first, back = factorize(counts)
        numbered = make_numbers(terms.number_integers(counts[first].tolist()))[back]
        columns |= dict.fromkeys(aggregates.values(), numbered)
    return Solutions(len(values), columns)


def find_values(
    where: Group, names: Collection[str], matching: Matching, terms: QueryTerms
) -> Solutions | None:
    """Return the different values of the one variable that is wanted of one pattern; else None."""
    if len(names) != 1:
        return None
    (name,) = names
    runs = _find_runs(where, name, matching, terms) if name in _find_bound(where) else None
    return None if runs is None else Solutions(len(runs[0]), {name: runs[0]})


def _name_key(expression: Expression) -> str | None:
    return expression.node.name if isinstance(expression.node, Variable) else None


def _counts_rows(expression: Expression, bound: Collection[str]) -> bool:
    """Tell whether an aggregate is how many rows there are."""
    if expression.operator != "COUNT" or expression.distinct:
        return False
    return not expression.arguments or _name_key(expression.arguments[0]) in bound


def _find_bound(where: Group) -> Collection[str]:
    graph = read_graph(where)
    pattern = read_pattern(graph.group if graph else where)
    if pattern is None:
        return ()
    name = (graph.name.name,) if graph and isinstance(graph.name, Variable) else ()
    return {*pattern.names, *name}


def _find_runs(where: Group, name: str, matching: Matching, terms: QueryTerms) -> _Runs | None:
    if matching.graph:
        return None
    graph = read_graph(where)
    if graph:
        return _find_graphs(graph, name, matching)
    pattern = read_pattern(where)
    if pattern is None:
        return None
    if isinstance(pattern.path, Variable):
        if pattern.path.name == name:
            return _find_predicates(pattern, matching, terms)
        return _find_ends(pattern, name, matching)
    return _find_ends_of(pattern, pattern.path, name, matching, terms)


def _find_graphs(graph: Graph, name: str, matching: Matching) -> _Runs | None:
    """Return all named graphs, with the numbers of their triples."""
    pattern = read_pattern(graph.group)
    is_name = isinstance(graph.name, Variable) and graph.name.name == name
    if pattern is None or pattern.kinds or not is_name or not isinstance(pattern.path, Variable):
        return None
    if name in (pattern.subject, pattern.path.name, pattern.object):
        return None
    dataset = matching.dataset
    if dataset.named is not None:
        return None
    counts = np.diff(dataset.columns.graph_starts).astype(np.int64)
    names = dataset.columns.graph_names
    return names[names > DEFAULT], counts[names > DEFAULT]


def _find_predicates(pattern: Pattern, matching: Matching, terms: QueryTerms) -> _Runs:
    counts = {}
    for number in matching.triples.properties():
        triples = matching.triples.property(number)
        if triples is not None and (rows := count_within(triples, pattern, terms)):
            counts[number] = rows
    return make_numbers(list(counts)), np.array(list(counts.values()), np.int64)


def _find_ends(pattern: Pattern, name: str, matching: Matching) -> _Runs | None:
    """Return the subjects or objects of all triples."""
    columns = matching.dataset.columns
    if pattern.kinds or matching.triples is not columns:
        return None
    column = columns.subjects if name == pattern.subject else columns.objects
    counts = np.bincount(column, minlength=columns.terms.count)
    values = np.flatnonzero(counts)
    return values.astype(np.int32), counts[values].astype(np.int64)


def _find_ends_of(
    pattern: Pattern, path: Term, name: str, matching: Matching, terms: QueryTerms
) -> _Runs | None:
    """Return the subjects or objects of a predicate's triples, of some kinds or of all."""
    if pattern.kinds.keys() - {name}:
        return None
    pairs = matching.find_pairs(path)
    ordered = pairs.subjects if name == pattern.subject else pairs.by_object_objects
    first, last = pattern.kinds.get(name, (Kind.BLANK, Kind.TYPED))
    bounds = terms.release.bounds
    begin, end = ordered.searchsorted(make_numbers([bounds[first], bounds[last + 1]])).tolist()
    return find_runs(ordered[begin:end])


def find_runs(ordered: Numbers) -> _Runs:
    """Return the different ones of sorted numbers, and how often each is there.

    >>> [each.tolist() for each in find_runs(np.array([3, 3, 7], np.int32))]
    [[3, 7], [2, 1]]
    """
    starts = _skip_runs(ordered)
    if starts is None:
        differs = np.ones(len(ordered), np.bool_)
        np.not_equal(ordered[1:], ordered[:-1], out=differs[1:])
        starts = np.flatnonzero(differs)
    return ordered[starts], np.diff(starts, append=len(ordered)).astype(np.int64)


def _skip_runs(ordered: Numbers) -> NDArray[np.intp] | None:
    """Return where runs begin, each looked for from the one before; None where they are short."""
    starts: list[int] = []
    place, most = 0, len(ordered) // _LONG
    while place < len(ordered):
        if len(starts) >= most:
            return None
        starts.append(place)
        place += int(search(ordered[place:], ordered[place : place + 1])[1][0])
    return np.array(starts, np.intp)
