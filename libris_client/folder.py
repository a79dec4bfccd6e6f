"""A release in a folder, without a server: its tables, and queries by the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from libris_client.errors import LibrisError, NotHere, make_refusal
from libris_client.tables import PACKAGE, Tables, make_tables

_COMMAND = "sparql_server.cli"


class Folder:
    """The folder of a release, or a data directory, whose current release it is."""

    def __init__(self, path: Path, release: int | None = None) -> None:
        self.path = _find_release(path, release)
        self.release = int(self.path.resolve().name)

    def tables(self, language: str) -> Tables:
        """Return the release's tables. Raises NotHere if it has none."""
        folder = self.path / "tables"
        try:
            package: dict[str, Any] = json.loads((folder / PACKAGE).read_bytes())
        except (OSError, ValueError) as error:
            raise NotHere(
                f"release {self.release} has no tables: libris-loader tables makes them"
            ) from error
        return make_tables(package, str(folder), "", lambda name: folder / name, language)

    def query(self, text: str) -> bytes:
        """Return a query's result as an Arrow stream. Raises LibrisError."""
        with TemporaryDirectory() as data:
            (Path(data) / "current").symlink_to(self.path.resolve())
            command = [sys.executable, "-m", _COMMAND, "query", "--data", data]
            done = subprocess.run(
                [*command, "--format", "arrow", "-"], input=text.encode(), capture_output=True
            )
        if done.returncode:
            raise _read_error(done.stderr.decode(errors="replace").strip())
        return done.stdout


def _find_release(path: Path, release: int | None) -> Path:
    """Return the folder of a release. Raises NotHere."""
    if release is not None and (path / "releases" / f"{release:04}").is_dir():
        return path / "releases" / f"{release:04}"
    found = path / "current" if (path / "current").is_dir() else path
    if not (found / "manifest.json").is_file() or not found.resolve().name.isdigit():
        raise NotHere(
            f"{path} is no folder of a release, and no data directory with one;"
            " the address of a server begins with http:// or https://"
        )
    if release is not None and int(found.resolve().name) != release:
        raise make_refusal(410, {"detail": f"{path} has no release {release}."})
    return found


def _read_error(said: str) -> LibrisError:
    last = said.splitlines()[-1].removeprefix("Error: ") if said else "it said nothing"
    if "No module named" in last:
        return NotHere("queries on a folder need the package of the server; its tables don't")
    return make_refusal(400, {"detail": said.removeprefix("Error: ")})
