"""Requests to a server: repeated where that helps, kept where the server says what they are.

Nothing outside of this module and ``refusals`` knows the HTTP library.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import requests
from requests import Response
from urllib3.exceptions import HTTPError

from libris_client.addresses import is_on_this_machine
from libris_client.cache import Cache
from libris_client.errors import Busy, ResultCut, Unreachable
from libris_client.progress import show_progress
from libris_client.refusals import back_off, find_wait, read_error, say_other_server

_PIECE = 256 * 1024
_LONGEST_ADDRESS = 6000  # characters; a longer request has its parameters in its body


@dataclass(frozen=True, slots=True)
class Manners:
    """The manner of asking. timeout: seconds without a byte. retries: attempts after the first.

    longest_wait: seconds, of all that an attempt waits for, what the server says included.
    """

    timeout: float = 120.0
    retries: int = 5
    longest_wait: float = 300.0
    progress: bool = False


@dataclass(frozen=True, slots=True)
class Downloaded:
    """An answer in a file. release: the number of the one that it is of, as the server says."""

    path: Path
    release: str
    is_temporary: bool

    def remove(self) -> None:
        """Remove the file, unless it is kept."""
        if self.is_temporary:
            self.path.unlink(missing_ok=True)


class Connection:
    """A server at an address."""

    def __init__(self, url: str, cache: Cache, manners: Manners) -> None:
        self.url = url.rstrip("/")
        self._cache = cache
        self._manners = manners
        self._session = requests.Session()
        self._session.headers["User-Agent"] = "libris-client"
        if is_on_this_machine(self.url):  # what is compressed comes later here, not sooner
            self._session.headers["Accept-Encoding"] = "identity"

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def read_json(
        self, path: str, parameters: Mapping[str, Any], member: str = ""
    ) -> tuple[dict[str, Any], str]:
        """Return a document, and the release that it is of. Raises LibrisError.

        member: what such a document has.
        """
        downloaded = self.download(path, parameters, "application/json")
        try:
            with open(downloaded.path, "rb") as stream:
                content = stream.read()
        finally:
            downloaded.remove()
        with suppress(ValueError):
            document = json.loads(content)
            if isinstance(document, dict) and (not member or member in document):
                return document, downloaded.release
        raise Unreachable(f"{self.url}{path} is no address of such a server")

    def read_release(self) -> int:
        """Return the number of the release that is served now. Raises LibrisError."""
        with self._ask("/health", {}, {"Accept": "application/json"}, (503,)) as response:
            try:
                number = response.json()["release"]
            except (ValueError, TypeError, KeyError) as error:
                raise Unreachable(say_other_server(response)) from error
        if number is None:
            raise Busy(f"{self.url} has no release yet: libris-loader release publishes one")
        return int(number)

    def download(self, path: str, parameters: Mapping[str, Any], accept: str) -> Downloaded:
        """Fetch an answer into a file, again if it breaks off; or find it among what is kept.

        parameters: a value, or a sequence of several. Raises LibrisError.
        """
        for attempt in range(self._manners.retries + 1):
            try:
                return self._download(path, parameters, accept)
            except ResultCut:
                if attempt == self._manners.retries:
                    raise
                time.sleep(back_off(attempt))
        raise AssertionError

    @contextmanager
    def stream(self, path: str, parameters: Mapping[str, Any], accept: str) -> Iterator[BinaryIO]:
        """Yield an answer as it comes; nothing of it is kept. Raises LibrisError."""
        with self._ask(path, parameters, {"Accept": accept}) as response:
            response.raw.decode_content = True
            try:
                yield response.raw
            except _BROKEN as error:
                raise ResultCut(_say_cut(error)) from error

    def _download(self, path: str, parameters: Mapping[str, Any], accept: str) -> Downloaded:
        address = self._write_address(path, parameters)
        kept = self._cache.find(address, accept)
        headers = {"Accept": accept} | ({"If-None-Match": kept.tag} if kept else {})
        with self._ask(path, parameters, headers) as response:
            if kept and response.status_code == 304:
                return Downloaded(kept.path, kept.release, False)
            file = self._save(response, path)
            tag, release = (response.headers.get(name, "") for name in ("ETag", "Libris-Release"))
            place = self._cache.keep(address, accept, tag, release, file)
            return Downloaded(place, release, place == file)

    def _save(self, response: Response, path: str) -> Path:
        number, name = tempfile.mkstemp(dir=self._cache.make_scratch(), suffix=".download")
        length = response.headers.get("Content-Length", "")
        total = int(length) if length.isdigit() else None
        try:
            with (
                open(number, "wb") as file,
                show_progress(path, total, shown=self._manners.progress) as advance,
            ):
                for piece in response.iter_content(_PIECE):
                    file.write(piece)
                    advance(len(piece))
        except _BROKEN as error:
            os.unlink(name)
            raise ResultCut(_say_cut(error)) from error
        except BaseException:
            os.unlink(name)
            raise
        return Path(name)

    def _write_address(self, path: str, parameters: Mapping[str, Any]) -> str:
        request = requests.Request("GET", f"{self.url}{path}", params=parameters)
        return str(request.prepare().url)

    def _ask(
        self,
        path: str,
        parameters: Mapping[str, Any],
        headers: Mapping[str, str],
        also: Collection[int] = (),
    ) -> Response:
        """Return an answer that is good, its body not read yet; wait for a server that is busy.

        also: statuses that are as good as 200.
        """
        deadline = time.monotonic() + self._manners.longest_wait
        for attempt in range(self._manners.retries + 1):
            is_last = attempt == self._manners.retries
            try:
                response = self._send(path, parameters, headers)
            except requests.ConnectionError as error:
                if is_last or time.monotonic() > deadline:
                    raise Unreachable(
                        f"{self.url} can't be reached: {_find_cause(error)}"
                    ) from error
                time.sleep(back_off(attempt))
                continue
            except requests.RequestException as error:
                raise Unreachable(f"{self.url}{path} can't be asked: {error}") from error
            if response.status_code in (200, 206, 304, *also):
                if _is_page(response):
                    raise Unreachable(say_other_server(response))
                return response
            wait = find_wait(response, attempt)
            if wait is None or is_last or time.monotonic() + wait > deadline:
                raise read_error(response)
            response.close()
            time.sleep(wait)
        raise AssertionError

    def _send(
        self, path: str, parameters: Mapping[str, Any], headers: Mapping[str, str]
    ) -> Response:
        address = self._write_address(path, parameters)
        how: dict[str, Any] = {
            "headers": dict(headers),
            "stream": True,
            "timeout": self._manners.timeout,
        }
        if len(address) <= _LONGEST_ADDRESS:
            return self._session.get(address, **how)
        return self._session.post(f"{self.url}{path}", data=parameters, **how)


def _is_page(response: Response) -> bool:
    """Tell whether an answer is a page for people, which nobody asks for here."""
    return response.headers.get("Content-Type", "").startswith("text/html")


_BROKEN = (requests.RequestException, HTTPError, OSError, EOFError)


def _say_cut(error: Exception) -> str:
    return f"the answer broke off before its end; nothing of it is used ({_find_cause(error)})"


def _find_cause(error: BaseException) -> str:
    """Return what the innermost of several errors says: those around it only repeat it."""
    inner = error.args[0] if error.args and isinstance(error.args[0], BaseException) else None
    reason = getattr(inner, "reason", None) or inner
    return str(reason) if reason else str(error)
