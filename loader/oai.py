"""OAI-PMH 2.0 as Libris and others speak it: requests by sickle, answers read strictly here.

A page counts only if it is well-formed to its last byte: sickle's own reading takes a cut page for
the last one. https://www.openarchives.org/OAI/openarchivesprotocol.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import requests
from lxml import etree
from sickle import Sickle

from loader.dates import utc
from loader.errors import LoaderError, ProviderError
from loader.web import Client

_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_IDENTIFIER, _DATESTAMP, _SET_SPEC = (
    f"{_OAI}{name}" for name in ("identifier", "datestamp", "setSpec")
)
_ATTACHED = (f"{_OAI}holding", f"{_OAI}auth")
_EMPTY = "noRecordsMatch"


class OaiError(LoaderError):
    """The provider's own answer that it can't do this, with its code (OAI-PMH section 3.6)."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}" if text else code)
        self.code = code


class TokenRefused(OaiError):
    """The provider doesn't know a resumptionToken any more: badResumptionToken."""


@dataclass(frozen=True, slots=True)
class Item:
    """A record, or only its header, as it came.

    datestamp: UTC, as the archive spells it; None if it can't be read. sets: its setSpecs.
    metadata: the text within it, or the XML of its one element; None if deleted or not asked for.
    attached: texts within ``holding`` and ``auth`` of its ``about``, which are records too.
    """

    identifier: str
    datestamp: str | None
    sets: tuple[str, ...] = ()
    deleted: bool = False
    metadata: bytes | None = None
    attached: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One answer to a list request.

    token: for the next page; None at the end. response_date: UTC, as the archive spells it.
    """

    items: tuple[Item, ...]
    token: str | None
    response_date: str


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

    def page(self, verb: str, parameters: dict[str, str]) -> Page:
        """Return a page of ListRecords or ListIdentifiers; an empty one for noRecordsMatch.

        parameters: those of the first request, or ``resumptionToken`` alone.
        Raises TokenRefused if that token is refused.
        """
        asked_with = parameters.get("resumptionToken")

        def read(body: bytes) -> Page:
            page = read_page(body, verb)
            if page.token is not None and page.token == asked_with:
                raise ProviderError("the same page again: its token is the one it was asked with")
            return page

        return self._ask(verb, parameters, read)

    def record(self, identifier: str, prefix: str) -> Item | None:
        """Return one record; None if the provider has no such record (any more)."""
        parameters = {"identifier": identifier, "metadataPrefix": prefix}
        try:
            page = self._ask("GetRecord", parameters, lambda body: read_page(body, "GetRecord"))
        except OaiError as error:
            if error.code == "idDoesNotExist":
                return None
            raise
        return page.items[0] if page.items else None

    def _ask(self, verb: str, parameters: dict[str, str], read: Callable[[bytes], Page]) -> Page:
        asked = {"verb": verb, **parameters}
        return self._client.ask(lambda: self._requester._request(asked), read)


def read_page(body: bytes, verb: str) -> Page:
    """Read an answer whole, or not at all.

    Raises ProviderError if it is anything but a well-formed OAI-PMH response to this verb, and
    OaiError for an error that it states; noRecordsMatch is an empty page.
    """
    root = _root(body)
    response_date = _date(root.findtext(f"{_OAI}responseDate"))
    if response_date is None:
        raise ProviderError("the answer has no responseDate")
    errors = root.findall(f"{_OAI}error")
    if errors and all(error.get("code") == _EMPTY for error in errors):
        return Page((), None, response_date)
    for error in errors:
        code, text = error.get("code", ""), (error.text or "").strip()
        raise (TokenRefused if code == "badResumptionToken" else OaiError)(code, text)
    listed = root.find(f"{_OAI}{verb}")
    if listed is None:
        raise ProviderError(f"the answer has neither {verb} nor an error")
    token = (listed.findtext(f"{_OAI}resumptionToken") or "").strip()
    return Page(tuple(_items(listed, verb)), token or None, response_date)


def _root(body: bytes) -> Any:
    parser = etree.XMLParser(recover=False, huge_tree=True, resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise ProviderError(f"the answer is not well-formed XML: {error.msg}") from error
    if root.tag != f"{_OAI}OAI-PMH":
        raise ProviderError(f"the answer is no OAI-PMH but <{etree.QName(root).localname}>")
    return root


def _date(text: str | None) -> str | None:
    try:
        return utc(text or "")
    except ValueError:
        return None


def _items(listed: Any, verb: str) -> Iterator[Item]:
    if verb == "ListIdentifiers":
        # Libris puts <about> beside the headers here.
        yield from map(_header, listed.findall(f"{_OAI}header"))
    else:
        yield from map(_record, listed.findall(f"{_OAI}record"))


def _header(header: Any) -> Item:
    identifier, datestamp, sets = "", "", []
    for field in header:
        text = (field.text or "").strip()
        if field.tag == _IDENTIFIER:
            identifier = text
        elif field.tag == _DATESTAMP:
            datestamp = text
        elif field.tag == _SET_SPEC:
            sets.append(text)
    if not identifier:
        raise ProviderError("a record's header has no identifier")
    deleted = header.get("status") == "deleted"
    return Item(identifier, _date(datestamp), tuple(sets), deleted)


def _record(record: Any) -> Item:
    parts = {part.tag: part for part in record}
    header, metadata = parts.get(f"{_OAI}header"), parts.get(f"{_OAI}metadata")
    if header is None:
        raise ProviderError("a record has no header")
    item = _header(header)
    if item.deleted:
        return item
    if metadata is None:
        raise ProviderError(f"{item.identifier} has no metadata")
    return Item(
        item.identifier,
        item.datestamp,
        item.sets,
        metadata=_content(metadata),
        attached=tuple(_attached(record)),
    )


def _content(metadata: Any) -> bytes:
    """Return the one element in metadata as XML, or its text."""
    if len(metadata):
        return bytes(etree.tostring(metadata[0], encoding="utf-8", with_tail=False))
    return (metadata.text or "").strip().encode()


def _attached(record: Any) -> Iterator[bytes]:
    for about in record.iterchildren(f"{_OAI}about"):
        for one in about:
            if one.tag in _ATTACHED:
                yield _content(one)
