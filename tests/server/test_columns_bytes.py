"""What the bytes of many strings tell at once is what each string tells."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sparql_server.engine.columns.algebra import Kind
from sparql_server.engine.columns.evaluation.values.bytes_of_texts import (
    count_characters,
    find_containing,
)
from sparql_server.engine.columns.storage.triples import Columns
from tests.server.columns_comparison import built

_TEXTS = st.lists(st.text("aåb\U0001f600", max_size=5), min_size=1, max_size=12)


def _columns(texts: list[str]) -> Columns:
    lines = (f'<urn:s> <urn:p> "{text}" .\n' for text in texts)
    return Columns.of(built(["".join(lines).encode()]))


@given(_TEXTS, st.text("aåb\U0001f600", max_size=3))
def test_strings_contain_what_each_of_them_does(texts: list[str], wanted: str) -> None:
    terms = _columns(texts).terms
    numbers = np.arange(*terms.bounds[Kind.SIMPLE : Kind.SIMPLE + 2], dtype=np.int32)
    values = terms.values(numbers)
    assert find_containing(terms, numbers, wanted).tolist() == [wanted in text for text in values]
    assert count_characters(terms, numbers).tolist() == list(map(len, values))


def test_of_a_match_in_two_strings_the_second_half_may_begin_another() -> None:
    terms = _columns(["a", "aab"]).terms
    numbers = np.arange(*terms.bounds[Kind.SIMPLE : Kind.SIMPLE + 2], dtype=np.int32)
    assert find_containing(terms, numbers, "aa").tolist() == [False, True]


def test_no_strings_have_no_lengths() -> None:
    terms = _columns(["a"]).terms
    nothing = np.empty(0, np.int32)
    assert count_characters(terms, nothing).tolist() == []
    assert find_containing(terms, nothing, "a").tolist() == []
