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

import orjson

from loader.archive.archive import Archive, connect
from loader.errors import InputError
from loader.files import files
from loader.files.load_report import Report
from loader.progress import show_progress
from loader.store.apply import Applier, Outcome
from loader.store.columns_state import note_columns
from loader.store.file_loading import take_in
from loader.store.ledger import Ledger
from loader.store.store import GraphStore
from loader.workspace import Workspace

__all__ = ["Report", "bring_in_step", "load", "opened", "rebuild"]

logger = logging.getLogger(__name__)

_BUILT = "built"
_REBUILDING = "rebuilding"

# Bulk work does some eight times as many documents a second as replacement does, so it pays to
# make the store anew when more than an eighth of it would change; below a few thousand documents
# either takes seconds.
_BULK_FACTOR = 8
_BULK_MINIMUM = 5000


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


def load(
    workspace: Workspace,
    inputs: Sequence[files.InputFile],
    graph: str | None,
    *,
    strict: bool = False,
) -> Report:
    """Take files into the archive and bring the store in step with it.

    graph: the name for plain RDF that stands in no named graph; by default ``file:NAME``.
    strict: plain RDF in which anything isn't as it should be is refused file by file.
    A file that can't be read is reported and counted; the others are loaded.
    """
    report = Report()
    with opened(workspace, "load") as archive:
        start = time.monotonic()
        with show_progress("archive", None) as advance:
            for file in inputs:
                try:
                    pieces = files.read_file(
                        file, graph, workspace.make(workspace.scratch), strict=strict
                    )
                    take_in(archive, file, pieces, report, advance)
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
        start = time.monotonic()
        _fill(workspace, archive, report)
        bring_in_step(workspace, archive, report)
        report.store_seconds = time.monotonic() - start
    return report


def bring_in_step(workspace: Workspace, archive: Archive, report: Report) -> None:
    """Apply what is pending, in bulk or document by document, whichever takes less time."""
    start = time.monotonic()
    pending = archive.reader.pending()
    if pending and (
        not workspace.store.exists() or _pays(len(pending), archive.reader.applied_count())
    ):
        _fill(workspace, archive, report)
        pending = archive.reader.pending()
    if pending:
        outcome = _apply(workspace, archive, pending)
        report.applied += outcome.applied
        report.quarantined += outcome.quarantined
        report.repaired += outcome.problems["repaired"]
        report.dropped += outcome.problems["dropped"]
    report.store_seconds = time.monotonic() - start


def _pays(pending: int, in_store: int) -> bool:
    """Tell whether to make the store anew takes less time than to apply what is pending."""
    return pending > _BULK_MINIMUM and pending * (_BULK_FACTOR - 1) > in_store


def _apply(workspace: Workspace, archive: Archive, pending: Sequence[int]) -> Outcome:
    applier = Applier(archive, GraphStore(workspace.store))
    with show_progress("store", len(pending)) as advance:
        return applier.apply(pending, advance)


def _fill(workspace: Workspace, archive: Archive, report: Report) -> None:
    """Make the store anew in bulk from the whole archive, and put it in its place.

    Until it is whole, the former store and what the ledger says of it stay as they are.
    """
    from loader.store import bulk  # it makes columns, for which it takes long to import numpy

    target = workspace.make(workspace.building)
    with archive.transaction():
        Ledger(archive.connection).forget_everything()
        archive.remember(Applier.NOTE, None)
        with show_progress("store", len(archive.reader.pending())) as advance:
            folders = (workspace.building_columns, workspace.building_parts)
            built = bulk.fill(archive, target, folders, advance)
        counts = [(kind, iri, uses) for (kind, iri), uses in built.tally.items()]
        failed = list(built.failed.items())
        note = {"deferred": built.deferred, "failed": failed, "tally": counts}
        note["columns"] = built.columns
        archive.remember(_BUILT, orjson.dumps(note))
    report.applied += built.documents - len(built.failed) - len(built.deferred)
    report.quarantined += len(built.failed)
    report.repaired += built.problems["repaired"]
    report.dropped += built.problems["dropped"]
    _adopt(workspace, archive)


def _start_over(archive: Archive) -> None:
    """Forget what a store held that isn't there any more: all of the archive is pending."""
    with archive.transaction():
        Ledger(archive.connection).forget_everything()
        note_columns(archive, None)
        archive.remember(_BUILT, None)
        archive.remember(Applier.NOTE, None)


def _adopt(workspace: Workspace, archive: Archive) -> None:
    """Move a store that was built in bulk to its place and note what it holds."""
    note = orjson.loads(archive.reader.state(_BUILT) or b"{}")
    if workspace.building.exists():
        shutil.rmtree(workspace.store, ignore_errors=True)
        workspace.building.rename(workspace.store)
    for built, place in (
        (workspace.building_columns, workspace.columns),
        (workspace.building_parts, workspace.parts),
    ):
        if built.exists():
            shutil.rmtree(place, ignore_errors=True)
            built.rename(place)
    ledger = Ledger(archive.connection)
    with archive.transaction():
        for document, reason in note["failed"]:
            ledger.quarantine(document, reason)
        waiting = set(note["deferred"])
        ledger.mark_applied(number for number in archive.reader.pending() if number not in waiting)
        ledger.add_tally(Counter({(kind, iri): uses for kind, iri, uses in note["tally"]}))
        note_columns(archive, note.get("columns"))
        archive.remember(_BUILT, None)
        archive.remember(_REBUILDING, None)


def _settle(workspace: Workspace, archive: Archive, recover: bool) -> None:
    """Finish, or clear away, what a killed run left; a store that is lost is to be made anew."""
    is_there = workspace.store.exists()
    if archive.reader.state(_BUILT) is not None and (is_there or workspace.building.exists()):
        _adopt(workspace, archive)
    elif archive.reader.state(_REBUILDING) is not None:
        # A former version had removed its store, or was about to, and forgotten what it held.
        shutil.rmtree(workspace.store, ignore_errors=True)
    elif not is_there and archive.reader.claims_a_store():
        logger.warning("There is no store: it is made anew from the archive.")
        _start_over(archive)
    elif is_there and recover and archive.reader.state(Applier.NOTE) is not None:
        Applier(archive, GraphStore(workspace.store)).recover()
    workspace.clear_work()
