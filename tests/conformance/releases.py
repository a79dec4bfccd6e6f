"""Releases of test data: what the suites need in the store is published for the server to take up.

The server only reads; this is how test data gets to it, as a release like any other.
"""

from __future__ import annotations

import json
from email import message_from_bytes
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox

from tests.server.conftest import point_to

_MEDIA_TYPES = {"text/turtle": ox.RdfFormat.TURTLE, "application/n-triples": ox.RdfFormat.N_TRIPLES}


class Releases:
    """Publishes datasets in a data directory; equal ones are the same release."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self._numbers: dict[bytes, int] = {}

    def publish(self, nquads: bytes) -> int:
        """Make a release of these quads, if there is none, and point to it; return its number."""
        if nquads not in self._numbers:
            self._numbers[nquads] = len(self._numbers) + 1
            self._write(self._numbers[nquads], nquads)
        point_to(self.data, self._numbers[nquads])
        return self._numbers[nquads]

    def _write(self, number: int, nquads: bytes) -> None:
        folder = self.data / "releases" / f"{number:04}"
        folder.mkdir(parents=True)
        store = ox.Store(str(folder / "store"))
        store.load(nquads, ox.RdfFormat.N_QUADS)
        store.flush()
        manifest = {
            "release": number,
            "published": "2026-11-24T00:00:00Z",
            "records": 0,
            "graphs": sum(1 for _ in store.named_graphs()),
            "quads": len(store),
        }
        (folder / "manifest.json").write_text(json.dumps(manifest))


class WritableGraphs:
    """The writing half of the Graph Store HTTP Protocol, as the tests of the reading half need it.

    https://www.w3.org/TR/sparql11-http-rdf-update/
    """

    def __init__(self, releases: Releases) -> None:
        self._releases = releases
        self._graphs: dict[ox.NamedNode | ox.DefaultGraph, ox.Dataset] = {}

    def write(self, method: str, url: str, store: str, sent: ox.Dataset) -> dict[str, Any]:
        """Carry out a PUT, POST or DELETE; return release, status and location."""
        name = _graph_name(url, store) or ox.NamedNode(f"{store}/new/{len(self._graphs) + 1}")
        status = self._status(method, name, sent)
        quads = [
            ox.Quad(quad.subject, quad.predicate, quad.object, graph)
            for graph, content in self._graphs.items()
            for quad in content
        ]
        nquads = ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b""
        location = getattr(name, "value", None) if status == 201 else None
        return {"release": self._releases.publish(nquads), "status": status, "location": location}

    def _status(self, method: str, name: ox.NamedNode | ox.DefaultGraph, sent: ox.Dataset) -> int:
        there = name in self._graphs
        if method == "DELETE":
            self._graphs.pop(name, None)
            return 204 if there else 404
        before = self._graphs.get(name, ()) if method == "POST" else ()
        self._graphs[name] = ox.Dataset([*before, *sent])
        return 204 if there else 201


def _graph_name(url: str, store: str) -> ox.NamedNode | ox.DefaultGraph | None:
    """Return the graph that an address identifies; None for the store's own."""
    parameters = parse_qs(urlsplit(url).query, keep_blank_values=True)
    if "default" in parameters:
        return ox.DefaultGraph()
    if "graph" in parameters:
        return ox.NamedNode(parameters["graph"][0])
    return None if url == store else ox.NamedNode(url)


def read_body(content_type: str, body: bytes, base: str) -> ox.Dataset:
    """Parse what a request carries, the parts of multipart/form-data together."""
    if not body:
        return ox.Dataset()
    message = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    quads: list[ox.Quad] = []
    for part in message.walk():
        if not part.is_multipart():
            payload = part.get_payload(decode=True)
            assert isinstance(payload, bytes)
            quads += ox.parse(payload, _MEDIA_TYPES[part.get_content_type()], base_iri=base)
    return ox.Dataset(quads)
