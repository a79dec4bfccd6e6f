"""Concepts of the Library of Congress for headings: found by control number, else by label.

A label that more than one concept goes by is a doubt; a compound heading with no record of its
own is left as it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from loader.link.extracts.link_database import Tables
from loader.link.headings.headings import Heading
from loader.link.joining.decisions import CLOSE, Doubt, Link, Step

BY_NUMBER, BY_LABEL, BY_VARIANT = 0.999, 0.995, 0.98

_BASE = "http://id.loc.gov/authorities/"
_LABEL = """
SELECT DISTINCT authority.iri, preferred FROM label JOIN authority ON authority.id = authority
  WHERE key = ? AND NOT EXISTS (SELECT 1 FROM said
    WHERE said.authority = label.authority AND property = 'deprecated')
"""


def load_headings(tables: Tables) -> Iterator[Heading]:
    """Yield the headings that records use, by subject."""
    rows = tables.connection.execute(
        "SELECT DISTINCT subject, vocabulary, key, number, text FROM heading ORDER BY 1, 2, 3, 4, 5"
    )
    for row in rows.fetchall():
        yield Heading(*row)


def decide_concept(tables: Tables, heading: Heading) -> Link | Doubt | None:
    """Return the concept that a heading is, a doubt if it may be several, or None."""
    if heading.number:
        why = Step(heading.subject, heading.number, "recordControlNumber", heading.number)
        return Link(heading.subject, CLOSE, heading.number, "terms", BY_NUMBER, (why,))
    found = tables.connection.execute(_LABEL, (heading.key,)).fetchall()
    scheme = f"{_BASE}{heading.vocabulary}/"
    preferred = sorted({iri for iri, best in found if best and iri.startswith(scheme)})
    variants = sorted({iri for iri, _ in found if iri.startswith(scheme)})
    if len(preferred) == 1:
        return _link(heading, preferred[0], "label", BY_LABEL)
    if not preferred and len(variants) == 1:
        return _link(heading, variants[0], "variant label", BY_VARIANT)
    return _doubt(heading, preferred or variants)


def _link(heading: Heading, concept: str, by: str, confidence: float) -> Link:
    why = Step(heading.subject, concept, by, heading.text)
    return Link(heading.subject, CLOSE, concept, "terms", confidence, (why,))


def _doubt(heading: Heading, concepts: list[str]) -> Doubt | None:
    if not concepts:
        return None
    why = tuple(Step(heading.subject, concept, "label", heading.text) for concept in concepts)
    reason = "several concepts have this label: " + ", ".join(concepts)
    return Doubt(heading.subject, concepts[0], reason, round(1 / len(concepts), 4), why)
