"""A loader killed at any moment: the same command again gives what it would have given."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from loader.maintenance.verification import find_breaches
from loader.store import pipeline
from loader.store.store import GraphStore
from loader.workspace import Workspace
from tests.records import heading, record, stored, title, write

pytestmark = pytest.mark.long

RECORDS = 2500


def records(changed: bool = False) -> list[dict[str, object]]:
    made: list[dict[str, object]] = []
    for number in range(RECORDS):
        text = f"Titel {number}" + (" igen" if changed and number % 3 == 0 else "")
        made.append(title(f"r{number}", text))
    subject = {"subject": [heading("Archives", note="new" if changed else "old")]}
    return [*made, *(record(f"s{number}", subject) for number in range(20))]


def command(data: Path, path: Path) -> list[str]:
    return [sys.executable, "-m", "loader.cli", "-q", "load", "--data", str(data), str(path)]


def kill_after(command: list[str], seconds: float) -> bool:
    """Run a command and kill it; return whether it was still running."""
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    time.sleep(seconds)
    running = process.poll() is None
    process.kill()
    process.wait()
    return running


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("files")
    first, second = folder / "first", folder / "second"
    first.mkdir()
    second.mkdir()
    return write(first / "r.jsonl", *records()), write(second / "r.jsonl", *records(True))


@pytest.fixture(scope="module")
def expected(files: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    data = tmp_path_factory.mktemp("whole")
    for path in files:
        subprocess.run(command(data, path), check=True)
    return stored(data / "store")


@pytest.mark.parametrize("seed", range(4))
def test_killed_load_goes_on_to_the_same_result(
    files: tuple[Path, Path], expected: list[str], tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    killed = 0
    for path in files:
        for _ in range(3):
            killed += kill_after(command(tmp_path, path), chance.uniform(0.1, 0.6))
        subprocess.run(command(tmp_path, path), check=True)
    assert killed > 0
    assert stored(tmp_path / "store") == expected
    workspace = Workspace(tmp_path)
    with pipeline.opened(workspace, "test") as archive:
        assert list(find_breaches(archive, GraphStore(workspace.store), lambda _: None)) == []


def test_batch_noted_but_not_done_is_done_by_the_next_run(tmp_path: Path) -> None:
    """The moment between the note in the archive and the work in the store."""
    from loader.archive.archive import Archive, connect
    from loader.store.apply import Applier

    workspace = Workspace(tmp_path / "data")
    load = [title("a", "Ett")], [title("a", "Två")]
    from loader.files import files as inputs

    pipeline.load(workspace, inputs.find_files([write(tmp_path / "r.jsonl", *load[0])]), None)

    class Killed(Exception):
        pass

    class Cut(GraphStore):
        def change(self, changes: object) -> None:
            raise Killed

    path = write(tmp_path / "r.jsonl", *load[1])
    archive = Archive(connect(workspace.archive))
    (arrival,) = inputs.read_file(inputs.find_files([path])[0])
    assert not isinstance(arrival, inputs.Unreadable)
    with archive.transaction():
        archive.store([arrival], 1, "2026-11-23T20:00:00Z")
    with pytest.raises(Killed):
        Applier(archive, Cut(workspace.store)).apply(archive.reader.pending(), lambda _: None)
    assert json.loads(archive.reader.state(Applier.NOTE) or b"")["graphs"] == [
        "https://libris.kb.se/a"
    ]
    archive.connection.close()
    with pipeline.opened(workspace, "test") as archive:
        assert archive.reader.state(Applier.NOTE) is None
        assert archive.reader.pending() == []
        assert list(find_breaches(archive, GraphStore(workspace.store), lambda _: None)) == []
    assert any('"Två"' in line for line in stored(workspace.store))
