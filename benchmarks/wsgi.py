"""Compare WSGI servers: requests a second, and what they do with clients that misbehave.

python benchmarks/wsgi.py --data benchmarks/out/data
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from engine_servers import free_port
from measure import MIB, circumstances, memory, python
from wrk import Load, available, middle, wrk

SERVERS = ("gunicorn", "waitress", "granian")
_APPS = Path(__file__).with_name("wsgi_apps.py")
_ANY = "/sparql?query=" + quote("SELECT ?s { ?s ?p ?o } LIMIT 1")
_HELD = 64  # connections that a bad client holds: twice as many as there are threads
_LINES = (8_000, 100_000, 1_000_000)  # bytes of a GET query


@contextmanager
def serving(server: str, application: str, **environ: str) -> Iterator[tuple[int, int]]:
    """Start a server with an application; give its process id and port."""
    port = free_port()
    command = python(_APPS, server, application, port)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env={**os.environ, **environ}, **quiet)
    try:
        _await(process, port)
        yield process.pid, port
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(15)
        process.kill()
        process.wait()


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(200):
        with suppress(OSError), closing(socket.create_connection(("127.0.0.1", port), 0.5)):
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise SystemExit(f"{process.args} doesn't start")


# Requests a second


def speeds(servers: list[str], data: Path, rounds: int, seconds: int) -> dict[str, Load]:
    """Measure every application on every server, in turns; give the median run."""
    found: dict[str, list[Load]] = {}
    for _ in range(rounds):
        for application in ("bare", "trivial", "endpoint", "thin"):
            target = _ANY if application in ("endpoint", "thin") else "/"
            for server in servers:
                with serving(server, application, DATA=str(data.resolve())) as (_, port):
                    url = f"http://127.0.0.1:{port}{target}"
                    wrk(url, 1)
                    found.setdefault(f"{application} {server}", []).append(wrk(url, seconds))
    return {name: middle(runs) for name, runs in found.items()}


# What they do with clients that misbehave


def raw(port: int, *sends: bytes, nodelay: bool = True) -> socket.socket:
    """Return a connection on which pieces have been sent, each by itself."""
    client = socket.create_connection(("127.0.0.1", port), 20)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, nodelay)
    for piece in sends:
        client.sendall(piece)
    return client


def get(port: int, path: str, timeout: float = 20) -> tuple[int, bytes]:
    """Return the status and body of an answer on a connection of its own."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout)) as connection:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read()


def pause(port: int, nodelay: bool) -> str:
    """POST on one connection, head and body sent apart: median and largest milliseconds."""
    head = b"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"
    spent = []
    with closing(raw(port, nodelay=nodelay)) as client:
        for _ in range(30):
            start = time.perf_counter()
            client.sendall(head)
            client.sendall(b"hello")
            received = b""
            while not received.endswith(b"\r\n\r\n5"):
                received += client.recv(4096)
            spent.append((time.perf_counter() - start) * 1000)
    return f"{statistics.median(spent):.1f} ms, at most {max(spent):.1f}"


def hangup(port: int) -> str:
    """Hang up 500 ms after the application began to compute; tell when it noticed."""
    client = raw(port, b"GET /hangup HTTP/1.1\r\nHost: x\r\n\r\n")
    time.sleep(0.5)
    client.close()
    time.sleep(2)
    return get(port, "/noticed")[1].decode() or "never"


