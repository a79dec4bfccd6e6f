"""Plain RDF files to named graphs: each graph as canonical N-Triples, so that equal means equal.

Formats: https://www.w3.org/TR/n-quads/, https://www.w3.org/TR/trig/, https://www.w3.org/TR/turtle/,
https://www.w3.org/TR/n-triples/, https://www.w3.org/TR/rdf-syntax-grammar/ (RDF/XML),
https://www.w3.org/TR/json-ld11/; blank node labels: https://www.w3.org/TR/rdf-canon/ (RDFC-1.0).
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

from pyoxigraph import (
    BlankNode,
    CanonicalizationAlgorithm,
    Dataset,
    DefaultGraph,
    NamedNode,
    Quad,
    RdfFormat,
    Store,
    parse,
)

from loader.errors import InputError
from loader.transform import repaired

FORMATS = {
    ".jsonld": RdfFormat.JSON_LD,
    ".json": RdfFormat.JSON_LD,
    ".nq": RdfFormat.N_QUADS,
    ".nt": RdfFormat.N_TRIPLES,
    ".rdf": RdfFormat.RDF_XML,
    ".trig": RdfFormat.TRIG,
    ".ttl": RdfFormat.TURTLE,
    ".xml": RdfFormat.RDF_XML,
}
"""By file name extension, lower case."""


@dataclass(frozen=True, slots=True)
class RdfFile:
    """A file of RDF that can be opened more than once.

    name: what it is called in messages. extension: ``.nq`` and so on, without ``.gz``.
    open: returns a new stream of its decompressed bytes. base: its own address, if it has one.
    """

    name: str
    extension: str
    open: Callable[[], IO[bytes]]
    base: str = ""

    @property
    def base_iri(self) -> str:
        """What relative IRIs in it are resolved against."""
        return self.base or f"file:{quote(self.name)}"


@dataclass(frozen=True, slots=True)
class Graph:
    """One named graph of a file.

    name: its IRI. statements: canonical N-Triples, sorted, in UTF-8.
    problems: IRIs that were repaired or could not be, as ``(kind, value)``.
    """

    name: str
    statements: bytes
    problems: tuple[tuple[str, str], ...] = ()


def read_graphs(
    file: RdfFile, graph: str | None = None, scratch: Path | None = None
) -> Iterator[Graph]:
    """Yield the graphs of an RDF file, by name.

    graph: the name of the graph for triples that stand in none; by default ``file:NAME``.
    scratch: a folder to sort a large file in; None sorts in memory.

    A blank node that a file uses in two graphs becomes one in each.
    Raises InputError, with the line at fault, if the file is not well-formed.
    """
    home = _named(graph or file.base_iri, file.name)
    store = Store(str(scratch)) if scratch else Store()
    problems = _fill(store, file)
    if any(store.quads_for_pattern(None, None, None, DefaultGraph())):
        yield _canonical(store, DefaultGraph(), home, problems)
    for other in sorted(store.named_graphs(), key=str):
        if isinstance(other, BlankNode):
            raise InputError(file.name, "a graph is named by a blank node; graphs here have IRIs")
        if other != home:
            yield _canonical(store, other, other, problems)


def _named(iri: str, name: str) -> NamedNode:
    try:
        return NamedNode(iri)
    except ValueError as error:
        raise InputError(name, f"not an absolute IRI to name a graph by: {iri}") from error


def _fill(store: Store, file: RdfFile) -> tuple[tuple[str, str], ...]:
    form = FORMATS[file.extension]
    try:
        with file.open() as stream:
            if form != RdfFormat.JSON_LD:
                store.bulk_load(stream, form, base_iri=file.base_iri)
                return ()
            # Lenient: the strict JSON-LD parser leaves out what has an invalid IRI in silence.
            quads, problems = repaired(parse(stream, form, base_iri=file.base_iri, lenient=True))
            store.bulk_extend(quads)
            return problems
    except SyntaxError as error:
        line = error.lineno or _line_at_fault(file, form)
        reason = f"not well-formed {form.name}: {error.msg}"
        raise InputError(f"{file.name}:{line}", reason) from error
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise InputError(file.name, f"cannot be read: {error}") from error


class _LineByLine(io.BytesIO):
    """Gives a parser one line at a time, so that one knows which it had when it failed."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__()
        self._stream = stream
        self.line = 0

    def read(self, size: int | None = -1) -> bytes:
        line = self._stream.readline(-1 if size is None else size)
        self.line += line.endswith(b"\n")
        return line


def _line_at_fault(file: RdfFile, form: RdfFormat) -> int:
    """Return the line at which a parser that doesn't say so gives up, counted from 1."""
    with file.open() as stream:
        lines = _LineByLine(stream)
        with suppress(SyntaxError):
            for _ in parse(lines, form, base_iri=file.base_iri):
                pass
        return max(lines.line, 1)


def _canonical(
    store: Store,
    source: NamedNode | DefaultGraph,
    target: NamedNode,
    problems: tuple[tuple[str, str], ...],
) -> Graph:
    """Read one graph; the file's own graph also takes in what the file names by the same IRI."""
    quads = list(store.quads_for_pattern(None, None, None, source))
    if isinstance(source, DefaultGraph):
        quads += store.quads_for_pattern(None, None, None, target)
    dataset = Dataset(Quad(quad.subject, quad.predicate, quad.object) for quad in quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    lines = sorted(f"{quad.subject} {quad.predicate} {quad.object} .\n" for quad in dataset)
    return Graph(target.value, "".join(lines).encode(), problems)
