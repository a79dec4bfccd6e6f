"""What clients do, and what each of them checks of the answer it gets."""

from __future__ import annotations

import hashlib
import http.client
import json
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from multiprocessing.queues import Queue
from urllib.parse import urlencode

from tests.server.http import Reply
from tests.soak.world import rows

LOOKUP = "SELECT ?n { <urn:release> <urn:is> ?n }"
COUNT = "SELECT ?r (COUNT(*) AS ?n) { ?s <urn:of> ?r } GROUP BY ?r"
STREAM = "SELECT ?x ?y { ?a <urn:of> ?x . ?b <urn:of> ?y } LIMIT "
ENDLESS = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
HOG = "SELECT * { ?a <urn:of> ?c . ?d <urn:of> ?f . ?g <urn:is> ?h } ORDER BY DESC(?h) ?c"
DEEP = "ASK { FILTER(" + "(" * 100_000 + "1" + ")" * 100_000 + ") }"
STREAMED = 150_000  # rows
ALWAYS = {500, 503}  # a worker killed, or none free: for every query


@dataclass
class Tally:
    """What clients have seen.

    seen: kind of request and what came of it. answered: queries that were answered, in whole or
    in part. left: queries whose client hung up. wrong: what must not be, in words. bodies: entity
    tag and the hash of what had it.
    """

    seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    answered: int = 0
    left: int = 0
    wrong: list[str] = field(default_factory=list)
    bodies: dict[str, str] = field(default_factory=dict)
    releases: set[int] = field(default_factory=set)

    def add(self, other: Tally) -> None:
        self.seen += other.seen
        self.statuses += other.statuses
        self.answered += other.answered
        self.left += other.left
        self.wrong += other.wrong
        self.releases |= other.releases
        for tag, body in other.bodies.items():
            if self.bodies.setdefault(tag, body) != body:
                self.wrong.append(f"two results with the tag {tag}")


