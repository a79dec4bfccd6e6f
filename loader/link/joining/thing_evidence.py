"""Evidence that a thing which is no person is an authority of its name: for it, and against."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from loader.link.entities.entities import Entity
from loader.link.joining.decisions import Step
from loader.link.matching.profiles import Profile
from loader.link.matching.score import find_veto
from loader.link.names.keys import fold, sort_words
from loader.link.names.lifespans import EQUAL, compare_years
from loader.link.names.thing_names import (
    list_singulars,
    list_telling_words,
    make_thing_key,
    split_qualifiers,
)

TERMS = frozenset({"topic", "genre"})
KINDS = {
    "organization": ("organization",),
    "meeting": ("meeting",),
    "family": ("family",),
    "place": ("place",),
    "topic": ("other", "topic", ""),
    "genre": ("other", "genre", "topic", ""),
}
MANY = 1000
"""Authorities that have to be read before it says something that only one has a name of a word."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An authority of the name.

    supports: what speaks for it beside the name. against: what does not. words: how many the
    longest name in common has. is_same: the name is the same, not only in the singular; is_main:
    it is the one that the record prefers; is_label: the one that the authority is chiefly called;
    is_plural: the plural of that; is_plural_of_alias: of another name of it. is_of_kind: its class
    is known to be of the entity's kind.
    """

    iri: str
    supports: tuple[str, ...]
    against: str
    words: int
    is_same: bool
    is_main: bool
    is_label: bool
    is_plural: bool
    is_plural_of_alias: bool
    is_of_kind: bool


def compare_things(
    iri: str, entity: Entity, profiles: tuple[Profile, Profile], around: set[str]
) -> Candidate:
    """Compare an entity with an authority. around: what the authority is part of, as keys."""
    mine, theirs = profiles
    context = _find_context(entity)
    supports = []
    if context & around:
        supports.append("part of, or lies in: " + ", ".join(sorted(context & around)))
    if compare_years(mine.life.birth, theirs.life.birth) == EQUAL:
        supports.append("same year of beginning")
    if len(set(mine.folded) & set(theirs.folded)) > 1:
        supports.append("several names in common")
    if not set(theirs.folded).isdisjoint(map(_join_qualifier, entity.names)):
        supports.append("name and qualifier together are a name of it")
    against = find_veto(mine, theirs)
    if not against and entity.kind not in TERMS and context and around and not context & around:
        against = f"part of something else: {', '.join(sorted(around)[:3])}"
    preferred, *others = map(list_telling_words, entity.names)
    known = set(map(list_telling_words, theirs.folded))
    shared = [words for words in (preferred, *others) if words in known]
    singulars = [list_telling_words(form) for form in list_singulars(entity.names[0])]
    labels = set(map(list_telling_words, theirs.labels))
    return Candidate(
        iri,
        tuple(supports),
        against,
        words=max(map(len, shared), default=len(preferred)),
        is_same=bool(shared),
        is_main=preferred in shared,
        is_label=preferred in labels,
        is_plural=not labels.isdisjoint(singulars),
        is_plural_of_alias=not known.isdisjoint(singulars),
        is_of_kind=theirs.kind in KINDS[entity.kind],
    )


def _join_qualifier(name: str) -> str:
    """Return a name with what stands in brackets after it, as sorted words; empty without."""
    return sort_words(fold(name)) if split_qualifiers(name) else ""


def _find_context(entity: Entity) -> set[str]:
    """Return what an entity is part of or lies in, as keys."""
    parts = [*entity.within, *(part for name in entity.names for part in split_qualifiers(name))]
    keys = {make_thing_key(part) for part in parts} - {""}
    if entity.kind in TERMS:
        keys |= {form for part in parts for form in list_singulars(part)}
    return keys


def is_telling(entity: Entity, candidate: Candidate, is_much_read: bool) -> bool:
    """Tell whether a name alone is enough: few other things can have it.

    It has several words, or is a place's, or nobody else has it of the many that were read. A
    term's is what the authority is chiefly called, and has several words, or is the plural of one:
    "Capital" may be anything, "Capitals" are not money. Several words in the plural are enough if
    they are any name of it. What is qualified is so because there is more of the name.
    """
    if split_qualifiers(entity.names[0]):
        return False
    if entity.kind in TERMS:
        is_known = candidate.is_label or candidate.is_plural_of_alias
        return candidate.is_plural or (is_known and candidate.words > 1)
    is_rare = candidate.words > 1 or (is_much_read and candidate.is_main)
    return candidate.is_of_kind and (is_rare or entity.kind == "place")


def list_steps(iri: str, candidate: Candidate) -> Iterator[Step]:
    """Yield the evidence on a candidate."""
    name = "the same name" if candidate.is_same else "the same term in the singular or plural"
    yield Step(iri, candidate.iri, name)
    for support in candidate.supports:
        yield Step(iri, candidate.iri, support)
    if candidate.against:
        yield Step(iri, candidate.iri, candidate.against)
