"""What a stranger can find out or bring about: privileges, headers, bodies, log, framing."""

from __future__ import annotations

import json
import os
import platform
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from tests.server.conftest import Server, publish, start, stop
from tests.server.http import Reply, ask, request
from tests.server.processes import children, read_all, serving, workers

FORM = "application/x-www-form-urlencoded"
linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no /proc")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data: Path = tmp_path_factory.mktemp("secured")
    publish(data, 1)
    running = start(data, "--workers", "1", "--request-bytes", "64K")
    yield running
    assert stop(running) == 0


def send(server: Server, sent: bytes) -> bytes:
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    connection.sendall(sent)
    return read_all(connection)


# Privileges


def status(pid: int, name: str) -> str:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith(f"{name}:"))


@linux
def test_workers_have_no_network_no_new_privileges_and_no_core_dumps(server: Server) -> None:
    own = os.readlink(f"/proc/{server.process.pid}/ns/net")
    for pid in children(server.process.pid):
        assert status(pid, "NoNewPrivs") == "1"
        assert int(status(pid, "CapEff"), 16) | 4 == 4  # reading files, where root runs it
        assert os.readlink(f"/proc/{pid}/ns/net") != own or status(pid, "Seccomp") == "2"
        assert re.search(r"Max core file size +0 +0 ", Path(f"/proc/{pid}/limits").read_text())


@linux
def test_workers_keep_their_network_where_an_endpoint_may_be_called(data: Path) -> None:
    with serving(data, "--workers", "1", "--allow-service", "http://127.0.0.1:9/") as server:
        own = os.readlink(f"/proc/{server.process.pid}/ns/net")
        for pid in workers(server):
            assert os.readlink(f"/proc/{pid}/ns/net") == own
            assert status(pid, "NoNewPrivs") == "1"


NO_SOCKET = """
import socket
from sparql_server.engine.processes.privileges import _open_no_socket, confine
confine()
if _open_no_socket():
    one, other = socket.socketpair()
    one.send(b"x")
    assert other.recv(1) == b"x"
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX):
        try:
            socket.socket(family)
        except PermissionError:
            print("refused")
else:
    print("refused\\n" * 3)
"""


@linux
def test_kernel_refuses_sockets_where_there_is_no_network_of_ones_own() -> None:
    done = subprocess.run([sys.executable, "-c", NO_SOCKET], capture_output=True, text=True)
    assert done.stdout.split() == ["refused"] * 3, done.stderr


# Headers and bodies

REQUESTS = {
    "answer": ("GET", "/sparql?query=ASK%7B%7D", None, {}),
    "page": ("GET", "/", None, {"Accept": "text/html"}),
    "result page": ("GET", "/sparql?query=ASK%7B%7D", None, {"Accept": "text/html"}),
    "error page": ("GET", "/sparql?query=ASK", None, {"Accept": "text/html"}),
    "static": ("GET", "/static/style.css", None, {}),
    "no static": ("GET", "/static/none.css", None, {}),
    "static path": ("GET", "/static/../app.py", None, {}),
    "static path encoded": ("GET", "/static/%2e%2e/app.py", None, {}),
    "static absolute": ("GET", "/static//etc/passwd", None, {}),
    "static zero": ("GET", "/static/%00", None, {}),
    "health": ("GET", "/health", None, {}),
    "metrics": ("GET", "/metrics", None, {}),
    "description": ("GET", "/sparql", None, {}),
    "prefixes": ("GET", "/sparql?help=nsdecl", None, {}),
    "not modified": ("GET", "/sparql?query=ASK%7B%7D", None, {"If_None_Match": "*"}),
    "head": ("HEAD", "/sparql?query=ASK%7B%7D", None, {}),
    "options": ("OPTIONS", "/sparql", None, {}),
    "graph": ("GET", "/graphs?graph=http://example.org/g1", None, {}),
    "malformed": ("GET", "/sparql?query=SELECT", None, {}),
    "no query": ("GET", "/sparql?x=1", None, {}),
    "not UTF-8": ("GET", "/sparql?query=%FF", None, {}),
    "not found": ("GET", "/nowhere", None, {}),
    "not UTF-8 path": ("GET", "/%FF%FE", None, {}),
    "not allowed": ("DELETE", "/sparql", None, {}),
    "unacceptable": ("GET", "/sparql?query=ASK%7B%7D&format=pdf", None, {}),
    "no graph": ("GET", "/graphs?graph=urn:none", None, {}),
    "service": ("GET", f"/sparql?query={quote('ASK { SERVICE <urn:x> {} }')}", None, {}),
    "hidden service": (
        "GET",
        f"/sparql?query={quote('ASK { {}SERVICESILENT<urn:x>{} }')}",
        None,
        {},
    ),
    "function": ("GET", f"/sparql?query={quote('ASK { BIND(<urn:f>(1) AS ?x) }')}", None, {}),
    "media type": ("POST", "/sparql", b"x", {"Content_Type": "text/plain"}),
    "update": ("POST", "/sparql", b"update=DROP+ALL", {"Content_Type": FORM}),
    "too long": ("POST", "/sparql", b"x" * 100_000, {"Content_Type": FORM}),
    "far too long": ("POST", "/sparql", b"x" * 3_000_000, {"Content_Type": FORM}),
    "long address": ("GET", "/sparql?query=" + "x" * 100_000, None, {}),
    "longer address": ("GET", "/sparql?query=" + "x" * 300_000, None, {}),
    "method": ("BREW", "/sparql", None, {}),
    "transfer": ("POST", "/sparql", None, {"Transfer_Encoding": "gzip"}),
    "strange host": ("GET", "/sparql", None, {"Host": 'x"><script>{}'}),
    "strange headers": ("OPTIONS", "/", None, {"Access_Control_Request_Headers": "x\ty\x7f"}),
    "too many parameters": ("GET", "/sparql?" + "a=&" * 2000, None, {}),
}

