"""Parts prepared beside bulk loading, and a loader that is killed at any step on them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from loader.release import checksums, manifest, release
from loader.store.columns_state import identify
from loader.workspace import Workspace
from tests.loader.test_prepared_parts import described, found
from tests.records import title, write

KILLED = -9


@dataclass(frozen=True)
class Runs:
    """Runs of the loader on copies of a data directory. process: does them, one by one."""

    process: subprocess.Popen[str]
    file: Path

    def run(self, name: str, data: Path, step: int | None = None) -> list[str]:
        """Run it; return its steps, of which it is killed before the last that is asked for."""
        assert self.process.stdin
        assert self.process.stdout
        said = {"run": name, "data": str(data), "file": str(self.file), "step": step}
        print(json.dumps(said), file=self.process.stdin, flush=True)
        done = json.loads(self.process.stdout.readline())
        assert done["status"] == (0 if step is None else KILLED)
        assert step is None or len(done["steps"]) == step
        return list(done["steps"])


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    records = title("a", "Gösta Berlings saga"), title("b", "Jerusalem")
    path = write(tmp_path_factory.mktemp("records") / "r.jsonl", *records)
    command = [sys.executable, "-m", "tests.loader.killed_runs"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as process:
        yield Runs(process, path)
        assert process.stdin
        process.stdin.close()


@pytest.fixture(scope="module")
def loaded(runs: Runs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with prepared parts."""
    data = tmp_path_factory.mktemp("loaded")
    runs.run("load", data)
    assert identify(data / "columns") is not None
    assert (data / "parts" / "facts.json").exists()
    return data


@pytest.fixture(scope="module")
def expected(runs: Runs, loaded: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    data = tmp_path_factory.mktemp("expected") / "data"
    shutil.copytree(loaded, data)
    runs.run("release", data)
    return described(data / "current")


def assert_published(data: Path, expected: dict[str, Any]) -> None:
    """The release that is served is whole, and has what it is to have."""
    workspace = Workspace(data)
    served = release.current_number(workspace)
    assert served is not None
    folder = release.release_folder(workspace, served)
    sums = manifest.read_checksums(release.read_manifest(workspace, served))
    assert sums
    assert list(checksums.find_faults(folder, sums)) == []
    assert described(folder) == expected
    assert found(folder, "jerusalem") == ["https://libris.kb.se/b#it"]
    assert not workspace.parts.exists()


def test_load_killed_while_it_prepares_parts_is_taken_up(
    runs: Runs, expected: dict[str, Any], tmp_path: Path
) -> None:
    steps = runs.run("load", tmp_path / "whole")
    assert "rename work/parts" in steps
    for number in range(len(steps)):
        data = tmp_path / str(number)
        runs.run("load", data, number)
        runs.run("load", data)
        runs.run("release", data)
        assert_published(data, expected)


def test_release_killed_while_it_takes_parts_is_taken_up(
    runs: Runs, loaded: Path, expected: dict[str, Any], tmp_path: Path
) -> None:
    shutil.copytree(loaded, tmp_path / "whole")
    steps = runs.run("release", tmp_path / "whole")
    assert {"unlink parts/facts.json", "rename work/0001", "rmtree parts"} <= set(steps)
    for number in range(len(steps)):
        data = tmp_path / str(number)
        shutil.copytree(loaded, data)
        runs.run("release", data, number)
        runs.run("release", data)
        assert_published(data, expected)
