"""Makes the contents of a release beside its store: columns, what is made of them, log, manifest.

What doesn't wait for each other goes side by side: the log beside the columns, and checksums of
what is whole beside the rest.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from loader.archive.archive import Archive
from loader.release import changes, columns, manifest
from loader.release.additions import make_wanted
from loader.release.release_folders import list_numbers, release_folder
from loader.release.release_parts import make_or_take_parts
from loader.store.store import GraphStore
from loader.workspace import Workspace
from sparql_server.records.deleted import NAME as DELETED
from sparql_server.records.deleted import write_deleted


def make_contents(
    workspace: Workspace,
    archive: Archive,
    store: GraphStore,
    making: Path,
    log: changes.Log,
    wanted: Collection[str],
) -> str | None:
    """Make all of a release but for its store, side by side; return what identifies its columns.

    log: as far as it is made.
    """
    numbers = list_numbers(workspace)[::-1]
    folders = [release_folder(workspace, number) for number in numbers]
    bases = [*(folder / "columns" for folder in folders), workspace.columns]
    with (
        manifest.begin_hashing(making, folders[0] if folders else None) as hashing,
        changes.making_log(log) as finish_log,
    ):
        hashing.add(making / "store")
        identifier = columns.make_columns(archive, store, making / "columns", bases)
        hashing.add(making / "columns")
        parts = make_or_take_parts(workspace, archive, making, folders)
        parts |= make_wanted(making, wanted, folders)
        said = _describe(archive, store, making)
        said |= {"parts": parts, "changes": finish_log()}
        manifest.write_manifest(making, said, hashing)
    return identifier


def _describe(archive: Archive, store: GraphStore, making: Path) -> dict[str, Any]:
    """Return the manifest of a release but for its parts; write which records are deleted."""
    graphs = columns.count_graphs(making / "columns", store)
    said = manifest.make_manifest(archive, int(making.name), graphs)
    said["deleted"] = write_deleted(making / DELETED, archive.reader.deletions())
    return said
