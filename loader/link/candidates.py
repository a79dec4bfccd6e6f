"""Who an agent may be, the likeliest first: agreements weighed, and others of the name counted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from loader.link.lifespans import Life, differ
from loader.link.namesakes import Namesakes
from loader.link.profiles import Profile
from loader.link.score import BITS, PRIOR, Score, is_rare, score, veto

SAME_NAME = ("exact", "folded")
NEARLY = ("close", "similar", "shorter", "initials")
_ALIKE = ("close", "similar")


@dataclass(frozen=True, slots=True)
class Candidate:
    """An authority that an agent may be.

    rarity: bits, as in ``namesakes``. is_dateless: neither side knows a year.
    name_rivals: others of the name, here and in Libris. namesakes: those in Libris.
    probability: that it is the same, given the other candidates: it can be one of them at most.
    """

    iri: str
    score: Score
    rarity: float
    is_dateless: bool
    name_rivals: int = 0
    namesakes: int = 0
    probability: float = 0.0

    @property
    def bits(self) -> float:
        """The score less what namesakes in Libris cost; other candidates share a probability."""
        return self.score.bits - math.log2(1 + self.namesakes)


@dataclass(frozen=True, slots=True)
class Scales:
    """What candidates are weighed with. prior: bits, for an agent nothing is known of."""

    namesakes: Namesakes
    prior: float = PRIOR

    def ranked(
        self, found: Sequence[tuple[str, Profile]], mine: Profile, others: Sequence[Life]
    ) -> list[Candidate]:
        """Return the candidates that nothing rules out, the best first.

        others: the lives of agents in Libris that go by the preferred name.
        """
        known = dict(found)
        possible = [self._weighed(iri, mine, one) for iri, one in found if not veto(mine, one)]
        same = sum(one.score.name in SAME_NAME for one in possible)
        rivals = []
        for one in possible:
            here = sum(not differ(life, known[one.iri].life) for life in others)
            there = same - (one.score.name in SAME_NAME)
            rivals.append(replace(one, name_rivals=there + here, namesakes=here))
        odds = 1 + sum(_odds(one) for one in rivals)
        likely = [replace(one, probability=_odds(one) / odds) for one in rivals]
        return sorted(likely, key=lambda one: (-one.bits, one.iri))

    def _weighed(self, iri: str, mine: Profile, theirs: Profile) -> Candidate:
        compared = score(mine, theirs)
        rarity = self._rarity(compared.name, mine, theirs)
        dateless = [one.life == Life() for one in (mine, theirs)]
        more = {
            "share found": self.prior - PRIOR,
            "name rare": rarity,
            "name otherwise": BITS.get(f"otherwise {compared.name}", 0.0),
            "years of one": BITS["years of one"] if any(dateless) and not all(dateless) else 0.0,
        }
        parts = (*compared.parts, *((what, bits) for what, bits in more.items() if bits))
        return Candidate(iri, replace(compared, parts=parts), rarity, all(dateless))

    def _rarity(self, how: str, mine: Profile, theirs: Profile) -> float:
        """Return the bits of the words in which two names agree: of the likeliest of the names."""
        if how not in SAME_NAME + NEARLY:
            return 0.0
        if mine.kind != "person":
            is_telling = how in SAME_NAME and is_rare(mine.folded[0], mine.kind)
            return BITS["name rare"] if is_telling else 0.0
        shared = _agreeing(how, mine, theirs)
        initials = sum(len(word) == 1 for word in mine.folded[0].split())
        more = BITS["initial"] * initials if how == "initials" else 0.0
        return min((self.namesakes.rarity(words, more) for words in shared), default=0.0)


def _odds(one: Candidate) -> float:
    return float(2.0 ** min(one.bits, 60.0))


def _agreeing(how: str, mine: Profile, theirs: Profile) -> Iterator[tuple[str, ...]]:
    """Yield the words of the names in which two profiles agree, as far as they do."""
    if how in SAME_NAME:
        same = set(mine.folded) & set(theirs.folded)
        yield from (tuple(name.split()) for name in same or mine.folded[:1])
    elif how in _ALIKE:
        yield from (tuple(name.split()) for name in (mine.folded[0], *sorted(theirs.labels)))
    else:
        yield max(_in_common(mine, theirs), key=len, default=())


def _in_common(mine: Profile, theirs: Profile) -> Iterable[tuple[str, ...]]:
    words = [set(name.split()) for name in theirs.folded]
    for name in mine.folded:
        here = name.split()
        yield from (tuple(word for word in here if word in there) for there in words)
