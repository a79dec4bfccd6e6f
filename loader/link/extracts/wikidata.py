"""Reader of Wikidata's items: JSON dumps, entity data, and truthy N-Triples.

https://doc.wikimedia.org/Wikibase/master/php/docs_topics_json.html and
https://www.mediawiki.org/wiki/Wikibase/Indexing/RDF_Dump_Format
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson

from loader.link.extracts.authority_facts import Dropped, Fact, dump_years, state_identifier
from loader.link.extracts.authority_kinds import is_looked_for
from loader.link.extracts.ntriples import Statement, parse_statement
from loader.link.extracts.wikidata_identifiers import IDENTIFIERS
from loader.link.identifiers import identifiers, normalisation
from loader.link.identifiers.identifiers import Identifier
from loader.link.names.keys import fold
from loader.link.names.lifespans import Years, read_wikidata_time, read_xsd_year

SOURCE = "wikidata"
ENTITY = "http://www.wikidata.org/entity/"
_DIRECT = "http://www.wikidata.org/prop/direct/"
_LANGUAGES = frozenset(
    ("sv", "en", "mul", "da", "nb", "nn", "no", "fi", "is", "fo", "se", "de", "fr", "es")
    + ("it", "nl", "pl", "pt", "et", "lv", "lt", "cs", "hu", "ca", "la", "ru")
)
_BARE = {"P31": "type", "P106": "occupation", "P27": "citizenship"}  # items without the address
_ITEMS = (
    _BARE
    | {"P279": "subclass", "P1889": "different"}
    | dict.fromkeys(("P17", "P131", "P159", "P276", "P361", "P749"), "within")
)
_LISTED = re.compile(r"[;|,]")
_LIVES = {"P569": "birth", "P570": "death", "P571": "birth", "P576": "death", "P577": "birth"}
_SITES = {"svwiki": "sv", "enwiki": "en"}
_NAMES = {
    "http://www.w3.org/2000/01/rdf-schema#label": "label",
    "http://www.w3.org/2004/02/skos/core#prefLabel": "label",
    "http://schema.org/name": "label",
    "http://www.w3.org/2004/02/skos/core#altLabel": "alias",
}


def read_entity_facts(line: bytes) -> list[Fact]:
    """Return what a line of a JSON dump says; nothing for the brackets around the dump.

    Raises ValueError for a line that isn't one item's JSON.
    """
    text = line.strip().rstrip(b",")
    if text in (b"", b"[", b"]"):
        return []
    found = orjson.loads(text)
    if not isinstance(found, dict):
        raise ValueError(f"not an entity: {text[:100]!r}")
    entities = found["entities"].values() if "entities" in found else [found]
    return [fact for entity in entities for fact in read_item_facts(entity)]


def read_item_facts(item: dict[str, Any]) -> list[Fact]:
    """Return what an item says that helps to know it again; nothing of one nobody could mean."""
    named = identifiers.wikidata(str(item.get("id", "")))
    claims = item.get("claims") or {}
    if named is None or not isinstance(claims, dict):
        return []
    ids = list(_identifiers(named.iri, claims))
    about = [*ids, *_life(named.iri, claims), *_items(named.iri, claims)]
    titles = list(_titles(item, claims))
    if ids or any(fact.property == "type" and is_looked_for(fact.value) for fact in about):
        described = _descriptions(named.iri, item, claims)
        names = _names(named.iri, item, claims)
        return [*about, *names, *described, *_pages(named.iri, item), *titles]
    # Of a class with an article, what it is below of tells the kinds of others.
    above = [fact for fact in about if fact.property == "subclass" and item.get("sitelinks")]
    if titles:
        return [*about, *_names(named.iri, item, claims), *titles]
    if not above:
        raise Dropped(named.iri)
    return above


def _identifiers(iri: str, claims: dict[str, Any]) -> Iterator[Fact]:
    for by, read in IDENTIFIERS.items():
        for claim in _best(claims.get(by), every=True):
            value = _value(claim)
            if isinstance(value, str):
                pseudonym = "P742" in (claim.get("qualifiers") or {})
                yield from state_identifier(iri, SOURCE, by, read(value), pseudonym)


def _items(iri: str, claims: dict[str, Any]) -> Iterator[Fact]:
    for by, name in _ITEMS.items():
        for claim in _best(claims.get(by), every=True):
            value = _value(claim)
            if isinstance(value, dict) and isinstance(value.get("id"), str):
                other = value["id"] if by in _BARE else ENTITY + value["id"]
                yield Fact(iri, SOURCE, name, other)


def _life(iri: str, claims: dict[str, Any]) -> Iterator[Fact]:
    for by, name in _LIVES.items():
        found = [_years(claim) for claim in _best(claims.get(by))]
        known = [years for years in found if years is not None]
        if known:
            low, high = min(years.low for years in known), max(years.high for years in known)
            years = Years(low, high, low == high and all(years.exact for years in known))
            yield Fact(iri, SOURCE, name, dump_years(years))


def _years(claim: dict[str, Any]) -> Years | None:
    value = _value(claim)
    if not isinstance(value, dict) or "time" not in value:
        return None
    about = "P1480" in (claim.get("qualifiers") or {})
    return read_wikidata_time(str(value["time"]), int(value.get("precision", 9)), about)


def _names(iri: str, item: dict[str, Any], claims: dict[str, Any]) -> Iterator[Fact]:
    for language, label in (item.get("labels") or {}).items():
        if language in _LANGUAGES:
            yield Fact(iri, SOURCE, "label", label["value"])
    for language, aliases in (item.get("aliases") or {}).items():
        if language in _LANGUAGES:
            yield from (Fact(iri, SOURCE, "alias", alias["value"]) for alias in aliases)
    for claim in _best(claims.get("P742"), every=True):
        if isinstance(value := _value(claim), str):
            yield Fact(iri, SOURCE, "pen name", value)


def _descriptions(iri: str, item: dict[str, Any], claims: dict[str, Any]) -> Iterator[Fact]:
    """Yield what a person is described as, if work or country isn't stated."""
    kinds = {fact.value for fact in _items(iri, claims) if fact.property == "type"}
    if "Q5" in kinds and not {"P27", "P106"} <= claims.keys():
        said = item.get("descriptions") or {}
        known = [said[language]["value"] for language in ("sv", "en") if language in said]
        yield from (Fact(iri, SOURCE, "description", text) for text in known[:1])


