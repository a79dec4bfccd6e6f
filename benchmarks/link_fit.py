"""Fit what evidence of names is worth, to real persons, and write it into the package.

Each person is a choice between the candidates that a search by name brings, and nobody
(conditional logit, McFadden 1974); weights are held small (ridge). Persons without an item who
have namesakes with one count more than they are frequent, so that the order among records without
years is right; the probability is then mapped to what it came to for persons that weren't fitted
(a logistic curve, Platt 1999; five folds by person).

    python -m benchmarks.link_fit --reference DIR

With ``--data`` the persons that people have judged there are fitted to, too. DIR has ``persons``,
``items`` and ``cases``, as ``benchmarks.link_real`` reads them. Only weights are written; nothing
of a person is.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.link_choices import Choice, gather, gather_judged
from benchmarks.link_real import Case
from loader.link.matching.evidence import contradicts

WEIGHTS = Path(__file__).parents[1] / "loader" / "link" / "matching" / "weights.json"
FOLDS = 5
_HARD_AS_FREQUENT = 0.02  # what a hard namesake counts when the probability is mapped
_RIDGE = 0.1
# What persons of the folder say nothing of, in bits as Fellegi and Sunter (1969) reckon them: one
# in 500 who have nothing else in common share a title; one year of publication in 500 is wrong.
# Of nationality 95 % agree if it is the same person, 75 % of namesakes, who are mostly of one
# language; of fields of work 85 % and 50 %.
SUPPOSED = {
    **{"one work": 9.0, "several works": 13.0, "published before birth": -9.0},
    **{"same nationality": 0.3, "other nationality": -2.3},
    **{"same field of work": 0.8, "other field of work": -1.7},
}
_LOWEST = 0.005  # probability from which candidates count when it is mapped

Vector = npt.NDArray[np.float64]


class Design:
    """Choices as numbers: a row for each candidate."""

    def __init__(self, choices: Iterable[Choice], features: Sequence[str]) -> None:
        place = {feature: number for number, feature in enumerate(features)}
        self.choices = [choice for choice in choices if choice.candidates]
        rows = [
            (number, evidence, iri == choice.case.right)
            for number, choice in enumerate(self.choices)
            for iri, evidence in choice.candidates
        ]
        self.owner = np.array([number for number, _, _ in rows])
        self.right = np.array([right for _, _, right in rows], dtype=float)
        self.weight = np.array([choice.weight for choice in self.choices])
        self.is_hard = np.array([choice.case.set == "hard" for choice in self.choices])
        self.is_rarity = np.array([feature.startswith("rar") for feature in features])
        self.values = np.zeros((len(rows), len(features)))
        for number, (_, evidence, _) in enumerate(rows):
            for feature, value in evidence.items():
                if feature in place:
                    self.values[number, place[feature]] = value

    def probabilities(self, weights: Vector) -> Vector:
        """Return how likely each candidate is, given the others of its choice."""
        return self._probabilities(self.values @ weights)

    def _probabilities(self, scores: Vector) -> Vector:
        highest = np.zeros(len(self.choices))
        np.maximum.at(highest, self.owner, scores)
        odds = np.exp(scores - highest[self.owner])
        total = np.exp(-highest)
        np.add.at(total, self.owner, odds)
        return np.asarray(odds / total[self.owner])

    def fit(self) -> Vector:
        """Return the weights, in nats, that make what is right likeliest.

        That a name is rarer never speaks against it: such a weight is none.
        """
        free = np.ones(self.values.shape[1], dtype=bool)
        while True:
            weights = np.zeros(len(free))
            weights[free] = self._descend(free)
            wrong = self.is_rarity & (weights < 0)
            if not wrong.any():
                return weights
            free[np.argmin(np.where(wrong, weights, 0))] = False

    def _descend(self, free: npt.NDArray[np.bool_]) -> Vector:
        """Return the free weights, by Newton's method."""
        values = self.values[:, free]
        count = values.shape[1]
        weights = np.zeros(count)
        each = self.weight[self.owner]
        for _ in range(60):
            likely = self._probabilities(values @ weights)
            slope = values.T @ (each * (likely - self.right)) + _RIDGE * weights
            means = np.zeros((len(self.choices), count))
            np.add.at(means, self.owner, likely[:, None] * values)
            bend = (values * (each * likely)[:, None]).T @ values
            bend -= (means * self.weight[:, None]).T @ means
            step = np.linalg.solve(bend + _RIDGE * np.eye(count), slope)
            # Far from the goal the curve is no parabola.
            weights -= step * min(1.0, 2 / max(np.abs(step).max(), 1e-12))
            if np.abs(step).max() < 1e-6:
                break
        return weights


