"""Candidates for an agent, the likeliest first: evidence weighed, one against the others."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from loader.link.matching.agreement import SAME, Agreement, find_agreement
from loader.link.matching.evidence import (
    Evidence,
    contradicts,
    find_early_title,
    gather_evidence,
)
from loader.link.matching.profiles import Profile
from loader.link.matching.rarity import Rarity
from loader.link.matching.score import find_veto
from loader.link.matching.weights import Weights
from loader.link.names.lifespans import Life, lives_differ


@dataclass(frozen=True, slots=True)
class Candidate:
    """An authority that an agent may be.

    evidence: features, as in ``evidence``; parts: what counted of it, with its bits. rarity: bits
    of information in the name. rivals: others of the name, here and in the extracts.
    bits: the sum with the prior. probability: that it is the same, given the other candidates: it
    can be one of them at most. contradiction: of years of life or publication, in words.
    """

    iri: str
    agreement: Agreement
    evidence: Evidence
    parts: tuple[tuple[str, float], ...]
    rarity: float
    rivals: int
    bits: float
    probability: float
    contradiction: str = ""

    @property
    def has_same_name(self) -> bool:
        """Whether the whole name is the same, if spelt otherwise."""
        return self.agreement.how in SAME


@dataclass(frozen=True, slots=True)
class Scales:
    """Weighs candidates.

    prior: bits that an agent is likelier to be found than those that weights were fitted to.
    """

    rarity: Rarity
    weights: Weights
    prior: float

    def rank(
        self, found: Sequence[tuple[str, Profile]], mine: Profile, others: Sequence[Life]
    ) -> list[Candidate]:
        """Return the candidates that nothing rules out, the best first.

        others: the lives of agents in Libris that go by the preferred name.
        """
        weighed = [self._weigh(iri, mine, theirs, others) for iri, theirs in found]
        possible = [candidate for candidate in weighed if candidate is not None]
        same = sum(candidate.has_same_name for candidate in possible)
        odds = 1 + sum(_odds(candidate) for candidate in possible)
        ordered = sorted(possible, key=lambda candidate: (-candidate.bits, candidate.iri))
        return [
            replace(
                candidate,
                probability=self.weights.calibrate(_odds(candidate) / odds),
                rivals=candidate.rivals + same - candidate.has_same_name,
            )
            for candidate in ordered
        ]

    def _weigh(
        self, iri: str, mine: Profile, theirs: Profile, others: Sequence[Life]
    ) -> Candidate | None:
        veto = find_veto(mine, theirs)
        agreement = find_agreement(mine, theirs)
        if veto and (agreement.how not in SAME or not veto.startswith(("births", "deaths"))):
            return None
        if agreement.how in ("partly", "foreign"):
            return None
        rarity = self.rarity.measure(agreement.words, agreement.initials, mine.surname)
        here = sum(not lives_differ(life, theirs.life) for life in others)
        evidence = gather_evidence(mine, theirs, agreement, rarity)
        parts = [*self.weights.weigh(evidence)]
        if self.prior:
            parts.append(("share found", self.prior))
        if here:
            parts.append(("others of the name in Libris", -math.log2(1 + here)))
        total = sum(part for _, part in parts)
        contradiction = ""
        if contradicts(evidence):
            contradiction = veto or find_early_title(mine, theirs)
        return Candidate(
            iri, agreement, evidence, tuple(parts), rarity.bits, here, total, 0.0, contradiction
        )


def convert_to_bits(share: float) -> float:
    """Return a share as log-odds in bits."""
    return math.log2(share / (1 - share))


def _odds(candidate: Candidate) -> float:
    return float(2.0 ** min(candidate.bits, 60.0))
