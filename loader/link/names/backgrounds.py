"""Backgrounds of persons: the countries they are of, and the fields they work in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from loader.link.names.nations import find_nations, read_citizenship
from loader.link.names.occupations import find_fields, read_occupation

SAME_NATION, OTHER_NATION = "same nationality", "other nationality"
SAME_FIELD, OTHER_FIELD = "same field of work", "other field of work"
_ANYBODYS = "letters"  # whoever is in a catalogue has written, whatever else they are


@dataclass(frozen=True, slots=True)
class Background:
    """A person's background. nations: codes of countries; fields: of work, as in ``occupations``.

    Empty where nothing is known.
    """

    nations: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()

    def __or__(self, other: Background) -> Background:
        return Background(self.nations | other.nations, self.fields | other.fields)


NOTHING = Background()


def read_backgrounds(
    descriptions: Iterable[str], citizenships: Iterable[str], occupations: Iterable[str]
) -> Background:
    """Return what texts that describe a person say, and items or names of countries and work."""
    found = NOTHING
    for text in descriptions:
        found |= Background(find_nations(text), find_fields(text))
    for value in citizenships:
        found |= Background(read_citizenship(value))
    for value in occupations:
        found |= Background(fields=read_occupation(value))
    return found


def compare_backgrounds(one: Background, other: Background) -> Iterator[str]:
    """Yield how two backgrounds agree, of what both know."""
    if one.nations and other.nations:
        yield OTHER_NATION if one.nations.isdisjoint(other.nations) else SAME_NATION
    if not one.fields.isdisjoint(other.fields):
        yield SAME_FIELD
    elif one.fields - {_ANYBODYS} and other.fields - {_ANYBODYS}:
        yield OTHER_FIELD
