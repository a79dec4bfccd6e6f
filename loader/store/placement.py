"""The contents of each graph: from the archive's documents to statements, each in one graph only.

A triple that several graphs lay claim to stands in the one whose name sorts first; the ledger
remembers which graphs that concerns, so that the triple comes back when its holder loses it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from loader.archive.archive import Archive, Document
from loader.errors import TransformError
from loader.files.faults import read_notes
from loader.store.contents.graph_contents import normalize
from loader.store.ledger import Ledger
from loader.transform.document import LibrisDocument, read_document
from loader.transform.gate import visible
from loader.transform.json_text import decode_json
from loader.transform.jsonld import (
    REFUSALS,
    Transformed,
    describe_refusal,
    from_ntriples,
    transform,
)

BATCH = 200  # records whose JSON-LD is processed together
_LARGE = 1_000_000  # bytes of a record that goes alone, as it may be refused for its size


@dataclass(frozen=True, slots=True)
class Attempt:
    """A document, and what came of turning it into triples.

    transformed: what the store should hold; of a document that failed, its former payload's
    triples, or None if it has none. reason: why it failed, or None.
    """

    document: Document
    transformed: Transformed | None
    reason: str | None = None


def attempts(documents: Iterable[Document]) -> Iterator[Attempt]:
    """Turn documents into triples, those of JSON-LD in batches; a deleted one has none."""
    records = []
    for document in documents:
        if document.deleted:
            yield Attempt(document, Transformed(document.graph, ()))
        elif document.format == "ntriples":
            yield _plain(document)
        elif len(document.payload) > _LARGE:
            yield from _records([document])
        else:
            records.append(document)
        if len(records) == BATCH:
            yield from _records(records)
            records = []
    yield from _records(records)


def _plain(document: Document) -> Attempt:
    try:
        transformed = from_ntriples(document.graph, document.payload)
        problems = (*read_notes(document.payload), *transformed.problems)
        return Attempt(document, replace(transformed, problems=problems))
    except REFUSALS as error:
        return _failed(document, describe_refusal(error))


def _failed(document: Document, reason: str) -> Attempt:
    """Return an attempt that came to nothing; what the document said before stays in force."""
    reason = visible(reason)
    if document.former is None:
        return Attempt(document, None, reason)
    (before,) = attempts([replace(document, payload=document.former, former=None)])
    return Attempt(document, before.transformed, reason)


def _records(documents: Sequence[Document]) -> Iterator[Attempt]:
    read: list[tuple[Document, LibrisDocument]] = []
    for document in documents:
        try:
            read.append((document, _read(document)))
        except TransformError as error:
            yield _failed(document, error.reason)
    results = transform([libris for _, libris in read])
    for (document, _), result in zip(read, results, strict=True):
        if isinstance(result, Transformed):
            yield Attempt(document, result)
        else:
            yield _failed(document, result.reason)


def _read(document: Document) -> LibrisDocument:
    decoded = decode_json(document.payload, document.identifier)
    libris = read_document(decoded, document.identifier)
    if libris.identifier != document.identifier:
        reason = f"it describes another record, {libris.identifier}"
        raise TransformError(document.identifier, reason)
    return libris


@dataclass(frozen=True, slots=True)
class Placement:
    """The statements that graphs are to hold, and those of them that stand elsewhere.

    graphs: name to statements; empty means that the graph goes.
    shadows: ``(graph, holder)`` to the number of the graph's triples that holder has instead.
    """

    graphs: Mapping[str, Sequence[str]]
    shadows: Mapping[tuple[str, str], int]


class Contents:
    """Says what a graph of the store should hold."""

    def __init__(
        self,
        archive: Archive,
        ledger: Ledger,
        graphs_about: Callable[[Iterable[str]], Mapping[str, set[str]]],
    ) -> None:
        self._archive = archive
        self._ledger = ledger
        self._graphs_about = graphs_about

    def claimed(self, graph: str, transformed: Transformed | None = None) -> list[str]:
        """Return every statement that the archive has for a graph.

        transformed: the graph's record, if it has been transformed already.
        """
        own = list(transformed.triples) if transformed else []
        for attempt in attempts(self._others(graph, besides_record=transformed is not None)):
            if attempt.transformed:
                own += attempt.transformed.triples
        return list(dict.fromkeys([*own, *self._ledger.description(graph)]))

    def has_others(self, graph: str) -> bool:
        """Tell whether more than a record stands in a graph."""
        return any(form != "jsonld" for _, form in self._archive.reader.names_in(graph))

    def _others(self, graph: str, *, besides_record: bool) -> Iterator[Document]:
        """Yield the documents of a graph, or those that stand in it besides its record."""
        if besides_record and not self.has_others(graph):
            return
        for document in self._archive.reader.documents_in(graph):
            if not (besides_record and document.format == "jsonld"):
                yield document

    def place(self, claims: dict[str, list[str]]) -> Placement:
        """Settle which graph holds what, given what these graphs claim (changed or new ones).

        Other graphs appear in the answer when this changes what they hold.
        """
        shadows: dict[tuple[str, str], int] = {}
        overlaps: dict[str, dict[str, set[str]]] = defaultdict(dict)
        changed = set(claims)
        for pair in sorted(self._pairs(claims)):
            holder, graph = sorted(pair)
            common = self._common(claims, holder, graph)
            shadows[graph, holder] = len(common)
            known = holder in self._ledger.holders(graph)
            if common or known:
                overlaps[graph][holder] = common
                changed.add(graph)
                if common:
                    changed.add(holder)
        placed = {graph: self._without(claims, graph, overlaps[graph]) for graph in sorted(changed)}
        return Placement(placed, shadows)

    def placed(self, graph: str, transformed: Transformed | None = None) -> list[str]:
        """Return what a graph should hold, as the ledger has settled it.

        transformed: as in ``claimed``.
        """
        claims = {graph: self.claimed(graph, transformed)}
        return self._without(claims, graph, {})

    def _pairs(self, claims: dict[str, list[str]]) -> set[tuple[str, str]]:
        """Return the pairs of graphs, one of them in claims, that may claim a triple in common."""
        about: dict[str, set[str]] = defaultdict(set)
        for graph, statements in claims.items():
            for subject in list_subjects(statements):
                about[subject].add(graph)
        pairs = set()
        stored = self._graphs_about(about)
        for subject, graphs in about.items():
            for other in graphs | stored.get(subject, set()):
                pairs |= {_pair(graph, other) for graph in graphs if graph != other}
        for graph in list(claims):
            losers = self._ledger.shadowed_by(graph)
            pairs |= {_pair(graph, other) for other in self._ledger.holders(graph) | losers}
            pairs |= self._pair_losers(claims, losers)
        return pairs

    def _pair_losers(self, claims: dict[str, list[str]], losers: set[str]) -> set[tuple[str, str]]:
        """Return the pairs of graphs that may claim a triple which another has held for both."""
        if len(losers) < 2:
            return set()
        about: dict[str, set[str]] = defaultdict(set)
        for graph in losers:
            if graph not in claims:
                claims[graph] = self.claimed(graph)
            for subject in list_subjects(claims[graph]):
                about[subject].add(graph)
        return {_pair(*both) for graphs in about.values() for both in combinations(graphs, 2)}

    def _common(self, claims: dict[str, list[str]], one: str, other: str) -> set[str]:
        """Return the triples that two graphs claim, as the store spells them."""
        for graph in (one, other):
            if graph not in claims:
                claims[graph] = self.claimed(graph)
        return _ground(claims[one]) & _ground(claims[other])

    def _without(
        self, claims: dict[str, list[str]], graph: str, overlaps: Mapping[str, set[str]]
    ) -> list[str]:
        """Return what a graph claims but for what others hold in its stead."""
        elsewhere: set[str] = set().union(*overlaps.values())
        for holder in self._ledger.holders(graph) - overlaps.keys():
            elsewhere |= self._common(claims, holder, graph)
        if graph not in claims:
            claims[graph] = self.claimed(graph)
        if not elsewhere:
            return claims[graph]
        return [statement for statement in normalize(claims[graph]) if statement not in elsewhere]


def _pair(one: str, other: str) -> tuple[str, str]:
    return (one, other) if one < other else (other, one)


def list_subjects(statements: Iterable[str]) -> set[str]:
    """Return the IRIs that statements are about."""
    subjects = {statement.split(" ", 1)[0] for statement in statements}
    return {subject[1:-1] for subject in subjects if subject[0] == "<"}


def _ground(statements: Iterable[str]) -> set[str]:
    """Return the statements without blank nodes, as a store spells them."""
    ground = (line for line in statements if not line.startswith("_:") and " _:" not in line)
    return set(normalize(ground))
