"""The weights in the package, on real persons with real items: what is linked, and what is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

from benchmarks import link_real as real
from benchmarks.link_real import Case, Row
from benchmarks.link_world import Outcome, counted, resolve
from tests.shared import SHARED, needs_shared

pytestmark = needs_shared

FOLDER = SHARED / "linking" / "real"
PARTS = 4  # a part of the persons is enough, and quick


def link(cases: Iterable[Case], items: Iterable[Row]) -> Outcome:
    lines = [real.item(row) for row in items]
    return resolve([case.record for case in cases], [("wikidata", "i.jsonl", lines)], ("names",))


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    return real.read_items(FOLDER)


def count(cases: Iterable[Case], outcome: Outcome) -> Counter[str]:
    return counted(outcome, {case.iri: case.right for case in cases})


def test_real_persons_are_found_and_nobody_else(rows: list[dict[str, str]]) -> None:
    everybody = real.read_cases(FOLDER)
    cases = [case for case in everybody if case.part(PARTS) == 0]
    gone = {case.left_out for case in cases}
    outcome = link(cases, (row for row in rows if row["qid"] not in gone))
    counts = count(cases, outcome)
    assert counts["right"] == counts["linked"]
    assert counts["right"] / counts["findable"] > 0.77
    assert (counts["right"] + counts["in review"]) / counts["findable"] > 0.97
    museums = [case for case in cases if case.set.startswith("nga")]
    of_museums = count(museums, outcome)
    assert of_museums["right"] / of_museums["findable"] > 0.8


def test_real_namesakes_without_an_item_are_hardly_ever_linked(rows: list[dict[str, str]]) -> None:
    cases = [case for case in real.hard_namesakes(rows, "none") if case.part(PARTS) == 1]
    gone = {case.left_out for case in cases}
    names = {case.thing["familyName"] for case in cases if "familyName" in case.thing}
    items = [
        row
        for number, row in enumerate(rows)
        if row["qid"] not in gone
        and (number % PARTS == 0 or any(name in row["label"] for name in names))
    ]
    counts = count(cases, link(cases, items))
    assert counts["nil linked"] <= 1
