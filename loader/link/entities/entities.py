"""Entities: the names, years and links in a Libris record by which its thing is found elsewhere.

The shapes in which links stand in KBV JSON-LD, and what each is worth, are told in ``read_claims``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from loader.link.entities.record_background import read_background
from loader.link.entities.titles import list_agents, read_main_titles, read_whole_titles
from loader.link.identifiers import identifiers, normalisation
from loader.link.identifiers.identifiers import Identifier
from loader.link.names.backgrounds import NOTHING, Background
from loader.link.names.lifespans import Life, read_description, read_life_span, read_xsd_year
from loader.transform.jsonld_nodes import nodes, text, texts

AGENTS = {
    "Person": "person",
    "Organization": "organization",
    "Jurisdiction": "organization",
    "Meeting": "meeting",
    "Family": "family",
}
_TERMS = {
    "Topic": "topic",
    "ComplexSubject": "topic",
    "Temporal": "topic",
    "GenreForm": "genre",
    "Geographic": "place",
    "Place": "place",
}
KINDS = AGENTS | _TERMS
EDITIONS = frozenset({"isbn", "issn", "oclc"})
"""Kinds of identifiers of instances; only an instance that has one is looked for."""
_WORKS = frozenset(
    ("Work", "Text", "Monograph", "Serial", "Music", "NotatedMusic", "Audio", "MovingImage")
    + ("StillImage", "Image", "Cartography", "Multimedia", "Collection", "Integrating")
)
_KNOWN_HOSTS = ("viaf.org", "id.loc.gov", "isni.org", "wikidata.org")
_WITHIN = ("isPartOf", "broader", "country", "place", "hierarchicalPlace", "nationality")
# A term's address ends in the term: https://id.kb.se/term/sao/Bildkonst
_TERM = re.compile(r"https://id\.kb\.se/term/\w+/([^/]+)$")
# What a record calls close is not the same to it.
_NOT_SAME = ("differentFrom", "seeAlso", "closeMatch")
_DOCUMENT_SHAPES = ("seeAlso", "describedBy", "relatedTo")


@dataclass(frozen=True, slots=True)
class Claim:
    """A link that a record holds.

    identifier: None if ``text`` can't be read as one.
    shape: ``exactMatch``, ``identifiedBy``, ``sameAs``, ``recordControlNumber``, ``uri``, or
    ``document`` for an address in a document that the thing is merely said to be described in.
    """

    identifier: Identifier | None
    shape: str
    text: str


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing that a record describes.

    names: the preferred one first, natural order and as filed. others: names and IRIs of what it
    is to be told from. within: names of what it is part of, lies in, or is qualified by.
    authors: addresses of agents that contribute to a work. background: of a person.
    """

    iri: str
    kind: str
    names: tuple[str, ...] = ()
    life: Life = field(default_factory=Life)
    claims: tuple[Claim, ...] = ()
    others: tuple[str, ...] = ()
    within: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    background: Background = NOTHING


def read_entity(thing: dict[str, Any]) -> Entity | None:
    """Return what a record's main entity is called; None for a class that isn't linked."""
    kind = next(
        (KINDS[class_name] for class_name in texts(thing.get("@type")) if class_name in KINDS), None
    )
    iri = thing.get("@id")
    if not isinstance(iri, str):
        return None
    if kind is None:
        return _read_instance(iri, thing) if "instanceOf" in thing else _read_work(iri, thing)
    variants = nodes(thing.get("hasVariant"))
    names = [name for node in (thing, *variants) for name in read_names(node)]
    others = [*_read_others(thing)]
    return Entity(
        iri,
        kind,
        tuple(dict.fromkeys(names)),
        _read_life(thing, variants),
        tuple(read_claims(thing)),
        tuple(others),
        tuple(_read_within(thing)) if kind != "person" else (),
        background=read_background(thing) if kind == "person" else NOTHING,
    )


def _read_instance(iri: str, thing: dict[str, Any]) -> Entity | None:
    """Return an instance by its identifiers; None without any, as nothing else tells editions."""
    claims = [claim for claim in read_claims(thing) if claim.identifier is not None]
    if not any(claim.identifier and claim.identifier.kind in EDITIONS for claim in claims):
        return None
    return Entity(iri, "instance", tuple(read_main_titles(thing)), claims=tuple(claims))


def _read_work(iri: str, thing: dict[str, Any]) -> Entity | None:
    if _WORKS.isdisjoint(texts(thing.get("@type"))):
        return None
    titled = (thing, *nodes(thing.get("hasVariant")))
    return Entity(
        iri,
        "work",
        tuple(dict.fromkeys(title for node in titled for title in read_whole_titles(node))),
        Life(read_xsd_year(text(thing, "originDate"))),
        tuple(read_claims(thing)),
        authors=tuple(dict.fromkeys(list_agents(thing))),
    )


