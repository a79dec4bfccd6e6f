"""Whom the server runs as, where root starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sparql_server.engine.processes.user import Wish, give_up_root
from sparql_server.errors import StartError
from tests.commands import run_server
from tests.server.conftest import Server, publish
from tests.server.http import ask, values
from tests.server.processes import children, serving
from tests.server.test_workers import RELEASE

root = pytest.mark.skipif(os.geteuid() != 0 or sys.platform != "linux", reason="needs Linux's root")


def status(pid: int, name: str) -> list[str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.split()[1:] for line in lines if line.startswith(f"{name}:"))


def users(server: Server) -> set[str]:
    family = [server.process.pid, *children(server.process.pid)]
    return {user for pid in family for user in status(pid, "Uid")}


@root
@pytest.mark.parametrize("mode", ["0755", "0700"])
@pytest.mark.parametrize("columns", [False, True])
def test_root_goes_on_as_nobody_whoever_may_read_the_data(
    tmp_path: Path, mode: str, columns: bool
) -> None:
    publish(tmp_path, 1, columns=columns)
    tmp_path.chmod(int(mode, 8))
    with serving(tmp_path, "--workers", "1") as server:
        assert values(ask(server, RELEASE)) == [["1"]]
        assert users(server) == {"65534"}
        for pid in (server.process.pid, *children(server.process.pid)):
            assert int(status(pid, "CapEff")[0], 16) in (0, 4)  # reading, at most
            assert status(pid, "Groups") in ([], ["65534"])
        assert "as nobody" in server.log


@root
def test_root_goes_on_as_the_user_who_is_named(data: Path) -> None:
    with serving(data, "--user", "daemon", "--workers", "1") as server:
        assert values(ask(server, RELEASE)) == [["1"]]
        assert "0" not in users(server)


@root
def test_root_stays_where_that_is_wanted_and_the_log_says_so(data: Path) -> None:
    with serving(data, "--allow-root", "--workers", "1") as server:
        assert users(server) == {"0"}
        assert "runs as root" in server.log


def refused(data: Path, *options: str) -> str:
    done = run_server("serve", "--port", "0", "--data", data, *options)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    return done.stderr


@root
def test_user_that_there_is_not_is_an_error(data: Path) -> None:
    assert "there is no user nil-nemo" in refused(data, "--user", "nil-nemo")


def test_only_root_can_go_on_as_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    with pytest.raises(StartError, match="only root"):
        give_up_root(Wish("root", False, 8080, ()))
    assert give_up_root(Wish("", False, 8080, ())) == ""


UNREADABLE = """
import sys
from pathlib import Path
from sparql_server.engine.processes import privileges, user
user.keep = lambda own, handed_on: privileges.keep(0, 0)
user.give_up_root(user.Wish("", False, 8080, (Path(sys.argv[1]),)))
"""


@root
def test_data_that_cannot_be_read_is_an_error_where_root_can_leave_no_right_behind(
    tmp_path: Path,
) -> None:
    tmp_path.chmod(0o700)
    command = [sys.executable, "-c", UNREADABLE, tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert f"StartError: nobody can't read {tmp_path}: let it" in done.stderr
