"""Asks a running server for the default form of every saved query: ``libris-sparql warm``.

It is a client: what it asks for is then in the server's cache.
"""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sparql_server.errors import ServerError

_LIST = "queries/?format=json"


class NoAnswer(ServerError):
    """The server can't be reached, or doesn't answer as one of these does."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A form of a query that was asked for. form: ``page`` or a format. wrong: why it failed."""

    query: str
    form: str
    seconds: float
    wrong: str | None = None


def visit(base: str, timeout: float) -> Iterator[Visit]:
    """Ask for all queries, as pages and as files; yield each when it has come.

    base: address of the server. timeout: seconds for each. Raises NoAnswer if there is no list.
    """
    root = base.rstrip("/") + "/"
    for query in _listed(root + _LIST, timeout):
        name = query["name"]
        for form in (
            "page",
            *(name for name in ("csv", "json", "ttl") if name in query["formats"]),
        ):
            address = f"{root}queries/{name}" + ("" if form == "page" else f".{form}")
            yield _timed(name, form, address, timeout)


def _listed(address: str, timeout: float) -> list[dict[str, Any]]:
    try:
        return list(json.loads(_read(address, "application/json", timeout))["queries"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NoAnswer(f"{address} gives no list of saved queries: {error}") from error


def _timed(name: str, form: str, address: str, timeout: float) -> Visit:
    began = time.monotonic()
    try:
        _read(address, "text/html" if form == "page" else "*/*", timeout)
    except (OSError, ValueError) as error:
        return Visit(name, form, time.monotonic() - began, str(error))
    return Visit(name, form, time.monotonic() - began)


def _read(address: str, accept: str, timeout: float) -> bytes:
    if not address.startswith(("http://", "https://")):
        raise NoAnswer(f"{address} is no address of a server")
    request = urllib.request.Request(address, headers={"Accept": accept})
    with urllib.request.urlopen(request, timeout=timeout) as response:
        return bytes(response.read())