class Client:
    """One client; its answers go to its tally."""

    def __init__(self, port: int, seed: int) -> None:
        self.port = port
        self.chance = random.Random(seed)
        self.tally = Tally()
        self.kind = ""

    def run(self, until: float) -> None:
        names, weights = zip(*((kind, WEIGHTS[kind]) for kind in WEIGHTS), strict=True)
        while time.time() < until:
            self.kind = self.chance.choices(names, weights)[0]
            try:
                getattr(self, self.kind)()
            except (OSError, http.client.HTTPException) as error:
                self.wrong(f"no answer: {error!r}")

    def wrong(self, what: str) -> None:
        self.tally.wrong.append(f"{self.kind}: {what}")
        self.tally.seen[self.kind, "WRONG"] += 1

    # Requests

    def get(
        self, query: str, honest: set[int], method: str = "GET", accept: str = "*/*", **more: str
    ) -> Reply | None:
        """Ask; return the reply if it is a result, None if it is an error that may be."""
        path = f"/sparql?{urlencode({'query': query, **more})}"
        return self.fetch(method, path, honest, {"Accept": accept})

    def fetch(
        self, method: str, path: str, honest: set[int], headers: dict[str, str], query: bool = True
    ) -> Reply | None:
        with closing(self.connect()) as connection:
            connection.request(method, path, headers=headers)
            return self.take(connection, honest, query)

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def take(
        self, connection: http.client.HTTPConnection, honest: set[int], query: bool = True
    ) -> Reply | None:
        response = connection.getresponse()
        fields = {name.lower(): value for name, value in response.getheaders()}
        self.tally.answered += query
        try:
            body = response.read()
        except http.client.IncompleteRead:
            self.note("cut")
            return None
        reply = Reply(response.status, fields, body)
        return self.judge(reply, honest | ALWAYS if query else honest, query)

    def judge(self, reply: Reply, honest: set[int], query: bool) -> Reply | None:
        self.tally.statuses[reply.status] += 1
        self.note(str(reply.status))
        if reply.status not in honest:
            self.wrong(f"status {reply.status} {reply.body[:200]!r}")
        if query and reply.status == 503 and "retry-after" not in reply.headers:
            self.wrong("503 without Retry-After")
        if reply.status == 500 and reply.body and "identifier" not in reply.json():
            self.wrong("500 without an identifier")
        return reply if reply.status == 200 else None

    def note(self, what: str) -> None:
        self.tally.seen[self.kind, what] += 1

    def release(self, reply: Reply) -> str:
        number = reply.headers["libris-release"]
        self.tally.releases.add(int(number))
        return number

    def same(self, reply: Reply | None, found: object, wanted: Callable[[str], object]) -> None:
        if reply is not None and found != wanted(self.release(reply)):
            self.wrong(f"{found!r} of release {self.release(reply)}")

    # What they do

    def lookup(self) -> None:
        self.check_lookup(self.get(LOOKUP, {200}))

    def check_lookup(self, reply: Reply | None) -> None:
        if reply:
            self.same(reply, bindings(reply), lambda release: [(release,)])
            self.keep(reply)

    def keep(self, reply: Reply) -> None:
        if tag := reply.headers.get("etag"):
            body = hashlib.sha256(reply.body).hexdigest()
            if self.tally.bodies.setdefault(tag, body) != body:
                self.wrong(f"two results with the tag {tag}")

    def uncached(self) -> None:
        query = LOOKUP.replace("}", f" FILTER({self.chance.random():.9f} < RAND() + 1) }}")
        self.check_lookup(self.get(query, {200}))

    def kept_alive(self) -> None:
        with closing(self.connect()) as connection:
            for _ in range(5):
                connection.request("GET", f"/sparql?{urlencode({'query': LOOKUP})}")
                self.check_lookup(self.take(connection, {200}))

    def aggregate(self) -> None:
        query = COUNT + f" LIMIT {self.chance.randint(1, 20)}"
        reply = self.get(query, {200})
        if reply:
            self.same(reply, bindings(reply), lambda number: [(number, str(rows(int(number))))])
            self.keep(reply)

    def stream(self) -> None:
        reply = self.get(f"{STREAM}{STREAMED}", {200}, format="tsv")
        if reply:
            self.check_stream(reply, reply.body)

    def check_stream(self, reply: Reply, body: bytes) -> None:
        lines = Counter(body.splitlines()[1:])
        self.same(reply, lines, lambda n: Counter({f'"{n}"\t"{n}"'.encode(): STREAMED}))

    def old_stream(self) -> None:
        """HTTP/1.0 has no chunks: only the length tells that all of it is there."""
        connection = self.connect()
        connection._http_vsn, connection._http_vsn_str = 10, "HTTP/1.0"  # type: ignore[attr-defined]
        with closing(connection):
            path = f"/sparql?{urlencode({'query': f'{STREAM}{STREAMED}', 'format': 'tsv'})}"
            connection.request("GET", path)
            reply = self.take(connection, {200})
        if reply:
            self.check_stream(reply, reply.body)

    def slow_reader(self) -> None:
        with closing(self.connect()) as connection:
            connection.request("GET", f"/sparql?{urlencode({'query': f'{STREAM}9000000'})}")
            response = connection.getresponse()
            self.tally.answered += 1
            self.tally.statuses[response.status] += 1
            try:
                for _ in range(60):
                    if not response.read(4096):
                        break
                    time.sleep(0.02)
                response.read()
            except (http.client.IncompleteRead, OSError):
                self.note("cut")
            else:
                self.note(str(response.status))
                if response.status == 200:
                    self.wrong("nine million rows in three seconds")

    def conditional(self) -> None:
        reply = self.get(COUNT, {200})
        if reply is None:
            return
        tag, release = reply.headers["etag"], reply.headers["libris-release"]
        path = f"/sparql?{urlencode({'query': COUNT})}"
        with closing(self.connect()) as connection:
            connection.request("GET", path, headers={"If-None-Match": tag})
            again = self.take(connection, {200, 304})
        if again and again.headers["libris-release"] == release:
            self.wrong("sent again what the client had")

    def head(self) -> None:
        reply = self.get(LOOKUP, {200}, "HEAD")
        if reply and reply.body:
            self.wrong("HEAD with a body")

    def graph(self) -> None:
        accept = {"Accept": "application/n-triples"}
        reply = self.fetch("GET", "/graphs?graph=urn:about", {200}, accept)
        if reply:
            self.same(reply, reply.text, lambda n: f'<urn:release> <urn:is> "{n}" .\n')

    def page(self) -> None:
        reply = self.get(LOOKUP, {200}, accept="text/html")
        if reply:
            self.same(reply, f"<td>{self.release(reply)}</td>" in reply.text, lambda _: True)

    def asides(self) -> None:
        accept = {"Accept": "text/turtle, */*;q=0.1"}
        for path in (
            "/",
            "/health",
            "/metrics",
            "/sparql",
            "/void.ttl",
            "/static/style.css",
            "/static/no",
        ):
            # No worker may be there for a moment after the nursery has been killed.
            self.fetch("GET", path, {200, 404, 503}, accept, False)
        self.fetch("GET", "/no", {404}, accept)  # a thing's address: counted as a query

    def malformed(self) -> None:
        self.get(self.chance.choice(["SELECT", "ASK {", "", "SELEC *"]) + " # x", {400})

    def refused(self) -> None:
        self.get("ASK { {}SERVICESILENT<http://127.0.0.1:9/>{} }", {403, 400})

    def timeout(self) -> None:
        self.get(ENDLESS, {503}, timeout="200")

    def hog(self) -> None:
        self.get(HOG, {507})

    def deep(self) -> None:
        reply = self.get(DEEP, {500})
        if reply:
            self.wrong("the parser has no end")

    def hang_up(self) -> None:
        """Leave: in the queue or while it computes, whichever it is by then; or in a stream."""
        streams = self.chance.random() < 0.5
        query = f"{STREAM}9000000" if streams else ENDLESS
        path = f"/sparql?{urlencode({'query': query, 'format': 'tsv'})}"
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            if streams:
                connection.recv(1 << 16)
            else:
                time.sleep(self.chance.random() / 2)
        self.tally.left += 1
        self.note("left")

    def half_a_request(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as connection:
            connection.sendall(b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nASK")
        self.note("left")


# How often each is done.
WEIGHTS = {
    "lookup": 30, "uncached": 30, "kept_alive": 6, "aggregate": 15, "stream": 4, "old_stream": 1,
    "slow_reader": 1, "conditional": 10, "head": 10, "graph": 10, "page": 6, "asides": 2,
    "malformed": 8, "refused": 4, "timeout": 2, "hog": 1, "deep": 1, "hang_up": 4,
    "half_a_request": 2,
}  # fmt: skip


def bindings(reply: Reply) -> list[tuple[str, ...]]:
    found = json.loads(reply.body)
    return [
        tuple(row[name]["value"] for name in found["head"]["vars"])
        for row in found["results"]["bindings"]
    ]


def work(port: int, threads: int, until: float, seed: int, results: Queue[Tally]) -> None:
    """Be so many clients at once: the main function of a process."""
    clients = [Client(port, seed + number) for number in range(threads)]
    running = [threading.Thread(target=client.run, args=(until,)) for client in clients]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    whole = Tally()
    for client in clients:
        whole.add(client.tally)
    results.put(whole)
