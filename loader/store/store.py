"""The Oxigraph store: one writer, graphs replaced whole, each replacement atomic.

https://pyoxigraph.readthedocs.io/ and SPARQL 1.1 Update, https://www.w3.org/TR/sparql11-update/
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import groupby
from pathlib import Path
from typing import IO, Any, cast

import pyoxigraph as ox

from loader.errors import StoreError, TooLarge
from loader.store.contents.difference import Change, Statement
from loader.transform.gate import Gate, shortened

_ASKED_TOGETHER = 1000  # subjects named in one query
_PIECE = 1 << 20  # bytes of a dump that are handed on at a time

_Pattern = tuple[Any, Any, Any, Any]
"""Subject, predicate, object and graph of the quads that are looked for; None: any."""


@contextmanager
def _translated(path: Path | str) -> Iterator[None]:
    """Turn pyoxigraph's errors into ours. It has damage come as RuntimeError."""
    try:
        yield
    except (OSError, RuntimeError, SyntaxError, ValueError, MemoryError) as error:
        raise StoreError(f"{path}: {error}") from error


def _refuse_ruins(path: Path) -> None:
    """Raise StoreError where a new store would be begun over what is left of another."""
    if not (path / "CURRENT").exists() and any(path.glob("*.sst")):
        raise StoreError(
            f"{path} is damaged: its file CURRENT is missing. libris-loader rebuild makes the"
            " store anew from the archive"
        )


