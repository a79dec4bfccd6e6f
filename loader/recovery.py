"""A file of RDF that a parser refuses: what of it is certain, and what can't be read, by its place.

Each statement is parsed with the directives before it. Where a broken one may have changed what
others mean, those are left out with it: none gets a subject, a graph or a prefix not its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, parse

from loader.errors import InputError, TooLarge
from loader.gate import Gate
from loader.statements import Splitter, Statement, lines, long_quotes, with_hyphens

_TOGETHER = 200  # statements that are parsed at once; those that fail are found by halving
_HOPELESS = 1000  # unreadable statements after which a file without a good one is given up
_KEPT = 16 << 20  # bytes of an unreadable piece that are kept with the reason
_POSITION = re.compile(r"^Parser error (?:at|between) line .*?: | \(line \d+\)$")
_BY_LINE = (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A piece of a file in which nothing could be read. payload: its bytes, if few."""

    location: str
    reason: str
    payload: bytes | None = None

    @property
    def refusal(self) -> str:
        """What to say if the file is refused for it."""
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
        """What to say of it."""
        return f"{self.kind}: {self.value}"

    @property
    def refusal(self) -> str:
        """What to say if the file is refused for it."""
        return f"not valid: {self.value}"


Fault = Unreadable | Mended
Report = Callable[[Fault], None]
"""Called with each fault of a file as it is met."""


@dataclass(slots=True)
class Recovery:
    """Reads what can be read of one file.

    name: the file's. open: returns a new stream of its text. base: its IRI. report: gets what
    isn't as it came. If not a single statement can be read, InputError is raised instead.
    """

    name: str
    open: Callable[[], IO[bytes]]
    form: RdfFormat
    base: str
    report: Report
    _directives: list[bytes] = field(default_factory=list)
    _held: list[Fault] = field(default_factory=list)  # until a statement is good
    _has_good: bool = False
    _last_line: int = 0

    def quads(self) -> Iterator[Quad]:
        """Yield the file's quads, with valid terms."""
        with self.open() as stream:
            splitter = self._splitter(stream)
            for batch in _batches(splitter or lines(stream)):
                if batch[0].stands_alone:
                    yield from self._settled(batch)
                elif batch[0].kind == "rest":
                    self._refuse(batch[0], "it can't be told where statements end from here on")
                elif batch[0].kind == "directive" and self._directs(batch[0]):
                    continue
                else:
                    quads = self._settled(batch)
                    yield from quads
                    if splitter and not quads:
                        splitter.give_up()
        self._end()

    def _splitter(self, stream: IO[bytes]) -> Splitter | None:
        if self.form in _BY_LINE:
            return None
        with self.open() as whole:
            marks = long_quotes(whole)
        return Splitter(stream, trig=self.form == RdfFormat.TRIG, long_quotes=marks)

    def _directs(self, directive: Statement) -> bool:
        """Take a directive in, for what follows; tell whether it is one."""
        try:
            self._parse([directive], lenient=True)
        except SyntaxError:
            return False
        if directive.source not in self._directives[-1:]:
            self._directives.append(directive.source)
        return True

    def _settled(self, batch: Sequence[Statement]) -> list[Quad]:
        """Return the quads of statements; report those that have none or are mended."""
        try:
            quads = self._parse(batch, lenient=False)
        except SyntaxError:
            if len(batch) == 1:
                return self._mended(batch[0])
            middle = len(batch) // 2
            return self._settled(batch[:middle]) + self._settled(batch[middle:])
        self._release()
        return quads

    def _mended(self, statement: Statement) -> list[Quad]:
        """Return the quads of a statement with invalid terms, as far as they can be repaired."""
        source, tags = with_hyphens(statement.source)
        mended = Statement(statement.line, statement.column, statement.text, source)
        try:
            parsed = self._parse([mended], lenient=True)
        except SyntaxError as error:
            reason = f"not well-formed {self.form.name}: {explained(error)}"
            self._refuse(statement, reason)
            return []
        faults: list[Fault] = []
        place = self._place(statement)
        quads = list(valid(parsed, lambda: place, faults.append))
        if not quads:
            values = ", ".join(_shown(fault) for fault in faults)
            self._refuse(statement, f"beyond repair: {values}", place)
            return []
        graph = written(quads[0].graph_name)
        self._release()
        for fault in (*(Mended(place, "repaired", tag, graph) for tag in tags), *faults):
            self._say(fault)
        return quads

    def _parse(self, batch: Sequence[Statement], *, lenient: bool) -> list[Quad]:
        text = b"\n".join([*self._directives, *(statement.source for statement in batch)])
        return list(parse(text, self.form, base_iri=self.base, lenient=lenient))

    # Faults

    def _place(self, statement: Statement) -> str:
        line, column = statement.line, statement.column
        is_another = line == self._last_line
        self._last_line = line
        return f"{self.name}:{line}:{column}" if is_another else f"{self.name}:{line}"

    def _refuse(self, statement: Statement, reason: str, place: str = "") -> None:
        payload = statement.text if len(statement.text) <= _KEPT else None
        if payload is None or payload.strip():
            self._say(Unreadable(place or self._place(statement), reason, payload))

    def _say(self, fault: Fault) -> None:
        """Report a fault; hold it back as long as nothing says that this is the right format."""
        if self._has_good:
            self.report(fault)
            return
        self._held.append(fault)
        if len(self._held) > _HOPELESS:
            self._end()

    def _release(self) -> None:
        self._has_good = True
        for fault in self._held:
            self.report(fault)
        self._held.clear()

    def _end(self) -> None:
        """Refuse the file if nothing in it could be read."""
        for fault in self._held:
            if isinstance(fault, Unreadable):
                raise InputError(fault.location, fault.reason)
        self._release()


