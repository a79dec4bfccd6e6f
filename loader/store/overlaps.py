"""Datasets of plain RDF that may claim triples of other graphs, settled before they are stored.

While a store is filled in bulk, it can't be asked. But records come first, and datasets in the
order of their graphs' names, so that what the archive says of the others, and which subjects the
datasets before had, tells what is left for each. Where it doesn't, a dataset is to be applied
document by document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from loader.archive.archive import Archive
from loader.store.ledger import Ledger
from loader.store.placement import Contents, Placement
from loader.transform.jsonld import Transformed

_MOST_STATEMENTS = 200_000  # of a dataset, which are compared in memory
_MOST_SUBJECTS = 500_000  # of all datasets; each is remembered in some 200 bytes
_MOST_GRAPHS = 1000  # that a dataset is compared with: each is transformed anew


class _TooMuch(Exception):
    """It takes too long, or too much memory, to tell what a graph is to hold."""


class Overlaps:
    """Says what the graph of a dataset is to hold, by what has come before it."""

    def __init__(self, archive: Archive, ledger: Ledger) -> None:
        self._reader = archive.reader
        self._ledger = ledger
        self._contents = Contents(archive, ledger, self._graphs_about)
        self._datasets: dict[str, tuple[str, ...]] | None = {}

    def note(self, graph: str, subjects: Iterable[str]) -> None:
        """Note that a dataset is stored, and what it is about."""
        if self._datasets is None:
            return
        for subject in subjects:
            self._datasets[subject] = (*self._datasets.get(subject, ()), graph)
        if len(self._datasets) > _MOST_SUBJECTS:
            self._datasets = None

    def settle(self, graph: str, transformed: Transformed) -> Sequence[str] | None:
        """Return what a dataset's graph is to hold, and note it; None if that can't be told.

        It can't, either, where a graph that is stored already would lose a triple to it.
        """
        is_alone = len(self._reader.names_in(graph)) == 1 and not self._ledger.description(graph)
        if not is_alone or len(transformed.triples) > _MOST_STATEMENTS:
            return None
        try:
            placement = self._contents.place({graph: list(transformed.triples)})
        except _TooMuch:
            return None
        if _takes_from_others(placement, graph):
            return None
        for (loser, holder), triples in placement.shadows.items():
            self._ledger.note_shadow(loser, holder, triples)
        return placement.graphs[graph]

    def _graphs_about(self, subjects: Iterable[str]) -> Mapping[str, set[str]]:
        """Return the graphs stored so far in which each of these IRIs is a subject."""
        found = {subject: set(self._find_graphs(subject)) for subject in subjects}
        if len(set().union(*found.values())) > _MOST_GRAPHS:
            raise _TooMuch
        return found

    def _find_graphs(self, subject: str) -> Iterable[str]:
        if self._datasets is None:
            raise _TooMuch
        yield from self._datasets.get(subject, ())
        record = self._reader.record_of(subject)
        if record is not None:
            yield record
        if self._reader.has(subject) or self._ledger.description(subject):
            yield subject


def _takes_from_others(placement: Placement, graph: str) -> bool:
    return any(triples and loser != graph for (loser, _), triples in placement.shadows.items())
