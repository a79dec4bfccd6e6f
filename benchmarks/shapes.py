"""What generated records have in common: links, the Record node, outside label nodes, chance.

The shape is that of Libris after the type normalisation of March 2026.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import words
from identifiers import record_identifier

Node = dict[str, Any]

LIBRARIES = ("S", "Li", "L", "H", "G", "U", "Um", "NB", "Q", "Z", "SHB", "Mtm", "ARJ", "LGEN", "X")
_LABELS = "http://id.loc.gov/authorities/label/"


def link(iri: str) -> Node:
    """Return a bare link."""
    return {"@id": iri}


def id_kb(path: str) -> Node:
    """Return a link to what stands at this path of id.kb.se."""
    return {"@id": f"https://id.kb.se/{path}"}


def library(rng: random.Random) -> Node:
    """Return a link to a library; the first ones come most often."""
    return link(f"https://libris.kb.se/library/{LIBRARIES[zipf(rng, len(LIBRARIES), 0.8)]}")


def blank(type_: str, **properties: Any) -> Node:
    """Return a node without an IRI."""
    return {"@type": type_, **properties}


def labelled(type_: str, label: str) -> Node:
    """Return a node that is known by its label only."""
    return {"@type": type_, "label": [label]}


def zipf(rng: random.Random, size: int, exponent: float) -> int:
    """Return an index below size; the chance of index i falls as ``1 / (i + 1) ** exponent``.

    exponent: below 1.
    """
    power = 1 - exponent
    reach = (size + 1) ** power - 1
    return min(size - 1, int((1 + rng.random() * reach) ** (1 / power)) - 1)


def several(rng: random.Random, mean: float, most: int) -> int:
    """Return how many there are of something: geometric, so that few records have many."""
    count = 0
    while count < most and rng.random() < mean / (1 + mean):
        count += 1
    return count


def sentence(rng: random.Random, shortest: int, longest: int) -> str:
    """Return prose of so many words."""
    return " ".join(rng.choices(words.PROSE, k=rng.randint(shortest, longest))).capitalize()


def moment(rng: random.Random, first_year: int, last_year: int) -> str:
    """Return a time with the offset that Sweden had then, as Libris writes it."""
    year, month, day = rng.randint(first_year, last_year), rng.randint(1, 12), rng.randint(1, 28)
    clock = f"{rng.randrange(24):02d}:{rng.randrange(60):02d}:{rng.randrange(60):02d}"
    return f"{year}-{month:02d}-{day:02d}T{clock}+{'02' if 4 <= month <= 10 else '01'}:00"


def outside_label(label: str, number: int) -> Node:
    """Return the description of a Library of Congress heading, as records carry it embedded."""
    return {
        "@id": _LABELS + quote(label),
        "@type": "Topic",
        "inScheme": id_kb("term/lcsh"),
        "prefLabel": label,
        "marc:recordControlNumber": [f"(DLC)sh {85_000_000 + number}"],
    }


def english_heading(index: int) -> str:
    """Return a heading; different for each index."""
    topics = words.TOPICS_IN_ENGLISH
    topic, rest = topics[index % len(topics)], index // len(topics)
    if rest == 0:
        return topic
    place, century = words.PLACES[rest % len(words.PLACES)], rest // len(words.PLACES)
    return f"{topic}--{place}--{century}" if century else f"{topic}--{place}"


def record_iri(collection: str, number: int) -> str:
    """Return a record's IRI."""
    return f"https://libris.kb.se/{record_identifier(collection, number)}"


def record_node(rng: random.Random, collection: str, number: int, thing: str = "") -> Node:
    """Return the Record, with what records of all collections say.

    thing: the IRI of the main entity; ``#it`` of the record when empty.
    """
    iri = record_iri(collection, number)
    return {
        "@id": iri,
        "@type": "Record",
        "sameAs": [link(f"http://libris.kb.se/{collection}/{number}")],
        "created": moment(rng, 1989, 2012),
        "modified": moment(rng, 2013, 2025),
        "mainEntity": link(thing or f"{iri}#it"),
        "recordStatus": rng.choice(("marc:CorrectedOrRevised", "marc:New")),
        "controlNumber": str(number),
        "descriptionCreator": library(rng),
        "generationDate": moment(rng, 2026, 2026),
        "generationProcess": link("https://libris.kb.se/sys/globalchanges/typenormalization"),
    }


def thing_node(collection: str, number: int, types: str, thing: str = "") -> Node:
    """Return the main entity, with what all of them say."""
    return {
        "@id": thing or f"{record_iri(collection, number)}#it",
        "@type": types,
        "sameAs": [link(f"http://libris.kb.se/resource/{collection}/{number}")],
    }


def document(record: Node, thing: Node) -> Node:
    """Return one line of the file."""
    return {"@graph": [record, thing], "@context": "/context.jsonld"}


def pick(sequence: Sequence[str], index: int) -> str:
    """Return an element for any index, neighbours being far apart."""
    return sequence[index * 7919 % len(sequence)]
