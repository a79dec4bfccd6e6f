"""The ends of property paths, looked for step by step (SPARQL 1.1 Query, 18.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyoxigraph as ox

from sparql_server.engine.explaining.pattern_parts import Place
from sparql_server.engine.explaining.release_data import Node
from sparql_server.engine.oxigraph.syntax.path_forms import (
    Alternative,
    Inverse,
    Negated,
    Path,
    Repeat,
    Sequence,
    Step,
)

Quads = Callable[[Node | None, Node | None, Node | None], Iterator[ox.Quad]]
"""A function that yields the quads of a pattern."""

Ends = Iterator[tuple[Node, Node]]


class Walker:
    """Finds the ends of paths. term: reads what is written in a place."""

    def __init__(self, quads: Quads, term: Callable[[str], Place]) -> None:
        self._quads = quads
        self._term = term

    def walk(self, path: Path, subject: Node | None, object_: Node | None) -> Ends:
        """Yield the ends of a path, some more than once; None: an end that isn't known."""
        if isinstance(path, Inverse):
            for start, end in self.walk(path.path, object_, subject):
                yield end, start
        elif isinstance(path, Alternative):
            for other in path.paths:
                yield from self.walk(other, subject, object_)
        elif isinstance(path, Sequence):
            yield from self._sequence(path.paths, subject, object_)
        elif isinstance(path, Repeat):
            yield from self._repeat(path, subject, object_)
        elif isinstance(path, Step):
            predicate = self._term(path.text)
            known = None if isinstance(predicate, ox.Variable) else predicate
            for quad in self._quads(subject, known, object_):
                yield quad.subject, quad.object
        else:
            yield from self._negated(path, subject, object_)

    def _negated(self, path: Negated, subject: Node | None, object_: Node | None) -> Ends:
        for names, start, end in (
            (path.forward, subject, object_),
            (path.inverse, object_, subject),
        ):
            hidden = {self._term(name) for name in names}
            for quad in self._quads(start, None, end) if names else ():
                if quad.predicate not in hidden:
                    pair = (quad.subject, quad.object)
                    yield pair if names is path.forward else (pair[1], pair[0])

    def _sequence(
        self, paths: tuple[Path, ...], subject: Node | None, object_: Node | None
    ) -> Ends:
        if len(paths) == 1:
            yield from self.walk(paths[0], subject, object_)
        elif subject is None and object_ is not None:
            for middle, end in self.walk(paths[-1], None, object_):
                for start, _ in self._sequence(paths[:-1], None, middle):
                    yield start, end
        else:
            for start, middle in self.walk(paths[0], subject, None):
                for _, end in self._sequence(paths[1:], middle, object_):
                    yield start, end

    def _repeat(self, path: Repeat, subject: Node | None, object_: Node | None) -> Ends:
        if path.mark in ("*", "?"):
            yield from self._zero(subject, object_)
        if path.mark == "?":
            yield from self.walk(path.path, subject, object_)
        elif subject is None and object_ is not None:
            for start, end in self._reach(Inverse(path.path), object_, None):
                yield end, start
        elif subject is not None:
            yield from self._reach(path.path, subject, object_)
        else:
            for start, _ in self.walk(path.path, None, None):
                yield from self._reach(path.path, start, None)

    def _zero(self, subject: Node | None, object_: Node | None) -> Ends:
        """Yield the ends of a path of length zero."""
        known = subject if subject is not None else object_
        if known is not None:
            if object_ is None or known == object_:
                yield known, known
            return
        for quad in self._quads(None, None, None):
            yield quad.subject, quad.subject
            yield quad.object, quad.object

    def _reach(self, path: Path, start: Node, wanted: Node | None) -> Ends:
        """Yield what is reached from a term by one step or more."""
        seen: set[Node] = set()
        steps = [start]
        while steps:
            for _, end in self.walk(path, steps.pop(), None):
                if end not in seen:
                    seen.add(end)
                    steps.append(end)
                    if wanted is None or end == wanted:
                        yield start, end
