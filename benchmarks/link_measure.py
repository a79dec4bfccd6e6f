"""How well real persons are found by name, by stratum, beside two simple rules and namesakes.

The weights were fitted to the same persons; ``link_fit`` prints what comes of persons that were
left out of the fitting.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import link_real as real
from benchmarks.link_cases import WIKIDATA
from benchmarks.link_names import Judged, calibration
from benchmarks.link_real import Case, Row
from benchmarks.link_world import Outcome, counted, precision, recall, resolve, say, shown
from loader.link.names.keys import fold, sort_words

WORLDS = 4
_TARGETS = {
    "all": 0.80,
    "years in the record: both": 0.96,
    "years in the record: one": 0.75,
    "years in the record: none": 0.35,
    "museums": 0.85,
}


def real_persons(folder: Path) -> Iterator[None]:
    """Print figures for the persons of a folder, then for hard namesakes without an item."""
    cases, items = real.read_cases(folder), real.read_items(folder)
    gone = {case.left_out for case in cases}
    there = [row for row in items if row["qid"] not in gone]
    outcome = _linked(cases, there)
    _say_strata(cases, outcome)
    _say_rules(cases, there)
    judged: Judged = [
        (likely, other == case.right)
        for case in cases
        for other, likely in outcome.proposed.get(case.iri, {}).items()
    ]
    calibration("real", judged)
    yield
    for mode in real.MODES:
        _say_namesakes(mode, items)
        yield


def _linked(cases: Iterable[Case], items: Iterable[Row]) -> Outcome:
    lines = [real.item(row) for row in items]
    records: list[dict[str, Any]] = [case.record for case in cases]
    return resolve(records, [("wikidata", "items.jsonl", lines)], ("names",))


def _say_strata(cases: Iterable[Case], outcome: Outcome) -> None:
    strata: dict[str, Counter[str]] = defaultdict(Counter)
    for case in cases:
        for stratum in list_strata(case):
            strata[stratum] += counted(outcome, {case.iri: case.right})
    for stratum, counts in sorted(strata.items()):
        target = f">= {_TARGETS[stratum]}" if stratum in _TARGETS else ""
        say("real", f"{stratum}: precision", precision(counts), ">= 0.995")
        say("real", f"{stratum}: recall, linked", recall(counts), target)
        with_review = shown(counts["right"] + counts["in review"], counts["findable"])
        say("real", f"{stratum}: recall, linked or in review", with_review, ">= 0.98")
        nil = shown(counts["nil linked"], counts["nil"])
        say("real", f"{stratum}: false links without an item", nil, "<= 0.002")


def list_strata(case: Case) -> Iterator[str]:
    yield "all"
    yield f"from {case.set}"
    yield f"names: {case.form}"
    yield f"years in the record: {case.shown}"
    if case.set.startswith("nga"):
        yield "museums"
    if case.item is not None:
        known = bool(case.item["birth"]) + bool(case.item["death"])
        yield f"years in the record: {case.shown}, in the item: {known}"


def _say_rules(cases: Sequence[Case], items: Iterable[Row]) -> None:
    """Print what two rules of a line each come to on the same persons."""
    by_name: dict[str, list[Row]] = defaultdict(list)
    for row in items:
        for name in {sort_words(fold(name)) for name in (row["label"], *row["aliases"].split("|"))}:
            by_name[name].append(row)
    for rule, is_near in (("same name and birth year", _same_birth), ("same name", _no_other)):
        counts: Counter[str] = Counter()
        for case in cases:
            thing = case.thing
            name = " ".join(thing.get(key, "") for key in ("givenName", "familyName", "name"))
            born, _, died = thing.get("lifeSpan", "-").partition("-")
            near = [row for row in by_name[sort_words(fold(name))] if is_near(row, born, died)]
            counts["findable"] += bool(case.right)
            counts["nil"] += not case.right
            if len(near) == 1:
                counts["linked"] += 1
                counts["right"] += WIKIDATA + near[0]["qid"] == case.right
                counts["nil linked"] += not case.right
        say("real", f"rule: {rule}: precision", precision(counts))
        say("real", f"rule: {rule}: recall", recall(counts))
        nil = shown(counts["nil linked"], counts["nil"])
        say("real", f"rule: {rule}: false links without an item", nil)


def _same_birth(row: Row, born: str, died: str) -> bool:
    return bool(born) and row["birth"][:4] == born and _no_other(row, born, died)


def _no_other(row: Row, born: str, died: str) -> bool:
    pairs = ((row["birth"][:4], born), (row["death"][:4], died))
    return all(not there or not here or there == here for there, here in pairs)


def _say_namesakes(mode: str, items: Sequence[Row]) -> None:
    counts: Counter[str] = Counter()
    everybody = list(real.hard_namesakes(items, mode))
    for number in range(WORLDS):
        part = [case for case in everybody if case.part(WORLDS) == number]
        gone = {case.left_out for case in part}
        outcome = _linked(part, (row for row in items if row["qid"] not in gone))
        counts += counted(outcome, {case.iri: "" for case in part})
    nil = shown(counts["nil linked"], counts["nil"])
    say("real", f"namesakes without an item, years shown: {mode}: false links", nil, "<= 0.0045")