# What tells of the machine or of what runs on it.
RUNNING = ("flask", "werkzeug", "waitress", "pyoxigraph", "jinja2", "rdflib")
VERSIONS = [platform.python_version(), *map(metadata.version, RUNNING)]
PLACES = [sys.prefix, sys.base_prefix, tempfile.gettempdir(), str(Path(__file__).parents[2])]
NAMES = ["python", "oxigraph", "rocksdb", "waitress", "werkzeug", "flask", "jinja", "rdflib"]
TELLING = re.compile(
    r"Traceback|site-packages|Error\b|, line \d+, in |0x[0-9a-f]{6,}|[\w/]\.py\b|"
    + "|".join(map(re.escape, [*VERSIONS, *PLACES, *NAMES])),
)


def reply_to(server: Server, name: str) -> Reply:
    method, path, body, headers = REQUESTS[name]
    return request(server, method, path, body, **headers)


@pytest.mark.parametrize("name", REQUESTS)
def test_every_answer_has_the_headers_of_safety(server: Server, name: str) -> None:
    headers = reply_to(server, name).headers
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["access-control-allow-origin"] == "*"
    assert "server" not in headers


@pytest.mark.parametrize("name", REQUESTS)
def test_no_answer_tells_of_the_machine(server: Server, name: str) -> None:
    reply = reply_to(server, name)
    told = "\n".join(f"{key}: {value}" for key, value in reply.headers.items())
    found = TELLING.search(told + reply.body.decode())
    assert found is None, (found, reply)
    assert reply.status < 500 or reply.status == 501
    assert server.data.as_posix() not in reply.text


@pytest.mark.parametrize("name", REQUESTS)
def test_error_is_a_problem_document_or_a_page(server: Server, name: str) -> None:
    reply = reply_to(server, name)
    if reply.status >= 400 and reply.body:
        kind = reply.headers["content-type"]
        assert kind in ("application/problem+json", "text/html; charset=utf-8")
        if kind.startswith("application"):
            assert reply.json()["status"] == reply.status
            assert reply.json()["detail"]


def test_error_with_a_lone_surrogate_is_answered(server: Server) -> None:
    reply = ask(server, "ASK { SERVICE <http://x/\\uD800> {} }")
    assert reply.status in (400, 403)
    assert ask(server, "ASK { \\uD800 }").status == 400


def test_page_shows_markup_of_others_as_text(server: Server) -> None:
    query = "SELECT ('<script>alert(1)</script>' AS ?x) (<javascript:alert(1)> AS ?y) {}"
    page = ask(server, query, "text/html").text
    assert "<script>" not in page
    assert 'href="javascript' not in page
    assert "<script>" not in ask(server, "<script>alert(1)</script>", "text/html").text
    assert "<script" not in request(server, "GET", "/<script>", Accept="text/html").text


