"""Facts: single statements of an extract about an authority, and the writer that stores them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from loader.link.identifiers.identifiers import Identifier
from loader.link.names.lifespans import Years

KINDS = (
    "type",
    "birth",
    "death",
    "label",
    "alias",
    "pen name",
    "different",
    "page",
    "title",
    "deprecated",
    "within",
    "subclass",
    "author",
    "gone",
    "occupation",
    "citizenship",
    "description",
)


class Dropped(ValueError):
    """Says that a unit is of something that nobody could mean: it is counted, and left."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is said of an authority.

    subject: its IRI. source: ``wikidata``, ``lc`` or ``viaf``.
    property: one of KINDS; ``heading`` or ``variant`` for a key of a controlled term; or, with
    ``identifies`` true, what says that ``value`` is another IRI of it: ``P214``, ``LC``, ``VIAF``.
    pseudonym: the identifier is of a pseudonym (Wikidata's qualifier P742).
    """

    subject: str
    source: str
    property: str
    value: str
    identifies: bool = False
    pseudonym: bool = False


def state_identifier(
    subject: str, source: str, by: str, other: Identifier | None, pseudonym: bool = False
) -> list[Fact]:
    """Return the fact that an authority is called so elsewhere; none if it can't be read."""
    if other is None or other.kind == "pending":
        return []
    return [Fact(subject, source, by, other.iri, True, pseudonym)]


def dump_years(years: Years) -> str:
    """Return a range of years as the tables have it."""
    return f"{years.low} {years.high} {int(years.exact)}"


def load_years(text: str) -> Years:
    """Return the range of years that ``dump_years`` wrote."""
    low, high, exact = text.split(" ")
    return Years(int(low), int(high), exact == "1")


class Writer:
    """Puts facts of one extract into the tables."""

    def __init__(self, connection: sqlite3.Connection, extract: int) -> None:
        self._connection = connection
        self._extract = extract
        self._last = ("", 0)

    def knows(self, subject: str) -> bool:
        """Tell whether some extract has said something of this authority."""
        query = "SELECT 1 FROM authority WHERE iri = ?"
        return self._connection.execute(query, (subject,)).fetchone() is not None

    def write(self, facts: Iterable[Fact]) -> int:
        """Add facts; return how many there were."""
        said, named, labelled, count = [], [], [], 0
        for fact in facts:
            count += 1
            number = self._authority(fact)
            if fact.identifies:
                row = (fact.value, number, fact.property, int(fact.pseudonym), self._extract)
                named.append(row)
            elif fact.property in ("heading", "variant"):
                is_preferred = int(fact.property == "heading")
                labelled.append((fact.value, number, is_preferred, self._extract))
            else:
                said.append((number, fact.property, fact.value, self._extract))
        execute = self._connection.executemany
        execute("INSERT OR IGNORE INTO said VALUES (?, ?, ?, ?)", said)
        execute("INSERT OR IGNORE INTO identifier VALUES (?, ?, ?, ?, ?)", named)
        execute("INSERT OR IGNORE INTO label VALUES (?, ?, ?, ?)", labelled)
        return count

    def _authority(self, fact: Fact) -> int:
        if fact.subject == self._last[0]:
            return self._last[1]
        row = self._connection.execute(
            "SELECT id FROM authority WHERE iri = ?", (fact.subject,)
        ).fetchone()
        if row is None:
            row = self._connection.execute(
                "INSERT INTO authority (iri, source) VALUES (?, ?) RETURNING id",
                (fact.subject, fact.source),
            ).fetchone()
            # It is one of its own names, so that one join finds it by any of them.
            self._connection.execute(
                "INSERT OR IGNORE INTO identifier VALUES (?, ?, 'self', 0, ?)",
                (fact.subject, row[0], self._extract),
            )
        self._connection.execute("DELETE FROM profile WHERE authority = ?", row)
        self._last = (fact.subject, int(row[0]))
        return int(row[0])
