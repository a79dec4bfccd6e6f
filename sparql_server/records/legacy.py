"""Numbers and addresses that Libris' records had before 2018, and which record has one now.

``http://libris.kb.se/bib/8369159`` is ``https://libris.kb.se/m4xtxx0z02xdx6w``: what a record is
called now was computed from its number.
"""

from __future__ import annotations

import re
from zlib import crc32

_ADDRESS = re.compile(r"https?://libris\.kb\.se/(?:resource/)?(auth|bib|hold)/0*(\d{1,9})(?:#it)?")

_ALPHABET = "0123456789bcdfghjklmnpqrstvwxz"
_VALUE = {symbol: value for value, symbol in enumerate(_ALPHABET)}
_CHECKSUM_LENGTH = 7
START = {  # 1980-01-01, 1984-01-01 and 1988-01-01, in milliseconds since 1970
    "auth": 315_532_800_000,
    "bib": 441_763_200_000,
    "hold": 567_993_600_000,
}
_HIGHEST = 10**9  # no collection ever had as many records
_LIBRIS = re.compile(rf"[{_ALPHABET}]{{14,17}}")


def compute_libris_id(collection: str, number: int) -> str:
    """Return the last part of the IRI of the record that had this number in Libris before 2018.

    collection: ``auth``, ``bib`` or ``hold``.

    >>> compute_libris_id("auth", 278328), compute_libris_id("bib", 8369159)
    ('20dhlwtl36bgfcb', 'm4xtxx0z02xdx6w')
    >>> compute_libris_id("auth", 211389)
    'rp3563595lkhv4q'
    """
    start = _write_in_base_30(START[collection] + number)
    shift = _VALUE[start[-1]]
    moved = "".join(_ALPHABET[(_VALUE[symbol] + shift) % 30] for symbol in start[:-1])
    return moved + start[-1] + _compute_checksum(collection, number)


def find_legacy_number(identifier: str) -> tuple[str, int] | None:
    """Return the collection and the number that a record had before 2018; None if it had none.

    >>> find_legacy_number("1zcfh30k0gr4zxt"), find_legacy_number("p3n5x5g0m8jq33c4")
    (('auth', 230807), None)
    """
    if not _LIBRIS.fullmatch(identifier):
        return None
    start, checksum = identifier[:-_CHECKSUM_LENGTH], identifier[-_CHECKSUM_LENGTH:]
    shift = _VALUE[start[-1]]
    value = 0
    for symbol in start[:-1]:
        value = value * 30 + (_VALUE[symbol] - shift) % 30
    value = value * 30 + shift
    for collection, begin in START.items():
        number = value - begin
        if 0 <= number < _HIGHEST and checksum == _compute_checksum(collection, number):
            return collection, number
    return None


def _compute_checksum(collection: str, number: int) -> str:
    return _write_in_base_30(crc32(f"/{collection}/{number}".encode())).rjust(_CHECKSUM_LENGTH, "0")


def _write_in_base_30(number: int) -> str:
    symbols = ""
    while number >= 30:
        number, remainder = divmod(number, 30)
        symbols = _ALPHABET[remainder] + symbols
    return _ALPHABET[number] + symbols


def read_libris_address(text: str) -> tuple[str, int] | None:
    """Return the collection and the number in a record's address before 2018; None if it is none.

    >>> read_libris_address("http://libris.kb.se/bib/8369159"), read_libris_address("https://libris.kb.se/x")
    (('bib', 8369159), None)
    """
    parts = _ADDRESS.fullmatch(text)
    return (parts[1], int(parts[2])) if parts else None
