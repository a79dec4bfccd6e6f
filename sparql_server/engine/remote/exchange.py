"""HTTP to a remote SPARQL endpoint: one form posted, one whole answer or an error.

The only place in the server that knows urllib3. https://www.w3.org/TR/sparql11-protocol/
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlencode

import urllib3
from urllib3.exceptions import ConnectTimeoutError, HTTPError, ProtocolError, ReadTimeoutError

from sparql_server.errors.failures.endpoint import (
    make_broken_off,
    make_limited_time,
    make_silent,
    make_unbounded,
    make_unreachable,
    translate_status,
)

_CONNECT = 5.0  # seconds to get a connection
_PIECE = 256 * 1024
_STALE = 1.0  # seconds after which an aborted request is no sign of a connection that had gone
_AGENT = "libris-linked-data"


class Refused(Exception):
    """The endpoint says that it can't answer this query (status 400 or 500)."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


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

    def pieces(self) -> Iterator[bytes]:
        """Yield the body; RemoteFailed unless it comes to its announced end."""
        with _translate_errors():
            yield from self._response.stream(_PIECE)

    def abandon(self) -> None:
        """End the connection under a thread that reads from it: nobody wants the rest."""
        with suppress(ValueError, RuntimeError, OSError):  # it has come to its end
            self._response.shutdown()

    def close(self) -> None:
        """Give the connection back if the body has been read to its end, else close it."""
        self._response.close()


class Endpoint:
    """A SPARQL 1.1 endpoint at an address."""

    def __init__(self, url: str, connections: int) -> None:
        """Take the address. connections: how many are kept alive."""
        self.url = url
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
        raise Refused(response.status)
    if response.status != 200:
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
