"""Profiles: name keys, years, kind and titles of a thing, ready to be compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import orjson

from loader.link.extracts.link_database import Tables
from loader.link.names.backgrounds import NOTHING, Background
from loader.link.names.keys import (
    NUMERAL,
    fold,
    fold_but_swedish,
    put_in_natural_order,
    sort_words,
)
from loader.link.names.lifespans import APART, EQUAL, SLIP, Life, Years, compare_years

_UNKNOWN = Life()


@dataclass(frozen=True, slots=True)
class Profile:
    """The properties by which a thing is recognised.

    kind: ``person``, ``organization``, …; ``other`` for a kind that is none of these; empty if
    nothing is said of it. kept, folded: names as sorted words; joined: without blanks.
    labels: the folded names it is chiefly known by. pens: those that are but a pseudonym of it.
    others: folded names of whom it is said not to be. titles: folded. surname: the last word of
    the preferred name, and published: the year in which the first title appeared, of what is looked
    for. background: of a person.
    """

    kind: str = ""
    kept: frozenset[str] = frozenset()
    folded: tuple[str, ...] = ()
    joined: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    pens: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    life: Life = field(default_factory=Life)
    titles: frozenset[str] = frozenset()
    surname: str = ""
    published: int | None = None
    background: Background = NOTHING


def make_profile(kind: str, names: Sequence[str], life: Life, **more: Iterable[str]) -> Profile:
    """Return the profile of a thing with these names. more: ``labels pens others titles``."""
    plain = [fold(name) for name in names]
    return Profile(
        kind,
        frozenset(sort_words(fold_but_swedish(name)) for name in names) - {""},
        tuple(dict.fromkeys(words for name in plain if (words := sort_words(name)))),
        frozenset(name.replace(" ", "") for name in plain) - {""},
        _keys(more.get("labels", names[:1])),
        _keys(more.get("pens", ())),
        _keys(more.get("others", ())),
        life,
        frozenset(more.get("titles", ())),
        _find_surname(names),
    )


def _find_surname(names: Sequence[str]) -> str:
    """Return the last word of the preferred name; empty for a regent, who has none.

    That is somebody with a number, or whom one tells as "den äldre", "den helige".
    """
    words = put_in_natural_order(names[0]).split() if names else []
    is_regent = any(NUMERAL.fullmatch(word) for word in words) or "den" in words[1:-1]
    return words[-1] if words and not is_regent else ""


def _keys(names: Iterable[str]) -> frozenset[str]:
    return frozenset(sort_words(fold(name)) for name in names) - {""}


def dump_profile(made: Profile) -> str:
    """Return a profile as the table has it."""
    birth, death = made.life.birth, made.life.death
    body = [
        made.kind,
        sorted(made.kept),
        made.folded,
        sorted(made.joined),
        sorted(made.labels),
        sorted(made.pens),
        [birth.low, birth.high, birth.exact] if birth else None,
        [death.low, death.high, death.exact] if death else None,
        sorted(made.titles),
        sorted(made.background.nations),
        sorted(made.background.fields),
    ]
    return orjson.dumps(body).decode()


def load_profile(body: str) -> Profile:
    """Return the profile that ``dump_profile`` wrote."""
    found = load_if_possible(body, Life())
    assert found is not None
    return found


def load_if_possible(body: str, other: Life) -> Profile | None:
    """Return the profile that ``dump_profile`` wrote; None if its years contradict another's."""
    kind, kept_, folded_, joined, labels, pens, birth, death, titles, *more = orjson.loads(body)
    life = Life(Years(*birth) if birth else None, Years(*death) if death else None)
    if is_out_of_question(life, other):
        return None
    return Profile(
        kind,
        frozenset(kept_),
        tuple(folded_),
        frozenset(joined),
        frozenset(labels),
        frozenset(pens),
        frozenset(),
        life,
        frozenset(titles),
        background=Background(*map(frozenset, more)),
    )


def is_out_of_question(one: Life, other: Life) -> bool:
    """Tell whether years contradict each other, and no year makes up for it.

    It does if it is the same; or, for exact years up to five apart, if it isn't known.
    """
    births, deaths = (
        compare_years(*pair) for pair in ((one.birth, other.birth), (one.death, other.death))
    )
    if APART not in (births, deaths) or EQUAL in (births, deaths):
        return False
    here, there = (one.birth, other.birth) if births == APART else (one.death, other.death)
    assert here is not None
    assert there is not None
    is_slip = here.exact and there.exact and abs(here.low - there.low) <= SLIP
    return not is_slip or births == deaths


# Whom ``is_out_of_question`` leaves out for years far apart, as most are, isn't read at all.
_POSSIBLE = f"""
  NOT (ifnull(born_from > ?2 + {SLIP} OR born_to < ?1 - {SLIP}, 0)
    AND NOT ifnull(died_from = ?3 AND died_to = ?4, 0))
  AND NOT (ifnull(died_from > ?4 + {SLIP} OR died_to < ?3 - {SLIP}, 0)
    AND NOT ifnull(born_from = ?1 AND born_to = ?2, 0))
"""


def _bounds(years: Years | None) -> tuple[int | None, int | None]:
    return (years.low, years.high) if years else (None, None)


def load_profiles(
    tables: Tables, authorities: Iterable[int], other: Life = _UNKNOWN
) -> Iterator[tuple[int, Profile]]:
    """Yield the profiles of these authorities, of those that have one.

    other: leave out those whose years contradict this life.
    """
    years = (*_bounds(other.birth), *_bounds(other.death))
    numbers = sorted(authorities)
    for start in range(0, len(numbers), 500):
        batch = numbers[start : start + 500]
        marks = ",".join("?" * len(batch))
        query = f"SELECT authority, body FROM profile WHERE {_POSSIBLE} AND authority IN ({marks})"
        for number, body in tables.connection.execute(query, (*years, *batch)):
            if (found := load_if_possible(body, other)) is not None:
                yield number, found
