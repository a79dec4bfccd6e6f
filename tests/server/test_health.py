"""Health: 503 where queries are not answered, with the cause in the log once; then 200 again."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.conftest import Server, publish
from tests.server.http import Reply, ask, request, values
from tests.server.processes import children, raw, serving, wait_for, workers
from tests.server.test_workers import ENDLESS, RELEASE

pytestmark = pytest.mark.long


def health(server: Server) -> Reply:
    return request(server, "GET", "/health")


def becomes(server: Server, status: int) -> bool:
    return wait_for(lambda: health(server).status == status, 30)


def damage(data: Path, number: int = 1) -> None:
    for file in (data / "releases" / f"{number:04}" / "store").glob("*.sst"):
        content = file.read_bytes()
        file.write_bytes(b"\0" * len(content))


def lines(server: Server, said: str) -> list[str]:
    return [line for line in server.log.splitlines() if re.search(said, line)]


def test_damaged_store_is_503_said_once_and_served_when_it_is_whole(data: Path) -> None:
    store = data / "releases" / "0001" / "store"
    kept = {file: file.read_bytes() for file in store.glob("*.sst")}
    damage(data)
    with serving(data) as server:
        reply = health(server)
        assert (reply.status, reply.json()["ready"]) == (503, False)
        assert reply.json()["cause"] == "release 1 can't be served"
        for file, content in kept.items():
            file.write_bytes(content)
        assert becomes(server, 200)
        assert values(ask(server, RELEASE)) == [["1"]]
        assert len(lines(server, "Corruption")) == 1
        assert "Traceback" not in server.log


def test_store_damaged_while_it_is_served_is_503_when_no_worker_can_be_started(data: Path) -> None:
    with serving(data, "--workers", "1") as server:
        assert health(server).status == 200
        damage(data)
        for pid in workers(server):
            os.kill(pid, signal.SIGKILL)
        assert becomes(server, 503)
        assert health(server).json()["cause"] == "no worker can be started"
        assert len(lines(server, "Corruption")) == 1
        assert len(lines(server, "not answered")) == 1
        assert "Traceback" not in server.log
        publish(data, 2)
        assert becomes(server, 200)
        assert values(ask(server, RELEASE)) == [["2"]]


def stopped(pids: list[int]) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)


@pytest.fixture
def few(data: Path) -> Iterator[Server]:
    with serving(data, "--workers", "2", "--timeout", "60") as server:
        # A worker that is started meanwhile would be none of those that a test stops.
        assert wait_for(lambda: health(server).json()["workers"]["idle"] == 2)
        yield server


def test_workers_that_hang_are_replaced(few: Server) -> None:
    before = workers(few)
    stopped(before)
    assert wait_for(lambda: not set(before) & set(workers(few)), 30)
    assert becomes(few, 200)
    assert values(ask(few, RELEASE)) == [["1"]]


def test_hung_processes_are_503_and_served_again_when_they_go_on(few: Server) -> None:
    everybody = children(few.process.pid)
    stopped(everybody)
    assert becomes(few, 503)
    assert becomes(few, 200)  # the nursery that hangs is replaced
    assert len(lines(few, "queries are not answered")) == 1
    assert len(lines(few, "queries are answered again")) == 1


def test_no_place_for_another_query_is_503_until_there_is_one(few: Server) -> None:
    hold = [raw(few, f"{ENDLESS} LIMIT {number}") for number in (1, 2)]
    assert becomes(few, 503)
    assert "no worker" in health(few).json()["cause"]
    for connection in hold:
        connection.close()
    assert becomes(few, 200)


@pytest.mark.parametrize("mode", ["disk", "columns"])
def test_nursery_that_cannot_be_started_again_is_said_once(
    tmp_path: Path, mode: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(tmp_path, 1, columns=mode == "columns")
    with serving(tmp_path, "--workers", "1") as server:
        assert health(server).json()["engine"] == mode
        damage(tmp_path)
        for pid in children(server.process.pid):
            os.kill(pid, signal.SIGKILL)
        assert becomes(server, 503)
        assert wait_for(lambda: lines(server, "can't be served"), 60)
        assert len(lines(server, "have ended")) == 1
        assert len(lines(server, "can't be served")) == 1
        assert "Traceback" not in server.log
