"""How well persons are found by name: all identifiers hidden, one person in five without an item.

Weights were fitted to one half of the persons; the other is held out of that, though its totals
were seen. Which half a person is of depends on the number of the item alone.
"""

from __future__ import annotations

import hashlib
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from benchmarks import link_cases as cases
from benchmarks.link_cases import PROPERTIES, WIKIDATA, Person
from benchmarks.link_people import distractors, spellings
from benchmarks.link_world import Outcome, counted, precision, recall, resolve, say, shown

SEED = 20261124
ROUNDS = 5  # in each, every fifth person has no item
_SPELT_OTHERWISE = 3  # the round from which names are spelt in other ways
TARGETS = (">= 0.98", ">= 0.70", ">= 0.85", "<= 0.01")
_HALVES = ("tuned on", "held out")
_WITH_TARGET = ("all", "as written", *_HALVES)

Judged = list[tuple[float, bool]]


@dataclass(frozen=True)
class Case:
    """A person's record as it was written, and the item that is right; empty if there is none."""

    person: Person
    how: str
    right: str


def every_name(
    groups: Mapping[str, Sequence[Person]], items: list[dict[str, Any]]
) -> Iterator[None]:
    """Measure on each group of persons, on all; on the items alone; and with years on one side.

    groups: by title. items: of the reference data, persons or not.
    """
    judged: dict[str, Judged] = defaultdict(list)
    for title, people in groups.items():
        if people:
            for half, outcomes in _measured(people, title).items():
                judged[half] += outcomes
            yield
    for half, outcomes in judged.items():
        calibration(f"all {half}".strip(), outcomes)
    for title, people in groups.items():
        if people:
            _years_on_one_side(people, title)
            yield
    if items:
        _items_alone(groups["reference"], items)
        yield


def _measured(people: Sequence[Person], title: str) -> dict[str, Judged]:
    strata: dict[str, Counter[str]] = defaultdict(Counter)
    judged: dict[str, Judged] = defaultdict(list)
    for turn in range(ROUNDS):
        done, outcome = _round(people, turn)
        for case in done:
            counts = _counted(outcome, case)
            for stratum in _strata(case):
                strata[stratum] += counts
            claims = outcome.proposed.get(cases.iri(case.person), {}).items()
            outcomes = [(confidence, other == case.right) for other, confidence in claims]
            for half in ("", half_of(case.person)):
                judged[half] += outcomes
    for stratum in sorted(strata, key=lambda one: (one not in _WITH_TARGET, one)):
        _say(title, stratum, strata[stratum], TARGETS if stratum in _WITH_TARGET else ("",) * 4)
    for half, outcomes in judged.items():
        calibration(f"{title} {half}".strip(), outcomes)
    return judged


def _counted(outcome: Outcome, case: Case) -> Counter[str]:
    return counted(outcome, {cases.iri(case.person): case.right})


def half_of(person: Person) -> str:
    """Return which half a person is of."""
    digest = hashlib.blake2b(person.qid.encode(), digest_size=1).digest()
    return _HALVES[digest[0] % 2]


def _strata(case: Case) -> list[str]:
    written = "as written" if case.how == "as it is" else "spelt otherwise"
    dated = case.person.dated
    half = half_of(case.person)
    some = ["all", written, half, f"{half}, {written}", dated, f"{written}, {dated}"]
    return some if written == "as written" else [*some, f"{case.how}, {dated}"]


def _round(people: Sequence[Person], turn: int) -> tuple[list[Case], Outcome]:
    chance = random.Random(SEED + turn)
    records, items, done = [], [], []
    for number, person in enumerate(people):
        written = spellings(person.name, chance)
        others = list(written)[1:]
        how = others[(number + turn) % len(others)] if turn >= _SPELT_OTHERWISE else "as it is"
        is_there = (number + turn) % ROUNDS != 0
        records.append(cases.record(person, PROPERTIES, written[how]))
        like = distractors(person, chance, 9 * 10**8 + 10 * number, written[how])
        items += [cases.item(person) for person in like]
        if is_there:
            items.append(cases.item(person, ("libris", "selibr")))
        done.append(Case(person, how, WIKIDATA + person.qid if is_there else ""))
    return done, resolve(records, [("wikidata", "items.jsonl", items)], ("names",))


