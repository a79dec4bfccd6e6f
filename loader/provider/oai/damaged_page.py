"""Damaged pages: records that are not well-formed, separated from the page and from each other.

Only records may be damaged. What stands around them has to be well-formed to its last byte, so a
page that was cut is none of these. Extensible Markup Language (XML) 1.0, section 2.1: an XML parser
has to stop at the first fault, https://www.w3.org/TR/xml/#sec-well-formed
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from mmap import mmap
from typing import Any

from loader.errors import ProviderError
from loader.provider.oai.record import OAI, RECORD, TAGS, make_unusable, read_item
from loader.provider.records import Item

_P = rb"(?:[\w.-]+:)?"  # a namespace's prefix
_LISTED = {  # where an item begins; in metadata there may be records of other formats
    "ListIdentifiers": rb"<%sheader[\s>/]" % _P,
    "ListRecords": rb"<%srecord(?:\s[^<>]*)?>\s*<%s(?:header|metadata)[\s>/]"
    rb"|(?:(?<=record>)|(?<=record>\s))<%srecord(?:\s[^<>]*)?(?:/>|>\s*</?%s(?:about|record)[\s>/])"
    % (_P, _P, _P, _P),
}
_LISTED["GetRecord"] = _LISTED["ListRecords"]
_END = (
    rb"(?:<%sresumptionToken(?:\s[^<>]*)?(?:/>|>[^<>]*</%sresumptionToken\s*>)\s*)?"
    rb"</%s(?:ListRecords|ListIdentifiers|GetRecord)\s*>\s*</%sOAI-PMH\s*>\s*\Z" % (_P, _P, _P, _P)
)
_LONGEST_END = 1 << 14  # bytes
_PIECE = 1 << 20  # bytes
_IDENTIFIER = re.compile(rb"<%sidentifier\s*>\s*([^<>&]+?)\s*</%sidentifier\s*>" % (_P, _P))
_SWALLOWED = re.compile(
    rb"</metadata>(?:<about>(?:(?!</about>).)*</about>|\s)*</record>\s*(?P<next><record>\s*<(?:header|metadata)[\s>])",
    re.DOTALL,
)
_PAGE = (
    b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>'
    b"%s]]></metadata></record></ListRecords></OAI-PMH>"
)
_HEADER_END = re.compile(rb"</%sheader\s*>|<%smetadata[\s>]" % (_P, _P))

Parse = Callable[[bytes], Any]


class DamagedPage:
    """The items of a page with damaged records, one at a time, each parsed by itself.

    parse: a strict parser of XML. root: what remains of the page without them.
    Raises ProviderError if this isn't well-formed, so that it is not for the records alone.
    """

    def __init__(self, page: bytes | mmap, verb: str, parse: Parse) -> None:
        self._page = page
        self._parse = parse
        self._tag = TAGS.get(verb, RECORD)
        self._path = f"{OAI}{verb}/{self._tag}"
        end = re.compile(_END).search(page, max(0, len(page) - _LONGEST_END))
        listed = re.compile(rb"<%s%s(?:\s[^<>]*)?>\s*" % (_P, verb.encode())).search(page)
        if end is None or listed is None or listed.end() > end.start():
            raise ProviderError("the answer is not well-formed XML, and not for its records alone")
        self._head, self._tail = page[: listed.end()], page[end.start() :]
        self.root = parse(self._head + self._tail)
        begins = re.compile(_LISTED[verb]).finditer(page, listed.end(), end.start())
        self._begins = sorted({listed.end(), *(match.start() for match in begins), end.start()})

    def __iter__(self) -> Iterator[Item]:
        for begin, end in zip(self._begins, self._begins[1:], strict=False):
            yield self._item(self._page[begin:end].strip())

    def _item(self, piece: bytes) -> Item:
        try:
            items = self._parse(self._head + piece + self._tail).findall(self._path)
        except ProviderError as error:
            return make_unusable(
                piece, str(error).replace("the answer", "the record"), _find_named(piece)
            )
        if len(items) == 1:
            return read_item(items[0])
        return make_unusable(
            piece, "what should be a record is none, or several", _find_named(piece)
        )


def swallows_records(content: bytes | None) -> bool:
    """Tell whether a record's content goes on into the next records: a section of it has no end."""
    return content is not None and _SWALLOWED.search(content) is not None


def split_swallowed(item: Item, parse: Parse) -> list[Item]:
    """Return an item as one with a fault, and the records that its content goes on into."""
    content = item.metadata or b""
    end = _SWALLOWED.search(content)
    if end is None:
        return [item]
    faulty = make_unusable(
        content[: end.start()], "a CDATA section of it has no end", item.identifier
    )
    page = _PAGE % content[end.start("next") :]
    return [faulty, *DamagedPage(page, "ListRecords", parse)]


def _find_named(piece: bytes) -> str:
    """Return the identifier that a damaged record seems to have, or an empty text."""
    header = _HEADER_END.search(piece)
    found = _IDENTIFIER.search(piece, 0, header.start() if header else len(piece))
    return found[1].decode("utf-8", "replace") if found else ""


def is_text(page: bytes | mmap) -> bool:
    """Tell whether a page is UTF-8: bytes that are none may come of the way that it took."""
    decode = codecs.getincrementaldecoder("utf-8")().decode
    try:
        for begin in range(0, len(page), _PIECE):
            decode(page[begin : begin + _PIECE], begin + _PIECE >= len(page))
    except UnicodeDecodeError:
        return False
    return True
