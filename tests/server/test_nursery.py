"""The process that workers are forked from: it outlives them, and its end is made good."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from sparql_server.engine.processes import memory
from tests.server.conftest import engine, publish
from tests.server.http import ask, values
from tests.server.processes import children, serving, wait_for
from tests.server.test_workers import ENDLESS, RELEASE


@pytest.fixture
def data(tmp_path: Path) -> Path:
    publish(tmp_path, 1, columns=True)
    return tmp_path


def nursery(server_pid: int, mode: str) -> int:
    """The process from which workers of this mode are forked."""
    found = [pid for pid in children(server_pid) if mode in arguments(pid) and children(pid)]
    # Forked workers have the same command line, and no children.
    return found[0]


def arguments(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return []


def test_killed_query_leaves_the_nursery_as_it_is(data: Path) -> None:
    options = ("--timeout", "2", "--workers", "1")
    with serving(data, *options) as server:
        holder = nursery(server.process.pid, "columns")
        assert memory.measure_anonymous(holder) < 50 * 2**20
        for _ in range(3):
            assert ask(server, ENDLESS).status == 503
            assert values(ask(server, RELEASE)) == [["1"]]
            assert engine(server) == "columns"
        assert nursery(server.process.pid, "columns") == holder


@pytest.mark.parametrize("mode", ["disk", "columns"])
def test_death_of_the_nursery_is_made_good(tmp_path: Path, mode: str) -> None:
    publish(tmp_path, 1, columns=mode == "columns")
    with serving(tmp_path) as server:
        os.kill(nursery(server.process.pid, mode), signal.SIGKILL)
        assert wait_for(lambda: "have ended" in server.log)
        assert wait_for(lambda: ask(server, RELEASE).status == 200)
        assert engine(server) == mode


def test_own_memory_is_known_and_that_of_nobody_is_none() -> None:
    assert memory.measure_anonymous(os.getpid()) > 2**20
    assert memory.measure_anonymous(2**22 + 1) == 0


def test_release_larger_than_a_query_may_be_is_none_of_the_query(data: Path) -> None:
    many = "\n".join(f'<urn:many{n}> <urn:is> "{n}" <urn:many> .' for n in range(100_000))
    publish(data, 2, f"\n{many}", columns=True)
    with serving(data, "--worker-memory", "20M", "--cache", "0") as server:
        for number in range(5):
            reply = ask(server, f"SELECT ?o {{ <urn:many{number}> <urn:is> ?o }}")
            assert values(reply) == [[str(number)]]


def test_nursery_is_the_servers_own_wherever_it_is_started(data: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "sparql_server"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text("raise SystemExit('another package')")
    command = [sys.executable, "-P", "-m", "sparql_server.cli", "serve", "--data", str(data)]
    with open(tmp_path / "said", "w") as said:
        process = subprocess.Popen([*command, "--port", "0"], cwd=other.parent, stderr=said)
    try:
        assert wait_for(lambda: "Serving release 1" in (tmp_path / "said").read_text())
    finally:
        process.terminate()
        process.wait(timeout=60)


@pytest.mark.parametrize("mode", ["disk", "columns"])
def test_nursery_whose_server_has_gone_ends_without_a_word(data: Path, mode: str) -> None:
    ours, theirs = socket.socketpair()
    release = (data / "current").resolve()
    command = [
        sys.executable,
        "-P",
        "-m",
        "sparql_server.engine.local.nursery",
        str(theirs.fileno()),
    ]
    ours.close()
    with theirs:
        done = subprocess.run(
            [*command, mode, str(release), "connected"],
            pass_fds=[theirs.fileno()],
            capture_output=True,
            text=True,
        )
    assert (done.returncode, done.stderr) == (0, "")
