"""The state of a remote endpoint: its dialect and its release, asked for every few seconds."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from sparql_server.engine.releases import find_current
from sparql_server.engine.remote import qlever
from sparql_server.engine.remote.dialect import Dialect
from sparql_server.engine.remote.exchange import Endpoint, Refused, Reply
from sparql_server.engine.remote.pushed_state import (
    QUERY,
    RemoteRelease,
    describe_release,
    read_marker,
)
from sparql_server.errors import RemoteFailed
from sparql_server.errors.failures.remote_endpoint import make_unreachable

logger = logging.getLogger(__name__)

_EVERY = 2.0  # seconds between two questions
_PATIENCE = 30.0  # seconds for an answer
_WAIT = 5.0  # seconds that others wait for the first answer
_XML = "application/sparql-results+xml"
_JSON = "application/json"

# A million solutions from a thousand triples: shows at how many Virtuoso stops, if it does.
_MANY = (
    "SELECT (1 AS ?x) WHERE { { SELECT ?a { ?a ?b ?c } LIMIT 1000 }"
    " { SELECT ?d { ?d ?e ?f } LIMIT 1000 } }"
)


class Watch:
    """Knows the endpoint's dialect and release, which is None until it has answered once."""

    def __init__(self, endpoint: Endpoint, data: Path) -> None:
        """Take what to ask. data: its current release describes a store without a marker."""
        self._endpoint = endpoint
        self._data = data
        self._stopped = threading.Event()
        self._asked = threading.Event()
        self._reached = True
        self._dialect: Dialect | None = None
        self.release: RemoteRelease | None = None

    def start(self) -> None:
        """Ask in a thread, now and again; wait a little for the first to end."""
        threading.Thread(target=self._go_on, name="remote", daemon=True).start()
        self._asked.wait(_WAIT)

    def stop(self) -> None:
        """Ask no more."""
        self._stopped.set()

    @property
    def wrong(self) -> str | None:
        """The reason why queries can't be answered, in words for everybody; None: they can."""
        return None if self._reached else "the endpoint behind this server can't be reached"

    def known(self) -> tuple[Dialect, RemoteRelease]:
        """Return dialect and release; RemoteFailed until the endpoint has answered once."""
        self._asked.wait(_WAIT)
        if self._dialect is None or self.release is None:
            raise make_unreachable()
        return self._dialect, self.release

    def _go_on(self) -> None:
        self._report()
        self._asked.set()
        while not self._stopped.wait(_EVERY):
            self._report()

    def _report(self) -> None:
        """Ask. An endpoint that can't be asked is reported once; what is known stays."""
        try:
            self._look()
        except (RemoteFailed, Refused, KeyError, SyntaxError, ValueError) as error:
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
        if self._dialect is None or not self._reached:  # it may have been started anew, changed
            self._dialect = self._spoken(reply.server)
        release = describe_release(find_current(self._data), self._data, said)
        if self.release is not None and release != self.release:
            logger.info("now serving release %s of %s", release.number, self._endpoint.url)
        self.release = release

    def _ask(self, query: str, accept: str = _XML) -> Reply:
        return self._endpoint.ask([("query", query)], accept, time.monotonic() + _PATIENCE)

    def _spoken(self, server: str) -> Dialect:
        """Return the dialect; what the endpoint calls itself tells one, statistics another."""
        if not server.startswith("Virtuoso"):
            return self._qlever() or Dialect()
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

    def _qlever(self) -> Dialect | None:
        """Return QLever's dialect; None: the endpoint is another, and knows no statistics."""
        if not qlever.is_statistics(self._command(qlever.STATISTICS)):
            return None
        # With its access token, QLever takes any time limit.
        told = b"" if self._endpoint.has_token else self._command(qlever.SETTINGS)
        return Dialect((), is_qlever=True, time_limit=qlever.read_limit(told))

    def _command(self, fields: Sequence[tuple[str, str]]) -> bytes:
        """Return the answer to a request that is no query; empty if there is none."""
        try:
            reply = self._endpoint.ask(fields, _JSON, time.monotonic() + _WAIT)
        except (RemoteFailed, Refused):
            return b""
        try:
            return b"".join(reply.pieces())
        except RemoteFailed:
            return b""
        finally:
            reply.close()
