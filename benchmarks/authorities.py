"""Generated authority records: persons, organizations, subjects, places and genres.

What other records need to know of one (its IRI, its name) follows from its index alone, so that
nothing has to be kept in memory.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from urllib.parse import quote

import words
from shapes import (
    Node,
    blank,
    document,
    english_heading,
    id_kb,
    labelled,
    link,
    moment,
    outside_label,
    pick,
    record_iri,
    record_node,
    sentence,
    several,
    thing_node,
    zipf,
)

_FIRST_AGENT = 100_000
_FIRST_TERM = 5_000_000
_GENRE = 8  # one term in so many is a genre


@dataclass(frozen=True, slots=True)
class Scale:
    """How many of each there are.

    agents: persons and organizations with a record of their own.
    terms: subjects, places and genres with one.
    headings: Library of Congress headings that records carry embedded.
    """

    titles: int
    agents: int
    terms: int
    headings: int

    @property
    def genres(self) -> int:
        """How many of the terms are genres."""
        return self.terms // _GENRE


def scale(titles: int) -> Scale:
    """Return how many authorities so many titles come with."""
    return Scale(titles, titles * 3 // 10 + 20, titles // 15 + 20, titles // 40 + 20)


def agent_iri(index: int) -> str:
    """Return the IRI of an agent."""
    return f"{record_iri('auth', _FIRST_AGENT + 3 * index)}#it"


def agent_name(index: int) -> Node:
    """Return type and name of an agent; every twelfth is an organization."""
    if index % 12 == 11:
        field, place = pick(words.FIELDS, index), pick(words.PLACES, index // 40)
        return blank("Organization", name=f"Institutet för {field} i {place}")
    return person_name(index * 37)


def person_name(number: int) -> Node:
    """Return type, name and years of a person, for any number."""
    born = 1820 + number % 171
    died = born + 40 + number % 55
    return blank(
        "Person",
        familyName=pick(words.FAMILY, number // len(words.GIVEN)),
        givenName=pick(words.GIVEN, number),
        lifeSpan=f"{born}-{died if died < 2024 else ''}",
    )


def agent_record(rng: random.Random, index: int) -> Node:
    """Return the record of an agent."""
    number = _FIRST_AGENT + 3 * index
    record = _authority(rng, record_node(rng, "auth", number))
    name = agent_name(index)
    thing = thing_node("auth", number, name["@type"]) | name
    thing["nationality"] = [id_kb(f"nationality/e-{rng.choice(('sw', 'fi', 'no', 'dk'))}---")]
    if rng.random() < 0.6:
        code = f"{rng.randrange(800, 900)}.{rng.randrange(100)}"
        thing["closeMatch"] = [blank("ClassificationDdc", code=code, edition="23/swe")]
    if rng.random() < 0.4:
        thing["identifiedBy"] = [blank("ISNI", value=f"{121_000_000 + index * 97:016d}")]
    if rng.random() < 0.5:
        thing["description"] = [sentence(rng, 4, 20)]
    thing["hasVariant"] = [_variant(rng, index) for _ in range(several(rng, 5.5, 40))]
    return document(record, thing)


def _variant(rng: random.Random, index: int) -> Node:
    name = agent_name(index)
    if "name" in name:
        return name | {"name": f"{name['name']} ({pick(words.PLACES, rng.randrange(30))})"}
    return name | {"givenName": f"{name['givenName'][0]}. {rng.choice(words.GIVEN)}"}


def _authority(rng: random.Random, record: Node) -> Node:
    record["descriptionLanguage"] = id_kb("language/swe")
    record["descriptionConventions"] = [id_kb("marc/CatalogingRulesType-c")]
    if rng.random() < 0.4:
        record["identifiedBy"] = [blank("SystemNumber", value=f"(LIBRIS){rng.randrange(10**9)}")]
    record["sourceConsulted"] = [_source(rng) for _ in range(several(rng, 3.2, 12))]
    if rng.random() < 0.3:
        record["cataloguersNote"] = [f"Uppdaterad {moment(rng, 2010, 2020)[:10]}"]
    return record


def _source(rng: random.Random) -> Node:
    source = labelled("SourceData", sentence(rng, 2, 8))
    if rng.random() < 0.5:
        source["citationNote"] = sentence(rng, 2, 6)
    return source


def term_label(index: int) -> str:
    """Return the label of a subject, place or genre; different for each index."""
    field, rest = words.FIELDS[index % len(words.FIELDS)], index // len(words.FIELDS)
    if rest == 0:
        return field.capitalize()
    quality, century = rest % len(words.QUALITIES), rest // len(words.QUALITIES)
    label = f"{words.QUALITIES[quality].capitalize()} {field}"
    return f"{label}--{century}" if century else label


def term_iri(index: int) -> str:
    """Return the IRI of a term, which may be a genre or form."""
    scheme = "saogf" if index % _GENRE == _GENRE - 1 else "sao"
    return f"https://id.kb.se/term/{scheme}/{quote(term_label(index))}"


def genre_iri(number: int) -> str:
    """Return the IRI of the genre of this number among the genres."""
    return term_iri(_GENRE * number + _GENRE - 1)


def term_record(rng: random.Random, index: int, scale: Scale) -> Node:
    """Return the record of a term."""
    number, iri = _FIRST_TERM + 3 * index, term_iri(index)
    record = _authority(rng, record_node(rng, "auth", number, iri))
    thing = thing_node("auth", number, "GenreForm" if "/saogf/" in iri else "Topic", iri)
    thing["inScheme"] = link(iri.rpartition("/")[0])
    thing["prefLabel"] = term_label(index)
    if index >= 8:
        broader = {index // 8 * 8 // 10, zipf(rng, index, 0.5)}
        thing["broader"] = [link(term_iri(heading)) for heading in sorted(broader)]
    thing["closeMatch"] = [blank("ClassificationDdc", code=str(index % 1000), edition="23/swe")]
    if rng.random() < 0.5:
        heading = zipf(rng, scale.headings, 0.6)
        thing["closeMatch"].append(outside_label(english_heading(heading), heading))
    variants = range(several(rng, 5.5, 40))
    thing["hasVariant"] = [blank(thing["@type"], prefLabel=sentence(rng, 1, 2)) for _ in variants]
    if rng.random() < 0.4:
        thing["hasNote"] = [blank("Note", scopeNote=[sentence(rng, 5, 25)])]
    return document(record, thing)
