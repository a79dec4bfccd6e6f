"""Rarity of names: the information in their words, from how often persons bear them.

Persons of extracts and of records are counted. Given names and surnames are taken for independent,
which the fitted weights make up for. Nothing of it depends on how many persons there are, but that
few say little of how rare a word is.
"""

from __future__ import annotations

import math
import sqlite3
from dataclasses import dataclass
from functools import cache, lru_cache

from loader.link.matching.blocks import hash_key
from loader.link.names.given_names import COMMON_GIVEN
from loader.link.names.keys import drop_particles
from loader.link.names.surnames import COMMON

_UNSEEN = 0.5  # bearers of a word that nobody else in the extracts has
_SUPPOSED = 1000  # persons that are supposed to have been seen before the first of an extract
_SHARE, _SHARE_COMMON = 1 / 2000, 1 / 50  # of them that bear a word; one of the commonest
_INITIAL = 3.6  # bits: 12 equally frequent ones
_COMMON = COMMON | COMMON_GIVEN
_MANY = 5000  # bearers of a whole name that are counted
_IN_EXTRACTS = "SELECT count(*) FROM (SELECT 1 FROM block WHERE key = ? LIMIT ?)"
_IN_RECORDS = "SELECT count(*) FROM (SELECT 1 FROM namesake WHERE key = ? LIMIT ?)"


@dataclass(frozen=True, slots=True)
class NameRarity:
    """The rarity of a name.

    bits: of information in the name; one person in 2 ** bits is called so by chance. rarest: in
    the rarest of its words. kin: persons who have the surname, too, as a logarithm.
    """

    bits: float = 0.0
    rarest: float = 0.0
    kin: float = 0.0


class Rarity:
    """Counts the bearers of words and names in the tables, each once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._bearers = lru_cache(maxsize=200_000)(self._count_bearers)
        self.count_people = cache(self._count_people)

    def measure(self, words: tuple[str, ...], initials: int = 0, surname: str = "") -> NameRarity:
        """Return how rare a name is.

        words: folded. Somebody else's name, if it is seen more often than its words would have it,
        counts as often as it is seen.
        """
        each = [-math.log2(self._share(word)) for word in drop_particles(words)]
        found = sum(each)
        name = " ".join(sorted(words))
        others = self._bearers(f"f {name}", name)
        if others > 0:
            found = min(found, math.log2((self.count_people() + _SUPPOSED) / others))
        kin = self._bearers(f"w {surname}", f"w {surname}") if surname else 0
        return NameRarity(found + _INITIAL * initials, max(each, default=0.0), math.log2(1 + kin))

    def _share(self, word: str) -> float:
        supposed = _SUPPOSED * (_SHARE_COMMON if word in _COMMON else _SHARE)
        others = self._bearers(f"w {word}", f"w {word}")
        return (others + _UNSEEN + supposed) / (self.count_people() + _SUPPOSED)

    def _count_bearers(self, block: str, namesake: str) -> int:
        """Return how many bear a word or name, but for the one on either side being compared."""
        limit = _MANY if block.startswith("f ") else -1
        there = self._count(_IN_EXTRACTS, hash_key(block), limit)
        here = self._count(_IN_RECORDS, namesake, limit)
        return max(0, there - 1) + max(0, here - 1)

    def _count_people(self) -> int:
        """Return how many persons extracts and records have."""
        there = self._count(_IN_EXTRACTS, hash_key("w"), -1)
        return there + self._count(_IN_RECORDS, "w ", -1)

    def _count(self, query: str, key: object, limit: int) -> int:
        return int(self._connection.execute(query, (key, limit)).fetchone()[0])
