"""Stand-ins of the services that links ask, on one port: Wikidata twice, LC's labels, VIAF."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pyoxigraph as ox

from tests.standin.running import Running

_DIRECT = "http://www.wikidata.org/prop/direct/"
_ENTITY = "http://www.wikidata.org/entity/"
_CAP = 50  # items to a request, as wbgetentities has it


@dataclass
class Reply:
    """What is sent. cut: bytes of the body after which the connection ends."""

    status: int = 200
    body: bytes = b""
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None


Spoil = Callable[[str, int, Reply], Reply]


class Linked(Running):
    """Serves items, labels and clusters while a block runs.

    labels: scheme and text to concept and preferred label. clusters: number to JSON.
    asked: service and path or form of each request; agents: their User-Agents. spoil: makes of
    a service's name, its request's number and the good reply what is sent.
    """

    def __init__(self, *items: dict[str, Any]) -> None:
        self.items = {item["id"]: item for item in items}
        self.moved: dict[str, str] = {}
        self.labels: dict[tuple[str, str], tuple[str, str]] = {}
        self.clusters: dict[str, Any] = {}
        self.asked: list[tuple[str, str]] = []
        self.agents: list[str] = []
        self.spoil: Spoil = lambda service, number, reply: reply
        self._store = ox.Store()
        for item in items:
            self._add(item)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        base = f"http://127.0.0.1:{self._server.server_port}"
        self.services = {
            "wikidata-query": f"{base}/sparql",
            "wikidata": f"{base}/api",
            "lc": f"{base}/lc",
            "viaf": f"{base}/viaf.org",
        }

    def _add(self, item: dict[str, Any]) -> None:
        for by, statements in item["claims"].items():
            for statement in statements:
                value = statement["mainsnak"]["datavalue"]["value"]
                if isinstance(value, str):
                    subject, predicate = (
                        ox.NamedNode(_ENTITY + item["id"]),
                        ox.NamedNode(_DIRECT + by),
                    )
                    self._store.add(ox.Quad(subject, predicate, ox.Literal(value)))

    def count(self, service: str) -> int:
        return sum(asked == service for asked, _ in self.asked)

    def reply(self, path: str, query: dict[str, str], form: dict[str, str]) -> tuple[str, Reply]:
        if path == "/sparql":
            return "wikidata-query", self._sparql(form["query"])
        if path == "/api":
            return "wikidata", self._entities(query["ids"].split("|"))
        if path.startswith("/lc/authorities/"):
            return "lc", self._label(path.removeprefix("/lc/authorities/"))
        return "viaf", self._cluster(path.rpartition("/")[2])

    def _sparql(self, query: str) -> Reply:
        if "SERVICE" in query:
            return Reply(400, b"not supported")
        found = self._store.query(query)
        body = found.serialize(format=ox.QueryResultsFormat.JSON)  # type: ignore[union-attr]
        return Reply(body=body or b"", kind="application/sparql-results+json")

    def _entities(self, ids: list[str]) -> Reply:
        if len(ids) > _CAP:
            error = {"code": "toomanyvalues"}
            return Reply(body=json.dumps({"error": error}).encode())
        names = {identifier: self.moved.get(identifier, identifier) for identifier in ids}
        missing = {"missing": ""}
        found = {
            identifier: self.items.get(now, {"id": identifier, **missing})
            for identifier, now in names.items()
        }
        return Reply(body=json.dumps({"entities": found, "success": 1}).encode())

    def _label(self, path: str) -> Reply:
        scheme, _, text = path.partition("/label/")
        found = self.labels.get((scheme, unquote(text).casefold()))
        if found is None:
            return Reply(404, b"Not Found", "text/plain")
        headers = {
            "Location": f"{found[0]}.html",
            "X-URI": found[0],
            "X-PrefLabel": found[1].encode().decode("latin-1"),
            "X-PrefLabel-Encoded": quote(found[1]),
        }
        return Reply(302, headers=headers)

    def _cluster(self, number: str) -> Reply:
        if number not in self.clusters:
            return Reply(404, b"<html>", "text/html")
        return Reply(body=json.dumps(self.clusters[number]).encode())


def _handler(linked: Linked) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer({})

        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            self._answer(dict(parse_qsl(self.rfile.read(length).decode())))

        def _answer(self, form: dict[str, str]) -> None:
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query))
            service, good = linked.reply(parts.path, query, form)
            number = linked.count(service)
            linked.asked.append((service, form.get("query") or self.path))
            linked.agents.append(self.headers["User-Agent"])
            _send(self, linked.spoil(service, number, good))

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler


def _send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    handler.send_response(reply.status)
    handler.send_header("Content-Type", reply.kind)
    handler.send_header("Content-Length", str(len(reply.body)))
    for name, value in reply.headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(reply.body[: reply.cut])
    if reply.cut is not None:
        handler.close_connection = True
        handler.connection.close()
