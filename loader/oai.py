"""OAI-PMH 2.0 as Libris and others speak it: requests by sickle, answers read by ``oai_page``.

Sickle's own reading takes a cut page for the last one. https://www.openarchives.org/OAI/openarchivesprotocol.html
"""

from __future__ import annotations

import requests
from sickle import Sickle

from loader.errors import ProviderError
from loader.oai_page import OaiError, Page, read_large_page, read_page, unread_page
from loader.records import Item
from loader.web import Client


class _Requester(Sickle):  # type: ignore[misc]
    """Sickle, with one connection kept for all requests, and the answer left as it is."""

    def __init__(self, url: str, client: Client) -> None:
        super().__init__(url, stream=True, timeout=client.timeout)
        self._session = client.session

    def _request(self, kwargs: dict[str, str]) -> requests.Response:
        return self._session.get(self.endpoint, params=kwargs, **self.request_args)


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
        Raises TokenRefused if that token is refused.
        """
        asked_with = parameters.get("resumptionToken")

        def read(body: bytes) -> Page:
            return unread and unread_page(body) or read_page(body, verb)

        def new(page: Page) -> Page:
            if page.token is not None and page.token == asked_with:
                raise ProviderError("the same page again: its token is the one it was asked with")
            return page

        return self._client.ask(
            lambda: self._requester._request({"verb": verb, **parameters}),
            lambda body: new(read(body)),
            lambda stream: new(read_large_page(stream, verb)),
        )

    def record(self, identifier: str, prefix: str) -> Item | None:
        """Return one record; None if the provider has no such record (any more)."""
        asked = {"verb": "GetRecord", "identifier": identifier, "metadataPrefix": prefix}
        try:
            page = self._client.ask(
                lambda: self._requester._request(asked), lambda body: read_page(body, "GetRecord")
            )
        except OaiError as error:
            if error.code == "idDoesNotExist":
                return None
            raise
        return next(iter(page.items), None)
