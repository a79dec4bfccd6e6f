"""The data directory: its paths, and the lock of those who write to it.

    data/  archive.sqlite  store/  columns/  parts/
           releases/0007/{store/ columns/ manifest.json void.ttl}
           current -> releases/0007  freshness.json  lock  downloads/  work/
           links.sqlite  answers.sqlite  judgements.tsv

``work/`` holds what is being made; whatever a killed run left there is of no worth.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from loader.disk import require_folder
from loader.errors import WorkspaceBusy

KEEP_CHANGES = 30
"""Releases of which it is kept what changed with them, unless it is said otherwise."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """Paths below one data directory."""

    root: Path

    @property
    def archive(self) -> Path:
        """The archive, a SQLite file."""
        return self.root / "archive.sqlite"

    @property
    def links(self) -> Path:
        """Lookup tables and runs of link, a SQLite file."""
        return self.root / "links.sqlite"

    @property
    def answers(self) -> Path:
        """The answers of services that link asks, a SQLite file that can be thrown away."""
        return self.root / "answers.sqlite"

    @property
    def judgements(self) -> Path:
        """The judgements of people about links: lines that are only ever added to."""
        return self.root / "judgements.tsv"

    @property
    def store(self) -> Path:
        """The Oxigraph store that the loader writes to."""
        return self.root / "store"

    @property
    def building(self) -> Path:
        """A store that is being filled in bulk and will replace ``store``."""
        return self.root / "work" / "store"

    @property
    def columns(self) -> Path:
        """The columns of the store as it was filled in bulk, until they are published."""
        return self.root / "columns"

    @property
    def building_columns(self) -> Path:
        """The columns of that store, which will replace ``columns``."""
        return self.root / "work" / "columns"

    @property
    def parts(self) -> Path:
        """Text index and schema of ``columns``, until they are published."""
        return self.root / "parts"

    @property
    def building_parts(self) -> Path:
        """Those of ``building_columns``, which will replace ``parts``."""
        return self.root / "work" / "parts"

    @property
    def scratch(self) -> Path:
        """The folder in which a large file of plain RDF is sorted into graphs."""
        return self.root / "work" / "scratch"

    @property
    def downloads(self) -> Path:
        """Dumps that were downloaded and are not taken in to their end."""
        return self.root / "downloads"

    @property
    def releases(self) -> Path:
        """The published releases, one directory each."""
        return self.root / "releases"

    @property
    def current(self) -> Path:
        """The symbolic link to the release that is served."""
        return self.root / "current"

    @property
    def freshness(self) -> Path:
        """The freshness of the copy, for the server: JSON."""
        return self.root / "freshness.json"

    @contextmanager
    def locked(self, command: str) -> Iterator[None]:
        """Keep other writers out while the block runs.

        Raises WorkspaceBusy, naming the holder, if there is one, and LoaderError if the directory
        is none. The lock goes with the process, so a killed one leaves none behind.
        """
        require_folder(self.root)
        self.root.mkdir(parents=True, exist_ok=True)
        with open(self.root / "lock", "a+", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                lock.seek(0)
                holder = lock.read().strip() or "another process"
                raise WorkspaceBusy(f"{self.root} is being written to by {holder}") from error
            lock.truncate(0)
            lock.write(f"process {os.getpid()} (libris-loader {command})\n")
            lock.flush()
            yield

    def clear_work(self) -> None:
        """Remove what unfinished runs left."""
        shutil.rmtree(self.root / "work", ignore_errors=True)

    def make(self, path: Path) -> Path:
        """Make the folder that this path is in; return the path."""
        path.parent.mkdir(parents=True, exist_ok=True)
        return path
