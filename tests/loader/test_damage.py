"""Damaged files, and a disk that is full, read-only or laid out wrongly: a line, and exit 1."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from loader.maintenance import damage
from loader.workspace import Workspace
from tests.commands import run_loader as run
from tests.records import title, write

pytestmark = pytest.mark.long

IS_ROOT = os.geteuid() == 0

Spoil = Callable[[Path], None]


def complaint(done: subprocess.CompletedProcess[str]) -> str:
    """Return the line that a command ended with, if it ended as it should."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("Error: "), done.stderr
    return last


def records(folder: Path, count: int = 300) -> Path:
    return write(folder / "r.jsonl", *(title(f"r{n}", f"Titel {n}") for n in range(count)))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with two releases, and changes since the first that stand in new files."""
    folder = tmp_path_factory.mktemp("whole")
    data = folder / "data"
    assert run("load", "--data", data, records(folder)).returncode == 0
    assert run("release", "--data", data).returncode == 0
    assert run("load", "--data", data, records(folder, 310)).returncode == 0
    assert run("release", "--data", data).returncode == 0
    return data


@pytest.fixture
def data(whole: Path, tmp_path: Path) -> Path:
    """A copy of it, without its hard links."""
    return Path(shutil.copytree(whole, tmp_path / "data", symlinks=True))


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 255
    path.write_bytes(content)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def files_of(store: Path) -> list[Path]:
    """Every file that RocksDB needs: its own log is none, nor is an empty write-ahead log."""
    kinds = ("*.sst", "MANIFEST-*", "CURRENT")
    return sorted(path for kind in kinds for path in store.glob(kind))


def in_all(data: Path) -> list[str]:
    workspace = Workspace(data)
    return [*damage.find_in_sources(workspace), *damage.find_in_releases(workspace)]


def test_whole_directory_has_no_damage(data: Path) -> None:
    assert in_all(data) == []
    assert run("verify", "--data", data).returncode == 0


@pytest.mark.parametrize("spoil", [flip, cut, Path.unlink])
def test_each_damaged_file_of_the_store_is_named(data: Path, spoil: Spoil) -> None:
    for path in files_of(data / "store"):
        kept = path.read_bytes()
        spoil(path)
        said = in_all(data)
        assert any(path.name in line for line in said), (path, said)
        path.write_bytes(kept)
    assert in_all(data) == []


@pytest.mark.parametrize("spoil", [flip, cut, Path.unlink])
def test_each_damaged_file_of_a_release_is_named(data: Path, spoil: Spoil) -> None:
    paths = [path for path in (data / "releases").rglob("*") if path.is_file()]
    assert len(paths) > 30
    for path in paths:
        if path.stat().st_size == 0 and spoil is not Path.unlink:
            continue
        kept = path.read_bytes()
        spoil(path)
        said = list(damage.find_in_releases(Workspace(data)))
        assert len(said) == 1, said
        assert str(path) in said[0]
        path.write_bytes(kept)


def test_verify_says_all_that_is_damaged_and_ends_with_1(data: Path) -> None:
    first, *_, last = sorted((data / "releases" / "0001" / "store").glob("*.sst"))
    flip(first)
    last.unlink()
    flip(data / "releases" / "0002" / "manifest.json")
    stranger = data / "releases" / "0002" / "store" / "notes.txt"
    stranger.write_text("mine")
    done = run("verify", "--data", data)
    assert complaint(done) == "Error: 3 breaches"
    assert f"{first}: its content doesn't match its checksum" in done.stdout
    assert f"{last}: it is missing" in done.stdout
    assert "release 2 is damaged" in done.stdout
    (data / "releases" / "0002" / "manifest.json").write_bytes(b"")
    listed = run("releases", "--data", data)
    assert listed.returncode == 1
    assert listed.stdout.startswith("1\t")
    assert "release 2 is damaged" in listed.stderr


def test_unknown_file_in_a_release_is_named(data: Path) -> None:
    stranger = data / "releases" / "0002" / "store" / "000999.sst"
    stranger.write_bytes(b"x")
    assert list(damage.find_in_releases(Workspace(data))) == [
        f"{stranger}: nothing is known of this file"
    ]


def test_release_of_a_former_version_is_read_through(data: Path) -> None:
    path = data / "releases" / "0001" / "manifest.json"
    said = json.loads(path.read_bytes())
    for name in ("format", "files", "sha256", "freshness"):
        del said[name]
    path.write_text(json.dumps(said))
    assert in_all(data) == []
    flip(max((data / "releases" / "0001" / "store").glob("*.sst"), key=lambda p: p.stat().st_size))
    assert len(list(damage.find_in_releases(Workspace(data)))) > 0


def test_lost_link_is_said_and_set_again(data: Path) -> None:
    (data / "current").unlink()
    assert "current is missing or leads nowhere" in run("verify", "--data", data).stdout
    assert run("rollback", "2", "--data", data).stdout == "2\n"
    assert in_all(data) == []


def test_damaged_release_is_not_returned_to(data: Path) -> None:
    cut(next((data / "releases" / "0001" / "store").glob("*.sst")))
    assert "Nothing has changed" in complaint(run("rollback", "--data", data))
    assert os.readlink(data / "current") == "releases/0002"


@pytest.mark.parametrize("spoil", [flip, cut, Path.unlink])
def test_store_is_never_begun_anew_over_what_is_left_of_it(data: Path, spoil: Spoil) -> None:
    spoil(data / "store" / "CURRENT")
    left = sorted(path.name for path in (data / "store").glob("*.sst"))
    changed = write(data / "r.jsonl", title("r1", "Ny"))
    complaint(run("load", "--data", data, changed))
    complaint(run("verify", "--data", data))
    assert sorted(path.name for path in (data / "store").glob("*.sst")) == left
    assert run("rebuild", "--data", data).returncode == 0
    assert run("verify", "--data", data).returncode == 0


def test_lost_store_is_made_anew(data: Path) -> None:
    shutil.rmtree(data / "store")
    assert run("apply", "--data", data).returncode == 0
    assert run("verify", "--data", data).returncode == 0
    assert run("release", "--if-changed", "--data", data).stdout == "3\n"


@pytest.mark.parametrize(
    "command", ["apply", "rebuild", "release", "stats", "verify", "load", "update", "push", "link"]
)
def test_damaged_archive_is_a_line(data: Path, tmp_path: Path, command: str) -> None:
    archive = data / "archive.sqlite"
    more = {
        "load": [records(tmp_path)],
        "push": ["--to", "http://127.0.0.1:9/store"],
    }.get(command, [])
    content = bytearray(archive.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    archive.write_bytes(content)
    assert (
        "archive.sqlite"
        in complaint(run(command, "--data", data, *more)) + run("verify", "--data", data).stdout
    )
    archive.write_bytes(b"no database at all, but text" * 100)
    complaint(run(command, "--data", data, *more))
    assert run("rollback", "1", "--data", data).stdout == "1\n"


PLACES = (
    "archive.sqlite",
    "links.sqlite",
    "store",
    "releases",
    "work",
    "lock",
    "downloads",
    "current",
    "freshness.json",
)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_is_in_the_way_is_a_line_and_goes_on_without_it(
    tmp_path: Path, place: str, kind: str
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    way = data / place
    way.write_text("in the way") if kind == "file" else (way / "in").mkdir(parents=True)
    path = records(tmp_path, 3)
    commands: tuple[tuple[object, ...], ...] = (
        ("load", "--data", data, path),
        ("release", "--data", data),
        ("link" if place == "links.sqlite" else "verify", "--data", data),
    )
    for command in commands:
        done = run(*command)
        if done.returncode:
            complaint(done)
    way.unlink(missing_ok=True) if way.is_file() else shutil.rmtree(way, ignore_errors=True)
    if way.is_symlink():
        way.unlink()
    assert run("load", "--data", data, path).returncode == 0
    assert run("release", "--data", data).returncode == 0


@pytest.mark.parametrize("command", ["load", "release", "releases", "stats", "verify", "apply"])
def test_file_as_data_directory_is_a_line(tmp_path: Path, command: str) -> None:
    file = tmp_path / "file"
    file.write_text("no folder")
    more = [records(tmp_path, 1)] if command == "load" else []
    assert str(file) in complaint(run(command, "--data", file, *more))
    complaint(run(command, "--data", file / "below", *more))
    assert file.read_text() == "no folder"


@pytest.mark.parametrize("limit", [20_000, 100_000, 400_000])
def test_file_that_may_not_grow_is_a_line_and_the_next_run_goes_on(
    tmp_path: Path, limit: int
) -> None:
    data, path = tmp_path / "data", records(tmp_path, 2000)
    limited = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (limit, limit))
    complaint(run("load", "--data", data, path, before=limited))
    assert run("load", "--data", data, path).returncode == 0
    assert run("release", "--data", data).returncode == 0
    assert run("verify", "--data", data).returncode == 0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of three megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)]
    if not IS_ROOT or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk can't be mounted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def remount(place: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(place)], check=True)


def test_full_disk_is_a_line_and_the_next_run_goes_on(small_disk: Path, tmp_path: Path) -> None:
    data, path = small_disk / "data", records(tmp_path, 8000)
    complaint(run("load", "--data", data, path))
    complaint(run("load", "--data", data, path))
    remount(small_disk, "size=200m")
    assert run("load", "--data", data, path).returncode == 0
    used = shutil.disk_usage(small_disk).used
    remount(small_disk, f"size={used + 40_960}")
    complaint(run("release", "--data", data))
    remount(small_disk, "size=200m")
    assert run("release", "--data", data).stdout == "1\n"
    assert run("verify", "--data", data).returncode == 0


def test_read_only_disk_is_a_line(small_disk: Path, tmp_path: Path) -> None:
    remount(small_disk, "size=200m")
    data, path = small_disk / "data", records(tmp_path, 10)
    assert run("load", "--data", data, path).returncode == 0
    assert run("release", "--data", data).returncode == 0
    remount(small_disk, "ro")
    more = write(tmp_path / "more.jsonl", title("x", "Ny"))
    for command in (("load", "--data", data, more), ("release", "--data", data)):
        complaint(run(*command))
    complaint(run("rollback", "1", "--data", data))
    remount(small_disk, "rw")
    assert run("load", "--data", data, more).returncode == 0
    assert run("verify", "--data", data).returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_output_that_cannot_be_written_is_a_line(data: Path) -> None:
    command = [sys.executable, "-m", "loader.cli", "stats", "--data", str(data)]
    with open("/dev/full", "w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
