"""HTTP client for providers: contact, pace, budget, retries, and the limits of an answer.

RFC 9110 (HTTP semantics), https://www.rfc-editor.org/rfc/rfc9110, section 10.2.3 for Retry-After.
"""

from __future__ import annotations

import logging
import math
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import IO, TypeVar
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from loader import __version__
from loader.errors import ContactMissing, LoaderError, ProviderError, ProviderRefuses
from loader.provider.http_fields import read_http_date, read_retry_after

logger = logging.getLogger(__name__)

T = TypeVar("T")

LARGE = 64 * 1024 * 1024
"""Bytes above which an answer is kept in a temporary file while it is read."""

_PIECE = 1 << 18
_GONE = (404, 410)
_REST = timedelta(hours=1)  # before trying again a provider that has failed again and again


@dataclass(frozen=True, slots=True)
class Manners:
    """The manners towards a provider: contact, pace, limits, retries. Times are seconds.

    contact: an address or page of the operator, for the User-Agent. pause: between two requests.
    silence: without a byte before a request has failed. whole: for a whole answer.
    attempts: at one request before giving up; waits between them double from ``first_wait`` to
    ``longest_wait``. patience: a longer Retry-After ends the run. budget: requests a day (UTC).
    """

    contact: str = ""
    pause: float = 1.0
    silence: float = 60.0
    whole: float = 900.0
    attempts: int = 6
    first_wait: float = 2.0
    longest_wait: float = 300.0
    patience: float = 900.0
    budget: int = 50_000


@dataclass(slots=True)
class Traffic:
    """The requests so far."""

    requests: int = 0
    retries: int = 0
    bytes: int = 0


class Missing(LoaderError):
    """The provider has no such thing (404, 410)."""

    def __init__(self, url: str, status: int) -> None:
        super().__init__(f"{url}: the provider has nothing there (HTTP {status})")


