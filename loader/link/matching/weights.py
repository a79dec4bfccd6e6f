"""Weights: what each piece of evidence is worth in bits, as fitted by ``make fit-links``."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from loader.link.matching.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Weights:
    """The fitted parameters.

    bar: the probability from which a link is made. share: of the agents it was fitted on, those
    that have an item. bits: of each feature, per unit of it. slope, shift: of the curve that maps
    bits to what they came to for persons that weren't fitted.
    """

    version: str
    bar: float
    share: float
    slope: float
    shift: float
    bits: Mapping[str, float]

    def weigh(self, evidence: Evidence) -> Iterator[tuple[str, float]]:
        """Yield what counts, with its bits."""
        for feature, value in evidence.items():
            if bits := self.bits.get(feature, 0.0) * value:
                yield feature, bits

    def calibrate(self, probability: float) -> float:
        """Return what a probability, as weighed, came to."""
        if probability <= 0.0:
            return 0.0
        held = min(probability, 1 - 1e-12)
        bits = self.slope * math.log2(held / (1 - held)) + self.shift
        return float(1.0 / (1.0 + 2.0**-bits))


@cache
def load_weights() -> Weights:
    """Return the weights of the package."""
    text = resources.files("loader.link.matching").joinpath("weights.json").read_text("utf-8")
    read = json.loads(text)
    return Weights(**read)
