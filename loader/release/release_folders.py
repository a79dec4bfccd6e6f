"""The releases of a data directory by number: which there are, where each lies, which is served."""

from __future__ import annotations

import os
import re
from pathlib import Path

from loader import disk
from loader.errors import ReleaseError
from loader.workspace import Workspace

_NUMBER = re.compile(r"\d{4,}")


def current_number(workspace: Workspace) -> int | None:
    """Return the number of the release that is served; None if there is none."""
    try:
        name = Path(os.readlink(workspace.current)).name
    except OSError:
        return None
    return int(name) if _NUMBER.fullmatch(name) and workspace.current.exists() else None


def release_folder(workspace: Workspace, number: int) -> Path:
    """Return where a release lies."""
    return workspace.releases / f"{number:04}"


def list_numbers(workspace: Workspace) -> list[int]:
    """Return the numbers of the releases that are there, oldest first."""
    if not workspace.releases.exists():
        return []
    names = (path.name for path in workspace.releases.iterdir())
    return sorted(int(name) for name in names if _NUMBER.fullmatch(name))


def point_to(workspace: Workspace, number: int) -> None:
    """Replace the ``current`` link: a reader sees the old release or the new one."""
    if workspace.current.is_dir() and not workspace.current.is_symlink():
        raise ReleaseError(f"{workspace.current} is a folder and should be a link: move it away")
    link = workspace.make(workspace.root / "work" / "current")
    link.unlink(missing_ok=True)
    link.symlink_to(Path("releases") / f"{number:04}")
    link.rename(workspace.current)
    disk.sync(workspace.root)
