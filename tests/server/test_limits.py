"""Limits: each is reported with its size, and costs nobody but who has exceeded it."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from urllib.parse import urlencode

import pytest

from sparql_server.answering.admission import Admission, find_client, read_networks
from sparql_server.errors import Busy, StartError, TooManyRequests
from tests.server.conftest import publish
from tests.server.http import Reply, ask, request, values
from tests.server.processes import cpu, raw, read_all, serving, wait_for, workers
from tests.server.test_workers import ENDLESS, LONG, RELEASE

pytestmark = pytest.mark.long

# Sorting nine million rows takes them into memory first.
HOG = "SELECT ?x ?y { ?a <urn:is> ?x . ?b <urn:is> ?y } ORDER BY DESC(?y) ?x"


@pytest.mark.parametrize("mode", ["disk", "columns"])
def test_query_that_takes_too_much_memory_dies_alone_with_507(tmp_path: Path, mode: str) -> None:
    publish(tmp_path, 1, columns=mode == "columns")
    with serving(tmp_path, "--worker-memory", "100M", "--workers", "2") as server:
        replies: list[Reply] = []
        thread = threading.Thread(target=lambda: replies.append(ask(server, HOG)))
        thread.start()
        while thread.is_alive():
            assert values(ask(server, RELEASE)) == [["1"]]
        thread.join()
        (reply,) = replies
        assert (reply.status, reply.json()["title"]) == (507, "Memory limit exceeded")
        assert (reply.json()["limit"], reply.json()["unit"]) == (100 * 2**20, "bytes")


def test_small_result_that_is_too_large_is_422(data: Path) -> None:
    with serving(data, "--result-bytes", "10K") as server:
        reply = ask(server, "SELECT * { ?s <urn:is> ?o }")
        assert (reply.status, reply.json()["limit"]) == (422, 10 * 1024)
        assert values(ask(server, RELEASE)) == [["1"]]


def test_large_result_that_is_too_large_is_cut_and_can_be_seen_to_be(data: Path) -> None:
    with serving(data, "--result-bytes", "3M") as server:
        received = read_all(raw(server, LONG, format="tsv"))
        assert received.startswith(b"HTTP/1.1 200")
        assert not received.endswith(b"\r\n0\r\n\r\n")
        assert len(received) < 4 * 2**20
        assert "ResultTooLarge" in server.log
        assert "Traceback" not in server.log


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_request_that_is_too_long_is_413(data: Path, method: str) -> None:
    query = f"SELECT * {{ ?s ?p '{'x' * 70_000}' }}"
    with serving(data, "--request-bytes", "64K") as server:
        if method == "GET":
            reply = ask(server, query)
        else:
            reply = request(
                server, "POST", "/sparql", query.encode(), Content_Type="application/sparql-query"
            )
        assert (reply.status, reply.json()["limit"]) == (413, 64 * 1024)


def test_long_query_in_an_address_is_answered(data: Path) -> None:
    with serving(data) as server:
        assert ask(server, f"SELECT * {{ ?s ?p '{'x' * 500_000}' }}").status == 200


def test_full_queue_is_503_at_once_with_retry_after(data: Path) -> None:
    options = ("--workers", "1", "--queue", "1", "--queue-timeout", "60", "--cache", "0")
    with serving(data, *options) as server:
        hold = [raw(server, f"{ENDLESS} # {number}") for number in range(1)]
        assert wait_for(lambda: any(cpu(pid) > 0.1 for pid in workers(server)))
        hold.append(raw(server, f"{ENDLESS} LIMIT 1"))
        assert wait_for(lambda: '"waiting": 1' in request(server, "GET", "/health").text)
        reply = ask(server, RELEASE)
        assert '"waiting": 1' in request(server, "GET", "/health").text  # nothing has ended since
        assert (reply.status, reply.json()["title"]) == (503, "Too busy")
        assert reply.json()["limit"] == 2
        assert reply.headers["retry-after"]
        for connection in hold:
            connection.close()


def test_client_may_ask_for_less_time_and_never_gets_more(data: Path) -> None:
    with serving(data, "--timeout", "1") as server:
        assert ask(server, ENDLESS, timeout="200").json()["limit"] == 0.2
        assert ask(server, ENDLESS, timeout="100000").json()["limit"] == 1.0


def test_client_that_hangs_up_while_it_computes_frees_its_worker(data: Path) -> None:
    with serving(data, "--workers", "1", "--queue-timeout", "60") as server:
        connection = raw(server, ENDLESS)
        assert wait_for(lambda: any(cpu(pid) > 0.1 for pid in workers(server)))
        connection.close()
        assert values(ask(server, RELEASE)) == [["1"]]
        assert wait_for(lambda: '"ClientGone"' in server.log)


def test_client_that_hangs_up_in_the_queue_leaves_it(data: Path) -> None:
    with serving(data, "--workers", "1", "--timeout", "60") as server:
        first = raw(server, ENDLESS)
        assert wait_for(lambda: any(cpu(pid) > 0.1 for pid in workers(server)))
        second = raw(server, RELEASE)
        assert wait_for(lambda: '"waiting": 1' in request(server, "GET", "/health").text)
        second.close()
        assert wait_for(lambda: '"waiting": 0' in request(server, "GET", "/health").text)
        first.close()


def test_client_that_takes_nothing_is_cut_and_its_worker_freed(data: Path) -> None:
    query = "SELECT ?x ?y ?z { ?a <urn:is> ?x . ?b <urn:is> ?y . ?c <urn:is> ?z }"
    with serving(data, "--workers", "1", "--send-timeout", "1") as server:
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", server.port))
        path = f"/sparql?{urlencode({'query': query, 'format': 'tsv'})}"
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        assert wait_for(lambda: '"busy": 1' in request(server, "GET", "/health").text)
        assert wait_for(lambda: '"busy": 0' in request(server, "GET", "/health").text)
        assert values(ask(server, RELEASE)) == [["1"]]
        connection.close()


def test_clients_that_send_half_a_request_keep_nobody_waiting(data: Path) -> None:
    with serving(data, "--workers", "1", "--queue", "4") as server:
        halves = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(100)]
        for number, half in enumerate(halves):
            head = b"POST /sparql HTTP/1.1\r\nHost: x\r\n"
            half.sendall(head + (b"Content-Length: 100\r\n\r\nq" if number % 2 else b""))
        assert values(ask(server, RELEASE)) == [["1"]]
        for half in halves:
            half.close()


def test_requests_of_one_client_are_limited_and_others_not(data: Path) -> None:
    options = ("--client-rate", "5", "--trusted-proxy", "127.0.0.0/8")
    with serving(data, *options) as server:
        path = f"/sparql?{urlencode({'query': RELEASE})}"
        replies = [
            request(server, "GET", path, X_Forwarded_For="6.6.6.6, 192.0.2.1") for _ in range(6)
        ]
        assert [reply.status for reply in replies] == [200] * 5 + [429]
        assert 0 < int(replies[-1].headers["retry-after"]) <= 60
        assert (replies[-1].json()["limit"], replies[-1].json()["unit"]) == (
            5,
            "requests a minute",
        )
        assert request(server, "GET", path, X_Forwarded_For="192.0.2.2").status == 200


def test_header_of_a_stranger_does_not_make_him_another_client(data: Path) -> None:
    with serving(data, "--client-rate", "2") as server:
        path = f"/sparql?{urlencode({'query': RELEASE})}"
        statuses = [
            request(server, "GET", path, X_Forwarded_For=f"192.0.2.{number}").status
            for number in range(3)
        ]
        assert statuses == [200, 200, 429]


def test_queries_of_one_client_under_way_are_limited(data: Path) -> None:
    options = ("--client-queries", "1", "--workers", "2", "--trusted-proxy", "127.0.0.1")
    with serving(data, *options) as server:
        first = raw(server, ENDLESS)
        assert wait_for(lambda: any(cpu(pid) > 0.1 for pid in workers(server)))
        reply = ask(server, RELEASE)
        assert (reply.status, reply.json()["limit"]) == (429, 1)
        path = f"/sparql?{urlencode({'query': RELEASE})}"
        assert request(server, "GET", path, X_Forwarded_For="192.0.2.9").status == 200
        first.close()
        assert wait_for(lambda: ask(server, RELEASE).status == 200)


def test_worker_is_replaced_after_so_many_queries(data: Path) -> None:
    with serving(data, "--workers", "1", "--recycle", "3", "--cache", "0") as server:
        (first,) = workers(server)
        for _ in range(3):
            assert values(ask(server, RELEASE)) == [["1"]]
        assert wait_for(lambda: workers(server) and first not in workers(server))
        assert values(ask(server, RELEASE)) == [["1"]]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("192.0.2.1", "192.0.2.7", "192.0.2.1"),
        ("10.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "192.0.2.7, 10.0.0.2", "192.0.2.7"),
        ("10.0.0.1", "6.6.6.6, 192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "no address", "no address"),
        ("::1", "2001:db8::1", "2001:db8::1"),
    ],
)
def test_client_is_the_last_address_that_no_trusted_proxy_has(
    peer: str, forwarded: str | None, client: str
) -> None:
    assert find_client(peer, forwarded, read_networks(["10.0.0.0/8", "::1"])) == client


def test_trusted_proxy_that_is_no_address_is_an_error_at_the_start() -> None:
    with pytest.raises(StartError, match="no address"):
        read_networks(["proxy.example.org"])


def test_places_are_given_back() -> None:
    admission = Admission(places=2, client_places=1)
    with admission.place("a"):
        with pytest.raises(TooManyRequests), admission.place("a"):
            pass
        with admission.place("b"), pytest.raises(Busy), admission.place("c"):
            pass
        with admission.place("b"):
            pass
    with admission.place("a"):
        pass
