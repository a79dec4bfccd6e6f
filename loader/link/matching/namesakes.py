"""Namesakes: the expected number of others with a name, from the frequency of its words.

Given names and surnames are taken for independent: of N persons, N p(a) p(b) are called "a b" by
chance. Tried on the 20,056 players of the Lahman baseball database (2021), one half as the
catalogue and the other as the extract: of names with 0.012, 0.043 and 0.18 namesakes to be expected
0.012, 0.057 and 0.17 had one. Of those with next to none, 0.004 had: families call their
children after one another.
"""

from __future__ import annotations

import math
import sqlite3
from functools import lru_cache

from loader.link.matching.profiles import hash_key
from loader.link.names.surnames import COMMON

_FEWEST = 0.004  # namesakes of the rarest name
_COMMON = 0.25  # at least, of a name with a common surname: extracts may be a selection
_UNSEEN = 0.5  # bearers of a word that nobody else in the extracts has
_PARTICLES = frozenset(
    ("af", "av", "da", "de", "del", "della", "den", "der", "di", "du", "el", "la", "le", "of")
    + ("van", "von", "zu")
)


class Namesakes:
    """Counts the bearers of words in the tables, each word once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._bearers = lru_cache(maxsize=200_000)(self._count)

    def rarity(self, words: tuple[str, ...], more: float = 0.0) -> float:
        """Return bits: how much less than one other person is expected to bear all these words.

        words: folded. more: bits of what else agrees in the name. 0 if somebody else surely has
        it, 8 at most.
        """
        rarest = -math.log2(_FEWEST)
        return min(rarest, max(0.0, more - math.log2(self.expected(words))))

    def expected(self, words: tuple[str, ...]) -> float:
        """Return how many persons in the extracts, but for one, have all these words by chance."""
        people = max(1, self._bearers("w"))
        found = float(people)
        for word in drop_particles(words):
            # The one that is looked at bears the word, too.
            found *= (max(0, self._bearers(f"w {word}") - 1) + _UNSEEN) / people
        return max(found, _FEWEST if COMMON.isdisjoint(words) else _COMMON)

    def _count(self, key: str) -> int:
        query = "SELECT count(*) FROM block WHERE key = ?"
        return int(self._connection.execute(query, (hash_key(key),)).fetchone()[0])


def drop_particles(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words that tell persons apart: no initials, no particles of nobility."""
    return tuple(word for word in dict.fromkeys(words) if len(word) > 1 and word not in _PARTICLES)