def hangup_in_stream(port: int) -> str:
    """Hang up while a body of 256 MiB streams; tell when its iterator was closed."""
    client = raw(port, b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
    client.recv(1000)
    time.sleep(0.5)
    start = time.monotonic()
    client.close()
    while time.monotonic() < start + 5:
        if get(port, "/noticed")[1] == b"closed":
            return f"closed after {(time.monotonic() - start) * 1000:.0f} ms"
        time.sleep(0.02)
    return "not closed within 5 s"


def cut(port: int, path: str) -> str:
    """Tell what a client sees when the application raises in the middle of a body."""
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with closing(raw(port, request)) as client:
        received = b""
        try:
            while piece := client.recv(65536):
                received += piece
        except TimeoutError:
            return "hangs"
        except ConnectionResetError:
            return "reset"
    return "a good end" if received.endswith(b"0\r\n\r\n") else f"cut, {len(received)} bytes"


def long_lines(port: int) -> str:
    """Ask by GET with queries of these lengths."""
    said = []
    for size in _LINES:
        try:
            status, body = get(port, "/length?" + "q" * size)
            said.append(f"{size:,}: {status if body != str(size).encode() else 'works'}")
        except (OSError, http.client.HTTPException) as error:
            said.append(f"{size:,}: {type(error).__name__}")
    return "; ".join(said)


def held(port: int, sent: bytes) -> str:
    """Have many clients send a part of a request and no more; ask as another meanwhile."""
    bad = [raw(port, sent) for _ in range(_HELD)]
    time.sleep(0.5)
    start = time.monotonic()
    try:
        get(port, "/length?q", 8)
        said = f"others served in {(time.monotonic() - start) * 1000:.0f} ms"
    except TimeoutError:
        said = "others wait (8 s and more)"
    for client in bad:
        client.close()
    return said


def slow_reader(pid: int, port: int) -> str:
    """Have a client not read what it asked for; tell by how much memory grows."""
    before = memory(pid)
    with closing(raw(port, b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")):
        time.sleep(2)
        grown = (memory(pid) - before) / MIB
    return f"{grown:.0f} of 256 MiB taken into memory"


def stop(server: str) -> str:
    """End the server while it answers; tell whether the answer is whole and how long it takes."""
    with serving(server, "probe") as (pid, port):
        client = raw(port, b"GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        time.sleep(0.5)
        os.kill(pid, signal.SIGTERM)
        start, received = time.monotonic(), b""
        with suppress(ConnectionResetError):
            while piece := client.recv(4096):
                received += piece
        seconds = time.monotonic() - start
    return f"answer {'whole' if b'None' in received else 'lost'} after {seconds:.1f} s"


def behaviour(server: str) -> dict[str, str]:
    """Look at everything that one server does with bad clients."""
    drip = b"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n"
    looks: dict[str, Callable[[int, int], str]] = {
        "POST in two sends": lambda pid, port: pause(port, True),
        "the same, the client without TCP_NODELAY": lambda pid, port: pause(port, False),
        "client hangs up while it computes": lambda pid, port: hangup(port),
        "client hangs up in a stream": lambda pid, port: hangup_in_stream(port),
        "RuntimeError in a body": lambda pid, port: cut(port, "/cut"),
        "ConnectionResetError in a body": lambda pid, port: cut(port, "/reset"),
        "query of so many bytes by GET": lambda pid, port: long_lines(port),
        f"{_HELD} clients stop in the head": lambda pid, port: held(port, drip),
        f"{_HELD} clients stop in the body": lambda pid, port: held(port, drip + b"\r\nq"),
        "a client doesn't read": slow_reader,
    }
    said = {}
    for name, look in looks.items():
        with serving(server, "probe", REQUEST_LINE="0") as (pid, port):
            said[name] = look(pid, port)
    return said | {"SIGTERM while it answers": stop(server)}


def installed() -> list[str]:
    """Return the servers that can be imported; say of the others how to get them."""
    found = [server for server in SERVERS if find_spec(server)]
    for server in SERVERS:
        if server not in found:
            print(f"{server} is left out: .venv/bin/python -m pip install {server}")
    return found


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path(__file__).with_name("out") / "data")
    parser.add_argument("--rounds", type=int, default=3, help="in turns; medians are shown")
    parser.add_argument("--seconds", type=int, default=5, help="length of one measurement")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    arguments = parser.parse_args()
    if not available():
        raise SystemExit(1)
    servers = installed()
    looked = {server: behaviour(server) for server in servers}
    loads = speeds(servers, arguments.data, arguments.rounds, arguments.seconds)
    show(looked, loads)
    if arguments.json:
        speed = {name: asdict(load) for name, load in loads.items()}
        report = circumstances() | {"behaviour": looked, "speed": speed}
        arguments.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def show(looked: dict[str, dict[str, str]], loads: dict[str, Load]) -> None:
    """Print both as tables."""
    around = circumstances() | {server: version(server) for server in looked}
    print(", ".join(f"{name} {value}" for name, value in around.items()))
    for name, load in loads.items():
        print(
            f"{name:<20} {load.per_second:>8,.0f} requests/s,"
            f" median {load.median:.2f} ms, p99 {load.p99:.2f} ms {load.bad}".rstrip()
        )
    for look in next(iter(looked.values())):
        print(look)
        for server, said in looked.items():
            print(f"    {server:<9} {said[look]}")


if __name__ == "__main__":
    main()
