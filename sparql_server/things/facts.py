"""What the data says of a thing: asked in a few queries, each an answer like any other's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sparql_server.answering.answer import Answer, Visitor
from sparql_server.answering.answers import Answers
from sparql_server.errors import MemoryLimitExceeded, NotInRelease, TimeLimitExceeded
from sparql_server.sparql.iri import is_absolute
from sparql_server.sparql.protocol import QueryRequest
from sparql_server.things import patterns
from sparql_server.things.addresses import is_documented
from sparql_server.things.names import Names, read_names
from sparql_server.things.patterns import UNCOUNTED, Path

PATIENCE = 5.0
"""Seconds for which it may be counted what points to a thing."""

LONGEST = 2000
"""Characters of an IRI that is told of."""

_MOST_HUBS = 10_000

Term = Mapping[str, Any]
"""A term of SPARQL's JSON results: ``type``, ``value``, ``xml:lang``, ``datatype``."""

Statements = dict[str, dict[str, list[Term]]]
"""Subject (an IRI, or a blank node with ``_:``) to property to objects."""


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

    def find_things(self, spellings: Sequence[str]) -> tuple[str, ...]:
        """Return a document's IRI, as the data spell it, and those of its things.

        Raises RequestError: NotInRelease.
        """
        for document in spellings[:-1]:
            try:
                return self._find_things(document)
            except NotInRelease:
                continue
        return self._find_things(spellings[-1])

    def _find_things(self, document: str) -> tuple[str, ...]:
        if not is_absolute(document) or len(document) > LONGEST:
            raise NotInRelease(f"Nothing can be called <{document[:200]}>: that is no IRI.")
        own = is_documented(document)
        try:
            question = patterns.ask_existence(document, fragments=own)
        except ValueError as error:
            raise NotInRelease(f"Nothing can be called <{document}>: {error}.") from error
        if not self._ask(question)["boolean"]:
            raise NotInRelease(f"<{document}> is not found: the release says nothing of it.")
        if not own:
            return (document,)
        rows = self._select(patterns.list_fragments(document))
        fragments = {row["thing"]["value"] for row in rows}
        return (document, *sorted({f"{document}#it", *fragments}, key=_main_first))

    def read_statements(self, things: Sequence[str]) -> Statements:
        """Return what is said of things, and of the blank nodes that hang on them."""
        found: Statements = {}
        for row in self._select(patterns.select_statements(things)):
            said = found.setdefault(name_of(row["s"]), {})
            said.setdefault(row["p"]["value"], []).append(row["o"])
        return found

    def read_names(self, things: Iterable[str]) -> Names:
        """Return what things are called; those without a name aren't there."""
        wanted = sorted(set(things))
        names: Names = {}
        for start in range(0, len(wanted), patterns.MOST_NAMED):
            batch = wanted[start : start + patterns.MOST_NAMED]
            names |= read_names(self._select(patterns.select_names(batch)))
        return names

    def count_incoming(self, things: Sequence[str]) -> list[Incoming]:
        """Return by which paths things are pointed to; where that is too much, the first paths."""
        release = self.answers.release.number if self.answers.release else 0
        if self.hubs.has(release, things[0]):
            return self._list_paths(things)
        try:
            rows = self._select(patterns.count_incoming(things), PATIENCE)
        except (TimeLimitExceeded, MemoryLimitExceeded):
            self.hubs.add(release, things[0])
            return self._list_paths(things)
        return [
            Incoming(_read_path(row), int(row["count"]["value"])) for row in rows if "p0" in row
        ]

    def _list_paths(self, things: Sequence[str]) -> list[Incoming]:
        rows = self._select(patterns.list_paths(things))
        return [Incoming(_read_path(row), UNCOUNTED) for row in rows if "p0" in row]

    def fill(
        self, things: Sequence[str], incoming: Sequence[Incoming], limit: int, offset: int = 0
    ) -> list[Incoming]:
        """Return the same with a part of the things that point by each path."""
        if not incoming:
            return []
        paths = [(each.path, each.count) for each in incoming]
        sources: dict[int, list[str]] = {}
        for row in self._select(patterns.select_incoming(things, paths, limit, offset)):
            sources.setdefault(int(row["path"]["value"]), []).append(row["source"]["value"])
        return [replace(each, sources=tuple(sources.get(n, ()))) for n, each in enumerate(incoming)]

    def _select(self, query: str, timeout: float | None = None) -> list[dict[str, Any]]:
        return list(self._ask(query, timeout)["results"]["bindings"])

    def _ask(self, query: str, timeout: float | None = None) -> dict[str, Any]:
        request = QueryRequest(query, format="json", timeout=timeout)
        answer = self.answers.answer(request, None, replace(self.visitor, known=""))
        return dict(json.loads(_read_body(answer)))


def name_of(term: Term) -> str:
    """Return what a subject is called in ``Statements``."""
    return f"_:{term['value']}" if term["type"] == "bnode" else str(term["value"])


def _read_body(answer: Answer) -> bytes:
    return answer.body if answer.body is not None else b"".join(answer.pieces or ())


def _read_path(row: Mapping[str, Term]) -> Path:
    return tuple(str(row[name]["value"]) for name in ("p0", "p1", "p2") if name in row)


def _main_first(iri: str) -> tuple[bool, str]:
    """Order a document's things: what it is about, as Libris names that, before the others."""
    return not iri.endswith("#it"), iri
