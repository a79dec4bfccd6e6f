"""The choice of a format: the Accept header and the ``format`` parameter.

Accept-Charset is not looked at: all text is UTF-8 (RFC 9110, 12.5.2, deprecates it).
RFC 9110, 12.5.1, https://www.rfc-editor.org/rfc/rfc9110#field.accept
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sparql_server.memo import remembered

_LONGEST = 1000  # characters of an Accept header that is remembered with what is chosen by it
_READ = 8 * 1024  # characters of one that is remembered with what it says
# Commas and semicolons inside quoted strings separate nothing. Possessive, and a string that is
# never closed goes on to the end: no header takes longer than its length is worth.
_STRING = r'"(?:[^"\\]++|\\.)*+(?:"|\\?$)'
_MEMBER = re.compile(rf'(?:[^,"]++|{_STRING})++', re.DOTALL)
_PIECE = re.compile(rf'(?:[^;"]++|{_STRING})++', re.DOTALL)
# More decimals than the three of RFC 9110, 12.4.2, are taken for what they say.
_WEIGHT = re.compile(r"0(?:\.\d*)?|1(?:\.0*)?")


@dataclass(frozen=True, slots=True)
class Format:
    """A serialization. name: short, as in ``format=``. media_types: the first is sent.

    aliases: other names that ``format=`` takes: Virtuoso's and SPARQLWrapper's.
    profile: IRI of the profile (RFC 6906) that the media type has as a parameter, if any.
    compressed: whether it is compressed as it is, and no content coding makes it smaller.
    """

    name: str
    media_types: tuple[str, ...]
    charset: bool = False
    aliases: tuple[str, ...] = ()
    profile: str = ""
    compressed: bool = False

    @property
    def content_type(self) -> str:
        """Return the value of the Content-Type header."""
        if self.profile:
            return f'{self.media_types[0]};profile="{self.profile}"'
        return self.media_types[0] + ("; charset=utf-8" if self.charset else "")


SOLUTIONS = (
    Format("json", ("application/sparql-results+json", "application/json")),
    Format("xml", ("application/sparql-results+xml", "application/xml", "text/xml")),
    Format("csv", ("text/csv",), charset=True),
    Format("tsv", ("text/tab-separated-values",), charset=True),
    Format("arrow", ("application/vnd.apache.arrow.stream",)),
    Format("parquet", ("application/vnd.apache.parquet",), compressed=True),
)
"""For SELECT and ASK. The first is for clients that accept anything."""

FULL = {
    described.name: replace(described, name=f"{described.name}+")
    for described in SOLUTIONS
    if described.name in ("arrow", "parquet")
}
"""By the names of formats with typed columns: the same with whole terms, for ``terms=full``."""

GRAPHS = (
    Format(
        "ttl",
        ("text/turtle", "application/x-turtle"),
        charset=True,
        aliases=("turtle", "n3", "text/n3", "text/rdf+n3", "application/x-nice-turtle"),
    ),
    Format(
        "nt",
        ("application/n-triples", "text/plain"),
        charset=True,
        aliases=("ntriples", "n-triples", "text/ntriples"),
    ),
    Format(
        "rdf",
        ("application/rdf+xml", "application/xml", "text/xml"),
        aliases=("rdfxml", "rdf+xml", "xml"),
    ),
    Format(
        "jsonld",
        ("application/ld+json", "application/json"),
        aliases=("json-ld", "json", "ld+json"),
    ),
)
"""For CONSTRUCT and DESCRIBE."""

EXPANDED = Format(
    "expanded",
    ("application/ld+json",),
    aliases=("jsonld-expanded", "application/ld+json;profile=expanded"),
    profile="http://www.w3.org/ns/json-ld#expanded",
)
"""JSON-LD without a context (https://www.w3.org/TR/json-ld11/#iana-considerations)."""

DATASETS = (
    Format(
        "nq",
        ("application/n-quads", "text/x-nquads", "text/nquads"),
        charset=True,
        aliases=("nquads", "n-quads"),
    ),
    Format("trig", ("application/trig", "application/x-trig"), charset=True),
)
"""For graphs of a pattern, and of the graph store: each triple with the graph it stands in."""

BY_NAME = {
    described.name: described
    for described in (*SOLUTIONS, *FULL.values(), *GRAPHS, EXPANDED, *DATASETS)
}
"""All of them, by their names."""

HTML = "text/html"
PAGES = frozenset(["html", HTML, "application/xhtml+xml", "text/x-html+tr"])
"""The value of ``format=`` that asks for a page."""


@dataclass(frozen=True, slots=True)
class _Range:
    type: str
    subtype: str
    quality: float
    expanded: bool

    def matches(self, media_type: str, *, expanded: bool) -> bool:
        """Tell whether it is of this media type, in the profile ``expanded`` or in none of ours."""
        kind, _, subtype = media_type.partition("/")
        wanted = self.type in ("*", kind) and self.subtype in ("*", subtype)
        return wanted and self.expanded == expanded

    @property
    def specificity(self) -> int:
        return (self.type != "*") + (self.subtype != "*")


@remembered(4, _READ)  # it is read for each of the formats
def _read_ranges(accept: str) -> tuple[_Range, ...]:
    """Return what an Accept header lists; a member that is malformed counts for nothing."""
    found = []
    for member in _MEMBER.findall(accept):
        name, *parameters = (piece.strip() for piece in _PIECE.findall(member) or [""])
        kind, slash, subtype = name.lower().partition("/")
        weight = _read_quality(parameters)
        if slash and weight is not None:
            found.append(_Range(kind, subtype, weight, _is_expanded(parameters)))
    return tuple(found)


def _is_expanded(parameters: Iterable[str]) -> bool:
    """Tell whether the profiles of a media type, in quotes and with spaces between, have ours."""
    for parameter in parameters:
        name, _, value = (piece.strip() for piece in parameter.partition("="))
        if name.lower() == "profile":
            profiles = value.strip('"').split()
            return EXPANDED.profile in profiles or "expanded" in profiles
    return False


def _read_quality(parameters: Sequence[str]) -> float | None:
    """Return a member's weight, 0 to 1, or None if it is malformed."""
    for parameter in parameters:
        name, _, value = (piece.strip() for piece in parameter.partition("="))
        if name.lower() == "q":
            return float(value) if _WEIGHT.fullmatch(value) else None
    return 1.0


def find_quality(accept: str, media_type: str, *, expanded: bool = False) -> float:
    """Return how much a client wants a media type, 0 to 1; the most specific range decides.

    >>> find_quality("text/*;q=0.5, text/csv", "text/csv")
    1.0
    >>> find_quality("text/*;q=0.5", "text/turtle")
    0.5
    """
    matching = [
        accepted
        for accepted in _read_ranges(accept)
        if accepted.matches(media_type, expanded=expanded)
    ]
    return max(matching, key=lambda accepted: accepted.specificity).quality if matching else 0.0


def _named(accept: str, media_types: Sequence[str]) -> list[float]:
    """Return how much a client wants media types that it names in full, not by a wildcard."""
    named = {
        f"{accepted.type}/{accepted.subtype}": accepted.quality for accepted in _read_ranges(accept)
    }
    return [named.get(media_type, 0.0) for media_type in media_types] or [0.0]


@remembered(256, _LONGEST)
def choose(accept: str | None, formats: tuple[Format, ...]) -> Format | None:
    """Return the format a client wants most; of equals the first; None if it wants none."""
    if not accept or not accept.strip():
        return formats[0]
    best, wanted = None, 0.0
    for offered in formats:
        first = find_quality(accept, offered.media_types[0], expanded=bool(offered.profile))
        degree = max(first, *_named(accept, offered.media_types[1:]))
        if degree > wanted:
            best, wanted = offered, degree
    return best


@remembered(256, _LONGEST)
def prefers_html(accept: str | None) -> bool:
    """Tell whether a client wants a page rather than any result format: a browser."""
    if not accept:
        return False
    page = find_quality(accept, HTML)
    others = (offered.media_types[0] for offered in (*SOLUTIONS, *GRAPHS))
    return page > 0 and all(page > find_quality(accept, other) for other in others)


def wants_page(name: str | None) -> bool:
    """Tell whether the ``format`` parameter asks for a page."""
    return name is not None and _wanted(name) in PAGES


def find_format(name: str, formats: Sequence[Format]) -> Format | None:
    """Return a format by its short name or a media type, as ``format=`` gives it."""
    wanted = _wanted(name)
    if _is_expanded(name.split(";")[1:]):
        wanted += ";profile=expanded"
    for offered in formats:
        if wanted == offered.name or wanted in offered.media_types or wanted in offered.aliases:
            return offered
    return None


def _wanted(name: str) -> str:
    # A plus in an address that nobody encoded has become a space.
    return name.partition(";")[0].strip().lower().replace(" ", "+")


def list_available(formats: Sequence[Format]) -> list[str]:
    """Return what there is, for an answer 406."""
    return [f"{offered.media_types[0]} (format={offered.name})" for offered in formats]
