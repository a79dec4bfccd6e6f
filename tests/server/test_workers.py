"""Limits, cuts, switches of release, deaths of workers: what happens to requests in flight."""

from __future__ import annotations

import os
import re
import signal
import threading
from pathlib import Path

import pytest

from tests.commands import run_server
from tests.server.conftest import point_to, publish, stop
from tests.server.http import ask, request, values
from tests.server.processes import (
    alive,
    children,
    cpu,
    raw,
    read_all,
    read_all_chunked,
    serving,
    wait_for,
    workers,
)

pytestmark = pytest.mark.long

# Ten minutes of work; nine million rows that begin at once, and three thousand times as many.
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a <urn:is> ?x . ?b <urn:is> ?y . ?c <urn:is> ?z }"
LONG = "SELECT ?x ?y { ?a <urn:is> ?x . ?b <urn:is> ?y }"
LONGER = "SELECT ?x ?y ?z { ?a <urn:is> ?x . ?b <urn:is> ?y . ?c <urn:is> ?z }"
# For a worker, which takes a moment: without the filter it would be looked up.
RELEASE = "SELECT ?n { <urn:release> <urn:is> ?n FILTER BOUND(?n) }"


def test_query_over_the_limit_is_ended_with_503_and_the_next_is_answered(data: Path) -> None:
    with serving(data, "--timeout", "2", "--workers", "1") as server:
        reply = ask(server, ENDLESS)
        assert reply.status == 503
        assert reply.headers["content-type"] == "application/problem+json"
        assert reply.json()["title"] == "Time limit exceeded"
        assert reply.json()["limit"] == 2
        assert reply.headers["retry-after"]
        assert values(ask(server, RELEASE)) == [["1"]]


@pytest.mark.parametrize("name", ["tsv", "json", "xml", "csv"])
def test_result_cut_by_the_limit_has_no_well_formed_end(data: Path, name: str) -> None:
    with serving(data, "--timeout", "3", "--workers", "1") as server:
        received = read_all(raw(server, LONGER, format=name))
        assert received.startswith(b"HTTP/1.1 200")
        assert b"Transfer-Encoding: chunked" in received
        assert not received.endswith(b"\r\n0\r\n\r\n")
        assert values(ask(server, RELEASE)) == [["1"]]
        assert "Traceback" not in server.log


def test_result_cut_by_the_limit_is_503_for_http_1_0(data: Path) -> None:
    with serving(data, "--timeout", "0.5", "--workers", "1") as server:
        received = read_all(raw(server, LONGER, "1.0", format="tsv"))
        assert received.startswith(b"HTTP/1.0 503")


def test_whole_result_for_http_1_0_has_its_length(data: Path) -> None:
    with serving(data) as server:
        received = read_all(raw(server, "SELECT * { ?s <urn:is> ?o }", "1.0", format="tsv"))
        head, _, body = received.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        assert length is not None
        assert int(length[1]) == len(body)


def test_killed_worker_costs_its_own_query_only(data: Path) -> None:
    with serving(data, "--workers", "2") as server:
        replies = []
        thread = threading.Thread(target=lambda: replies.append(ask(server, ENDLESS)))
        thread.start()
        before = workers(server)
        assert len(before) == 2

        def busy() -> list[int]:
            return [pid for pid in before if cpu(pid) > 0.2]

        assert wait_for(busy)
        os.kill(busy()[0], signal.SIGKILL)
        thread.join(timeout=60)
        (reply,) = replies
        assert reply.status == 500
        identifier = reply.json()["identifier"]
        assert wait_for(lambda: identifier in server.log)
        assert values(ask(server, RELEASE)) == [["1"]]
        assert wait_for(lambda: len(workers(server)) == 2)


def test_all_workers_busy_is_503_with_retry_after(data: Path) -> None:
    with serving(data, "--workers", "1", "--timeout", "5", "--queue-timeout", "0.3") as server:
        thread = threading.Thread(target=lambda: ask(server, ENDLESS))
        thread.start()
        assert wait_for(lambda: any(cpu(pid) > 0.2 for pid in workers(server)))
        reply = ask(server, RELEASE)
        assert (reply.status, reply.json()["title"]) == (503, "Too busy")
        assert reply.headers["retry-after"]
        thread.join(timeout=60)


