"""Parser of N-Triples for dumps: a line at a time, and lines grouped by subject.

https://www.w3.org/TR/n-triples/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LINE = re.compile(
    rb"\s*(<[^>]*>|_:\S+)\s+<([^>]*)>\s+(?:(<[^>]*>|_:[^\s.]+)"
    rb'|"((?:[^"\\]|\\.)*)"(?:@([A-Za-z0-9-]+)|\^\^<[^>]*>)?)\s*\.\s*(?:#.*)?'
)
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))")
_SHORT = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


@dataclass(frozen=True, slots=True)
class Statement:
    """A triple. subject, iri: without brackets, blank nodes with ``_:``.

    iri: the object, if it is no literal; else empty. text, language: of a literal object.
    """

    subject: str
    predicate: str
    iri: str
    text: str = ""
    language: str = ""


def parse_statement(line: bytes) -> Statement | None:
    """Return the statement on a line; None for an empty line or a comment.

    Raises ValueError for what is no statement.
    """
    if not line.strip() or line.lstrip().startswith(b"#"):
        return None
    found = _LINE.fullmatch(line)
    if found is None:
        raise ValueError(f"no N-Triples statement: {line[:200]!r}")
    subject, predicate, iri, text, language = found.groups()
    return Statement(
        _unescape(subject.strip(b"<>")),
        predicate.decode(),
        _unescape(iri.strip(b"<>")) if iri else "",
        _unescape(text) if text else "",
        language.decode().lower() if language else "",
    )


def _unescape(raw: bytes) -> str:
    text = raw.decode()
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(found: re.Match[str]) -> str:
    code = found[1] or found[2]
    if not code:
        return _SHORT.get(found[3], found[3])
    number = int(code, 16)
    return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else "\ufffd"


def group_by_subject(lines: Iterator[bytes]) -> Iterator[list[bytes]]:
    """Yield the lines that follow each other with the same subject; blank nodes go with it."""
    group: list[bytes] = []
    former = b""
    for line in lines:
        subject = line.split(None, 1)[:1]
        if subject and not subject[0].startswith(b"_:"):
            if group and former and subject[0] != former:
                yield group
                group = []
            former = subject[0]
        group.append(line)
    if group:
        yield group
