"""Recovery of an RDF file that a parser refuses: statements that are certain, and faults by place.

Each statement is parsed with the directives before it. Where a broken one may have changed what
others mean, those are left out with it: none gets a subject, a graph or a prefix not its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import IO

from pyoxigraph import Quad, RdfFormat, parse

from loader.errors import InputError
from loader.files.faults import (
    PARSER_ERRORS,
    Fault,
    Mended,
    Report,
    Unreadable,
    explain,
    make_valid,
    name_graph,
)
from loader.files.splitter import Splitter
from loader.files.statements import Statement, count_long_quotes_in, mend_tags, split_lines

_TOGETHER = 200  # statements that are parsed at once; those that fail are found by halving
_HOPELESS = 1000  # unreadable statements after which a file without a good one is given up
_KEPT = 64 << 20  # bytes of an unreadable piece that are kept with the reason
_BY_LINE = (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS)


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
            for batch in _divide(splitter or split_lines(stream)):
                if batch[0].stands_alone:
                    yield from self._settle(batch)
                elif batch[0].kind == "rest":
                    self._refuse(batch[0], "it can't be told where statements end from here on")
                elif batch[0].kind == "directive" and self._take_directive(batch[0]):
                    continue
                else:
                    quads = self._settle(batch)
                    yield from quads
                    if splitter and not quads:
                        splitter.give_up()
        self._end()

    def _splitter(self, stream: IO[bytes]) -> Splitter | None:
        if self.form in _BY_LINE:
            return None
        with self.open() as whole:
            marks = count_long_quotes_in(whole)
        return Splitter(stream, trig=self.form == RdfFormat.TRIG, long_quotes=marks)

    def _take_directive(self, directive: Statement) -> bool:
        """Take a directive in, for what follows; tell whether it is one."""
        try:
            self._parse([directive], lenient=True)
        except PARSER_ERRORS:
            return False
        if directive.source not in self._directives[-1:]:
            self._directives.append(directive.source)
        return True

    def _settle(self, batch: Sequence[Statement]) -> list[Quad]:
        """Return the quads of statements; report those that have none or are mended."""
        try:
            quads = self._parse(batch, lenient=False)
        except PARSER_ERRORS:
            if len(batch) == 1:
                return self._mend(batch[0])
            middle = len(batch) // 2
            return self._settle(batch[:middle]) + self._settle(batch[middle:])
        self._release()
        return quads

    def _mend(self, statement: Statement) -> list[Quad]:
        """Return the quads of a statement with invalid terms, as far as they can be repaired."""
        source, tags = mend_tags(statement.source)
        mended = Statement(statement.line, statement.column, statement.text, source)
        try:
            parsed = self._parse([mended], lenient=True)
        except PARSER_ERRORS as error:
            reason = f"not well-formed {self.form.name}: {explain(error)}"
            self._refuse(statement, reason)
            return []
        faults: list[Fault] = []
        place = self._place(statement)
        quads = list(make_valid(parsed, lambda: place, faults.append))
        if not quads:
            self._refuse(statement, ", ".join(fault.refusal for fault in faults), place)
            return []
        graph = name_graph(quads[0].graph_name)
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


def _divide(statements: Iterable[Statement]) -> Iterator[list[Statement]]:
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
