"""Which columns the graphs that are noted as changed refer to: what the archive remembers of it."""

from __future__ import annotations

import hashlib
from pathlib import Path

from loader.archive.archive import Archive
from loader.store.ledger import Ledger

_STATE = "columns"


def identify(folder: Path) -> str | None:
    """Return what tells columns from others, the checksum of their head; None if there are none."""
    # Most commands have no use for numpy, which takes a tenth of a second to import.
    from sparql_server.engine.columns.storage.layout import HEAD

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
