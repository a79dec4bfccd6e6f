"""Documents on their way to an empty store: which go together, and the N-Quads of each.

Of graphs that may claim the same triple, the later one waits until all others are in the store,
unless it is a dataset for which that can be settled at once.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace

from loader.archive.archive import Archive, Document
from loader.processes import Crew
from loader.store import fast_transform
from loader.store.contents.graph_contents import tally
from loader.store.contents.literal_values import RESPELT, respell
from loader.store.ledger import Ledger, Tally, Use
from loader.store.name_filter import NameFilter
from loader.store.overlaps import Overlaps
from loader.store.placement import Attempt, attempts, list_subjects
from loader.transform.jsonld import REFUSALS, Transformed

logger = logging.getLogger(__name__)

_TOGETHER = 100  # documents to a load: more of them fit no processor cache


@dataclass(frozen=True, slots=True)
class Load:
    """Documents to transform together: those that can go the short way, and the rest."""

    plain: Sequence[Document]
    rest: Sequence[Document]


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a load.

    nquads: of the plain documents, tallied in ``tally``; None if one of them was not plain after
    all, so that they are among the attempts. attempts: of the other documents, in their order.
    """

    nquads: bytes | None
    tally: Tally = field(default_factory=Counter)
    attempts: Sequence[Attempt] = ()


@dataclass(slots=True)
class Built:
    """The facts of a store that was built in bulk.

    documents: how many were looked at. deferred: ids of those whose graphs may hold a triple of
    another graph, which the bulk loader can't see to. deferred_datasets: how many of them are no
    records. failed: id to reason. problems: how many of each kind the documents had that were
    loaded. columns: what identifies the columns of the store, None if there are none.
    """

    documents: int = 0
    deferred: list[int] = field(default_factory=list)
    deferred_datasets: int = 0
    failed: dict[int, str] = field(default_factory=dict)
    problems: Counter[str] = field(default_factory=Counter)
    tally: Tally = field(default_factory=Counter)
    columns: str | None = None


def _transform(load: Load) -> Result:
    try:
        lines = fast_transform.write_plain_nquads(load.plain)
    except REFUSALS:
        return Result(None, attempts=_attempt_in_order([*load.plain, *load.rest]))
    tallied = fast_transform.tally_lines(lines)
    if any(kind == RESPELT for kind, _ in tallied):
        lines = [respell(line.decode()).encode() for line in lines]
    text = b"\n".join([*lines, b""]) if lines else b""
    return Result(text, tallied, _attempt_in_order(load.rest))


def _attempt_in_order(documents: Sequence[Document]) -> Sequence[Attempt]:
    """Turn documents into triples, records before datasets, which stay as they are ordered."""
    return sorted(attempts(documents), key=lambda attempt: attempt.document.format)


def _about_record(document: Document) -> set[str]:
    return {document.identifier, document.main_entity or document.identifier}


class Loads:
    """All that is pending in an archive, in loads, and what was learnt of it on the way."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._ledger = Ledger(archive.connection)
        self._about = NameFilter()
        self._overlaps = Overlaps(archive, self._ledger)
        self._described: set[tuple[str, int]] = set()
        self.built = Built()

    def transform(self) -> Generator[tuple[Load, Result], None, None]:
        """Yield what the archive has for the store, a load at a time, with what becomes of it.

        Raises ProcessLost.
        """
        ids = self._archive.reader.pending()
        loads = self._read(ids)
        if len(ids) <= _TOGETHER:  # processes would take longer to start than that takes
            yield from ((load, _transform(load)) for load in loads)
            return
        with Crew(_transform) as crew:
            yield from crew.map(loads)

    def _read(self, ids: Sequence[int]) -> Iterator[Load]:
        for start in range(0, len(ids), _TOGETHER):
            plain: list[Document] = []
            rest: list[Document] = []
            together = ids[start : start + _TOGETHER]
            for document in self._archive.reader.documents(together):
                if not fast_transform.is_plain(document):
                    rest.append(document)
                elif self._goes_now(document, _about_record(document)):
                    plain.append(document)
            self.built.documents += len(together)
            yield Load(plain, rest)

    def _goes_now(self, document: Document, about: set[str]) -> bool:
        """Tell whether no graph met before may claim the same triples; else defer the document.

        A record's graph holds only what is about the record and its main entity. One of some
        hundred thousand documents is deferred for nothing, which takes it a little longer.
        """
        if self._about.may_have(about):
            self.built.deferred.append(document.id)
            return False
        self._about.add(about)
        return True

    def _settle(self, document: Document, transformed: Transformed) -> Transformed | None:
        """Return what the graph of a dataset is to hold; None if it is deferred."""
        about = list_subjects(transformed.triples) | {document.graph}
        if transformed.triples and self._about.may_have(about):
            triples = self._overlaps.settle(document.graph, transformed)
            if triples is None:
                self.built.deferred.append(document.id)
                self.built.deferred_datasets += 1
                return None
            transformed = replace(transformed, triples=tuple(triples))
        self._about.add(about)
        self._overlaps.note(document.graph, about)
        return transformed

    def write_nquads(self, load: Load, result: Result) -> Iterator[bytes]:
        """Yield the N-Quads of a load that has been transformed, and note what is to know of it."""
        if result.nquads is not None:
            self.built.tally.update(result.tally)
            yield result.nquads
        # Whether the plain ones may go was looked at when they were read.
        looked_at = {document.id for document in load.plain}
        for attempt in result.attempts:
            yield "".join(self._lines(attempt, attempt.document.id in looked_at)).encode()

    def _lines(self, attempt: Attempt, goes_now: bool) -> Iterator[str]:
        document, transformed = attempt.document, attempt.transformed
        if attempt.reason is not None:
            logger.warning("%s goes to quarantine: %s", document.identifier, attempt.reason)
            self.built.failed[document.id] = attempt.reason
        if transformed is None:
            return
        if document.format != "jsonld":
            settled = self._settle(document, transformed)
        else:
            goes_now = goes_now or self._goes_now(document, _about_record(document))
            settled = transformed if goes_now else None
        if settled:
            self._take_down(document, settled)
            yield from self._statements(settled)

    def _take_down(self, document: Document, transformed: Transformed) -> None:
        if transformed.problems:
            self._ledger.note_problems(document.id, transformed.problems)
            self.built.problems.update(problem.kind for problem in transformed.problems)
        self._ledger.add_uses(
            Use(document.id, thing, "\n".join(said)) for thing, said in transformed.outside.items()
        )

    def _statements(self, transformed: Transformed) -> Iterator[str]:
        yield from self._named(transformed.identifier, transformed.triples)
        for thing, said in transformed.outside.items():
            self._about.add([thing])
            keys = {(thing, hash(statement)): statement for statement in said}
            new = keys.keys() - self._described
            self._described |= new
            yield from self._named(thing, [keys[key] for key in new])

    def _named(self, graph: str, statements: Sequence[str]) -> Iterator[str]:
        tallied = tally(statements)
        self.built.tally.update(tallied)
        end = f" <{graph}> .\n"
        if any(kind == RESPELT for kind, _ in tallied):
            statements = [respell(statement) for statement in statements]
        for statement in statements:
            yield statement + end
