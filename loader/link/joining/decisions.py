"""Decisions about a thing: links to publish, doubts for a person to settle, and reasons."""

from __future__ import annotations

import re
from dataclasses import dataclass

from loader.link.joining.closure import Edge

EXACT = "https://id.kb.se/vocab/exactMatch"
CLOSE = "https://id.kb.se/vocab/closeMatch"
PAGE = "http://xmlns.com/foaf/0.1/isPrimaryTopicOf"

AUTOMATIC = 0.98  # the probability from which a link is made
REVIEWED = 0.70  # the one from which a person is asked

_KINDS = (
    ("http://www.wikidata.org/entity/", "wikidata"),
    ("http://viaf.org/viaf/", "viaf"),
    ("http://id.loc.gov/authorities/names/", "lcnames"),
    ("http://id.loc.gov/authorities/", "lcterms"),
    ("https://isni.org/isni/", "isni"),
    ("https://d-nb.info/gnd/", "gnd"),
    ("https://orcid.org/", "orcid"),
    ("http://dbpedia.org/resource/", "dbpedia"),
    ("urn:isbn:", "isbn"),
    ("urn:issn:", "issn"),
    ("http://www.worldcat.org/oclc/", "oclc"),
)
_LIBRIS = re.compile(r"https?://(libris|id)\.kb\.se/")


@dataclass(frozen=True, slots=True)
class Step:
    """One reason of several that lead to a link. by: a shape, a property, or a kind of evidence."""

    one: str
    other: str
    by: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """A statement to publish. stage: what found it; why: the evidence, first to last."""

    subject: str
    predicate: str
    object: str
    stage: str
    confidence: float
    why: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A pair that a person should look at. reason: the constraint that was broken, or the band."""

    subject: str
    object: str
    reason: str
    confidence: float
    why: tuple[Step, ...]


def kind_of(iri: str) -> str:
    """Return which file of names an IRI belongs to; ``libris`` for Libris' own; else empty."""
    if _LIBRIS.match(iri):
        return "libris"
    return next((kind for beginning, kind in _KINDS if iri.startswith(beginning)), "")


def reason_of(edge: Edge) -> Step:
    """Return an edge as a reason."""
    return Step(edge.one, edge.other, edge.by, edge.text)
