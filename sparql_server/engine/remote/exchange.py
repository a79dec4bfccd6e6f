"""HTTP to a remote SPARQL endpoint: one form posted, one whole answer or an error.

The only place in the server that knows urllib3. https://www.w3.org/TR/sparql11-protocol/
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, ProtocolError, ReadTimeoutError

from sparql_server.engine.remote import qlever
from sparql_server.errors import RemoteFailed
from sparql_server.errors.failures.remote_endpoint import (
    make_broken_off,
    make_limited_time,
    make_silent,
    make_timed_out,
    make_unbounded,
    make_unreachable,
    translate_status,
)

_CONNECT = 5.0  # seconds to get a connection
_PIECE = 256 * 1024
_STALE = 1.0  # seconds after which an aborted request is no sign of a connection that had gone
_AGENT = "libris-linked-data"
_TAIL = 4096  # bytes of an answer's end that are kept, to see whether it is an error message
_COMPLAINT = 64 * 1024  # bytes of an error's body that are read


class Refused(Exception):
    """The endpoint says that it can't answer this query (status 400 or 500).

    position: line and column of what it stumbled at, in the query as it was sent, if it says so.
    """

    def __init__(self, status: int, position: tuple[int, int] | None = None) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.position = position


@dataclass
class Reply:
    """An answer that has begun well.

    media_type: without its parameters. server: what it calls itself. row_limit: after how many
    solutions it was cut, or None.
    """

    media_type: str
    server: str
    row_limit: int | None
    _response: urllib3.BaseHTTPResponse
    _tail: bytes = b""

    def pieces(self) -> Iterator[bytes]:
        """Yield the body; RemoteFailed unless it comes to its announced end."""
        with _translate_errors():
            for piece in self._response.stream(_PIECE):
                self._tail = (self._tail + piece[-_TAIL:])[-_TAIL:]
                yield piece

    def check_end(self) -> None:
        """Raise RemoteFailed if what has come of the body ends in an error message.

        For a body that can't be read as what it should be: what follows at once is looked at, too.
        """
        with suppress(RemoteFailed, ValueError):
            for _ in islice(self.pieces(), 2):
                pass
        qlever.check_end(self._tail)

    def abandon(self) -> None:
        """End the connection under a thread that reads from it: nobody wants the rest."""
        with suppress(ValueError, RuntimeError, OSError):  # it has come to its end
            self._response.shutdown()

    def close(self) -> None:
        """Give the connection back if the body has been read to its end, else close it."""
        self._response.close()


class Endpoint:
    """A SPARQL 1.1 endpoint at an address."""

    def __init__(self, url: str, connections: int, token: str = "") -> None:
        """Take the address. connections: how many are kept alive. token: a bearer's, or none."""
        self.url = url
        self.has_token = bool(token)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._pool = urllib3.PoolManager(maxsize=connections, retries=False)

    def ask(self, fields: Sequence[tuple[str, str]], accept: str, deadline: float) -> Reply:
        """Post a form and return the answer, of which only the head has been read.

        deadline: on the monotonic clock; each wait for the endpoint ends there.
        Raises Refused, RemoteTimedOut or RemoteFailed.
        """
        with _translate_errors():
            response = self._send(urlencode(fields).encode(), accept, deadline)
        try:
            return _check(response)
        except BaseException:
            response.close()
            raise

    def _send(self, body: bytes, accept: str, deadline: float) -> urllib3.BaseHTTPResponse:
        began = time.monotonic()
        try:
            return self._post(body, accept, deadline)
        except ProtocolError:
            # The endpoint closed a kept-alive connection just as the request went out.
            if time.monotonic() - began > _STALE:
                raise
            return self._post(body, accept, deadline)

    def _post(self, body: bytes, accept: str, deadline: float) -> urllib3.BaseHTTPResponse:
        remaining = max(deadline - time.monotonic(), 0.001)
        headers = {
            "Accept": accept,
            "Content-Type": "application/x-www-form-urlencoded",
            "User-Agent": _AGENT,
            **self._headers,
        }
        return self._pool.request(
            "POST",
            self.url,
            body=body,
            headers=headers,
            timeout=urllib3.Timeout(connect=min(_CONNECT, remaining), read=remaining),
            preload_content=False,
            redirect=False,
        )


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Turn urllib3's errors into ours."""
    try:
        yield
    except ConnectTimeoutError as error:
        raise make_unreachable() from error
    except ReadTimeoutError as error:
        raise make_silent() from error
    except (ProtocolError, OSError) as error:
        raise make_broken_off() from error
    except HTTPError as error:
        raise make_unreachable() from error


def _check(response: urllib3.BaseHTTPResponse) -> Reply:
    """Return a response as a Reply if it is one that can be whole."""
    headers = response.headers
    if response.status in (400, 500):
        raise Refused(response.status, qlever.read_position(_complaint(response)))
    if response.status != 200:
        if response.status == 429 and qlever.is_cancelled(_complaint(response)):
            raise make_timed_out(remote_status=response.status)
        raise translate_status(response.status, headers.get("Retry-After", ""))
    # Virtuoso stops at its timeout and sends what it has, with status 200.
    if "X-SQL-State" in headers:
        raise make_limited_time()
    if "Content-Length" not in headers and "chunked" not in headers.get("Transfer-Encoding", ""):
        raise make_unbounded()
    limit = headers.get("X-SPARQL-MaxRows", "")
    return Reply(
        headers.get("Content-Type", "").partition(";")[0].strip().lower(),
        headers.get("Server", ""),
        int(limit) if limit.isdigit() else None,
        response,
    )


def _complaint(response: urllib3.BaseHTTPResponse) -> bytes:
    """Return the body of an error, as far as it comes; none of its words are passed on."""
    with suppress(HTTPError, OSError):
        return response.read(_COMPLAINT)
    return b""
