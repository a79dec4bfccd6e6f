"""Text index and schema of a release: made, changed from others, or taken from bulk loading."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from loader.archive.archive import Archive
from loader.parts.part_making import Base, make_parts
from loader.parts.prepared import read_facts, take_parts
from loader.store.columns_state import identify, noted_columns
from loader.store.ledger import Ledger
from loader.workspace import Workspace
from sparql_server.engine.text import FOLDER


def make_or_take_parts(
    workspace: Workspace, archive: Archive, making: Path, folders: Sequence[Path]
) -> dict[str, Any]:
    """Make text index and schema, or take those that bulk loading has made.

    making: folder of the release, which has its columns. folders: of releases, the newest first.
    """
    noted, number = noted_columns(archive), int(making.name)
    changed = Ledger(archive.connection).changed()
    facts = read_facts(workspace.parts, noted) if identify(workspace.columns) == noted else None
    if facts is None:
        return make_parts(making, number, _find_base(noted, changed, folders))
    if changed:
        base = Base(workspace.columns, workspace.parts / FOLDER, changed)
        return make_parts(making, number, base)
    if identify(making / "columns") != noted:  # they had to be made anew
        return make_parts(making, number)
    return take_parts(workspace.parts, facts, making, number)


def _find_base(noted: str | None, changed: Sequence[str], folders: Sequence[Path]) -> Base | None:
    """Return the release since which the graphs noted as changed have changed."""
    for folder in folders:
        if noted is not None and identify(folder / "columns") == noted:
            return Base(folder / "columns", folder / FOLDER, changed)
    return None
