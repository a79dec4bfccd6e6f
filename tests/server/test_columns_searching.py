"""Numbers are found among sorted ones, whichever way is quicker."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from sparql_server.engine.columns.solutions import number_search
from sparql_server.engine.columns.solutions.number_search import (
    are_among,
    find,
    find_matches,
    mark_matches,
    repeat_matches,
)

# Numbers that there are to choose from, how many of them are keys, and how many are wanted.
_SHAPES = [
    (10, 0, 5),
    (10, 5, 0),
    (10, 5, 8),
    (100, 40, 700),  # a table of all
    (10**6, 40, 700),  # too few wanted for one
    (10**9, 3000, 5000),  # several blocks
]


@pytest.mark.parametrize("in_order", [False, True])
@pytest.mark.parametrize("distinct", [False, True])
@pytest.mark.parametrize("shape", _SHAPES)
def test_pairs_of_equal_numbers_are_those_of_each_with_each(
    shape: tuple[int, int, int], distinct: bool, in_order: bool
) -> None:
    random, (most, number, times) = Random(str((shape, distinct, in_order))), shape
    drawn = [random.randrange(most) + 5 for _ in range(number)]
    keys = np.array(sorted(set(drawn) if distinct else drawn), np.int32)
    likely = [*drawn, most + 9, 0, 3]
    wanted = np.array([random.choice(likely) for _ in range(times)], np.int32)
    wanted = np.sort(wanted) if in_order else wanted
    begin, end = keys.searchsorted(wanted), keys.searchsorted(wanted, "right")
    expected = [(row, position) for row in range(times) for position in range(begin[row], end[row])]
    rows, positions = find_matches(keys, wanted)
    rows = np.arange(times) if rows is None else rows
    assert list(zip(rows.tolist(), positions.tolist(), strict=True)) == expected
    again = repeat_matches(keys, wanted)
    assert (np.arange(times) if again is None else again).tolist() == rows.tolist()
    assert are_among(keys, wanted).tolist() == (end > begin).tolist()
    marked = mark_matches(keys, wanted)
    if marked is not None:
        assert len(set(wanted.tolist()) & set(drawn)) == sum(
            number in set(drawn) for number in wanted.tolist()
        )
        assert marked.tolist() == np.isin(keys, wanted).tolist()
    ranges = find(keys, wanted)
    assert (ranges[1] - ranges[0]).tolist() == (end - begin).tolist()


def test_rows_that_all_have_one_match_are_not_listed() -> None:
    wanted = np.array([7, 5, 6] * 200, np.int32)
    keys = np.array([5, 6, 7], np.int32)
    assert find_matches(keys, wanted)[0] is None
    assert repeat_matches(keys, wanted) is None
    assert find_matches(keys, np.array([5, 8] * 300, np.int32))[0] is not None
    assert (
        find_matches(np.array([5, 6, 6], np.int32), np.array([5, 6] * 300, np.int32))[0] is not None
    )


def test_keys_are_marked_unless_a_number_is_wanted_twice() -> None:
    keys = np.repeat(np.arange(300, dtype=np.int32), 2)
    wanted = np.arange(100, 500, dtype=np.int32)
    marked = mark_matches(keys, wanted)
    assert marked is not None
    assert marked.tolist() == (keys >= 100).tolist()
    assert mark_matches(keys, np.append(wanted, np.int32(150))) is None


def test_numbers_in_order_are_looked_for_in_blocks() -> None:
    keys = np.array([5] * 3000 + [6, 2**30] * 10, np.int32)
    keys.sort()
    wanted = np.repeat(np.array([4, 5, 6, 7, 2**30, 2**30 + 1], np.int32), 700)
    begin, end = number_search.search(keys, wanted)
    assert (begin == keys.searchsorted(wanted)).all()
    assert (end == keys.searchsorted(wanted, "right")).all()
