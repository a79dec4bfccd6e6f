"""Profiles: name keys, years, kind and titles of a thing, ready to be compared.

Authorities' profiles are made once, after extracts have been read, together with the blocks
in which candidates for a name are looked for.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import orjson

from loader.link.extracts.facts import load_years
from loader.link.extracts.kinds import kind_of
from loader.link.extracts.tables import Tables
from loader.link.names.keys import (
    PARTICLES,
    fold,
    fold_but_swedish,
    put_in_natural_order,
    sort_words,
    sound_key,
    stem_term,
    thing_key,
)
from loader.link.names.lifespans import APART, EQUAL, SLIP, Life, Years, compare_years
from loader.progress import Advance

_FORMS = 60  # of a name, per authority: more are other scripts and spellings of the same
_SHORTEST = 3  # letters of a word that candidates are looked for by
_MANY_YEARS = 12
_PAIRS = 4  # of a given name and the surname, per name
_PAGE = 2000


_UNKNOWN = Life()


@dataclass(frozen=True, slots=True)
class Profile:
    """The properties by which a thing is recognised.

    kind: ``person``, ``organization``, …; ``other`` for a kind that is none of these; empty if
    nothing is said of it. kept, folded: names as sorted words; joined: without blanks.
    labels: the folded names it is chiefly known by. pens: those that are but a pseudonym of it.
    others: folded names of whom it is said not to be. titles: folded.
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
    )


def _keys(names: Iterable[str]) -> frozenset[str]:
    return frozenset(sort_words(fold(name)) for name in names) - {""}


def index_authorities(tables: Tables, advance: Advance) -> int:
    """Make the profiles that are missing, and their blocks; return how many were made."""
    connection = tables.connection
    missing = connection.execute(
        "SELECT DISTINCT authority FROM said WHERE NOT EXISTS"
        " (SELECT 1 FROM profile WHERE profile.authority = said.authority)"
    ).fetchall()
    numbers = (number for (number,) in missing)
    while page := list(islice(numbers, _PAGE)):
        with tables.transaction():
            for number in page:
                _index_one(connection, number)
        advance(len(page))
    return len(missing)


def _index_one(connection: sqlite3.Connection, authority: int) -> None:
    said: dict[str, list[str]] = {}
    for name, value in connection.execute(
        "SELECT DISTINCT property, value FROM said WHERE authority = ?", (authority,)
    ):
        said.setdefault(name, []).append(value)
    life = Life(_years(said.get("birth", [])), _years(said.get("death", [])))
    names = list(dict.fromkeys([*said.get("label", []), *said.get("alias", [])]))[:_FORMS]
    kind = kind_of(said.get("type", []), life != Life())
    more = {"labels": said.get("label", []), "pens": said.get("pen name", [])}
    made = make_profile(kind, names, life, **more, titles=said.get("title", []))
    connection.execute("INSERT INTO profile VALUES (?, ?)", (authority, dump_profile(made)))
    rows = ((key, authority) for key in block_keys(made, names))
    connection.executemany("INSERT OR IGNORE INTO block VALUES (?, ?)", rows)


def _years(texts: Sequence[str]) -> Years | None:
    """Return what several statements of a year come to: the range that they span."""
    found = [load_years(text) for text in texts]
    if not found:
        return None
    low, high = min(years.low for years in found), max(years.high for years in found)
    return Years(low, high, low == high and all(years.exact for years in found))