def is_loopback(url: str) -> bool:
    """Tell whether an address is on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Client:
    """Asks one provider, one request at a time.

    spend: called before each request with the daily budget; raises ProviderRefuses if none is left.
    date: of the last answer, from its header, as the archive spells it; None if it has none.
    Raises ContactMissing if the provider is not on this machine and nobody is named.
    """

    def __init__(self, url: str, manners: Manners, spend: Callable[[int], None]) -> None:
        if not manners.contact and not is_loopback(url):
            raise ContactMissing(url)
        self.traffic = Traffic()
        self.date: str | None = None
        self._manners = manners
        self._spend = spend
        self._last = 0.0
        self.session = requests.Session()
        who = f"; {manners.contact}" if manners.contact else ""
        self.session.headers["User-Agent"] = f"libris-linked-data/{__version__} (harvester{who})"

    @property
    def timeout(self) -> tuple[float, float]:
        """Seconds to connect, and to wait for a byte."""
        return (min(30.0, self._manners.silence), self._manners.silence)

    def get(self, url: str, accept: str, read: Callable[[bytes], T]) -> T:
        """Return what ``read`` makes of the answer at an address; ``ask`` says the rest."""

        def send() -> requests.Response:
            return self.session.get(
                url, headers={"Accept": accept}, stream=True, timeout=self.timeout
            )

        return self.ask(send, read)

    def ask(
        self,
        send: Callable[[], requests.Response],
        read: Callable[[bytes], T],
        read_large: Callable[[IO[bytes]], T] | None = None,
    ) -> T:
        """Send a request, again if need be, and return what ``read`` makes of the answer.

        read: raises ProviderError for an answer that is not what it should be. read_large: does
        the same with one that is better kept in a temporary file than in memory, and closes that.
        Raises Missing for 404 and 410, ProviderRefuses when it is time to stop.
        """
        longest = self._manners.whole
        return self._try(lambda: _read_pieces(self._receive(send, longest), read, read_large))

    def download(
        self, url: str, to: Path, read: Callable[[Path], T], shown: Callable[[int], None]
    ) -> T:
        """Write the answer at an address to a file, however long that takes.

        shown: called with the bytes of each piece. ``ask`` says the rest.
        """

        def send() -> requests.Response:
            return self.session.get(url, stream=True, timeout=self.timeout)

        def fetch() -> T:
            with to.open("wb") as file:
                for piece in self._receive(send, math.inf):
                    file.write(piece)
                    shown(len(piece))
            return read(to)

        return self._try(fetch)

    def _try(self, work: Callable[[], T]) -> T:
        """Do what may fail, again and again if need be."""
        wait = 0.0
        for attempt in range(1, self._manners.attempts + 1):
            self._keep_pace(wait)
            try:
                return work()
            except ProviderError as error:
                wait = self._wait(error, attempt)
                self.traffic.retries += 1
                last = error
        reason = f"{self._manners.attempts} attempts in a row failed: {last}"
        raise ProviderRefuses(reason, datetime.now(UTC) + _REST)

    def _keep_pace(self, wait: float) -> None:
        wait = max(wait, self._manners.pause - (time.monotonic() - self._last))
        if wait > 0:
            time.sleep(wait)
        self._spend(self._manners.budget)
        self._last = time.monotonic()
        self.traffic.requests += 1

    def _receive(self, send: Callable[[], requests.Response], longest: float) -> Iterator[bytes]:
        """Yield what is answered to a request, as it arrives."""
        start = time.monotonic()
        try:
            with send() as response:
                self.date = read_http_date(response.headers.get("Date"))
                if response.status_code in _GONE:
                    raise Missing(response.url, response.status_code)
                for piece in self._read_body(response, start + longest):
                    self.traffic.bytes += len(piece)
                    if response.status_code == 200:
                        yield piece
        except (requests.RequestException, HTTPError, OSError) as error:
            raise ProviderError(_shorten(error)) from error
        if response.status_code != 200:
            raise ProviderError(
                f"HTTP {response.status_code}",
                read_retry_after(response.headers.get("Retry-After")),
            )

    def _read_body(self, response: requests.Response, deadline: float) -> Iterator[bytes]:
        """Yield a body as it arrives, however slowly, but not for ever."""
        while piece := response.raw.read1(_PIECE, decode_content=True):
            yield piece
            if time.monotonic() > deadline:
                raise ProviderError(f"no end after {self._manners.whole:.0f} s")
        if response.raw.length_remaining:
            raise ProviderError("the connection ended within the answer")

    def _wait(self, error: ProviderError, attempt: int) -> float:
        """Return the seconds to wait after a failure; ProviderRefuses if they are too many."""
        doubled = self._manners.first_wait * float(2 ** (attempt - 1))
        wait = min(doubled, self._manners.longest_wait) * random.uniform(0.5, 1.0)
        wait = max(wait, error.retry_after or 0.0)
        if wait > self._manners.patience:
            raise ProviderRefuses(str(error), datetime.now(UTC) + timedelta(seconds=wait))
        logger.warning("%s; trying again in %.0f s.", error, wait)
        return wait


def _read_pieces(
    pieces: Iterator[bytes],
    read: Callable[[bytes], T],
    read_large: Callable[[IO[bytes]], T] | None,
) -> T:
    """Return what is made of an answer that comes in pieces."""
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > LARGE and read_large:
            return read_large(_keep_in_file(body, pieces))
    return read(bytes(body))


def _keep_in_file(begin: bytearray, pieces: Iterator[bytes]) -> IO[bytes]:
    with ExitStack() as opened:
        file = opened.enter_context(tempfile.TemporaryFile(prefix="libris-"))
        file.write(begin)
        begin.clear()
        file.writelines(pieces)
        opened.pop_all()  # whoever reads it closes it
    return file


def _shorten(error: Exception) -> str:
    """Return what went wrong without the library's layers around it."""
    inner: BaseException = error
    while inner.args and isinstance(inner.args[0], BaseException):
        inner = inner.args[0]
    reason = getattr(inner, "reason", None)
    return f"{type(error).__name__}: {reason or inner}"
