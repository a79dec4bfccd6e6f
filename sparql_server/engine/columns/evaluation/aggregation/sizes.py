"""Counts of what one pattern matches, from the sizes of sorted arrays (SPARQL 1.1 Query, 11)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sparql_server.engine.columns.algebra import (
    Expression,
    Filter,
    Graph,
    Group,
    Kind,
    Select,
    Term,
    Triple,
    Variable,
)
from sparql_server.engine.columns.evaluation.aggregation.rewriting import SOLUTION
from sparql_server.engine.columns.evaluation.joining.matching import Matching
from sparql_server.engine.columns.solutions.arrays import make_numbers
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.solutions.solutions import Solutions
from sparql_server.engine.columns.storage.triples import Property

_KINDS = {
    "ISIRI": (Kind.IRI, Kind.IRI),
    "ISURI": (Kind.IRI, Kind.IRI),
    "ISBLANK": (Kind.BLANK, Kind.BLANK),
    "ISLITERAL": (Kind.SIMPLE, Kind.TYPED),
}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern whose ends are two free variables. kinds: the range of kinds an end must be of."""

    subject: str
    path: Term | Variable
    object: str
    kinds: dict[str, tuple[Kind, Kind]]

    @property
    def names(self) -> tuple[str, ...]:
        """The variables, the predicate's among them if it is one."""
        path = (self.path.name,) if isinstance(self.path, Variable) else ()
        return (self.subject, *path, self.object)


def count_from_sizes(select: Select, matching: Matching, terms: QueryTerms) -> Solutions | None:
    """Return the solution of a SELECT that counts what one pattern matches; None: it doesn't."""
    if select.group_by is not None or select.having or select.order_by or select.values:
        return None
    graph = read_graph(select.where)
    if matching.graph or (graph and not _are_all_in_graphs(matching)):
        return None
    pattern = read_pattern(graph.group if graph else select.where)
    name = graph.name.name if graph and isinstance(graph.name, Variable) else None
    if pattern is None or name in pattern.names:
        return None
    counting = _Counting(pattern, matching, terms, name)
    counts = [counting.count(item.expression) for item in select.items or ()]
    if not counts or None in counts:
        return None
    values = terms.number_integers([count or 0 for count in counts])
    names = [item.variable.name if item.variable else "" for item in select.items or ()]
    columns = {name: make_numbers([value]) for name, value in zip(names, values, strict=True)}
    return Solutions(1, columns)


def _are_all_in_graphs(matching: Matching) -> bool:
    """Tell whether GRAPH finds just the triples that are matched without it."""
    dataset = matching.dataset
    return dataset.is_all_named and matching.triples is dataset.columns


def read_graph(where: Group) -> Graph | None:
    """Return the GRAPH with a variable that is all of a group."""
    element = where.elements[0] if len(where.elements) == 1 else None
    return element if isinstance(element, Graph) and isinstance(element.name, Variable) else None


def read_pattern(group: Group) -> Pattern | None:
    """Return the pattern of two free variables that a group is, with a filter of kinds or none."""
    triples = [element for element in group.elements if isinstance(element, Triple)]
    filters = [element.expression for element in group.elements if isinstance(element, Filter)]
    if len(triples) != 1 or len(filters) + 1 != len(group.elements):
        return None
    triple = triples[0]
    ends = [end.name for end in (triple.subject, triple.object) if isinstance(end, Variable)]
    if not isinstance(triple.path, (Term, Variable)) or len({*ends, triple.path}) != 3:
        return None
    if triple.path in (triple.subject, triple.object):
        return None
    kinds = _read_kinds(filters, ends)
    return None if kinds is None else Pattern(ends[0], triple.path, ends[1], kinds)


