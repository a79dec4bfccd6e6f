"""Candidates for an agent, the likeliest first: agreements weighed, namesakes counted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from loader.link.matching.namesakes import Namesakes
from loader.link.matching.profiles import Profile
from loader.link.matching.score import BITS, PRIOR, Score, compare_profiles, is_rare
from loader.link.names.lifespans import Life, lives_differ

SAME_NAME = ("exact", "folded")
NEARLY = ("close", "similar", "shorter", "initials")
_ALIKE = ("close", "similar")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An authority that an agent may be.

    parts: what counted, with its bits: those of the score and of what is known of the name.
    rarity: bits, as in ``namesakes``. is_dateless: neither side knows a year.
    name_rivals: others of the name, here and in Libris. namesakes: those in Libris.
    bits: the sum with the prior, less what namesakes cost. probability: that it is the same, given
    the other candidates: it can be one of them at most.
    """

    iri: str
    score: Score
    parts: tuple[tuple[str, float], ...]
    rarity: float
    is_dateless: bool
    name_rivals: int
    namesakes: int
    bits: float
    probability: float


@dataclass(frozen=True, slots=True)
class Scales:
    """Weighs candidates. prior: bits, for an agent nothing is known of."""

    namesakes: Namesakes
    prior: float = PRIOR

    def rank(
        self, found: Sequence[tuple[str, Profile]], mine: Profile, others: Sequence[Life]
    ) -> list[Candidate]:
        """Return the candidates that nothing rules out, the best first.

        others: the lives of agents in Libris that go by the preferred name.
        """
        scored = ((iri, profile, compare_profiles(mine, profile)) for iri, profile in found)
        possible = [comparison for comparison in scored if not comparison[2].veto]
        same = sum(compared.name in SAME_NAME for _, _, compared in possible)
        weighed = [self._weigh(mine, comparison, others, same) for comparison in possible]
        odds = 1 + sum(_odds(candidate) for candidate in weighed)
        ordered = sorted(weighed, key=lambda candidate: (-candidate.bits, candidate.iri))
        return [replace(candidate, probability=_odds(candidate) / odds) for candidate in ordered]

    def _weigh(
        self,
        mine: Profile,
        comparison: tuple[str, Profile, Score],
        others: Sequence[Life],
        same: int,
    ) -> Candidate:
        iri, theirs, compared = comparison
        rarity = self._rarity(compared.name, mine, theirs)
        dateless = (mine.life == Life()) + (theirs.life == Life())
        more = {
            "share found": self.prior - PRIOR,
            "name rare": rarity,
            "name otherwise": BITS.get(f"otherwise {compared.name}", 0.0),
            "years of one": BITS["years of one"] if dateless == 1 else 0.0,
        }
        parts = (*compared.parts, *((name, bits) for name, bits in more.items() if bits))
        here = sum(not lives_differ(life, theirs.life) for life in others)
        there = same - (compared.name in SAME_NAME)
        bits = compared.bits + sum(more.values()) - math.log2(1 + here)
        return Candidate(
            iri, compared, parts, rarity, dateless == 2, here + there, here, bits, probability=0.0
        )

    def _rarity(self, how: str, mine: Profile, theirs: Profile) -> float:
        """Return the bits of the words in which two names agree: of the likeliest of the names."""
        if how not in SAME_NAME + NEARLY:
            return 0.0
        if mine.kind != "person":
            is_telling = how in SAME_NAME and is_rare(mine.folded[0], mine.kind)
            return BITS["name rare"] if is_telling else 0.0
        shared = _agreeing_words(how, mine, theirs)
        initials = sum(len(word) == 1 for word in mine.folded[0].split())
        more = BITS["initial"] * initials if how == "initials" else 0.0
        return min((self.namesakes.rarity(words, more) for words in shared), default=0.0)


def _odds(candidate: Candidate) -> float:
    return float(2.0 ** min(candidate.bits, 60.0))


def _agreeing_words(how: str, mine: Profile, theirs: Profile) -> Iterator[tuple[str, ...]]:
    """Yield the words of the names in which two profiles agree, as far as they do."""
    if how in SAME_NAME:
        same = set(mine.folded) & set(theirs.folded)
        yield from (tuple(name.split()) for name in same or mine.folded[:1])
    elif how in _ALIKE:
        yield from (tuple(name.split()) for name in (mine.folded[0], *sorted(theirs.labels)))
    else:
        yield max(_common_words(mine, theirs), key=len, default=())


def _common_words(mine: Profile, theirs: Profile) -> Iterable[tuple[str, ...]]:
    words = [set(name.split()) for name in theirs.folded]
    for name in mine.folded:
        here = name.split()
        yield from (tuple(word for word in here if word in there) for there in words)
