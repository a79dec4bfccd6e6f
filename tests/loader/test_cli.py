"""``libris-loader`` as people meet it: output, exit codes, help."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands import run_loader as run
from tests.records import title, write


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_from_files_to_release(data: Path, tmp_path: Path) -> None:
    path = write(tmp_path / "r.jsonl", title("a", "Ett"), "broken")
    loaded = run("load", "--data", data, path)
    assert (loaded.returncode, loaded.stdout) == (1, "")  # the rest is loaded
    assert "r.jsonl:2: not JSON" in loaded.stderr
    assert "1 received, 1 new, 0 changed, 0 unchanged, 1 unreadable" in loaded.stderr
    released = run("release", "--data", data)
    assert (released.returncode, released.stdout) == (0, "1\n")
    assert run("release", "--data", data, "--if-changed").stdout == "1\n"
    verified = run("verify", "--data", data)
    assert (verified.returncode, verified.stdout) == (0, "")
    listed = run("releases", "--data", data).stdout.split("\t")
    assert (listed[0], listed[2:]) == ("1", ["6", "1", "current\n"])


def test_stats_shows_quarantine_with_its_reason(data: Path, tmp_path: Path) -> None:
    bad = title("a", "Ett")
    bad["@graph"][1]["@type"] = 5
    run("load", "--data", data, write(tmp_path / "r.jsonl", bad, title("b", "Två")))
    lines = run("stats", "--data", data).stdout.splitlines()
    assert "documents\tquarantined\t1" in lines
    (quarantine,) = [line for line in lines if line.startswith("quarantine")]
    assert "https://libris.kb.se/a (r.jsonl)\tJSON-LD: @type value" in quarantine
    found = json.loads(run("stats", "--data", data, "--json").stdout)
    assert found["documents"]["in store"] == 1


def test_standard_input(data: Path) -> None:
    triple = b"<urn:s> <urn:p> <urn:o> .\n"
    arguments = ("load", "--data", data, "--format", "nt", "--graph", "urn:g", "-")
    assert run(*arguments, stdin=triple).returncode == 0
    assert "1 unchanged" in run(*arguments, stdin=triple).stderr
    assert run("verify", "--data", data).returncode == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("load", "nowhere.jsonl"), "nowhere.jsonl: no such file"),
        (("release",), "nothing to publish"),
        (("rollback",), "no earlier release"),
        (("verify",), "no store to verify"),
        (("stats",), "no archive"),
    ],
)
def test_failure_is_one_sentence_and_exit_code_1(
    tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    done = run(arguments[0], "--data", tmp_path / "data", *arguments[1:])
    assert done.returncode == 1
    assert done.stdout == ""
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("apply",),
        ("dump-release",),
        ("link", "report"),
        ("link", "review", "export", "doubts.tsv"),
        ("link", "why", "Q1"),
        ("push", "--to", "http://127.0.0.1:1/", "--bulk", "bulk"),
        ("rebuild",),
        ("release",),
        ("releases",),
        ("rollback",),
        ("stats",),
        ("tables",),
        ("verify",),
    ],
)
def test_data_directory_that_is_misspelt_is_not_made(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = run(*command, "--data", tmp_path / "misspelt")
    assert done.returncode == 1
    assert "misspelt" in done.stderr
    assert "load something first" in done.stderr
    assert not list(tmp_path.iterdir())


def test_file_of_unknown_kind_is_refused_with_the_known_ones(tmp_path: Path, data: Path) -> None:
    path = tmp_path / "a.docx"
    path.touch()
    done = run("load", "--data", data, path)
    assert done.returncode == 1
    assert ".jsonl" in done.stderr


def test_wrong_usage_is_exit_code_2() -> None:
    assert run("load").returncode == 2
    assert run("release", "--keep", "0").returncode == 2
    assert run("nonsense").returncode == 2


COMMANDS = ("load", "rebuild", "release", "releases", "rollback", "verify", "stats")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_gives_an_example_and_the_default_directory(command: str) -> None:
    text = run(command, "--help").stdout
    assert f"libris-loader {command}" in text.partition("Example:")[2]
    assert "./data" in text


def test_long_lists_are_cut_short_and_say_so(tmp_path: Path) -> None:
    path = write(tmp_path / "r.jsonl", *[f'{{"n":{number}}}' for number in range(30)])
    run("load", "--data", tmp_path / "d", path)
    short = run("stats", "--data", tmp_path / "d").stdout.splitlines()
    assert sum(line.startswith("quarantine\t") for line in short) == 21
    assert short[-1] == "quarantine\tand so on (--all)\t10 more"
    whole = run("stats", "--all", "--data", tmp_path / "d").stdout.splitlines()
    assert sum(line.startswith("quarantine\t") for line in whole) == 30
    found = json.loads(run("stats", "--json", "--data", tmp_path / "d").stdout)
    assert len(found["quarantine"]) == 30
