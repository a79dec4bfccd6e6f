"""Identifiers in Wikidata: the properties whose values are names in other files, and their readers.

https://www.wikidata.org/wiki/Wikidata:Database_reports/List_of_properties
"""

from __future__ import annotations

import re
from collections.abc import Callable

from loader.link.identifiers import identifiers, normalisation
from loader.link.identifiers.identifiers import Identifier


def find_libris_thing(value: str) -> Identifier | None:
    """Return the thing that a value of P5587 stands for: an id, or an address of before 2018."""
    if re.fullmatch(r"[0-9a-z]{14,17}", value.strip(), re.ASCII):
        return identifiers.libris(value.strip())
    found = normalisation.read_address(value)
    if found is None or found.kind not in ("libris", "record"):
        return None
    if "#" in found.iri or "/resource/" in found.iri:
        return Identifier("libris", found.iri)
    iri = found.iri.replace("libris.kb.se/", "libris.kb.se/resource/")
    return Identifier("libris", iri if found.iri.startswith("http://") else f"{found.iri}#it")


def find_selibr_thing(value: str) -> Identifier | None:
    """Return the thing that had this number among Libris' authorities before 2018 (P906)."""
    found = re.fullmatch(r"\s*(\d{1,9})\s*", value, re.ASCII)
    iri = f"http://libris.kb.se/resource/auth/{int(found[1])}" if found else ""
    return Identifier("libris", iri) if found else None


def find_language(value: str) -> Identifier | None:
    """Return what Libris calls the language with a code of ISO 639-2 (P219)."""
    found = re.fullmatch(r"\s*([a-z]{3})\s*", value, re.ASCII)
    return Identifier("libris", f"https://id.kb.se/language/{found[1]}") if found else None


def find_by_marc_code(value: str) -> Identifier | None:
    """Return what Libris calls the country or language of a MARC code (P4801)."""
    found = re.fullmatch(r"(countries|languages)/([a-z]{2,3})", value.strip(), re.ASCII)
    if found is None:
        return None
    kind = "country" if found[1] == "countries" else "language"
    return Identifier("libris", f"https://id.kb.se/{kind}/{found[2]}")


IDENTIFIERS: dict[str, Callable[[str], Identifier | None]] = {
    "P5587": find_libris_thing,
    "P906": find_selibr_thing,
    "P244": identifiers.lc,
    "P213": identifiers.isni,
    "P214": identifiers.viaf,
    "P227": identifiers.gnd,
    "P496": identifiers.orcid,
    "P212": identifiers.isbn,
    "P957": identifiers.isbn,
    "P236": identifiers.issn,
    "P243": identifiers.oclc,
    "P219": find_language,
    "P4801": find_by_marc_code,
}
"""The properties whose values are names in other files, and how they are read."""
