"""Faults of a file: pieces that can't be read, and terms that had to be repaired."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, parse

from loader.errors import TooLarge
from loader.transform.gate import Gate, Problem

_POSITION = re.compile(r"^Parser error (?:at|between) line .*?: | \(line \d+\)$")
_NOTE = b"#"  # begins the lines above a graph's statements that say what isn't as it came


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A piece of a file in which nothing could be read. payload: its bytes, if few."""

    location: str
    reason: str
    payload: bytes | None = None

    @property
    def refusal(self) -> str:
        """The reason to give if the file is refused for it."""
        return self.reason


@dataclass(frozen=True, slots=True)
class Mended:
    """Something in a file that could not be kept as it came.

    location: where, ``NAME:LINE``. kind, value: as in a ``Problem``. graph: the name of its graph
    as N-Quads writes it; empty in none.
    """

    location: str
    kind: str
    value: str
    graph: str = ""

    @property
    def reason(self) -> str:
        """The sentence about it."""
        return f"{self.kind}: {self.value}"

    @property
    def refusal(self) -> str:
        """The reason to give if the file is refused for it."""
        return f"not valid: {self.value}"


Fault = Unreadable | Mended
Report = Callable[[Fault], None]
"""Called with each fault of a file as it is met."""


def make_valid(quads: Iterable[Quad], place: Callable[[], str], report: Report) -> Iterator[Quad]:
    """Yield leniently parsed quads with valid terms; report what was repaired or left out.

    place: says where the latest quad stands.
    """
    gate = Gate()
    for quad in map(_drop_empty_tag, quads):
        try:
            kept = _make_valid(quad, gate)
        except TooLarge as error:
            report(Unreadable(place(), str(error)))
            continue
        if gate.problems:
            graph = name_graph((kept or quad).graph_name)
            for problem in gate.problems:
                report(Mended(place(), problem.kind, problem.value, graph))
            gate.problems.clear()
        if kept is not None:
            yield kept


def _make_valid(quad: Quad, gate: Gate) -> Quad | None:
    """Return a quad with valid terms, or None if one is beyond repair."""
    triple = gate.triple(quad.subject, quad.predicate, quad.object)
    graph: str | None = name_graph(quad.graph_name)
    if isinstance(quad.graph_name, NamedNode):
        graph = gate.name(quad.graph_name)
    if triple is None or graph is None:
        return None
    if not gate.problems:
        return quad
    mended: Quad = next(iter(parse(" ".join([*triple, graph, "."]), RdfFormat.N_QUADS)))
    return mended


def _drop_empty_tag(quad: Quad) -> Quad:
    """Return a quad without the language tag ``""``, by which XML says that there is none."""
    term = quad.object
    if isinstance(term, Literal) and term.language == "":
        return Quad(quad.subject, quad.predicate, Literal(term.value), quad.graph_name)
    return quad


def name_graph(graph: object) -> str:
    """Return a graph's name as N-Quads writes it."""
    return "" if isinstance(graph, DefaultGraph) else str(graph)


# The parser's buffer ends at 16 MiB.
PARSER_ERRORS = (SyntaxError, MemoryError)


def explain(error: SyntaxError | MemoryError) -> str:
    """Return what a parser says is wrong, without a place in what it was given."""
    if isinstance(error, SyntaxError):
        return _POSITION.sub("", error.msg)
    return "a text or an address larger than Oxigraph can take"


def write_notes(problems: set[Problem]) -> bytes:
    """Return comments for above a graph's statements in N-Triples: what isn't as it came."""
    texts = sorted(json.dumps([problem.kind, problem.value]) for problem in problems)
    return b"".join(b"%s%s\n" % (_NOTE, text.encode()) for text in texts)


def read_notes(statements: bytes) -> tuple[Problem, ...]:
    """Return what the comments above a graph's statements say of them."""
    if not statements.startswith(_NOTE):
        return ()
    notes = (line for line in statements.splitlines() if line.startswith(_NOTE))
    return tuple(Problem(*json.loads(note[len(_NOTE) :])) for note in notes)
