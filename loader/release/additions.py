"""The parts of a release that are made on request: with it, or later.

A part that is added later is made beside the release, moved into it by one rename, and then noted
in the manifest: a process that is killed on the way leaves the release as it was, or with a folder
that nothing knows of, which the next run removes.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from loader import disk
from loader.dumps import dump_making
from loader.errors import LoaderError, ReleaseError
from loader.release import checksums, manifest
from loader.tables import table_process
from loader.workspace import Workspace

logger = logging.getLogger(__name__)

Facts = dict[str, Any]

_MAKERS: Mapping[str, Callable[[Path, Path, Sequence[Path]], Facts]] = {
    table_process.FOLDER: table_process.make_tables,
    dump_making.FOLDER: lambda release, target, _: dump_making.make_dumps(release, target),
}

PARTS = tuple(_MAKERS)
"""The parts that there are, which are also their folders."""


def make_wanted(release: Path, wanted: Collection[str], former: Sequence[Path] = ()) -> Facts:
    """Make parts of a release in its folder; return what the manifest says of them.

    former: folders of other releases, from which what is the same may be taken. One that can't be
    made is said, and the release is published without it.
    """
    facts = {}
    for name in PARTS:
        if name in wanted:
            try:
                facts[name] = _make(name, release, release / name, former)
            except (LoaderError, OSError) as error:
                logger.warning("The release has no %s: %s.", name, error)
                facts[name] = {"missing": str(error)}
    return facts


def add_part(workspace: Workspace, release: Path, name: str) -> bool:
    """Add a part to a release that is published; tell whether it lacked it.

    Raises LoaderError if it can't be made, and OSError if the disk refuses; then nothing has
    changed.
    """
    number = int(release.name)
    said = manifest.read_manifest(release, number)
    facts = said.get("parts", {}).get(name, {"missing": "nobody asked for it"})
    if "missing" not in facts and (release / name).is_dir():
        return False
    if "files" not in said:
        raise ReleaseError(f"release {number} was published before there were checksums")
    made = workspace.make(workspace.root / "work" / f"{release.name}-{name}")
    shutil.rmtree(made, ignore_errors=True)
    facts = _make(name, release, made, _list_others(release))
    sums = checksums.encode_sums(checksums.hash_folder(made))
    shutil.rmtree(release / name, ignore_errors=True)  # of a run that was killed here
    made.rename(release / name)
    disk.sync(release)
    others = {path: of for path, of in said["files"].items() if not path.startswith(f"{name}/")}
    files = {**others, **{f"{name}/{path}": of for path, of in sums.items()}}
    parts = {**said.get("parts", {}), name: facts}
    manifest.replace_manifest(release, {**said, "parts": parts, "files": files})
    return True


def _list_others(release: Path) -> list[Path]:
    """Return the folders of the releases beside one, the newest first."""
    folders = [folder for folder in release.parent.iterdir() if folder.name.isdigit()]
    others = [folder for folder in folders if folder.name != release.name]
    return sorted(others, key=lambda folder: int(folder.name), reverse=True)


def _make(name: str, release: Path, target: Path, former: Sequence[Path]) -> Facts:
    began = time.monotonic()
    facts = _MAKERS[name](release, target, former)
    disk.sync_folder(target)
    seconds = time.monotonic() - began
    logger.info("The %s of release %d are made, in %.1f s.", name, int(release.name), seconds)
    return {**facts, "seconds": round(seconds, 2)}
