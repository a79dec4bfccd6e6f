"""Client of a remote store: SPARQL 1.1 Graph Store HTTP Protocol, and queries.

https://www.w3.org/TR/sparql11-http-rdf-update/
"""

from __future__ import annotations

import csv
import io
import logging
import random
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase, HTTPBasicAuth, HTTPDigestAuth

from loader import __version__
from loader.errors import PushError
from loader.provider.http_fields import read_retry_after

logger = logging.getLogger(__name__)

_GONE = (("GET", 404), ("DELETE", 404))  # what says that a graph isn't there
_NTRIPLES = "application/n-triples"
# QLever has no N-Triples of a graph, but Turtle without prefixes; others prefer what they have.
_ACCEPT = f"{_NTRIPLES}, text/turtle;q=0.5"


@dataclass(frozen=True, slots=True)
class Access:
    """Credentials for a remote store, and retries. Times are seconds.

    user, password: for basic or digest authentication; token: a bearer's (RFC 6750) instead.
    attempts: at one request before giving up; waits between them double from ``first_wait`` to
    ``longest_wait``, or are what Retry-After says. silence: without a byte before one has failed.
    """

    user: str = ""
    password: str = ""
    digest: bool = False
    token: str = ""
    attempts: int = 8
    first_wait: float = 0.5
    longest_wait: float = 60.0
    silence: float = 300.0

    def auth(self) -> AuthBase | None:
        """Return what signs requests."""
        if self.token:
            return _Bearer(self.token)
        if not self.user:
            return None
        kind = HTTPDigestAuth if self.digest else HTTPBasicAuth
        return kind(self.user, self.password)


class _Bearer(AuthBase):
    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class RemoteStore:
    """A remote store's graphs, replaced whole; may be used by several threads."""

    def __init__(self, url: str, access: Access) -> None:
        """Take the address of the Graph Store and how to be let in."""
        if urlsplit(url).scheme not in ("http", "https"):
            raise PushError(f"{url} is no address of a Graph Store: http or https is needed")
        self.url = url
        self._access = access
        self._timeout = (30.0, access.silence)
        self._threads = threading.local()
        self.retries = 0

    def put(self, graph: str, ntriples: bytes) -> None:
        """Make a graph hold these triples and no others (5.3). Raises PushError."""
        self._request("PUT", graph, ntriples)

    def delete(self, graph: str) -> None:
        """Remove a graph (5.4), if it is there. Raises PushError."""
        self._request("DELETE", graph, None)

    def get(self, graph: str) -> str:
        """Return a graph's N-Triples (5.2), empty if it isn't there. Raises PushError."""
        response = self._request("GET", graph, None)
        return response.content.decode("utf-8") if response.status_code == 200 else ""

    def counts(self, endpoint: str, graphs: Collection[str]) -> dict[str, int]:
        """Return the number of triples in each of these graphs, asked at a SPARQL endpoint."""
        names = " ".join(f"<{graph}>" for graph in graphs)
        query = (
            "SELECT ?g (COUNT(*) AS ?n) WHERE"
            f" {{ VALUES ?g {{ {names} }} GRAPH ?g {{ ?s ?p ?o }} }} GROUP BY ?g"
        )
        response = self._again(
            "POST", endpoint, data={"query": query}, headers={"Accept": "text/csv"}
        )
        rows = csv.reader(io.StringIO(response.content.decode("utf-8"), newline=""))
        try:
            return {row[0]: int(row[1]) for row in list(rows)[1:] if row}
        except (ValueError, IndexError, csv.Error) as error:
            raise PushError(f"{endpoint}: the counts that it answers with can't be read") from error

    def _request(self, method: str, graph: str, body: bytes | None) -> requests.Response:
        headers = {
            "PUT": {"Content-Type": _NTRIPLES},
            "GET": {"Accept": _ACCEPT},
            "DELETE": {},  # Virtuoso refuses with 406 if it says what it would accept
        }[method]
        return self._again(method, self.url, params={"graph": graph}, data=body, headers=headers)

    def _again(self, method: str, url: str, **request: Any) -> requests.Response:
        """Send a request until it is answered well, or has failed too often."""
        reason = ""
        for attempt in range(1, self._access.attempts + 1):
            asked: float | None = None
            try:
                response = self._session().request(
                    method,
                    url,
                    timeout=(30, self._access.silence),
                    allow_redirects=False,
                    **request,
                )
            except requests.RequestException as error:
                reason = type(error).__name__
            else:
                if response.status_code < 300 or (method, response.status_code) in _GONE:
                    return response
                reason = _read_refusal(response, url)
                asked = read_retry_after(response.headers.get("Retry-After"))
            if attempt < self._access.attempts:
                self._wait(attempt, asked, f"{url}: {reason}")
        raise PushError(f"{url}: {self._access.attempts} attempts in a row failed: {reason}")

    def _wait(self, attempt: int, asked: float | None, reason: str) -> None:
        self.retries += 1
        doubled = self._access.first_wait * float(2 ** (attempt - 1))
        wait = min(doubled, self._access.longest_wait) * random.uniform(0.5, 1.0)
        wait = max(wait, asked or 0.0)
        logger.warning("%s; trying again in %.1f s.", reason, wait)
        time.sleep(wait)

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._threads, "session", None)
        if session is None:
            session = self._threads.session = requests.Session()
            session.auth = self._access.auth()
            session.trust_env = False  # no password from a file of the user's, no proxy
            session.headers["User-Agent"] = f"libris-linked-data/{__version__} (push)"
        return session


def _read_refusal(response: requests.Response, url: str) -> str:
    """Return why a request is to be sent again; raise PushError if that would not help."""
    status = response.status_code
    if status in (401, 403):
        raise PushError(
            f"{url} doesn't let us in (HTTP {status}): see --user, --digest, and the environment"
            " variables LIBRIS_PUSH_PASSWORD and LIBRIS_PUSH_TOKEN"
        )
    if status < 500 and status not in (408, 425, 429):
        raise PushError(f"{url} refuses with HTTP {status}: is it the address of a Graph Store?")
    return f"HTTP {status}"
