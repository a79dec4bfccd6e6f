"""A query's patterns that must have a solution, its constants as terms, and its conditions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import pyoxigraph as ox

from sparql_server.engine.explaining.facts import RDF, Node
from sparql_server.engine.oxigraph.syntax.elements import (
    Block,
    Element,
    Filter,
    Group,
    Query,
    Select,
    Triple,
    Triples,
    write_expression,
)
from sparql_server.engine.oxigraph.syntax.path_forms import (
    Alternative,
    Inverse,
    Path,
    Repeat,
    Sequence,
    Step,
)
from sparql_server.engine.prefixes import predefined

_MOST = 60  # triple patterns that are looked at
_EMPTY = ox.Store()

Place = ox.Variable | Node
"""What stands in a place of a pattern."""


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


@dataclass(slots=True)
class Needed:
    """What a query needs for a solution.

    patterns: that must match together; complete: whether that is all of its patterns. properties:
    of paths that can't be followed step by step. filters: conditions as written, without EXISTS.
    branches: patterns of UNION's branches, one of which must match.
    """

    patterns: list[Pattern] = field(default_factory=list)
    branches: list[Pattern] = field(default_factory=list)
    paths: list[tuple[Node, str]] = field(default_factory=list)
    filters: list[str] = field(default_factory=list)
    complete: bool = True


class Reader:
    """Reads what a query needs. Terms that can't be read are variables, which match more."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._terms: dict[str, Place] = {}
        self._nameless = 0

    def needed(self) -> Needed:
        """Return what the query needs."""
        needed = Needed()
        self._group(self._query.select.where, needed, needed.patterns)
        return needed

    def _group(self, group: Group, needed: Needed, patterns: list[Pattern]) -> None:
        for element in group.elements:
            self._element(element, needed, patterns)

    def _element(self, element: Element, needed: Needed, patterns: list[Pattern]) -> None:
        if isinstance(element, Triples):
            for triple in element.triples:
                self._triple(triple, needed, patterns)
        elif isinstance(element, Block):
            self._block(element, needed, patterns)
        elif isinstance(element, Group):
            self._group(element, needed, patterns)
        elif isinstance(element, Select):
            needed.complete = False  # its variables are its own
            self._group(element.where, needed, needed.branches)
        elif isinstance(element, Filter):
            if not any(isinstance(part, Group) for part in element.expression):
                needed.filters.append(write_expression(element.expression).strip())
        else:
            needed.complete = False

    def _block(self, block: Block, needed: Needed, patterns: list[Pattern]) -> None:
        if block.word in ("", "GRAPH"):
            needed.complete = needed.complete and not block.word
            self._group(block.groups[0], needed, patterns)
        elif block.word == "UNION":
            needed.complete = False
            for group in block.groups:
                inner = Needed()
                self._group(group, inner, inner.patterns)
                needed.branches += inner.patterns
                needed.paths += inner.paths
        else:
            needed.complete = needed.complete and block.word == "OPTIONAL"

    def _triple(self, triple: Triple, needed: Needed, patterns: list[Pattern]) -> None:
        text = f"{triple.subject} {_text(triple.path)} {triple.object}"
        ends = self._term(triple.subject), self._term(triple.object)
        steps = list(self._steps(triple.path, *ends))
        if steps and len(patterns) + len(steps) <= _MOST:
            for subject, path, object_ in steps:
                predicate = self._term(path.text)
                names = {ends[0]: triple.subject, ends[1]: triple.object, predicate: path.text}
                constants = {
                    term: name for term, name in names.items() if not isinstance(term, ox.Variable)
                }
                patterns.append(Pattern(text, subject, predicate, object_, constants))
            return
        needed.complete = False
        for name in _predicates(triple.path):
            term = self._term(name)
            if not isinstance(term, ox.Variable) and len(needed.paths) < _MOST:
                needed.paths.append((term, name))

    def _steps(
        self, path: Path, subject: Place, object_: Place
    ) -> Iterator[tuple[Place, Step, Place]]:
        """Yield the triples of a path, none where it isn't one step after the other."""
        paths = path.paths if isinstance(path, Sequence) else (path,)
        if not all(isinstance(_forward(step), Step) for step in paths):
            return
        for number, part in enumerate(paths):
            end = object_ if number == len(paths) - 1 else self._between()
            step = _forward(part)
            assert isinstance(step, Step)
            inverse = isinstance(part, Inverse)
            yield (end, step, subject) if inverse else (subject, step, end)
            subject = end

    def _between(self) -> ox.Variable:
        self._nameless += 1
        return ox.Variable(f"between{self._nameless}_")

    def _term(self, text: str) -> Place:
        if text not in self._terms:
            self._terms[text] = self._read(text)
        return self._terms[text]

    def _read(self, text: str) -> Place:
        if text.startswith("?"):
            return ox.Variable(text[1:])
        if text == "a":
            return ox.NamedNode(f"{RDF}type")
        if not text.startswith("_:") and len(self._terms) < 4 * _MOST:
            iri = text.startswith("<") or text[0] not in "\"'+-.0123456789tTfF" or ":" in text
            value = f"VALUES ?x {{ {text} }}" if iri else f"BIND({text} AS ?x)"
            with suppress(SyntaxError, ValueError, RuntimeError):
                asked = f"{self._query.prologue} SELECT ?x {{ {value} }}"
                found = _EMPTY.query(asked, prefixes=predefined())
                solution = next(found, None) if isinstance(found, ox.QuerySolutions) else None
                term: Place | None = solution["x"] if solution else None
                if term is not None:
                    return term
        self._nameless += 1
        return ox.Variable(f"other{self._nameless}_")


def _forward(path: Path) -> Path:
    return path.path if isinstance(path, Inverse) else path


def _predicates(path: Path) -> Iterator[str]:
    """Yield the predicates that a path can't do without; of alternatives, all of them."""
    if isinstance(path, Step):
        yield path.text
    elif isinstance(path, (Sequence, Alternative)):
        for part in path.paths:
            yield from _predicates(part)
    elif isinstance(path, (Inverse, Repeat)):
        yield from _predicates(path.path)


def _text(path: Path) -> str:
    """Return a path as people write it."""
    if isinstance(path, (Sequence, Alternative)):
        return ("/" if isinstance(path, Sequence) else "|").join(map(_text, path.paths))
    if isinstance(path, Inverse):
        return f"^{_text(path.path)}"
    return f"{_text(path.path)}{path.mark}" if isinstance(path, Repeat) else str(path)