def cross_validate(
    choices: Sequence[Choice], features: Sequence[str]
) -> Iterator[tuple[Design, Vector]]:
    """Yield the choices of each fold, and their probabilities by weights fitted to the others."""
    for fold in range(FOLDS):
        others = Design((one for one in choices if one.case.part(FOLDS) != fold), features)
        held_out = Design((one for one in choices if one.case.part(FOLDS) == fold), features)
        yield held_out, held_out.probabilities(others.fit())


def calibrate(folds: Iterable[tuple[Design, Vector]]) -> tuple[float, float]:
    """Return slope and shift of the logistic curve that maps log-odds to what they came to."""
    odds, right, weight = [], [], []
    for design, likely in folds:
        counts = likely >= _LOWEST
        odds.append(logit(likely)[counts])
        right.append(design.right[counts])
        weight.append(np.where(design.is_hard, _HARD_AS_FREQUENT, 1.0)[design.owner][counts])
    x, y, w = np.concatenate(odds), np.concatenate(right), np.concatenate(weight)
    both = np.stack([x, np.ones_like(x)], axis=1)
    curve = np.array([1.0, 0.0])
    for _ in range(50):
        mapped = 1 / (1 + np.exp(-both @ curve))
        bend = (both * (w * mapped * (1 - mapped))[:, None]).T @ both
        curve = curve - np.linalg.solve(bend, both.T @ (w * (mapped - y)))
    return float(curve[0]), float(curve[1])


def logit(likely: Vector) -> Vector:
    held = np.clip(likely, 1e-12, 1 - 1e-12)
    return np.asarray(np.log(held / (1 - held)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reference", type=Path, required=True, help="folder of persons and items")
    parser.add_argument("--data", type=Path, help="directory whose judgements count, too")
    parser.add_argument("--version", default="names-2", help="what links say they were found by")
    parser.add_argument("--bar", type=float, default=0.996, help="probability to link from")
    arguments = parser.parse_args()
    choices = gather(arguments.reference)
    if arguments.data:
        choices += gather_judged(arguments.data)
    features = sorted({key for one in choices for _, given in one.candidates for key in given})
    folds = list(cross_validate(choices, features))
    slope, shift = calibrate(folds)
    weights = Design(choices, features).fit() / np.log(2)
    cases = [one.case for one in choices if one.case.set != "hard"]
    fitted = dict(zip(features, (round(float(bits), 2) for bits in weights), strict=True))
    body = {
        "version": arguments.version,
        "bar": arguments.bar,
        "share": round(sum(bool(case.right) for case in cases) / len(cases), 3),
        "slope": round(slope, 3),
        "shift": round(shift / np.log(2), 3),
        "bits": SUPPOSED | fitted,
    }
    WEIGHTS.write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(choices)} choices, {len(features)} features; slope {slope:.3f}, shift {shift:.3f}")
    for features_of in sorted(body["bits"].items()):
        print(*features_of, sep="\t")
    measure(folds, slope, shift)


def measure(folds: Iterable[tuple[Design, Vector]], slope: float, shift: float) -> None:
    """Print, by bar, recall and false links of the persons of folds, when not fitted."""
    best = [choice for design, likely in folds for choice in _pick_best(design, likely)]
    for bar in (0.98, 0.99, 0.995, 0.9955, 0.996, 0.9975):
        counts: dict[str, list[int]] = {}
        for case, evidence, likely, is_right in best:
            mapped = 1 / (1 + np.exp(-(slope * logit(np.array(likely)) + shift)))
            is_linked = bool(mapped >= bar) and not contradicts(evidence)
            for stratum in _list_strata(case):
                made = counts.setdefault(stratum, [0, 0, 0])
                made[0] += bool(case.right)
                made[1] += is_linked and is_right
                made[2] += is_linked and not is_right
        for stratum, (findable, right, wrong) in sorted(counts.items()):
            print(f"bar {bar}\t{stratum}\t{right} of {findable} right\t{wrong} false")


def _pick_best(
    design: Design, likely: Vector
) -> Iterator[tuple[Case, dict[str, float], float, bool]]:
    """Yield each case with its likeliest candidate: evidence, probability, whether it is right."""
    row = 0
    for choice in design.choices:
        rows = range(row, row + len(choice.candidates))
        row = rows.stop
        best = max(rows, key=lambda number: likely[number])
        evidence = choice.candidates[best - rows.start][1]
        yield choice.case, evidence, float(likely[best]), bool(design.right[best])


def _list_strata(case: Case) -> Iterator[str]:
    if case.set == "hard":
        yield f"hard {case.shown}"
        return
    yield "all"
    yield case.shown
    if case.set.startswith("nga"):
        yield "museums"


if __name__ == "__main__":
    main()
