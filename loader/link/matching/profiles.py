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
from loader.link.extracts.tables import Tables
from loader.link.names.keys import fold, fold_but_swedish, sort_words
from loader.link.names.lifespans import Life, Years, lives_differ
from loader.progress import Advance

PERSON_LIKE = frozenset({"Q5", "Q15632617", "Q95074", "Q20643955", "Q21070568", "Q22988604"})
_KINDS = {
    "organization": ("Q43229", "Q4830453", "Q327333", "Q3918", "Q875538", "Q7075", "Q31855"),
    "family": ("Q8436", "Q101352", "Q13417114", "Q164950"),
    "place": ("Q515", "Q6256", "Q3624078", "Q486972", "Q5119"),
    "work": ("Q7725634", "Q47461344", "Q571", "Q11424", "Q13442814", "Q3305213", "Q482994"),
    "name": ("Q101352", "Q202444", "Q12308941", "Q11879590", "Q3409032"),
    "disambiguation": ("Q4167410",),
}
_KIND_OF = {item: kind for kind, items in _KINDS.items() for item in items}
_FORMS = 60  # of a name, per authority: more are other scripts and spellings of the same
_SHORTEST = 3  # letters of a word that candidates are looked for by
_MANY_YEARS = 12
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


def kind_of(types: Iterable[str], has_life: bool) -> str:
    """Return the kind of an authority, from items that it is an instance of or LC's classes."""
    found = list(types)
    if any(item in PERSON_LIKE or item == "person" for item in found):
        return "person"
    for item in found:
        if item in _KIND_OF:
            return _KIND_OF[item]
        if not item.startswith("Q"):
            return item
    return "other" if found else "person" if has_life else ""


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
    rows = ((key, authority) for key in block_keys(made, [fold(name) for name in names]))
    connection.executemany("INSERT OR IGNORE INTO block VALUES (?, ?)", rows)


def _years(texts: Sequence[str]) -> Years | None:
    """Return what several statements of a year come to: the range that they span."""
    found = [load_years(text) for text in texts]
    if not found:
        return None
    low, high = min(years.low for years in found), max(years.high for years in found)
    return Years(low, high, low == high and all(years.exact for years in found))


def block_keys(made: Profile, names: Iterable[str]) -> set[int]:
    """Return the keys under which a profile is found. names: folded, in natural order.

    A person is also counted under ``w`` and each word of its labels, for ``namesakes``.
    """
    keys = {f"f {name}" for name in made.folded} | {f"c {name}" for name in made.joined}
    words = {word for name in made.folded for word in name.split() if len(word) >= _SHORTEST}
    keys |= {f"p {pair}" for name in names if (pair := _ends(name))}
    born = _born(made.life.birth, 0)
    keys |= {f"t {word} {year}" for word in words for year in born or ("",)}
    if made.kind == "person":
        keys |= {"w", *(f"w {word}" for name in made.labels for word in name.split())}
    return {hash_key(key) for key in keys}


def search_keys(made: Profile, names: Iterable[str]) -> tuple[list[int], list[int]]:
    """Return the keys under which candidates for a profile are looked for: narrow, then wide."""
    narrow = [f"f {name}" for name in made.folded] + [f"c {name}" for name in made.joined]
    narrow += [f"p {pair}" for name in names if (pair := _ends(name))]
    words = {word for name in made.folded for word in name.split() if len(word) >= _SHORTEST}
    born = ["", *_born(made.life.birth, 1)]
    wide = [f"t {word} {year}" for word in sorted(words) for year in born]
    if made.life == _UNKNOWN:
        wide += [f"w {word}" for word in sorted(words)]
    return list(map(hash_key, dict.fromkeys(narrow))), list(map(hash_key, wide))


def _ends(name: str) -> str:
    words = name.split()
    return " ".join(sorted((words[0], words[-1]))) if len(words) > 1 else ""


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
    if lives_differ(life, other):
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
