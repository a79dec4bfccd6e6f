"""The loader's exceptions, and what each of them means for a run.

LoaderError
├── InputError        a file is not what it says it is; the other files are loaded, exit code 1
├── TransformError    one record could not be turned into quads; it goes to quarantine
├── ArchiveError      the archive cannot be opened or written; the run stops
├── StoreError        the store refused a write or a read; the run stops, the next one goes on
├── ReleaseError      a release cannot be published, found or returned to; nothing has changed
└── WorkspaceBusy     another process is writing to the same data directory; nothing has changed
"""

from __future__ import annotations


class LoaderError(Exception):
    """The root of everything this package raises on purpose."""


class InputError(LoaderError):
    """A file cannot be read; ``location`` is ``name`` or ``name:line``."""

    def __init__(self, location: str, reason: str) -> None:
        super().__init__(f"{location}: {reason}")
        self.location = location
        self.reason = reason


class TransformError(LoaderError):
    """One record cannot be turned into quads."""

    def __init__(self, identifier: str, reason: str) -> None:
        super().__init__(f"{identifier}: {reason}")
        self.identifier = identifier
        self.reason = reason


class ArchiveError(LoaderError):
    """The archive cannot be opened, or is of another version."""


class StoreError(LoaderError):
    """The Oxigraph store cannot be opened, read or written."""


class ReleaseError(LoaderError):
    """A release cannot be published, found or returned to."""


class WorkspaceBusy(LoaderError):
    """Another process holds the data directory's lock."""
