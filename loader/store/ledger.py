"""The record of how far the store has followed the archive: what is applied, what stands where.

Tables of the archive's file that can be made anew from its documents. Writes happen within the
archive's transactions.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from loader.archive.archive import content_hash
from loader.transform.gate import Problem

Tally = Counter[tuple[str, str]]
"""``("property" | "class", IRI)`` to the number of its uses."""


@dataclass(frozen=True, slots=True)
class Use:
    """A document's description of an outside thing: N-Triples statements, a line each."""

    document: int
    thing: str
    statements: str


class Ledger:
    """The loader's own notes of the store."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def forget_everything(self) -> None:
        """Begin anew: nothing is applied."""
        for table in ("problem", "description", "description_use", "shadowed", "tally"):
            self._connection.execute(f"DELETE FROM {table}")
        self._connection.execute("UPDATE document SET applied = NULL, reason = NULL")

    # Documents

    def mark_applied(self, documents: Iterable[int]) -> None:
        """Note that the store holds these documents as they are."""
        marked = self._connection.executemany(
            "UPDATE document SET applied = hash, former = NULL, reason = NULL WHERE id = ?",
            ((number,) for number in documents),
        ).rowcount
        if marked > 0:
            self._connection.execute(
                "INSERT INTO state VALUES ('generation', 1)"
                " ON CONFLICT (name) DO UPDATE SET value = value + 1"
            )

    def generation(self) -> int:
        """Return a number that grows whenever documents are applied."""
        query = "SELECT value FROM state WHERE name = 'generation'"
        row = self._connection.execute(query).fetchone()
        return int(row[0]) if row else 0

    def quarantine(self, document: int, reason: str) -> None:
        """Note why the store can't hold a document. Its former payload, if any, stays in force."""
        self._connection.execute("UPDATE document SET reason = ? WHERE id = ?", (reason, document))

    def note_problems(self, document: int, problems: Iterable[Problem]) -> None:
        """Replace what is known of a document's repairs and losses."""
        self._connection.execute("DELETE FROM problem WHERE document = ?", (document,))
        self._connection.executemany(
            "INSERT OR IGNORE INTO problem VALUES (?, ?, ?)",
            ((document, problem.kind, problem.value) for problem in problems),
        )

    def problems(self) -> list[dict[str, str]]:
        """Return what was repaired or dropped, by document."""
        rows = self._connection.execute(
            "SELECT identifier, kind, value FROM problem JOIN document ON document.id = document"
            " ORDER BY 1, 2, 3"
        )
        names = ("identifier", "kind", "value")
        return [dict(zip(names, row, strict=True)) for row in rows]

    def problem_counts(self) -> dict[str, int]:
        """Return how many values were repaired, and how many dropped."""
        query = "SELECT kind, count(*) FROM problem GROUP BY kind"
        return dict(self._connection.execute(query).fetchall())

    # Descriptions of outside things

    def describe(self, document: int, outside: Mapping[str, Sequence[str]]) -> set[str]:
        """Replace what a document says of outside things; return those whose graph changes."""
        touched = self._things_of(document) | set(outside)
        before = {thing: self._described_as(thing) for thing in touched}
        self._connection.execute("DELETE FROM description_use WHERE document = ?", (document,))
        self.add_uses(Use(document, thing, "\n".join(said)) for thing, said in outside.items())
        return {thing for thing in touched if self._described_as(thing) != before[thing]}

    def add_uses(self, uses: Iterable[Use]) -> None:
        """Add descriptions, each stored once however many documents carry it."""
        for use in uses:
            key = (use.thing, content_hash(use.statements.encode()))
            self._connection.execute(
                "INSERT OR IGNORE INTO description (thing, hash, statements) VALUES (?, ?, ?)",
                (*key, use.statements),
            )
            self._connection.execute(
                "INSERT OR IGNORE INTO description_use"
                " SELECT ?, id FROM description WHERE thing = ? AND hash = ?",
                (use.document, *key),
            )

    def description(self, thing: str) -> list[str]:
        """Return all that documents say of an outside thing, each statement once."""
        rows = self._connection.execute(
            "SELECT statements FROM description WHERE thing = ? AND EXISTS"
            " (SELECT 1 FROM description_use WHERE description = description.id) ORDER BY hash",
            (thing,),
        )
        return list(dict.fromkeys(line for (text,) in rows for line in text.split("\n") if line))

    def things(self) -> list[str]:
        """Return the outside things that documents describe."""
        rows = self._connection.execute(
            "SELECT DISTINCT thing FROM description JOIN description_use ON id = description"
        )
        return [thing for (thing,) in rows]

    def drop_unused_descriptions(self) -> None:
        """Remove descriptions that no document carries any more."""
        self._connection.execute(
            "DELETE FROM description WHERE NOT EXISTS"
            " (SELECT 1 FROM description_use WHERE description = description.id)"
        )

    def _things_of(self, document: int) -> set[str]:
        rows = self._connection.execute(
            "SELECT thing FROM description_use JOIN description ON id = description"
            " WHERE document = ?",
            (document,),
        )
        return {thing for (thing,) in rows}

    def _described_as(self, thing: str) -> set[int]:
        rows = self._connection.execute(
            "SELECT id FROM description WHERE thing = ? AND EXISTS"
            " (SELECT 1 FROM description_use WHERE description = description.id)",
            (thing,),
        )
        return {number for (number,) in rows}

    # Triples that more than one graph lays claim to

    def holders(self, graph: str) -> set[str]:
        """Return the graphs that hold triples of this one in its stead."""
        rows = self._connection.execute("SELECT holder FROM shadowed WHERE graph = ?", (graph,))
        return {holder for (holder,) in rows}

    def shadowed_by(self, holder: str) -> set[str]:
        """Return the graphs of which this one holds triples."""
        rows = self._connection.execute("SELECT graph FROM shadowed WHERE holder = ?", (holder,))
        return {graph for (graph,) in rows}

    def note_shadow(self, graph: str, holder: str, triples: int) -> None:
        """Note how many of a graph's triples stand in holder's graph; 0 forgets the pair."""
        if triples:
            self._connection.execute(
                "INSERT OR REPLACE INTO shadowed VALUES (?, ?, ?)", (graph, holder, triples)
            )
        else:
            self._connection.execute(
                "DELETE FROM shadowed WHERE graph = ? AND holder = ?", (graph, holder)
            )

    def shadows(self) -> list[dict[str, Any]]:
        """Return which graphs hold how many triples of which others in their stead."""
        rows = self._connection.execute("SELECT graph, holder, triples FROM shadowed ORDER BY 1, 2")
        names = ("graph", "holder", "triples")
        return [dict(zip(names, row, strict=True)) for row in rows]

    # Graphs that have changed since columns were made

    def note_changed(self, graphs: Iterable[str]) -> None:
        """Note graphs that are about to change."""
        self._connection.executemany(
            "INSERT OR IGNORE INTO changed VALUES (?)", ((graph,) for graph in graphs)
        )

    def changed(self) -> list[str]:
        """Return the graphs that may have changed, sorted."""
        rows = self._connection.execute("SELECT graph FROM changed ORDER BY graph")
        return [graph for (graph,) in rows]

    def forget_changed(self) -> None:
        """Begin anew: columns have been made."""
        self._connection.execute("DELETE FROM changed")

    # Counts

    def add_tally(self, change: Tally) -> None:
        """Add to the counts of classes and properties; a count that reaches 0 goes."""
        self._connection.executemany(
            "INSERT INTO tally VALUES (?, ?, ?)"
            " ON CONFLICT (kind, iri) DO UPDATE SET uses = uses + excluded.uses",
            ((kind, iri, uses) for (kind, iri), uses in change.items() if uses),
        )
        self._connection.execute("DELETE FROM tally WHERE uses = 0")

    def set_tally(self, counts: Tally) -> None:
        """Replace the counts of classes and properties."""
        self._connection.execute("DELETE FROM tally")
        self.add_tally(counts)

    def tally(self) -> Tally:
        """Return the counts of classes and properties in the store."""
        rows = self._connection.execute("SELECT kind, iri, uses FROM tally")
        return Counter({(kind, iri): uses for kind, iri, uses in rows})
