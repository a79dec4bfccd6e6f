"""What links are evaluated on: who is made up, and who only looks like somebody."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from benchmarks.link_cases import Person
from benchmarks.link_names import half_of
from benchmarks.link_people import distractors, generated
from loader.link.matching.score import has_common_surname
from loader.link.names.keys import fold

pytestmark = pytest.mark.long

PEOPLE = generated(2000, 1)


def test_made_up_persons_lack_years_as_often_as_those_of_the_reference() -> None:
    counts = Counter(person.dated for person in PEOPLE)
    shares = {dated: count / len(PEOPLE) for dated, count in counts.items()}
    assert abs(shares["no year"] - 184 / 249) < 0.04
    assert abs(shares["both years"] - 56 / 249) < 0.04


def test_made_up_persons_have_common_surnames_as_often_as_those_of_the_reference() -> None:
    common = sum(has_common_surname(fold(person.name)) for person in PEOPLE)
    assert abs(common / len(PEOPLE) - 28 / 249) < 0.04


def test_halves_are_halves_and_depend_on_the_item_alone() -> None:
    halves = Counter(half_of(person) for person in PEOPLE)
    assert min(halves.values()) > 900
    assert half_of(Person("a", "Q1", "A")) == half_of(Person("b", "Q1", "B"))


def test_nobody_else_is_named_as_the_record_misspells_a_person() -> None:
    person = Person("a", "Q1", "Eva Ek", (1900, 1980))
    for seed in range(200):
        others = list(distractors(person, random.Random(seed), 900, "Eva k"))
        assert "Eva k" not in {other.name for other in others}
        assert all(other.years != person.years for other in others if other.name == person.name)
