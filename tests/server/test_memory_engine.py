"""The release in memory: taken over without a gap, kept while queries are killed, given back."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sparql_server.engine.processes import memory
from sparql_server.engine.releases import find_current
from tests.server.conftest import engine, held, publish
from tests.server.http import Reply, ask, values
from tests.server.processes import children, serving, wait_for
from tests.server.test_operations import journal
from tests.server.test_workers import ENDLESS, RELEASE


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


def test_copy_in_memory_takes_over_from_disk_without_a_gap(data: Path) -> None:
    with serving(data, "--memory", "1G", "--cache", "0") as server:
        replies: list[Reply] = []
        seen = set()
        while engine(server) != "memory":
            replies.append(ask(server, RELEASE))
            seen.add(engine(server))
        replies.append(ask(server, RELEASE))
        assert "disk" in seen
        assert {reply.status for reply in replies} == {200}
        assert "now serving release 1 from memory" in server.log


def test_killed_query_does_not_make_the_release_be_loaded_again(data: Path) -> None:
    options = ("--memory", "1G", "--timeout", "2", "--workers", "1")
    with serving(data, *options) as server:
        held(server)
        holder = nursery(server.process.pid, "memory")
        for _ in range(3):
            assert ask(server, ENDLESS).status == 503
            assert values(ask(server, RELEASE)) == [["1"]]
            assert engine(server) == "memory"
        assert nursery(server.process.pid, "memory") == holder


def test_new_release_is_served_from_disk_until_its_copy_is_there(data: Path) -> None:
    with serving(data, "--memory", "1G") as server:
        held(server)
        publish(data, 2)
        assert wait_for(lambda: values(ask(server, RELEASE)) == [["2"]])
        held(server)
        assert "now serving release 2 from memory" in server.log
        assert values(ask(server, RELEASE)) == [["2"]]


def test_release_that_does_not_fit_stays_on_disk_and_the_log_says_why(data: Path) -> None:
    with serving(data, "--memory", "100K") as server:
        for what in ("memory", "columns"):
            assert f"release 1 isn't held in {what}: that would take" in server.log
        assert engine(server) == "disk"
        assert values(ask(server, RELEASE)) == [["1"]]


def test_release_whose_columns_alone_fit_is_served_from_disk_with_them(data: Path) -> None:
    release = find_current(data)
    assert release is not None
    size = 500 * int(release.manifest()["quads"])
    count = "SELECT (COUNT(*) AS ?n) { ?s <urn:is> ?o }"
    options = ("--memory", str(size), "--timeout", "2", "--workers", "1", "--cache", "0")
    with serving(data, *options) as server:
        on_disk = values(ask(server, count))
        assert wait_for(lambda: engine(server) == "columns")
        assert "release 1 isn't held in memory: that would take" in server.log
        assert "now serving release 1 from columns" in server.log
        holder = nursery(server.process.pid, "columns")
        assert memory.measure_anonymous(holder) < 50 * 2**20
        assert ask(server, ENDLESS).status == 503
        assert values(ask(server, count)) == on_disk
        assert values(ask(server, "SELECT ?o { <urn:n7> <urn:is> ?o }")) == [["7"]]
        assert values(ask(server, "SELECT ?g { GRAPH ?g { <urn:n7> ?p ?o } }")) == [["urn:numbers"]]
        assert nursery(server.process.pid, "columns") == holder
        assert {entry["engine"] for entry in journal(server)} == {"disk", "columns", ""}


@pytest.mark.parametrize("mode", ["disk", "memory"])
def test_death_of_the_nursery_is_made_good(data: Path, mode: str) -> None:
    with serving(data, "--memory", "1G" if mode == "memory" else "off") as server:
        if mode == "memory":
            held(server)
        os.kill(nursery(server.process.pid, mode), signal.SIGKILL)
        assert wait_for(lambda: "have ended" in server.log)
        assert wait_for(lambda: ask(server, RELEASE).status == 200)
        if mode == "memory":
            held(server)


def test_copy_that_is_killed_while_it_loads_leaves_the_disk_engine_serving(data: Path) -> None:
    with serving(data, "--memory", "1G") as server:
        stop = threading.Event()

        def kill() -> None:
            while not stop.is_set():
                for pid in children(server.process.pid):
                    if "memory" in arguments(pid):
                        os.kill(pid, signal.SIGKILL)
                        return

        killer = threading.Thread(target=kill)
        killer.start()
        publish(data, 2)
        assert wait_for(lambda: values(ask(server, RELEASE)) == [["2"]])
        stop.set()
        killer.join()
        assert values(ask(server, RELEASE)) == [["2"]]


def test_budget_is_half_of_what_is_free_or_what_it_says() -> None:
    assert memory.compute_budget("off") == 0
    assert memory.compute_budget("1000") == 1000
    assert 0 < memory.compute_budget("auto") <= memory.measure_available()


def test_more_workers_need_more_memory_for_what_they_copy() -> None:
    four, one = (memory.estimate_size("memory", 1000, workers) for workers in (4, 1))
    assert four > one > 1000 * memory.QUAD


def test_columns_alone_need_less_however_many_workers_there_are() -> None:
    four, one = (memory.estimate_size("columns", 1000, workers) for workers in (4, 1))
    assert memory.estimate_size("memory", 1000, 1) > four == one > 1000 * memory.COLUMNS


def test_own_memory_is_known_and_that_of_nobody_is_none() -> None:
    assert memory.measure_anonymous(os.getpid()) > 2**20
    assert memory.measure_anonymous(2**22 + 1) == 0


def test_release_larger_than_a_query_may_be_is_none_of_the_query(data: Path) -> None:
    many = "\n".join(f'<urn:many{n}> <urn:is> "{n}" <urn:many> .' for n in range(100_000))
    publish(data, 2, f"\n{many}")
    with serving(data, "--memory", "1G", "--worker-memory", "20M", "--cache", "0") as server:
        held(server)
        (holder,) = [nursery(server.process.pid, "memory")]
        assert memory.measure_anonymous(holder) > 20 * 2**20
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


@pytest.mark.parametrize("mode", ["disk", "memory"])
def test_nursery_whose_server_has_gone_ends_without_a_word(data: Path, mode: str) -> None:
    ours, theirs = socket.socketpair()
    store = (data / "current" / "store").resolve()
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
            [*command, mode, str(store), "connected"],
            pass_fds=[theirs.fileno()],
            capture_output=True,
            text=True,
        )
    assert (done.returncode, done.stderr) == (0, "")


GATHERED = r"""
import re
import pyoxigraph as ox
from sparql_server.engine.processes.large_pages import gather

node = ox.NamedNode
store = ox.Store()
p, g = node("urn:p"), node("urn:g")
store.extend(ox.Quad(node(f"urn:{n}"), p, ox.Literal(f"{n}"), g) for n in range(50_000))
before = sorted(map(str, store))
moved = gather()
with open("/proc/self/smaps_rollup") as lines:
    large = int(re.search(r"AnonHugePages: +(\d+)", lines.read())[1]) * 1024
print(moved, large, sorted(map(str, store)) == before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has them")
def test_what_is_moved_to_large_pages_stays_what_it_was() -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-c", GATHERED], capture_output=True, text=True, check=True
    )
    moved, large, same = done.stdout.split()
    assert same == "True"
    # A system without them, or without room for them, leaves everything where it is.
    assert int(large) >= int(moved) // 2
