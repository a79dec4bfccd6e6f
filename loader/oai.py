"""OAI-PMH 2.0 as Libris and others speak it: requests by sickle, answers read strictly here.

A page counts only if it is well-formed to its last byte: sickle's own reading takes a cut page for
the last one. https://www.openarchives.org/OAI/openarchivesprotocol.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import requests
from lxml import etree
from sickle import Sickle

from loader import listrecords
from loader.dates import read
from loader.errors import LoaderError, ProviderError
from loader.records import Item
from loader.web import Client

_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_HEADER, _METADATA, _ABOUT, _IDENTIFIER, _DATESTAMP, _SET_SPEC = (
    f"{_OAI}{name}"
    for name in ("header", "metadata", "about", "identifier", "datestamp", "setSpec")
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
class Page:
    """One answer to a list request.

    token: for the next page; None at the end. Times are UTC, as the archive spells them:
    response_date, and reached, the latest datestamp of its items.
    """

    items: Iterable[Item]
    token: str | None
    response_date: str
    reached: str | None = None


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
        return next(iter(page.items), None)

    def _ask(self, verb: str, parameters: dict[str, str], read: Callable[[bytes], Page]) -> Page:
        asked = {"verb": verb, **parameters}
        return self._client.ask(lambda: self._requester._request(asked), read)


def read_page(body: bytes, verb: str) -> Page:
    """Read an answer whole, or not at all.

    Raises ProviderError if it is anything but a well-formed OAI-PMH response to this verb, and
    OaiError for an error that it states; noRecordsMatch is an empty page.
    """
    taken = listrecords.taken_out(body) if verb == "ListRecords" else None
    rest, plain = taken or (body, [])
    root = _root(rest)
    response_date = read(root.findtext(f"{_OAI}responseDate"))
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
    items = (*plain, *_items(listed, verb))
    reached = max((item.datestamp or "" for item in items), default="")
    return Page(items, token or None, response_date, reached or None)


def _root(body: bytes) -> Any:
    parser = etree.XMLParser(recover=False, huge_tree=True, resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise ProviderError(f"the answer is not well-formed XML: {error.msg}") from error
    if root.tag != f"{_OAI}OAI-PMH":
        raise ProviderError(f"the answer is no OAI-PMH but <{etree.QName(root).localname}>")
    return root


def _items(listed: Any, verb: str) -> Iterator[Item]:
    if verb == "ListIdentifiers":
        # Libris puts <about> beside the headers here.
        for header in listed.iterchildren(_HEADER):
            identifier, datestamp, sets, deleted = _header(header)
            yield Item(identifier, datestamp, sets, deleted)
    else:
        for record in listed.iterchildren(f"{_OAI}record"):
            yield _record(record)


def _header(header: Any) -> tuple[str, str | None, tuple[str, ...], bool]:
    """Return identifier, datestamp, setSpecs and whether the record is deleted."""
    identifier, datestamp, sets = "", "", []
    for field in header:
        tag, text = field.tag, (field.text or "").strip()
        if tag == _IDENTIFIER:
            identifier = text
        elif tag == _DATESTAMP:
            datestamp = text
        elif tag == _SET_SPEC:
            sets.append(text)
    if not identifier:
        raise ProviderError("a record's header has no identifier")
    return identifier, read(datestamp), tuple(sets), header.get("status") == "deleted"


def _record(record: Any) -> Item:
    header = metadata = None
    attached: list[bytes] = []
    for part in record:
        tag = part.tag
        if tag == _HEADER:
            header = part
        elif tag == _METADATA:
            metadata = part
        elif tag == _ABOUT:
            attached += (_content(one) for one in part if one.tag in _ATTACHED)
    if header is None:
        raise ProviderError("a record has no header")
    identifier, datestamp, sets, deleted = _header(header)
    if deleted:
        return Item(identifier, datestamp, sets, deleted)
    if metadata is None:
        raise ProviderError(f"{identifier} has no metadata")
    content = _content(metadata)
    return Item(identifier, datestamp, sets, metadata=content, attached=tuple(attached))


def _content(element: Any) -> bytes:
    """Return the one element within another as XML, or its text."""
    inner = next(element.iterchildren("*"), None)
    if inner is None:
        return "".join(element.itertext()).strip().encode()
    return bytes(etree.tostring(inner, encoding="utf-8", with_tail=False))
