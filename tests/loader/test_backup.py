"""Backups: whole or not there, of one moment whoever writes, and put back where nothing is."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from loader.errors import BackupError
from loader.link.runs.judgements import Judgement, append_judgements
from loader.maintenance import backup
from loader.store import pipeline
from loader.workspace import Workspace
from tests.conftest import SAMPLE
from tests.loader.test_damage import complaint, flip, run
from tests.loader.test_harvest import is_sound, is_whole
from tests.records import stored, title, write
from tests.standin import faults
from tests.standin.catalogue import Catalogue
from tests.standin.server import Standin


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, published three times, linked once, and judged."""
    data = tmp_path_factory.mktemp("kept") / "data"
    assert run("load", "--data", data, SAMPLE).returncode == 0
    for _ in range(3):
        run("release", "--data", data)
    assert run("link", "--data", data).returncode == 0
    judgement = Judgement("urn:a", "urn:b", "no", "K. Librarian", "2026-11-28T00:00:00Z", "seen")
    append_judgements(Workspace(data).judgements, [judgement])
    return data


def test_what_is_restored_is_what_was_backed_up(data: Path, tmp_path: Path) -> None:
    kept, back = tmp_path / "kept", tmp_path / "new" / "data"
    done = run("backup", "--data", data, kept)
    assert (done.returncode, done.stdout) == (0, f"{kept}\n")
    assert sorted(path.name for path in kept.iterdir()) == [
        "archive.sqlite",
        "backup.json",
        "judgements.tsv",
        "links.sqlite",
    ]
    restored = run("restore", "--data", back, kept)
    assert restored.returncode == 0
    command = restored.stdout.split()
    assert command[0] == "libris-loader"
    assert run(*command[1:]).stdout == "4\n", "the numbers of releases go on"
    assert run("verify", "--data", back).returncode == 0
    assert stored(back / "store") == stored(data / "store")
    for name in ("judgements.tsv",):
        assert (back / name).read_bytes() == (data / name).read_bytes()
    links = [run("link", "report", "--json", "--data", folder).stdout for folder in (data, back)]
    assert json.loads(links[0]) == json.loads(links[1])


