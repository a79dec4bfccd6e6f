"""Normalisation of addresses: any spelling to an identifier; None for other texts.

Total and idempotent: any text has an answer, and the answer's address has the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote, unquote_to_bytes

from loader.link.identifiers import identifiers
from loader.link.identifiers.identifiers import LC_SCHEMES, Identifier, title_in_iri
from loader.link.names.keys import make_label_key

_ADDRESS = re.compile(r"(?:https?://|//)?(?:[^/?#@]*@)?([^/?#:]+)(?::\d*)?([^?#]*)(\?[^#]*)?(#.*)?")


def read_address(text: str) -> Identifier | None:
    """Return what an address names; None for an unknown host or an invalid identifier.

    >>> read_address("https://www.wikidata.org/wiki/Q1762#sitelinks-wikipedia").iri
    'http://www.wikidata.org/entity/Q1762'
    >>> read_address("https://id.loc.gov/authorities/names/445874") is None
    True
    """
    cleaned = text.replace("\u00a0", " ").strip()
    found = _ADDRESS.fullmatch(cleaned) if cleaned.isprintable() else None
    if found is None:
        return None
    host = found[1].lower().removeprefix("www.")
    path, query, fragment = found[2], found[3] or "", found[4] or ""
    for suffix, read in _HOSTS:
        if host == suffix or host.endswith("." + suffix):
            return read(host, path, query, fragment)
    return None


def read_typed(kind: str, value: str) -> Identifier | None:
    """Return what an identifier of a KBV class or with a typeNote names.

    kind: ``VIAF``, ``isni``, ``LCCN`` …, in any case; ``URI`` for an address.

    >>> read_typed("ISNI", "0000 0001 0340 7488").iri
    'https://isni.org/isni/0000000103407488'
    """
    make = _TYPES.get(kind.lower())
    if make is None:
        return None
    return make(value) or _of_kind(read_address(value), kind.lower())


def is_known_type(kind: str) -> bool:
    """Tell whether ``read_typed`` knows this class or typeNote."""
    return kind.lower() in _TYPES


def decode_label(iri: str) -> str:
    """Return the label that the address of a label of LC is of, as it was written."""
    return _plain(iri.partition("/label/")[2])


def _of_kind(found: Identifier | None, kind: str) -> Identifier | None:
    if found is None or kind == "uri":
        return found
    same = {"wikidataid": "wikidata", "lccn": "lcnames"}.get(kind, kind)
    is_lc = kind == "lccn" and found.kind in LC_SCHEMES.values()
    return found if found.kind == same or is_lc else None


def _in_wikidata(host: str, path: str, query: str, fragment: str) -> Identifier | None:
    last = path.rstrip("/").rpartition("/")[2].partition(".")[0]
    return identifiers.wikidata(last) if re.match(r"/(wiki|entity)/", path) else None


def _in_viaf(host: str, path: str, query: str, fragment: str) -> Identifier | None:
    if found := re.fullmatch(r"(?:/\w\w)?/viaf/sourceID/(.+?)/*", path):
        title = title_in_iri(found[1])
        return Identifier("pending", f"http://viaf.org/viaf/sourceID/{title}") if title else None
    found = re.fullmatch(r"(?:/\w\w)?/viaf/(\d+)(?:/.*)?", path, re.ASCII)
    return identifiers.viaf(found[1]) if found else None


def _in_lc(host: str, path: str, query: str, fragment: str) -> Identifier | None:
    if found := re.fullmatch(r"/authorities/(?:\w+/)?label/(.+)", path):
        return _label(found[1])
    if found := re.fullmatch(r"/vocabulary/(\w+)/([\w-]+?)(?:\.\w+)*", path, re.ASCII):
        return Identifier("vocabulary", f"http://id.loc.gov/vocabulary/{found[1]}/{found[2]}")
    found = re.fullmatch(r"/(authorities|rwo)(?:/\w+)?/([^/.]+)(?:\.[\w.]+)?/?", path)
    named = identifiers.lc(_plain(found[2])) if found else None
    if named is None or found is None:
        return None
    return Identifier(named.kind, named.iri, found[1] == "rwo")


def _label(text: str) -> Identifier | None:
    title = _plain(text)
    key = make_label_key(title) if title.isprintable() else ""
    if not key:
        return None
    return Identifier("label", f"http://id.loc.gov/authorities/label/{quote(key, safe='')}")


def _plain(text: str) -> str:
    """Decode percent-encoding; the empty text for what isn't UTF-8."""
    try:
        return unquote_to_bytes(text).decode()
    except UnicodeError:
        return ""


