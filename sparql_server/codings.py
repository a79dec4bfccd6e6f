"""Content codings: gzip and zstd for those who accept them, and gzip of those who send it.

RFC 9110, 8.4 and 12.5.3, https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3;
zstd: RFC 8878, with a window that RFC 9659 allows.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterator
from typing import Protocol

import zstandard

from sparql_server.errors import BadRequest, ContentTooLarge, NotAcceptable, UnsupportedCoding
from sparql_server.memo import remembered

IDENTITY = ""
"""No coding at all."""

LEAST = 1024
"""Bytes of a body from which it is worth a coding."""

PIECE = 256 * 1024
"""Bytes that are coded at a time."""

_GZIP_LEVEL = 5
_ZSTD_LEVEL = 3
_GZIP = 31  # zlib's window bits: the largest window, in gzip's frame
_WEIGHT = re.compile(r"0(?:\.\d*)?|1(?:\.0*)?")
_MEMBERS = 16  # of a gzip file: of each, all that follows is copied
_KNOWN = ("zstd", "gzip")  # the better first
_SAME = {"x-gzip": "gzip"}  # RFC 9110, 8.4.1.3


class Coder(Protocol):
    """Codes a body piece by piece. ``flush`` makes what has been taken in readable."""

    def compress(self, data: bytes) -> bytes:
        """Take in some bytes; return some that are coded."""

    def flush(self, mode: int) -> bytes:
        """Return what is left."""


@remembered(256, 1000)
def choose(accept: str | None) -> str:
    """Return the coding that a client wants most: ``zstd``, ``gzip`` or ``IDENTITY``.

    Raises NotAcceptable for a client that accepts none of them.

    >>> choose("gzip, br"), choose("gzip;q=1.0, zstd;q=0.5"), choose("gzip;q=0, *"), choose(None)
    ('gzip', 'gzip', 'zstd', '')
    """
    weights = _read_weights(accept or "")
    rest = weights.get("*")
    wanted = {name: weights.get(name, rest or 0.0) for name in _KNOWN}
    best = max(_KNOWN, key=lambda name: wanted[name])
    # Whoever says nothing of identity takes it where there is nothing else (12.5.3).
    identity = weights.get("identity", 0.0 if rest == 0 else None)
    if wanted[best] > 0 and wanted[best] >= (identity or 0.0):
        return best
    if identity == 0:
        raise NotAcceptable(
            "There is no content coding here that the request accepts, but gzip and zstd.",
            available=[*_KNOWN, "identity"],
        )
    return IDENTITY


def _read_weights(accept: str) -> dict[str, float]:
    """Return the weight of each coding that a header lists, without malformed ones."""
    found: dict[str, float] = {}
    for member in accept.lower().split(","):
        name, *parameters = (piece.strip() for piece in member.split(";"))
        weights = (piece[2:].strip() for piece in parameters if piece.startswith("q="))
        value = next(weights, "1")
        if name and _WEIGHT.fullmatch(value):
            found[_SAME.get(name, name)] = float(value)
    return found


def code(coding: str, body: bytes) -> bytes:
    """Return a whole body in a coding."""
    if coding == "zstd":
        return zstandard.ZstdCompressor(_ZSTD_LEVEL).compress(body)
    return gzip.compress(body, _GZIP_LEVEL, mtime=0)


def code_pieces(coding: str, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Yield pieces in a coding; each can be read when it has come.

    An error of the pieces leaves what has been sent without its end: a reader sees that.
    """
    coder, block, end = _make_coder(coding)
    for piece in pieces:
        coded = coder.compress(piece) + coder.flush(block)
        if coded:
            yield coded
    yield coder.flush(end)


def _make_coder(coding: str) -> tuple[Coder, int, int]:
    """Return a coder, and its modes of flushing after a piece and at the end."""
    if coding == "zstd":
        coder: Coder = zstandard.ZstdCompressor(_ZSTD_LEVEL).compressobj()
        return coder, zstandard.COMPRESSOBJ_FLUSH_BLOCK, zstandard.COMPRESSOBJ_FLUSH_FINISH
    return zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, _GZIP), zlib.Z_SYNC_FLUSH, zlib.Z_FINISH


def decode(coding: str, body: bytes, most: int) -> bytes:
    """Return the body of a request as it was before it was coded. most: bytes it may have.

    Raises UnsupportedCoding for all but gzip, BadRequest for a body that isn't in it,
    ContentTooLarge for one that has more bytes.
    """
    name = coding.strip().lower()
    if name in ("", "identity"):
        return body
    if _SAME.get(name, name) != "gzip":
        raise UnsupportedCoding(
            f"The body of a request may be coded with gzip here, not with {coding!r}."
        )
    try:
        return b"".join(_decompress_members(body, most))
    except zlib.error as error:
        raise BadRequest(f"The body of the request is not whole, sound gzip: {error}.") from error


def _decompress_members(body: bytes, most: int) -> Iterator[bytes]:
    """Yield what each member of a gzip file holds (RFC 1952, 2.2), within their size in all."""
    left = most
    for _ in range(_MEMBERS):
        decoder = zlib.decompressobj(_GZIP)
        part = decoder.decompress(body, left + 1)
        left -= len(part)
        if left < 0:
            raise ContentTooLarge(
                f"The body has more than {most:,} bytes when it is decoded; that is the most that"
                " one may have here.",
                limit=most,
                unit="bytes",
            )
        if not decoder.eof:
            raise zlib.error("it has no end")
        yield part
        body = decoder.unused_data
        if not body:
            return
    raise zlib.error(f"it has more than {_MEMBERS} members")