def test_nothing_that_is_there_is_written_over(data: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    assert run("backup", "--data", data, kept).returncode == 0
    before = {path: path.read_bytes() for path in kept.iterdir()}
    assert "is there already" in complaint(run("backup", "--data", data, kept))
    assert before == {path: path.read_bytes() for path in kept.iterdir()}
    assert "is there already" in complaint(run("restore", "--data", data, kept))
    assert run("verify", "--data", data).returncode == 0
    assert "within the data directory" in complaint(run("backup", "--data", data, data / "kept"))
    assert "nothing to back up" in complaint(run("backup", "--data", tmp_path / "no", kept / "x"))
    (tmp_path / "empty").mkdir()
    assert run("restore", "--data", tmp_path / "empty", kept).returncode == 0


@pytest.mark.parametrize("name", ["archive.sqlite", "links.sqlite", "backup.json"])
def test_backup_that_is_damaged_is_not_restored(data: Path, tmp_path: Path, name: str) -> None:
    kept, back = tmp_path / "kept", tmp_path / "back"
    run("backup", "--data", data, kept)
    for spoil in (flip, Path.unlink):
        whole = (kept / name).read_bytes()
        spoil(kept / name)
        assert name in complaint(run("restore", "--data", back, kept))
        assert not back.exists()
        (kept / name).write_bytes(whole)
    assert [path for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_damaged_archive_makes_no_backup(data: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(data, tmp_path / "data", symlinks=True)
    content = bytearray((copy / "archive.sqlite").read_bytes())
    content[8192:] = os.urandom(len(content) - 8192)
    (copy / "archive.sqlite").write_bytes(content)
    complaint(run("backup", "--data", copy, tmp_path / "kept"))
    assert not (tmp_path / "kept").exists()


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of some tens of megabytes."""
    folder = tmp_path_factory.mktemp("large")
    chance = random.Random(1)
    some = (title(f"r{n}", chance.randbytes(20_000).hex()) for n in range(500))
    workspace = Workspace(folder / "data")
    from loader.files import files

    pipeline.load(workspace, files.find_files([write(folder / "r.jsonl", *some)]), None)
    return folder / "data"


@pytest.mark.parametrize("seed", range(2))
def test_killed_backup_is_never_taken_for_a_whole_one(
    large: Path, tmp_path: Path, seed: int
) -> None:
    chance, killed = random.Random(seed), 0
    kept = tmp_path / "kept"
    command = [sys.executable, "-m", "loader.cli", "backup", "--data", str(large), str(kept)]
    while not kept.exists() and killed < 3:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while process.poll() is None and not (tmp_path / ".kept.part").exists():
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.1))
        process.kill()
        process.wait()
        if not kept.exists():
            killed += 1
            restored = run("restore", "--data", tmp_path / "no", tmp_path / ".kept.part")
            if restored.returncode:
                complaint(restored)
            else:  # it was whole, and lacked nothing but its name
                assert run("apply", "--data", tmp_path / "no").returncode == 0
                assert is_sound(Workspace(tmp_path / "no"))
                shutil.rmtree(tmp_path / "no")
    if not kept.exists():
        assert run("backup", "--data", large, kept).returncode == 0
    assert not (tmp_path / ".kept.part").exists()
    restore = [sys.executable, "-m", "loader.cli", "restore", "--data", str(tmp_path / "back")]
    with subprocess.Popen([*restore, str(kept)], stderr=subprocess.DEVNULL) as process:
        time.sleep(chance.uniform(0.2, 0.4))
        process.kill()
    if not (tmp_path / "back").exists():
        assert run("restore", "--data", tmp_path / "back", kept).returncode == 0
    assert run("apply", "--data", tmp_path / "back").returncode == 0
    assert is_sound(Workspace(tmp_path / "back"))


def test_backup_that_another_process_makes_is_left_alone(large: Path, tmp_path: Path) -> None:
    import fcntl

    part = tmp_path / ".kept.part"
    part.mkdir()
    descriptor = os.open(part, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with pytest.raises(BackupError, match="is being made by another process"):
        backup.backup(Workspace(large), tmp_path / "kept")
    os.close(descriptor)
    backup.backup(Workspace(large), tmp_path / "kept")


@pytest.fixture
def libris() -> Iterator[Standin]:
    """Two hundred records, five to a page, each page after a moment."""
    catalogue = Catalogue(page_size=5)
    for number in range(200):
        date = f"2024-05-01T{number // 60:02d}:{number % 60:02d}:00+02:00"
        catalogue.put(title(f"t{number:03d}", f"Titel {number}"), datestamp=date)
    with Standin(catalogue, lambda number, body: faults.Answer(body, silence=0.03)) as standin:
        yield standin


def test_backup_amid_a_harvest_goes_on_from_its_cursor(tmp_path: Path, libris: Standin) -> None:
    data, backups = tmp_path / "data", []
    command = [sys.executable, "-m", "loader.cli", "harvest", "--data", str(data)]
    with subprocess.Popen([*command, "--base-url", libris.url], stderr=subprocess.PIPE) as harvest:
        while harvest.poll() is None and len(backups) < 3:
            if len(libris.asked) > 3 + 8 * len(backups):
                kept = tmp_path / f"kept{len(backups)}"
                assert run("backup", "--data", data, kept).returncode == 0
                backups.append(kept)
        harvest.communicate()
        assert harvest.returncode == 0
    assert len(backups) > 1
    libris.spoil = lambda number, body: faults.Answer(body)
    for number, kept in enumerate(backups):
        back = tmp_path / f"back{number}"
        assert run("restore", "--data", back, kept).returncode == 0
        asked = len(libris.asked)
        assert run("harvest", "--data", back, "--base-url", libris.url).returncode == 0
        if number == 0:
            assert len(libris.asked) - asked < 41, "it has gone on, not begun again"
        assert is_whole(Workspace(back), libris)
        assert is_sound(Workspace(back))


def test_databases_are_copied_as_they_were_at_one_moment(tmp_path: Path) -> None:
    """A writer adds to links and then to the archive: no copy has more in the second."""
    workspace = Workspace(tmp_path / "data")
    workspace.root.mkdir()
    both = [
        sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        for path in (workspace.links, workspace.archive)
    ]
    for connection in both:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE n (n INTEGER)")
    stop = threading.Event()

    def count() -> None:
        number = 0
        while not stop.wait(0.0005):
            number += 1
            for connection in both:
                connection.execute("INSERT INTO n VALUES (?)", (number,))

    writer = threading.Thread(target=count)
    writer.start()
    try:
        for number in range(30):
            kept = tmp_path / f"kept{number}"
            backup.backup(workspace, kept)
            links, archive = (
                sqlite3.connect(kept / name).execute("SELECT count(*) FROM n").fetchone()[0]
                for name in ("links.sqlite", "archive.sqlite")
            )
            assert archive <= links <= archive + 1
    finally:
        stop.set()
        writer.join()
        for connection in both:
            connection.close()
