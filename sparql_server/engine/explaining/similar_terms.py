"""Terms that don't occur in a release: what stands there instead, and what is most like them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

import pyoxigraph as ox

from sparql_server.engine.explaining.release_data import Facts
from sparql_server.engine.prefixes import predefined
from sparql_server.sparql.namespaces import KBV

_LONGEST = 60  # characters of names that are compared
_COMPARED = 1500  # names that are compared with one
_SHOWN = 3  # names that are said to be like one

# Types and properties until the normalisation of types in Libris, March 2026; what says it since.
_WORKS = ("Monograph", "Serial", "Collection", "Integrating")
_CARRIERS = ("PhysicalResource", "DigitalResource")
RENAMED = {
    **dict.fromkeys(
        (
            "Text",
            "Audio",
            "Music",
            "NotatedMusic",
            "StillImage",
            "MovingImage",
            "Cartography",
            "Dataset",
            "Multimedia",
            "Object",
            "Kit",
            "ManuscriptText",
        ),
        (*_WORKS, "category"),
    ),
    **dict.fromkeys(("Print", "Electronic", "Manuscript", "Tactile"), (*_CARRIERS, "category")),
    **dict.fromkeys(
        ("issuanceType", "contentType", "carrierType", "mediaType", "genreForm"), ("category",)
    ),
}


def shorten_iri(iri: str) -> str:
    """Return an IRI with a predefined prefix, if there is one; else in brackets."""
    for prefix, namespace in predefined().items():
        local = iri.removeprefix(namespace)
        if local != iri and local.replace("_", "").replace("-", "").isalnum():
            return f"{prefix}:{local}"
    return f"<{iri}>"


def find_renamed(iri: str, facts: Facts) -> list[str]:
    """Return what has said a class or a property since 2026, as far as it is in the data."""
    names = RENAMED.get(iri.removeprefix(KBV), ()) if iri.startswith(KBV) else ()
    terms = [ox.NamedNode(KBV + name) for name in names]
    return [
        term.value
        for term in terms
        if (facts.is_class(term) if term.value[len(KBV)].isupper() else facts.is_property(term))
    ]


def unwrap_name(iri: str) -> str | None:
    """Return a name with a prefix that was put in the brackets of an IRI."""
    prefix, colon, local = iri.partition(":")
    known = colon and prefix in predefined() and not local.startswith("//")
    return f"{prefix}:{local}" if known else None


def list_variants(iri: str) -> list[str]:
    """Return other ways to write an IRI that people mix up."""
    scheme, _, rest = iri.partition("://")
    other = {"http": "https", "https": "http"}.get(scheme)
    ends = [iri.removesuffix("#it"), iri + "#it", iri.rstrip("/"), iri + "/"]
    found = [*ends, *([f"{other}://{rest}"] if other else [])]
    return [way for way in dict.fromkeys(found) if way != iri and len(way) <= 2000]


def split_iri(iri: str) -> tuple[str, str]:
    """Return namespace and local name of an IRI."""
    place = max(iri.rfind("/"), iri.rfind("#")) + 1
    return iri[:place], iri[place:]


def find_nearest(iri: str, known: Iterable[str]) -> list[str]:
    """Return the IRIs among those known whose local names are most like this one's."""
    namespace, name = split_iri(iri)
    name = name[:_LONGEST].lower()
    by_name: dict[str, list[str]] = {}
    for other in known:
        other_name = split_iri(other)[1]
        lowered = other_name.lower()
        if _may_be_like(name, lowered):
            by_name.setdefault(lowered, []).append(other)
        if len(by_name) >= _COMPARED:
            break
    close = difflib.get_close_matches(name, by_name, n=_SHOWN, cutoff=0.65)
    found = [other for match in close for other in by_name[match] if other != iri]
    return sorted(found, key=lambda other: not other.startswith(namespace))[:_SHOWN]


def _may_be_like(name: str, other: str) -> bool:
    """Tell, quickly, whether it is worth to compare two names."""
    if abs(len(name) - len(other)) > max(3, len(name) // 2) or len(other) > _LONGEST:
        return False
    return 2 * len(set(name) & set(other)) >= len(set(name))
