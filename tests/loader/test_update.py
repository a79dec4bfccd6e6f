"""A copy kept for years: cron's line, rollbacks that stay, figures of freshness."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from loader.harvest import update
from loader.harvest.order import Order
from loader.provider.http import Manners
from loader.workspace import Workspace
from tests.commands import run_loader as run
from tests.records import title, write
from tests.standin import faults
from tests.standin.catalogue import Catalogue
from tests.standin.server import Standin

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
BASE = "https://libris.kb.se/"


def put(libris: Standin, name: str, text: str, day: int) -> None:
    libris.catalogue.put(title(name, text), datestamp=f"2024-05-{day:02d}T00:00:00Z")


def put_now(libris: Standin, name: str, text: str) -> None:
    libris.catalogue.put(title(name, text), datestamp=now())


def now() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


@pytest.fixture
def libris() -> Iterator[Standin]:
    with Standin(Catalogue()) as standin:
        for day in range(1, 6):
            put(standin, f"t{day}", f"Titel {day}", day)
        yield standin


@pytest.fixture
def data(tmp_path: Path, libris: Standin) -> Path:
    """Two releases: of five records, and of one more."""
    data = tmp_path / "data"
    assert run("harvest", "--data", data, "--base-url", libris.url).returncode == 0
    assert run("release", "--data", data).stdout == "1\n"
    put_now(libris, "new", "Ny")
    assert run("update", "--data", data).stdout.endswith("release 2\n")
    return data


def served(data: Path) -> str:
    return (data / "current").readlink().name


def test_rollback_stays_until_something_new_has_come(data: Path, libris: Standin) -> None:
    run("rollback", "--data", data)
    for _ in range(2):
        said = run("update", "--data", data)
        assert "release 1 is served since a rollback, and nothing has come since" in said.stdout
        assert (said.returncode, served(data)) == (0, "0001")
    assert run("release", "--if-changed", "--data", data).stdout == "1\n"
    assert run("rebuild", "--data", data).returncode == 0
    run("update", "--data", data)
    assert served(data) == "0001", "a store that was made anew is nothing new"
    put_now(libris, "newer", "Nyare")
    assert run("update", "--data", data).stdout.endswith("release 3\n")
    assert served(data) == "0003"


def test_rollback_outlives_what_had_come_before_it(data: Path, libris: Standin) -> None:
    put_now(libris, "before", "Innan")
    run("harvest", "--data", data, "--base-url", libris.url)
    run("rollback", "1", "--data", data)
    run("update", "--data", data)
    assert served(data) == "0001"
    libris.catalogue.delete(f"{BASE}t1", "2040-01-01T00:00:00Z")
    libris.catalogue.clock = lambda: datetime(2040, 1, 2, tzinfo=UTC)
    run("update", "--data", data)
    assert served(data) == "0003", "a deletion is something new"


def test_record_to_quarantine_undoes_no_rollback(data: Path, libris: Standin) -> None:
    run("rollback", "1", "--data", data)
    libris.catalogue.put(title("bad", ""), datestamp=now(), content="{ no record")
    run("update", "--data", data)
    assert served(data) == "0001"


def test_lost_link_is_set_by_the_next_update(data: Path) -> None:
    (data / "current").unlink()
    run("update", "--data", data)
    assert served(data) == "0003"


@pytest.mark.parametrize("spelling", [("-q", "update"), ("update", "-q")])
def test_quiet_update_is_silent_when_nothing_is_to_be_done(
    data: Path, libris: Standin, tmp_path: Path, spelling: tuple[str, ...]
) -> None:
    log, report = tmp_path / "update.log", tmp_path / "report.json"
    more = ("--data", data, "--log", log, "--report", report)
    quiet = run(*spelling, *more)
    assert (quiet.returncode, quiet.stdout, quiet.stderr, log.exists()) == (0, "", "", False)
    assert json.loads(report.read_text())["kept"].startswith("release 2 is served")
    put_now(libris, "newer", "Nyare")
    busy = run(*spelling, *more)
    assert (busy.returncode, busy.stdout, busy.stderr) == (0, "", "")
    line = r"20\S+Z received \d+, new 1, changed 0, deleted 0, .* release 3\n"
    assert re.fullmatch(line, log.read_text())
    assert json.loads(report.read_text())["total"]["new"] == 1


def test_provider_that_fails_stops_no_other(tmp_path: Path, libris: Standin) -> None:
    quick = Manners(contact="x@example.org", pause=0, attempts=2, first_wait=0.01)
    workspace = Workspace(tmp_path / "data")
    with Standin(Catalogue()) as other:
        put(other, "other", "Annan", 1)
        for server in (other, libris):
            update.harvest(workspace, Order(server.url), quick)
        other.spoil = lambda number, body: faults.Answer(b"no", 500)
        put_now(libris, "new", "Ny")
        done = update.update(workspace, lambda url: quick, 5)
    assert done.harvested.total().new == 1
    assert "2 attempts in a row failed" in done.failures[0]
    assert "not all has come" in str(done)
    assert served(workspace.root) == "0001"
    said = json.loads(workspace.freshness.read_bytes())
    assert said["last_update"]["well"] is False
    assert said["last_update_well"] < said["last_update"]["ended"]


def test_figures_of_freshness_are_everywhere_the_same(data: Path, libris: Standin) -> None:
    def figures() -> dict[str, object]:
        found: dict[str, object] = json.loads((data / "freshness.json").read_bytes())
        return found

    bad = title("bad", "Dålig")
    bad["@graph"][1]["@id"] = "https://libris.kb.se/a b"
    bad["@graph"][1]["sameAs"] = [{"@id": "http://example.org/a b"}]
    libris.catalogue.put(bad, datestamp="2039-01-01T00:00:00Z")
    libris.catalogue.clock = lambda: datetime(2040, 1, 2, tzinfo=UTC)
    run("update", "--data", data)
    said = json.loads(run("stats", "--json", "--data", data).stdout)["freshness"]
    assert said == figures()
    assert said["newest_datestamp"] == "2039-01-01T00:00:00.000000Z"
    assert said["repaired"] + said["quarantined"] + said["dropped"] > 0
    assert said["last_update_well"] == said["last_update"]["ended"]
    lines = run("stats", "--data", data).stdout
    assert f"last update\tended well\t{said['last_update_well']}" in lines
    manifest = json.loads((data / "current" / "manifest.json").read_bytes())
    assert manifest["freshness"] == said
    run("update", "--data", data)
    assert figures()["last_update"] != said["last_update"], "though nothing was published"


def test_killed_update_has_begun_and_not_ended(data: Path, libris: Standin) -> None:
    libris.spoil = lambda number, body: faults.Answer(body, silence=5)
    asked = len(libris.asked)
    command = [sys.executable, "-m", "loader.cli", "update", "--data", str(data)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as update:
        while len(libris.asked) == asked:
            pass
        update.kill()
    last = json.loads((data / "freshness.json").read_bytes())["last_update"]
    assert (last["ended"], last["well"]) == (None, False)


def test_line_for_cron_works_as_it_is_installed(data: Path, libris: Standin) -> None:
    """The documents' line, with cron's environment, for this environment and this directory."""
    manual = (ROOT / "docs" / "harvesting.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^15 \* \* \* \* +(.*)$", manual, re.MULTILINE)
    assert "/opt/libris/bin/libris-loader" in line
    assert "%" not in line, "cron makes line feeds of it"
    script = shutil.which("libris-loader", path=str(Path(sys.executable).parent))
    assert script is not None
    line = line.replace("/opt/libris/bin/libris-loader", script)
    line = line.replace("/srv/libris", str(data))
    environment = ("HOME=/", "LOGNAME=nobody", "SHELL=/bin/sh", "PATH=/usr/bin:/bin")
    cron = ["env", "-i", *environment, "/bin/sh", "-c", line]
    quiet = subprocess.run(cron, capture_output=True, text=True, cwd="/")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    put_now(libris, "newer", "Nyare")
    busy = subprocess.run(cron, capture_output=True, text=True, cwd="/")
    assert (busy.returncode, busy.stdout, busy.stderr) == (0, "", "")
    assert "release 3" in (data / "update.log").read_text()


def test_directory_of_the_former_version_goes_on(data: Path, libris: Standin) -> None:
    """Without what this version has added to the archive and to releases."""
    with sqlite3.connect(data / "archive.sqlite") as connection:
        connection.execute("DROP INDEX document_kinds")
        connection.execute("DROP INDEX document_quarantined")
        connection.execute("DROP TABLE address")
        connection.execute("DROP TABLE changed")
        connection.execute("ALTER TABLE announced DROP COLUMN address")
        connection.execute(
            "DELETE FROM state WHERE name IN ('arrivals', 'newest datestamp', 'newest release',"
            " 'last update', 'last update that ended well', 'columns')"
        )
        connection.execute("PRAGMA user_version = 4")
    connection.close()
    (data / "freshness.json").unlink()
    for path in (data / "releases").glob("*/manifest.json"):
        said = json.loads(path.read_bytes())
        for name in ("format", "files", "sha256", "freshness"):
            del said[name]
        path.write_text(json.dumps(said))
        shutil.rmtree(path.with_name("columns"))
        shutil.rmtree(path.with_name("text"))
    assert "release 2 is served" in run("update", "--data", data).stdout
    newest = json.loads((data / "freshness.json").read_bytes())["newest_datestamp"]
    assert newest > "2024-05-05"
    put_now(libris, "newer", "Nyare")
    assert run("update", "--data", data).stdout.endswith("release 3\n")
    assert run("verify", "--data", data).returncode == 0


def test_release_takes_over_checksums_of_files_it_shares(data: Path, tmp_path: Path) -> None:
    run("load", "--data", data, write(tmp_path / "r.jsonl", title("a", "Ett")))
    run("release", "--data", data)
    sums = [
        json.loads((data / "releases" / number / "manifest.json").read_bytes())["files"]
        for number in ("0002", "0003")
    ]
    shared = {name for name in sums[0] if sums[1].get(name) == sums[0][name]}
    assert any(name.endswith(".sst") for name in shared)
    for name in (name for name in shared if name.startswith("store/")):
        two, three = (data / "releases" / number / name for number in ("0002", "0003"))
        assert name.endswith(("CURRENT", ".log")) or two.samefile(three)
