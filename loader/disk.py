"""Errors of the disk as sentences: what happened, what follows, what to do.

Errors of the operating system and of SQLite come out of many rooms; this one knows what they mean.
https://www.sqlite.org/rescode.html
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from loader.errors import LoaderError

REFUSALS = (OSError, sqlite3.Error)
"""The exceptions that ``explain_refusal`` can explain."""

_FULL = "there is no room left on the disk: make some; the same command goes on from here"
_READ_ONLY = "nothing can be written there: the disk is mounted read-only, or is another user's"
_DAMAGED = "the file is damaged: take it from a backup (libris-loader restore)"
_FOLDER = "a file stands where a folder should be, or a folder where a file should: move it away"

_MEANING = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: "a file may not grow as large (ulimit -f); the same command goes on from here",
    errno.EROFS: _READ_ONLY,
    errno.EACCES: _READ_ONLY,
    errno.EPERM: _READ_ONLY,
    errno.ENOTDIR: _FOLDER,
    errno.EEXIST: _FOLDER,
    errno.EISDIR: _FOLDER,
    errno.EIO: "the disk can't be read or written there: look at the system's log",
}
_SQLITE_MEANING = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: "the disk is full or broken; the same command goes on once it is not",
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: "it can't be opened: no folder there, or not a file of ours",
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_BUSY: "another process is writing to it; run the same command later",
}


def explain_refusal(error: BaseException) -> str:
    """Return a sentence about an error of the operating system or of SQLite."""
    if isinstance(error, sqlite3.Error):
        return _explain_sqlite(error)
    if not isinstance(error, OSError):
        return str(error)
    said = error.strerror or str(error)
    where = f"{os.fsdecode(error.filename)}: " if error.filename is not None else ""
    meaning = _MEANING.get(error.errno or 0)
    return f"{where}{said}" + (f": {meaning}" if meaning else "")


def _explain_sqlite(error: sqlite3.Error) -> str:
    code = getattr(error, "sqlite_errorcode", None)  # Python's own mistakes have none
    meaning = _SQLITE_MEANING.get(code & 0xFF) if code is not None else None
    return str(error) + (f": {meaning}" if meaning else "")


def find_sqlite_faults(path: Path) -> Iterator[str]:
    """Yield what SQLite finds wrong with a file; nothing if it is whole, or isn't there.

    https://www.sqlite.org/pragma.html#pragma_quick_check
    """
    if not os.path.lexists(path):
        return
    try:
        with closing(sqlite3.connect(path, timeout=30)) as connection:
            for (fault,) in connection.execute("PRAGMA quick_check").fetchall():
                if fault != "ok":
                    yield f"{path}: {fault}"
    except sqlite3.Error as error:
        yield f"{path}: {explain_refusal(error)}"


def require_folder(path: Path) -> None:
    """Raise LoaderError if a path is no folder and can't become one."""
    there = next((place for place in (path, *path.parents) if os.path.lexists(place)), None)
    if there is not None and not there.is_dir():
        raise LoaderError(f"{there} is no folder: move it away, or name another one")


def sync_folder(folder: Path) -> None:
    """Have the files of a folder reach the disk."""
    for path in (*folder.iterdir(), folder):
        sync(path)


def sync(path: Path) -> None:
    """Have a file, or what a folder lists, reach the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
