"""Fetcher of answers, one request at a time: pace, budget, refusals, and a cache of answers.

RFC 9110, https://www.rfc-editor.org/rfc/rfc9110. The only module here that knows requests.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import requests
import requests_cache
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from loader import __version__
from loader.errors import ContactMissing, LinkError
from loader.link.extracts.link_database import Tables
from loader.link.online.manners import Clock, Manners
from loader.link.online.services import Service
from loader.provider.http import is_loopback
from loader.provider.http_fields import read_retry_after

logger = logging.getLogger(__name__)

_SILENCE = 30.0  # seconds without a byte
_PIECE = 1 << 16
_KEPT_CODES = (200, 302, 303, 404)
_REFUSALS = (403, 429)


@dataclass(frozen=True, slots=True)
class Question:
    """A request: POST if there is a form, else GET. accept: media type."""

    url: str
    accept: str
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. status: 200, 302, 303 or 404. headers: lower-case names. cached: not asked."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    cached: bool


class Failed(Exception):
    """One question has no answer that can be used. Others may have."""


class _Patient(HTTPAdapter):
    """Reads each body to its declared end, as it arrives, and not for ever."""

    def __init__(self, whole: float) -> None:
        super().__init__()
        self._whole = whole

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: float | tuple[float | None, float | None] | None = None,
        verify: bool | str = True,
        cert: str | tuple[str, str] | None = None,
        proxies: dict[str, str] | None = None,
    ) -> requests.Response:
        """Send a request and read all of its answer."""
        begun = time.monotonic()
        response = super().send(request, True, timeout, verify, cert, proxies)
        pieces = []
        try:
            while piece := response.raw.read1(_PIECE, decode_content=True):
                pieces.append(piece)
                if time.monotonic() - begun > self._whole:
                    raise requests.Timeout(f"no end after {self._whole:.0f} s")
            if response.raw.length_remaining:
                raise requests.ConnectionError("the connection ended within the answer")
        except HTTPError as error:
            raise requests.ConnectionError(str(error)) from error
        response._content = b"".join(pieces)
        response._content_consumed = True
        return response


class Fetcher:
    """Asks services.

    contact: whom they can write to; needed for any that is not on this machine. replay: answer
    from the cache only, however old, and raise LinkError for what isn't in it.
    """

    def __init__(
        self,
        tables: Tables,
        cache: Path,
        contact: str,
        *,
        replay: bool = False,
        clock: Clock | None = None,
        whole: float = 300.0,
    ) -> None:
        self._manners = Manners(tables, clock or Clock())
        self._contact = contact
        self._replay = replay
        self._check: Callable[[requests.Response], bool] = lambda response: True
        self._session = requests_cache.CachedSession(
            str(cache),
            backend="sqlite",
            allowable_codes=_KEPT_CODES,
            allowable_methods=("GET", "POST"),
            match_headers=("Accept",),
            filter_fn=lambda response: self._check(response),
            only_if_cached=replay,
            stale_if_error=replay,
        )
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Patient(whole))
        who = f" ({contact})" if contact else ""
        agent = f"libris-linked-data/{__version__}{who} requests/{version('requests')}"
        self._session.headers["User-Agent"] = agent

    @property
    def sent(self) -> dict[str, int]:
        """Requests that were really sent, by service."""
        return self._manners.sent

    def close(self) -> None:
        """Close the connections and the cache."""
        self._session.close()  # type: ignore[no-untyped-call]

    def ask(self, service: Service, question: Question, is_good: Callable[[Answer], str]) -> Answer:
        """Return the answer to a question, from the cache if it is there and still holds.

        is_good: returns why an answer can't be used, or the empty text; only good ones are kept.
        Raises Failed, Refused, and in replay LinkError.
        """
        if not self._contact and not self._replay and not is_loopback(service.url):
            raise ContactMissing(service.url)
        self._check = lambda response: not is_good(_answer(response))
        reason = ""
        for attempt in range(1, service.attempts + 1):
            wait = 0.0
            try:
                return self._once(service, question, is_good)
            except _Again as again:
                reason, wait = str(again), max(again.wait, 2.0**attempt)
            if wait > service.patience:
                break
            if attempt < service.attempts:
                logger.warning("%s: %s; again in %.0f s.", service.name, reason, wait)
                self._manners.clock.sleep(wait)
        raise self._manners.leave_alone(service, reason)

    def _once(
        self, service: Service, question: Question, is_good: Callable[[Answer], str]
    ) -> Answer:
        if not self._replay and not self._is_cached(question):
            self._manners.keep(service)
        try:
            response = self._send(service, question)
        except (requests.RequestException, OSError) as error:
            raise _Again(f"{type(error).__name__}: {error}", 0.0) from error
        answer = _answer(response)
        if self._replay and answer.status == 504:
            raise LinkError(f"not in the cache: {question.url} {dict(question.query)}")
        if not answer.cached:
            logger.debug("%s answered %s", service.name, answer.status)
        self._judge(service, response, answer, is_good)
        return answer

    def _judge(
        self,
        service: Service,
        response: requests.Response,
        answer: Answer,
        is_good: Callable[[Answer], str],
    ) -> None:
        wait = read_retry_after(response.headers.get("Retry-After")) or 0.0
        if answer.status in _REFUSALS or answer.status >= 500:
            raise _Again(f"HTTP {answer.status}", wait)
        if answer.status not in _KEPT_CODES:
            raise Failed(f"HTTP {answer.status}")
        if reason := is_good(answer):
            # A refusal in a body with status 200 is one all the same.
            raise _Again(reason, wait)

    def _request(self, question: Question) -> requests.Request:
        method = "POST" if question.form else "GET"
        return requests.Request(
            method,
            question.url,
            params=dict(question.query),
            data=dict(question.form) or None,
            headers={"Accept": question.accept},
        )

    def _is_cached(self, question: Question) -> bool:
        prepared = self._session.prepare_request(self._request(question))
        found = self._session.cache.get_response(self._session.cache.create_key(prepared))
        return found is not None and not found.is_expired

    def _send(self, service: Service, question: Question) -> requests.Response:
        prepared = self._session.prepare_request(self._request(question))
        return self._session.send(
            prepared,
            timeout=(_SILENCE, _SILENCE),
            allow_redirects=False,
            expire_after=int(service.keep),
        )


class _Again(Exception):
    """An attempt failed. wait: seconds that the service asks for."""

    def __init__(self, reason: str, wait: float) -> None:
        super().__init__(reason)
        self.wait = wait


def _answer(response: requests.Response) -> Answer:
    headers = {name.lower(): value for name, value in response.headers.items()}
    cached = bool(getattr(response, "from_cache", False))
    # What isn't in the cache comes back without a body.
    return Answer(response.status_code, headers, response.content or b"", cached)
