"""Fast reader of ListRecords as Libris writes it: records are read without building a tree.

An XML parser goes through each character of a record only to find where it ends. A page from which
records of this shape are taken is well-formed if and only if the page itself is; so the rest of it
is left to a parser, and so is a whole page with anything else in it. Extensible Markup Language
(XML) 1.0, https://www.w3.org/TR/xml/, sections 2.2 (characters), 2.7 (CDATA sections) and 2.11
(ends of lines).
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

from loader.dates import read_moment
from loader.provider.records import Item

_DECLARATION = re.compile(rb'<\?xml version="1\.0" encoding="(?i:utf-8)"\?>')
_NO_CHARACTERS = bytes(set(range(32)) - set(b"\t\n"))  # a parser has \r to turn into \n
_LIST, _RECORD = b"<ListRecords>", b"<record>"
_HEADER = re.compile(
    rb'<record><header( status="deleted")?><identifier>([^<>&]+)</identifier>'
    rb"<datestamp>([^<>&]*)</datestamp>((?:<setSpec>[^<>&]*</setSpec>)*)</header>"
    rb"(<metadata><!\[CDATA\[)?"
)
_ABOUT = re.compile(
    rb'(?:<about>(?:<itemOf id="[^"<&]*"/>)?<agent name="[^"<&]*"/></about>)?</record>'
)
_SECTION_END = b"]]></metadata>"
_PIECE = 1 << 15  # bytes


def take_out_records(body: bytes) -> tuple[bytes, list[Item]] | None:
    """Return a page without its records, and those; None if it has to be parsed as it is."""
    begin = body.find(_LIST) + len(_LIST)
    if begin < len(_LIST) or not _DECLARATION.match(body) or not _is_text(body):
        return None
    items: list[Item] = []
    end = begin
    while body.startswith(_RECORD, end):
        item, end = _record(body, end)
        if item is None:
            return None
        items.append(item)
    rest = body[:begin] + body[end:]
    # In a comment or a section of the rest what looks like a record might be none.
    counts = [rest.count(mark) for mark in (b"<!", b"<?", _RECORD, b"ListRecords>")]
    return (rest, items) if counts == [0, 1, 0, 2] else None


def _is_text(body: bytes) -> bool:
    """Tell whether this is UTF-8 and nothing but XML's characters."""
    decode = codecs.getincrementaldecoder("utf-8")().decode
    # Copies of the whole would need new memory each time: to be given it takes longer than looking.
    for begin in range(0, len(body), _PIECE):
        piece = body[begin : begin + _PIECE]
        if len(piece.translate(None, _NO_CHARACTERS)) != len(piece):
            return False
        try:
            text = decode(piece, begin + _PIECE >= len(body))
        except UnicodeDecodeError:
            return False
        if "\ufffe" in text or "\uffff" in text:
            return False
    return True


def _record(body: bytes, begin: int) -> tuple[Item | None, int]:
    """Return the record that begins here, and where it ends."""
    header = _HEADER.match(body, begin)
    if header is None:
        return None, begin
    status, identifier, datestamp, sets, section = header.groups()
    start = end = header.end()
    if section:
        end = _find_section_end(body, start)
    about = _ABOUT.match(body, end + len(_SECTION_END) if section else end)
    if about is None or not (section or status) or identifier.isspace():
        return None, begin
    date, deleted = read_moment(datestamp.decode()), status is not None
    metadata = None if deleted else body[start:end].strip()
    item = Item(identifier.decode().strip(), date, _read_sets(sets), deleted, metadata)
    return item, about.end()


def _find_section_end(body: bytes, begin: int) -> int:
    """Return where a CDATA section ends, if its element ends with it; else the body's end."""
    end = begin - 1
    # One character is looked for several times as fast as three are.
    while (end := body.find(b">", end + 1)) >= 0:
        if end - 2 >= begin and body[end - 2 : end] == b"]]":
            return end - 2 if body.startswith(_SECTION_END, end - 2) else len(body)
    return len(body)


@lru_cache(maxsize=4096)
def _read_sets(elements: bytes) -> tuple[str, ...]:
    """Return the setSpecs in these elements."""
    return tuple(
        set_spec.decode().strip() for set_spec in re.findall(rb">([^<]*)</setSpec>", elements)
    )
