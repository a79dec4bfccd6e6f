"""Frozen copies of results: answers that stay when the release that gave them has gone.

data/frozen/3f…/  head.json  query, dataset, release, published, hash, formats
result.csv.gz  the result in a format, a file each
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from sparql_server.sparql.formats import GRAPHS, SOLUTIONS, Format, choose, find_format
from sparql_server.sparql.protocol import QueryRequest
from sparql_server.sparql.query import read

FOLDER = "frozen"
"""The folder of a data directory that has them."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A frozen copy. published: of the release, ``2026-11-23T20:15:04Z``; hash: of the answer."""

    query: str
    release: int
    published: str
    hash: str
    formats: tuple[str, ...]
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()


def name_copy(asked: QueryRequest, release: int) -> str:
    """Return the name of a result's copy: the same for a query that is laid out otherwise."""
    parts = (read(asked.query).normal, asked.default_graphs, asked.named_graphs, release)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:40]


def list_formats(query: str) -> tuple[Format, ...]:
    """Return the formats in which a query's result is kept."""
    return GRAPHS if read(query).is_graph else SOLUTIONS[:4]


def write_copy(data: Path, name: str, head: Frozen, results: Mapping[str, bytes]) -> Path:
    """Write a copy, which is there whole or not at all; return its folder.

    results: by the names of formats. A copy that is there already stays as it is.
    """
    folder = data / FOLDER / name
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(prefix=".part-", dir=folder.parent))
    try:
        for format_name, result in results.items():
            (part / f"result.{format_name}.gz").write_bytes(gzip.compress(result, mtime=0))
        (part / "head.json").write_text(json.dumps(asdict(head), indent=2), encoding="utf-8")
        part.chmod(0o755)
        os.rename(part, folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return folder


def find_copy(data: Path, asked: QueryRequest, release: int) -> tuple[Path, Frozen] | None:
    """Return the folder and the head of a result's copy, if there is one that can be read."""
    folder = data / FOLDER / name_copy(asked, release)
    try:
        said = json.loads((folder / "head.json").read_bytes())
        return folder, Frozen(**{**said, "formats": tuple(said["formats"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def choose_format(head: Frozen, name: str | None, accept: str | None) -> Format | None:
    """Return the format in which a client gets a copy; None: there is none that it takes."""
    formats = [format_ for format_ in list_formats(head.query) if format_.name in head.formats]
    return find_format(name, formats) if name else choose(accept, tuple(formats))


def read_copy(folder: Path, chosen: Format) -> bytes:
    """Return a copy in a format, coded with gzip. Raises OSError."""
    return (folder / f"result.{chosen.name}.gz").read_bytes()
