"""Numbers of agencies and editions: their normal form and their check digits.

ISNI and ORCID: ISO 7064 MOD 11-2, https://isni.org/page/faq/; LCCN:
https://www.loc.gov/marc/lccn-namespace.html; ISBN: https://www.isbn-international.org/content/isbn-users-manual;
ISSN: https://www.issn.org/understanding-the-issn/what-is-an-issn/
"""

from __future__ import annotations

import re

_SEPARATORS = re.compile(r"[\s\u00a0\u2010-\u2015-]+")
_ISNI = re.compile(r"\d{15}[\dX]")
# https://support.orcid.org/hc/en-us/articles/360006897674, without the check digit
_ORCID_BLOCKS = (range(15_000_000, 35_000_001), range(900_000_000_000, 900_100_000_001))
_VIAF = re.compile(r"[1-9]\d{1,21}")
_GND = re.compile(r"1[0123]?\d{7}[\dX]|[47]\d{6}-\d|[1-9]\d{0,7}-[\dX]|3\d{7}[\dX]")
_LCCN = re.compile(r"(gf|n|nb|nr|no|ns|sh|sj|dg|mp)([4-9]\d|00|20\d\d)(\d{6})")
_LCCN_PARTS = re.compile(r"([a-z]{1,2})(\d{2}|\d{4})-(\d{1,6})")


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


def isbn(text: str) -> str | None:
    """Return an ISBN's thirteen digits; None if it isn't one: its check digit must be right.

    >>> isbn("91-0-012345-X"), isbn("978-91-7409-320-9"), isbn("9789174093208")
    (None, '9789174093209', None)
    >>> isbn("917000059X (inb.)")
    '9789170000591'
    """
    found = _SEPARATORS.sub("", text.partition("(")[0]).upper()
    if re.fullmatch(r"\d{9}[\dX]", found, re.ASCII):
        digits = [10 if digit == "X" else int(digit) for digit in found]
        if sum(weight * digit for weight, digit in zip(range(10, 0, -1), digits, strict=True)) % 11:
            return None
        beginning = f"978{found[:9]}"
        return beginning + _check_ean(beginning)
    if not re.fullmatch(r"97[89]\d{10}", found, re.ASCII) or _check_ean(found[:12]) != found[12]:
        return None
    return found


def _check_ean(digits: str) -> str:
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return str(-total % 10)


def issn(text: str) -> str | None:
    """Return an ISSN with its hyphen; None if it isn't one.

    >>> issn("0345-1569"), issn("03451568")
    ('0345-1569', None)
    """
    found = _SEPARATORS.sub("", text).upper()
    if not re.fullmatch(r"\d{7}[\dX]", found, re.ASCII):
        return None
    digits = [10 if digit == "X" else int(digit) for digit in found]
    total = sum(weight * digit for weight, digit in zip(range(8, 0, -1), digits, strict=True))
    return f"{found[:4]}-{found[4:]}" if total % 11 == 0 else None


def oclc(text: str) -> str | None:
    """Return a number of OCLC without its prefix; None if it isn't one.

    >>> oclc("(OCoLC)ocm00012345"), oclc("12345"), oclc("Libris 1")
    ('12345', '12345', None)
    """
    found = re.fullmatch(r"\s*(?:\(OCoLC\))?(?:oc[mn]|on)?0*([1-9]\d{0,13})\s*", text, re.ASCII)
    return found[1] if found else None