def _pages(iri: str, item: dict[str, Any]) -> Iterator[Fact]:
    for site, language in _SITES.items():
        title = (item.get("sitelinks") or {}).get(site, {}).get("title")
        if isinstance(title, str):
            yield from read_page_facts(iri, identifiers.wikipedia(language, title))


def read_page_facts(iri: str, page: Identifier | None) -> list[Fact]:
    """Return that an item has this article, if it is one that is linked to."""
    wanted = ("https://sv.wikipedia.org/", "https://en.wikipedia.org/")
    if page is None or not page.iri.startswith(wanted):
        return []
    return [Fact(iri, SOURCE, "page", page.iri)]


def _titles(item: dict[str, Any], claims: dict[str, Any]) -> Iterator[Fact]:
    """Yield a work's authors (P50) and its titles as facts about these; not of articles."""
    kinds = [_value(claim) for claim in _best(claims.get("P31"), every=True)]
    if any(isinstance(kind, dict) and kind.get("id") == "Q13442814" for kind in kinds):
        return
    authors = [_value(claim) for claim in _best(claims.get("P50"), every=True)]
    titles = {fold(label["value"]) for label in (item.get("labels") or {}).values()}
    for author in authors:
        if isinstance(author, dict) and isinstance(author.get("id"), str):
            subject = ENTITY + author["id"]
            yield Fact(ENTITY + str(item["id"]), SOURCE, "author", subject)
            yield from (Fact(subject, SOURCE, "title", title) for title in sorted(titles) if title)


def _best(claims: object, every: bool = False) -> list[dict[str, Any]]:
    """Return the statements of the best rank, or every one that isn't deprecated."""
    found = claims if isinstance(claims, list) else []
    ranked = [claim for claim in found if claim.get("rank") != "deprecated"]
    preferred = [claim for claim in ranked if claim.get("rank") == "preferred"]
    return ranked if every or not preferred else preferred


def _value(claim: dict[str, Any]) -> object:
    return claim.get("mainsnak", {}).get("datavalue", {}).get("value")


def read_truthy_facts(lines: Sequence[bytes], known: Callable[[str], bool]) -> list[Fact]:
    """Return what neighbouring lines of a truthy dump say of one item.

    known: tells whether an item is wanted in any case.
    Raises ValueError for a line that is no statement.
    """
    triples = [triple for line in lines if (triple := parse_statement(line)) is not None]
    facts = [fact for triple in triples for fact in _statement_facts(triple)]
    if any(fact.identifies or is_looked_for(fact.value) for fact in facts):
        return facts
    kept = [fact for fact in facts if known(fact.subject)]
    if facts and not kept:
        raise Dropped(facts[0].subject)
    return kept


def _statement_facts(triple: Statement) -> list[Fact]:
    if triple.predicate == "http://schema.org/about":
        item = normalisation.read_address(triple.iri)
        return read_page_facts(item.iri, normalisation.read_address(triple.subject)) if item else []
    item = normalisation.read_address(triple.subject)
    if item is None or item.kind != "wikidata" or not triple.subject.startswith(ENTITY):
        return []
    if triple.predicate in _NAMES:
        is_known = triple.language in _LANGUAGES
        return [Fact(item.iri, SOURCE, _NAMES[triple.predicate], triple.text)] if is_known else []
    if triple.predicate == "http://www.w3.org/2002/07/owl#sameAs":
        # The item it was merged into is found by its former name too.
        is_item = triple.iri.startswith(ENTITY)
        return state_identifier(triple.iri, SOURCE, "redirect", item) if is_item else []
    if not triple.predicate.startswith(_DIRECT):
        return []
    return read_property_facts(
        item.iri, triple.predicate.removeprefix(_DIRECT), triple.iri or triple.text
    )


def read_property_facts(iri: str, by: str, value: str) -> list[Fact]:
    """Return what one truthy statement says; value: its object, as in RDF."""
    if by in IDENTIFIERS:
        return state_identifier(iri, SOURCE, by, IDENTIFIERS[by](value))
    if by in _LIVES:
        years = read_xsd_year(value)
        return [Fact(iri, SOURCE, _LIVES[by], dump_years(years))] if years else []
    other = identifiers.wikidata(value.removeprefix(ENTITY))
    if by == "P50" and other:
        return [Fact(iri, SOURCE, "author", other.iri)]
    if by in _ITEMS and other:
        value = other.iri.removeprefix(ENTITY) if by in _BARE else other.iri
        return [Fact(iri, SOURCE, _ITEMS[by], value)]
    if by in ("P27", "P106"):  # in words, as results of queries have it
        parts = [part.strip().removeprefix(ENTITY) for part in _LISTED.split(value)]
        return [Fact(iri, SOURCE, _BARE[by], part) for part in parts if part]
    return [Fact(iri, SOURCE, "pen name", value)] if by == "P742" else []
