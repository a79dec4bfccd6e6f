"""Reader of the Library of Congress' authorities: SKOS and MADS/RDF, in N-Triples or JSON-LD.

https://www.loc.gov/standards/mads/rdf/ and https://www.w3.org/TR/skos-reference/; also pairs of a
label and a concept's address, one to a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from loader.link.extracts.authority_facts import Fact, dump_years, state_identifier
from loader.link.extracts.ntriples import parse_statement
from loader.link.identifiers import identifiers, normalisation
from loader.link.identifiers.identifiers import Identifier
from loader.link.names.keys import make_label_key
from loader.link.names.lifespans import read_life_span, read_xsd_year
from loader.transform.jsonld_nodes import nodes, texts

SOURCE = "lc"
_TYPES = {
    "PersonalName": "person",
    "CorporateName": "organization",
    "FamilyName": "family",
    "ConferenceName": "meeting",
    "Topic": "topic",
    "ComplexSubject": "topic",
    "GenreForm": "genre",
    "Geographic": "place",
    "DeprecatedAuthority": "deprecated",
}
_PREFERRED = ("prefLabel", "authoritativeLabel")
_VARIANTS = ("altLabel", "variantLabel")
_SAME = ("exactMatch", "hasExactExternalAuthority", "identifiesRWO")
_DATES = {"birthDate": "birth", "deathDate": "death"}
_YEARS = re.compile(r",\s*([^,]*\d{3,4}[^,]*)$")


def local_name(iri: str) -> str:
    """Return the last part of a property's IRI or prefixed name.

    >>> local_name("http://www.loc.gov/mads/rdf/v1#birthDate"), local_name("skos:prefLabel")
    ('birthDate', 'prefLabel')
    """
    return re.split(r"[#/:]", iri)[-1]


def is_term(kind: str) -> bool:
    """Tell whether identifiers of this kind name controlled terms, found by label."""
    return kind in ("subjects", "genreForms", "childrensSubjects", "demographicTerms")


def find_authority(iri: str) -> Identifier | None:
    """Return what an IRI of LC names, if it is an authority itself and not its real-world twin."""
    found = normalisation.read_address(iri)
    is_one = found is not None and (found.kind == "lcnames" or is_term(found.kind))
    return found if is_one and found and not found.real_world else None


def read_label_facts(named: Identifier, label: str, preferred: bool) -> list[Fact]:
    """Return that an authority is called so: terms by key, names also by their years."""
    if is_term(named.kind):
        key = make_label_key(label)
        return [Fact(named.iri, SOURCE, "heading" if preferred else "variant", key)] if key else []
    found = _YEARS.search(label)
    name = label[: found.start()] if found else label
    facts = [Fact(named.iri, SOURCE, "label" if preferred else "alias", name)] if name else []
    if found and preferred:
        life = read_life_span(found[1])
        both = (("birth", life.birth), ("death", life.death))
        facts += [Fact(named.iri, SOURCE, by, dump_years(years)) for by, years in both if years]
    return facts


def read_statement_facts(lines: Sequence[bytes]) -> list[Fact]:
    """Return what neighbouring lines of N-Triples say of authorities.

    Variants of MADS stand in blank nodes. Raises ValueError for a line that is no statement.
    """
    triples = [triple for line in lines if (triple := parse_statement(line)) is not None]
    owners = {
        triple.iri: find_authority(triple.subject)
        for triple in triples
        if triple.iri.startswith("_:")
    }
    facts: list[Fact] = []
    for triple in triples:
        name = local_name(triple.predicate)
        is_blank = triple.subject.startswith("_:")
        named = owners.get(triple.subject) if is_blank else find_authority(triple.subject)
        if named and (not is_blank or name in _VARIANTS):
            facts += _property(named, name, triple.iri, triple.text)
    return facts


def _property(named: Identifier, name: str, iri: str, text: str) -> list[Fact]:
    if name in _PREFERRED or name in _VARIANTS:
        return read_label_facts(named, text, name in _PREFERRED)
    if name == "type":
        kind = _TYPES.get(local_name(iri))
        if kind == "deprecated":
            return [Fact(named.iri, SOURCE, "deprecated", "yes")]
        return [Fact(named.iri, SOURCE, "type", kind)] if kind else []
    if name in _SAME:
        other = normalisation.read_address(iri)
        is_same = other is not None and other != named
        return state_identifier(named.iri, SOURCE, "LC", other) if is_same else []
    if name in _DATES:
        years = read_xsd_year(text) or read_life_span(text).birth
        return [Fact(named.iri, SOURCE, _DATES[name], dump_years(years))] if years else []
    return []


def read_document_facts(line: bytes) -> list[Fact]:
    """Return what a line of JSON-LD says, an authority with its variants to a line.

    Raises ValueError for a line that isn't JSON.
    """
    text = line.strip().rstrip(b",")
    if text in (b"", b"[", b"]"):
        return []
    found = orjson.loads(text)
    graph = nodes(found.get("@graph") or found) if isinstance(found, dict) else nodes(found)
    by_id = {str(node.get("@id")): node for node in graph}
    return [fact for node in graph for fact in _node_facts(node, by_id)]


def _node_facts(node: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> Iterator[Fact]:
    named = find_authority(str(node.get("@id", "")))
    if named is None:
        return
    for kind in texts(node.get("@type")):
        yield from _property(named, "type", kind, "")
    for key, value in node.items():
        name = local_name(key)
        for literal in _literals(value):
            yield from _property(named, name, "", literal)
        for other in nodes(value):
            yield from _property(named, name, str(other.get("@id", "")), "")
            if name == "hasVariant":
                yield from _variants(named, by_id.get(str(other.get("@id")), other))


def _variants(named: Identifier, node: dict[str, Any]) -> Iterator[Fact]:
    for key, value in node.items():
        if local_name(key) in _VARIANTS:
            for literal in _literals(value):
                yield from read_label_facts(named, literal, False)


def _literals(value: object) -> list[str]:
    return texts(value) + [node["@value"] for node in nodes(value) if "@value" in node]


def read_pair_facts(line: bytes) -> list[Fact]:
    """Return what a line with a label, a tab and a concept's address says; ValueError if not."""
    label, tab, iri = line.decode().strip("\r\n").partition("\t")
    named = find_authority(iri.strip()) or identifiers.lc(iri)
    if not tab or named is None:
        raise ValueError(f"no label and address: {line[:200]!r}")
    return read_label_facts(named, label, True)
