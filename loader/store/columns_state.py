"""The columns of the store: which the changes that are noted refer to, and how they are made."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from pathlib import Path

from loader import disk
from loader.archive.archive import Archive
from loader.progress import Advance
from loader.store.ledger import Ledger
from sparql_server.engine.columns.storage.building import Builder
from sparql_server.engine.columns.storage.layout import HEAD, Unrepresentable

logger = logging.getLogger(__name__)

_STATE = "columns"


def identify(folder: Path) -> str | None:
    """Return what tells columns from others, the checksum of their head; None if there are none."""
    # Most commands have no use for numpy, which takes a tenth of a second to import.

    try:
        return hashlib.sha256((folder / HEAD).read_bytes()).hexdigest()
    except OSError:
        return None


def note_columns(archive: Archive, identifier: str | None) -> None:
    """Note since which columns changes are noted from now on; within a transaction."""
    archive.remember(_STATE, identifier.encode() if identifier else None)
    Ledger(archive.connection).forget_changed()


def noted_columns(archive: Archive) -> str | None:
    """Return since which columns changes are noted; None if none are known."""
    noted = archive.reader.state(_STATE)
    return noted.decode() if noted else None


class ColumnsMaking:
    """Columns of a store, made in a folder.

    check: raises if the work is to end. progress: is told how many quads are in the columns.
    """

    def __init__(self, folder: Path, check: Callable[[], None], progress: Advance) -> None:
        self._folder = folder
        self._builder: Builder | None = Builder(folder.with_name("columns.part"))
        self._check = check
        self._progress = progress
        self._done = 0

    @property
    def size(self) -> int:
        """The number of quads that were taken."""
        return self._builder.size if self._builder else 0

    def write(self, piece: bytes) -> None:
        """Take some statements in N-Quads."""
        self._check()
        self._try(lambda builder: builder.write(piece))

    def finish(self) -> str | None:
        """Write the columns; return what identifies them, None if there are none."""
        self._progress(0, "the columns")
        if not self._try(lambda builder: builder.finish(self._folder, self._advance)):
            return None
        disk.sync_folder(self._folder)
        return identify(self._folder)

    def _advance(self, quads: int) -> None:
        self._check()
        self._done += quads
        self._progress(0, f"{self._done:,} of {self.size:,} quads of the columns")

    def _try(self, work: Callable[[Builder], object]) -> bool:
        """Work on the columns; tell whether there still are any."""
        if not self._builder:
            return False
        try:
            work(self._builder)
        except Unrepresentable as error:
            self._builder = None
            logger.warning("The store has no columns: %s.", error)
        return self._builder is not None