def block_keys(made: Profile, names: Iterable[str]) -> set[int]:
    """Return the keys under which a profile is found. names: as they are written.

    A person is also counted under ``w`` and each word of its labels, for ``rarity``.
    """
    keys = {f"f {name}" for name in made.folded} | {f"c {name}" for name in made.joined}
    words = {word for name in made.folded for word in name.split() if len(word) >= _SHORTEST}
    born = _born(made.life.birth, 0)
    keys |= {f"t {word} {year}" for word in words for year in born or ("",)}
    keys |= {f"s {sound_key(name)}" for name in made.folded if " " in name}
    if made.kind != "person":
        keys |= thing_keys(names)
    if made.kind not in ("person", ""):
        return {hash_key(key) for key in keys}
    for name in map(put_in_natural_order, names):
        keys |= {f"p {pair}" for pair in _pairs(name)} | {f"i {pair}" for pair in _initial(name)}
        keys |= {f"y {pair} {year}" for pair in _pairs(name) for year in born}
    if made.kind == "person":
        keys |= {"w", *(f"w {word}" for name in made.labels for word in name.split())}
    return {hash_key(key) for key in keys}


def search_keys(made: Profile, names: Iterable[str]) -> tuple[list[int], list[int]]:
    """Return the keys under which candidates for a profile are looked for: narrow, then wide."""
    narrow = [f"f {name}" for name in made.folded] + [f"c {name}" for name in made.joined]
    narrow += [f"s {sound_key(name)}" for name in made.folded if " " in name]
    words = {word for name in made.folded for word in name.split() if len(word) >= _SHORTEST}
    born = _born(made.life.birth, 1)
    for name in names:
        narrow += [f"y {pair} {year}" for pair in _pairs(name) for year in born]
        narrow += [f"p {pair}" for pair in _pairs(name)]
        narrow += [f"i {pair}" for pair in _initial(name) if len(name.split()[0]) == 1]
    wide = [f"t {word} {year}" for word in sorted(words) for year in ("", *born)]
    if made.life == _UNKNOWN:
        wide += [f"w {word}" for word in sorted(words)]
    return list(map(hash_key, dict.fromkeys(narrow))), list(map(hash_key, wide))


def thing_keys(names: Iterable[str]) -> set[str]:
    """Return the keys under which something that is no person is found, and looked for."""
    several = list(names)
    keys = {f"o {thing}" for name in several if (thing := thing_key(name))}
    return keys | {f"e {stem}" for name in several if (stem := stem_term(name))}


def _pairs(name: str) -> list[str]:
    """Return each of the first words of a name with its last one."""
    *given, family = [word for word in name.split() if word not in PARTICLES] or [""]
    pairs = [" ".join(sorted((word, family))) for word in given if len(word) > 1]
    return list(dict.fromkeys(pairs))[:_PAIRS]


def _initial(name: str) -> list[str]:
    words = name.split()
    return [f"{words[0][0]} {words[-1]}"] if len(words) > 1 else []


def _born(birth: Years | None, margin: int) -> list[int]:
    """Return the years of a birth, if they are few."""
    if birth is None or birth.high - birth.low > _MANY_YEARS:
        return []
    return list(range(birth.low - margin, birth.high + margin + 1))


def hash_key(key: str) -> int:
    """Return a key as a number of 63 bits; the odd collision costs a comparison."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big") >> 1


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
    ]
    return orjson.dumps(body).decode()


def load_profile(body: str) -> Profile:
    """Return the profile that ``dump_profile`` wrote."""
    found = load_if_possible(body, Life())
    assert found is not None
    return found


def load_if_possible(body: str, other: Life) -> Profile | None:
    """Return the profile that ``dump_profile`` wrote; None if its years contradict another's."""
    kind, kept_, folded_, joined, labels, pens, birth, death, titles = orjson.loads(body)
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


def load_profiles(
    tables: Tables, authorities: Iterable[int], other: Life = _UNKNOWN
) -> Iterator[tuple[int, Profile]]:
    """Yield the profiles of these authorities, of those that have one.

    other: leave out those whose years contradict this life.
    """
    numbers = sorted(authorities)
    for start in range(0, len(numbers), 500):
        batch = numbers[start : start + 500]
        marks = ",".join("?" * len(batch))
        query = f"SELECT authority, body FROM profile WHERE authority IN ({marks})"
        for number, body in tables.connection.execute(query, batch):
            if (found := load_if_possible(body, other)) is not None:
                yield number, found