def _in_dbpedia(host: str, path: str, query: str, fragment: str) -> Identifier | None:
    found = re.fullmatch(r"/(resource|page|data)/(.+)", path)
    if found is None or host not in ("dbpedia.org", "en.dbpedia.org"):
        return None
    is_data = found[1] == "data"
    return identifiers.dbpedia(found[2].partition(".")[0] if is_data else found[2])


def _in_wikipedia(host: str, path: str, query: str, fragment: str) -> Identifier | None:
    language = host.partition(".")[0]
    title = path.removeprefix("/wiki/") if path.startswith("/wiki/") else ""
    if found := re.search(r"[?&]title=([^&]+)", query):
        title = title or found[1]
    return identifiers.wikipedia(language, title)


def _in_isni(host: str, path: str, query: str, fragment: str) -> Identifier | None:
    return identifiers.isni(_plain(path.rstrip("/").rpartition("/")[2]))


def _in_gnd(host: str, path: str, query: str, fragment: str) -> Identifier | None:
    found = re.fullmatch(r"/gnd/([^/]+)(?:/.*)?", path)
    return identifiers.gnd(found[1]) if found else None


def _in_orcid(host: str, path: str, query: str, fragment: str) -> Identifier | None:
    return identifiers.orcid(path.strip("/"))


def _in_fast(host: str, path: str, query: str, fragment: str) -> Identifier | None:
    found = re.fullmatch(r"/fast/(?:fst)?0*([1-9]\d{0,9})/?", path, re.ASCII)
    return Identifier("fast", f"http://id.worldcat.org/fast/{found[1]}") if found else None


def _in_libris(host: str, path: str, query: str, fragment: str) -> Identifier | None:
    """Keep things and records apart: the one is what the other describes."""
    if found := re.fullmatch(r"/(resource/)?(auth|bib|hold)/(\d{1,9})", path, re.ASCII):
        kind = "libris" if found[1] else "record"
        return Identifier(kind, f"http://libris.kb.se{path}")
    if not re.fullmatch(r"/[0-9a-z]{14,17}", path, re.ASCII):
        return None
    thing = fragment == "#it"
    return Identifier("libris" if thing else "record", f"https://libris.kb.se{path}{'#it' * thing}")


_HOSTS: tuple[tuple[str, Callable[[str, str, str, str], Identifier | None]], ...] = (
    ("wikidata.org", _in_wikidata),
    ("viaf.org", _in_viaf),
    ("id.loc.gov", _in_lc),
    ("dbpedia.org", _in_dbpedia),
    ("wikipedia.org", _in_wikipedia),
    ("isni.org", _in_isni),
    ("d-nb.info", _in_gnd),
    ("orcid.org", _in_orcid),
    ("id.worldcat.org", _in_fast),
    ("libris.kb.se", _in_libris),
)

_TYPES: dict[str, Callable[[str], Identifier | None]] = {
    "viaf": identifiers.viaf,
    "isni": identifiers.isni,
    "orcid": identifiers.orcid,
    "wikidata": identifiers.wikidata,
    "wikidataid": identifiers.wikidata,
    "lccn": identifiers.lc,
    "gnd": identifiers.gnd,
    "isbn": identifiers.isbn,
    "issn": identifiers.issn,
    "issnl": identifiers.issn,
    "oclcnumber": identifiers.oclc,
    "oclc": identifiers.oclc,
    "uri": read_address,
}
