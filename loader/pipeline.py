"""The stages put together: files into the archive, the archive into the store.

Every function here can be called again after a crash and goes on from where the last commit stood.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import TypeGuard

import orjson

from loader import bulk, files
from loader.apply import Applier, Outcome
from loader.archive import Archive, Arrival, connect
from loader.dates import now
from loader.errors import InputError
from loader.ledger import Ledger
from loader.progress import Advance, shown
from loader.store import GraphStore
from loader.workspace import Workspace

logger = logging.getLogger(__name__)

_PAGE = 1000  # documents that enter the archive in one transaction
_BUILT = "built"
_REBUILDING = "rebuilding"

# Bulk work does some eight times as many documents a second as replacement does, so it pays to
# make the store anew when more than an eighth of it would change; below a few thousand documents
# either takes seconds.
_BULK_FACTOR = 8
_BULK_MINIMUM = 5000


@dataclass(slots=True)
class Report:
    """What a run received and what became of it.

    received: documents in the files; new, changed: those that the archive took in;
    unreadable: pieces of files in which there was no document; failed: files with an error.
    applied, quarantined: what became of documents in the store. seconds: of either stage.
    """

    received: int = 0
    new: int = 0
    changed: int = 0
    unreadable: int = 0
    failed: int = 0
    applied: int = 0
    quarantined: int = 0
    archive_seconds: float = 0.0
    store_seconds: float = 0.0

    @property
    def unchanged(self) -> int:
        """Return the number of documents that the archive already held."""
        return self.received - self.new - self.changed


@contextmanager
def opened(workspace: Workspace, command: str, *, recover: bool = True) -> Iterator[Archive]:
    """Yield the archive, with no other writer about and unfinished work settled.

    recover: finish a batch that a killed run began; not before the store is made anew.
    """
    with workspace.locked(command):
        connection = connect(workspace.archive)
        try:
            archive = Archive(connection)
            _settle(workspace, archive, recover)
            yield archive
        finally:
            connection.close()


def load(workspace: Workspace, inputs: Sequence[files.InputFile], graph: str | None) -> Report:
    """Take files into the archive and bring the store in step with it.

    graph: the name for plain RDF that stands in no named graph; by default ``file:NAME``.
    A file that can't be read is reported and counted; the others are loaded.
    """
    report = Report()
    with opened(workspace, "load") as archive:
        start = time.monotonic()
        with shown("archive", None) as advance:
            for file in inputs:
                try:
                    _take_in(workspace, archive, file, graph, report, advance)
                except InputError as error:
                    report.failed += 1
                    logger.error("%s", error)
        report.archive_seconds = time.monotonic() - start
        bring_in_step(workspace, archive, report)
    return report


def rebuild(workspace: Workspace) -> Report:
    """Make the store anew from the archive."""
    report = Report()
    with opened(workspace, "rebuild", recover=False) as archive:
        _start_over(workspace, archive)
        bring_in_step(workspace, archive, report)
    return report


def _take_in(
    workspace: Workspace,
    archive: Archive,
    file: files.InputFile,
    graph: str | None,
    report: Report,
    advance: Advance,
) -> None:
    """Read one file into the archive, a page to a transaction."""
    moment = now()
    with archive.transaction():
        source = archive.source(file.key, file.name, moment)
    pieces = files.read(file, graph, workspace.make(workspace.scratch))
    graphs: set[str] = set()
    try:
        while page := list(islice(pieces, _PAGE)):
            with archive.transaction():
                _store_page(archive, page, source, moment, report)
            graphs |= {one.graph for one in filter(_is_plain, page)}
            advance(len(page))
        with archive.transaction():
            archive.withdraw(source, graphs)
            archive.finish_source(source, file.sha256(), file.path.stat().st_size)
    except InputError as error:
        with archive.transaction():
            archive.set_aside(source, error.location, error.reason, None)
        raise


def _is_plain(piece: Arrival | files.Unreadable) -> TypeGuard[Arrival]:
    return isinstance(piece, Arrival) and piece.format == "ntriples"


def _store_page(
    archive: Archive,
    page: list[Arrival | files.Unreadable],
    source: int,
    moment: str,
    report: Report,
) -> None:
    arrivals = [piece for piece in page if isinstance(piece, Arrival)]
    new, changed = archive.store(arrivals, source, moment)
    report.received += len(arrivals)
    report.new += new
    report.changed += changed
    for piece in page:
        if isinstance(piece, files.Unreadable):
            archive.set_aside(source, piece.location, piece.reason, piece.payload)
            logger.warning("%s: %s", piece.location, piece.reason)
            report.unreadable += 1


def bring_in_step(workspace: Workspace, archive: Archive, report: Report) -> None:
    """Apply what is pending, in bulk or document by document, whichever takes less time."""
    start = time.monotonic()
    pending = archive.pending()
    in_store = archive.applied_count()
    if len(pending) > _BULK_MINIMUM and len(pending) * (_BULK_FACTOR - 1) > in_store:
        _start_over(workspace, archive)
    if pending and not workspace.store.exists():
        _fill(workspace, archive, report)
        pending = archive.pending()
    if pending:
        outcome = _apply(workspace, archive, pending)
        report.applied += outcome.applied
        report.quarantined += outcome.quarantined
    report.store_seconds = time.monotonic() - start


def _apply(workspace: Workspace, archive: Archive, pending: Sequence[int]) -> Outcome:
    applier = Applier(archive, GraphStore(workspace.store))
    with shown("store", len(pending)) as advance:
        return applier.apply(pending, advance)


def _start_over(workspace: Workspace, archive: Archive) -> None:
    """Forget the store, so that it is made anew from the archive."""
    with archive.transaction():
        Ledger(archive.connection).forget_everything()
        archive.remember(_REBUILDING, b"yes")
        archive.remember(_BUILT, None)
        archive.remember(Applier.NOTE, None)
    shutil.rmtree(workspace.store, ignore_errors=True)


def _fill(workspace: Workspace, archive: Archive, report: Report) -> None:
    """Make the store in bulk from all that is pending, and put it in its place."""
    _start_over(workspace, archive)
    target = workspace.make(workspace.building)
    with shown("store", len(archive.pending())) as advance:
        built = bulk.fill(archive, target, advance)
    counts = [(kind, iri, uses) for (kind, iri), uses in built.tally.items()]
    failed = list(built.failed.items())
    note = {"deferred": built.deferred, "failed": failed, "tally": counts}
    with archive.transaction():
        archive.remember(_BUILT, orjson.dumps(note))
    report.applied += built.documents - len(built.failed) - len(built.deferred)
    report.quarantined += len(built.failed)
    _adopt(workspace, archive)


def _adopt(workspace: Workspace, archive: Archive) -> None:
    """Move a store that was built in bulk to its place and note what it holds."""
    note = orjson.loads(archive.state(_BUILT) or b"{}")
    if workspace.building.exists():
        shutil.rmtree(workspace.store, ignore_errors=True)
        workspace.building.rename(workspace.store)
    ledger = Ledger(archive.connection)
    with archive.transaction():
        for document, reason in note["failed"]:
            ledger.quarantine(document, reason)
        waiting = set(note["deferred"])
        ledger.mark_applied(number for number in archive.pending() if number not in waiting)
        ledger.add_tally(Counter({(kind, iri): uses for kind, iri, uses in note["tally"]}))
        archive.remember(_BUILT, None)
        archive.remember(_REBUILDING, None)


def _settle(workspace: Workspace, archive: Archive, recover: bool) -> None:
    """Finish, or clear away, what a killed run left; a store that is lost is to be made anew."""
    is_there = workspace.store.exists()
    if archive.state(_BUILT) is not None and (is_there or workspace.building.exists()):
        _adopt(workspace, archive)
    elif archive.state(_REBUILDING) is not None:
        shutil.rmtree(workspace.store, ignore_errors=True)
    elif not is_there and archive.claims_a_store():
        logger.warning("There is no store: it is made anew from the archive.")
        _start_over(workspace, archive)
    elif is_there and recover and archive.state(Applier.NOTE) is not None:
        Applier(archive, GraphStore(workspace.store)).recover()
    workspace.clear_work()
