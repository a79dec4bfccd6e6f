"""Answers of OAI-PMH 2.0, read strictly: a page counts only if it is well-formed to its last byte.

https://www.openarchives.org/OAI/openarchivesprotocol.html
"""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from mmap import mmap
from typing import IO, Any

from lxml import etree

from loader.dates import now, read_moment
from loader.errors import AnswerDamaged, LoaderError, ProviderError
from loader.provider.oai import fast_page
from loader.provider.oai.damaged_page import DamagedPage, is_text, split_swallowed
from loader.provider.oai.record import OAI, RECORD, TAGS, read_item
from loader.provider.records import Item

_EMPTY = "noRecordsMatch"
_END = re.compile(
    rb"<resumptionToken[^<>]*>([^<>&\s]+)</resumptionToken></ListRecords></OAI-PMH>\s*\Z"
)
_LONGEST_END = 4096  # bytes
_LIST = re.compile(rb"<(?:[\w.-]+:)?List(?:Records|Identifiers)(?:\s[^<>]*)?>")
_SEEN = 8192  # bytes of either end of a page's items
_NAMED = re.compile(rb"(?:identifier|datestamp)>([^<]*)<")
_STRICTLY = {"recover": False, "huge_tree": True, "resolve_entities": False, "no_network": True}


class OaiError(LoaderError):
    """The provider's own answer that it can't do this, with its code (OAI-PMH section 3.6)."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}" if text else code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Page:
    """One answer to a list request.

    token: for the next page; None at the end. Times are UTC, as the archive spells them, and None
    if there is none that can be read: response_date; reached, the latest datestamp of its items
    that is not in the future; http_date, of the header field Date. size: completeListSize, how
    many items the whole list is said to have. is_nothing: the answer is noRecordsMatch.
    body: of one that has not been read yet, but for its token. mark: equal for pages with the same
    items, 0 for one without, None if it isn't known.
    """

    items: Iterable[Item]
    token: str | None
    response_date: str | None
    reached: str | None = None
    size: int | None = None
    is_nothing: bool = False
    body: bytes | None = None
    http_date: str | None = None
    mark: int | None = None


def read_page(body: bytes, verb: str) -> Page:
    """Read an answer whole, or not at all.

    Raises ProviderError if it is anything but a well-formed OAI-PMH response to this verb, and
    OaiError for an error that it states; noRecordsMatch is an empty page.
    """
    taken = fast_page.take_out_records(body) if verb == "ListRecords" else None
    rest, plain = taken or (body, [])
    root = _parse(rest)
    items = (*plain, *map(read_item, root.iterfind(f"{OAI}{verb}/{TAGS.get(verb, RECORD)}")))
    return _make_page(root, verb, items, _pick_latest(items))


def read_damaged_page(page: bytes | mmap, verb: str) -> Page:
    """Read an answer in which records are not well-formed: items with a fault come of those.

    Raises ProviderError if anything else of it isn't well-formed either.
    """
    items = DamagedPage(page, verb, _parse)
    return _make_page(items.root, verb, items, _pick_latest(items))


def read_page_anyhow(body: bytes, verb: str) -> Page:
    """Read an answer as ``read_page`` does, and one with damaged records as far as they aren't.

    Raises ProviderError also for one that is not UTF-8, which may have come on the way.
    """
    try:
        return read_page(body, verb)
    except AnswerDamaged:
        if not is_text(body):
            raise
    page = read_damaged_page(body, verb)
    return replace(page, items=tuple(page.items))


def read_token(body: bytes) -> Page | None:
    """Return an answer to ListRecords with its token alone, if it ends as Libris' pages do.

    Whether it is whole, and the page that it seems to be, only ``read_page`` can tell.
    """
    end = _END.search(body, max(0, len(body) - _LONGEST_END))
    return Page((), end[1].decode(), None, body=body) if end else None


def tell_apart(item: Item) -> list[Item]:
    """Return an item, and the records that it has swallowed, if so, as its content has no end."""
    return split_swallowed(item, _parse)


def mark_items(body: bytes | mmap) -> int:
    """Return a number that is equal for answers with the same items, and 0 for one without any.

    It is made of the identifiers and datestamps near either end, as a page may be long.
    """
    opened = _LIST.search(body)
    begin = opened.end() if opened else 0
    token = body.rfind(b"resumptionToken", begin, body.rfind(b"resumptionToken>"))
    end = max(begin, body.rfind(b"<", begin, token))
    if not body[max(begin, end - _SEEN) : end].strip():
        return 0
    first = _NAMED.findall(body, begin, min(end, begin + _SEEN))
    return hash((*first, *_NAMED.findall(body, max(begin, end - _SEEN), end))) or 1


def read_granularity(body: bytes) -> str:
    """Return the granularity that an answer to Identify states, by default the finest."""
    root = _parse(body)
    _make_page(root, "Identify", (), None)
    stated = root.findtext(f"{OAI}Identify/{OAI}granularity") or ""
    return stated.strip() or "YYYY-MM-DDThh:mm:ssZ"


def read_large_page(stream: IO[bytes], verb: str) -> Page:
    """Read an answer that is too large to be held, as ``read_page`` does.

    It is gone through once to see whether it is whole and what it says of itself; its items are
    read from the stream again when they are asked for.
    """
    items = _Streamed(stream, verb)
    latest = _pick_latest(items)
    return _make_page(items.root, verb, items, latest)


def _parse(body: bytes) -> Any:
    with _refuse_damage():
        return etree.fromstring(body, etree.XMLParser(**_STRICTLY))


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
        tag = TAGS.get(self._verb, RECORD)
        parsed = etree.iterparse(self._stream, events=("end",), tag=tag, **_STRICTLY)
        with _refuse_damage():
            for _, element in parsed:
                if element.getparent().tag == f"{OAI}{self._verb}":
                    yield read_item(element)
                    _forget(element)
        self.root = parsed.root


def _forget(element: Any) -> None:
    """Empty an element that has been read, and remove those before it."""
    element.clear()
    above = element.getparent()
    while element.getprevious() is not None:
        del above[0]


def _pick_latest(items: Iterable[Item]) -> str | None:
    end, latest = now(), ""
    for item in items:
        if item.datestamp and latest < item.datestamp <= end:
            latest = item.datestamp
    return latest or None


def _make_page(root: Any, verb: str, items: Iterable[Item], reached: str | None) -> Page:
    """Return a page, from what an answer says beside its items."""
    if root.tag != f"{OAI}OAI-PMH":
        raise ProviderError(f"the answer is no OAI-PMH but <{etree.QName(root).localname}>")
    response_date = read_moment(root.findtext(f"{OAI}responseDate"))
    errors = root.findall(f"{OAI}error")
    if errors and all(error.get("code") == _EMPTY for error in errors):
        return Page((), None, response_date, is_nothing=True)
    for error in errors:
        code, text = error.get("code", ""), (error.text or "").strip()
        raise OaiError(code, text)
    listed = root.find(f"{OAI}{verb}")
    if listed is None:
        raise ProviderError(f"the answer has neither {verb} nor an error")
    element = listed.find(f"{OAI}resumptionToken")
    if element is None:
        return Page(items, None, response_date, reached)
    token = (element.text or "").strip() or None
    return Page(
        items, token, response_date, reached, _read_size(element.get("completeListSize", ""))
    )


def _read_size(text: str) -> int | None:
    return int(text) if text.isascii() and text.strip().isdigit() else None


@contextmanager
def _refuse_damage() -> Iterator[None]:
    try:
        yield
    except etree.XMLSyntaxError as error:
        raise AnswerDamaged(f"the answer is not well-formed XML: {error.msg}") from error
