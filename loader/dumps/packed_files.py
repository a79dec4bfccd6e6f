"""The compressed files of a dump, written while others of them are being compressed.

A file is a row of members: those of gzip (RFC 1952) and frames of Zstandard (RFC 8878) may be put
one behind the other. Equal data gives equal files: no name and no time is in them.
"""

from __future__ import annotations

import gzip
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import zstandard

from loader.dumps.dump_pieces import Piece

_GZIP = 6
_ZSTD = 5
_TOGETHER = 4 * 1024 * 1024  # bytes that are compressed in one go
_AHEAD = 4  # members of a file that wait to be written, or are being compressed


def _pack_gzip(plain: bytes) -> bytes:
    return gzip.compress(plain, _GZIP, mtime=0)


def _pack_zstd(plain: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=_ZSTD, write_checksum=True).compress(plain)


PACKERS: Mapping[str, Callable[[bytes], bytes]] = {"zst": _pack_zstd, "gz": _pack_gzip}
"""What compresses, by the ending of a file's name."""


class KindWriter:
    """The files of one kind of records. It opens them with the first statement.

    quads, graphs, plain: how many have been written, and bytes before compression.
    """

    def __init__(self, folder: Path, kind: str, stack: ExitStack, pool: Executor) -> None:
        self.quads = self.graphs = self.plain = 0
        self._paths = {coding: folder / f"{kind}.nq.{coding}" for coding in PACKERS}
        self._stack = stack
        self._pool = pool
        self._files: list[_PackedFile] = []
        self._waiting: list[bytes] = []
        self._size = 0

    def write(self, piece: Piece) -> None:
        """Add statements."""
        self.quads += piece.quads
        self.graphs += piece.graphs
        self.plain += len(piece.lines)
        self._waiting.append(piece.lines)
        self._size += len(piece.lines)
        if self._size >= _TOGETHER:
            self._hand_on()

    def finish(self) -> None:
        """Write what is left."""
        if self._size:
            self._hand_on()
        for file in self._files:
            file.finish()

    def _hand_on(self) -> None:
        if not self._files:
            self._files = [
                _PackedFile(self._stack.enter_context(path.open("wb")), PACKERS[coding], self._pool)
                for coding, path in self._paths.items()
            ]
        plain = b"".join(self._waiting)
        for file in self._files:
            file.add(plain)
        self._waiting, self._size = [], 0


class _PackedFile:
    """A file whose members are compressed in a pool, and written in their order."""

    def __init__(self, stream: IO[bytes], pack: Callable[[bytes], bytes], pool: Executor) -> None:
        self._stream = stream
        self._pack = pack
        self._pool = pool
        self._coming: deque[Future[bytes]] = deque()

    def add(self, plain: bytes) -> None:
        self._coming.append(self._pool.submit(self._pack, plain))
        if len(self._coming) > _AHEAD:
            self._stream.write(self._coming.popleft().result())

    def finish(self) -> None:
        while self._coming:
            self._stream.write(self._coming.popleft().result())
