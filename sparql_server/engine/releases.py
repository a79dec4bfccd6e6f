"""Releases: the one that is served, which the ``current`` link points to, and its manifest."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sparql_server.errors import StartError


@dataclass(frozen=True, slots=True)
class Release:
    """A published release. path: its directory, which never changes."""

    number: int
    path: Path

    @property
    def store(self) -> Path:
        """The Oxigraph store in it."""
        return self.path / "store"

    def manifest(self) -> dict[str, Any]:
        """Return the release's manifest; empty if it can't be read."""
        try:
            return dict(json.loads((self.path / "manifest.json").read_bytes()))
        except (OSError, ValueError):
            return {}

    def freshness(self) -> dict[str, Any]:
        """Return how fresh the data is: the loader's last word, else what the manifest says.

        Empty if neither can be read. An update that brings nothing publishes nothing, so that the
        manifest doesn't know of it; the loader's figures lie beside the releases.
        """
        for read in (self._noted, lambda: self.manifest().get("freshness")):
            freshness = read()
            if isinstance(freshness, dict):
                return freshness
        return {}

    def _noted(self) -> object:
        if self.path.parent.name != "releases":
            return None  # a remote store without a release beside it
        try:
            return json.loads((self.path.parents[1] / "freshness.json").read_bytes())
        except (OSError, ValueError):
            return None


def find_current(data: Path) -> Release | None:
    """Return the release that the ``current`` link points to, or None."""
    try:
        path = data / os.readlink(data / "current")
        return Release(int(path.name), path)
    except (OSError, ValueError):
        return None


def open_release(path: Path) -> Release:
    """Return the release in a folder. Raises StartError if it is none."""
    try:
        return Release(int(path.resolve().name), path)
    except ValueError as error:
        raise StartError(f"{path} is no folder of a release: its name is no number") from error


def identify_release(release: Release) -> str:
    """Return what tells a release from those of the same number that other stores have.

    It is made of the manifest, which has the identifier of the store and when it was published.
    Manifests of before have no identifier: the directory that they lie in stands for it.
    """
    manifest = release.manifest()
    place = [] if "store" in manifest else _place(release.path)
    text = json.dumps([type(release).__name__, place, manifest], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _place(path: Path) -> list[str | int]:
    try:
        status = os.stat(path)
    except OSError:
        return [str(path.absolute())]
    return [str(path.absolute()), status.st_dev, status.st_ino, status.st_mtime_ns]
