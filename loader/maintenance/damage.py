"""Damage: files of archive, store and releases that are not what the loader has written.

Whether what they say keeps the rules is for ``verification``; this is about bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from loader import disk
from loader.errors import ReleaseError, StoreError
from loader.release import checksums, manifest
from loader.release.release_folders import current_number, list_numbers, release_folder
from loader.store.store import GraphStore
from loader.workspace import Workspace


def find_in_sources(workspace: Workspace) -> Iterator[str]:
    """Yield a sentence for each damaged file of archive, links and store."""
    yield from disk.find_sqlite_faults(workspace.archive)
    yield from disk.find_sqlite_faults(workspace.links)
    if workspace.store.exists():
        faults = list(_check_store(workspace.store))
        yield from faults
        if faults:
            yield from _list_suspects(workspace)


def _list_suspects(workspace: Workspace) -> Iterator[str]:
    """Yield the store's files that are not what the newest release has under the same names.

    RocksDB doesn't always name the file that it complains of.
    """
    number = max(list_numbers(workspace), default=0)
    try:
        sums = manifest.read_checksums(
            manifest.read_manifest(release_folder(workspace, number), number)
        )
    except ReleaseError:
        return
    for name, checksum in (sums or {}).items():
        path = workspace.root / name
        is_data = path.suffix == ".sst" and path.is_file()
        if is_data and checksums.hash_file(path) != checksum:
            yield f"{path}: it is not what release {number} has under this name"


def find_in_releases(workspace: Workspace) -> Iterator[str]:
    """Yield a sentence for each damaged, missing or unknown file of every release."""
    for number in list_numbers(workspace):
        yield from _check_release(release_folder(workspace, number), number)
    if list_numbers(workspace) and current_number(workspace) is None:
        yield (
            f"{workspace.current} is missing or leads nowhere, so that nothing is served:"
            " libris-loader rollback NUMBER sets it"
        )


def _check_release(folder: Path, number: int) -> Iterator[str]:
    try:
        sums = manifest.read_checksums(manifest.read_manifest(folder, number))
    except ReleaseError as error:
        yield str(error)
        return
    if sums is None:  # published before manifests had checksums
        yield from _check_store(folder / "store")
    else:
        yield from checksums.find_faults(folder, sums)
        yield from checksums.find_strangers(folder, {*sums, manifest.NAME})


def _check_store(path: Path) -> Iterator[str]:
    """Yield what can't be read, when every quad is read by every index."""
    try:
        yield from GraphStore(path, read_only=True).unreadable()
    except StoreError as error:
        yield str(error)
