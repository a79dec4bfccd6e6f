"""Generated titles: an Instance, its Work inside it, and the Record."""

from __future__ import annotations

import random
from typing import Any

import words
from authorities import Scale, agent_iri, person_name, term_iri
from identifiers import isbn, issn
from shapes import (
    Node,
    blank,
    document,
    english_heading,
    id_kb,
    labelled,
    library,
    link,
    outside_label,
    pick,
    record_iri,
    record_node,
    sentence,
    several,
    thing_node,
    zipf,
)

_FIRST = 1_000_000
_ROLES = "author editor translator illustrator narrator photographer publisher".split()
_LANGUAGES = "swe eng ger fin fre nor dan spa sme smj sma rus ita".split()
_COUNTRIES = "sw xxk gw fi fr no dk xxu".split()
_WORK_TYPES = ("Monograph",) * 9 + ("Serial", "Collection", "Integrating")
_FORMS = ("NovelsAndShortStories", "NonFictionLiterature", "Poetry", "Biography", "Essay", "Thesis")


def title_iri(index: int) -> str:
    """Return the IRI of a title's Instance."""
    return f"{record_iri('bib', _number(index))}#it"


def _number(index: int) -> int:
    return _FIRST + 5 * index


def title_record(rng: random.Random, index: int, scale: Scale) -> Node:
    """Return the record of one title."""
    number = _number(index)
    # One measure for the whole record: catalogued in detail in one place is in detail in all.
    detail = min(6.0, rng.lognormvariate(-0.12, 0.5))
    digital = rng.random() < 0.09
    instance = thing_node("bib", number, "DigitalResource" if digital else "PhysicalResource")
    agents = _agents(rng, scale, detail)
    instance |= _carrier(rng, digital, number) | _statements(rng, index)
    instance["publication"] = [_publication(rng)]
    instance |= _details(rng, detail)
    instance["instanceOf"] = _work(rng, scale, detail, agents)
    return document(_record(rng, number), instance)


def _record(rng: random.Random, number: int) -> Node:
    record = record_node(rng, "bib", number)
    record["encodingLevel"] = rng.choice(("marc:FullLevel", "marc:MinimalLevel"))
    record["marc:catalogingSource"] = id_kb("marc/CooperativeCatalogingProgram")
    record["descriptionConventions"] = [id_kb("marc/Aacr2")]
    record["descriptionLastModifier"] = library(rng)
    if rng.random() < 0.8:
        record["bibliography"] = [library(rng)]
    if rng.random() < 0.55:
        record["identifiedBy"] = [blank("LibrisIIINumber", value=f"99{number:08d}")]
    if rng.random() < 0.2:
        record["technicalNote"] = [labelled("TechnicalNote", sentence(rng, 1, 3))]
    return record


def _carrier(rng: random.Random, digital: bool, number: int) -> dict[str, Any]:
    if digital:
        return {
            "category": [id_kb("term/rda/OnlineResource")],
            "associatedMedia": [blank("MediaObject", uri=[f"https://example.org/resurs/{number}"])],
        }
    return {
        "category": [id_kb("term/saobf/Print"), id_kb("term/rda/Volume")],
        "extent": [labelled("Extent", f"{rng.randint(16, 900)} s.")],
        "hasDimensions": labelled("Dimensions", f"{rng.randint(15, 32)} cm"),
    }


def _agents(rng: random.Random, scale: Scale, detail: float) -> list[Node]:
    """Return the title's agents, most of them links; a stranger is described in place."""
    count = 1 + several(rng, 1.1 * detail, 15)
    indexes = dict.fromkeys(zipf(rng, scale.agents, 0.8) for _ in range(count))
    return [
        person_name(rng.randrange(10**6)) if rng.random() < 0.15 else link(agent_iri(index))
        for index in indexes
    ]


def _statements(rng: random.Random, index: int) -> dict[str, Any]:
    title = blank("Title", mainTitle=main_title(index))
    if rng.random() < 0.4:
        title["subtitle"] = sentence(rng, 2, 6)
    said: dict[str, Any] = {"hasTitle": [title], "responsibilityStatement": sentence(rng, 2, 5)}
    if rng.random() < 0.6:
        said["identifiedBy"] = [blank("ISBN", value=isbn(index))]
    return said


