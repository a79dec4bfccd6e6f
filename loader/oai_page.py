"""Answers of OAI-PMH 2.0, read strictly: a page counts only if it is well-formed to its last byte.

https://www.openarchives.org/OAI/openarchivesprotocol.html
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from lxml import etree

from loader import listrecords
from loader.dates import read
from loader.errors import LoaderError, ProviderError
from loader.records import Item

_OAI = "{http://www.openarchives.org/OAI/2.0/}"
_RECORD, _HEADER, _METADATA, _ABOUT = (
    f"{_OAI}{name}" for name in ("record", "header", "metadata", "about")
)
_IDENTIFIER, _DATESTAMP, _SET_SPEC = (
    f"{_OAI}{name}" for name in ("identifier", "datestamp", "setSpec")
)
_ATTACHED = (f"{_OAI}holding", f"{_OAI}auth")
_TAGS = {"ListIdentifiers": _HEADER}  # beside which Libris puts <about>; elsewhere records
_EMPTY = "noRecordsMatch"
_END = re.compile(
    rb"<resumptionToken[^<>]*>([^<>&\s]+)</resumptionToken></ListRecords></OAI-PMH>\s*\Z"
)
_LONGEST_END = 4096  # bytes
_STRICTLY = {"recover": False, "huge_tree": True, "resolve_entities": False, "no_network": True}


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
    response_date, and reached, the latest datestamp of its items. body: of one that has not been
    read yet, but for its token.
    """

    items: Iterable[Item]
    token: str | None
    response_date: str
    reached: str | None = None
    body: bytes | None = None


def read_page(body: bytes, verb: str) -> Page:
    """Read an answer whole, or not at all.

    Raises ProviderError if it is anything but a well-formed OAI-PMH response to this verb, and
    OaiError for an error that it states; noRecordsMatch is an empty page.
    """
    taken = listrecords.taken_out(body) if verb == "ListRecords" else None
    rest, plain = taken or (body, [])
    with _strict():
        root = etree.fromstring(rest, etree.XMLParser(**_STRICTLY))
    items = (*plain, *map(_item, root.iterfind(f"{_OAI}{verb}/{_TAGS.get(verb, _RECORD)}")))
    return _page(root, verb, items, _latest(items))


def unread_page(body: bytes) -> Page | None:
    """Return an answer to ListRecords with its token alone, if it ends as Libris' pages do.

    Whether it is whole, and the page that it seems to be, only ``read_page`` can tell.
    """
    end = _END.search(body, max(0, len(body) - _LONGEST_END))
    return Page((), end[1].decode(), "", body=body) if end else None


def read_large_page(stream: IO[bytes], verb: str) -> Page:
    """Read an answer that is too large to be held, as ``read_page`` does.

    It is gone through once to see whether it is whole and what it says of itself; its items are
    read from the stream again when they are asked for.
    """
    items = _Streamed(stream, verb)
    latest = _latest(items)
    return _page(items.root, verb, items, latest)


class _Streamed:
    """The items in a stream, one at a time, read anew each time they are asked for.

    root: what is left of the answer without them, after they have been gone through.
    """

    def __init__(self, stream: IO[bytes], verb: str) -> None:
        self._stream = stream
        self._verb = verb
        self.root: Any = None
        weakref.finalize(self, stream.close)

    def __iter__(self) -> Iterator[Item]:
        self._stream.seek(0)
        tag = _TAGS.get(self._verb, _RECORD)
        parsed = etree.iterparse(self._stream, events=("end",), tag=tag, **_STRICTLY)
        with _strict():
            for _, element in parsed:
                if element.getparent().tag == f"{_OAI}{self._verb}":
                    yield _item(element)
                    _forget(element)
        self.root = parsed.root


def _forget(element: Any) -> None:
    """Empty an element that has been read, and remove those before it."""
    element.clear()
    above = element.getparent()
    while element.getprevious() is not None:
        del above[0]


def _latest(items: Iterable[Item]) -> str | None:
    return max((item.datestamp or "" for item in items), default="") or None


def _page(root: Any, verb: str, items: Iterable[Item], reached: str | None) -> Page:
    """Return a page, from what an answer says beside its items."""
    if root.tag != f"{_OAI}OAI-PMH":
        raise ProviderError(f"the answer is no OAI-PMH but <{etree.QName(root).localname}>")
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
    return Page(items, token or None, response_date, reached)


@contextmanager
def _strict() -> Iterator[None]:
    try:
        yield
    except etree.XMLSyntaxError as error:
        raise ProviderError(f"the answer is not well-formed XML: {error.msg}") from error


def _item(element: Any) -> Item:
    if element.tag == _HEADER:
        identifier, datestamp, sets, deleted = _header(element)
        return Item(identifier, datestamp, sets, deleted)
    return _record(element)


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
