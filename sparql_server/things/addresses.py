"""Addresses of things on this server: of each IRI one, and which IRI an address stands for.

Cool URIs for the Semantic Web, https://www.w3.org/TR/cooluris/
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import quote, unquote

from sparql_server.engine.terms import iri as write_iri
from sparql_server.sparql.iri import is_absolute

LONGEST = 2000
"""Characters of an IRI that is told of."""

LIBRIS = "https://libris.kb.se/"
"""A thing that is named here has the rest of its name as its address: ``/fnrgl``."""

TERMS = "https://id.kb.se/"
"""A thing that is named here has its address below ``/id.kb.se/``."""

SUFFIXES = ("ttl", "jsonld", "nt", "rdf")
"""The ending of the address of a document as data, after a dot; each is the name of its format."""

_ENDINGS = (*SUFFIXES, "html")

# What every client sends as it stands, or percent-encoded as it must be (RFC 3987, 3.1); other IRIs
# have an address by the parameter ``iri``.
_PLAIN = re.compile(r"(?:[A-Za-z0-9_~@!$&'()*+,;=:./-]|[^\x00-\x9f\ud800-\udfff]|%[0-9A-Fa-f]{2})+")
_NOT_ASCII = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")
_SAFE = "/:@!$&'()*+,;=~%"
# What clients or servers write otherwise, or take for the end of a line.
_FOLDED = re.compile(r"//|(?:^|/)\.{1,2}(?:/|$)|/$|%0[Aa]")
_OF_TERMS = "id.kb.se/"


@dataclass(frozen=True, slots=True)
class Addresses:
    """Makes addresses. taken: first segments of the paths that this server has for others.

    >>> addresses = Addresses({"sparql"})
    >>> addresses.of("https://libris.kb.se/fnrgl#it"), addresses.of("https://libris.kb.se/sparql")
    ('/fnrgl#it', '/resource?iri=https%3A%2F%2Flibris.kb.se%2Fsparql')
    """

    taken: Collection[str] = ()

    def of(self, iri: str) -> str:
        """Return the path at which a thing is told of."""
        return self.own(iri) or f"/resource?iri={quote(iri, safe='')}"

    def own(self, iri: str) -> str | None:
        """Return the path of a thing that needs no parameter; None: it has no such path."""
        document, mark, fragment = iri.partition("#")
        if document.startswith(TERMS):
            rest = document.removeprefix(TERMS)
            path = f"/{_OF_TERMS}{rest}"
        elif document.startswith(LIBRIS) and not document.startswith(LIBRIS + _OF_TERMS):
            rest = document.removeprefix(LIBRIS)
            path = f"/{rest}"
        else:
            return None
        if not _is_plain(rest) or self.is_taken(path):
            return None
        return quote(path, safe=_SAFE) + mark + quote(fragment, safe=f"{_SAFE}?")

    def is_taken(self, path: str) -> bool:
        """Tell whether a path is, or stands below, one that this server has for another."""
        return path.split("/")[1] in self.taken


def _is_plain(rest: str) -> bool:
    """Tell whether a path says the rest of an IRI, and neither a suffix nor other segments."""
    if not _PLAIN.fullmatch(rest) or _FOLDED.search(rest):
        return False
    return split_suffix(rest)[1] is None


def split_suffix(path: str) -> tuple[str, str | None]:
    """Return a path without the suffix that names a format, and the suffix.

    >>> split_suffix("fnrgl.ttl"), split_suffix("term/sao/a.b")
    (('fnrgl', 'ttl'), ('term/sao/a.b', None))
    """
    stem, _, suffix = path.rpartition(".")
    is_named = bool(stem) and not stem.endswith("/")
    return (stem, suffix) if is_named and suffix in _ENDINGS else (path, None)


def list_spellings(iri: str) -> list[str]:
    """Return an IRI as an address has it, and with characters beyond ASCII as themselves.

    >>> list_spellings("https://id.kb.se/term/sao/%C3%85ar%20x")
    ['https://id.kb.se/term/sao/%C3%85ar%20x', 'https://id.kb.se/term/sao/Åar%20x']
    """
    decoded = _NOT_ASCII.sub(lambda match: _decode(match[0]), iri)
    return [iri] if decoded == iri else [iri, decoded]


def _decode(encoded: str) -> str:
    try:
        return unquote(encoded, errors="strict")
    except UnicodeDecodeError:
        return encoded


def find_fault(iri: str) -> str | None:
    """Return why nothing can be called by a text, as it is no IRI in full; None: it can be one.

    >>> find_fault("https://libris.kb.se/fnrgl"), find_fault("fnrgl")
    (None, 'it is no absolute IRI')
    """
    if not is_absolute(iri):
        return "it is no absolute IRI"
    if len(iri) > LONGEST:
        return f"it has more than the {LONGEST:,} characters that are looked for"
    try:
        write_iri(iri)
    except ValueError as error:
        return f"it is no IRI, as {error}"
    return None


def is_documented(iri: str) -> bool:
    """Tell whether an IRI is that of a document here, which tells of its fragments too."""
    return "#" not in iri and iri.startswith((LIBRIS, TERMS))
