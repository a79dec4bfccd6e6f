"""The making of dumps: graph after graph, each into the files of its record's kind.

The file of everything is made of the others as they are.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from loader.disk import sync_folder
from loader.dumps.dump_pieces import Piece
from loader.dumps.packed_files import PACKERS, KindWriter
from loader.errors import DumpError
from loader.progress import show_progress
from loader.store.store import GraphStore
from sparql_server.engine.columns.storage.layout import ColumnsError
from sparql_server.records.kinds import KINDS

FOLDER = "dumps"
"""The part of a release that holds them."""

ALL = "all"
"""The file that has everything."""

_COPIED = 1024 * 1024  # bytes at a time

Facts = dict[str, Any]


def make_dumps(release: Path, target: Path) -> Facts:
    """Make the dumps of a release in a folder; return what the manifest says of them.

    Facts: ``files``, each with ``name``, ``kind``, ``quads``, ``graphs``, ``bytes`` and ``plain``
    (bytes of N-Quads). Raises DumpError if the disk or the store refuses; then nothing is there.
    """
    target.mkdir(parents=True)
    try:
        writers = _write_kinds(_read(release), target)
        files = [file for coding in PACKERS for file in _finish(target, coding, writers)]
        sync_folder(target)
    except BaseException as error:
        shutil.rmtree(target, ignore_errors=True)
        if isinstance(error, OSError):
            raise DumpError(f"dumps can't be written: {error}") from error
        raise
    return {"files": files}


def _read(release: Path) -> Iterator[Piece]:
    """Return what a release holds: from its columns, else from its store."""
    from loader.dumps.column_pieces import read_columns  # numpy takes its time
    from loader.dumps.store_pieces import read_store
    from sparql_server.engine.columns.storage.triples import Columns

    try:
        columns = Columns.of(release / "columns")
    except ColumnsError:
        return read_store(GraphStore(release / "store", read_only=True))
    return read_columns(columns)


def _write_kinds(pieces: Iterator[Piece], target: Path) -> dict[str, KindWriter]:
    with ExitStack() as stack, show_progress("dumps", None) as advance:
        pool = ThreadPoolExecutor(os.cpu_count())
        stack.callback(pool.shutdown, cancel_futures=True)
        writers = {kind: KindWriter(target, kind, stack, pool) for kind in KINDS}
        for piece in pieces:
            writers[piece.kind].write(piece)
            advance(piece.graphs)
        for writer in writers.values():
            writer.finish()
        return writers


def _finish(target: Path, coding: str, writers: Mapping[str, KindWriter]) -> Iterator[Facts]:
    """Put the files of all kinds together; yield what is said of each file."""
    whole = target / f"{ALL}.nq.{coding}"
    paths = {kind: target / f"{kind}.nq.{coding}" for kind in writers}
    there = [kind for kind, path in paths.items() if path.exists()]
    with open(whole, "wb") as stream:
        for kind in there:
            with open(paths[kind], "rb") as part:
                shutil.copyfileobj(part, stream, _COPIED)
    yield _say(whole, ALL, list(writers.values()))
    for kind in there:
        yield _say(paths[kind], kind, [writers[kind]])


def _say(path: Path, kind: str, writers: list[KindWriter]) -> Facts:
    counts = {
        name: sum(getattr(writer, name) for writer in writers)
        for name in ("quads", "graphs", "plain")
    }
    return {"name": path.name, "kind": kind, **counts, "bytes": path.stat().st_size}
