"""Unit files and Containerfile: they parse, and every option and file they name is there."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from loader.cli import cli as loader
from sparql_server.cli import cli as server

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "sparql_server" / "deploy"
UNITS = sorted(DEPLOY.glob("*.service")) + sorted(DEPLOY.glob("*.timer"))
CONTAINER = (DEPLOY / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")
GROUPS: dict[str, click.Command] = {"libris-loader": loader, "libris-sparql": server}


def settings(unit: Path) -> list[tuple[str, str]]:
    lines = unit.read_text(encoding="utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return [(name, value) for name, _, value in pairs]


def commands() -> list[str]:
    starts = [value for unit in UNITS for name, value in settings(unit) if name == "ExecStart"]
    entry = re.search(r"^ENTRYPOINT \[(.*)\]$", CONTAINER, re.MULTILINE)
    arguments = re.search(r"^CMD \[(.*)\]$", CONTAINER, re.MULTILINE)
    assert entry is not None
    assert arguments is not None
    return [*starts, f"{entry[1]} {arguments[1]}".replace(",", " ")]


@pytest.mark.parametrize("command", commands())
def test_command_takes_the_options_it_is_started_with(command: str) -> None:
    """click itself reads them; what the command would do isn't done."""
    program, *arguments = shlex.split(command)
    found = GROUPS[Path(program).name]
    assert isinstance(found, click.Group)
    context = found.make_context(program, arguments)
    name, sub, rest = found.resolve_command(context, [*context._protected_args, *context.args])
    assert sub is not None
    assert sub.make_context(name, rest, parent=context)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_finds_nothing_wrong(unit: Path, tmp_path: Path) -> None:
    # It looks for the programs too: those of this environment stand for the installed ones.
    for path in UNITS:
        text = path.read_text(encoding="utf-8").replace("/opt/libris/bin", f"{sys.prefix}/bin")
        (tmp_path / path.name).write_text(text)
    command = ["systemd-analyze", "verify", str(tmp_path / unit.name)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


def test_server_may_have_the_namespaces_that_its_workers_move_to() -> None:
    said = dict(settings(DEPLOY / "libris-sparql.service"))
    assert {"user", "net"} <= set(said["RestrictNamespaces"].split())
    assert said["KillMode"] == "mixed"  # or workers are told to stop as well, with their queries
    assert said["OOMPolicy"] == "continue"  # or one worker's end is the end of all
    assert "ProtectProc" not in said


def test_container_copies_what_there_is_and_names_no_registry() -> None:
    for copied in re.findall(r"^COPY (?!--)(.*) \S+$", CONTAINER, re.MULTILINE):
        for path in copied.split():
            assert (ROOT / path).exists(), path
    assert set(re.findall(r"^FROM (\S+)", CONTAINER, re.MULTILINE)) == {"python:3.13-slim"}
    assert re.search(r"^USER \d+$", CONTAINER, re.MULTILINE)
    assert "/health" in CONTAINER
    assert "VOLUME /data" in CONTAINER
