"""A client of OAI-PMH 2.0: requests by Sickle, answers read by ``page``.

https://www.openarchives.org/OAI/openarchivesprotocol.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from dataclasses import replace
from mmap import ACCESS_READ, mmap
from typing import IO

import requests
from sickle import Sickle

from loader.errors import AnswerDamaged, ProviderError
from loader.provider.http import Client
from loader.provider.oai.damaged_page import is_text
from loader.provider.oai.page import (
    OaiError,
    Page,
    mark_items,
    read_damaged_page,
    read_granularity,
    read_large_page,
    read_page,
    read_token,
)
from loader.provider.records import Item, keep_newest

_OFTEN = 3  # equal answers to one request


class _Requester(Sickle):  # type: ignore[misc]
    """Sickle's requests: its endpoint and arguments. The only seam at which Sickle is known.

    Its verbs (``ListRecords`` and so on) and ``harvest`` are not used. They parse with lxml's
    recover=True, which takes a page that was cut for the last one; they hold an answer of any
    size in memory; and they raise for a status before Retry-After is read, but for 503.
    """

    def __init__(self, url: str, client: Client) -> None:
        super().__init__(url, stream=True, timeout=client.timeout)
        self._session = client.session

    def _request(self, kwargs: dict[str, str]) -> requests.Response:
        # Overridden: Sickle opens a connection for each request, and takes no session.
        return self._session.get(self.endpoint, params=kwargs, **self.request_args)

    def send(self, verb: str, parameters: dict[str, str]) -> requests.Response:
        """Send a request; its answer has not been read."""
        return self._request({"verb": verb, **parameters})


class Provider:
    """An OAI-PMH repository at a base URL.

    All methods raise OaiError for what the provider says it can't do, and ProviderRefuses.
    """

    def __init__(self, url: str, client: Client) -> None:
        self._client = client
        self._requester = _Requester(url, client)

    def page(self, verb: str, parameters: dict[str, str], *, unread: bool = False) -> Page:
        """Return a page of ListRecords or ListIdentifiers; an empty one for noRecordsMatch.

        parameters: those of the first request, or ``resumptionToken`` alone. unread: leave it to
        the caller to read a page of ListRecords if it seems to be one that others follow.
        """
        reader = _Reader(verb, unread, parameters.get("resumptionToken"))
        page = self._client.ask(
            lambda: self._requester.send(verb, parameters),
            reader.read,
            reader.read_large,
        )
        return replace(page, http_date=self._client.date)

    def record(self, identifier: str, prefix: str) -> Item | None:
        """Return one record; None if the provider says that it has no such record (any more)."""
        asked = {"identifier": identifier, "metadataPrefix": prefix}
        reader = _Reader("GetRecord", False, None)
        try:
            page = self._client.ask(lambda: self._requester.send("GetRecord", asked), reader.read)
        except OaiError as error:
            if error.code == "idDoesNotExist":
                return None
            raise
        if page.is_nothing:  # Libris' word for it
            return None
        items = keep_newest(page.items)
        if not items:
            raise OaiError("", f"the answer to GetRecord has no record {identifier}")
        return items[0]

    def granularity(self) -> str:
        """Return the granularity of datestamps that Identify states."""
        return self._client.ask(lambda: self._requester.send("Identify", {}), read_granularity)


class _Reader:
    """Reads the answers to one request, which is sent again for some of them.

    asked_with: its token. Bytes that are no text may have come on the way, and so may a page that
    leads to itself: only what comes again is believed.
    """

    def __init__(self, verb: str, unread: bool, asked_with: str | None) -> None:
        self._verb = verb
        self._unread = unread
        self._asked_with = asked_with
        self._times: Counter[Hashable] = Counter()

    def read(self, body: bytes) -> Page:
        """Read an answer that is held; raise ProviderError for one to ask for again."""
        if self._unread and (page := read_token(body)):
            return self._new(page, body)
        try:
            return self._new(read_page(body, self._verb), body)
        except AnswerDamaged as error:
            return self._new(self._apart(body, error), body)

    def read_large(self, stream: IO[bytes]) -> Page:
        """Read an answer that is kept in a file, which is closed when it has been done with."""
        stream.flush()
        whole = mmap(stream.fileno(), 0, access=ACCESS_READ)
        try:
            return self._new(read_large_page(stream, self._verb), whole)
        except AnswerDamaged as error:
            return self._new(self._apart(whole, error), whole)

    def _apart(self, page: bytes | mmap, error: ProviderError) -> Page:
        apart = read_damaged_page(page, self._verb)
        if not is_text(page):
            self._believe(tuple(item.metadata for item in apart.items if item.fault), error)
        return apart

    def _new(self, page: Page, body: bytes | mmap) -> Page:
        if page.token is not None and page.token == self._asked_with:
            reason = "the same page again: its token is the one it was asked with"
            self._believe(page.token, ProviderError(reason))
        return replace(page, mark=mark_items(body)) if page.token else page

    def _believe(self, content: Hashable, error: ProviderError) -> None:
        """Raise an error about what has come, unless that has come often enough."""
        self._times[content] += 1
        if self._times[content] < _OFTEN:
            raise error
