"""Scores: the probability that two profiles are of one thing, as evidence in bits, and vetoes.

Fellegi and Sunter (1969): each agreement adds the logarithm of how much likelier it is among true
pairs. The weights are in one table, with a version that every link names.
"""

from __future__ import annotations

from dataclasses import dataclass

from loader.link.matching.agreement import compare_names
from loader.link.matching.profiles import Profile
from loader.link.names.lifespans import APART, EQUAL, NEAR, OVERLAP, Life, compare_years
from loader.link.names.surnames import COMMON

RULES = "links-4"

PRIOR = -1.22  # log2(0.3 / 0.7): three of ten things looked for are there
BITS = {
    # Names. An exact one has been paid for: candidates are looked for by it. One word in common
    # is as often a sibling's as a year in common is chance.
    "name exact": 0.0,
    "name folded": -1.0,
    "name spelt": -1.5,
    "name close": -2.5,
    "name similar": -3.5,
    "name initials": -1.5,
    "name shorter": -1.5,
    "name partly": -12.0,
    "name foreign": -14.0,
    "name unknown": 0.0,
    # Years.
    "birth equal": 6.0,
    "death equal": 6.0,
    "birth near": 2.0,
    "death near": 2.0,
    "birth overlap": 1.5,
    "death overlap": 1.5,
    # Works.
    "one work": 9.0,
    "several works": 13.0,
    # Identifiers.
    "P5587": 10.0,
    "P906": 9.0,
    "P4801": 9.0,
    "P219": 9.0,
    "redirect": 9.0,
    "exactMatch": 12.0,
    "lcnames": 9.0,
    "isni": 8.5,
    "gnd": 8.5,
    "orcid": 9.0,
    "isbn": 9.0,
    "issn": 9.0,
    "oclc": 9.0,
    "viaf": 7.0,
    "chain": 6.0,
    "further": 4.0,
}


@dataclass(frozen=True, slots=True)
class Score:
    """The result of comparing two profiles.

    parts: what counted, with its bits. veto: what rules identity out, or empty.
    name, birth, death: how these agree, as in BITS; birth and death None if unknown to one side.
    """

    parts: tuple[tuple[str, float], ...]
    veto: str
    name: str
    birth: str | None
    death: str | None
    works: int

    @property
    def bits(self) -> float:
        """The sum, with the prior."""
        return PRIOR + sum(bits for _, bits in self.parts)

    @property
    def probability(self) -> float:
        """Return the bits as a probability; 0 if there is a veto."""
        if self.veto:
            return 0.0
        return float(1.0 / (1.0 + 2.0 ** -max(-60.0, min(60.0, self.bits))))


def compare_profiles(
    one: Profile, other: Profile, identifiers: tuple[tuple[str, float], ...] = ()
) -> Score:
    """Compare two profiles. identifiers: evidence from identifiers in common."""
    name = compare_names(one, other)
    birth, death = (
        compare_years(one.life.birth, other.life.birth),
        compare_years(one.life.death, other.life.death),
    )
    works = len(one.titles & other.titles)
    if name in _OTHERWISE and one.kind in _TERMS and not (name == "foreign" and _is_titled(one)):
        # A term is in the plural here and in the singular there, or in another language.
        name = "unknown"
    parts = [(f"name {name}", BITS[f"name {name}"])]
    for event, how in (("birth", birth), ("death", death)):
        if how in (EQUAL, NEAR, OVERLAP):
            parts.append((f"{event} {how}", BITS[f"{event} {how}"]))
    if works:
        evidence = "one work" if works == 1 else "several works"
        parts.append((evidence, BITS[evidence]))
    return Score((*identifiers, *parts), find_veto(one, other), name, birth, death, works)


def _is_titled(made: Profile) -> bool:
    """Tell whether this has a title: numbers are mistyped, and titles without a word in common."""
    return made.kind in ("instance", "work")


def find_veto(one: Profile, other: Profile) -> str:
    """Return why two profiles can't be of one thing, or the empty text."""
    if not may_be_of_kind(one.kind, other.kind):
        return f"kinds differ: {one.kind}, {other.kind}"
    if reason := _pseudonym(one, other) or _pseudonym(other, one):
        return reason
    if compare_years(one.life.birth, other.life.birth) == APART:
        return (
            f"births differ: {_spell_years(one.life, 'birth')}, {_spell_years(other.life, 'birth')}"
        )
    if compare_years(one.life.death, other.life.death) == APART:
        return (
            f"deaths differ: {_spell_years(one.life, 'death')}, {_spell_years(other.life, 'death')}"
        )
    if _outlived(one.life, other.life) or _outlived(other.life, one.life):
        return "one died before the other was born"
    return ""


def _pseudonym(one: Profile, other: Profile) -> str:
    """Return why one is but a pseudonym of the other, which is an identity of its own in Libris."""
    main = one.folded[:1]
    if main and main[0] in other.pens and main[0] not in other.labels:
        return "the name is a pseudonym there"
    if one.others & other.labels and not set(one.folded) & other.labels:
        return "the record says that this is somebody else"
    return ""


def _spell_years(life: Life, event: str) -> str:
    years = life.birth if event == "birth" else life.death
    if years is None:
        return "unknown"
    return str(years.low) if years.low == years.high else f"{years.low} to {years.high}"


def _outlived(one: Life, other: Life) -> bool:
    return bool(one.death and other.birth and one.death.high < other.birth.low)


_OTHERWISE = ("close", "similar", "partly", "foreign")
_TERMS = frozenset({"topic", "genre", "term", "place", "instance", "work"})
_EDITIONS = frozenset({"instance", "serial", "work", "other"})
_LOOSE = {"organization", "place", "meeting", "topic", "genre", "term", "other", "family"}


def may_be_of_kind(one: str, two: str) -> bool:
    """Tell whether things of these kinds may be the same; an unknown kind may be any.

    A jurisdiction is a place to some and an organization to others, so only persons, works, names
    and disambiguation pages are told from everything else. An edition is often an item of its work.
    """
    if {one, two} & {"instance", "work"} and one and two:
        return {one, two} <= _EDITIONS
    return not one or not two or one == two or (one in _LOOSE and two in _LOOSE)


def has_common_surname(name: str) -> bool:
    """Tell whether one of the most frequent surnames is in a folded name."""
    return any(word in COMMON for word in name.split())


def is_rare(name: str, kind: str = "person") -> bool:
    """Tell whether few things can have this folded name.

    A person's has two words or more, and no common surname among them; that of something else
    two words, or a long one.
    """
    words = [word for word in name.split() if len(word) > 1]
    if kind != "person":
        return len(words) > 1 or len(name) > 7
    return len(words) > 1 and not has_common_surname(name)
