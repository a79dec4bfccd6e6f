"""The harvesting commands as people meet them: output, kills, interrupts, two at once."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from loader.workspace import Workspace
from tests.commands import run_loader as run
from tests.loader.test_harvest import BASE, is_sound, is_whole
from tests.records import title
from tests.standin import faults
from tests.standin.catalogue import Catalogue
from tests.standin.server import Standin

pytestmark = pytest.mark.long


@pytest.fixture
def libris() -> Iterator[Standin]:
    """Three hundred records, ten to a page."""
    catalogue = Catalogue(page_size=10)
    for number in range(300):
        date = f"2024-05-01T{number // 60:02d}:{number % 60:02d}:00+02:00"
        catalogue.put(title(f"t{number:03d}", f"Titel {number}"), datestamp=date)
    with Standin(catalogue) as standin:
        yield standin


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "loader.cli", *map(str, arguments)]


def test_from_nothing_to_a_cron_line(tmp_path: Path, libris: Standin) -> None:
    report = tmp_path / "report.json"
    place = ("--data", tmp_path, "--base-url", libris.url)
    first = run("harvest", *place, "--report", report)
    assert (first.returncode, first.stdout) == (0, "")
    assert "Harvest: 300 received, 300 new, 0 changed" in first.stderr
    assert "Store: 300 documents applied" in first.stderr
    figures = json.loads(report.read_text())
    assert figures["sets"][""]["new"] == figures["total"]["new"] == 300
    assert figures["total"]["requests"] == 31
    libris.catalogue.put(title("t000", "Ny"), datestamp="2040-01-01T00:00:00Z")
    libris.catalogue.delete(f"{BASE}t001", "2040-01-01T00:00:00Z")
    from datetime import UTC, datetime

    libris.catalogue.clock = lambda: datetime(2040, 1, 2, tzinfo=UTC)
    updated = run("-q", "update", "--data", tmp_path)
    assert (updated.returncode, updated.stderr) == (0, "")
    assert updated.stdout == (
        "received 2, new 0, changed 1, deleted 1, quarantined 0, applied 2, release 1\n"
    )
    again = run("update", "--data", tmp_path).stdout
    assert again.endswith(
        "applied 0, release 1; nothing is published:"
        " release 1 is served, and nothing has changed since it was published\n"
    )
    assert is_sound(Workspace(tmp_path))


def test_incremental_harvest_says_what_it_may_miss(tmp_path: Path, libris: Standin) -> None:
    place = ("--data", tmp_path, "--base-url", libris.url, "--archive-only")
    run("harvest", *place)
    said = run("harvest", *place).stderr
    assert "--silent-updates asks for them. Last compared in full: 20" in said
    assert run("apply", "--data", tmp_path).returncode == 0
    assert is_whole(Workspace(tmp_path), libris)


def test_provider_elsewhere_needs_a_contact(tmp_path: Path) -> None:
    refused = run("harvest", "--data", tmp_path)
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: https://libris.kb.se/api/oaipmh/ should know whom")
    assert "LIBRIS_CONTACT" in refused.stderr


def test_update_without_a_harvest_says_what_to_do(tmp_path: Path) -> None:
    refused = run("update", "--data", tmp_path)
    assert refused.returncode == 1
    assert "begin with libris-loader harvest" in refused.stderr


def test_two_at_once_are_one(tmp_path: Path, libris: Standin) -> None:
    libris.spoil = lambda number, body: faults.Answer(body, silence=0.05)
    place = ("--data", tmp_path, "--base-url", libris.url)
    with subprocess.Popen(command("harvest", *place), stderr=subprocess.DEVNULL) as first:
        while not libris.asked:
            time.sleep(0.01)
        second = run("harvest", *place)
        assert second.returncode == 1
        assert (
            f"is being written to by process {first.pid} (libris-loader harvest)" in second.stderr
        )
        update = run("update", "--data", tmp_path)
        assert (update.returncode, update.stdout[:12]) == (0, "nothing done")
        assert first.wait() == 0
    assert is_whole(Workspace(tmp_path), libris)


def test_interrupt_stops_at_the_end_of_a_page(tmp_path: Path, libris: Standin) -> None:
    libris.spoil = lambda number, body: faults.Answer(body, silence=0.1)
    place = ("--data", tmp_path, "--base-url", libris.url)
    with subprocess.Popen(command("harvest", *place), stderr=subprocess.PIPE, text=True) as process:
        while len(libris.asked) < 3:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=30)[1]
        assert process.returncode == 0
    assert "Stopping at the end of this page" in said
    assert "not at its end; the same command goes on" in said
    libris.spoil = faults.Listed({})
    assert run("harvest", *place, "--resume").returncode == 0
    assert is_whole(Workspace(tmp_path), libris)


@pytest.mark.parametrize("seed", range(4))
def test_killed_at_any_moment_it_goes_on(tmp_path: Path, libris: Standin, seed: int) -> None:
    chance = random.Random(seed)
    libris.spoil = faults.Random(seed, 0.05, faults.token_refused)
    place = ("--data", tmp_path, "--base-url", libris.url)
    killed = 0
    for _ in range(4):
        process = subprocess.Popen(command("harvest", *place), stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.2, 0.5))
        killed += process.poll() is None
        process.kill()
        process.wait()
    libris.spoil = faults.Listed({})
    run("harvest", *place)
    assert killed > 0
    assert is_whole(Workspace(tmp_path), libris)
    assert is_sound(Workspace(tmp_path))


def test_report_is_written_when_the_provider_refuses(tmp_path: Path, libris: Standin) -> None:
    libris.spoil = lambda number, body: (
        faults.status(503, **{"Retry-After": "7200"})(body) if number == 3 else faults.Answer(body)
    )
    report = tmp_path / "report.json"
    place = ("--data", tmp_path, "--base-url", libris.url, "--archive-only")
    refused = run("harvest", *place, "--report", report)
    assert refused.returncode == 1
    assert "Harvest: 30 received, 30 new" in refused.stderr
    assert "come back after" in refused.stderr
    total = json.loads(report.read_text())["total"]
    assert (total["received"], total["requests"], total["finished"]) == (30, 4, False)


def test_report_is_written_when_interrupted_twice(tmp_path: Path, libris: Standin) -> None:
    libris.spoil = lambda number, body: faults.Answer(body, silence=30 if number == 2 else 0)
    report = tmp_path / "report.json"
    place = ("--data", tmp_path, "--base-url", libris.url, "--report", report)
    with subprocess.Popen(command("harvest", *place), stderr=subprocess.PIPE, text=True) as process:
        while len(libris.asked) < 3:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        while "again to stop at once" not in process.stderr.readline():
            pass
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert "Harvest: 20 received" in said
    assert "interrupted; the same command goes on from here" in said
    total = json.loads(report.read_text())["total"]
    assert (total["received"], total["finished"]) == (20, False)


def test_figures_are_by_set(tmp_path: Path, libris: Standin) -> None:
    report = tmp_path / "report.json"
    place = ("--data", tmp_path, "--base-url", libris.url, "--archive-only")
    said = run("harvest", *place, "--set", "bib", "--set", "auth", "--report", report).stderr
    assert "bib: 300 received, 300 new" in said
    assert "auth: 0 received" in said
    sets = json.loads(report.read_text())["sets"]
    assert (sets["bib"]["new"], sets["auth"]["finished"]) == (300, True)


@pytest.mark.parametrize("how", [(), ("--download",)])
def test_dump_and_changes_into_the_archive_alone(
    tmp_path: Path, libris: Standin, how: tuple[str, ...]
) -> None:
    report = tmp_path / "report.json"
    place = ("--data", tmp_path, "--base-url", libris.emm_url, "--archive-only")
    said = run("dump", *place, "--selection", "all", "--report", report, *how)
    assert (said.returncode, said.stdout) == (0, "")
    assert "Harvest: 300 received, 300 new" in said.stderr
    assert "Store:" not in said.stderr
    assert json.loads(report.read_text())["sets"]["all"]["new"] == 300
    assert run("changes", *place).returncode == 0
    workspace = Workspace(tmp_path)
    assert is_whole(workspace, libris)
    assert not workspace.store.exists()
    assert run("apply", "--data", tmp_path).returncode == 0
    assert is_sound(workspace)


def test_dump_stops_at_the_limit_and_goes_on(tmp_path: Path, libris: Standin) -> None:
    place = ("--data", tmp_path, "--base-url", libris.emm_url, "--selection", "all")
    first = run("dump", *place, "--limit", "150")
    assert "Harvest: 200 received" in first.stderr
    assert "not at its end; the same command goes on" in first.stderr
    assert "Harvest: 100 received" in run("dump", *place).stderr
    assert is_whole(Workspace(tmp_path), libris)


@pytest.mark.parametrize("seed", range(2))
def test_download_killed_at_any_moment_goes_on(tmp_path: Path, libris: Standin, seed: int) -> None:
    chance = random.Random(seed)
    libris.spoil = faults.Random(seed, 0.3)
    place = ("--data", tmp_path, "--base-url", libris.emm_url, "--selection", "all", "--download")
    for _ in range(3):
        process = subprocess.Popen(command("dump", *place), stderr=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.3, 0.7))
        process.kill()
        process.wait()
    libris.spoil = faults.Listed({})
    assert run("dump", *place).returncode == 0
    assert is_whole(Workspace(tmp_path), libris)
    assert is_sound(Workspace(tmp_path))


def test_killed_harvest_leaves_no_process_behind(tmp_path: Path) -> None:
    catalogue = Catalogue(page_size=100)
    for number in range(2000):
        date = f"2024-05-01T{number // 60 % 24:02d}:{number % 60:02d}:00+02:00"
        catalogue.put(title(f"t{number}", "x" * 30_000), datestamp=date)
    with Standin(catalogue) as libris:
        libris.spoil = lambda number, body: faults.Answer(body, silence=0.1)
        place = ("--data", tmp_path, "--base-url", libris.url, "--archive-only")
        process = subprocess.Popen(command("harvest", *place), stderr=subprocess.DEVNULL)
        while not (below := children(process.pid)):
            time.sleep(0.01)
        process.kill()
        process.wait()
        deadline = time.monotonic() + 20
        while (
            any(Path(f"/proc/{process}").exists() for process in below)
            and time.monotonic() < deadline
        ):
            time.sleep(0.05)
        assert not any(Path(f"/proc/{process}").exists() for process in below)
        assert run("harvest", *place).returncode == 0
        assert is_whole(Workspace(tmp_path), libris)


def children(pid: int) -> list[str]:
    tasks = list(Path(f"/proc/{pid}/task").glob("*/children"))
    return [process for task in tasks for process in task.read_text().split()]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("2026-01-31T12:00:00", "has no offset: write 2026-01-31T12:00:00Z"),
        ("31/1 2026", "is no date: write 2026-01-31"),
    ],
)
@pytest.mark.parametrize("option", ["--from", "--until"])
def test_date_that_says_nothing_certain_is_refused_before_asking(
    tmp_path: Path, libris: Standin, option: str, given: str, said: str
) -> None:
    refused = run("harvest", "--data", tmp_path, "--base-url", libris.url, option, given)
    assert refused.returncode == 2
    assert said in refused.stderr
    assert libris.asked == []


def test_dates_are_sent_in_utc_and_a_day_as_a_day(tmp_path: Path, libris: Standin) -> None:
    place = ("--data", tmp_path, "--base-url", libris.url, "--archive-only")
    run("harvest", *place, "--from", "2024-05-01T02:10:00.5+02:00", "--until", "2024-05-02")
    assert libris.asked[0] == {"verb": "Identify"}
    assert libris.asked[1]["from"] == "2024-05-01T00:10:00Z"
    assert libris.asked[1]["until"] == "2024-05-02"
