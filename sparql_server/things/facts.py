"""Facts of a thing: asked in a few queries, each an answer like any other's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sparql_server.answering.answer import Visitor
from sparql_server.answering.answers import Answers
from sparql_server.engine.columns.telling.main_things import main_first
from sparql_server.errors import (
    DeletedRecord,
    MemoryLimitExceeded,
    NotInRelease,
    RequestError,
    TimeLimitExceeded,
)
from sparql_server.errors.failures.translation import make_too_deep
from sparql_server.records.deleted import find_deletion
from sparql_server.sparql.protocol import QueryRequest
from sparql_server.things import document_queries as queries
from sparql_server.things import incoming
from sparql_server.things.addresses import LIBRIS, find_fault, is_documented
from sparql_server.things.document_queries import UNCOUNTED, Document, Path
from sparql_server.things.names import MOST_NAMED, Names, read_names, select_names
from sparql_server.things.statements import Said, Statements, Term, gather

PATIENCE = 5.0
"""Seconds for which it may be counted what points to a thing."""

_MOST_HUBS = 10_000
_AT_ONCE = 8  # properties whose first values are asked for in one query


@dataclass(frozen=True, slots=True)
class Incoming:
    """Things that point to one by a path. count: of all, or ``UNCOUNTED``. sources: of a part."""

    path: Path
    count: int
    sources: tuple[str, ...] = ()


class Hubs:
    """The things to which too much points to be counted, as far as that was tried."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, str], None] = {}

    def add(self, release: int, document: str) -> None:
        """Note one; only so many are remembered."""
        if len(self._known) >= _MOST_HUBS:
            self._known = {}
        self._known[release, document] = None

    def has(self, release: int, document: str) -> bool:
        """Tell whether one has been noted."""
        return (release, document) in self._known


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks about things. visitor: for whom."""

    answers: Answers
    visitor: Visitor
    hubs: Hubs

    def find_document(self, spellings: Sequence[str]) -> Document:
        """Return a document, by its IRI as the data spell it, and its things.

        Raises RequestError: NotInRelease.
        """
        for document in spellings[:-1]:
            try:
                return self._find_document(document)
            except NotInRelease:
                continue
        return self._find_document(spellings[-1])

    def explain_missing(self, spellings: Sequence[str]) -> RequestError:
        """Return why nothing is told of a document that isn't there. spellings: of its IRI."""
        for document in spellings:
            try:
                self.check_deletion(document)
            except DeletedRecord as error:
                return error
        document = spellings[-1]
        fault = find_fault(document)
        if fault:
            return NotInRelease(f"Nothing can be called <{document[:200]}>: {fault}.")
        return NotInRelease(f"<{document}> is not found: the release says nothing of it.")

    def _find_document(self, document: str) -> Document:
        if find_fault(document):
            raise self.explain_missing([document])
        self.check_deletion(document)
        own = is_documented(document)
        subjects = self._list_subjects(document) if own else []
        if not subjects and not self.ask(queries.ask_existence(document, fragments=own)):
            raise self.explain_missing([document])
        if own and document.startswith(LIBRIS):
            return self._list_things(document, (document,), subjects)
        rows = self.select(queries.list_records(document))
        records = tuple(row["record"]["value"] for row in rows)
        return self._list_things(document, records, subjects)

    def _list_subjects(self, document: str) -> list[str]:
        return [row["thing"]["value"] for row in self.select(queries.list_subjects(document))]

    def check_deletion(self, document: str) -> None:
        """Raise DeletedRecord if the record was deleted and nothing is said of it any more."""
        release = self.answers.release
        deletion = find_deletion(release.path, document) if release else None
        if deletion and not self.is_said(document):
            raise DeletedRecord(
                f"<{document}> was deleted{' at ' if deletion.since else ''}{deletion.since}.",
                deleted=deletion.since or None,
                record=deletion.record,
            )

    def is_said(self, document: str) -> bool:
        """Tell whether anything is said of a document, or of its ``#it``."""
        return self.ask(queries.ask_said(document))

    def _list_things(
        self, document: str, records: tuple[str, ...], subjects: list[str]
    ) -> Document:
        """Return a document with its things. subjects: of its own graph, the first of them."""
        if len(subjects) == queries.MOST_SUBJECTS:
            rows = self.select(queries.list_fragments(document))
            subjects = [row["thing"]["value"] for row in rows]
        fragments = [each for each in subjects if each.startswith(f"{document}#")]
        shown = set(fragments[: queries.SHOWN_FRAGMENTS])
        shown |= {f"{document}#it"} if is_documented(document) else set()
        others = (record for record in records if record != document)
        things = (document, *sorted(shown, key=main_first), *others)
        return Document(document, things, records, len(fragments) > queries.SHOWN_FRAGMENTS)

    def measure_depth(self, document: Document) -> int:
        """Return how many blank nodes hang on things, one on the other, or some more.

        Those in the graphs of records, which come whole, don't count. Raises ResultTooLarge where
        they are more than can be told of.
        """
        if not self.ask(queries.ask_outside(document)):
            return 0
        for depth in (queries.DEPTH, queries.DEEPEST):
            if not self.ask(queries.ask_deeper(document.things, depth)):
                return depth
        raise make_too_deep(queries.DEEPEST)

    def read_statements(self, document: Document, depth: int) -> Said:
        """Return what is said of things, and of the blank nodes that hang on them.

        Where that is much, it is the first values of each property.
        """
        rows = self.select(queries.select_statements(document, depth))
        if len(rows) <= queries.SHOWN_STATEMENTS:
            return Said(gather(rows))
        counts = {
            (row["s"]["value"], row["p"]["value"]): int(row["count"]["value"])
            for row in self.select(queries.count_values(document.things))
            if "s" in row
        }
        pairs = list(counts)
        rows = []
        for start in range(0, len(pairs), _AT_ONCE):
            batch = pairs[start : start + _AT_ONCE]
            rows += self.select(queries.select_values(batch, depth or queries.DEPTH))
        return Said(gather(rows), counts)

    def read_traits(self, document: Document) -> Statements:
        """Return what tells the kinds of a document's things: classes, and what they are of."""
        return gather(self.select(queries.select_traits(document)))

    def read_names(self, things: Iterable[str]) -> Names:
        """Return what things are called; those without a name aren't there."""
        wanted = sorted(set(things))
        names: Names = {}
        for start in range(0, len(wanted), MOST_NAMED):
            batch = wanted[start : start + MOST_NAMED]
            names |= read_names(self.select(select_names(batch)))
        return names

    def count_incoming(self, things: Sequence[str]) -> list[Incoming]:
        """Return by which paths things are pointed to; where that is too much, the first paths."""
        release = self.answers.release.number if self.answers.release else 0
        if self.hubs.has(release, things[0]):
            return self._list_paths(things)
        try:
            rows = self.select(incoming.count_incoming(things), PATIENCE)
        except (TimeLimitExceeded, MemoryLimitExceeded):
            self.hubs.add(release, things[0])
            return self._list_paths(things)
        return [
            Incoming(_read_path(row), int(row["count"]["value"])) for row in rows if "p0" in row
        ]

    def _list_paths(self, things: Sequence[str]) -> list[Incoming]:
        rows = self.select(incoming.list_paths(things))
        return [Incoming(_read_path(row), UNCOUNTED) for row in rows if "p0" in row]

    def count_part(self, things: Sequence[str], path: Path, kinds: Sequence[str]) -> Incoming:
        """Return how many things of classes point by a path; where that is too much, no number."""
        try:
            rows = self.select(incoming.count_part(things, path, kinds), PATIENCE)
        except (TimeLimitExceeded, MemoryLimitExceeded):
            return Incoming(path, UNCOUNTED)
        return Incoming(path, int(rows[0]["count"]["value"]) or UNCOUNTED)

    def fill(
        self,
        things: Sequence[str],
        counted: Sequence[Incoming],
        limit: int,
        offset: int = 0,
        kinds: Sequence[str] = (),
    ) -> list[Incoming]:
        """Return the same with a part of the things that point by each of the first paths.

        kinds: classes, of one of which they are to be.
        """
        paths = [(each.path, each.count) for each in counted[: incoming.MOST_FILLED]]
        if not paths:
            return []
        sources: dict[int, list[str]] = {}
        for row in self.select(incoming.select_incoming(things, paths, limit, offset, kinds)):
            sources.setdefault(int(row["path"]["value"]), []).append(row["source"]["value"])
        return [replace(each, sources=tuple(sources.get(n, ()))) for n, each in enumerate(counted)]

    def select(self, query: str, timeout: float | None = None) -> list[dict[str, Any]]:
        """Return the solutions of a query. Raises RequestError."""
        return list(self._answer(query, timeout)["results"]["bindings"])

    def ask(self, query: str) -> bool:
        """Return what is true or not. Raises RequestError."""
        return bool(self._answer(query, None)["boolean"])

    def _answer(self, query: str, timeout: float | None) -> dict[str, Any]:
        request = QueryRequest(query, format="json", timeout=timeout)
        return dict(json.loads(self.answers.fetch(request, self.visitor).read()))


def _read_path(row: Mapping[str, Term]) -> Path:
    return tuple(str(row[name]["value"]) for name in incoming.VARIABLES if name in row)
