"""A disk for temporary files that has no room: 507, or a cut answer, at once; never a wait."""

from __future__ import annotations

import resource
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.server.conftest import Server
from tests.server.http import Reply, ask, request, values
from tests.server.processes import raw, read_all, serving, wait_for
from tests.server.test_workers import LONG, LONGER, RELEASE

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux limits others"),
]

QUERY = {"Content_Type": "application/sparql-query"}
LARGE = b"ASK {} #" + b"x" * 2_000_000


@pytest.fixture
def full(data: Path) -> Iterator[Server]:
    """A server whose files can't grow: the system refuses as it does where a disk is full."""
    options = ("--workers", "6", "--request-bytes", "4M", "--timeout", "8")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, before[1]))
    try:
        running = serving(data, *options, "--send-timeout", "600", "--receive-timeout", "600")
        server = running.__enter__()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    yield server
    running.__exit__(None, None, None)


def answers(server: Server) -> bool:
    return values(ask(server, RELEASE)) == [["1"]] and "Traceback" not in server.log


def test_result_that_cannot_be_set_aside_is_507(full: Server) -> None:
    received = read_all(raw(full, LONG, "1.0", format="tsv"))
    assert received.startswith(b"HTTP/1.0 507 ")
    assert b"ask by HTTP/1.1" in received
    assert answers(full)


def test_body_that_cannot_be_set_aside_is_507(full: Server) -> None:
    reply: Reply = request(full, "POST", "/sparql", LARGE, **QUERY)
    assert (reply.status, reply.json()["title"]) == (507, "Insufficient Storage")
    assert answers(full)


def test_body_in_chunks_that_cannot_be_set_aside_is_507(full: Server) -> None:
    head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
    connection = socket.create_connection(("127.0.0.1", full.port), timeout=60)
    connection.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n")
    connection.sendall(b"%x\r\n%s\r\n" % (len(LARGE), LARGE))
    assert read_all(connection).startswith(b"HTTP/1.1 507 ")
    assert answers(full)


def test_answer_that_cannot_be_set_aside_is_cut(full: Server) -> None:
    # More than may wait in memory, so that some of it must be set aside.
    with ExitStack() as closing:
        waiting = [
            closing.enter_context(raw(full, f"{LONGER} OFFSET {number}", format="tsv"))
            for number in range(6)
        ]
        assert wait_for(lambda: "could not be set aside" in full.log, 60)
        for connection in waiting:
            assert not read_all(connection).endswith(b"\r\n0\r\n\r\n")
    assert answers(full)
