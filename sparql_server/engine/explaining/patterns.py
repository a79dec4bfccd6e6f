"""The parts of a query's pattern, for explanations: each with its text, as it is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pyoxigraph as ox

from sparql_server.engine.explaining.facts import Node
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
