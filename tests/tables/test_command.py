"""What ``libris-sparql tables`` says, and what the loader hands on of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from loader.tables.table_process import make_tables
from loader.workspace import Workspace

WARNS = """#!/bin/sh
echo "books.rq takes long" >&2
cp -r '{tables}' "$5"
"""


def test_quiet_command_logs_nothing_where_all_is_well(published: Workspace, tmp_path: Path) -> None:
    release = published.current.resolve()
    command = [sys.executable, "-m", "sparql_server.cli", "tables", str(release)]
    done = subprocess.run([*command, str(tmp_path / "tables"), "-q"], capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"holdings\t" in done.stdout


def test_whatever_the_command_warns_of_is_a_warning_of_the_loader(
    published: Workspace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    command = tmp_path / "command"
    command.write_text(WARNS.format(tables=published.current.resolve() / "tables"))
    command.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(command))
    facts = make_tables(published.current.resolve(), tmp_path / "tables")
    assert facts["tables"] > 5
    assert [record.message for record in caplog.records] == ["books.rq takes long"]
