"""Occupations: the fields that people work in, by words, items of Wikidata, and roles in works.

One person is called one thing here and another there, of one field ("poet", "författare"). An
ending of five letters or fewer is a whole word; longer ones may be part of one, as Swedish has
compounds: "deckarförfattare".
"""

from __future__ import annotations

import re
from collections import defaultdict

from loader.link.names.keys import fold
from loader.link.names.word_tables import read_rows

_WORD_AT_MOST = 5
_ITEM = re.compile(r"Q\d+$")

_BY_ITEM: dict[str, set[str]] = defaultdict(set)
_BY_ROLE: dict[str, set[str]] = defaultdict(set)
_BY_ENDING: dict[str, set[str]] = defaultdict(set)
for _row in read_rows("occupations.csv"):
    _field, _items, _roles, _endings = _row
    for _index, _keys in ((_BY_ITEM, _items), (_BY_ROLE, _roles), (_BY_ENDING, _endings)):
        for _key in _keys.split():
            _index[_key].add(_field)
_LENGTHS = sorted({len(ending) for ending in _BY_ENDING})


def find_fields(text: str) -> frozenset[str]:
    """Return the fields of the occupations that a text names.

    >>> sorted(find_fields("Finlandssvensk författare & konstnär"))
    ['art', 'letters']
    >>> sorted(find_fields("Norsk deckarförfattare")), sorted(find_fields("dotter till läkaren"))
    (['letters'], [])
    """
    return frozenset(field for word in fold(text).split() for field in _find_field(word))


def _find_field(word: str) -> set[str]:
    """Return the fields of the longest ending of a word that is an occupation."""
    for length in reversed(_LENGTHS):
        may_end = len(word) == length or len(word) > length > _WORD_AT_MOST
        if may_end and (fields := _BY_ENDING.get(word[-length:])):
            return fields
    return set()


def read_occupation(value: str) -> frozenset[str]:
    """Return the fields of an item (``Q36180``), or of an occupation in words."""
    if _ITEM.match(value):
        return frozenset(_BY_ITEM.get(value, ()))
    return find_fields(value)


def read_role(role: str) -> frozenset[str]:
    """Return the fields of a role in a work (``composer``); none of ``author``: anybody may write.

    >>> sorted(read_role("composer")), sorted(read_role("author"))
    (['music'], [])
    """
    return frozenset(_BY_ROLE.get(role, ()))
