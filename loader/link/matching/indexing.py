"""Indexing: profiles of authorities and their blocks, made once after extracts have been read."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice

from loader.link.extracts.authority_facts import load_years
from loader.link.extracts.authority_kinds import find_kind
from loader.link.extracts.link_database import Tables
from loader.link.matching.blocks import list_block_keys
from loader.link.matching.profiles import dump_profile, make_profile
from loader.link.names.backgrounds import NOTHING, Background, read_backgrounds
from loader.link.names.lifespans import Life, Years
from loader.progress import Advance

_FORMS = 60  # of a name, per authority: more are other scripts and spellings of the same
_PAGE = 2000
_ENTITY = "http://www.wikidata.org/entity/"


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
                _index_authority(connection, number)
        advance(len(page))
    return len(missing)


def _index_authority(connection: sqlite3.Connection, authority: int) -> None:
    said: dict[str, list[str]] = {}
    for name, value in connection.execute(
        "SELECT DISTINCT property, value FROM said WHERE authority = ?", (authority,)
    ):
        said.setdefault(name, []).append(value)
    life = Life(_span_years(said.get("birth", [])), _span_years(said.get("death", [])))
    names = list(dict.fromkeys([*said.get("label", []), *said.get("alias", [])]))[:_FORMS]
    kind = find_kind(said.get("type", []), life != Life())
    if kind == "other":
        kind = find_kind(_list_superclasses(connection, said["type"]), False)
    more = {"labels": said.get("label", []), "pens": said.get("pen name", [])}
    made = make_profile(kind, names, life, **more, titles=said.get("title", []))
    if kind in ("person", ""):
        made = replace(made, background=_read_background(connection, said))
    years = [bound for event in (life.birth, life.death) for bound in _bounds(event)]
    row = (authority, *years, dump_profile(made))
    connection.execute("INSERT INTO profile VALUES (?, ?, ?, ?, ?, ?)", row)
    rows = ((key, authority) for key in list_block_keys(made, names))
    connection.executemany("INSERT OR IGNORE INTO block VALUES (?, ?)", rows)


def _read_background(
    connection: sqlite3.Connection, said: Mapping[str, Sequence[str]]
) -> Background:
    """Return the background of a person; items that no table has are known by their names."""
    found = NOTHING
    for name in ("citizenship", "occupation"):
        for value in said.get(name, ()):
            known = _read_value(name, value)
            if known == NOTHING and _ITEM.fullmatch(value):
                row = connection.execute(_LABELS, (f"{_ENTITY}{value}",)).fetchall()
                for (label,) in row:
                    known |= _read_value(name, label)
            found |= known
    return found | read_backgrounds(said.get("description", ()), (), ())


def _read_value(name: str, value: str) -> Background:
    values = (value,)
    return read_backgrounds((), *((values, ()) if name == "citizenship" else ((), values)))


_ITEM = re.compile(r"Q\d+")
_LABELS = (
    "SELECT value FROM authority JOIN said ON said.authority = authority.id"
    " WHERE iri = ? AND property = 'label'"
)
_ABOVE = """
SELECT DISTINCT above.value FROM authority
  JOIN said AS above ON above.authority = authority.id AND above.property = 'subclass'
  WHERE authority.iri = ?
"""
_LEVELS = 5  # of classes, above that of a thing


def _list_superclasses(connection: sqlite3.Connection, classes: Sequence[str]) -> list[str]:
    """Return items and what they are below of (P279), as far as extracts say it, nearest first."""
    found = list(classes)
    level = found
    for _ in range(_LEVELS):
        rows = [
            iri for item in level for (iri,) in connection.execute(_ABOVE, (f"{_ENTITY}{item}",))
        ]
        level = [item for iri in rows if (item := iri.removeprefix(_ENTITY)) not in found]
        found += dict.fromkeys(level)
    return found


def _bounds(years: Years | None) -> tuple[int | None, int | None]:
    return (years.low, years.high) if years else (None, None)


def _span_years(texts: Sequence[str]) -> Years | None:
    """Return what several statements of a year come to: the range that they span."""
    found = [load_years(text) for text in texts]
    if not found:
        return None
    low, high = min(years.low for years in found), max(years.high for years in found)
    return Years(low, high, low == high and all(years.exact for years in found))
