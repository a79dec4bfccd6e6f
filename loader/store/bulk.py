"""Archive to an empty store, all at once: transformation in processes of its own, beside loading.

A thread hands documents to the processes, unless there are few, and writes the N-Quads they give
back to a pipe, from which another process fills the store, and to columns: statements are spelt as
the store spells them. Both are made beside their places and moved there when they are whole, so a
killed run leaves nothing half done.
"""

from __future__ import annotations

import fcntl
import logging
import os
import sys
from contextlib import closing
from pathlib import Path
from threading import Thread

from loader.archive.archive import Archive
from loader.errors import LoaderError, StoreError
from loader.parts.prepared import prepare_parts
from loader.progress import Advance
from loader.store.columns_state import ColumnsMaking
from loader.store.filling import filling
from loader.store.loads import Built, Loads

logger = logging.getLogger(__name__)

_MANY = 20_000  # quads: of fewer, a release makes its parts in no time
_PIPE_BYTES = 1 << 20  # the most that Linux lets anybody have; see pipe(7)


def fill(archive: Archive, target: Path, folders: tuple[Path, Path], progress: Advance) -> Built:
    """Fill an empty store at ``target`` with all that is pending; return what was learnt.

    folders: where columns of the store are made, and parts of a release of them if they are worth
    while. progress: of documents, then of the columns.
    The ledger gets problems and descriptions as they come: belongs within a transaction of the
    archive. Raises StoreError if the transformation fails, and OSError; what is at ``target`` and
    in the folders is then of no worth.
    """
    quads_out, quads_in = os.pipe()
    if sys.platform == "linux":
        fcntl.fcntl(quads_in, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
    producer = _Producer(archive, quads_in, folders, progress)
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


class _Producer(Thread):
    """Writes the N-Quads of all pending documents, but for those that need a look at other graphs.

    Makes columns of them, too. failure: what ended it early, if anything did.
    """

    def __init__(
        self, archive: Archive, quads: int, folders: tuple[Path, Path], progress: Advance
    ) -> None:
        super().__init__(daemon=True)
        self._loads = Loads(archive)
        self._quads = quads
        self._folders = folders
        self._columns = ColumnsMaking(folders[0], self._check, progress)
        self._progress = progress
        self._stopped = False
        self.built = self._loads.built
        self.failure: Exception | None = None

    def stop(self) -> None:
        """End the work, if it goes on, and wait for that."""
        self._stopped = True
        if self.ident is not None:
            self.join()

    def run(self) -> None:
        """Work until all is written; close the pipe in any case."""
        try:
            with (
                os.fdopen(self._quads, "wb", buffering=1 << 20) as out,
                closing(self._loads.transform()) as loads,
            ):
                for load, result in loads:
                    for piece in self._loads.write_nquads(load, result):
                        out.write(piece)
                        self._columns.write(piece)
                    self._progress(len(load.plain) + len(load.rest))
            self.built.columns = self._columns.finish()
            self._prepare_parts()
        except LoaderError as error:
            self.failure = error
        except OSError as error:
            self.failure = error
        except Exception as error:
            self.failure = StoreError(f"bulk loading ended early: {error!r}")
            self.failure.__cause__ = error

    def _prepare_parts(self) -> None:
        """Make text index and schema while the store is being arranged, if they take time.

        A dataset that is applied afterwards, such as a vocabulary, would change too much of them.
        """
        is_worth_while = self._columns.size >= _MANY and not self.built.deferred_datasets
        if self.built.columns and is_worth_while:
            columns, parts = self._folders
            self._progress(0, "text index and schema")
            prepare_parts(columns, self.built.columns, parts, self._check)

    def _check(self) -> None:
        if self._stopped:
            raise StoreError("bulk loading was interrupted")
