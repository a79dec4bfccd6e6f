"""The graphs that a remote store was sent, and those that it lacks.

A graph's content follows from the archive's documents, so it is known by their hashes, without
reading the store.
"""

from __future__ import annotations

import hashlib
import sqlite3
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

# What makes up a graph: its documents, what others say of the thing that it is named by, and the
# graphs that hold triples in its stead, with what makes up those.
_PARTS = """
SELECT CASE WHEN instr(identifier, ' ') THEN substr(identifier, 1, instr(identifier, ' ') - 1)
  ELSE identifier END, applied
FROM document WHERE applied IS NOT NULL AND applied != x''
UNION ALL
SELECT thing, hash FROM description
WHERE EXISTS (SELECT 1 FROM description_use WHERE description = description.id)
UNION ALL
SELECT graph, CAST(holder || ' ' || triples || ' ' || coalesce((
    SELECT group_concat(part) FROM (
      SELECT hex(applied) AS part FROM document
      WHERE identifier = holder OR identifier BETWEEN holder || ' ' AND holder || '!'
      UNION ALL SELECT hex(hash) FROM description WHERE thing = holder ORDER BY 1)), '') AS BLOB)
FROM shadowed
ORDER BY 1, 2
"""

_CHANGED = """
SELECT wanted.graph, wanted.hash FROM wanted
LEFT JOIN pushed ON target = :target AND pushed.graph = wanted.graph
WHERE wanted.graph > :after AND pushed.hash IS NOT wanted.hash ORDER BY wanted.graph
"""

_GONE = """
SELECT graph FROM pushed WHERE target = :target AND graph > :after
AND NOT EXISTS (SELECT 1 FROM wanted WHERE wanted.graph = pushed.graph) ORDER BY graph
"""

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Target:
    """A remote store. mark: tells that it was fed from here. release: its number, 0 if new."""

    id: int
    url: str
    mark: str
    release: int


class SentGraphs:
    """The graphs that were sent, by remote store. Writes belong in the archive's transactions."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def find_target(self, url: str) -> Target:
        """Return a target by its address, new or known."""
        row = self._connection.execute(
            "INSERT INTO target (url, mark) VALUES (?, ?)"
            " ON CONFLICT (url) DO UPDATE SET url = url RETURNING id, url, mark, release",
            (url, uuid.uuid4().hex),
        ).fetchone()
        return Target(*row)

    def forget(self, target: Target) -> None:
        """Note that nothing is known of what the target holds."""
        self._connection.execute("DELETE FROM pushed WHERE target = ?", (target.id,))

    def note_number(self, target: Target, release: int) -> None:
        """Note the number that the target's marker is given."""
        self._connection.execute("UPDATE target SET release = ? WHERE id = ?", (release, target.id))

    def compare(self, target: Target) -> tuple[int, int]:
        """Look what differs; return how many graphs are to be sent, and how many to go.

        ``graphs_to_send`` and ``graphs_to_delete`` yield them, until the next comparison.
        """
        # A savepoint, as this may stand within a transaction; a table for a list without end.
        for statement in (
            "SAVEPOINT comparison",
            "CREATE TEMP TABLE IF NOT EXISTS wanted (graph TEXT PRIMARY KEY, hash BLOB)"
            " WITHOUT ROWID",
            "DELETE FROM wanted",
        ):
            self._connection.execute(statement)
        self._connection.executemany("INSERT INTO wanted VALUES (?, ?)", self._graphs())
        self._connection.execute("RELEASE comparison")
        counts = (f"SELECT count(*) FROM ({query})" for query in (_CHANGED, _GONE))
        changed, gone = (
            self._connection.execute(query, {"target": target.id, "after": ""}).fetchone()[0]
            for query in counts
        )
        return int(changed), int(gone)

    def graphs_to_send(self, target: Target) -> Iterator[tuple[str, bytes]]:
        """Yield the graphs that the target lacks or has otherwise, with their hashes."""
        yield from self._pages(_CHANGED, target)

    def graphs_to_delete(self, target: Target) -> Iterator[str]:
        """Yield the graphs that the target has and should not."""
        for (graph,) in self._pages(_GONE, target):
            yield graph

    def _pages(self, query: str, target: Target) -> Iterator[tuple[Any, ...]]:
        """Yield rows a page at a time, as what is noted meanwhile changes the table."""
        after = ""
        while page := self._connection.execute(
            f"{query} LIMIT {_PAGE}", {"target": target.id, "after": after}
        ).fetchall():
            yield from page
            after = page[-1][0]

    def _graphs(self) -> Iterator[tuple[str, bytes]]:
        parts = self._connection.execute(_PARTS)
        for graph, group in groupby(parts, key=itemgetter(0)):
            digest = hashlib.sha256()
            for _, part in group:
                digest.update(part + b"\n")
            yield graph, digest.digest()[:16]

    def note(self, target: Target, graphs: Iterable[tuple[str, bytes, int]]) -> None:
        """Note graphs that the target has got: name, hash, number of quads."""
        self._connection.executemany(
            "INSERT OR REPLACE INTO pushed VALUES (?, ?, ?, ?)",
            ((target.id, *graph) for graph in graphs),
        )

    def note_deleted(self, target: Target, graphs: Iterable[str]) -> None:
        """Note graphs that the target has no more."""
        self._connection.executemany(
            "DELETE FROM pushed WHERE target = ? AND graph = ?",
            ((target.id, graph) for graph in graphs),
        )

    def count_all(self, target: Target) -> tuple[int, int]:
        """Return how many graphs and quads the target holds, as far as they came from here."""
        row = self._connection.execute(
            "SELECT count(*), coalesce(sum(quads), 0) FROM pushed WHERE target = ? AND quads > 0",
            (target.id,),
        ).fetchone()
        return int(row[0]), int(row[1])

    def list_graphs(self, target: Target) -> Iterator[tuple[str, int]]:
        """Yield the graphs that the target was given and their numbers of quads."""
        yield from self._connection.execute(
            "SELECT graph, quads FROM pushed WHERE target = ? AND quads > 0 ORDER BY graph",
            (target.id,),
        )
