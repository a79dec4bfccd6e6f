"""Evaluates what is nested in a group: groups, unions, subqueries, graphs (18.2.2.6, 18.6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count

import numpy as np

from sparql_server.engine.columns.algebra import (
    Element,
    Expression,
    Graph,
    Group,
    Select,
    Term,
    Triple,
    Union,
    Variable,
)
from sparql_server.engine.columns.evaluation.graph_names import (
    make_inner_seed,
    name_graphs,
    set_filters_apart,
)
from sparql_server.engine.columns.evaluation.group_patterns import Patterns
from sparql_server.engine.columns.evaluation.joining.datasets import Dataset, Triples
from sparql_server.engine.columns.evaluation.joining.planning import (
    Joined,
    Nested,
    list_names,
)
from sparql_server.engine.columns.evaluation.joining.plans import write_joined
from sparql_server.engine.columns.evaluation.joining.restrictions import spans_of
from sparql_server.engine.columns.evaluation.joining.variables import (
    find_mentioned,
    find_variables,
)
from sparql_server.engine.columns.evaluation.scopes import Around, count_leading, split_filters
from sparql_server.engine.columns.solutions.arrays import TooMany, find_distinct
from sparql_server.engine.columns.solutions.number_search import are_among
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
            each = [self.patterns.evaluate_group(group, seed, kept) for group in element.groups]
            return concatenate(each)
        if isinstance(element, Graph):
            graph, filters = set_filters_apart(element)
            found = self._evaluate_graph(graph, seed, kept.union(*map(find_variables, filters)))
            return self._filter(found, filters, kept)
        return self.patterns.evaluate_group(element, seed, kept)

    def _filter(self, table: Solutions, filters: list[Expression], kept: _Names) -> Solutions:
        for expression in filters:
            table = table.take(self.patterns.joins.expressions.holds(expression, table))
        return table.only(kept)

    # Graphs

    def _evaluate_graph(self, graph: Graph, seed: Solutions, kept: _Names) -> Solutions:
        """Return the solutions of a group in a named graph, or in each (18.6)."""
        own = self.patterns.joins.matching.graph
        if own in seed.columns:
            seed = seed.only(seed.columns.keys() - {own})
            seed = seed if seed.columns else UNIT
        if isinstance(graph.name, Term):
            return self._evaluate_in_graph(
                self._terms.number_constant(graph.name), graph.group, seed, kept
            )
        name = graph.name.name
        known = seed.columns.get(name)
        if known is not None and len(numbers := find_distinct(known)) <= _GRAPHS:
            parts = [
                self._evaluate_in_one_of(name, number, graph, seed, kept)
                for number in numbers.tolist()
            ]
            return concatenate(parts) if parts else self._make_none(graph)
        column = f"_:graph{id(self)}.{next(self._fresh)}"
        if known is not None:
            seed = seed.with_columns({column: known})
            seed = seed.take(are_among(self._dataset.named_graphs, known))
        inner = self._within(self._dataset.columns, column).patterns
        seed = make_inner_seed(seed, graph, column)
        found = inner.evaluate_group(graph.group, seed, kept | {name})
        return name_graphs(found, column, name).only(kept)

    def _evaluate_in_graph(
        self, number: int, group: Group, seed: Solutions, kept: _Names
    ) -> Solutions:
        triples = self._dataset.find_graph(number)
        if triples is None:
            return self._make_none(group)
        return self._within(triples, None).patterns.evaluate_group(group, seed, kept)

    def _evaluate_in_one_of(
        self, name: str, number: int, graph: Graph, seed: Solutions, kept: _Names
    ) -> Solutions:
        rows = seed.take(seed.columns[name] == number)
        inner = make_inner_seed(rows, graph, "")
        found = self._evaluate_in_graph(number, graph.group, inner, kept | {name})
        value = Solutions(1, {name: np.array([number], np.int32)})
        return join(found, value).only(kept)

    def _make_none(self, element: Element) -> Solutions:
        return Solutions(0, dict.fromkeys(find_mentioned(element), np.empty(0, np.int32)))

    # Pieces

    def find_pieces(
        self, group: Group, needed: _Names, size: int, growth: int, *, any_will_do: bool = False
    ) -> Iterator[Solutions]:
        """Yield a group's solutions, of so many rows of what it begins with at a time.

        growth: times that the rows are more each time. any_will_do: one solution is all that is
        wanted; rows from all over come before the first ones, which often have something in common.
        """
        filters, elements = split_filters(group)
        leading = count_leading(elements)
        joined = [
            part
            for element in elements[:leading]
            for part in self.patterns.joins.list_joined(element, filters)
        ]
        if not joined:
            yield self.patterns.evaluate_group(group, UNIT, needed)
            return
        first, others = self.patterns.joins.choose_first(joined)
        graph = self.patterns.joins.matching.graph
        own = () if graph is None else (graph,)
        after = needed.union(own, *map(find_mentioned, elements[leading:]))
        later = after.union(*map(list_names, others), *map(find_variables, filters))
        for table in self._find_source(first, later, size, growth):
            begin = 0
            self.patterns.joins.plan.note(write_joined(first), None, table.size, 0.0)
            left, applied = others, list(filters)
            if growth > 1 and isinstance(first, Solutions):
                table, left = self.patterns.joins.join_few(table, others, applied, after, size)
            if any_will_do and table.size > 2 * size:
                piece = table.sample(size)
                size *= growth
                yield from self._find_rest(piece, left, applied, elements, leading, needed)
            while begin < table.size:
                piece = table.cut(begin, begin + size)
                begin += size
                size *= growth
                yield from self._find_rest(piece, left, applied, elements, leading, needed)

    def _find_rest(
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
            yield self.patterns.join_rest(
                table, joined, filters, elements[leading:], needed, Around(UNIT, elements[:leading])
            )
        except TooMany:
            if table.size == 1:
                raise
            middle = table.size // 2
            for half in (table.cut(0, middle), table.cut(middle, table.size)):
                yield from self._find_rest(half, joined, filters, elements, leading, needed)

    def _find_source(
        self, first: Joined, kept: _Names, size: int, growth: int
    ) -> Iterator[Solutions]:
        if isinstance(first, Solutions):
            yield first
        elif isinstance(first, Triple):
            yield from self._find_triples(first, kept)
        elif isinstance(first, Union):
            for group in first.groups:
                yield from self.find_pieces(group, kept, size, growth)
        elif isinstance(first, Graph):
            graph, filters = set_filters_apart(first)
            wanted = kept.union(*map(find_variables, filters))
            for piece in self._find_pieces_of_graph(graph, wanted, size, growth):
                yield self._filter(piece, filters, kept)
        elif isinstance(first, Group):
            yield from self.find_pieces(first, kept, size, growth)
        else:
            yield self.evaluate(first, UNIT, kept)

    def _find_triples(self, triple: Triple, kept: _Names) -> Iterator[Solutions]:
        if isinstance(triple.path, Variable):
            matching = self.patterns.joins.matching
            yield from matching.match_each_predicate(
                UNIT, triple.subject, triple.path, triple.object, spans_of(triple)
            )
        else:
            yield self.patterns.joins.join(UNIT, triple, kept)

    def _find_pieces_of_graph(
        self, graph: Graph, kept: _Names, size: int, growth: int
    ) -> Iterator[Solutions]:
        if isinstance(graph.name, Term):
            triples = self._dataset.find_graph(self._terms.number_constant(graph.name))
            if triples is not None:
                yield from self._within(triples, None).find_pieces(graph.group, kept, size, growth)
            return
        name = graph.name.name
        column = f"_:graph{id(self)}.{next(self._fresh)}"
        inner = self._within(self._dataset.columns, column)
        for piece in inner.find_pieces(graph.group, kept | {name}, size, growth):
            yield name_graphs(piece, column, name).only(kept)
