"""The manifest of a release: contents, sources, freshness, and the checksums of its files."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from loader import disk
from loader.archive.archive import Archive
from loader.errors import ReleaseError
from loader.parts.part_making import read_schema
from loader.release import checksums, freshness, void
from loader.release.checksums import Hashing, Sums
from loader.store.ledger import Ledger

FORMAT = 2
"""Of manifest and folder; 1, which isn't written in it, had no checksums and no freshness."""

NAME = "manifest.json"
LINK_COUNTS = "link counts"
"""Under which name the archive has how many derived links there are: kind, file, method, count."""

_IDENTIFIER = "store identifier"
_TOOLS = ("libris-linked-data", "pyoxigraph")


def make_manifest(archive: Archive, number: int, graphs: int) -> dict[str, Any]:
    """Return what a release's manifest says of what the store holds now.

    graphs: how many named graphs it has.
    """
    tally = Ledger(archive.connection).tally()
    properties = _sort({iri: n for (kind, iri), n in tally.items() if kind == "property"})
    return {
        "release": number,
        "format": FORMAT,
        "store": _identifier(archive),
        "published": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "records": archive.reader.record_count(),
        "graphs": graphs,
        "quads": sum(properties.values()),
        "classes": _sort({iri: n for (kind, iri), n in tally.items() if kind == "class"}),
        "properties": properties,
        "links": orjson.loads(archive.reader.state(LINK_COUNTS) or b"[]"),
        "sources": archive.reader.sources(),
        "quarantined": archive.reader.quarantine_count(),
        "freshness": freshness.read_figures(archive),
        "tools": {name: version(name) for name in _TOOLS},
    }


def _identifier(archive: Archive) -> str:
    """Return what tells this store from others: their releases have the same numbers."""
    found = archive.reader.state(_IDENTIFIER)
    if found is None:
        found = uuid.uuid4().hex.encode()
        with archive.transaction():
            archive.remember(_IDENTIFIER, found)
    return found.decode()


def _sort(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def begin_hashing(folder: Path, former: Path | None) -> Hashing:
    """Return what makes the checksums of a release's files.

    former: the release before, if any, whose checksums are taken over where files are the same.
    """
    try:
        known = read_checksums(read_manifest(former, 0)) if former else None
    except ReleaseError:
        known = None
    return Hashing(folder, former, known)


def write_manifest(folder: Path, said: dict[str, Any], hashing: Hashing) -> None:
    """Write manifest and VoID into a release's folder, with the checksums of all files there."""
    text = void.describe(said, read_schema(folder))
    (folder / "void.ttl").write_text(text, encoding="utf-8")
    whole = said | {"files": checksums.encode_sums(hashing.finish())}
    (folder / NAME).write_bytes(_seal(whole))
    for name in (NAME, "void.ttl"):
        with open(folder / name, "rb") as stream:
            os.fsync(stream.fileno())


def replace_manifest(folder: Path, said: Mapping[str, Any]) -> None:
    """Replace the manifest of a release, which has the new one or that of before.

    said: all of it but its own checksum, which is made anew.
    """
    part = folder / f".{NAME}.part"
    rest = {name: value for name, value in said.items() if name != "sha256"}
    part.write_bytes(_seal(rest))
    with open(part, "rb") as stream:
        os.fsync(stream.fileno())
    os.replace(part, folder / NAME)
    disk.sync(folder)


def _seal(said: Mapping[str, Any]) -> bytes:
    return orjson.dumps(checksums.seal(said), option=orjson.OPT_INDENT_2)


def read_manifest(folder: Path, number: int) -> dict[str, Any]:
    """Return what a release's manifest says.

    Raises ReleaseError if there is no such release, or the manifest is damaged.
    """
    try:
        found = orjson.loads((folder / NAME).read_bytes())
    except FileNotFoundError as error:
        if folder.is_dir():
            raise ReleaseError(
                f"release {number} is damaged: {folder / NAME} is missing"
            ) from error
        raise ReleaseError(f"there is no release {number}") from error
    except (OSError, orjson.JSONDecodeError) as error:
        raise ReleaseError(f"release {number} is damaged: {folder / NAME}: {error}") from error
    if not (isinstance(found, dict) and _is_whole(found)):
        raise ReleaseError(f"release {number} is damaged: {folder / NAME} is not as it was written")
    return found


def _is_whole(found: dict[str, Any]) -> bool:
    is_of_format_1 = not {"format", "files", "sha256"} & found.keys()
    return is_of_format_1 or checksums.is_whole(found)


def read_checksums(said: Mapping[str, Any]) -> Sums | None:
    """Return the checksums of a release's files; None if it was published before there were any.

    Raises ReleaseError if they can't be read.
    """
    if "files" not in said:
        return None
    try:
        return checksums.decode_sums(said["files"])
    except ValueError as error:
        raise ReleaseError(f"release {said.get('release')}: {error}") from error
