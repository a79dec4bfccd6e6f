"""The log of one release: each graph that was created, changed or deleted since the one before.

    changes/0007/  head.json    release, since, times, counts
                   entries.bin  entries in frames of zstd, JSON lines, in the order of their times
                   pages.bin    of each frame: number of its first entry, where it begins (uint64)
                   names.bin    of each entry: hash of its graph's name, its number; sorted. And of
                                the thing's, where that isn't made of the record's

Frames are read one at a time, so that a log of any length takes no memory.
"""

from __future__ import annotations

import json
import mmap
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import zstandard

from sparql_server.changes.entries import (
    FOLDER,
    FORMAT,
    HEAD,
    PAGE,
    PAIR,
    Entry,
    Head,
    LogError,
    hash_name,
)

_MOST = 256 << 20  # bytes that a frame is unpacked to, at most


class _Pairs:
    """The pairs of a file, by number, mapped."""

    def __init__(self, path: Path) -> None:
        content = path.read_bytes() if path.stat().st_size < mmap.PAGESIZE else _map(path)
        self._content: bytes | mmap.mmap = content

    def __len__(self) -> int:
        return len(self._content) // PAIR.size

    def __getitem__(self, number: int) -> tuple[int, int]:
        if number >= len(self):
            raise IndexError(number)
        first, second = PAIR.unpack_from(self._content, number * PAIR.size)
        return first, second


def _map(path: Path) -> mmap.mmap:
    with open(path, "rb") as stream:
        return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)


class Log:
    """The log of a release, opened; it never changes. Raises LogError."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            self.head = read_head(folder)
            self._pages = _Pairs(folder / "pages.bin")
            self._names = _Pairs(folder / "names.bin")
            status = (folder / "entries.bin").stat()
        except OSError as error:
            raise LogError(f"{folder}: {error.strerror}") from error
        self._size, self._written = status.st_size, status.st_mtime_ns
        if len(self._names) < self.head.entries:
            raise LogError(f"{folder} is damaged: it doesn't name as many graphs as it has")
        if len(self._pages) * PAGE < self.head.entries:
            raise LogError(f"{folder} is damaged: it has fewer pages than its entries need")

    @property
    def pages(self) -> int:
        """The number of pages, a frame each; of a log without entries the one is empty."""
        return max(len(self._pages), 1)

    def page(self, number: int) -> tuple[int, list[Entry]]:
        """Return a page: the number of its first entry, and its entries. Raises LogError."""
        if not self.head.entries:
            return 0, []
        first, begin = self._pages[number]
        is_last = number + 1 == self.pages
        end = self._size if is_last else self._pages[number + 1][1]
        return first, _read_frame((str(self.folder), self._written), begin, end)

    def find_page(self, number: int) -> int:
        """Return the number of the frame that an entry stands in."""
        return bisect_right(self._pages, number, key=lambda pair: pair[0]) - 1

    def backwards(self, end: int) -> Iterator[tuple[int, Entry]]:
        """Yield the entries before number ``end`` with their numbers, the last one first."""
        for page in range(self.find_page(end - 1) if end else -1, -1, -1):
            first, entries = self.page(page)
            numbered = list(enumerate(entries, first))
            yield from reversed(numbered[: max(end - first, 0)])

    def find(self, name: str) -> Iterator[tuple[int, Entry]]:
        """Yield the entries of a graph, or of a thing, with their numbers."""
        wanted = hash_name(name)
        at = bisect_left(self._names, wanted, key=lambda pair: pair[0])
        for place in range(at, len(self._names)):
            hashed, number = self._names[place]
            if hashed != wanted:
                return
            first, entries = self.page(self.find_page(number))
            if name in entries[number - first].names:
                yield number, entries[number - first]


@lru_cache(maxsize=16)
def _read_frame(file: tuple[str, int], begin: int, end: int) -> list[Entry]:
    """Return the entries of a frame. file: the log's folder, and when it was written."""
    folder = file[0]
    try:
        with open(Path(folder) / "entries.bin", "rb") as stream:
            stream.seek(begin)
            packed = stream.read(end - begin)
        text = zstandard.ZstdDecompressor().decompress(packed, max_output_size=_MOST)
        return [_read_entry(json.loads(line)) for line in text.decode().split("\n")]
    except (OSError, ValueError, TypeError, zstandard.ZstdError) as error:
        raise LogError(f"{folder} is damaged: {error}") from error


def _read_entry(said: dict[str, Any]) -> Entry:
    return Entry(**{**said, **{name: tuple(said[name]) for name in ("kept", "came", "went")}})


def read_head(folder: Path) -> Head:
    """Return the head of a log. Raises LogError."""
    try:
        said = json.loads((folder / HEAD).read_bytes())
        if said.pop("format") != FORMAT:
            raise LogError(f"{folder} is of another format than this version reads")
        return Head(**said)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise LogError(f"{folder} can't be read: {error}") from error


def list_logs(release: Path) -> list[Path]:
    """Return the folders of the logs that a release has, oldest first.

    release: its folder.
    """
    folder = release / FOLDER
    names = sorted(int(path.name) for path in folder.glob("[0-9]*")) if folder.is_dir() else []
    return [folder / f"{name:04}" for name in names]
