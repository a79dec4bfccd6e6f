"""Servers with options of their own, their processes, and connections to them byte by byte."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

from tests.server.conftest import Server, start, stop


@contextmanager
def serving(data: Path, *options: str) -> Iterator[Server]:
    server = start(data, *options)
    try:
        yield server
    finally:
        stop(server)


def children(pid: int) -> list[int]:
    found = [pid]
    for child in found:
        try:
            for task in Path(f"/proc/{child}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found[1:]


def workers(server: Server) -> list[int]:
    """The processes that evaluate queries: those that have the store open."""
    return [pid for pid in children(server.process.pid) if _evaluates(pid)]


def _evaluates(pid: int) -> bool:
    if os.geteuid() == 0:
        return any("/store/" in name for name in files(pid))
    # Nobody else may look into processes of the server: what a nursery has forked has its command.
    return all(b"engine.local.nursery" in _command(process) for process in (pid, _parent(pid)))


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def files(pid: int) -> list[str]:
    """What a process has open; nothing where it or a file is gone while we look."""
    try:
        return [os.readlink(fd) for fd in Path(f"/proc/{pid}/fd").iterdir()]
    except OSError:
        return []


def wait_for(condition: Callable[[], object], seconds: float = 60) -> bool:
    """Wait for something to happen: long enough for a machine that is busy with other work."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def raw(server: Server, query: str, version: str = "1.1", **parameters: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=60)
    path = f"/sparql?{urlencode({'query': query, **parameters})}"
    connection.sendall(f"GET {path} HTTP/{version}\r\nHost: localhost\r\n\r\n".encode())
    return connection


def read_all(connection: socket.socket) -> bytes:
    received = bytearray()
    with connection, suppress(ConnectionResetError):
        while piece := connection.recv(1 << 20):
            received += piece
    return bytes(received)


def read_all_chunked(connection: socket.socket) -> bytes:
    received = bytearray()
    with connection:
        while not received.endswith(b"\r\n0\r\n\r\n"):
            piece = connection.recv(1 << 20)
            if not piece:
                break
            received += piece
    return bytes(received)


def cpu(pid: int) -> float:
    """Seconds of processor time that a process has had."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def alive(pid: int) -> bool:
    """Whether any thread is left: the first can end before others do, which keep files open."""
    try:
        threads = list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return False
    return any(_runs(thread) for thread in threads)


def _runs(thread: Path) -> bool:
    try:
        return (thread / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
