"""Clients that take or send little by little, and workers that end while nobody asks them."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sparql_server.engine.local.engine import Embedded
from sparql_server.engine.query_limits import Limits
from sparql_server.http.server import Server as ServerUnderTest
from sparql_server.serving.composition import make_endpoint
from sparql_server.settings import Settings
from sparql_server.web.app import SHORTCUT, create_app
from tests.commands import Command
from tests.server.conftest import Server, publish
from tests.server.http import ask, request, values
from tests.server.processes import alive, children, files, raw, read_all, serving, wait_for, workers
from tests.server.test_workers import LONGER, RELEASE

IMPATIENT = ("--timeout", "1", "--queue-timeout", "0.5")


def answers(server: Server) -> bool:
    return ask(server, RELEASE).status == 200


def drip(connection: socket.socket, done: threading.Event, most: int) -> None:
    """Take a little of an answer now and then, until it is cut."""
    with connection:
        while not done.wait(0.05):
            try:
                if not connection.recv(most):
                    return
            except OSError:
                return


@pytest.mark.parametrize("most", [100, 1 << 20])
def test_client_slower_than_the_worker_has_no_more_time_than_others(data: Path, most: int) -> None:
    with serving(data, "--workers", "1", *IMPATIENT, "--send-timeout", "1") as server:
        done = threading.Event()
        connection = raw(server, LONGER, format="tsv")
        thread = threading.Thread(target=drip, args=(connection, done, most))
        thread.start()
        try:
            assert connection.recv(10)
            assert wait_for(lambda: answers(server), 60)
        finally:
            done.set()
            thread.join()


@pytest.mark.parametrize("size", [1, 3, 7])
def test_request_that_comes_in_pieces_is_answered(data: Path, size: int) -> None:
    whole = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
    whole += b"Connection: close\r\nContent-Length: 5\r\n\r\nASK{}"
    with serving(data, "--workers", "1") as server:
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start in range(0, len(whole), size):
            connection.sendall(whole[start : start + size])
        assert b'"boolean":true' in read_all(connection)


def test_client_that_sends_little_by_little_is_cut(data: Path) -> None:
    with serving(data, "--workers", "1", "--receive-timeout", "1") as server:
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        connection.sendall(b"GET / HTTP/1.1\r\n")
        assert wait_for(lambda: not takes(connection, b"X: y\r\n"), 60)
        connection.close()
        assert answers(server)


def takes(connection: socket.socket, piece: bytes) -> bool:
    try:
        connection.sendall(piece)
    except OSError:
        return False
    return True


def test_connection_stays_open_between_requests_longer_than_a_request_may_take(
    data: Path,
) -> None:
    with serving(data, "--workers", "1", "--receive-timeout", "1") as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        connection.connect()
        connection.auto_open = 0  # a connection that was closed is not made again
        for _ in range(2):
            connection.request("GET", "/health")
            response = connection.getresponse()
            assert (response.status, response.read()[:1]) == (200, b"{")
            assert not wait_for(lambda: False, 2.5)
        connection.close()


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    assert wait_for(lambda: not alive(pid))


def test_worker_that_ended_while_idle_costs_no_query(data: Path) -> None:
    with serving(data, "--workers", "1") as server:
        for _ in range(3):
            assert wait_for(lambda: len(workers(server)) == 1)
            kill(workers(server)[0])
            assert values(ask(server, RELEASE)) == [["1"]]
        assert wait_for(lambda: len(workers(server)) == 1)
        kill(workers(server)[0])
        assert wait_for(lambda: len(workers(server)) == 1)
        whole = {"busy": 0, "idle": 1}
        assert wait_for(lambda: request(server, "GET", "/health").json()["workers"] == whole)


@pytest.mark.skipif(not socket.has_ipv6, reason="there is no IPv6")
def test_address_may_be_one_of_ipv6(tmp_path: Path) -> None:
    arguments = ["serve", "--data", str(tmp_path), "--host", "::1", "--port", "0"]
    log = tmp_path / "log"
    log.write_text("")
    process = Command("sparql_server.cli", arguments, (Path(os.devnull), log, log))
    try:
        assert wait_for(lambda: log.exists() and "on http://[::1]:" in log.read_text()), (
            log.read_text()
        )
    finally:
        process.terminate()
        process.wait(timeout=60)


FIRST = """
import ctypes
from sparql_server.cli import main
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: as the first of a container
main()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no /proc")
def test_first_process_of_a_container_leaves_no_zombies(data: Path) -> None:
    command = [sys.executable, "-c", FIRST, "serve", "--data", str(data)]
    process = subprocess.Popen([*command, "--port", "0"], stderr=subprocess.DEVNULL)
    try:
        for number in (2, 3, 4):
            publish(data, number)
            served = f"/{number:04}/store/"
            assert wait_for(lambda s=served: any(s in n for n in opened(process.pid)), 60)
        assert wait_for(lambda: all(alive(pid) for pid in children(process.pid)))
    finally:
        process.terminate()
        process.wait(timeout=60)


def opened(pid: int) -> list[str]:
    return [name for child in children(pid) for name in files(child)]


def test_waking_the_thread_that_reads_and_writes_waits_for_nobody(tmp_path: Path) -> None:
    settings = Settings(tmp_path, port=0)
    endpoint = make_endpoint(settings, Embedded(tmp_path, Limits()))
    app = create_app(endpoint)
    server = ServerUnderTest(app, settings, app.extensions[SHORTCUT])
    try:
        for _ in range(200_000):  # more than a pipe takes
            server.wake()
        server.turn()
    finally:
        server.end()
