"""Plain RDF files to named graphs: each graph as canonical N-Triples, so that equal means equal.

Formats: https://www.w3.org/TR/n-quads/, https://www.w3.org/TR/trig/, https://www.w3.org/TR/turtle/,
https://www.w3.org/TR/n-triples/, https://www.w3.org/TR/rdf-syntax-grammar/ (RDF/XML),
https://www.w3.org/TR/json-ld11/; blank node labels: https://www.w3.org/TR/rdf-canon/ (RDFC-1.0).
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
    parse,
)

from loader.errors import InputError, TooLarge
from loader.files import rdf_xml
from loader.files.faults import (
    PARSER_ERRORS,
    Fault,
    Mended,
    Report,
    Unreadable,
    explain,
    make_valid,
    write_notes,
)
from loader.files.rdf_formats import FORMATS, RdfFile
from loader.files.recovery import Recovery
from loader.transform.blank_node_names import label_alike
from loader.transform.gate import Gate, Problem

_LONG = 1_000_000  # characters; shorter texts are never too large
_BLANK_GRAPH = "a graph is named by a blank node; graphs here have IRIs"


@dataclass(frozen=True, slots=True)
class Graph:
    """One named graph of a file.

    name: its IRI. statements: canonical N-Triples, sorted, in UTF-8; comments above them say what
    isn't as it came.
    """

    name: str
    statements: bytes


def read_graphs(
    file: RdfFile,
    graph: str | None = None,
    scratch: Path | None = None,
    report: Report | None = None,
) -> Iterator[Graph]:
    """Yield the graphs of an RDF file, by name.

    graph, scratch, report: as in ``Reader``. Raises InputError as ``Reader`` does.
    """
    reader = Reader(file, graph, scratch, report)
    reader.fill()
    yield from reader.graphs()


@dataclass(slots=True)
class Reader:
    """Gathers what one file says, and gives it back by graph.

    graph: the name of the graph for triples that stand in none; by default ``file:NAME``.
    scratch: a folder to sort a large file in; None sorts in memory.
    report: gets what can't be read or kept as it came; None: what can't be read is an InputError.
    strict: everything that isn't as it should be is an InputError, with the line at fault.

    A blank node that a file uses in two graphs becomes one in each.
    """

    file: RdfFile
    graph: str | None = None
    scratch: Path | None = None
    report: Report | None = None
    strict: bool = False
    is_empty: bool = True
    _home: NamedNode = field(init=False)
    _store: Store = field(init=False)
    _problems: dict[str, set[Problem]] = field(default_factory=lambda: defaultdict(set))
    _reported: tuple[str, set[Mended]] = ("", set())  # a place, and what was said of it

    def __post_init__(self) -> None:
        """Make room for the file's quads; raise InputError if ``graph`` is no IRI."""
        self._home = _name(self.graph or self.file.base_iri, self.file.name)
        self._store = self._new_store()

    def fill(self) -> None:
        """Read the file, which isn't JSON-LD; raise InputError if it is refused as a whole."""
        self.is_empty = False
        with self._readable():
            if FORMATS[self.file.extension] == RdfFormat.JSON_LD:
                with self.file.text() as stream:
                    self.add_json(stream.read(), self.file.name)
            elif FORMATS[self.file.extension] == RdfFormat.RDF_XML:
                self._fill_from_xml()
            else:
                self._fill_from_text()

    def add_json(self, text: bytes, location: str) -> bool:
        """Take in a document of JSON-LD; tell whether there was any statement in it.

        Raises InputError, with ``location``, if it is none.
        """
        self.is_empty = False
        # Lenient: the strict JSON-LD parser leaves out what has an invalid IRI in silence.
        parsed = parse(
            text,
            RdfFormat.JSON_LD,
            base_iri=self.file.base_iri,
            lenient=True,
            rename_blank_nodes=True,
        )
        try:
            quads = list(parsed)
        except PARSER_ERRORS as error:
            line = getattr(error, "lineno", None)
            place = f"{location}:{line}" if line else location
            raise InputError(place, f"not well-formed JSON-LD: {explain(error)}") from error
        if any(isinstance(quad.graph_name, BlankNode) for quad in quads):
            raise InputError(location, _BLANK_GRAPH)
        kept = list(make_valid(quads, lambda: location, self.note))
        self._store.bulk_extend(kept)
        return bool(kept)

    def graphs(self) -> Iterator[Graph]:
        """Yield the graphs of what was read, by name."""
        store = self._store
        unnamed = store.quads_for_pattern(None, None, None, DefaultGraph())
        if any(unnamed) or store.contains_named_graph(self._home):
            yield self._canonical(DefaultGraph(), self._home)
        for other in sorted(store.named_graphs(), key=str):
            if isinstance(other, BlankNode):
                content = store.dump(format=RdfFormat.N_TRIPLES, from_graph=other)
                self.note(Unreadable(self.file.name, _BLANK_GRAPH, content))
            elif other != self._home:
                yield self._canonical(other, other)

    def _new_store(self) -> Store:
        return Store(str(self.scratch)) if self.scratch else Store()

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except (OSError, EOFError, ValueError, zlib.error) as error:
            raise InputError(self.file.name, f"cannot be read: {error}") from error

    def _fill_from_text(self) -> None:
        """Read N-Triples, N-Quads, Turtle or TriG: in one go, or if that fails, in pieces."""
        file, form = self.file, FORMATS[self.file.extension]
        try:
            with file.text() as stream:
                self._store.bulk_load(stream, form, base_iri=file.base_iri)
        except PARSER_ERRORS as error:
            if self.strict:
                line = getattr(error, "lineno", None)
                reason = f"not well-formed {form.name}: {explain(error)}"
                raise InputError(f"{file.name}:{line}" if line else file.name, reason) from error
            self._store.clear()
            recovery = Recovery(file.name, file.text, form, file.base_iri, self.note)
            self._store.bulk_extend(recovery.quads())

    def _fill_from_xml(self) -> None:
        """Read RDF/XML: strictly, or if that fails, with its terms repaired."""
        file = self.file
        with file.text() as stream:
            rdf_xml.check_xml(stream, file.name)
        try:
            with file.text() as stream:
                self._store.bulk_load(stream, RdfFormat.RDF_XML, base_iri=file.base_iri)
        except PARSER_ERRORS:
            self._store.clear()
            with file.text() as stream:
                quads = rdf_xml.read_leniently(stream, file.name, file.base_iri, self.note)
                self._store.bulk_extend(quads)

    def note(self, fault: Fault) -> None:
        """Remember a fault and report it, once for each place, or refuse the file for it."""
        if self.strict or (self.report is None and isinstance(fault, Unreadable)):
            raise InputError(fault.location, fault.refusal)
        if isinstance(fault, Mended):
            place, said = self._reported
            if place != fault.location:
                self._reported = (fault.location, said := set())
            if fault in said:
                return
            said.add(fault)
            self._problems[fault.graph].add(Problem(fault.kind, fault.value))
        if self.report is not None:
            self.report(fault)

    def _is_too_large(self, quad: Quad, graph: NamedNode) -> bool:
        """Tell whether no store could take a quad, and report it then."""
        text = getattr(quad.object, "value", "")
        try:
            if len(text) > _LONG:
                Gate(graph=graph.value).triple(quad.subject, quad.predicate, quad.object)
        except TooLarge as error:
            self.note(Unreadable(self.file.name, str(error), text.encode()))
            return True
        return False

    def _canonical(self, source: NamedNode | DefaultGraph, target: NamedNode) -> Graph:
        """Read one graph; the file's own graph also takes in what it names by the same IRI."""
        quads = list(self._store.quads_for_pattern(None, None, None, source))
        problems = self._problems[str(source) if isinstance(source, NamedNode) else ""]
        if isinstance(source, DefaultGraph):
            quads += self._store.quads_for_pattern(None, None, None, target)
            problems = problems | self._problems[str(target)]
        kept = [quad for quad in quads if not self._is_too_large(quad, target)]
        lines = sorted(f"{' '.join(triple)} .\n" for triple in label_alike(kept))
        return Graph(target.value, write_notes(problems) + "".join(lines).encode())


def _name(iri: str, name: str) -> NamedNode:
    try:
        return NamedNode(iri)
    except ValueError as error:
        raise InputError(name, f"not an absolute IRI to name a graph by: {iri}") from error
