"""Runs of the loader that are killed between two steps on the disk.

    python -m tests.loader.killed_runs

Takes a run a line as JSON, ``{"run": "load", "data": FOLDER, "file": FILE, "step": 3}``, and
answers each with what the run did step by step. A process that has imported all it needs forks one
for each run, so that a run takes no longer than its work. Before the step of that number it is
killed; without one it ends by itself.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from loader.files import files
from loader.parts import part_making
from loader.release import release
from loader.store import bulk, pipeline
from loader.text import index
from loader.workspace import Workspace
from sparql_server.engine.text.storage import layout

__all__ = ["index", "layout", "main", "part_making"]  # imported once for all runs

_STEPS = ((Path, "mkdir"), (Path, "rename"), (Path, "unlink"), (Path, "write_bytes"))


def _watch(data: Path, chosen: int | None, told: int) -> None:
    """Tell of each step on prepared parts, and on what is made of them; kill at one of them."""
    count = 0

    def wrap(name: str, step: Callable[..., Any]) -> Callable[..., Any]:
        def watched(path: Path, *arguments: Any, **named: Any) -> Any:
            nonlocal count
            below = Path(path).relative_to(data) if Path(path).is_relative_to(data) else Path()
            if _concerns_parts(below):
                if count == chosen:
                    os.kill(os.getpid(), signal.SIGKILL)
                count += 1
                os.write(told, f"{name} {below}\n".encode())
            return step(path, *arguments, **named)

        return watched

    for owner, name in _STEPS:
        setattr(owner, name, wrap(name, getattr(owner, name)))
    shutil.rmtree = wrap("rmtree", shutil.rmtree)  # type: ignore[assignment]


def _concerns_parts(below: Path) -> bool:
    """Tell whether a path is of prepared parts, or of a release or columns as a whole."""
    is_whole = len(below.parts) <= 2 and below.parts[:1] in (("work",), ("columns",))
    return "parts" in below.parts or is_whole and below.name.startswith(("0", "columns"))


def _run(said: dict[str, Any]) -> None:
    workspace = Workspace(Path(said["data"]))
    if said["run"] == "load":
        bulk._MANY = 0  # of however little, parts are prepared
        pipeline.load(workspace, files.find_files([Path(said["file"])]), None)
        return
    with pipeline.opened(workspace, "release") as archive:
        release.publish(workspace, archive, 5)


def _fork(said: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        _watch(Path(said["data"]), said.get("step"), writing)
        try:
            _run(said)
        except BaseException as error:
            sys.stderr.write(f"{error!r}\n")
            sys.stderr.flush()
            os._exit(1)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as steps:
        listed = steps.read().splitlines()
    _, status = os.waitpid(child, 0)
    return {"status": os.waitstatus_to_exitcode(status), "steps": listed}


def main() -> None:
    """Run what is asked for, until nothing more is."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_fork(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
