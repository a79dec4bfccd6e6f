"""The loader's exceptions, and what each of them means for a run.

LoaderError
├── InputError        a file is not what it says it is; the other files are loaded, exit code 1
├── TransformError    one record could not be turned into quads; it goes to quarantine
├── TooLarge          a statement that the store can't take; its record goes to quarantine
├── ArchiveError      the archive cannot be opened or written; the run stops
├── StoreError        the store refused a write or a read; the run stops, the next one goes on
├── ReleaseError      a release cannot be published, found or returned to; nothing has changed
├── TablesError       a release's tables can't be made; it is published or stays without them
├── DumpError         a release's dumps can't be made; it is published or stays without them
├── BackupError       a backup cannot be made or put back; nothing has changed
├── LinkError         links cannot be found, undone or taken in as asked; nothing has changed
├── ContactMissing    nobody to write to is named; nothing was asked
├── ProviderError     one answer was not what it should be; it is asked for again
│   └── AnswerDamaged it is not well-formed; only some of its records may be at fault
├── PageSpoilt        a page that was read late is no whole one; it is asked for again
├── OaiError          the provider says that it can't do what was asked (in provider.oai.page)
├── Missing           the provider has nothing at an address (in provider.http)
├── ProviderRefuses   the provider can't or won't go on; what has come is kept, the run stops
│   └── ListEndless   a list has no end: pages come again and again, or have nothing in them
├── DeletionUnproven  nothing says that records are gone, or too many are; they are kept
├── ListShort         fewer records came than the provider had announced; they are asked for again
├── ProcessLost       a process beside this one has ended; what is committed stays, the run stops
├── PushError         a remote store can't be fed; what it has got is noted, the next run goes on
└── WorkspaceBusy     another process is writing to the same data directory; nothing has changed
"""

from __future__ import annotations

from datetime import datetime


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


class TooLarge(LoaderError):
    """One statement is larger than the store can take."""


class ArchiveError(LoaderError):
    """The archive cannot be opened, or is of another version."""


class StoreError(LoaderError):
    """The Oxigraph store cannot be opened, read or written."""


class ReleaseError(LoaderError):
    """A release cannot be published, found or returned to."""


class TablesError(LoaderError):
    """The tables of a release can't be made."""


class DumpError(LoaderError):
    """The dumps of a release can't be made."""


class BackupError(LoaderError):
    """A backup cannot be made, or isn't whole, or would be put where something is."""


class WorkspaceBusy(LoaderError):
    """Another process holds the data directory's lock."""


class ProcessLost(LoaderError):
    """A process that worked beside this one was killed, or had no memory left."""


class PushError(LoaderError):
    """A remote store refused, or can't be reached."""


class LinkError(LoaderError):
    """Something about links cannot be done as asked."""


class ContactMissing(LoaderError):
    """A provider elsewhere must be told whom to write to."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"{url} should know whom to write to if this harvest is a nuisance: give --contact"
            " ADDRESS, or set the environment variable LIBRIS_CONTACT"
        )


class ProviderError(LoaderError):
    """An answer can't be used. retry_after: seconds that the provider asks to wait, if it does."""

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class AnswerDamaged(ProviderError):
    """An answer is not well-formed XML."""


class PageSpoilt(LoaderError):
    """A page that others followed already turns out not to be what it should be."""


class ProviderRefuses(LoaderError):
    """A refusal that makes it useless to go on now. come_back: when to, if that is known."""

    def __init__(self, reason: str, come_back: datetime | None) -> None:
        when = f"; come back after {come_back:%Y-%m-%d %H:%M} UTC" if come_back else ""
        super().__init__(f"{reason}{when}. What has come is kept, and the same command goes on.")
        self.come_back = come_back


class ListEndless(ProviderRefuses):
    """A list goes on and on. again: the next run has to begin it anew."""

    def __init__(self, reason: str, *, again: bool) -> None:
        super().__init__(f"the provider's list seems to have no end: {reason}", None)
        self.again = again


class DeletionUnproven(LoaderError):
    """Records that a list lacks are kept, as nobody has said that so many should go."""


class ListShort(LoaderError):
    """A list had fewer records than the provider said that it has."""
