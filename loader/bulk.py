"""Archive to an empty store, all at once: transformation in one process, loading in another.

The child reads documents and writes N-Quads to a pipe, which Oxigraph's bulk loader reads; what
else the child learns comes back over a second pipe. The store is filled beside its place and moved
there when it is whole, so a killed run leaves nothing half done.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Thread

from loader import shortcut
from loader.archive import Archive, Document, connect
from loader.content import Attempt, attempts, subjects
from loader.errors import StoreError
from loader.ledger import Ledger, Tally, Use
from loader.store import GraphStore, tally
from loader.transform import Problem, Transformed

_BATCH = 200


@dataclass(slots=True)
class Batch:
    """What the child learnt from a number of documents.

    documents: how many. deferred: ids of those whose graphs may hold a triple of another graph,
    which the bulk loader can't see to. failed: id to reason.
    """

    documents: int = 0
    deferred: list[int] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)
    problems: dict[int, tuple[Problem, ...]] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)
    tally: Tally = field(default_factory=Counter)


def fill(
    archive: Archive, archive_path: Path, target: Path, progress: Callable[[int], None]
) -> Batch:
    """Fill an empty store at ``target`` with all that is pending; return what was learnt.

    The ledger gets problems and descriptions as they come. Raises StoreError if either process
    fails; ``target`` is then of no worth.
    """
    context = multiprocessing.get_context("spawn")
    quads_out, quads_in = context.Pipe(duplex=False)
    news_out, news_in = context.Pipe(duplex=False)
    child = context.Process(target=_produce, args=(archive_path, quads_in, news_in), daemon=True)
    child.start()
    quads_in.close()
    news_in.close()
    listener = _Listener(archive, news_out, progress)
    listener.start()
    store = GraphStore(target)
    try:
        store.bulk_load(quads_out.fileno())
    finally:
        quads_out.close()  # ends a child that is still writing
        child.join()
        listener.join()
    if child.exitcode != 0 or not listener.finished:
        raise StoreError(f"the transforming process ended early (exit code {child.exitcode})")
    store.optimize()
    return listener.total


class _Listener(Thread):
    """Takes down what the child reports, while the main thread is in the bulk loader."""

    def __init__(self, archive: Archive, news: Connection, progress: Callable[[int], None]) -> None:
        super().__init__(daemon=True)
        self._archive = archive
        self._news = news
        self._progress = progress
        self.total = Batch()
        self.finished = False

    def run(self) -> None:
        ledger = Ledger(self._archive.connection)
        for batch in _received(self._news):
            if batch is None:
                self.finished = True
                return
            with self._archive.transaction():
                ledger.add_uses(batch.uses)
                for document, problems in batch.problems.items():
                    ledger.note_problems(document, problems)
            self.total.documents += batch.documents
            self.total.deferred += batch.deferred
            self.total.failed.update(batch.failed)
            self.total.tally.update(batch.tally)
            self._progress(batch.documents)


def _received(news: Connection) -> Iterator[Batch | None]:
    while True:
        try:
            yield news.recv()
        except EOFError:
            return


def _produce(archive_path: Path, quads: Connection, news: Connection) -> None:
    """Write the N-Quads of all pending documents: what the child process does."""
    archive = Archive(connect(archive_path))
    producer = _Producer(archive)
    ids = archive.pending()
    with os.fdopen(os.dup(quads.fileno()), "wb", buffering=1 << 20) as out:
        for start in range(0, len(ids), _BATCH):
            batch, text = producer.batch(ids[start : start + _BATCH])
            out.write(text)
            news.send(batch)
    quads.close()
    news.send(None)


def _about_record(document: Document) -> set[str]:
    return {document.identifier, document.main_entity or document.identifier}


class _Producer:
    """Turns documents into N-Quads and keeps those back that need a look at other graphs."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._about: set[str] = set()
        self._described: set[tuple[str, int]] = set()

    def batch(self, ids: Sequence[int]) -> tuple[Batch, bytes]:
        """Return what was learnt from these documents, and their N-Quads."""
        batch = Batch(len(ids))
        plain: list[Document] = []
        rest: list[Document] = []
        for document in self._archive.documents(ids):
            (plain if shortcut.is_plain(document) else rest).append(document)
        text = self._short_way(plain, batch)
        return batch, text + "".join(self._long_way(rest, batch)).encode()

    def _short_way(self, documents: Sequence[Document], batch: Batch) -> bytes:
        going = [one for one in documents if self._goes_now(one, _about_record(one), batch)]
        try:
            lines = shortcut.plain_nquads(going)
        except SyntaxError:  # the long way finds out which of them is to blame
            self._about.difference_update(*map(_about_record, going))
            return "".join(self._long_way(going, batch)).encode()
        batch.tally.update(shortcut.tally_lines(lines))
        return b"".join([*map(b"%s\n".__mod__, lines)])

    def _long_way(self, documents: Sequence[Document], batch: Batch) -> Iterator[str]:
        for attempt in attempts(documents):
            document, transformed = attempt.document, attempt.transformed
            if attempt.reason is not None:
                batch.failed[document.id] = attempt.reason
            if transformed is None:
                continue
            about = _about_record(document)
            if document.format != "jsonld":
                about = subjects(transformed.triples) | {document.graph}
            if self._goes_now(document, about, batch):
                self._take_down(attempt, transformed, batch)
                yield from self._lines(transformed, batch)

    def _goes_now(self, document: Document, about: set[str], batch: Batch) -> bool:
        """Tell whether no graph met before may claim the same triples; else defer the document.

        A record's graph holds only what is about the record and its main entity.
        """
        if not about.isdisjoint(self._about):
            batch.deferred.append(document.id)
            return False
        self._about |= about
        return True

    @staticmethod
    def _take_down(attempt: Attempt, transformed: Transformed, batch: Batch) -> None:
        number = attempt.document.id
        if transformed.problems:
            batch.problems[number] = transformed.problems
        for thing, said in transformed.outside.items():
            batch.uses.append(Use(number, thing, "\n".join(said)))

    def _lines(self, transformed: Transformed, batch: Batch) -> Iterator[str]:
        batch.tally.update(tally(transformed.triples))
        name = f" <{transformed.identifier}> .\n"
        for statement in transformed.triples:
            yield statement + name
        for thing, said in transformed.outside.items():
            self._about.add(thing)
            name = f" <{thing}> .\n"
            for statement in said:
                key = (thing, hash(statement))
                if key not in self._described:
                    self._described.add(key)
                    batch.tally.update(tally([statement]))
                    yield statement + name
