"""Generated titles: an Instance, its Work inside it, and the Record."""

from __future__ import annotations

import random
from typing import Any

import words
from authorities import (
    Scale,
    agent_iri,
    agent_name,
    genre_iri,
    person_name,
    term_iri,
    term_label,
)
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
    detail = min(8.0, rng.lognormvariate(0.3, 0.75))
    digital = rng.random() < 0.09
    instance = thing_node("bib", number, "DigitalResource" if digital else "PhysicalResource")
    agents = _agents(rng, scale, detail)
    instance |= _carrier(rng, digital, number) | _statements(rng, index, agents)
    instance["publication"] = [_publication(rng, agents[0])]
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
            "production": _reproductions(rng),
        }
    return {
        "category": [id_kb("term/saobf/Print"), id_kb("term/rda/Volume")],
        "extent": [labelled("Extent", f"{rng.randint(16, 900)} s.")],
        "hasDimensions": labelled("Dimensions", f"{rng.randint(15, 32)} cm"),
    }


def _reproductions(rng: random.Random) -> list[Node]:
    """Return how a printed title became digital; others have never been printed."""
    if rng.random() < 0.5:
        return []
    by = labelled("Agent", rng.choice(words.PLACES) + "s universitetsbibliotek")
    return [blank("Reproduction", year=str(rng.randint(1990, 2024)), agent=by)]


def _agents(rng: random.Random, scale: Scale, detail: float) -> list[int]:
    """Return the title's agents by index; below zero stands a person without a record."""
    count = 1 + several(rng, 1.1 * detail, 15)
    indexes = dict.fromkeys(zipf(rng, scale.agents, 0.8) for _ in range(count))
    return [~rng.randrange(10**6) if rng.random() < 0.15 else index for index in indexes]


def _agent(index: int) -> Node:
    return link(agent_iri(index)) if index >= 0 else person_name(~index)


def _as_printed(index: int) -> str:
    name = agent_name(index) if index >= 0 else person_name(~index)
    return str(name.get("name") or f"{name['givenName']} {name['familyName']}")


def _statements(rng: random.Random, index: int, agents: list[int]) -> dict[str, Any]:
    """Return what stands on the title page."""
    title = blank("Title", mainTitle=main_title(index))
    if rng.random() < 0.45:
        title["subtitle"] = sentence(rng, 2, 9)
    statements: dict[str, Any] = {
        "hasTitle": [title],
        "responsibilityStatement": ", ".join(_as_printed(agent) for agent in agents[:4]),
    }
    if rng.random() < 0.75:
        statements["identifiedBy"] = [blank("ISBN", value=isbn(index * 13 % 10**7))]
    if rng.random() < 0.25:
        statements["editionStatement"] = f"{rng.randint(2, 12)}. uppl."
    return statements


def main_title(index: int) -> str:
    """Return a title; different for each index."""
    noun, rest = words.NOUNS[index % len(words.NOUNS)], index // len(words.NOUNS)
    quality, part = rest % len(words.ADJECTIVES), rest // len(words.ADJECTIVES)
    title = f"{words.ADJECTIVES[quality].capitalize()} {noun}"
    return f"{title} {part + 1}" if part else title


def _publication(rng: random.Random, author: int) -> Node:
    publisher = rng.choice(words.PUBLISHERS), rng.choice(words.IMPRINTS)
    itself = rng.random() < 0.02
    return blank(
        "PrimaryPublication",
        year=str(2025 - int(rng.expovariate(1 / 25)) % 500),
        agent=_agent(author) if itself else labelled("Agent", " ".join(publisher)),
        place=[labelled("Place", rng.choice(words.PLACES))],
        country=id_kb(f"country/{_COUNTRIES[zipf(rng, len(_COUNTRIES), 0.9)]}"),
    )


def _details(rng: random.Random, detail: float) -> dict[str, Any]:
    """Return what a record catalogued in detail has more of."""
    series = range(several(rng, 0.4 * detail, 4))
    details: dict[str, Any] = {
        "hasNote": _notes(rng, 0.9 * detail),
        "seriesMembership": [_membership(rng) for _ in series],
    }
    if rng.random() < 0.3:
        details["summary"] = [labelled("Summary", sentence(rng, 10, 60))]
    if rng.random() < 0.25:
        parts = [labelled("TableOfContents", sentence(rng, 2, 8)) for _ in range(int(6 * detail))]
        details["tableOfContents"] = [blank("TableOfContents", hasPart=parts)]
    if rng.random() < 0.3:
        printer = blank("Manufacture", agent=labelled("Agent", rng.choice(words.FAMILY) + "s"))
        details["manufacture"] = [printer | {"place": [labelled("Place", "Borås")]}]
    if rng.random() < 0.15:
        other = blank("Title", mainTitle=sentence(rng, 2, 5))
        details["otherPhysicalFormat"] = [blank("Instance", hasTitle=[other])]
    return details


