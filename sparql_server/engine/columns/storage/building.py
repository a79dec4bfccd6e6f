"""Builds columns from N-Quads, in memory that is bounded: runs are sorted on disk, then merged."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sparql_server.engine.columns.storage.dictionary import (
    NUMBERS,
    DictionaryWriter,
    merge_terms,
    read_pieces,
)
from sparql_server.engine.columns.storage.layout import ArrayFile, ArrayWriter
from sparql_server.engine.columns.storage.nquads import Numbers, Reader
from sparql_server.engine.columns.storage.orders import Progress, QuadsWriter
from sparql_server.engine.columns.storage.share import USUAL, Share
from sparql_server.engine.columns.storage.sorted_runs import (
    BY_SUBJECT,
    Run,
    StoredRows,
    choose_files,
    write_run,
)


class Builder:
    """Takes N-Quads as Oxigraph dumps them, and makes columns of them.

    scratch: a folder for what is being made, which the builder makes and removes. ``write`` and
    ``finish`` raise Unrepresentable if columns can't hold the quads, and OSError.
    """

    def __init__(self, scratch: Path, share: Share = USUAL) -> None:
        self._scratch = scratch
        self._share = share
        self._reader = Reader()
        self._bytes = 0
        self._written = 0
        self._runs: list[Path] = []

    @property
    def size(self) -> int:
        """The number of quads that were taken, as far as they have been read."""
        return self._written + self._reader.size

    def write(self, piece: bytes) -> int:
        """Take the next piece, of any length; return its length."""
        self._reader.write(piece)
        self._bytes += len(piece)
        reader, share = self._reader, self._share
        is_full = len(reader.numbers) >= share.terms or reader.size >= share.quads
        if is_full or self._bytes >= share.text:
            self._write_run()
        return len(piece)

    def finish(self, folder: Path, progress: Progress = lambda _: None) -> None:
        """Write columns of all that was taken to a folder, which is made.

        Raises ValueError, too, if the last line isn't whole.
        """
        self._reader.end()
        if self._reader.size or not self._runs:
            self._write_run()
        runs = [Run(path) for path in self._runs]
        merge_runs(runs, folder, self._scratch / "merged", self._share, progress)
        shutil.rmtree(self._scratch)

    def _write_run(self) -> None:
        path = self._scratch / f"run-{len(self._runs)}"
        self._written += self._reader.size
        write_run(path, *self._reader.take())
        self._runs.append(path)
        self._bytes = 0


def merge_runs(
    runs: Sequence[Run], folder: Path, scratch: Path, share: Share, progress: Progress
) -> None:
    """Write columns of what is in runs."""
    writer, working = ArrayWriter(folder), ArrayWriter(scratch)
    names = sorted({name for run in runs for name in run.tag_names})
    dictionary = DictionaryWriter(writer, working, names)
    numbered = [ArrayWriter(scratch / f"numbered-{place}") for place in range(len(runs))]
    if len(runs) == 1:
        dictionary.adopt(runs[0])
    else:
        merge_terms(runs, dictionary, numbered, share.merged)
    facts = dictionary.finish()
    rows: defaultdict[int, list[StoredRows]] = defaultdict(list)
    for run, own in zip(runs, numbered, strict=True):
        files, predicates = run.files, run.predicates
        if len(runs) > 1:
            files, predicates = _renumber(run, own)
        own_files = choose_files(files, BY_SUBJECT)
        for place, predicate in enumerate(predicates.tolist()):
            rows[predicate].append(StoredRows(own_files, *run.starts[place : place + 2]))
    quads = QuadsWriter(writer, working, facts["bounds"], share)
    for predicate in sorted(rows):
        quads.write(predicate, rows[predicate], progress)
    writer.finish(facts | quads.finish())


def _renumber(run: Run, writer: ArrayWriter) -> tuple[dict[str, ArrayFile], Numbers]:
    """Write a run's quads with the numbers that terms have among all; return predicates, too."""
    numbers = np.append(writer.open_written(NUMBERS).read(), np.int32(-1))
    files = {}
    for name in BY_SUBJECT:
        writer.append(name, np.empty(0, np.int32))
        for piece in read_pieces(run.files[name]):
            writer.append(name, numbers[piece])
        files[name] = writer.open_written(name)
    return files, numbers[run.predicates]
