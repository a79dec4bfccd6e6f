"""Releases: numbered, immutable snapshots of the store, published by one rename.

releases/0007/  store/  columns/  text/  changes/  schema.json  deleted.tsv  manifest.json
                void.ttl
current -> releases/0007
"""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from loader import disk
from loader.archive.archive import Archive
from loader.errors import ReleaseError
from loader.release import changes, checksums, manifest
from loader.release.change_graph import put_changes
from loader.release.content_making import make_contents
from loader.release.release_folders import current_number, list_numbers, point_to, release_folder
from loader.store.columns_state import note_columns
from loader.store.ledger import Ledger
from loader.store.store import GraphStore
from loader.workspace import KEEP_CHANGES, Workspace

_PUBLISHED = "published"
_NUMBERED = "newest release"
_ROLLED_BACK = "rolled back"


@dataclass(frozen=True, slots=True)
class Release:
    """A published release.

    published: UTC, ``2026-11-23T20:15:04Z``. current: whether it is the one that is served.
    """

    number: int
    published: str
    quads: int
    graphs: int
    current: bool


def publish(
    workspace: Workspace,
    archive: Archive,
    keep: int,
    wanted: Collection[str] = (),
    *,
    keep_changes: int = KEEP_CHANGES,
    history: bool = False,
) -> int:
    """Publish the store as it is; return the release's number.

    keep: how many releases to leave, this one included; the current one always stays. wanted: parts
    of ``additions.PARTS`` that it is to have, too. keep_changes: of how many releases to keep what
    changed with them. history: whether to put that into the data, too.
    Either all of it is there afterwards, or nothing has changed.
    """
    if not workspace.store.exists():
        raise ReleaseError("nothing to publish: load something first")
    former = max(list_numbers(workspace), default=0)
    number = max(former, int(archive.reader.state(_NUMBERED) or 0)) + 1
    before = release_folder(workspace, former) if former else None
    making = _make_folder(workspace, number)
    store = GraphStore(workspace.store)
    log = changes.plan_log(archive, making, before, keep_changes)
    if history:
        log = changes.make_log(log, store)
        put_changes(archive, store, making)
    store.flush()
    store.backup(making / "store")
    identifier = make_contents(workspace, archive, store, making, log, wanted)
    _serve(workspace, making, number)
    _note_published(archive, number, identifier)
    _remove_prepared(workspace)
    prune(workspace, keep)
    return number


def _make_folder(workspace: Workspace, number: int) -> Path:
    """Make the folder that a release is made in, beside those that are published."""
    making = workspace.make(workspace.root / "work" / f"{number:04}")
    making.mkdir()
    return making


def _serve(workspace: Workspace, making: Path, number: int) -> None:
    """Put a release that is made where releases lie, and serve it."""
    making.rename(workspace.make(release_folder(workspace, number)))
    disk.sync(workspace.releases)
    point_to(workspace, number)


def _note_published(archive: Archive, number: int, identifier: str | None) -> None:
    """Note what was published, and the columns that the next release begins with."""
    with archive.transaction():
        archive.remember(_PUBLISHED, _generation(archive))
        note_columns(archive, identifier)
        archive.remember(_NUMBERED, str(number).encode())
        archive.remember(_ROLLED_BACK, None)


def _remove_prepared(workspace: Workspace) -> None:
    """Remove what was prepared beside bulk loading: the release has it, or couldn't use it."""
    for folder in (workspace.columns, workspace.parts):
        shutil.rmtree(folder, ignore_errors=True)


def is_unchanged(workspace: Workspace, archive: Archive) -> bool:
    """Tell whether the newest release is the current one and holds what the store holds."""
    there = list_numbers(workspace)
    return bool(there) and current_number(workspace) == max(there) and _is_published(archive)


def _is_published(archive: Archive) -> bool:
    """Tell whether the store is as it was when a release was last made."""
    return archive.reader.state(_PUBLISHED) == _generation(archive)