def _read_within(thing: dict[str, Any]) -> Iterator[str]:
    """Yield what an organization or place is part of, by name, as far as the record has names."""
    for link in _WITHIN:
        for node in nodes(thing.get(link)):
            yield from read_names(node)
            if found := _TERM.match(str(node.get("@id", ""))):
                yield unquote(found[1])
    yield from texts(thing.get("qualifier"))
    if texts(thing.get("marc:subordinateUnit")):
        yield text(thing, "name")


def read_names(node: dict[str, Any]) -> Iterator[str]:
    """Yield a node's name in natural order, and as it is filed if that differs."""
    family, given = text(node, "familyName"), text(node, "givenName")
    name = text(node, "name") or text(node, "prefLabel") or text(node, "label")
    numeration = text(node, "marc:numeration")
    units = texts(node.get("marc:subordinateUnit"))
    if family and given:
        yield f"{given} {family}"
    elif name and units:
        yield units[-1]
        yield " ".join((name, *units))
    elif name or family or given:
        yield f"{name or family or given} {numeration}".strip()
    by_language = node.get("prefLabelByLang")
    if isinstance(by_language, dict):
        yield from (label for label in by_language.values() if isinstance(label, str))
    if fuller := text(node, "fullerFormOfName"):
        yield f"{fuller.strip('()')} {family}".strip()


def _read_life(thing: dict[str, Any], variants: Iterable[dict[str, Any]]) -> Life:
    """Return a thing's years; those of a variant, or in a description, if it has none itself."""
    span = read_life_span(text(thing, "lifeSpan"))
    born = text(thing, "birthYear") or text(thing, "birthDate")
    died = text(thing, "deathYear") or text(thing, "deathDate")
    own = Life(span.birth or read_xsd_year(born), span.death or read_xsd_year(died))
    others = [read_life_span(text(variant, "lifeSpan")) for variant in variants]
    others += map(read_description, texts(thing.get("description")))
    return next((life for life in (own, *others) if life != Life()), own)


def _read_others(thing: dict[str, Any]) -> Iterator[str]:
    """Yield who else this is not: a person's ``seeAlso`` to a person is a pseudonym or the like."""
    for node in nodes(thing.get("seeAlso")):
        if any(class_name in AGENTS for class_name in texts(node.get("@type"))):
            yield from read_names(node)
    for node in (node for link in _NOT_SAME for node in nodes(thing.get(link))):
        iri = node.get("@id")
        if isinstance(iri, str) and iri.startswith(
            ("https://libris.kb.se/", "http://www.wikidata")
        ):
            yield iri


def read_claims(thing: dict[str, Any]) -> Iterator[Claim]:
    """Yield the links to identities that a thing holds, in whatever shape.

    Not among them: ``closeMatch`` and ``broadMatch``, which say less than identity.
    """
    for node in nodes(thing.get("exactMatch")):
        yield from _read_address(node.get("@id"), "exactMatch")
    for node in nodes(thing.get("identifiedBy")):
        yield from _read_identifier(node)
    for node in nodes(thing.get("sameAs")):
        yield from _read_address(node.get("@id"), "sameAs")
    for number in texts(thing.get("marc:recordControlNumber")):
        yield Claim(identifiers.lc(number), "recordControlNumber", number)
    for address in texts(thing.get("marc:uri")):
        yield from _read_address(address, "uri")
    for shape in _DOCUMENT_SHAPES:
        for node in nodes(thing.get(shape)):
            for address in texts(node.get("uri")):
                yield from _read_address(address, "document")


def _read_address(text: object, shape: str) -> Iterator[Claim]:
    if isinstance(text, str):
        found = normalisation.read_address(text)
        if found is not None or any(
            host in text for host in ("viaf.org", "id.loc.gov", "isni.org")
        ):
            yield Claim(found, shape, text)


def _read_identifier(node: dict[str, Any]) -> Iterator[Claim]:
    if any(value.startswith("(OCoLC)") for value in texts(node.get("value"))):
        for value in texts(node.get("value")):
            yield Claim(identifiers.oclc(value), "identifiedBy", value)
        return
    for kind in [*texts(node.get("@type")), *texts(node.get("typeNote"))]:
        if normalisation.is_known_type(kind):
            for value in texts(node.get("value")):
                yield Claim(normalisation.read_typed(kind, value), "identifiedBy", value)