def _batches(statements: Iterable[Statement]) -> Iterator[list[Statement]]:
    """Yield statements in parts, and each on which others depend by itself, in their order."""
    batch: list[Statement] = []
    for statement in statements:
        if not statement.stands_alone and batch:
            yield batch
            batch = []
        batch.append(statement)
        if not statement.stands_alone or len(batch) == _TOGETHER:
            yield batch
            batch = []
    if batch:
        yield batch


def valid(quads: Iterable[Quad], place: Callable[[], str], report: Report) -> Iterator[Quad]:
    """Yield leniently parsed quads with valid terms; report what was repaired or left out.

    place: says where the latest quad stands.
    """
    for quad in quads:
        gate = Gate()
        try:
            kept = _gated(without_empty_tag(quad), gate)
        except TooLarge as error:
            report(Unreadable(place(), str(error)))
            continue
        graph = written((kept or quad).graph_name)
        for problem in gate.problems:
            report(Mended(place(), problem.kind, problem.value, graph))
        if kept is not None:
            yield kept


def _gated(quad: Quad, gate: Gate) -> Quad | None:
    """Return a quad with valid terms, or None if one is beyond repair."""
    triple = gate.triple(quad.subject, quad.predicate, quad.object)
    graph: str | None = written(quad.graph_name)
    if isinstance(quad.graph_name, NamedNode):
        graph = gate.name(quad.graph_name)
    if triple is None or graph is None or not gate.problems:
        return None if triple is None or graph is None else quad
    mended: Quad = next(iter(parse(" ".join([*triple, graph, "."]), RdfFormat.N_QUADS)))
    return mended


def _shown(fault: Fault) -> str:
    return fault.value if isinstance(fault, Mended) else fault.reason


def without_empty_tag(quad: Quad) -> Quad:
    """Return a quad without the language tag ``""``, by which XML says that there is none."""
    term = quad.object
    if isinstance(term, Literal) and term.language == "":
        return Quad(quad.subject, quad.predicate, Literal(term.value), quad.graph_name)
    return quad


def written(graph: object) -> str:
    """Return a graph's name as N-Quads writes it."""
    return "" if isinstance(graph, DefaultGraph) else str(graph)


def explained(error: SyntaxError) -> str:
    """Return what a parser says is wrong, without a place in what it was given."""
    return _POSITION.sub("", error.msg)
