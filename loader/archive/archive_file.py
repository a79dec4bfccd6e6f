"""The archive's file: a SQLite database, opened, made or brought to this version; transactions."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from loader.archive import sql_schema
from loader.errors import ArchiveError

_CACHE = 32 * 1024  # KiB: identifiers come in no order, so much of their index is in use


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open the archive, making it if it isn't there; raise ArchiveError if it can't be used."""
    if read_only and not path.exists():
        raise ArchiveError(f"no archive at {path}: load something first")
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA busy_timeout = 30000")
        connection.execute(f"PRAGMA cache_size = -{_CACHE}")
        sql_schema.prepare(connection, path)
    except sqlite3.Error as error:
        raise ArchiveError(f"{path}: {error}") from error
    return connection


class Transaction:
    """A SQLite transaction that takes the write lock at once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def __enter__(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        try:
            if kind is None:
                self._connection.execute("COMMIT")
        finally:
            if self._connection.in_transaction:  # a full disk may have ended it already
                self._connection.execute("ROLLBACK")