def test_trusted_proxy_says_that_the_client_came_by_https(data: Path) -> None:
    with serving(data, "--trusted-proxy", "127.0.0.1") as server:
        told = {"Host": "example.org", "X_Forwarded_Proto": "https"}
        assert "https://example.org/sparql" in request(server, "GET", "/sparql", **told).text
    with serving(data) as server:
        assert "http://example.org/sparql" in request(server, "GET", "/sparql", **told).text


# The log

FORGED = '\r\n{"status": 200, "forged": true}\n\x1b[2J\x1b[31m", "forged": "\\'


def test_each_query_is_one_line_of_json_whatever_is_in_it(data: Path) -> None:
    publish(data, 2, columns=True)  # a release without any is told of in a line of its own
    with serving(data, "--workers", "1") as server:
        for number, text in enumerate((FORGED, "\u2028\x7f", "\\u000a\x00", "\v\f\x1c")):
            ask(server, f"ASK {{}} # {number} {text}", format=text)
        ask(server, "ASK {} # 9", X_Forwarded_For=FORGED.replace("\r\n", " "))
        request(server, "GET", f"/graphs?{urlencode({'graph': 'urn:g' + FORGED})}")
        request(server, "GET", "/graphs/" + quote(FORGED))
        request(server, "GET", "/" + quote(FORGED), User_Agent="\x1b[2J", Referer="{}")
    lines = server.log.splitlines()
    told = [json.loads(line) for line in lines if line.startswith("{")]
    assert not any("forged" in line for line in told)
    assert [entry["query"][9:11] for entry in told if entry["query"].startswith("ASK")] == [
        f"{number} " for number in range(4)
    ] + ["9"]
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", server.log)
    assert len(lines) == len(told) + 1, lines  # where it serves, and nothing else


# Framing: what proxies and servers read differently

HEAD = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
SMUGGLED = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"


AMBIGUOUS = [
    HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n" + SMUGGLED,
    HEAD + b"Content-Length: 0\r\nContent-Length: 35\r\n\r\n" + SMUGGLED,
    HEAD + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nASK{}",
    HEAD + b"Content-Length: 5, 5\r\n\r\nASK{}",
    HEAD + b"Content-Length: +5\r\n\r\nASK{}",
    HEAD + b"Content-Length: 0x5\r\n\r\nASK{}",
    HEAD + b"Content-Length: 5 5\r\n\r\nASK{}",
    HEAD + b"Content-Length: -1\r\n\r\nASK{}",
    HEAD + b"Content-Length: " + b"5" * 5000 + b"\r\n\r\nASK{}",
    HEAD + b"Content-Length : 5\r\n\r\nASK{}",
    HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    HEAD + b"Transfer-Encoding: identity\r\n\r\n" + SMUGGLED,
    HEAD + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n" + SMUGGLED,
    HEAD + b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;\nASK{}\r\n0\r\n\r\n" + SMUGGLED,
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nASK{}\r\n0\r\n\r\n" + SMUGGLED,
    HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nASK{}\r\n0\r\n\r\n" + SMUGGLED,
    HEAD.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    HEAD + b"X: y\n\r\n",
    HEAD + b"X: y\rContent-Length: 5\r\n\r\nASK{}",
    HEAD + b" Content-Length: 5\r\n\r\nASK{}",
    HEAD + b"Host: other\r\n\r\n",
    b"POST /sparql HTTP/1.1\r\nHost: x\r\n y\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\nHost: x\n\n",
    b"GET /\tHTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET  / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"get / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET http://[::1/ HTTP/1.1\r\nHost: x\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 200_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 30_000 + b"\r\n",
]
"""Requests that proxies and servers read differently, and others that are none."""


@pytest.mark.parametrize("sent", AMBIGUOUS)
def test_request_that_can_be_read_in_two_ways_is_refused_and_ends_there(
    server: Server, sent: bytes
) -> None:
    received = send(server, sent)
    assert re.match(rb"HTTP/1\.[01] (400|413|431|501) ", received)
    assert received.count(b"HTTP/1.") == 1
    assert b"Connection: close" in received
    assert b"libris_queries" not in received
    assert ask(server, "ASK {}").status == 200


def test_requests_in_a_row_are_answered_in_a_row(server: Server) -> None:
    one = HEAD + b"Content-Length: 5\r\n\r\nASK{}"
    other = HEAD + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nASK{}\r\n0\r\n\r\n"
    received = send(server, one + one + other)
    assert received.count(b"HTTP/1.1 200 OK") == 3
    assert received.count(b'"boolean":true') == 3
