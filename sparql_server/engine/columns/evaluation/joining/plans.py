"""The steps of a plan, in the order in which they were taken."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

from sparql_server.engine.columns.algebra import (
    Alternative,
    Graph,
    Group,
    Inverse,
    Kind,
    Negated,
    Node,
    Path,
    Repeat,
    Select,
    Sequence,
    Term,
    Triple,
    Union,
    Variable,
)
from sparql_server.engine.columns.solutions.solutions import Solutions

MOST = 200
"""Steps that are kept."""

_MARKS = {(True, True): "*", (False, True): "+", (True, False): "?"}


@dataclass(slots=True)
class Step:
    """A step. what: that was joined, as SPARQL. expected, found: rows. ms: that it took.

    times: that it was taken, with one piece of the rows after the other.
    """

    what: str
    expected: float | None
    found: int
    ms: float
    times: int = 1


@dataclass(slots=True)
class Plan:
    """The steps of a query's evaluation, in the order in which they were first taken."""

    steps: dict[str, Step] = field(default_factory=dict)

    def note(self, what: str, expected: float | None, found: int, ms: float) -> None:
        """Note a step."""
        step = self.steps.get(what)
        if step is None:
            if len(self.steps) < MOST:
                self.steps[what] = Step(what, expected, found, ms)
            return
        step.found += found
        step.ms += ms
        step.times += 1
        if expected is not None:
            step.expected = (step.expected or 0) + expected

    def list_steps(self) -> list[dict[str, object]]:
        """Return the steps as values of JSON; numbers are rounded."""
        return [
            asdict(step)
            | {
                "expected": None if step.expected is None else round(step.expected),
                "ms": round(step.ms, 3),
            }
            for step in self.steps.values()
        ]


@contextmanager
def measure_time() -> Iterator[list[float]]:
    """Time what is done within; the list has the milliseconds afterwards."""
    began = time.perf_counter()
    taken: list[float] = []
    try:
        yield taken
    finally:
        taken.append((time.perf_counter() - began) * 1000)


def write_joined(joined: object) -> str:
    """Return what is joined as SPARQL, or what it is.

    >>> write_joined(Triple(Variable("s"), Term(Kind.IRI, "urn:p"), Variable("o")))
    '?s <urn:p> ?o'
    """
    if isinstance(joined, Triple):
        nodes = _write_node(joined.subject), _write_path(joined.path), _write_node(joined.object)
        return " ".join(nodes)
    if isinstance(joined, Graph):
        return f"GRAPH {_write_node(joined.name)} {{ {_write_group(joined.group)} }}"
    if isinstance(joined, Union):
        return " UNION ".join(f"{{ {_write_group(group)} }}" for group in joined.groups)
    if isinstance(joined, Select):
        return f"{{ SELECT {{ {_write_group(joined.where)} }} }}"
    if isinstance(joined, Group):
        return f"{{ {_write_group(joined)} }}"
    if isinstance(joined, Solutions):
        return f"a table of {' '.join(f'?{name}' for name in joined.columns)}"
    return type(joined).__name__.upper()


def _write_group(group: Group) -> str:
    return " . ".join(map(write_joined, group.elements))


def _write_node(node: Node) -> str:
    if isinstance(node, Variable):
        return node.name if node.name.startswith("_:") else f"?{node.name}"
    if node.kind == Kind.IRI:
        return f"<{node.value}>"
    tag = {Kind.LANGUAGE: f"@{node.tag}", Kind.TYPED: f"^^<{node.tag}>"}.get(node.kind, "")
    return f'"{node.value}"{tag}'


def _write_path(path: Path | Variable) -> str:
    if isinstance(path, (Term, Variable)):
        return _write_node(path)
    if isinstance(path, Inverse):
        return f"^{_write_path(path.path)}"
    if isinstance(path, Repeat):
        return f"({_write_path(path.path)}){_MARKS[path.zero, path.many]}"
    if isinstance(path, Negated):
        return f"!({'|'.join(map(_write_node, path.predicates))})"
    assert isinstance(path, (Sequence, Alternative))
    mark = "/" if isinstance(path, Sequence) else "|"
    return f"({mark.join(map(_write_path, path.paths))})"
