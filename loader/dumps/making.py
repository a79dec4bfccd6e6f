"""The making of dumps: graph after graph, each into the file of its record's kind.

Files of gzip (RFC 1952) and Zstandard (RFC 8878) may be put one behind the other, so the file of
everything is made of the others as they are.
"""

from __future__ import annotations

import gzip
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, cast

import zstandard

from loader.disk import sync_folder
from loader.errors import DumpError
from loader.progress import show_progress
from loader.store.store import GraphStore
from loader.transform.context import KBV
from sparql_server.records.kinds import FULL_LEVEL, KINDS, Traits, find_kind

FOLDER = "dumps"
"""The part of a release that holds them."""

ALL = "all"
"""The file that has everything."""

_CODINGS = ("zst", "gz")
_GZIP = 6
_ZSTD = 9
_TOGETHER = 1024 * 1024  # bytes that are compressed in one go
_KBV = re.escape(KBV.encode())
_MAIN = re.compile(rb"^<[^>]*> <%smainEntity> (<[^>]*>) <" % _KBV, re.MULTILINE)
_FULL = re.compile(rb"^<[^>]*> <%sencodingLevel> <%s> " % (_KBV, FULL_LEVEL.encode()), re.MULTILINE)
_TYPE = rb"<http://www\.w3\.org/1999/02/22-rdf-syntax-ns#type>"


def make_dumps(release: Path, target: Path) -> dict[str, Any]:
    """Make the dumps of a release in a folder; return what the manifest says of them.

    Facts: ``files``, each with ``name``, ``kind``, ``quads``, ``graphs``, ``bytes`` and ``plain``
    (bytes of N-Quads). Raises DumpError if the disk or the store refuses; then nothing is there.
    """
    target.mkdir(parents=True)
    try:
        counts = _write_kinds(GraphStore(release / "store", read_only=True), target)
        files = [each for coding in _CODINGS for each in _finish(target, coding, counts)]
        sync_folder(target)
    except BaseException as error:
        shutil.rmtree(target, ignore_errors=True)
        if isinstance(error, OSError):
            raise DumpError(f"dumps can't be written: {error}") from error
        raise
    return {"files": files}


class _Count:
    """The dump of a kind of record, as far as it has been written."""

    def __init__(self) -> None:
        self.quads = self.graphs = self.plain = 0

    def add(self, lines: bytes, graphs: int = 1) -> None:
        self.quads += lines.count(b"\n")
        self.graphs += graphs
        self.plain += len(lines)


class _Writer:
    """The files of one kind. It opens them with the first statement."""

    def __init__(self, folder: Path, kind: str, stack: ExitStack) -> None:
        self.count = _Count()
        self._paths = [folder / f"{kind}.nq.{coding}" for coding in _CODINGS]
        self._stack = stack
        self._streams: list[IO[bytes]] = []
        self._waiting = bytearray()

    def write(self, lines: bytes, graphs: int = 1) -> None:
        self.count.add(lines, graphs)
        self._waiting += lines
        if len(self._waiting) >= _TOGETHER:
            self.flush()

    def flush(self) -> None:
        if not self._waiting:
            return
        if not self._streams:
            self._streams = [_open(path, self._stack) for path in self._paths]
        for stream in self._streams:
            stream.write(self._waiting)
        self._waiting = bytearray()


def _open(path: Path, stack: ExitStack) -> IO[bytes]:
    raw = stack.enter_context(path.open("wb"))
    if path.suffix == ".gz":  # no name and no time in it: equal data gives equal files
        packed = gzip.GzipFile("", "wb", _GZIP, raw, mtime=0)
        return cast(IO[bytes], stack.enter_context(packed))
    compressor = zstandard.ZstdCompressor(level=_ZSTD, write_checksum=True)
    return cast(IO[bytes], stack.enter_context(compressor.stream_writer(raw, closefd=False)))


def _write_kinds(store: GraphStore, target: Path) -> dict[str, _Count]:
    with ExitStack() as stack, show_progress("dumps", None) as advance:
        writers = {kind: _Writer(target, kind, stack) for kind in KINDS}
        for graph in store.graph_names():
            lines = store.nquads(graph)
            writers[find_kind(read_traits(lines))].write(lines)
            advance(1)
        writers["other"].write(store.nquads_outside(), graphs=0)
        for writer in writers.values():
            writer.flush()
        return {kind: writer.count for kind, writer in writers.items()}


def read_traits(lines: bytes) -> Traits | None:
    """Return what tells a record's kind, by the statements of its graph; None: it is no record.

    lines: of N-Quads.
    """
    main = _MAIN.search(lines)
    if main is None:
        return None
    about = re.escape(main[1])
    types = re.findall(rb"^%s %s <%s([^>]*)> " % (about, _TYPE, _KBV), lines, re.MULTILINE)
    return Traits(
        [name.decode() for name in types],
        is_item=_says(lines, about, b"itemOf"),
        is_instance=_says(lines, about, b"instanceOf"),
        is_full=_FULL.search(lines) is not None,
    )


def _says(lines: bytes, about: bytes, property_: bytes) -> bool:
    pattern = rb"^%s <%s%s> " % (about, _KBV, property_)
    return re.search(pattern, lines, re.MULTILINE) is not None


def _finish(target: Path, coding: str, counts: dict[str, _Count]) -> Iterator[dict[str, Any]]:
    """Put the files of all kinds together; yield what is said of each file."""
    total = _Count()
    whole = target / f"{ALL}.nq.{coding}"
    said = []
    with open(whole, "wb") as stream:
        for kind, count in counts.items():
            path = target / f"{kind}.nq.{coding}"
            if path.exists():
                said.append(_say(path, kind, count))
                with open(path, "rb") as part:
                    shutil.copyfileobj(part, stream, _TOGETHER)
            total.quads += count.quads
            total.graphs += count.graphs
            total.plain += count.plain
    yield _say(whole, ALL, total)
    yield from said


def _say(path: Path, kind: str, count: _Count) -> dict[str, Any]:
    return {
        "name": path.name,
        "kind": kind,
        "quads": count.quads,
        "graphs": count.graphs,
        "bytes": path.stat().st_size,
        "plain": count.plain,
    }