def _read_kinds(
    filters: Sequence[Expression], ends: Sequence[str]
) -> dict[str, tuple[Kind, Kind]] | None:
    """Return what filters say of the kinds of one end; None if they say anything else."""
    if len(filters) > 1:
        return None
    kinds = {}
    for expression in filters:
        if expression.operator not in _KINDS:
            return None
        node = expression.arguments[0].node
        if not isinstance(node, Variable) or node.name not in ends:
            return None
        kinds[node.name] = _KINDS[expression.operator]
    return kinds


@dataclass(frozen=True, slots=True)
class _Counting:
    """What is counted of a pattern. graph: the variable of the graph that it stands in, if any."""

    pattern: Pattern
    matching: Matching
    terms: QueryTerms
    graph: str | None

    def count(self, expression: Expression) -> int | None:
        """Return a count; None where sizes don't tell it."""
        if expression.operator != "COUNT":
            return None
        if not expression.arguments:
            return _count_rows(self.pattern, self.matching, self.terms)
        (argument,) = expression.arguments
        if argument.operator == SOLUTION:
            return self._count_solutions()
        name = argument.node.name if isinstance(argument.node, Variable) else ""
        if name not in (*self.pattern.names, self.graph):
            return None
        if not expression.distinct:
            return _count_rows(self.pattern, self.matching, self.terms)
        if name == self.graph:
            return self._count_graphs()
        return _count_different(name, self.pattern, self.matching, self.terms)

    def _count_graphs(self) -> int | None:
        if self.pattern.kinds or not isinstance(self.pattern.path, Variable):
            return None
        return len(self.matching.dataset.named_graphs)

    def _count_solutions(self) -> int | None:
        """Return how many different solutions there are: a triple may stand in several graphs."""
        if any(name.startswith("_:") for name in self.pattern.names):
            return None
        columns = self.matching.dataset.columns
        is_once = columns.facts["triples"] == columns.size
        if self.matching.triples is not columns or not (self.graph or is_once):
            return None
        return _count_rows(self.pattern, self.matching, self.terms)


def _list_properties(pattern: Pattern, matching: Matching, terms: QueryTerms) -> Iterator[Property]:
    every = (
        matching.triples.properties()
        if isinstance(pattern.path, Variable)
        else [terms.number_constant(pattern.path)]
    )
    for number in every:
        triples = matching.triples.property(number)
        if triples is not None:
            yield triples


def _count_rows(pattern: Pattern, matching: Matching, terms: QueryTerms) -> int:
    is_all = isinstance(pattern.path, Variable) and not pattern.kinds
    if is_all and matching.triples is matching.dataset.columns:
        return matching.size
    return sum(
        count_within(triples, pattern, terms)
        for triples in _list_properties(pattern, matching, terms)
    )


def count_within(triples: Property, pattern: Pattern, terms: QueryTerms) -> int:
    """Return how many triples have an end of the kinds that are wanted."""
    if not pattern.kinds:
        return len(triples.subjects)
    ((name, (first, last)),) = pattern.kinds.items()
    ordered = triples.subjects if name == pattern.subject else triples.by_object_objects
    bounds = terms.release.bounds
    begin, end = ordered.searchsorted(make_numbers([bounds[first], bounds[last + 1]])).tolist()
    return int(end - begin)


def _count_different(
    name: str, pattern: Pattern, matching: Matching, terms: QueryTerms
) -> int | None:
    """Return how many values a variable has."""
    is_subject = name == pattern.subject
    if isinstance(pattern.path, Term):
        if pattern.kinds:
            return None
        held = list(_list_properties(pattern, matching, terms))
        return sum(p.distinct_subjects if is_subject else p.distinct_objects for p in held)
    if name == pattern.path.name:
        if pattern.kinds:
            return None
        return len(matching.triples.properties())
    columns = matching.dataset.columns
    if matching.triples is not columns or pattern.kinds.keys() - {name}:
        return None
    first, last = pattern.kinds.get(name, (Kind.BLANK, Kind.TYPED))
    side = columns.facts["subjects" if is_subject else "objects"]
    return int(sum(side[first : last + 1]))
