"""Answers that no thread waits for: in order, to whom they belong, and never at others' expense."""

from __future__ import annotations

import re
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from sparql_server.http.waiting import Waiting
from tests.server.conftest import NUMBERS, Server
from tests.server.http import Reply, ask, request, values
from tests.server.processes import raw, read_all, serving, wait_for, workers
from tests.server.test_cache import SLOW, entries

LARGE = "SELECT ?a ?x { ?a <urn:is> ?x }"  # more than one message


def number(n: int) -> str:
    return f"SELECT ?x {{ <urn:n{n}> <urn:is> ?x }}"


def sent_together(server: Server, queries: list[str]) -> bytes:
    """What comes back when requests are sent without waiting for the answers."""
    heads = [
        f"GET /sparql?{urlencode({'query': query, 'format': 'csv'})} HTTP/1.1\r\nHost: localhost"
        for query in queries
    ]
    heads[-1] += "\r\nConnection: close"
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall("".join(f"{head}\r\n\r\n" for head in heads).encode())
        return read_all(connection)


@pytest.mark.parametrize("cache", ["0", "1M"])
def test_requests_that_come_together_are_answered_in_order(data: Path, cache: str) -> None:
    with serving(data, "--workers", "1", "--cache", cache) as server:
        wanted = [1, 2, 1, 3, 1, 2]
        for _ in range(2):
            received = sent_together(server, [number(n) for n in wanted])
            found = re.findall(rb"\r\n\r\nx\r\n(\d+)\r\n", received)
            assert [int(answer) for answer in found] == wanted


def test_many_requests_that_come_together_are_all_answered_in_order(data: Path) -> None:
    with serving(data, "--workers", "1") as server:
        ask(server, number(1), format="csv")
        wanted = [1 + n % 3 for n in range(200)]
        received = sent_together(server, [number(n) for n in wanted])
        found = re.findall(rb"\r\n\r\nx\r\n(\d+)\r\n", received)
        assert [int(value) for value in found] == wanted


def test_small_and_large_results_in_turns(data: Path) -> None:
    with serving(data, "--cache", "0") as server:
        received = sent_together(server, [number(7), LARGE, number(8), LARGE])
        assert received.count(b"HTTP/1.1 200 OK\r\n") == 4
        assert received.count(b"\r\nurn:n17,17") == 2


def test_many_at_once_get_their_own_answers(data: Path) -> None:
    def answered(n: int) -> bool:
        return values(ask(server, number(n % NUMBERS))) == [[str(n % NUMBERS)]]

    with serving(data, "--workers", "2", "--cache", "0") as server, ThreadPoolExecutor(8) as many:
        assert all(many.map(answered, range(400)))
        assert {entry["outcome"] for entry in entries(server)} == {"ok"}


def test_whoever_needs_no_worker_is_answered_while_all_are_busy(data: Path) -> None:
    with serving(data, "--workers", "1") as server:
        ask(server, number(1))
        slow: list[Reply] = []
        thread = threading.Thread(target=lambda: slow.append(ask(server, SLOW)))
        thread.start()
        assert wait_for(lambda: request(server, "GET", "/health").json()["workers"]["busy"] == 1)
        assert values(ask(server, number(1))) == [["1"]]
        assert not slow
        assert values(ask(server, number(2))) == [["2"]]  # when the slow one has ended
        thread.join()
        assert slow[0].status == 200


def test_client_that_leaves_at_once_leaves_nothing_behind(data: Path) -> None:
    with serving(data, "--workers", "2", "--cache", "0", "--queue", "100") as server:
        before = sorted(workers(server))
        for n in range(50):
            raw(server, number(n)).close()
        assert values(ask(server, number(51))) == [["51"]]  # who came before has been heard by now
        assert wait_for(lambda: is_at_rest(server) and len(workers(server)) == len(before))
        outcomes = {entry["outcome"] for entry in entries(server)}  # some leave before they ask
        assert outcomes <= {"ok", "ClientGone"}
        # On a busy machine a query may take long enough to be ended with its worker.
        assert sorted(workers(server)) == before or "ClientGone" in outcomes
        assert values(ask(server, number(52))) == [["52"]]


def is_at_rest(server: Server) -> bool:
    health = request(server, "GET", "/health").json()
    return (health["workers"], health["waiting"]) == ({"busy": 0, "idle": 2}, 0)


def head_of(server: Server, *lines: str) -> bytes:
    """The head of an answer, without what differs each time."""
    path = f"/sparql?{urlencode({'query': number(5), 'format': 'csv'})}"
    head = "\r\n".join([f"GET {path} HTTP/1.1", "Host: localhost", *lines])
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(f"{head}\r\n\r\n".encode())
        received = b""
        while not received.endswith(b"x\r\n5\r\n"):
            received += connection.recv(1 << 16)
    return re.sub(rb"(Age|Date): [^\r]*", rb"\1", received.partition(b"\r\n\r\n")[0])


def test_usual_head_is_the_one_that_waitress_makes(data: Path) -> None:
    with serving(data) as server:
        head_of(server)
        usual = head_of(server)
        assert usual.startswith(b"HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\n")
        assert usual == head_of(server, "Connection: keep-alive")  # which waitress looks at itself
        assert b"\r\nConnection: close\r\n" in head_of(server, "Connection: close")


def test_answer_to_a_form_is_not_that_to_its_address(data: Path) -> None:
    with serving(data) as server:
        kept = ask(server, number(6))
        assert ask(server, number(6)).headers["server-timing"] == 'cache;desc="hit"'
        path = f"/sparql?{urlencode({'query': number(6)})}"
        kind = {"Content_Type": "application/x-www-form-urlencoded"}
        other = request(server, "POST", path, b"default-graph-uri=urn:about", **kind)
        assert (values(kept), values(other)) == ([["6"]], [])


def test_malformed_query_and_one_that_ends_its_worker_are_told(data: Path) -> None:
    with serving(data, "--workers", "1") as server:
        assert ask(server, "SELECT * { ?s ?p").json()["title"] == "Malformed query"
        assert ask(server, f"{number(1)} # x", format="docx").status == 406
        assert ask(server, "SELECT * { SERVICE <urn:x> {} }").status == 403
        assert values(ask(server, number(4))) == [["4"]]


def test_rate_of_a_client_counts_each_request_once(data: Path) -> None:
    with serving(data, "--client-rate", "5", "--cache", "0") as server:
        statuses = [ask(server, number(n)).status for n in range(7)]
        assert statuses == [200] * 5 + [429] * 2


class _Request:
    """A connection whose request was read."""

    def environ(self) -> dict[str, object]:
        return {}


class _Broken:
    """An answer on its way that can't be read when it is there."""

    def fileno(self) -> int:
        return 7

    def is_whole(self) -> bool:
        raise ValueError("unreadable")


def test_mistake_where_a_query_begins_leaves_it_to_a_thread() -> None:
    def broken(environ: dict[str, object]) -> None:
        raise ValueError("a mistake")

    threads: list[object] = []
    waiting = Waiting({}, broken, pytest.fail, threads.append)
    request = _Request()
    waiting.add(request)
    assert threads == [request]
    assert not waiting


def test_answer_that_cannot_be_read_is_left_to_a_thread() -> None:
    sockets: dict[int, Any] = {}
    threads: list[object] = []
    broken: Any = _Broken()
    waiting = Waiting(sockets, lambda environ: broken, pytest.fail, threads.append)
    request = _Request()
    waiting.add(request)
    with pytest.raises(ValueError, match="unreadable"):
        sockets[7].handle_read_event()
    assert threads == [request]
    assert not waiting
    assert not sockets
