"""What a remote endpoint is and which state of the data it holds, asked again every few seconds."""

from __future__ import annotations

import logging
import threading
import time
from pathlib import Path

from sparql_server.engine.dialect import Dialect
from sparql_server.engine.endpoint import Endpoint, Refused, Reply
from sparql_server.engine.marker import QUERY, RemoteRelease, read_marker, remote_release
from sparql_server.engine.releases import current
from sparql_server.errors import RemoteFailed

logger = logging.getLogger(__name__)

_EVERY = 2.0  # seconds between two questions
_PATIENCE = 5.0  # seconds for an answer
_XML = "application/sparql-results+xml"

# A million solutions from a thousand triples: shows at how many Virtuoso stops, if it does.
_MANY = (
    "SELECT (1 AS ?x) WHERE { { SELECT ?a { ?a ?b ?c } LIMIT 1000 }"
    " { SELECT ?d { ?d ?e ?f } LIMIT 1000 } }"
)


class Watch:
    """Knows the endpoint's dialect and release; both None until it has answered once."""

    def __init__(self, endpoint: Endpoint, data: Path) -> None:
        """Take what to ask. data: its current release describes a store without a marker."""
        self._endpoint = endpoint
        self._data = data
        self._stopped = threading.Event()
        self._reached = True
        self.dialect: Dialect | None = None
        self.release: RemoteRelease | None = None

    def start(self) -> None:
        """Ask once, and go on asking in a thread."""
        self.look()
        threading.Thread(target=self._go_on, name="remote", daemon=True).start()

    def stop(self) -> None:
        """Ask no more."""
        self._stopped.set()

    def _go_on(self) -> None:
        while not self._stopped.wait(_EVERY):
            self.look()

    def look(self) -> None:
        """Ask now. An endpoint that can't be asked is reported once; what is known stays."""
        try:
            self._look()
        except (RemoteFailed, Refused, ValueError) as error:
            if self._reached:
                logger.warning("%s can't be asked: %s", self._endpoint.url, error)
            self._reached = False
        else:
            self._reached = True

    def _look(self) -> None:
        reply = self._ask(QUERY)
        try:
            said = read_marker(b"".join(reply.pieces()))
        finally:
            reply.close()
        if self.dialect is None:
            self.dialect = self._dialect(reply.server)
        found = remote_release(current(self._data), self._data, said)
        if self.release is not None and found != self.release:
            logger.info("now serving release %s of %s", found.number, self._endpoint.url)
        self.release = found

    def _ask(self, query: str, accept: str = _XML) -> Reply:
        return self._endpoint.ask([("query", query)], accept, time.monotonic() + _PATIENCE)

    def _dialect(self, server: str) -> Dialect:
        if not server.startswith("Virtuoso"):
            return Dialect()
        reply = self._ask(_MANY, "text/csv")
        reply.abandon()
        reply.close()
        if reply.row_limit:
            logger.warning(
                "%s cuts results after %s rows: ResultSetMaxRows in its configuration. Those it"
                " would cut are refused here.",
                self._endpoint.url,
                f"{reply.row_limit:,}",
            )
        return Dialect(is_virtuoso=True, row_limit=reply.row_limit)
