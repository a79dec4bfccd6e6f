"""Backups: the files of a data directory that can't be made again, copied while anything runs.

    backup/  archive.sqlite  links.sqlite  answers.sqlite  judgements.tsv  backup.json

Store and releases are left out, as the archive makes them anew. A backup, and what is restored
from one, is made beside its place and moved there when it is whole.
https://www.sqlite.org/backup.html
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import orjson

from loader import __version__, disk
from loader.archive.archive import Archive, connect
from loader.dates import now
from loader.errors import BackupError
from loader.release import checksums
from loader.workspace import Workspace

FORMAT = 1
NAME = "backup.json"
_PAGES = 10_000  # of a database between two moments at which Ctrl-C is heard
_ATTEMPTS = 1000  # to find a moment at which nobody writes


def backup(workspace: Workspace, target: Path) -> dict[str, Any]:
    """Copy what can't be made again to a directory that isn't there yet; return its manifest.

    All databases are copied as they were at one moment, whoever writes meanwhile.
    Raises BackupError if the place is taken, there is nothing to copy, or it is damaged.
    """
    if not workspace.archive.is_file():
        raise BackupError(f"there is no archive at {workspace.archive}: nothing to back up")
    if target.resolve().is_relative_to(workspace.root.resolve()):
        raise BackupError(f"{target} lies within the data directory, and would be lost with it")
    with _make_folder(target) as folder:
        _copy_databases([workspace.archive, workspace.links, workspace.answers], folder)
        _copy_lines(workspace.judgements, folder)
        for fault in (
            fault for path in folder.glob("*.sqlite") for fault in disk.find_sqlite_faults(path)
        ):
            raise BackupError(f"what was to be copied is damaged: {fault}. No backup is made")
        sums = checksums.encode_sums(checksums.hash_folder(folder))
        said = {"format": FORMAT, "made": now(), "loader": __version__, "files": sums}
        (folder / NAME).write_bytes(orjson.dumps(checksums.seal(said), option=orjson.OPT_INDENT_2))
    return said


def restore(source: Path, workspace: Workspace) -> int:
    """Put a backup back as a data directory that isn't there yet; return how many records it has.

    The next command that writes makes the store anew.
    Raises BackupError if the place is taken or the backup isn't whole, and ArchiveError if a later
    version of the loader has made it.
    """
    sums = _compute_checksums(source)
    with _make_folder(workspace.root) as folder:
        for name in sums:
            shutil.copyfile(source / name, folder / name)
        for fault in checksums.find_faults(folder, sums):
            raise BackupError(f"{source} is damaged: {Path(fault).name}. Nothing is restored")
        with closing(connect(folder / workspace.archive.name)) as connection:
            records = Archive(connection).reader.counts()["records"]
    return records


def _compute_checksums(source: Path) -> checksums.Sums:
    """Return the checksums of a backup's files; raise BackupError if it is no whole backup."""
    try:
        said = orjson.loads((source / NAME).read_bytes())
        if not (isinstance(said, dict) and checksums.is_whole(said)):
            raise ValueError("it doesn't match its checksum")
        if said["format"] > FORMAT:
            raise BackupError(f"{source} was made by a later version, {said['loader']}, of this")
        return checksums.decode_sums(said["files"])
    except (OSError, ValueError, KeyError) as error:
        raise BackupError(f"{source} is no whole backup: {NAME}: {error}") from error


@contextmanager
def _make_folder(target: Path) -> Iterator[Path]:
    """Yield a folder that becomes the target, on the disk, when the block ends well.

    Raises BackupError if there is something at the target, or another process is making it.
    """
    if os.path.lexists(target) and not (target.is_dir() and not any(target.iterdir())):
        raise BackupError(f"{target} is there already: name a directory that isn't, or is empty")
    target = target.resolve()
    part = target.with_name(f".{target.name}.part")
    part.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(part, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield from _fill(part, target)
    except BlockingIOError as error:
        raise BackupError(f"{target} is being made by another process") from error
    finally:
        os.close(descriptor)


def _fill(part: Path, target: Path) -> Iterator[Path]:
    try:
        for path in part.iterdir():  # of a process that was killed
            path.unlink()
        yield part
        for path in (*part.iterdir(), part):
            disk.sync(path)
        part.rename(target)
        disk.sync(target.parent)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def _copy_databases(paths: Sequence[Path], folder: Path) -> None:
    """Copy the databases that there are, all as they were at one moment."""
    with ExitStack() as stack:
        sources = [
            (stack.enter_context(closing(_reader(path))), path) for path in paths if path.exists()
        ]
        watchers = [stack.enter_context(closing(_reader(path))) for _, path in sources]
        _begin_together([connection for connection, _ in sources], watchers)
        for connection, path in sources:
            with closing(sqlite3.connect(folder / path.name)) as copy:
                copy.execute("PRAGMA synchronous = OFF")  # all of it is synchronised at the end
                connection.backup(copy, pages=_PAGES, sleep=0)


def _reader(path: Path) -> sqlite3.Connection:
    uri = f"{path.resolve().as_uri()}?mode=ro"
    return sqlite3.connect(uri, uri=True, timeout=30, isolation_level=None)


def _begin_together(
    connections: Sequence[sqlite3.Connection], watchers: Sequence[sqlite3.Connection]
) -> None:
    """Begin reading several databases at a moment between the writes of others.

    Each connection sees its database as it is when it first reads. Where the watchers notice that
    somebody has written between the first and the last, they begin again.
    """
    for _ in range(_ATTEMPTS):
        before = _list_versions(watchers)
        for connection in connections:
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        if _list_versions(watchers) == before:
            return
        for connection in connections:
            connection.execute("ROLLBACK")
    raise BackupError("others write too often for a backup to begin; run it again")


def _list_versions(watchers: Sequence[sqlite3.Connection]) -> list[int]:
    """Return numbers that change when another process writes (PRAGMA data_version)."""
    query = "PRAGMA data_version"
    return [int(watcher.execute(query).fetchone()[0]) for watcher in watchers]


def _copy_lines(path: Path, folder: Path) -> None:
    """Copy a log of lines, without one that is being written."""
    if path.exists():
        whole, newline, _ = path.read_bytes().rpartition(b"\n")
        (folder / path.name).write_bytes(whole + newline)
