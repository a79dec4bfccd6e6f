"""Writes the log of a release, in the memory of a frame."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from heapq import merge
from pathlib import Path
from typing import IO

import zstandard

from sparql_server.changes.entries import FORMAT, HEAD, PAGE, PAIR, Entry, Head, Span, hash_name

_LARGE = 1 << 20  # characters of entries after which a frame ends
_RUN = 100_000  # names that are sorted at a time
_LEVEL = 6


def write_log(folder: Path, release: int, since: int, span: Span, entries: Iterable[Entry]) -> Head:
    """Write a log into a new folder; return its head. Takes the memory of a frame."""
    folder.mkdir(parents=True)
    counts: Counter[str] = Counter()
    names = _Names(folder / "names.bin")
    with open(folder / "entries.bin", "wb") as stream, open(folder / "pages.bin", "wb") as pages:
        number = 0
        for frame in _cut_frames(entries):
            pages.write(PAIR.pack(number, stream.tell()))
            for entry in frame:
                counts[entry.kind] += 1
                for name in entry.names:
                    names.add(name, number)
                number += 1
            stream.write(_pack(frame))
    names.finish()
    head = Head(release, since, *span.fit(number), number, dict(counts))
    said = {"format": FORMAT, **asdict(head)}
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
        self._pairs.append(PAIR.pack(hash_name(name), number))
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
    while pair := stream.read(PAIR.size):
        yield pair
