"""Identifiers: a kind and one IRI each, made from the numbers of agencies and the titles of wikis.

Which of http and https is right is settled per namespace, as those who own it write it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from urllib.parse import quote, unquote_to_bytes

from loader.link.identifiers import check_digits
from sparql_server.records.legacy import find_legacy_number

_QID = re.compile(r"Q[1-9]\d{0,11}")
LC_SCHEMES = {
    "sh": "subjects",
    "sj": "childrensSubjects",
    "gf": "genreForms",
    "dg": "demographicTerms",
    "mp": "performanceMediums",
}
"""By the first letters of a control number; all others are names."""

# What may stand in the path of an IRI, RFC 3987: everything else of ASCII is percent-encoded.
_PATH = "!$&'()*+,;=:@/-._~"
_DOUBLE = re.compile(r"%25(?=[0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Identifier:
    """A thing's name elsewhere.

    kind: ``wikidata viaf lcnames subjects childrensSubjects genreForms demographicTerms
    performanceMediums vocabulary label isni orcid gnd fast isbn issn oclc dbpedia wikipedia
    libris record pending``.
    ``label`` is the address of a text, not of a concept; ``pending`` must be looked up first;
    ``libris`` is a thing that Libris describes and ``record`` its description.
    iri: the one spelling. real_world: the source named the agent itself, not the authority record.
    """

    kind: str
    iri: str
    real_world: bool = field(default=False, compare=False)


def lc(text: str) -> Identifier | None:
    """Return what a control number of the Library of Congress names.

    >>> lc("(DLC)sh 85006507").iri
    'http://id.loc.gov/authorities/subjects/sh85006507'
    """
    number = check_digits.lccn(text)
    if number is None:
        return None
    scheme = LC_SCHEMES.get(number[:2], "names")
    kind = "lcnames" if scheme == "names" else scheme
    return Identifier(kind, f"http://id.loc.gov/authorities/{scheme}/{number}")


def wikidata(text: str) -> Identifier | None:
    """Return the item of this number, ``Q1762``."""
    found = text.strip().upper()
    if not (_QID.fullmatch(found) and found.isascii()):
        return None
    return Identifier("wikidata", f"http://www.wikidata.org/entity/{found}")


def viaf(text: str) -> Identifier | None:
    """Return the VIAF cluster of this number."""
    found = check_digits.viaf(text)
    return Identifier("viaf", f"http://viaf.org/viaf/{found}") if found else None


def isni(text: str) -> Identifier | None:
    """Return what has this ISNI."""
    found = check_digits.isni(text)
    return Identifier("isni", f"https://isni.org/isni/{found}") if found else None


def orcid(text: str) -> Identifier | None:
    """Return who has this ORCID."""
    found = check_digits.orcid(text)
    return Identifier("orcid", f"https://orcid.org/{found}") if found else None


def gnd(text: str) -> Identifier | None:
    """Return what has this GND number."""
    found = check_digits.gnd(text)
    return Identifier("gnd", f"https://d-nb.info/gnd/{found}") if found else None


def isbn(text: str) -> Identifier | None:
    """Return the edition with this ISBN (RFC 3187)."""
    found = check_digits.isbn(text)
    return Identifier("isbn", f"urn:isbn:{found}") if found else None


def issn(text: str) -> Identifier | None:
    """Return the serial with this ISSN (RFC 3044)."""
    found = check_digits.issn(text)
    return Identifier("issn", f"urn:issn:{found}") if found else None


def oclc(text: str) -> Identifier | None:
    """Return the edition that OCLC has under this number."""
    found = check_digits.oclc(text)
    return Identifier("oclc", f"http://www.worldcat.org/oclc/{found}") if found else None


def dbpedia(title: str) -> Identifier | None:
    """Return the resource of English DBpedia that the Wikipedia article of this title is about."""
    found = title_in_iri(title)
    return Identifier("dbpedia", f"http://dbpedia.org/resource/{found}") if found else None


def wikipedia(language: str, title: str) -> Identifier | None:
    """Return the Wikipedia article of this title."""
    found = title_in_iri(title)
    if not found or not re.fullmatch(r"[a-z][a-z-]{1,15}", language):
        return None
    return Identifier("wikipedia", f"https://{language}.wikipedia.org/wiki/{found}")


def libris(identifier: str) -> Identifier:
    """Return the thing that the record with this id describes."""
    return Identifier("libris", f"https://libris.kb.se/{identifier}#it")


def thing_before_2018(iri: str) -> str | None:
    """Return how Libris named the same thing before 2018, computed; None if it had no name.

    >>> thing_before_2018("https://libris.kb.se/1zcfh30k0gr4zxt#it")
    'http://libris.kb.se/resource/auth/230807'
    """
    found = re.fullmatch(r"https://libris\.kb\.se/(\w+)#it", iri, re.ASCII)
    legacy = find_legacy_number(found[1]) if found else None
    return "http://libris.kb.se/resource/{}/{}".format(*legacy) if legacy else None


def title_in_iri(text: str) -> str | None:
    """Return a title as it stands in an IRI: decoded but for what would end or break the path."""
    try:
        once = _DOUBLE.sub("%", text)
        while once != text:
            text, once = once, _DOUBLE.sub("%", once)
        title = unquote_to_bytes(text).decode()
    except UnicodeError:
        return None
    title = unicodedata.normalize("NFC", title).replace(" ", "_").strip("_/")
    if not title.isprintable():
        return None
    return "".join(
        character
        if character.isalnum() or character in _PATH or character > "\x7f"
        else quote(character)
        for character in title
    )
