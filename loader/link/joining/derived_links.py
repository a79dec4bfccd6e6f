"""Links that follow from a Wikidata item: articles, DBpedia resource, names in other files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from loader.link.extracts.link_database import Tables
from loader.link.identifiers.normalisation import read_address
from loader.link.joining.decisions import EXACT, PAGE, Link, Step, kind_of

_ENGLISH = "https://en.wikipedia.org/wiki/"
_FILES = ("lcnames", "viaf", "isni", "gnd")
_FOUND = """
SELECT authority.id FROM authority WHERE iri = ?
UNION SELECT authority FROM identifier WHERE iri = ? AND property = 'redirect'
"""


def derive_pages(tables: Tables, subject: str, item: str, confidence: float) -> Iterator[Link]:
    """Yield the Swedish and English articles of an item, and what DBpedia calls its subject."""
    rows = tables.connection.execute(
        "SELECT DISTINCT value FROM said WHERE property = 'page' AND authority IN"
        f" ({_FOUND}) ORDER BY value",
        (item, item),
    ).fetchall()
    for (page,) in rows:
        why = (Step(subject, item, "item"), Step(item, page, "sitelink"))
        yield Link(subject, PAGE, page, "derived", confidence, why)
        if page.startswith(_ENGLISH):
            resource = read_address(page.replace(_ENGLISH, "http://dbpedia.org/resource/"))
            if resource is not None:
                steps = (*why, Step(page, resource.iri, "DBpedia's naming rule"))
                yield Link(subject, EXACT, resource.iri, "derived", confidence, steps)


def derive_names(tables: Tables, subject: str, item: str, confidence: float) -> Iterator[Link]:
    """Yield an item's names in other files, of each file that has one name for it and no more.

    For an item that was found by name; one found by identifiers has had closure look at them.
    """
    rows = tables.connection.execute(
        "SELECT DISTINCT identifier.iri, property FROM identifier WHERE NOT pseudonym AND authority"
        f" IN ({_FOUND}) ORDER BY 1",
        (item, item),
    ).fetchall()
    counts = Counter(kind_of(iri) for iri, _ in rows)
    for iri, by in rows:
        if kind_of(iri) in _FILES and counts[kind_of(iri)] == 1 and not _is_claimed(tables, iri):
            why = (Step(subject, item, "item"), Step(item, iri, by))
            yield Link(subject, EXACT, iri, "derived", confidence, why)


def _is_claimed(tables: Tables, iri: str) -> bool:
    query = "SELECT 1 FROM claim WHERE iri = ?"
    return tables.connection.execute(query, (iri,)).fetchone() is not None