def test_client_that_hangs_up_frees_its_worker(data: Path) -> None:
    with serving(data, "--workers", "1", "--queue-timeout", "60") as server:
        connection = raw(server, LONG, format="tsv")
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
        connection.close()
        assert values(ask(server, RELEASE)) == [["1"]]


def test_new_release_is_taken_up_and_an_old_one_returned_to(data: Path) -> None:
    with serving(data) as server:
        assert values(ask(server, RELEASE)) == [["1"]]
        publish(data, 2)
        assert wait_for(lambda: values(ask(server, RELEASE)) == [["2"]])
        assert ask(server, RELEASE).headers["libris-release"] == "2"
        point_to(data, 1)
        assert wait_for(lambda: values(ask(server, RELEASE)) == [["1"]])


def test_query_in_flight_ends_on_the_release_it_began_on(data: Path) -> None:
    query = (
        "SELECT ?n ?x { ?a <urn:is> ?x . ?b <urn:is> ?y . <urn:release> <urn:is> ?n } LIMIT 900000"
    )
    with serving(data, "--workers", "1") as server:
        connection = raw(server, query, format="tsv")
        begun = connection.recv(1 << 16)
        publish(data, 2)
        assert wait_for(lambda: values(ask(server, RELEASE)) == [["2"]])
        received = begun + read_all_chunked(connection)
        assert received.endswith(b"\r\n0\r\n\r\n")
        assert b'"2"\t' not in received
        assert received.count(b'\n"1"\t') > 800_000


def test_no_request_fails_while_releases_switch(data: Path) -> None:
    with serving(data, "--workers", "2") as server:
        replies = []
        done = threading.Event()

        def keep_asking() -> None:
            while not done.is_set():
                replies.append(ask(server, RELEASE))

        threads = [threading.Thread(target=keep_asking) for _ in range(3)]
        for thread in threads:
            thread.start()
        for number in range(2, 6):
            publish(data, number)
            assert wait_for(lambda n=number: str(n) == replies[-1].headers["libris-release"])
        done.set()
        for thread in threads:
            thread.join()
        assert {reply.status for reply in replies} == {200}
        for reply in replies:
            assert values(reply) == [[reply.headers["libris-release"]]]


def test_broken_release_is_not_taken_up(data: Path) -> None:
    with serving(data) as server:
        (data / "releases" / "0002" / "store").mkdir(parents=True)
        point_to(data, 2)
        assert wait_for(lambda: "release 2 can't be served" in server.log)
        assert values(ask(server, RELEASE)) == [["1"]]
        publish(data, 3)
        assert wait_for(lambda: values(ask(server, RELEASE)) == [["3"]])


def test_server_without_a_release_says_so_and_serves_the_first(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        reply = ask(server, RELEASE)
        assert (reply.status, reply.json()["title"]) == (503, "No release")
        assert "libris-loader release" in request(server, "GET", "/", Accept="text/html").text
        publish(tmp_path, 1)
        assert wait_for(lambda: ask(server, RELEASE).status == 200)


def test_end_leaves_no_process_behind(data: Path) -> None:
    with serving(data) as server:
        family = [server.process.pid, *children(server.process.pid)]
        assert len(family) >= 4
        assert stop(server) == 0
    assert wait_for(lambda: not any(Path(f"/proc/{pid}/exe").exists() for pid in family))
    assert "Traceback" not in server.log


def test_kill_leaves_no_process_behind(data: Path) -> None:
    with serving(data, "--workers", "1") as server, raw(server, ENDLESS):
        family = children(server.process.pid)
        assert wait_for(lambda: any(cpu(pid) > 0.2 for pid in workers(server)))
        server.process.kill()
        server.process.wait()
        assert wait_for(lambda: not any(alive(pid) for pid in family))


def test_interrupt_is_a_quiet_end(data: Path) -> None:
    with serving(data) as server:
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(timeout=60) == 0
    assert "Traceback" not in server.log


def test_address_in_use_is_one_sentence_and_exit_code_1(data: Path) -> None:
    with serving(data) as server:
        again = run_server(*server.process.args[1:-1], server.port)
        assert again.returncode == 1
        assert again.stderr.strip() == f"Error: 127.0.0.1:{server.port} is in use"
