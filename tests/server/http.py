"""Requests to a server under test."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tests.server.conftest import Server


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


def request(
    server: Server, method: str, path: str, body: bytes | None = None, **headers: str
) -> Reply:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, names)
    response = connection.getresponse()
    fields = {name.lower(): value for name, value in response.getheaders()}
    reply = Reply(response.status, fields, response.read())
    connection.close()
    return reply


def ask(server: Server, query: str, accept: str | None = None, **parameters: str) -> Reply:
    """GET /sparql with a query; parameters with a dash in their name are written with ``_``."""
    pairs = {"query": query, **{k.replace("_", "-"): v for k, v in parameters.items()}}
    headers = {"Accept": accept} if accept else {}
    return request(server, "GET", f"/sparql?{urlencode(pairs)}", **headers)


def values(reply: Reply) -> list[list[str]]:
    """The rows of a JSON result, as strings."""
    found = reply.json()
    names = found["head"]["vars"]
    return [
        [row.get(name, {}).get("value", "") for name in names]
        for row in found["results"]["bindings"]
    ]
