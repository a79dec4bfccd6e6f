"""Answers kept on disk with their entity tags, so that what hasn't changed isn't sent again.

A kept answer is used only after the server has said that it is still the same (RFC 9110, 13).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MOST = 2 * 1024**3
"""Bytes that are kept; of more, what was used longest ago goes."""


def find_usual_folder() -> Path:
    """Return where answers are kept unless another folder is named.

    https://specifications.freedesktop.org/basedir-spec/latest/
    """
    root = os.environ.get("XDG_CACHE_HOME")
    return (Path(root) if root else Path.home() / ".cache") / "libris-client"


@dataclass(frozen=True, slots=True)
class Kept:
    """A kept answer. path: of its body."""

    tag: str
    release: str
    path: Path


class Cache:
    """Answers in a folder. folder: None keeps none. most: bytes."""

    def __init__(self, folder: Path | None, most: int = MOST) -> None:
        self._folder = folder
        self._most = most

    def find(self, address: str, accept: str) -> Kept | None:
        """Return what is kept of an address in a format."""
        path = self._name(address, accept)
        if path is None:
            return None
        try:
            tag, _, release = _head(path).read_text(encoding="utf-8").partition("\n")
            path.touch()
        except OSError:
            return None
        return Kept(tag, release, path) if tag else None

    def keep(self, address: str, accept: str, tag: str, release: str, body: Path) -> Path:
        """Keep an answer; return where its body is from now on: where it was, if nothing is kept.

        body: a file that becomes the cache's own.
        """
        path = self._name(address, accept)
        if path is None or not tag:
            return body
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _head(path).unlink(missing_ok=True)  # a body has no other answer's tag at any time
            os.replace(body, path)
            part = path.with_suffix(".part")
            part.write_text(f"{tag}\n{release}", encoding="utf-8")
            os.replace(part, _head(path))
        except OSError:
            return path if path.exists() and not body.exists() else body
        self._prune()
        return path

    def make_scratch(self) -> Path | None:
        """Return a folder on the same disk as what is kept; None where the system's will do."""
        if self._folder is None:
            return None
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            return self._folder
        return None

    def _name(self, address: str, accept: str) -> Path | None:
        if self._folder is None:
            return None
        digest = hashlib.sha256(f"{accept}\n{address}".encode()).hexdigest()
        return self._folder / f"{digest}.body"

    def _prune(self) -> None:
        assert self._folder is not None
        there = sorted(_list_bodies(self._folder), reverse=True)  # the newest first
        size = 0
        for _, bytes_, path in there:
            size += bytes_
            if size > self._most:
                _head(path).unlink(missing_ok=True)
                path.unlink(missing_ok=True)


def _list_bodies(folder: Path) -> Iterator[tuple[float, int, Path]]:
    for path in folder.glob("*.body"):
        with suppress(OSError):
            status = path.stat()
            yield status.st_mtime, status.st_size, path


def _head(path: Path) -> Path:
    return path.with_suffix(".tag")
