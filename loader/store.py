"""The Oxigraph store: one writer, graphs replaced whole, each replacement atomic.

https://pyoxigraph.readthedocs.io/ and SPARQL 1.1 Update, https://www.w3.org/TR/sparql11-update/
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

import pyoxigraph as ox

from loader.errors import StoreError

Statement = str
"""An N-Triples statement without its final dot."""


@contextmanager
def _translated(path: Path | str) -> Iterator[None]:
    """Turn pyoxigraph's errors into ours."""
    try:
        yield
    except (OSError, SyntaxError, ValueError) as error:
        raise StoreError(f"{path}: {error}") from error


class GraphStore:
    """A dataset of named graphs on disk.

    A graph is a name (IRI) and its statements; a blank node's label means nothing outside
    the call that gives or returns it.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        with _translated(path):
            self._store = ox.Store.read_only(str(path)) if read_only else ox.Store(str(path))

    def graph(self, name: str) -> list[Statement]:
        """Return the statements of a graph."""
        with _translated(self.path):
            return [
                f"{quad.subject} {quad.predicate} {quad.object}"
                for quad in self._store.quads_for_pattern(None, None, None, ox.NamedNode(name))
            ]

    def graph_names(self) -> Iterator[str]:
        """Yield the name of each graph."""
        with _translated(self.path):
            for name in self._store.named_graphs():
                yield name.value

    def graphs_about(self, subject: str) -> set[str]:
        """Return the names of the graphs in which this IRI is a subject."""
        with _translated(self.path):
            return {
                quad.graph_name.value
                for quad in self._store.quads_for_pattern(ox.NamedNode(subject), None, None)
                if isinstance(quad.graph_name, ox.NamedNode)
            }

    def replace(self, graphs: Mapping[str, Sequence[Statement]]) -> None:
        """Make each named graph hold exactly these statements: all of them, or none.

        An empty sequence removes the graph. Raises StoreError if the store refuses.
        """
        drops = [f"DROP SILENT GRAPH <{name}>" for name in graphs]
        inserts = [
            f"GRAPH <{name}> {{ {' . '.join(statements)} }}"
            for name, statements in graphs.items()
            if statements
        ]
        with _translated(self.path):
            self._store.update(";\n".join([*drops, f"INSERT DATA {{ {' '.join(inserts)} }}"]))

    def bulk_load(self, descriptor: int) -> None:
        """Load N-Quads from an open file descriptor until its end, fast and not atomically."""
        with _translated(self.path):
            # Lenient: the statements have been checked where they were made.
            self._store.bulk_load(
                path=f"/dev/fd/{descriptor}", format=ox.RdfFormat.N_QUADS, lenient=True
            )

    def optimize(self) -> None:
        """Arrange the files for reading, as one does after bulk work."""
        with _translated(self.path):
            self._store.optimize()

    def flush(self) -> None:
        """Have all that was written reach the disk."""
        with _translated(self.path):
            self._store.flush()

    def backup(self, target: Path) -> None:
        """Make a snapshot of the store in a directory that does not exist yet, by hard links."""
        with _translated(target):
            self._store.backup(str(target))

    def quad_count(self) -> int:
        """Return the number of quads; reads an index through."""
        return len(self._store)

    def in_default_graph(self) -> int:
        """Return the number of triples outside any named graph."""
        return sum(1 for _ in self._store.quads_for_pattern(None, None, None, ox.DefaultGraph()))

    def repeated_triples(self, predicate: str) -> Iterator[tuple[Statement, list[str]]]:
        """Yield each triple of this predicate that stands in several graphs, with their names."""
        # The index that answers this pattern is sorted by predicate, object, subject, graph.
        quads = self._store.quads_for_pattern(None, ox.NamedNode(predicate), None, None)
        for triple, group in groupby(quads, key=lambda quad: quad.triple):
            graphs = [str(quad.graph_name) for quad in group]
            if len(graphs) > 1:
                yield str(triple), sorted(graphs)


def normal_form(statements: Iterable[Statement]) -> list[Statement]:
    """Return the statements as a store would give them back: each once, values in its spelling.

    Oxigraph keeps numbers and dates by value, so ``"01"^^xsd:integer`` comes back as ``"1"``.
    """
    store = ox.Store()
    text = "".join(f"{statement} .\n" for statement in statements)
    store.load(text.encode(), ox.RdfFormat.N_TRIPLES)
    return [f"{quad.subject} {quad.predicate} {quad.object}" for quad in store]


def is_isomorphic(one: Iterable[Statement], other: Iterable[Statement]) -> bool:
    """Tell whether two graphs are the same but for blank node labels (RDFC-1.0)."""
    return _canonical(one) == _canonical(other)


def _canonical(statements: Iterable[Statement]) -> set[Statement]:
    text = "".join(f"{statement} .\n" for statement in statements)
    store = ox.Store()
    store.load(text.encode(), ox.RdfFormat.N_TRIPLES)
    dataset = ox.Dataset(store)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {f"{quad.subject} {quad.predicate} {quad.object}" for quad in dataset}


RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"


def tally(statements: Iterable[Statement]) -> Counter[tuple[str, str]]:
    """Count the uses of each property, and of each class as a type: ``("class", IRI): n``."""
    counts: Counter[tuple[str, str]] = Counter()
    for statement in statements:
        _, predicate, object_ = statement.split(" ", 2)
        counts["property", predicate[1:-1]] += 1
        if predicate == RDF_TYPE:
            counts["class", object_[1:-1]] += 1
    return counts
