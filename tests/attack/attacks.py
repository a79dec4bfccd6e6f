"""The attacks: what is sent, and what must hold meanwhile beside what holds always."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from tests.attack.sending import Target
from tests.server.conftest import point_to
from tests.server.hostile import HOSTILE
from tests.server.processes import children
from tests.server.test_security import AMBIGUOUS, SMUGGLED
from tests.soak.world import publish_broken


@dataclass(frozen=True)
class Attack:
    """An attack. sends: in a sentence. run: sends; returns what must not have come back.

    honest: statuses that others may get meanwhile, beside 200. rests: whether health may say that
    queries aren't answered, since that is so.
    """

    name: str
    sends: str
    run: Callable[[Target], list[str]]
    honest: frozenset[int] = frozenset()


ATTACKS: list[Attack] = []


def attack(
    sends: str, *honest: int
) -> Callable[[Callable[[Target], list[str] | None]], Callable[[Target], list[str]]]:
    """Make an attack of a function, which is its name."""

    def make(function: Callable[[Target], list[str] | None]) -> Callable[[Target], list[str]]:
        def run(target: Target) -> list[str]:
            return function(target) or []

        name = function.__name__.replace("_", " ")
        ATTACKS.append(Attack(name, sends, run, frozenset(honest)))
        return run

    return make


def letters(size: int) -> str:
    """Return letters in no order, so many that none is frequent."""
    return "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(size))


# Queries


@attack("queries with an undeclared prefix of 50,000 letters, and a declared one nearly like it")
def long_prefixes(target: Target) -> None:
    name = letters(min(target.scale.size, 50_000))
    target.each(
        lambda n: target.ask(f"PREFIX {name}{n}: <urn:x> ASK {{ ?s {name}{n}y:b ?o }}"), threads=60
    )


@attack("malformed queries that are long in every way")
def long_mistakes(target: Target) -> None:
    size = target.scale.size
    made = [
        "SELECT a( " * (size // 10),
        "SELECT " + "a() " * (size // 4) + "{}",
        "SELECT (COUNT(*) AS ?n) " + " ".join(f"?v{n}" for n in range(size // 8)) + " {}",
        "\\" * min(size, 99_000),
        "\\u0041" * (min(size, 99_000) // 6),
        "(" * size,
        "VERSION 'x' " * (size // 12),
        letters(size),
        "\n" * size + "?",
    ]
    target.each(lambda n: target.ask(made[n % len(made)] + f" # {n}"))


@attack("queries of a megabyte, each another one, of characters that take four bytes")
def large_keys(target: Target) -> None:
    text = "a" * target.scale.size
    target.each(
        lambda n: target.send(
            "POST",
            "/sparql",
            f'ASK {{ FILTER("<i>{n}{text}\U0001f600" = "") }}'.encode()[: 2**20],
            Content_Type="application/sparql-query",
        )
    )


@attack("queries for pages of a thousand rows with long values")
def large_pages(target: Target) -> None:
    length = min(400, target.scale.size // 100)
    query = (
        "SELECT ?x { ?s <urn:is> ?o BIND(REPLACE("
        f'"{"&" * min(1000, target.scale.size // 40)}", "&", "{"&" * length}") AS ?x) }}'
    )
    target.each(lambda n: target.ask(f"{query} LIMIT {1000 + n}", format="html"), threads=4)


@attack("queries that are deep, endless or grow", 503, 507)
def bombs(target: Target) -> None:
    made = list(HOSTILE.values())
    target.each(lambda n: target.ask(made[n % len(made)][: target.scale.size] + f" # {n}"))


@attack("queries whose result nobody reads", 503)
def unread_results(target: Target) -> None:
    query = "SELECT ?x ?y ?z { ?a <urn:is> ?x . ?b <urn:is> ?y . ?c <urn:is> ?z }"
    path = f"/sparql?{urlencode({'query': query, 'format': 'tsv'})}"
    with target.connections(min(40, target.scale.connections)) as connections:
        for connection in connections:
            with suppress(OSError):
                connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        target.wait()


@attack("readers of one kept answer who take it in little by little")
def slow_readers(target: Target) -> None:
    rows = target.scale.size // 4
    query = f"SELECT ?x ?y {{ ?a <urn:is> ?x . ?b <urn:is> ?y }} LIMIT {rows}"
    path = f"/sparql?{urlencode({'query': query, 'format': 'json'})}"
    target.send("GET", path)
    with target.connections(min(300, target.scale.connections)) as connections:
        for connection in connections:
            with suppress(OSError):
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        while not target.is_over:
            for connection in connections:
                with suppress(OSError):
                    connection.settimeout(0.01)
                    connection.recv(100)
            time.sleep(0.1)


# Heads, bodies and connections


@attack("heads that never end, a few bytes at a time")
def endless_heads(target: Target) -> None:
    with target.connections(min(200, target.scale.connections)) as connections:
        for connection in connections:
            with suppress(OSError):
                connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: ")
        target.drip(connections, b"a", pause=0.001)


@attack("more connections than the server takes, which say nothing")
def silent_connections(target: Target) -> None:
    with target.connections():
        target.wait()


@attack("more connections than the server takes, each with half a request, byte by byte")
def halves_of_requests(target: Target) -> None:
    head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nq"
    with target.connections() as connections:
        for connection in connections:
            with suppress(OSError):
                connection.sendall(head)
        target.drip(connections, b"a", pause=0.5)


@attack("requests whose sender closes one side, or both, before the answer")
def closed_sides(target: Target) -> None:
    def leave(number: int) -> None:
        with target.connect() as connection:
            connection.sendall(b"GET /sparql?query=ASK+%7B%7D HTTP/1.1\r\nHost: x\r\n\r\n")
            if number % 2:
                connection.shutdown(socket.SHUT_WR)
                connection.recv(1000)

    target.each(leave)


@attack("hundreds of requests at once on each connection")
def pipelines(target: Target) -> None:
    together = b"GET /sparql?query=ASK+%7B%7D HTTP/1.1\r\nHost: x\r\n\r\n" * 200

    def flood(number: int) -> None:
        with target.connect() as connection:
            connection.settimeout(1)
            while not target.is_over:
                connection.sendall(together)
                connection.recv(1 << 20)

    target.each(flood, threads=min(50, target.scale.connections))


@attack("bodies in chunks of one byte, and lines between chunks that never end")
def small_chunks(target: Target) -> None:
    head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    ends = [b"1\r\na\r\n" * (target.scale.size // 6), b"1;" + b"a" * target.scale.size, b"0\r\n"]

    def send(number: int) -> None:
        with target.connect() as connection:
            connection.sendall(head + ends[number % len(ends)])
            target.drip([connection], b"a" * 10, pause=0.01)

    target.each(send)


@attack("Accept of a hundred thousand parts, of open strings; as many entity tags and languages")
def long_fields(target: Target) -> None:
    size = min(target.scale.size, 60_000)
    made = {
        "Accept": ["a/b," * (size // 4), '"\\' * (size // 2), "a/b;q=0." + "0" * size],
        "Accept-Language": ["en-a;q=0.3," * (size // 11)],
        "If-None-Match": ['"a",' * (size // 4), "a" + " " * size + "b"],
        "Range": ["bytes=" + "0-1," * (size // 4)],
        "X-Forwarded-For": ["1.1.1.1," * (size // 8)],
    }
    pairs = [(name, value) for name, values in made.items() for value in values]

    def send(number: int) -> None:
        name, value = pairs[number % len(pairs)]
        for path in ("/", "/sparql?query=ASK+%7B%7D", "/static/style.css", "/openapi.json"):
            target.send("GET", path, **{name: value[: size // (1 + number % 2 * 8)]})

    target.each(send)


@attack("parameters by the hundred thousand, and percent signs that escape nothing")
def many_parameters(target: Target) -> None:
    size = target.scale.size
    made = ["a&" * (size // 2), "query=" + "%" * (size - 10), "query=" + "%C3%A5" * (size // 7)]

    def send(number: int) -> None:
        for path in ("/", "/sparql", "/api", "/nowhere"):
            target.send("GET", f"{path}?{made[number % len(made)]}", Accept="text/html")

    target.each(send)


@attack("requests that can be read in two ways")
def smuggled_requests(target: Target) -> list[str]:
    wrong: list[str] = []

    def send(number: int) -> None:
        sent = AMBIGUOUS[number % len(AMBIGUOUS)]
        with target.connect() as connection:
            connection.sendall(sent + SMUGGLED)
            received = b""
            with suppress(OSError):
                while piece := connection.recv(1 << 16):
                    received += piece
        if b"libris_queries" in received:
            wrong.append(f"answered what was smuggled in {sent[:100]!r}")

    target.each(send)
    return wrong


MARKUP = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "javascript:alert(1)")


@attack("markup in every place of a request that an answer might show")
def markup(target: Target) -> list[str]:
    wrong: list[str] = []

    def send(number: int) -> None:
        text = MARKUP[number % len(MARKUP)]
        paths = [
            f"/?query={quote(text)}",
            f"/{quote(text)}",
            f"/queries/?search={quote(text)}",
            f"/queries/{quote(text)}",
            f"/sparql?query={quote(f'SELECT ({text!r} AS ?x) {{}}')}",
            f"/sparql?query={quote(text)}&format={quote(text)}",
            f"/?{quote(text)}={quote(text)}&lang={quote(text)}",
        ]
        for path in paths:
            for fields in ({}, {"Host": f"x{text}"}, {"Referer": text, "User_Agent": text}):
                reply = target.send("GET", path, Accept="text/html", **fields)
                if reply and any(raw in reply[1] for raw in (b"<script>alert", b"<img src=x")):
                    wrong.append(f"{path} shows markup as it was sent")

    target.each(send)
    return wrong


@attack("values of saved queries that are as long and as many as they may be")
def long_values(target: Target) -> None:
    value = ("\\u" * 900)[: target.scale.size // 20]
    pairs = [("publisher", f"{value}{number}") for number in range(200)]
    path = f"/queries/publishers-over-time?{urlencode(pairs)}"
    target.each(lambda n: target.send("GET", f"{path}&limit={n}", Accept="text/html"))


# Processes and releases


@attack("SIGKILL to the processes that evaluate queries", 500, 503)
def killed_processes(target: Target) -> None:
    while not target.is_over:
        for pid in children(target.pid):
            with suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(target.scale.seconds / 4)


@attack("releases that can't be opened, are cut short, or are gone", 500, 503)
def tampered_releases(target: Target) -> None:
    number = 100
    whole = target.data / "releases" / "0001"
    while not target.is_over:
        number += 1
        publish_broken(target.data, number)
        time.sleep(0.3)
        number += 1
        copy = target.data / "releases" / f"{number:04}"
        shutil.copytree(whole, copy)
        for path in sorted((copy / "store").iterdir()):
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        point_to(target.data, number)
        time.sleep(0.3)
        shutil.rmtree(copy)
        point_to(target.data, 1)
        time.sleep(0.6)