def main_title(index: int) -> str:
    """Return a title; different for each of some hundred thousand."""
    noun, rest = words.NOUNS[index % len(words.NOUNS)], index // len(words.NOUNS)
    quality, part = rest % len(words.ADJECTIVES), rest // len(words.ADJECTIVES)
    title = f"{words.ADJECTIVES[quality].capitalize()} {noun}"
    return f"{title} {part + 1}" if part else title


def _publication(rng: random.Random) -> Node:
    house = (
        f"{words.PUBLISHERS[zipf(rng, len(words.PUBLISHERS), 0.7)]} {rng.choice(words.IMPRINTS)}"
    )
    return blank(
        "PrimaryPublication",
        year=str(2025 - zipf(rng, 150, 0.5)),
        agent=labelled("Agent", house),
        place=[labelled("Place", rng.choice(words.PLACES))],
        country=id_kb(f"country/{pick(_COUNTRIES, zipf(rng, len(_COUNTRIES), 0.9))}"),
    )


def _details(rng: random.Random, detail: float) -> dict[str, Any]:
    notes = [labelled("Note", sentence(rng, 3, 20)) for _ in range(several(rng, detail, 8))]
    said: dict[str, Any] = {"hasNote": notes} if notes else {}
    if rng.random() < 0.2 * detail:
        series = blank(
            "Instance",
            instanceOf=blank("Work", hasTitle=[blank("Title", mainTitle=sentence(rng, 2, 4))]),
        )
        series["identifiedBy"] = [blank("ISSN", value=issn(rng.randrange(10**6)))]
        said["seriesMembership"] = [
            blank("SeriesMembership", inSeries=series, seriesEnumeration=str(rng.randint(1, 90)))
        ]
    return said


def _work(rng: random.Random, scale: Scale, detail: float, agents: list[Node]) -> Node:
    work = blank(rng.choice(_WORK_TYPES))
    work["category"] = [id_kb("term/rda/Text"), id_kb(f"term/ktg/{rng.choice(_FORMS)}")]
    work["language"] = [id_kb(f"language/{_LANGUAGES[zipf(rng, len(_LANGUAGES), 0.9)]}")]
    work["contribution"] = [_contribution(rng, place, agent) for place, agent in enumerate(agents)]
    terms = {zipf(rng, scale.terms, 0.7) for _ in range(several(rng, 1.5 * detail, 10))}
    work["subject"] = [link(term_iri(index)) for index in sorted(terms)]
    if rng.random() < 0.15:
        heading = zipf(rng, scale.headings, 0.6)
        work["subject"].append(outside_label(english_heading(heading), heading))
    codes = range(1 + several(rng, 0.8 * detail, 6))
    work["classification"] = [_classification(rng) for _ in codes]
    if rng.random() < 0.15:
        work["intendedAudience"] = [id_kb("marc/Juvenile")]
    if rng.random() < 0.2:
        original = blank("Work", language=[id_kb(f"language/{rng.choice(_LANGUAGES)}")])
        original["hasTitle"] = [blank("Title", mainTitle=sentence(rng, 2, 5))]
        work["translationOf"] = [original]
    return work


def _contribution(rng: random.Random, place: int, agent: Node) -> Node:
    role = "author" if place == 0 else _ROLES[zipf(rng, len(_ROLES), 0.5)]
    kind = "PrimaryContribution" if place == 0 else "Contribution"
    return blank(kind, agent=agent, role=[id_kb(f"relator/{role}")])


def _classification(rng: random.Random) -> Node:
    if rng.random() < 0.4:
        return blank("ClassificationDdc", code=f"{rng.randint(0, 999):03d}", edition="23/swe")
    scheme = blank("ConceptScheme", code="kssb", version="8")
    return blank("Classification", code=rng.choice("ABCDEFGHIJKLMNOPQRSTUV"), inScheme=scheme)
