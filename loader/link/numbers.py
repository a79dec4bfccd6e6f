"""Identifiers as agencies give them: their one spelling, and the check digits that prove it.

ISNI and ORCID: ISO 7064 MOD 11-2, https://isni.org/page/faq/; LCCN:
https://www.loc.gov/marc/lccn-namespace.html; Libris: the numbers it had before 2018.
"""

from __future__ import annotations

import re
from zlib import crc32

_ALPHABET = "0123456789bcdfghjklmnpqrstvwxz"
_VALUE = {symbol: value for value, symbol in enumerate(_ALPHABET)}
_CHECKSUM_LENGTH = 7
_START = {  # 1980-01-01, 1984-01-01 and 1988-01-01, in milliseconds since 1970
    "auth": 315_532_800_000,
    "bib": 441_763_200_000,
    "hold": 567_993_600_000,
}
_HIGHEST = 10**9  # no collection ever had as many records
_LIBRIS = re.compile(rf"[{_ALPHABET}]{{14,17}}")

_SEPARATORS = re.compile(r"[\s\u00a0\u2010-\u2015-]+")
_ISNI = re.compile(r"\d{15}[\dX]")
# https://support.orcid.org/hc/en-us/articles/360006897674, without the check digit
_ORCID_BLOCKS = (range(15_000_000, 35_000_001), range(900_000_000_000, 900_100_000_001))
_VIAF = re.compile(r"[1-9]\d{1,21}")
_GND = re.compile(r"1[0123]?\d{7}[\dX]|[47]\d{6}-\d|[1-9]\d{0,7}-[\dX]|3\d{7}[\dX]")
_LCCN = re.compile(r"(gf|n|nb|nr|no|ns|sh|sj|dg|mp)([4-9]\d|00|20\d\d)(\d{6})")
_LCCN_PARTS = re.compile(r"([a-z]{1,2})(\d{2}|\d{4})-(\d{1,6})")


def libris_id(collection: str, number: int) -> str:
    """Return the last part of the IRI of the record that had this number in Libris before 2018.

    collection: ``auth``, ``bib`` or ``hold``.

    >>> libris_id("auth", 278328), libris_id("auth", 211389), libris_id("bib", 8369159)
    ('20dhlwtl36bgfcb', 'rp3563595lkhv4q', 'm4xtxx0z02xdx6w')
    """
    start = _in_base_30(_START[collection] + number)
    shift = _VALUE[start[-1]]
    moved = "".join(_ALPHABET[(_VALUE[symbol] + shift) % 30] for symbol in start[:-1])
    return moved + start[-1] + _checksum(collection, number)


def legacy_number(identifier: str) -> tuple[str, int] | None:
    """Return the collection and the number that a record had before 2018; None if it had none.

    >>> legacy_number("1zcfh30k0gr4zxt"), legacy_number("p3n5x5g0m8jq33c4")
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
    for collection, begin in _START.items():
        number = value - begin
        if 0 <= number < _HIGHEST and checksum == _checksum(collection, number):
            return collection, number
    return None


def _checksum(collection: str, number: int) -> str:
    return _in_base_30(crc32(f"/{collection}/{number}".encode())).rjust(_CHECKSUM_LENGTH, "0")


def _in_base_30(number: int) -> str:
    symbols = ""
    while number >= 30:
        number, remainder = divmod(number, 30)
        symbols = _ALPHABET[remainder] + symbols
    return _ALPHABET[number] + symbols


def isni(text: str) -> str | None:
    """Return an ISNI's 16 characters, or None if it isn't one: its check digit must be right.

    >>> isni("0000 0001 0340 7488"), isni("000000012102478x"), isni("0000000103407489")
    ('0000000103407488', '000000012102478X', None)
    """
    found = _SEPARATORS.sub("", text).upper()
    return found if _ISNI.fullmatch(found) and found.isascii() and _check(found) else None


def orcid(text: str) -> str | None:
    """Return an ORCID with its hyphens, or None; ORCIDs are the ISNIs of one block.

    >>> orcid("0000000218250097"), orcid("0000-0002-1825-0098")
    ('0000-0002-1825-0097', None)
    """
    found = isni(text)
    if found is None or not any(int(found[:15]) in block for block in _ORCID_BLOCKS):
        return None
    return "-".join((found[:4], found[4:8], found[8:12], found[12:]))


def _check(found: str) -> bool:
    total = 0
    for digit in found[:-1]:
        total = (total + int(digit)) * 2
    return "0123456789X"[(12 - total % 11) % 11] == found[-1]


def viaf(text: str) -> str | None:
    """Return a VIAF cluster's number as text: it may have 22 digits. None if it isn't one."""
    found = text.strip()
    return found if _VIAF.fullmatch(found) and found.isascii() else None


def gnd(text: str) -> str | None:
    """Return a GND number, or None if it has the form of none.

    >>> gnd("118601555"), gnd("(DE-588)4076899-5"), gnd("Goethe")
    ('118601555', '4076899-5', None)
    """
    found = re.sub(r"^\(DE-588[a-z]?\)", "", text.strip()).upper()
    return found if _GND.fullmatch(found) and found.isascii() else None


def lccn(text: str) -> str | None:
    """Return a control number of the Library of Congress in its normal form; None if it has none.

    >>> lccn("(DLC)sh 85006507"), lccn("LC|n  79068416"), lccn("nb2001-5"), lccn("n78-890351")
    ('sh85006507', 'n79068416', 'nb2001000005', 'n78890351')
    >>> lccn("n50012345/AC"), lccn("445874")
    ('n50012345', None)
    """
    found = re.sub(r"^\s*(\(DLC\)|LC\s*\|)", "", text, flags=re.IGNORECASE)
    found = re.sub(r"\s+", "", found).partition("/")[0].lower()
    if parts := _LCCN_PARTS.fullmatch(found):
        found = parts[1] + parts[2] + parts[3].rjust(6, "0")
    return found if _LCCN.fullmatch(found) and found.isascii() else None
