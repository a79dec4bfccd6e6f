"""The log of one release: each graph that was created, changed or deleted since the one before.

    changes/0007/  head.json    release, since, times, counts
                   entries.bin  entries in frames of zstd, JSON lines, in the order of their times
                   pages.bin    of each frame: number of its first entry, where it begins (uint64)
                   names.bin    of each entry: hash of its graph's name, its number; sorted. And of
                                the thing's, where that isn't made of the record's

Frames are read one at a time, so that a log of any length takes no memory.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import struct
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from heapq import merge
from pathlib import Path
from typing import IO, Any

import zstandard

FOLDER = "changes"
"""The folder of a release that has its logs."""

HEAD = "head.json"
CREATE, UPDATE, DELETE = "Create", "Update", "Delete"
PAGE = 100
"""Entries to a frame, at most; and to a millisecond."""

_FORMAT = 1
_LARGE = 1 << 20  # characters of entries after which a frame ends
_MOST = 256 << 20  # bytes that a frame is unpacked to, at most
_PAIR = struct.Struct(">QQ")
_RUN = 100_000  # names that are sorted at a time
_LEVEL = 6


class LogError(Exception):
    """A log that is missing, damaged, or of another format."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A graph's change.

    graph: its name, most often the IRI of a record. kind: CREATE, UPDATE or DELETE. thing: what the
    record describes, else the graph's name. type: IRI of its class, or empty. held_by: IRI of the
    library, of an item. created, modified: of the record, as it says them. kept, came, went:
    statements of N-Triples without the dot; blank nodes have labels that hold in this entry alone.
    """

    graph: str
    kind: str
    thing: str
    type: str = ""
    held_by: str = ""
    created: str = ""
    modified: str = ""
    kept: tuple[str, ...] = ()
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names by which it is looked up: the graph's, and the thing's if that is its own."""
        is_own = self.thing.partition("#")[0] != self.graph
        return (self.graph, self.thing) if is_own else (self.graph,)

    @property
    def is_record(self) -> bool:
        """Whether the graph is that of a record."""
        return self.thing != self.graph


@dataclass(frozen=True, slots=True)
class Head:
    """What a log is of. since: the release before. began, ended: milliseconds since 1970, UTC.

    The times of its entries are after ``began``, up to ``ended``; that of the next log's are later.
    """

    release: int
    since: int
    began: int
    ended: int
    entries: int
    counts: Mapping[str, int] = field(default_factory=dict)

    def time(self, number: int) -> int:
        """Return the time of an entry, in milliseconds since 1970.

        >>> [Head(2, 1, 1000, 1010, 5).time(number) for number in range(5)]
        [1002, 1004, 1006, 1008, 1010]
        """
        # Rounded up: after ``began``.
        return self.began - (number + 1) * (self.began - self.ended) // self.entries

    def count_until(self, moment: int) -> int:
        """Return how many entries have a time up to this one."""
        return bisect_right(range(self.entries), moment, key=self.time)


@dataclass(frozen=True, slots=True)
class Span:
    """The time that a log has. after: of the last entry before it. now: both in milliseconds."""

    after: int
    now: int

    def fit(self, entries: int) -> tuple[int, int]:
        """Return when so many entries began and ended: at most ``PAGE`` have the same time."""
        return self.after, max(self.now, self.after + -(-entries // PAGE))


def write_log(folder: Path, release: int, since: int, span: Span, entries: Iterable[Entry]) -> Head:
    """Write a log into a new folder; return its head. Takes the memory of a frame."""
    folder.mkdir(parents=True)
    counts: Counter[str] = Counter()
    names = _Names(folder / "names.bin")
    with open(folder / "entries.bin", "wb") as stream, open(folder / "pages.bin", "wb") as pages:
        number = 0
        for frame in _cut_frames(entries):
            pages.write(_PAIR.pack(number, stream.tell()))
            for entry in frame:
                counts[entry.kind] += 1
                for name in entry.names:
                    names.add(name, number)
                number += 1
            stream.write(_pack(frame))
    names.finish()
    head = Head(release, since, *span.fit(number), number, dict(counts))
    said = {"format": _FORMAT, **asdict(head)}
    (folder / HEAD).write_text(json.dumps(said), encoding="utf-8")
    return head


def _cut_frames(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    frame: list[Entry] = []
    size = 0
    for entry in entries:
        frame.append(entry)
        size += sum(map(len, (*entry.kept, *entry.came, *entry.went)))
        if len(frame) == PAGE or size > _LARGE:
            yield frame
            frame, size = [], 0
    if frame:
        yield frame


def _pack(frame: list[Entry]) -> bytes:
    lines = (json.dumps(asdict(entry), ensure_ascii=False) for entry in frame)
    return zstandard.ZstdCompressor(level=_LEVEL).compress("\n".join(lines).encode())


class _Names:
    """Sorts pairs of name and number on disk, so many in memory at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pairs: list[bytes] = []
        self._runs: list[Path] = []

    def add(self, name: str, number: int) -> None:
        self._pairs.append(_PAIR.pack(_hash(name), number))
        if len(self._pairs) == _RUN:
            self._put_down()

    def finish(self) -> None:
        self._put_down()
        streams = [open(run, "rb") for run in self._runs]  # noqa: SIM115 (closed below)
        try:
            with open(self._path, "wb") as target:
                target.writelines(merge(*map(_read_pairs, streams)))
        finally:
            for stream, run in zip(streams, self._runs, strict=True):
                stream.close()
                run.unlink()

    def _put_down(self) -> None:
        run = self._path.with_name(f"names.{len(self._runs)}")
        run.write_bytes(b"".join(sorted(self._pairs)))
        self._runs.append(run)
        self._pairs = []


def _read_pairs(stream: IO[bytes]) -> Iterator[bytes]:
    while pair := stream.read(_PAIR.size):
        yield pair


def _hash(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")


class _Pairs:
    """The pairs of a file, by number, mapped."""

    def __init__(self, path: Path) -> None:
        content = path.read_bytes() if path.stat().st_size < mmap.PAGESIZE else _map(path)
        self._content: bytes | mmap.mmap = content

    def __len__(self) -> int:
        return len(self._content) // _PAIR.size

    def __getitem__(self, number: int) -> tuple[int, int]:
        if number >= len(self):
            raise IndexError(number)
        first, second = _PAIR.unpack_from(self._content, number * _PAIR.size)
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

    @property
    def pages(self) -> int:
        """The number of frames."""
        return len(self._pages)

    def page(self, number: int) -> tuple[int, list[Entry]]:
        """Return a frame: the number of its first entry, and its entries. Raises LogError."""
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
        wanted = _hash(name)
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
        if said.pop("format") != _FORMAT:
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
