"""Has the tables of a release made by ``libris-sparql tables``."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from loader.errors import TablesError
from loader.processes import die_with_parent

logger = logging.getLogger(__name__)

FOLDER = "tables"
"""The part of a release that holds them."""

_PACKAGE = "datapackage.json"
_SLOW = "takes longer than others"  # said of a query that the release's store has answered


def make_tables(release: Path, target: Path, former: Iterable[Path] = ()) -> dict[str, Any]:
    """Make the tables of a release in a folder, whole or not at all; return facts about them.

    release: its folder, named by its number. former: folders of other releases; tables of one with
    the same data are taken. Facts: how many ``tables``, ``rows`` and ``bytes``.
    Raises TablesError if they can't be made.
    """
    command = [sys.executable, "-m", "sparql_server.cli", "tables", str(release), str(target)]
    command += [part for folder in former for part in ("--former", str(folder))]
    # Not Popen's default: a process that outlived this one would write into a folder of the next.
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=die_with_parent,
    )
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    if done.returncode:
        said = lines[-1] if lines else f"the command ended with {done.returncode}"
        raise TablesError(said.removeprefix("Error: "))
    for line in lines:
        if _SLOW in line:
            logger.warning("%s", line)
    return _read_facts(target)


def _read_facts(folder: Path) -> dict[str, Any]:
    try:
        resources = orjson.loads((folder / _PACKAGE).read_bytes())["resources"]
        return {
            "tables": len(resources),
            "rows": sum(int(resource["rows"]) for resource in resources),
            "bytes": sum(
                int(file["bytes"]) for resource in resources for file in resource["files"]
            ),
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TablesError(f"what was made can't be read: {error}") from error
