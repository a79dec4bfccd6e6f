"""Years of birth and death as ranges, read from the spellings of Libris, LC and Wikidata.

A year before our era is its negative number, as in Wikidata's JSON: 44 BCE is -44, and there is
no year 0. https://www.wikidata.org/wiki/Help:Dates
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_CENTURY = re.compile(r"(\d{1,2})00-?tal(?:et|ets)?|(\d{1,2})(?:st|nd|rd|th) cent(?:ury|\.)?")
_NUMBER = re.compile(r"\d{1,4}")
_BEFORE_CHRIST = re.compile(r"f\.? ?kr|b\.? ?c|f\.? ?v\.? ?t")
_OUR_ERA = re.compile(r"e\.? ?kr|a\.? ?d\b|c\.? ?e\b")
_ABOUT = re.compile(
    r"\?|\b(ca|c|cirka|circa|approximately|approx|omkring|omkr|ungefär|troligen|or|eller)\b"
)
_BEFORE = re.compile(r"\b(före|before|senast|d\. före)\b")
_AFTER = re.compile(r"\b(efter|after|tidigast)\b")
_ACTIVE = re.compile(r"\b(fl|flourished|verksam|active|aktiv|nämnd)\b")
_BORN = re.compile(r"^\s*(f|född|b|born)\b\.?")
_DIED = re.compile(r"^\s*(d|död|died)\b\.?")
_MONTH = "(?:jan|feb|mar|apr|ma[ijy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])[a-z]*"
_DAY = rf"\.? ?(?:\d{{1,2}}\.? )?(?:{_MONTH}\.? )?(\d{{4}})\b"
_TOLD_BIRTH = re.compile(rf"\b(?:född|f|born|b){_DAY}")
_TOLD_DEATH = re.compile(rf"(?<!f\.)(?<!f\. )\b(?:död|died|d){_DAY}")  # not f.d., formerly
_OF_OTHERS = re.compile(r"\b(till|gift|make|maka|bror|syster|pseudonym|of|married)\b")
_MARGIN = 5  # years either way of one that is called uncertain
_LIFE = 110
SLIP = 5
"""Years that two exact ones may be apart to be one of them mistaken, if all else agrees."""
_LATEST = 2100


@dataclass(frozen=True, slots=True)
class Years:
    """A range of years, both ends included. exact: a single year that nobody calls uncertain."""

    low: int
    high: int
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Life:
    """Years of somebody's birth and death, as far as they are known."""

    birth: Years | None = None
    death: Years | None = None


def make_exact_year(number: int) -> Years:
    """Return a year that is known exactly."""
    return Years(number, number, True)


def read_life_span(text: str) -> Life:
    """Return what a life span says; an empty Life for what can't be read.

    >>> read_life_span("1858-1940") == Life(make_exact_year(1858), make_exact_year(1940))
    True
    >>> read_life_span("470 eller 469 f.Kr-399 f.Kr.").birth
    Years(low=-470, high=-469, exact=False)
    >>> read_life_span("1700-talet").death
    Years(low=1700, high=1899, exact=False)
    """
    lowered = text.casefold().replace("\u2013", "-").replace("\u2014", "-")
    marked = _CENTURY.sub(_mark_century, lowered)
    first, dash, second = marked.partition("-")
    if _ACTIVE.search(marked) or (not dash and "§" in marked):
        return _read_active(marked)
    if not dash:
        return _read_alone(marked)
    birth, death = _read_years(first), _read_years(second)
    if birth and death and birth.low > death.high and _BEFORE_CHRIST.search(second):
        birth = Years(-birth.high, -birth.low, birth.exact)
    return Life(birth, death)


def _mark_century(found: re.Match[str]) -> str:
    """Write a century as ``§`` and its first year."""
    return f"§{int(found[1]) * 100:04}" if found[1] else f"§{(int(found[2]) - 1) * 100:04}"


def _read_active(text: str) -> Life:
    found = _read_years(text.replace("-", " "))
    if found is None:
        return Life()
    return Life(Years(found.low - 100, found.high), Years(found.low, found.high + 100))


