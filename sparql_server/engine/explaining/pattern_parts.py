"""The parts of a query's pattern, for explanations: each with its text, as it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pyoxigraph as ox

from sparql_server.engine.explaining.release_data import Node
from sparql_server.engine.oxigraph.syntax.elements import Expression, Select
from sparql_server.engine.oxigraph.syntax.path_forms import Path

Place = ox.Variable | Node
"""A term or variable in a place of a pattern."""

Solution = Mapping[ox.Variable, Node]


@dataclass(frozen=True, slots=True)
class Pattern:
    """A triple pattern, or a step of one's path. text: the triple pattern, as written.

    names: its constants as they are written.
    """

    text: str
    subject: Place
    predicate: Place
    object: Place
    names: dict[Node, str] = field(default_factory=dict, compare=False)

    def __iter__(self) -> Iterator[Place]:
        yield from (self.subject, self.predicate, self.object)


@dataclass(frozen=True, slots=True)
class Match:
    """A triple pattern whose path is one step after the other."""

    text: str
    patterns: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Walk:
    """A triple pattern with another path. predicates: those that its path names, as written."""

    text: str
    subject: Place
    path: Path
    object: Place
    predicates: tuple[tuple[Node, str], ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """VALUES. names: its terms as they are written."""

    text: str
    rows: tuple[Solution, ...]
    names: dict[Node, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Computed:
    """BIND. term: what is bound, if that is a constant."""

    text: str
    expression: Expression = field(compare=False)
    variable: ox.Variable
    term: Node | None
    names: dict[Node, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class Nested:
    """Groups with a word: as ``syntax.Block`` has it, or SELECT with what is selected.

    graph: what stands behind GRAPH.
    """

    text: str
    word: str
    groups: tuple[tuple[Part, ...], ...]
    graph: Place | None = None
    select: Select | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """FILTER. group: of EXISTS, which is negated or isn't; None where it is an expression."""

    text: str
    expression: Expression = field(compare=False)
    group: tuple[Part, ...] | None = None
    negated: bool = False


Part = Match | Walk | Rows | Computed | Nested | Condition


def restrict(solution: Solution, names: set[str]) -> Solution:
    """Return what a solution has of some names."""
    return {name: term for name, term in solution.items() if name.value in names}


def merge(known: Solution, more: Solution) -> Solution | None:
    """Return two solutions together; None where they aren't compatible."""
    if any(known.get(name, term) != term for name, term in more.items()):
        return None
    return {**known, **more}


def find_bound(place: Place, known: Solution) -> Node | None:
    """Return the term that a place has in a solution, if it has one."""
    return known.get(place) if isinstance(place, ox.Variable) else place


def add_graph(graph: Place, quad: ox.Quad, known: Solution) -> Solution:
    """Return a solution with the name of the graph that a quad stands in."""
    if isinstance(graph, ox.Variable) and isinstance(quad.graph_name, ox.NamedNode):
        return {**known, graph: quad.graph_name}
    return known


def join_quad(pattern: Pattern, quad: ox.Quad, known: Solution) -> Solution | None:
    """Return a solution with what a quad adds to it; None where they don't go together."""
    found = dict(known)
    terms: tuple[Node, ...] = (quad.subject, quad.predicate, quad.object)
    for place, term in zip(pattern, terms, strict=True):
        if isinstance(place, ox.Variable) and found.setdefault(place, term) != term:
            return None
    return found
