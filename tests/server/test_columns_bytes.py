"""What the bytes of many strings tell at once is what each string tells."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparql_server.engine.columns.algebra import Kind
from sparql_server.engine.columns.evaluation.values.bytes_of_texts import (
    count_characters,
    find_candidates,
    find_containing,
    find_places,
)
from sparql_server.engine.columns.evaluation.values.string_arguments import (
    Contains,
    Needles,
    find_needles,
    make_regex_test,
)
from sparql_server.engine.columns.storage.triples import Columns
from tests.server.columns_comparison import built

_TEXTS = st.lists(st.text("aåb\U0001f600", max_size=5), min_size=1, max_size=12)


def _columns(texts: list[str]) -> Columns:
    lines = (f'<urn:s> <urn:p> "{text}" .\n' for text in texts)
    return Columns.of(built(["".join(lines).encode()]))


@settings(deadline=None)
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


_CASES = "aAkKsSiIå\u0130\u0131\u017f\u212a"
_PATTERNS = ["ks", "^Ki", "si$", "a+ki?s", "(a|k)si", "si|ak", "åsk.i", "[ak]si*ka"]


@settings(deadline=None)
@given(st.lists(st.text(_CASES, max_size=6), min_size=1, max_size=12), st.sampled_from(_PATTERNS))
def test_no_string_that_a_pattern_matches_is_left_out(texts: list[str], pattern: str) -> None:
    terms = _columns(texts).terms
    numbers = np.arange(*terms.bounds[Kind.SIMPLE : Kind.SIMPLE + 2], dtype=np.int32)
    values = terms.values(numbers)
    for flags in ("", "i"):
        for change in (None, str.lower):
            test = make_regex_test(pattern, flags)
            needles = test and find_needles(test, change)
            if not (test and needles):
                continue
            may = find_candidates(terms, numbers, needles.texts, any_case=needles.any_case)
            changed = values if change is None else list(map(change, values))
            assert not [
                text for text, there in zip(changed, may, strict=True) if test(text) > there
            ]


@settings(deadline=None)
@given(
    st.lists(st.text(_CASES, max_size=6), min_size=1, max_size=12),
    st.text(_CASES, min_size=1, max_size=3),
)
def test_strings_in_lower_case_contain_what_each_of_them_does(
    texts: list[str], wanted: str
) -> None:
    terms = _columns(texts).terms
    numbers = np.arange(*terms.bounds[Kind.SIMPLE : Kind.SIMPLE + 2], dtype=np.int32)
    needles = find_needles(Contains(wanted), str.lower)
    if needles is not None:
        may = find_candidates(terms, numbers, needles.texts, any_case=True)
        values = terms.values(numbers)
        assert not [
            text
            for text, there in zip(values, may, strict=True)
            if not there and wanted in text.lower()
        ]


@pytest.mark.parametrize(
    ("pattern", "flags", "needles"),
    [
        ("^Norrskenets", "i", Needles(("norrskenets",), True)),
        ("sjö[a-z]skog", "i", Needles(("skog",), True)),
        ("sjö[a-z]skog", "", Needles(("skog",), False)),
        ("abc|d.ef", "", Needles(("abc", "ef"), False)),
        (r"a\.b?cd+e", "", Needles(("a.",), False)),
        ("abc|d.e", "", None),
        ("a.b", "", None),
        ("", "i", None),
    ],
)
def test_a_pattern_wants_the_longest_string_of_each_branch(
    pattern: str, flags: str, needles: Needles | None
) -> None:
    test = make_regex_test(pattern, flags)
    assert test is not None
    assert find_needles(test, None) == needles


def test_letters_that_are_ascii_in_another_case_are_four() -> None:
    others = [chr(number) for number in range(128, 0x110000) if not 0xD800 <= number < 0xE000]
    lowered = {text for text in others if any(map(str.isascii, text.lower()))}
    text = "".join(others)
    matched = set(re.findall("[\\x00-\\x7f]", text, re.IGNORECASE))
    assert lowered | matched == set("\u0130\u0131\u017f\u212a")


@pytest.mark.parametrize(
    "pattern",
    [*"iIıİkKſsßÅµ", "[a-z]", "[^i]", "[^K]x?", "i.k", "^i", "İ$", "[ı-ſ]", "[ı]", "(i|k)", "å?i"],
)
def test_case_is_ignored_as_oxigraph_does(pattern: str) -> None:
    letters = "iIıİkKſsSßẞÅåµμΜςσΣxé"
    texts = [*letters, *(f"{first}x{second}" for first in letters for second in "iıİK")]
    test = make_regex_test(pattern, "i")
    if test is None:
        assert set(pattern) & set("ıİ")
        return
    store = ox.Store()
    for text in texts:
        store.add(ox.Quad(ox.BlankNode(), ox.NamedNode("urn:p"), ox.Literal(text)))
    query = f'SELECT ?t {{ ?s <urn:p> ?t FILTER(REGEX(?t, "{pattern}", "i")) }}'
    solutions = store.query(query)
    assert isinstance(solutions, ox.QuerySolutions)
    matched = sorted(solution["t"].value for solution in solutions)  # type: ignore[union-attr]
    assert sorted(filter(test, texts)) == matched


def _upper(text: str) -> str:
    return text.upper()


@pytest.mark.parametrize("change", [str.upper, _upper])
def test_nothing_is_known_of_strings_in_upper_case(change: Callable[[str], str]) -> None:
    assert find_needles(Contains("abc"), change) is None


@settings(deadline=None)
@given(st.binary(max_size=30), st.binary(min_size=1, max_size=3))
def test_bytes_are_found_wherever_they_begin(text: bytes, pattern: bytes) -> None:
    blob = np.frombuffer(text, np.uint8)
    places = [place for place in range(len(text)) if text.startswith(pattern, place)]
    assert find_places(blob, pattern).tolist() == places
    lowered = text.lower()
    places = [place for place in range(len(text)) if lowered.startswith(pattern.lower(), place)]
    assert find_places(blob, pattern.lower(), any_case=True).tolist() == places


def test_no_strings_have_no_lengths() -> None:
    terms = _columns(["a"]).terms
    nothing = np.empty(0, np.int32)
    assert count_characters(terms, nothing).tolist() == []
    assert find_containing(terms, nothing, "a").tolist() == []
