"""Archive to an empty store, all at once: transformation in processes of its own, beside loading.

A thread hands documents to the processes and writes the N-Quads they give back to a pipe, from
which another process fills the store, and to columns: statements are spelt as the store spells
them. Both are made beside their places and moved there when they are whole, so a killed run leaves
nothing half done.
"""

from __future__ import annotations

import fcntl
import logging
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

from loader.archive.archive import Archive, Document
from loader.errors import LoaderError, StoreError
from loader.processes import Crew
from loader.progress import Advance
from loader.store import fast_transform
from loader.store.columns_making import ColumnsMaking
from loader.store.filling import filling
from loader.store.ledger import Ledger, Tally, Use
from loader.store.literal_values import RESPELT, respell
from loader.store.placement import Attempt, attempts, list_subjects
from loader.store.store import tally
from loader.transform.jsonld import REFUSALS, Transformed

logger = logging.getLogger(__name__)

_TOGETHER = 100  # documents to a load: more of them fit no processor cache

_PIPE_BYTES = 1 << 20  # the most that Linux lets anybody have; see pipe(7)


@dataclass(frozen=True, slots=True)
class Load:
    """Documents to transform together: those that can go the short way, and the rest."""

    plain: Sequence[Document]
    rest: Sequence[Document]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a load.

    nquads: of the plain documents, tallied in ``tally``; None if one of them was not plain after
    all, so that they are among the attempts. attempts: of the other documents, in their order.
    """

    nquads: bytes | None
    tally: Tally = field(default_factory=Counter)
    attempts: Sequence[Attempt] = ()


@dataclass(slots=True)
class Built:
    """What there is to know of a store that was built in bulk.

    documents: how many were looked at. deferred: ids of those whose graphs may hold a triple of
    another graph, which the bulk loader can't see to. failed: id to reason. problems: how many
    of each kind the documents had that were loaded. columns: what identifies the columns of the
    store, None if there are none.
    """

    documents: int = 0
    deferred: list[int] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)
    problems: Counter[str] = field(default_factory=Counter)
    tally: Tally = field(default_factory=Counter)
    columns: str | None = None


def fill(archive: Archive, target: Path, columns: Path, progress: Advance) -> Built:
    """Fill an empty store at ``target`` with all that is pending; return what was learnt.

    columns: where those of the store are made. progress: of documents, then of the columns.
    The ledger gets problems and descriptions as they come: belongs within a transaction of the
    archive. Raises StoreError if the transformation fails, and OSError; what is at ``target`` and
    ``columns`` is then of no worth.
    """
    quads_out, quads_in = os.pipe()
    if sys.platform == "linux":
        fcntl.fcntl(quads_in, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    producer = _Producer(archive, quads_in, columns, progress)
    try:
        with filling(target, quads_out):
            os.close(quads_out)  # the other process has it
            producer.start()
            producer.join()
            failure = producer.failure
            if failure and not isinstance(failure, BrokenPipeError):  # else the process says more
                raise failure
    finally:
        producer.stop()
    if producer.failure:
        raise producer.failure
    return producer.built


def _transform(load: Load) -> Result:
    try:
        lines = fast_transform.write_plain_nquads(load.plain)
    except REFUSALS:
        return Result(None, attempts=tuple(attempts([*load.plain, *load.rest])))
    tallied = fast_transform.tally_lines(lines)
    if any(kind == RESPELT for kind, _ in tallied):
        lines = [respell(line.decode()).encode() for line in lines]
    text = b"\n".join([*lines, b""]) if lines else b""
    return Result(text, tallied, tuple(attempts(load.rest)))


def _about_record(document: Document) -> set[str]:
    return {document.identifier, document.main_entity or document.identifier}


class _Producer(Thread):
    """Writes the N-Quads of all pending documents, but for those that need a look at other graphs.

    Makes columns of them, too. failure: what ended it early, if anything did.
    """

    def __init__(self, archive: Archive, quads: int, columns: Path, progress: Advance) -> None:
        super().__init__(daemon=True)
        self._archive = archive
        self._ledger = Ledger(archive.connection)
        self._quads = quads
        self._columns = ColumnsMaking(columns, self._check, progress)
        self._progress = progress
        self._stopped = False
        self._about: set[str] = set()
        self._described: set[tuple[str, int]] = set()
        self.built = Built()
        self.failure: Exception | None = None

    def stop(self) -> None:
        """End the work, if it goes on, and wait for that."""
        self._stopped = True
        if self.ident is not None:
            self.join()

    def run(self) -> None:
        """Work until all is written; close the pipe in any case."""
        try:
            with os.fdopen(self._quads, "wb", buffering=1 << 20) as out, Crew(_transform) as crew:
                for load, result in crew.map(self._loads()):
                    for piece in self._nquads(load, result):
                        out.write(piece)
                        self._columns.write(piece)
                    self._progress(len(load.plain) + len(load.rest))
            self.built.columns = self._columns.finish()
        except LoaderError as error:
            self.failure = error
        except OSError as error:
            self.failure = error
        except Exception as error:
            self.failure = StoreError(f"bulk loading ended early: {error!r}")
            self.failure.__cause__ = error

    def _check(self) -> None:
        if self._stopped:
            raise StoreError("bulk loading was interrupted")

    def _loads(self) -> Iterator[Load]:
        ids = self._archive.reader.pending()
        for start in range(0, len(ids), _TOGETHER):
            plain: list[Document] = []
            rest: list[Document] = []
            some = ids[start : start + _TOGETHER]
            for document in self._archive.reader.documents(some):
                if not fast_transform.is_plain(document):
                    rest.append(document)
                elif self._goes_now(document, _about_record(document)):
                    plain.append(document)
            self.built.documents += len(some)
            yield Load(plain, rest)

    def _goes_now(self, document: Document, about: set[str]) -> bool:
        """Tell whether no graph met before may claim the same triples; else defer the document.

        A record's graph holds only what is about the record and its main entity.
        """
        if not about.isdisjoint(self._about):
            self.built.deferred.append(document.id)
            return False
        self._about |= about
        return True

    def _nquads(self, load: Load, result: Result) -> Iterator[bytes]:
        if result.nquads is None:
            self._about.difference_update(*map(_about_record, load.plain))
        else:
            self.built.tally.update(result.tally)
            yield result.nquads
        for attempt in result.attempts:
            yield "".join(self._lines(attempt)).encode()

    def _lines(self, attempt: Attempt) -> Iterator[str]:
        document, transformed = attempt.document, attempt.transformed
        if attempt.reason is not None:
            logger.warning("%s goes to quarantine: %s", document.identifier, attempt.reason)
            self.built.failed[document.id] = attempt.reason
        if transformed is None:
            return
        about = _about_record(document)
        if document.format != "jsonld":
            about = list_subjects(transformed.triples) | {document.graph}
        if self._goes_now(document, about):
            self._take_down(document, transformed)
            yield from self._statements(transformed)

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
            self._about.add(thing)
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
