"""The kinds of records: what each is called, and which is whose. After Libris' own selections.

``nb``, ``auth`` and ``hold`` are the sets of Libris' OAI-PMH; the set ``bib`` is ``nb`` and ``bib``
together, and linked works are in none. https://libris.kb.se/api/oaipmh/?verb=ListSets
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

FULL_LEVEL = "https://id.kb.se/marc/FullLevel"
"""The encoding level of records in the national bibliography."""

KINDS = {
    "nb": ("Nationalbibliografin", "The national bibliography"),
    "bib": ("Övriga bibliografiska poster", "Other bibliographic records"),
    "work": ("Länkade verk", "Linked works"),
    "auth": ("Auktoriteter", "Authorities"),
    "hold": ("Beståndsposter", "Holdings"),
    "other": ("Definitioner och länkar", "Definitions and links"),
}
"""Kind to what it is called in Swedish and in English."""

TITLES = {kind: {"sv": sv, "en": en} for kind, (sv, en) in KINDS.items()}
"""Kind to what it is called, by language."""

INSTANCES = frozenset(("Instance", "PhysicalResource", "DigitalResource", "Print", "Electronic"))
"""Names of KBV\'s classes of instances, those of before 2026 too."""

WORKS = frozenset(
    ("Work", "Monograph", "Serial", "Collection", "Integrating", "ComponentPart", "Text")
    + ("Music", "NotatedMusic", "NotatedMovement", "Audio", "StillImage", "MovingImage")
    + ("Cartography", "Dataset", "Multimedia", "Kit", "Object", "MixedMaterial", "Manuscript")
)
"""Names of KBV's classes of works, those of before 2026 too."""


@dataclass(frozen=True, slots=True)
class Traits:
    """The marks of a kind of record. types: names of the main entity's classes in KBV.

    is_item, is_instance: whether it is said to be an item, or an instance, of something.
    is_full: whether the record has the level of the national bibliography.
    """

    types: Collection[str]
    is_item: bool = False
    is_instance: bool = False
    is_full: bool = False


def find_kind(traits: Traits | None) -> str:
    """Return the kind of a record. traits: None of what is no record.

    >>> find_kind(Traits({"PhysicalResource"}, is_full=True)), find_kind(None)
    ('nb', 'other')
    """
    if traits is None:
        return "other"
    types = set(traits.types)
    if traits.is_item or "Item" in types:
        return "hold"
    if traits.is_instance or types & INSTANCES:
        return "nb" if traits.is_full else "bib"
    return "work" if types & WORKS else "auth"