def _notes(rng: random.Random, mean: float) -> list[Node]:
    return [labelled("Note", sentence(rng, 3, 15)) for _ in range(several(rng, mean, 12))]


def _membership(rng: random.Random) -> Node:
    series = zipf(rng, 2000, 0.7)
    title = f"{pick(words.PUBLISHERS, series)} serie om {pick(words.FIELDS, series // 24)}"
    work = blank("Work", hasTitle=[blank("Title", mainTitle=title)])
    identified = [blank("ISSN", value=issn(1_000_000 + series))]
    instance = blank("Instance", instanceOf=work, identifiedBy=identified)
    return blank("SeriesMembership", inSeries=instance, seriesEnumeration=str(rng.randint(1, 300)))


def _work(rng: random.Random, scale: Scale, detail: float, agents: list[int]) -> Node:
    language = _LANGUAGES[zipf(rng, len(_LANGUAGES), 0.95)]
    work = blank(
        rng.choice(_WORK_TYPES),
        category=[id_kb("term/rda/Text"), *_genres(rng, scale)],
        language=[id_kb(f"language/{language}")],
        contribution=[_contribution(rng, place, agent) for place, agent in enumerate(agents)],
        classification=[_classification(rng) for _ in range(1 + several(rng, 0.7 * detail, 6))],
        subject=_subjects(rng, scale, detail),
    )
    if rng.random() < 0.25:
        original = blank("Work", hasTitle=[blank("Title", mainTitle=sentence(rng, 2, 5))])
        source = "eng" if rng.random() < 0.6 else _LANGUAGES[zipf(rng, len(_LANGUAGES), 0.95)]
        work["translationOf"] = [original | {"language": [id_kb(f"language/{source}")]}]
    if rng.random() < 0.2:
        work["intendedAudience"] = [id_kb("marc/Juvenile")]
    if rng.random() < 0.3:
        work["hasNote"] = _notes(rng, detail)
    return work


def _genres(rng: random.Random, scale: Scale) -> list[Node]:
    found = [id_kb(f"term/ktg/{rng.choice(_FORMS)}")]
    if rng.random() < 0.6:
        found.append(link(genre_iri(zipf(rng, scale.genres, 0.9))))
    return found


def _contribution(rng: random.Random, place: int, agent: int) -> Node:
    role = _ROLES[0] if place == 0 else rng.choice(_ROLES)
    type_ = "PrimaryContribution" if place == 0 else "Contribution"
    return blank(type_, agent=_agent(agent), role=[id_kb(f"relator/{role}")])


def _classification(rng: random.Random) -> Node:
    if rng.random() < 0.4:
        code = f"{rng.randrange(1000):03d}.{rng.randrange(100)}"
        return blank("ClassificationDdc", code=code, edition="full", editionEnumeration="23/swe")
    version = str(rng.randint(5, 8))
    scheme = blank("ConceptScheme", code="kssb", version=version)
    scheme["sameAs"] = [id_kb(f"term/kssb%2F{version}/")]
    code = "".join(rng.choices("abcdefgh", k=rng.randint(1, 4))).capitalize()
    return blank("Classification", code=code, inScheme=scheme)


def _subjects(rng: random.Random, scale: Scale, detail: float) -> list[Node]:
    terms = [zipf(rng, scale.terms, 0.95) for _ in range(several(rng, 2 * detail, 25))]
    subjects = [link(term_iri(term)) for term in dict.fromkeys(terms)]
    subjects += [_complex_subject(rng, scale) for _ in range(several(rng, 0.7 * detail, 8))]
    if rng.random() < 0.2:
        headings = {zipf(rng, scale.headings, 0.6) for _ in range(rng.randint(1, 3))}
        subjects += [
            outside_label(english_heading(heading), heading) for heading in sorted(headings)
        ]
    if rng.random() < 0.15:
        subjects.append(_agent(zipf(rng, scale.agents, 0.8)))
    return subjects


def _complex_subject(rng: random.Random, scale: Scale) -> Node:
    term, place = zipf(rng, scale.terms, 0.95), rng.choice(words.PLACES)
    century = f"{rng.randint(14, 20)}00-talet"
    return blank(
        "ComplexSubject",
        inScheme=id_kb("term/sao"),
        prefLabel="--".join((term_label(term), place, century)),
        termComponentList=[
            link(term_iri(term)),
            blank("GeographicSubdivision", prefLabel=place),
            blank("TemporalSubdivision", prefLabel=century),
        ],
    )
