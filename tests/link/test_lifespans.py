"""Life spans as catalogues write them, to ranges of years."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.link.names.lifespans import (
    Life,
    Years,
    compare_years,
    make_exact_year,
    read_description,
    read_life_span,
    read_wikidata_time,
    read_xsd_year,
)

SPANS = [
    ("1858-1940", make_exact_year(1858), make_exact_year(1940)),
    ("1883-1924.", make_exact_year(1883), make_exact_year(1924)),
    ("1958- .", make_exact_year(1958), None),
    ("1859-", make_exact_year(1859), None),
    ("-1877", None, make_exact_year(1877)),
    ("1551?-1731", Years(1546, 1556), make_exact_year(1731)),
    ("1700-talet", Years(1600, 1799), Years(1700, 1899)),
    ("1200-talet-1300-talet", Years(1200, 1299), Years(1300, 1399)),
    ("470 eller 469 f.Kr-399 f.Kr.", Years(-470, -469), make_exact_year(-399)),
    ("356 f.Kr.-323 f.Kr", make_exact_year(-356), make_exact_year(-323)),
    ("356-323 f.Kr.", make_exact_year(-356), make_exact_year(-323)),
    ("43 f.Kr.-17 e.Kr.", make_exact_year(-43), make_exact_year(17)),
    ("43 B.C.-17 A.D. or 18 A.D.", make_exact_year(-43), Years(17, 18)),
    ("203-222", make_exact_year(203), make_exact_year(222)),
    ("ca 1450-1516", Years(1445, 1455), make_exact_year(1516)),
    ("approximately 410-485", Years(405, 415), make_exact_year(485)),
    ("f. 1950", make_exact_year(1950), None),
    ("d. 1516", None, make_exact_year(1516)),
    ("verksam 1620", Years(1520, 1620), Years(1620, 1720)),
    ("13-", None, None),
    ("", None, None),
    ("okänt", None, None),
]


@pytest.mark.parametrize(("text", "birth", "death"), SPANS)
def test_life_span(text: str, birth: Years | None, death: Years | None) -> None:
    assert read_life_span(text) == Life(birth, death)


@pytest.mark.parametrize(
    ("text", "life"),
    [
        (
            "Kinesisk politiker, f. 26 december 1893, d. 9 sept. 1976",
            Life(make_exact_year(1893), make_exact_year(1976)),
        ),
        ("Översättare, född 1950 i Umeå", Life(make_exact_year(1950), None)),
        ("Lärare. Död 1902.", Life(None, make_exact_year(1902))),
        ("f.d. rektor, pensionerad 1950", Life()),
        ("f. d. 1950 rektor", Life()),
        ("Svensk författare, nobelpristagare 1909", Life()),
        ("verksam 1914-1918", Life()),
        ("Dotter till August Strindberg, född 1849", Life()),
    ],
)
def test_description_tells_years_of_birth_and_death_alone(text: str, life: Life) -> None:
    assert read_description(text) == life


@given(st.text())
def test_any_text_is_a_life_span_of_some_kind(text: str) -> None:
    found = read_life_span(text)
    for years in (found.birth, found.death):
        assert years is None or years.low <= years.high


def test_year_before_our_era_is_the_same_in_json_and_rdf() -> None:
    assert read_wikidata_time("-0044-03-15T00:00:00Z", 11) == read_xsd_year("-0043-03-15T00:00:00Z")


@pytest.mark.parametrize(
    ("precision", "years"),
    [(11, make_exact_year(1850)), (9, make_exact_year(1850)), (8, Years(1850, 1859)), (6, None)],
)
def test_precision_of_wikidata_is_kept(precision: int, years: Years | None) -> None:
    assert read_wikidata_time("+1850-00-00T00:00:00Z", precision) == years


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        (make_exact_year(1858), make_exact_year(1858), "equal"),
        (make_exact_year(1858), make_exact_year(1859), "near"),
        (make_exact_year(1858), make_exact_year(1860), "apart"),
        (Years(1850, 1859), make_exact_year(1858), "overlap"),
        (Years(1845, 1855), make_exact_year(1870), "apart"),
        (None, make_exact_year(1858), None),
    ],
)
def test_years_agree_or_contradict(one: Years | None, other: Years, how: str | None) -> None:
    assert compare_years(one, other) == how
