"""Evaluates what is nested in a group: groups, unions, subqueries, graphs (18.2.2.6, 18.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import numpy as np

from sparql_server.engine.columns.algebra import (
    Bind,
    Element,
    Expression,
    Graph,
    Group,
    Minus,
    Optional,
    Select,
    Term,
    Triple,
    Union,
    Variable,
)
from sparql_server.engine.columns.evaluation.graph_names import (
    filters_apart,
    inner_seed,
    with_name,
)
from sparql_server.engine.columns.evaluation.joining.datasets import Dataset, Triples
from sparql_server.engine.columns.evaluation.joining.planning import Joined, Nested
from sparql_server.engine.columns.evaluation.joining.plans import text_of
from sparql_server.engine.columns.evaluation.joining.variables import (
    mentioned,
    of_expression,
)
from sparql_server.engine.columns.evaluation.patterns import Patterns
from sparql_server.engine.columns.evaluation.scopes import parted
from sparql_server.engine.columns.solutions.arrays import TooMany, among, distinct
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import (
    UNIT,
    Solutions,
    concatenate,
    join,
)

_Names = frozenset[str]

_GRAPHS = 100  # graphs that are looked at one after the other, rather than all of them at once

Selecting = Callable[[Select, Solutions], Solutions]
Within = Callable[[Triples, str | None], "Nesting"]


class Nesting:
    """Evaluates groups with all that is nested in them.

    select: evaluates subqueries with a table of what they bind for certain. within: returns what
    evaluates patterns in other triples, with a column for their graph or none.
    """

    def __init__(
        self,
        patterns: Patterns,
        terms: QueryTerms,
        dataset: Dataset,
        select: Selecting,
        within: Within,
    ) -> None:
        self.patterns = patterns
        self._terms = terms
        self._dataset = dataset
        self._select = select
        self._within = within
        self._fresh = count()

    def evaluate(self, element: Nested, seed: Solutions, kept: _Names) -> Solutions:
        """Return an element's solutions, joined with a table of what it binds for certain."""
        if isinstance(element, Select):
            return self._select(element, seed).only(kept)
        if isinstance(element, Union):
            each = [self.patterns.group(group, seed, kept) for group in element.groups]
            return concatenate(each)
        if isinstance(element, Graph):
            graph, filters = filters_apart(element)
            found = self._graph(graph, seed, kept.union(*map(of_expression, filters)))
            return self._filtered(found, filters, kept)
        return self.patterns.group(element, seed, kept)

    def _filtered(self, table: Solutions, filters: list[Expression], kept: _Names) -> Solutions:
        for expression in filters:
            table = table.take(self.patterns.expressions.holds(expression, table))
        return table.only(kept)

    # Graphs

    def _graph(self, graph: Graph, seed: Solutions, kept: _Names) -> Solutions:
        """Return the solutions of a group in a named graph, or in each (18.6)."""
        own = self.patterns.matching.graph
        if own in seed.columns:
            seed = seed.only(seed.columns.keys() - {own})
            seed = seed if seed.columns else UNIT
        if isinstance(graph.name, Term):
            return self._in_graph(self._terms.constant(graph.name), graph.group, seed, kept)
        name = graph.name.name
        known = seed.columns.get(name)
        if known is not None and len(numbers := distinct(known)) <= _GRAPHS:
            parts = [
                self._in_one_of(name, number, graph, seed, kept) for number in numbers.tolist()
            ]
            return concatenate(parts) if parts else self._none(graph)
        column = f"_:graph{id(self)}.{next(self._fresh)}"
        if known is not None:
            seed = seed.with_columns({column: known})
            seed = seed.take(among(self._dataset.named_graphs, known))
        inner = self._within(self._dataset.columns, column).patterns
        seed = inner_seed(seed, graph, column)
        found = inner.group(graph.group, seed, kept | {name})
        return with_name(found, column, name).only(kept)

    def _in_graph(self, number: int, group: Group, seed: Solutions, kept: _Names) -> Solutions:
        triples = self._dataset.graph(number)
        if triples is None:
            return self._none(group)
        return self._within(triples, None).patterns.group(group, seed, kept)

    def _in_one_of(
        self, name: str, number: int, graph: Graph, seed: Solutions, kept: _Names
    ) -> Solutions:
        rows = seed.take(seed.columns[name] == number)
        inner = inner_seed(rows, graph, "")
        found = self._in_graph(number, graph.group, inner, kept | {name})
        value = Solutions(1, {name: np.array([number], np.int32)})
        return join(found, value).only(kept)

    def _none(self, element: Element) -> Solutions:
        return Solutions(0, dict.fromkeys(mentioned(element), np.empty(0, np.int32)))

    # Pieces

    def pieces(self, group: Group, needed: _Names, size: int, growth: int) -> Iterator[Solutions]:
        """Yield a group's solutions, of so many rows of what it begins with at a time.

        growth: times that the rows are more each time.
        """
        filters, elements = parted(group)
        leading = _leading(elements)
        joined = [part for element in elements[:leading] for part in self.patterns.to_join(element)]
        if not joined:
            yield self.patterns.group(group, UNIT, needed)
            return
        first, others = self.patterns.first(joined)
        graph = self.patterns.matching.graph
        own = () if graph is None else (graph,)
        every = needed.union(own, *map(mentioned, elements), *map(of_expression, filters))
        for table in self._source(first, every, size, growth):
            begin = 0
            self.patterns.plan.note(text_of(first), None, table.size, 0.0)
            while begin < table.size:
                piece = table.cut(begin, begin + size)
                begin += size
                size *= growth
                yield from self._rest(piece, others, filters, elements, leading, needed)

    def _rest(
        self,
        table: Solutions,
        joined: list[Joined],
        filters: list[Expression],
        elements: list[Element],
        leading: int,
        needed: _Names,
    ) -> Iterator[Solutions]:
        """Yield what comes of a piece of the first table, of which halves are made if need be."""
        try:
            yield self.patterns.rest(
                table, joined, filters, elements[leading:], needed, UNIT, elements[:leading]
            )
        except TooMany:
            if table.size == 1:
                raise
            middle = table.size // 2
            for half in (table.cut(0, middle), table.cut(middle, table.size)):
                yield from self._rest(half, joined, filters, elements, leading, needed)

    def _source(self, first: Joined, kept: _Names, size: int, growth: int) -> Iterator[Solutions]:
        if isinstance(first, Solutions):
            yield first
        elif isinstance(first, Triple):
            yield from self._triples(first)
        elif isinstance(first, Union):
            for group in first.groups:
                yield from self.pieces(group, kept, size, growth)
        elif isinstance(first, Graph):
            graph, filters = filters_apart(first)
            wanted = kept.union(*map(of_expression, filters))
            for piece in self._pieces_of_graph(graph, wanted, size, growth):
                yield self._filtered(piece, filters, kept)
        elif isinstance(first, Group):
            yield from self.pieces(first, kept, size, growth)
        else:
            yield self.evaluate(first, UNIT, kept)

    def _triples(self, triple: Triple) -> Iterator[Solutions]:
        if isinstance(triple.path, Variable):
            matching = self.patterns.matching
            yield from matching.each_predicate(UNIT, triple.subject, triple.path, triple.object)
        else:
            yield self.patterns.joined(UNIT, triple)

    def _pieces_of_graph(
        self, graph: Graph, kept: _Names, size: int, growth: int
    ) -> Iterator[Solutions]:
        if isinstance(graph.name, Term):
            triples = self._dataset.graph(self._terms.constant(graph.name))
            if triples is not None:
                yield from self._within(triples, None).pieces(graph.group, kept, size, growth)
            return
        name = graph.name.name
        column = f"_:graph{id(self)}.{next(self._fresh)}"
        inner = self._within(self._dataset.columns, column)
        for piece in inner.pieces(graph.group, kept | {name}, size, growth):
            yield with_name(piece, column, name).only(kept)


def _leading(elements: list[Element]) -> int:
    """Return how many elements come before the first that needs a table."""
    for place, element in enumerate(elements):
        if isinstance(element, (Optional, Bind, Minus)):
            return place
    return len(elements)
