"""The variable of ``GRAPH ?g``: what sees its value, and where it is bound (18.6)."""

from __future__ import annotations

from sparql_server.engine.columns.algebra import Expression, Filter, Graph, Group, Term, Unsuited
from sparql_server.engine.columns.evaluation.joining.variables import (
    find_bound,
    find_mentioned,
    find_variables,
)
from sparql_server.engine.columns.evaluation.scopes import has_pattern, split_filters
from sparql_server.engine.columns.solutions.solutions import (
    UNIT,
    Solutions,
    drop_repeated,
)


def set_filters_apart(graph: Graph) -> tuple[Graph, list[Expression]]:
    """Return a graph's pattern without the filters of the variable that has its name, and those.

    They see its value, which by the letter (18.6) is bound only afterwards.
    """
    if isinstance(graph.name, Term):
        return graph, []
    name = graph.name.name
    if name not in find_mentioned(graph.group) - find_bound(graph.group):
        return graph, []
    filters, elements = split_filters(graph.group)
    outer = [expression for expression in filters if name in find_variables(expression)]
    if name in frozenset().union(*map(find_mentioned, elements)) or any(map(has_pattern, outer)):
        raise Unsuited("a graph's variable that is mentioned in it")
    inner = [Filter(expression) for expression in filters if expression not in outer]
    return Graph(graph.name, Group((*elements, *inner))), outer


def make_inner_seed(seed: Solutions, graph: Graph, column: str) -> Solutions:
    """Return of a table what the group in a graph binds, and which graph."""
    inner = seed.only(find_bound(graph.group) | {column})
    return drop_repeated(inner, sorted(inner.columns)) if inner.columns else UNIT


def name_graphs(found: Solutions, column: str, name: str) -> Solutions:
    """Return solutions with the graph of a column in its variable, which they may have already."""
    graphs = found.columns[column]
    known = found.columns.get(name)
    if known is not None:
        agreeing = (known < 0) | (known == graphs)
        found, graphs = found.take(agreeing), graphs[agreeing]
    columns = {other: values for other, values in found.columns.items() if other != column}
    return Solutions(found.size, columns | {name: graphs}, found.partial - {name, column})
