"""Evidence for and against that two profiles are of one person, as features with a value each.

What each is worth is fitted to persons whose item is known; ``weights`` has it.
"""

from __future__ import annotations

from collections.abc import Iterator

from loader.link.matching.agreement import Agreement
from loader.link.matching.profiles import Profile
from loader.link.matching.rarity import NameRarity
from loader.link.names.backgrounds import compare_backgrounds
from loader.link.names.keys import PARTICLES, drop_particles
from loader.link.names.lifespans import (
    APART,
    EQUAL,
    NEAR,
    OVERLAP,
    SLIP,
    Life,
    Years,
    compare_years,
)

ANY = "any candidate"
TOO_EARLY = "published before birth"
_YOUNGEST = 5  # years of age from which somebody may have published
OFF = "off"  # exact years apart that may be a slip
# Bits of a name, and of its rarest word, between which rarity counts evenly.
_STEPS = (10.0, 14.0, 18.0, 22.0, 26.0)
_WORD_STEPS = (8.0, 11.0, 13.0, 15.0)

Evidence = dict[str, float]


def gather_evidence(
    mine: Profile, theirs: Profile, agreement: Agreement, rarity: NameRarity
) -> Evidence:
    """Return the features of a pair. rarity: of the name in which they agree."""
    found = {ANY: 1.0, f"name {agreement.how}": 1.0}
    found.update(_compare_extent(mine, theirs, agreement))
    births = relate_years(mine.life.birth, theirs.life.birth)
    deaths = relate_years(mine.life.death, theirs.life.death)
    found |= {f"birth {births}": 1.0, f"death {deaths}": 1.0}
    if births == deaths == EQUAL:
        found["both years equal"] = 1.0
    if births != EQUAL and find_early_title(mine, theirs):
        found[TOO_EARLY] = 1.0
    is_open = not has_compared(births, deaths)
    if is_open:
        found.update(_weigh_without_years(mine, theirs, agreement, rarity))
    where = " without years" if is_open else ""
    found.update(_bend(rarity.bits, f"rarity to {{:g}}{where}", _STEPS))
    found.update(_bend(rarity.rarest, f"rarest word to {{:g}}{where}", _WORD_STEPS))
    found |= dict.fromkeys(compare_backgrounds(mine.background, theirs.background), 1.0)
    works = len(mine.titles & theirs.titles)
    if works:
        found["several works" if works > 1 else "one work"] = 1.0
    return {feature: value for feature, value in found.items() if value}


def _weigh_without_years(
    mine: Profile, theirs: Profile, agreement: Agreement, rarity: NameRarity
) -> Iterator[tuple[str, float]]:
    """Yield what tells namesakes where there is no year on both sides: families name alike."""
    yield "no years here" if mine.life == Life() else "other years here", 1.0
    yield "a relative has the surname", min(rarity.kin, 1.0)
    yield "relatives have the surname", max(0.0, rarity.kin - 1.0)
    # Families with a particle, of the nobility most often, call children after one another.
    if not PARTICLES.isdisjoint(agreement.words):
        yield "particle without years", 1.0
        yield "particle and relatives", min(rarity.kin, 1.0)
    if len(drop_particles(agreement.words)) > 2:
        yield "three words without years", 1.0
    if agreement.how in ("exact", "folded"):
        yield "a fuller name there", float(min(_count_more_names(mine, theirs), 2))


def _count_more_names(mine: Profile, theirs: Profile) -> int:
    """Return how many names more the fullest of an authority's names has, which nobody here has."""
    known = {word for name in mine.folded for word in name.split()}
    fuller = (set(name.split()) for name in theirs.folded)
    return max((len(words - known) for words in fuller if len(words & known) > 1), default=0)


def relate_years(here: Years | None, there: Years | None) -> str:
    """Return how two years agree: as ``compare_years``, ``off``, or which side knows one."""
    if here is None or there is None:
        if here is None and there is None:
            return "of neither"
        return "only there" if here is None else "only here"
    how = compare_years(here, there) or ""
    if how == APART and here.exact and there.exact and abs(here.low - there.low) <= SLIP:
        return OFF
    return how


def has_compared(*years: str) -> bool:
    """Tell whether there is a year on both sides."""
    return any(how in (EQUAL, NEAR, OVERLAP, OFF, APART) for how in years)


def find_early_title(mine: Profile, theirs: Profile) -> str:
    """Return how a title appeared before its author could have written it; empty if none did."""
    birth = theirs.life.birth
    if mine.published is None or birth is None or mine.published >= birth.low + _YOUNGEST:
        return ""
    return f"published in {mine.published}, born in {birth.low}"


def contradicts(evidence: Evidence) -> bool:
    """Tell whether years are further apart than a year, or a title appeared before birth."""
    return TOO_EARLY in evidence or any(
        f"{event} {how}" in evidence for event in ("birth", "death") for how in (OFF, APART)
    )


def _compare_extent(
    mine: Profile, theirs: Profile, agreement: Agreement
) -> Iterator[tuple[str, float]]:
    """Yield how much of the names agrees, and whether it is their chief names that do."""
    yield "initials", float(min(agreement.initials, 3))
    yield "words more", float(min(agreement.extra, 3))
    yield "initials more", float(min(agreement.extra_initials, 2))
    if agreement.how in ("exact", "folded"):
        name = " ".join(sorted(agreement.words))
        if name != mine.folded[0]:
            yield "by a variant", 1.0
        if name not in theirs.labels:
            yield "by an alias", 1.0


def _bend(bits: float, feature: str, steps: tuple[float, ...]) -> Iterator[tuple[str, float]]:
    """Yield how many bits lie between each two steps: a line with bends."""
    low = 0.0
    for high in steps:
        yield feature.format(high), max(0.0, min(bits, high) - low)
        low = high
