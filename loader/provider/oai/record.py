"""Records and headers of OAI-PMH 2.0: XML elements to items, unusable ones too.

https://www.openarchives.org/OAI/openarchivesprotocol.html, section 2.5
"""

from __future__ import annotations

import hashlib
from typing import Any

from lxml import etree

from loader.dates import read_moment
from loader.provider.records import Item

OAI = "{http://www.openarchives.org/OAI/2.0/}"
_HEADER, _METADATA, _ABOUT = (f"{OAI}{name}" for name in ("header", "metadata", "about"))
_IDENTIFIER, _DATESTAMP, _SET_SPEC = (
    f"{OAI}{name}" for name in ("identifier", "datestamp", "setSpec")
)
_ATTACHED = (f"{OAI}holding", f"{OAI}auth")
TAGS = {"ListIdentifiers": _HEADER}
"""The elements of a verb's items, beside which Libris puts ``about``; others are records."""
RECORD = f"{OAI}record"


def read_item(element: Any) -> Item:
    """Return what a record or header says; one that says too little has a fault and its XML."""
    header = element if element.tag == _HEADER else element.find(_HEADER)
    if header is None:
        return make_unusable(_write_xml(element), "the record has no header")
    identifier, datestamp, sets, deleted = _read_header(header)
    if not identifier:
        return make_unusable(_write_xml(element), "the record's header has no identifier")
    if deleted or element.tag == _HEADER:
        return Item(identifier, datestamp, sets, deleted)
    metadata = element.find(_METADATA)
    if metadata is None:
        return make_unusable(_write_xml(element), "the record has no metadata", identifier)
    attached = (
        tuple(_read_content(part) for part in _read_attached(element)) if len(element) > 2 else ()
    )
    return Item(identifier, datestamp, sets, metadata=_read_content(metadata), attached=attached)


def make_unusable(content: bytes, reason: str, identifier: str = "") -> Item:
    """Return an item of which nothing but its bytes can be kept, and why.

    One without an identifier is named after its bytes, so that it stays one when it comes again.
    """
    name = identifier or f"record without identifier, SHA-256 {hashlib.sha256(content).hexdigest()}"
    return Item(name, None, metadata=content, fault=reason)


def _read_header(header: Any) -> tuple[str, str | None, tuple[str, ...], bool]:
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
    return identifier, read_moment(datestamp), tuple(sets), header.get("status") == "deleted"


def _read_attached(record: Any) -> list[Any]:
    return [part for about in record.iterfind(_ABOUT) for part in about if part.tag in _ATTACHED]


def _read_content(element: Any) -> bytes:
    """Return the one element within another as XML, or its text."""
    inner = next(element.iterchildren("*"), None)
    if inner is None:
        return "".join(element.itertext()).strip().encode()
    return _write_xml(inner)


def _write_xml(element: object) -> bytes:
    return bytes(etree.tostring(element, encoding="utf-8", with_tail=False))
