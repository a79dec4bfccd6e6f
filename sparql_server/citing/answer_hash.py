"""The hash of an answer: the same whatever the order of rows, where the query has none.

    sha256:9f86…  of the names of the columns and the rows, as TSV (or N-Triples) writes them

Blank nodes have other labels at each evaluation: they are numbered in each row.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable

_BLANK = re.compile(rb'_:[^\s<>"]+')
_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*"')
_WHOLE = 1 << 256


def hash_rows(head: bytes, rows: Iterable[bytes], *, ordered: bool) -> str:
    """Return the hash of rows, in the memory of one."""
    total, count = 0, 0
    chain = hashlib.sha256()
    for row in rows:
        digest = hashlib.sha256(_number_blank_nodes(row)).digest()
        count += 1
        total = (total + int.from_bytes(digest, "big")) % _WHOLE
        chain.update(digest)
    body = chain.digest() if ordered else total.to_bytes(32, "big")
    whole = hashlib.sha256(b"%s\n%d\n%s" % (head, count, body))
    return f"sha256:{whole.hexdigest()}"


def _number_blank_nodes(row: bytes) -> bytes:
    if b"_:" not in row:
        return row
    labels: dict[bytes, bytes] = {}

    def number(match: re.Match[bytes]) -> bytes:
        return labels.setdefault(match[0], b"_:%d" % len(labels))

    parts, end = [], 0
    for quoted in _QUOTED.finditer(row):
        parts += [_BLANK.sub(number, row[end : quoted.start()]), quoted[0]]
        end = quoted.end()
    return b"".join([*parts, _BLANK.sub(number, row[end:])])


def split_rows(pieces: Iterable[bytes]) -> Iterable[bytes]:
    """Yield the lines of a result that comes in pieces."""
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from lines
    if rest:
        yield rest
