"""Sizes and checksums of the files in a folder: noted when they are new, compared later.

Files of the store never change once they are written, and releases share them by hard links, so
that a file is hashed once in its life, not once a release.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Checksum:
    """Size and checksum of a file. bytes: its size. sha256: hexadecimal."""

    bytes: int
    sha256: str


Sums = Mapping[str, Checksum]
"""Path below a folder, ``store/000010.sst``, to the file's checksum."""


def encode_sums(sums: Sums) -> dict[str, Any]:
    """Return checksums as JSON has them."""
    return {name: asdict(checksum) for name, checksum in sums.items()}


def decode_sums(found: Any) -> dict[str, Checksum]:
    """Return what ``encode_sums`` was given; raise ValueError if it is nothing of that kind."""
    try:
        return {name: Checksum(int(of["bytes"]), str(of["sha256"])) for name, of in found.items()}
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"no list of checksums: {error}") from error


def hash_content(path: Path) -> str:
    """Return a file's checksum, hexadecimal."""
    with open(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class Hashing:
    """The checksums of the files below a folder, made beside other work; a context manager.

    before, known: a folder whose files may be the same ones by hard links, and their checksums;
    these are taken over.
    """

    def __init__(self, folder: Path, before: Path | None = None, known: Sums | None = None) -> None:
        self._folder = folder
        self._held = dict(_identities(before, known)) if before and known else {}
        self._pool = ThreadPoolExecutor(os.cpu_count())
        self._sums: dict[Path, Future[Checksum]] = {}

    def __enter__(self) -> Hashing:
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def add(self, part: Path) -> None:
        """Begin with the files below a part of the folder, which nobody writes to any more."""
        for path in sorted(part.rglob("*")):
            if path not in self._sums and path.is_file():
                self._sums[path] = self._pool.submit(self._hash, path)

    def finish(self) -> Sums:
        """Return the checksums of all files that are there."""
        self.add(self._folder)
        there = sorted(path for path in self._sums if path.is_file())
        return {
            path.relative_to(self._folder).as_posix(): self._sums[path].result() for path in there
        }

    def _hash(self, path: Path) -> Checksum:
        return self._held.get(_identity(path)) or hash_file(path)


def hash_folder(folder: Path) -> Sums:
    """Return the checksums of all files below a folder."""
    with Hashing(folder) as hashing:
        return hashing.finish()


def hash_file(path: Path) -> Checksum:
    """Return the checksum of one file."""
    return Checksum(path.stat().st_size, hash_content(path))


def _identities(folder: Path, known: Sums) -> Iterator[tuple[tuple[int, ...], Checksum]]:
    for name, checksum in known.items():
        path = folder / name
        if path.is_file() and path.stat().st_size == checksum.bytes:
            yield _identity(path), checksum


def _identity(path: Path) -> tuple[int, ...]:
    """Return what is the same for two names of one file, as long as nobody writes to it."""
    status = path.stat()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def find_faults(folder: Path, sums: Sums, *, sizes_only: bool = False) -> Iterator[str]:
    """Yield a sentence for each file of a folder that is missing or not as it was.

    sizes_only: don't read them.
    """
    for name, checksum in sums.items():
        fault = _fault(folder / name, checksum, sizes_only)
        if fault:
            yield f"{folder / name}: {fault}"


def find_strangers(folder: Path, expected: Collection[str]) -> Iterator[str]:
    """Yield a sentence for each file below a folder that has none of these names."""
    for path in sorted(folder.rglob("*")):
        if not path.is_dir() and path.relative_to(folder).as_posix() not in expected:
            yield f"{path}: nothing is known of this file"


def _fault(path: Path, checksum: Checksum, sizes_only: bool) -> str | None:
    try:
        size = path.stat().st_size
        if size != checksum.bytes:
            return f"it has {size:,} bytes and should have {checksum.bytes:,}"
        if not sizes_only and hash_content(path) != checksum.sha256:
            return "its content doesn't match its checksum"
    except FileNotFoundError:
        return "it is missing"
    except OSError as error:
        return f"it can't be read: {error.strerror}"
    return None


def seal(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a file of JSON says, with a checksum of it as ``sha256``."""
    return {**said, "sha256": _digest(said)}


def is_whole(said: Mapping[str, Any]) -> bool:
    """Tell whether what a file of JSON says is what was sealed."""
    rest = {name: value for name, value in said.items() if name != "sha256"}
    return bool(said.get("sha256") == _digest(rest))


def _digest(said: Mapping[str, Any]) -> str:
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()