def _years_on_one_side(people: Sequence[Person], title: str) -> None:
    """Give items years that the records lack, as most items of persons have them.

    Those with years on both sides are looked for too, as in any catalogue, but not counted.
    """
    chance = random.Random(SEED)
    records, items, done = [], [], []
    for number, person in enumerate(people):
        is_counted = not any(person.years) and person.item is None
        other = replace(person, years=_years(chance)) if is_counted else person
        records.append(cases.record(person, PROPERTIES))
        like = distractors(other, chance, 9 * 10**8 + 10 * number, person.name)
        # Siblings and like names: a namesake with other years would be as good.
        items += [cases.item(namesake) for namesake in like if namesake.name != person.name]
        if number % ROUNDS:
            items.append(cases.item(other, ("libris", "selibr")))
        if is_counted:
            done.append(Case(person, "", WIKIDATA + person.qid if number % ROUNDS else ""))
    _say_all(f"{title}, years in items alone", records, items, done)


def _years(chance: random.Random) -> tuple[int, int | None]:
    born = chance.randrange(1780, 1960)
    return born, born + 70 if born < 1940 else None


def _items_alone(people: Sequence[Person], items: list[dict[str, Any]]) -> None:
    """Look for all persons among the items of the reference data and what looks like persons."""
    chance = random.Random(SEED)
    there = {item["id"] for item in items}
    records, done, other = [], [], [_stripped(item) for item in items]
    for number, person in enumerate(people):
        records.append(cases.record(person, PROPERTIES))
        like = distractors(person, chance, 9 * 10**8 + 10 * number, person.name)
        other += [cases.item(person) for person in like]
        done.append(Case(person, "", WIKIDATA + person.qid if person.qid in there else ""))
    _say_all(f"among the {len(items)} items", records, other, done)


def _stripped(item: dict[str, Any]) -> dict[str, Any]:
    gone = set(PROPERTIES.values())
    claims = {by: statements for by, statements in item["claims"].items() if by not in gone}
    # An identifier that no record has keeps the item in the extract, whatever it is of.
    return {**item, "claims": cases.item(_NOBODY)["claims"] | claims}


_NOBODY = Person("", "Q1", "", (None, None), {"viaf": "99999999999"})


def _say_all(
    title: str, records: list[dict[str, Any]], items: list[dict[str, Any]], done: Iterable[Case]
) -> None:
    outcome = resolve(records, [("wikidata", "items.jsonl", items)], ("names",))
    total: Counter[str] = Counter()
    for case in done:
        total += _counted(outcome, case)
    _say(title, "as written", total, TARGETS)


def _say(title: str, stratum: str, counts: Counter[str], targets: Sequence[str]) -> None:
    with_review = counts["right"] + counts["in review"]
    figures = (
        ("precision", precision(counts)),
        ("recall, linked", recall(counts)),
        ("recall, linked or in review", shown(with_review, counts["findable"])),
        ("false links without an item", shown(counts["nil linked"], counts["nil"])),
    )
    for (what, figure), target in zip(figures, targets, strict=True):
        say(f"names {title}", f"{stratum}: {what}", figure, target)


def calibration(title: str, judged: Judged) -> None:
    """Compare what is likely with what is right, in bins of equal width."""
    bins: dict[int, Judged] = defaultdict(list)
    for confidence, right in judged:
        bins[min(int(confidence * 10), 9)].append((confidence, right))
    total = sum(map(len, bins.values()))
    error = 0.0
    for number, held in sorted(bins.items()):
        likely = sum(confidence for confidence, _ in held) / len(held)
        right = sum(is_right for _, is_right in held)
        error += abs(likely - right / len(held)) * len(held) / total
        say(
            f"calibration {title}",
            f"{number / 10:.1f} to {number / 10 + 0.1:.1f}",
            f"{likely:.3f} claimed, {shown(right, len(held))} right",
        )
    say(f"calibration {title}", "expected calibration error", f"{error:.4f}", "<= 0.05")