def explain_unpublished(workspace: Workspace, archive: Archive) -> str | None:
    """Say why there is nothing to publish, and which release is served; None if there is.

    Something is to be published when the store has changed since the newest release was made.
    After a rollback, that alone is no reason: something must have come since, that is, a record
    or graph was taken in or deleted, or links have changed.
    """
    served = current_number(workspace)
    if served is None:
        return None
    if is_unchanged(workspace, archive):
        return f"release {served} is served, and nothing has changed since it was published"
    note = orjson.loads(archive.reader.state(_ROLLED_BACK) or b"{}")
    if _is_published(archive) or note == {"release": served, "arrivals": archive.reader.arrivals()}:
        return f"release {served} is served since a rollback, and nothing has come since"
    return None


def _generation(archive: Archive) -> bytes:
    return str(Ledger(archive.connection).generation()).encode()


def list_releases(workspace: Workspace) -> list[Release]:
    """Return what has been published and is still there, oldest first.

    Raises ReleaseError if a manifest can't be read.
    """
    return [load_release(workspace, number) for number in list_numbers(workspace)]


def load_release(workspace: Workspace, number: int) -> Release:
    """Return a release; raise ReleaseError if there is none, or its manifest can't be read."""
    said = read_manifest(workspace, number)
    served = current_number(workspace)
    try:
        counts = said["published"], said["quads"], said["graphs"]
    except KeyError as error:
        raise ReleaseError(f"release {number}: its manifest is damaged: no {error}") from error
    return Release(number, *counts, number == served)


def read_manifest(workspace: Workspace, number: int) -> dict[str, Any]:
    """Return a release's manifest; raise ReleaseError if there is no such release."""
    return manifest.read_manifest(release_folder(workspace, number), number)


def find_lacking(workspace: Workspace, number: int, wanted: Collection[str]) -> str | None:
    """Say why a release lacks a part that was wanted; None if it has them all."""
    parts = read_manifest(workspace, number).get("parts", {})
    for name in wanted:
        reason = parts.get(name, {}).get("missing")
        if reason is not None:
            return f"release {number} has no {name}: {reason}"
    return None


def roll_back(workspace: Workspace, number: int | None, archive: Archive | None = None) -> int:
    """Serve an earlier release again, by default the one before the current; return its number.

    It stays until something new has come. archive: None if it can't be used; then an update also
    publishes what had come before. Raises ReleaseError if there is no such release, or files of it
    are missing or cut.
    """
    served = current_number(workspace)
    if number is None:
        earlier = [
            other for other in list_numbers(workspace) if served is not None and other < served
        ]
        if not earlier:
            raise ReleaseError("there is no earlier release to return to")
        number = earlier[-1]
    _check(workspace, number)
    if archive is not None:
        # First the note, which means nothing as long as another release is served.
        note = {"release": number, "arrivals": archive.reader.arrivals()}
        with archive.transaction():
            archive.remember(_ROLLED_BACK, orjson.dumps(note))
    point_to(workspace, number)
    return number


def _check(workspace: Workspace, number: int) -> None:
    """Raise ReleaseError if a release can't be served."""
    sums = manifest.read_checksums(read_manifest(workspace, number)) or {}
    place = release_folder(workspace, number)
    fault = next(checksums.find_faults(place, sums, sizes_only=True), None)
    if fault:
        raise ReleaseError(f"release {number} is damaged: {fault}. Nothing has changed")


def prune(workspace: Workspace, keep: int) -> None:
    """Remove the oldest releases until no more than ``keep`` are left; never the current one."""
    there, served = list_numbers(workspace), current_number(workspace)
    for number in there[: max(len(there) - keep, 0)]:
        if number != served:
            # Away first: a release that was half removed would be no release.
            away = workspace.make(workspace.root / "work" / f"{number:04}-old")
            release_folder(workspace, number).rename(away)
            shutil.rmtree(away)