class _Pieces:
    """A file that hands on what is written to it, in large pieces."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._piece = bytearray()

    def write(self, data: bytes) -> int:
        self._piece += data
        if len(self._piece) >= _PIECE:
            self.flush()
        return len(data)

    def flush(self) -> None:
        piece, self._piece = bytes(self._piece), bytearray()
        if piece:
            self._write(piece)


class GraphStore:
    """A dataset of named graphs on disk.

    A graph is a name (IRI) and its statements; a blank node's label means nothing outside
    the call that gives or returns it.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        _refuse_ruins(path)
        with _translated(path):
            self._store = ox.Store.read_only(str(path)) if read_only else ox.Store(str(path))

    def graph(self, name: str) -> list[Statement]:
        """Return the statements of a graph."""
        with _translated(self.path):
            dumped = self._store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=ox.NamedNode(name))
        return [line[:-2] for line in (dumped or b"").decode().split("\n") if line]

    def nquads(self, name: str) -> bytes:
        """Return the statements of a graph as lines of N-Quads, with the store's own labels."""
        graph = ox.NamedNode(name)
        with _translated(self.path):
            dumped = self._store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=graph)
        return (dumped or b"").replace(b" .\n", f" {graph} .\n".encode())

    def nquads_outside(self) -> bytes:
        """Return the statements outside any named graph as lines of N-Quads."""
        graph = ox.DefaultGraph()
        with _translated(self.path):
            return self._store.dump(format=ox.RdfFormat.N_TRIPLES, from_graph=graph) or b""

    def dump(self, write: Callable[[bytes], object]) -> None:
        """Hand on the whole dataset as N-Quads, piece by piece, with the store's own labels."""
        with _translated(self.path):
            pieces = _Pieces(write)
            self._store.dump(cast(IO[bytes], pieces), ox.RdfFormat.N_QUADS)
            pieces.flush()

    def has_graph(self, name: str) -> bool:
        """Tell whether there is a graph of this name."""
        with _translated(self.path):
            return bool(self._store.contains_named_graph(ox.NamedNode(name)))

    def graph_names(self) -> Iterator[str]:
        """Yield the name of each graph."""
        with _translated(self.path):
            for name in self._store.named_graphs():
                yield name.value

    def graphs_about(self, subjects: Iterable[str]) -> dict[str, set[str]]:
        """Return the names of the graphs in which each of these IRIs is a subject."""
        found: dict[str, set[str]] = {}
        names = [f"<{subject}>" for subject in subjects]
        for start in range(0, len(names), _ASKED_TOGETHER):
            values = " ".join(names[start : start + _ASKED_TOGETHER])
            query = f"SELECT DISTINCT ?s ?g {{ VALUES ?s {{ {values} }} GRAPH ?g {{ ?s ?p ?o }} }}"
            with _translated(self.path):
                for subject, graph in cast(ox.QuerySolutions, self._store.query(query)):
                    found.setdefault(subject.value, set()).add(graph.value)
        return found

    def change(self, changes: Sequence[Change]) -> None:
        """Change graphs: all of them, or none. A graph with nothing left goes.

        Raises StoreError if the store refuses.
        """
        drops = [f"DROP SILENT GRAPH <{change.graph}>" for change in changes if change.anew]
        removed = _graphs((change.graph, change.removed) for change in changes if not change.anew)
        added = _graphs((change.graph, change.added) for change in changes)
        update = [*drops, f"DELETE DATA {{ {removed} }}", f"INSERT DATA {{ {added} }}"]
        with _translated(self.path):
            self._store.update(";\n".join(update))

    def flush(self) -> None:
        """Have all that was written reach the disk."""
        with _translated(self.path):
            self._store.flush()

    def backup(self, target: Path) -> None:
        """Make a snapshot of the store in a directory that does not exist yet, by hard links."""
        with _translated(target):
            self._store.backup(str(target))

    def in_default_graph(self) -> int:
        """Return the number of triples outside any named graph."""
        quads = self._quads(None, None, None, ox.DefaultGraph())
        return sum(1 for _ in quads)

    def invalid_quads(self) -> Iterator[tuple[str, str]]:
        """Yield each quad that is no RDF: the name of its graph, and the quad as it stands."""
        gate = Gate()
        with _translated(self.path):
            for quad in self._store:
                try:
                    triple = gate.triple(quad.subject, quad.predicate, quad.object)
                except TooLarge:
                    triple = None
                named = isinstance(quad.graph_name, ox.DefaultGraph) or gate.name(quad.graph_name)
                if gate.problems or not triple or not named:
                    gate.problems.clear()
                    yield _value(quad.graph_name), shortened(str(quad))

    def repeated_triples(self, predicate: str) -> Iterator[tuple[Statement, list[str]]]:
        """Yield each triple of this predicate that stands in several graphs, with their names."""
        # The index that answers this pattern is sorted by predicate, object, subject, graph.
        quads = self._quads(None, ox.NamedNode(predicate), None, None)
        for triple, group in groupby(quads, key=lambda quad: quad.triple):
            graphs = [str(quad.graph_name) for quad in group]
            if len(graphs) > 1:
                yield str(triple), sorted(graphs)

    def unreadable(self) -> Iterator[str]:
        """Yield what the store says of its files that can't be read, each of it once.

        Every quad is looked up in every one of the six indexes, as each is in files of its own.
        """
        said: set[str] = set()
        predicates: set[ox.NamedNode] = set()
        with _translated(self.path):
            # As the store has them: a name that is no IRI can be looked up, but not made.
            graphs = list(self._store.named_graphs())
        for graph in graphs:
            for pattern in self._lookups(graph, predicates):
                yield from self._complaint(pattern, said)
        for predicate in predicates:
            yield from self._complaint((None, predicate, None, None), said)

    def _lookups(
        self, graph: ox.NamedNode | ox.BlankNode, predicates: set[ox.NamedNode]
    ) -> Iterator[_Pattern]:
        """Yield patterns that together find each quad of a graph by five of the indexes."""
        subjects, own, objects, pairs = set(), set(), set(), set()
        with suppress(StoreError):  # what can't be read is said when it is asked for
            for subject, predicate, object_, _ in self._quads(None, None, None, graph):
                subjects.add(subject)
                own.add(predicate)
                objects.add(object_)
                pairs.add((subject, object_))
        predicates |= own
        yield None, None, None, graph
        yield from ((subject, None, None, None) for subject in subjects)
        yield from ((subject, None, object_, None) for subject, object_ in pairs)
        yield from ((None, predicate, None, graph) for predicate in own)
        yield from ((None, None, object_, graph) for object_ in objects)

    def _complaint(self, pattern: _Pattern, said: set[str]) -> Iterator[str]:
        try:
            deque(self._quads(*pattern), maxlen=0)
        except StoreError as error:
            if str(error) not in said:
                said.add(str(error))
                yield str(error)

    def _quads(self, *pattern: Any) -> Iterator[ox.Quad]:
        with _translated(self.path):
            yield from self._store.quads_for_pattern(*pattern)


def _value(graph: ox.NamedNode | ox.BlankNode | ox.DefaultGraph) -> str:
    return "" if isinstance(graph, ox.DefaultGraph) else graph.value


def _graphs(graphs: Iterable[tuple[str, Sequence[Statement]]]) -> str:
    """Return statements as SPARQL quads (production 50 of SPARQL 1.1)."""
    return " ".join(
        f"GRAPH <{name}> {{ {' . '.join(statements)} }}"
        for name, statements in graphs
        if statements
    )
