"""Who is at the other end of a request."""

from __future__ import annotations

from collections.abc import Callable

from flask import request

from sparql_server.admission import Networks, client_of
from sparql_server.answers import Visitor
from sparql_server.engine.caller import Caller, Nobody


class _Channel:
    """A client of waitress, which says whether the connection is still there."""

    def __init__(self, disconnected: Callable[[], bool]) -> None:
        self._disconnected = disconnected

    def gone(self) -> bool:
        """Tell whether the client has hung up."""
        return self._disconnected()


def visitor(trusted: Networks) -> Visitor:
    """Return who has sent the request."""
    client = client_of(request.remote_addr or "", request.headers.get("X-Forwarded-For"), trusted)
    disconnected = request.environ.get("waitress.client_disconnected")
    caller: Caller = _Channel(disconnected) if disconnected else Nobody()
    return Visitor(client, caller, request.headers.get("If-None-Match", ""))
