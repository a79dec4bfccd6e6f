"""The files to load: named on the command line, found in folders, or read from a pipe."""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.parse import quote

from loader.errors import InputError
from loader.files.encodings import open_unpacked
from loader.files.rdf_formats import FORMATS

logger = logging.getLogger(__name__)

JSON_LINES = (".jsonl", ".ndjson", ".ndjsonld")
_NAMED = 5  # of many files, so many are named in a message


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file to load. name: what it is called in messages and in the manifest.

    kind: its extension, if the name doesn't say it. source: what makes it the same file as one
    that was loaded before, if that isn't its place. iri: by default ``file:NAME``.
    fault: why it can't be read, if that is known already.
    """

    path: Path
    name: str
    kind: str = ""
    source: str = ""
    iri: str = ""
    fault: str = ""

    @property
    def key(self) -> str:
        """Return what makes this the same file as one that was loaded before."""
        return self.source or spell_path(self.path.resolve())

    @property
    def extension(self) -> str:
        """Return the extension that says what the file holds, lower case, without ``.gz``."""
        return self.kind or read_extension(self.name)

    def open(self) -> IO[bytes]:
        """Return a stream of the decompressed bytes; raise InputError or OSError."""
        if self.fault:
            raise InputError(self.name, self.fault)
        return open_unpacked(self.path, self.name)

    def sha256(self) -> str:
        """Return the checksum of the file as it lies there, in hexadecimal."""
        with open(self.path, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()


def spell_path(path: Path) -> str:
    """Return a path as text, what isn't UTF-8 in it escaped: ``b\\xe5.nt``."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def read_extension(name: str) -> str:
    """Return a file name's extension, lower case, without ``.gz``."""
    return Path(name.lower().removesuffix(".gz")).suffix


def list_extensions() -> list[str]:
    """Return the file name extensions that can be loaded; each may be followed by ``.gz``."""
    return sorted({*JSON_LINES, *FORMATS})


def _is_known(path: Path) -> bool:
    return read_extension(path.name) in JSON_LINES or read_extension(path.name) in FORMATS


def find_files(paths: Iterable[Path]) -> list[InputFile]:
    """Return the files to load, folders searched in order of names.

    A folder's files of unknown kind are passed over; one that was named raises InputError, and
    so does one that isn't there.
    """
    files: list[InputFile] = []
    for path in paths:
        if _is_folder(path):
            files += _list_folder(path)
        elif not _is_known(path):
            known = ", ".join(list_extensions())
            raise InputError(spell_path(path), f"unknown extension; known are {known}")
        else:
            files.append(_make_file(path, Path(path.name)))
    return files


def _is_folder(path: Path) -> bool:
    """Tell whether a path is a folder; raise InputError if it is nothing."""
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(spell_path(path), "no such file") from error
    except OSError as error:
        raise InputError(spell_path(path), f"cannot be read: {error.strerror}") from error


def _make_file(path: Path, name: Path, fault: str = "") -> InputFile:
    return InputFile(path, spell_path(name), iri=f"file:{quote(os.fsencode(name))}", fault=fault)


def _list_folder(folder: Path) -> list[InputFile]:
    """Return a folder's files, links followed; what can't be read is among them with its fault."""
    files: list[InputFile] = []
    passed_over = []
    for path, fault in _list_entries(folder):
        name = path.relative_to(folder)
        if fault:
            files.append(_make_file(path, name, f"cannot be read: {fault}"))
        elif _is_known(path):
            files.append(_make_file(path, name))
        else:
            passed_over.append(spell_path(name))
    if passed_over:
        examples = ", ".join(sorted(passed_over)[:_NAMED])
        more = ", …" if len(passed_over) > _NAMED else ""
        logger.info(
            "%s: %s files of unknown kind are passed over: %s%s",
            spell_path(folder),
            len(passed_over),
            examples,
            more,
        )
    return sorted(files, key=lambda file: file.path)


def _list_entries(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield what lies in a folder and those below, with why it can't be read, or an empty text."""
    faults: list[OSError] = []
    visited = set()
    for place, folders, names in os.walk(folder, onerror=faults.append, followlinks=True):
        identity = os.stat(place)
        if (identity.st_dev, identity.st_ino) in visited:  # a link to where we have been
            folders.clear()
            continue
        visited.add((identity.st_dev, identity.st_ino))
        folders.sort()
        for name in names:
            path = Path(place, name)
            fault = _find_fault(path)
            if fault is not None:
                yield path, fault
    for error in faults:
        yield Path(os.fsdecode(error.filename)), error.strerror or str(error)


def _find_fault(path: Path) -> str | None:
    """Return why a file can't be read, an empty text, or None for what is no file at all."""
    try:
        return "" if stat.S_ISREG(path.stat().st_mode) else None
    except OSError as error:
        return (error.strerror or str(error)) if _is_known(path) else ""


@contextmanager
def gather_files(paths: Iterable[Path], kind: str) -> Iterator[list[InputFile]]:
    """Yield the files to load while the block runs: ``-`` and pipes are copied before.

    kind: the extension of what comes from those whose names don't say it. Raises InputError as
    ``find_files`` does.
    """
    kind = f".{kind.strip('.').lower().removesuffix('.gz')}"
    if kind not in list_extensions():
        raise InputError(kind, f"unknown format; known are {', '.join(list_extensions())}")
    with tempfile.TemporaryDirectory(prefix="libris-") as folder:
        files: list[InputFile] = []
        for path in paths:
            if str(path) == "-":
                files.append(_copy(sys.stdin.buffer, Path(folder), f"stdin{kind}", kind))
            elif _flows(path):
                files.append(_copy_of_pipe(path, Path(folder), kind))
            else:
                files += find_files([path])
        yield files


def _flows(path: Path) -> bool:
    """Tell whether something can be read once only: a pipe, or what a shell has opened."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    is_opened = path.parts[:2] == ("/", "dev") or path.parts[:2] == ("/", "proc")
    return not stat.S_ISDIR(mode) and (is_opened or not stat.S_ISREG(mode))


def _copy_of_pipe(path: Path, folder: Path, kind: str) -> InputFile:
    if _is_known(path):
        kind = read_extension(path.name)
    try:
        with open(path, "rb") as stream:
            return _copy(stream, folder, spell_path(Path(path.name)), kind, spell_path(path))
    except OSError as error:
        raise InputError(spell_path(path), f"cannot be read: {error.strerror}") from error


def _copy(
    stream: IO[bytes], folder: Path, name: str, kind: str, source: str | None = None
) -> InputFile:
    path = folder / str(len(list(folder.iterdir())))
    with open(path, "wb") as copy:
        shutil.copyfileobj(stream, copy)
    return InputFile(path, name, kind=kind, source=source or name)