def _read_alone(text: str) -> Life:
    found = _read_years(_DIED.sub("", _BORN.sub("", text)))
    if found is None:
        return Life()
    return Life(None, found) if _DIED.match(text) else Life(found, None)


def _read_years(text: str) -> Years | None:
    numbers = [
        int(number) for number in _NUMBER.findall(text) if len(number) > 2 or _names_era(text)
    ]
    if not numbers or max(numbers) > _LATEST:
        return None
    if _BEFORE_CHRIST.search(text) and not _OUR_ERA.search(text):
        numbers = [-number for number in numbers]
    low, high = min(numbers), max(numbers)
    if "§" in text:
        return Years(low, high + 99)
    if _BEFORE.search(text):
        return Years(low - _LIFE, high)
    if _AFTER.search(text):
        return Years(low, high + _LIFE)
    if low != high:
        return Years(low, high)
    margin = _MARGIN if _ABOUT.search(_BEFORE_CHRIST.sub(" ", text)) else 0
    return Years(low - margin, high + margin, margin == 0)


def _names_era(text: str) -> bool:
    return bool(_BEFORE_CHRIST.search(text) or _OUR_ERA.search(text))


def read_description(text: str) -> Life:
    """Return the years in which a description says that somebody was born and died.

    None if it speaks of relatives, too: the years may be theirs.

    >>> read_description("Kinesisk politiker, f. 26 december 1893, d. 9 september 1976").death.low
    1976
    """
    lowered = text.casefold()
    if _OF_OTHERS.search(lowered):
        return Life()
    birth, death = _TOLD_BIRTH.search(lowered), _TOLD_DEATH.search(lowered)
    return Life(
        make_exact_year(int(birth[1])) if birth else None,
        make_exact_year(int(death[1])) if death else None,
    )


def read_wikidata_time(time: str, precision: int, about: bool = False) -> Years | None:
    """Return the years of a time value of Wikidata's JSON; None for a millennium or coarser.

    time: ``+1858-11-20T00:00:00Z``. precision: 9 is a year, 8 a decade, 7 a century.
    about: whether a qualifier says that it is uncertain.
    """
    found = re.match(r"([+-])(\d{1,9})-", time)
    if found is None or precision < 7:
        return None
    number = int(found[1] + found[2])
    if precision == 8:
        return Years(number // 10 * 10, number // 10 * 10 + 9)
    if precision == 7:
        # Both the first and the last year of a century stand for it.
        return Years(number - 100, number + 99)
    return Years(number - _MARGIN, number + _MARGIN) if about else make_exact_year(number)


def read_xsd_year(text: str) -> Years | None:
    """Return the year of an XSD 1.1 date or a bare year; 44 BCE is ``-0043`` there.

    >>> read_xsd_year("-0043-03-15T00:00:00Z"), read_xsd_year("18490122").low
    (Years(low=-44, high=-44, exact=True), 1849)
    """
    found = re.match(r"\s*([+-]?)(\d{4,6})(?:-|$|T)|\s*()(\d{4})\d{4}$", text)
    if found is None:
        return None
    number = int((found[1] or "") + (found[2] or found[4]))
    return make_exact_year(number if number > 0 else number - 1)


EQUAL, NEAR, OVERLAP, APART = "equal", "near", "overlap", "apart"


def compare_years(one: Years | None, other: Years | None) -> str | None:
    """Return how two ranges agree; None if one of them isn't known.

    ``equal``: the same exact year; ``near``: exact years one apart; ``overlap``: ranges that
    meet; ``apart``: a contradiction, allowing for a year, or five where one is uncertain.
    """
    if one is None or other is None:
        return None
    if one.exact and other.exact:
        apart = abs(one.low - other.low)
        return EQUAL if apart == 0 else NEAR if apart == 1 else APART
    gap = max(one.low, other.low) - min(one.high, other.high)
    return OVERLAP if gap <= _MARGIN else APART


def lives_differ(one: Life, other: Life) -> bool:
    """Tell whether births or deaths contradict each other."""
    return (
        compare_years(one.birth, other.birth) == APART
        or compare_years(one.death, other.death) == APART
    )
