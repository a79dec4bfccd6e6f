"""Nations: the countries that people are of, by code, by item of Wikidata, and in words.

Codes are those of MARC (https://www.loc.gov/marc/countries/ and
https://www.loc.gov/marc/geoareas/), as Libris' ``nationality`` has them. Who was of a state that is
gone counts as being of each country that it became.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from loader.link.names.keys import fold
from loader.link.names.word_tables import read_rows

_AREA = re.compile(r"[a-z]-([a-z]{2})-(?:--|([a-z]{2}))$")
_IN = re.compile(r"Q\d+$")

_BY_CODE: dict[str, set[str]] = defaultdict(set)
_BY_ITEM: dict[str, set[str]] = defaultdict(set)
_BY_WORD: dict[str, set[str]] = defaultdict(set)
_BY_NAME: dict[str, set[str]] = defaultdict(set)
_NAMES: dict[str, list[str]] = {}
for _row in read_rows("nations.csv"):
    _code, _codes, _items, _adjectives, _names = _row
    _NAMES[_code] = _names.split(", ")
    for _index, _keys in (
        (_BY_CODE, [_code, *_codes.split()]),
        (_BY_ITEM, _items.split()),
        (_BY_WORD, _adjectives.split()),
        (_BY_NAME, map(fold, _names.split(", "))),
    ):
        for _key in _keys:
            _index[_key].add(_code)


def read_code(code: str) -> frozenset[str]:
    """Return the countries of a code of MARC's, of countries or areas; none if it isn't known.

    >>> sorted(read_code("sw")), sorted(read_code("e-sw---")), sorted(read_code("e-uk-st"))
    (['sw'], ['sw'], ['xxk'])
    """
    area = _AREA.match(code)
    return frozenset(_BY_CODE.get(area[1] if area else code.rstrip("-"), ()))


def find_nations(text: str) -> frozenset[str]:
    """Return the countries whose people a text calls somebody.

    >>> sorted(find_nations("Amerikansk-brittisk poet")), find_nations("Svenska akademien")
    (['xxk', 'xxu'], frozenset())
    """
    return _union(_BY_WORD.get(word, ()) for word in fold(text).split())


def read_citizenship(value: str) -> frozenset[str]:
    """Return the countries of an item (``Q34``), or of a country's name or its people's.

    >>> sorted(read_citizenship("Q34")), sorted(read_citizenship("Sverige"))
    (['sw'], ['sw'])
    """
    if _IN.match(value):
        return frozenset(_BY_ITEM.get(value, ()))
    return frozenset(_BY_NAME.get(fold(value), ())) or find_nations(value)


def name_country(code: str, language: str) -> str:
    """Return what a country is called in a language, ``sv`` or ``en``.

    >>> name_country("sw", "sv"), name_country("sw", "en"), name_country("fi", "en")
    ('Sverige', 'Sweden', 'Finland')
    """
    swedish, *english = _NAMES[code]
    return english[0] if language == "en" and english else swedish


def _union(sets: Iterable[Iterable[str]]) -> frozenset[str]:
    return frozenset(code for codes in sets for code in codes)
