"""Headings of the Library of Congress as Libris records use them: by address, number or label.

An address ``http://id.loc.gov/authorities/label/…`` is that of a text, not of a concept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from loader.link.identifiers import identifiers, normalisation
from loader.link.identifiers.identifiers import Identifier
from loader.link.names.keys import make_label_key
from loader.transform.jsonld_nodes import nodes, text, texts

VOCABULARIES = {
    "https://id.kb.se/term/lcsh": "subjects",
    "https://id.kb.se/term/lcgft": "genreForms",
    "https://id.kb.se/term/lcshac": "childrensSubjects",
    "https://id.kb.se/term/lcsh/childrens": "childrensSubjects",
}
_CODES = {"lcsh": "subjects", "lcgft": "genreForms", "lcshac": "childrensSubjects"}


@dataclass(frozen=True, slots=True)
class Heading:
    """A controlled term of the Library of Congress, as a record uses it.

    subject: what is said to match it: the thing, or the address of the label itself.
    vocabulary: ``subjects``, ``genreForms``, ``childrensSubjects``. number: IRI of the concept,
    from a control number, or empty. text: as it was written.
    """

    subject: str
    vocabulary: str
    key: str
    number: str
    text: str


def read_headings(subject: str, node: dict[str, Any]) -> Iterator[Heading]:
    """Yield the terms of LC that a thing is said to match closely, with or without an address."""
    for match in nodes(node.get("closeMatch")):
        yield from read_heading(subject, match)


def read_heading(subject: str, node: dict[str, Any]) -> Iterator[Heading]:
    """Yield what a node says as a heading, if it is one of LC's."""
    iri = node.get("@id")
    address = normalisation.read_address(iri) if isinstance(iri, str) else None
    vocabulary = _vocabulary(node, iri if isinstance(iri, str) else "", address)
    if vocabulary is None:
        return
    numbers = [identifiers.lc(number) for number in texts(node.get("marc:recordControlNumber"))]
    number = next(
        (identifier.iri for identifier in numbers if identifier and identifier.kind == vocabulary),
        "",
    )
    if address and address.kind == vocabulary:
        number = number or address.iri
    label = text(node, "prefLabel")
    if address and address.kind == "label" and isinstance(iri, str):
        # Of a compound heading, the node's own label may be the first part only.
        label = normalisation.decode_label(iri)
    if label or number:
        yield Heading(subject, vocabulary, make_label_key(label), number, label)


def _vocabulary(node: dict[str, Any], iri: str, found: Identifier | None) -> str | None:
    for scheme in nodes(node.get("inScheme")):
        if (known := VOCABULARIES.get(str(scheme.get("@id")))) is not None:
            return known
    for collection in nodes(node.get("inCollection")):
        if (known := _CODES.get(text(collection, "code"))) is not None:
            return known
    if found is None or "id.loc.gov" not in found.iri:
        return None
    if found.kind == "label":
        is_genre = "GenreForm" in texts(node.get("@type"))
        is_for_children = "childrensSubjects" in iri
        return "genreForms" if is_genre else "childrensSubjects" if is_for_children else "subjects"
    return found.kind if found.kind in _CODES.values() else None


def find_label_nodes(node: object) -> Iterator[dict[str, Any]]:
    """Yield the nodes anywhere below this one that are named by the address of a label of LC."""
    if isinstance(node, dict):
        iri = node.get("@id")
        if isinstance(iri, str) and "id.loc.gov/authorities/" in iri and "/label/" in iri:
            yield node
        for value in node.values():
            yield from find_label_nodes(value)
    elif isinstance(node, list):
        for value in node:
            yield from find_label_nodes(value)
