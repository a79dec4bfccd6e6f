"""Values to pick from: what the catalogue's lists have, asked like any other query."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from sparql_server.answering.answer import Answer, Visitor
from sparql_server.answering.answers import Answers
from sparql_server.catalogue.binding import are_too_many
from sparql_server.catalogue.choices import (
    LIMIT,
    make_choices_query,
    make_known_query,
    make_labels_query,
)
from sparql_server.catalogue.parameter_types import NotOfType, expand
from sparql_server.catalogue.saved_query import Catalogue, Parameter
from sparql_server.engine.prefixes import predefined
from sparql_server.errors import MemoryLimitExceeded, RequestError, TimeLimitExceeded
from sparql_server.sparql.protocol import QueryRequest

LISTED = LIMIT + 1
"""Rows that a list is asked for: one more than is shown tells whether there are more."""

LONGEST_SEARCH = 200
"""Characters of a search for values, at most."""

_MOST_SLOW = 1000  # lists that are remembered to be
PATIENCE = 2.0  # seconds that a page waits for a list; without it, the field takes text
_LOCAL = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


@dataclass(frozen=True, slots=True)
class Pick:
    """A value to pick, as a request sends it. labels: language to label; may lack either."""

    value: str
    labels: Mapping[str, str]

    def label(self, language: str) -> str:
        """Return the label in a language, or else in another, or else the value."""
        return self.labels.get(language) or next(iter(self.labels.values()), self.value)


@dataclass(frozen=True, slots=True)
class Listing:
    """Values to pick from, in the order of their labels. more: there are others."""

    picks: tuple[Pick, ...]
    more: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return what a program gets."""
        picks = [{"value": pick.value, "labels": dict(pick.labels)} for pick in self.picks]
        return {"values": picks, "more": self.more}


def pick_allowed(parameter: Parameter, search: str = "") -> Listing:
    """Return those of the values allowed, if only some are, whose label or value holds a text."""
    picks = (Pick(choice.value, choice.labels) for choice in parameter.choices)
    return Listing(tuple(pick for pick in picks if _holds(pick, search.casefold())))


def _holds(pick: Pick, text: str) -> bool:
    return any(text in shown.casefold() for shown in (pick.value, *pick.labels.values()))


def read_listed(
    answers: Answers, parameter: Parameter, catalogue: Catalogue, search: str, who: Visitor
) -> tuple[Listing, Answer] | None:
    """Return values that a list has and the answer they came in; None: there is no list.

    The answer's format is None where the client has it already. Raises RequestError.
    """
    query = make_choices_query(parameter, catalogue, search, LISTED)
    if query is None:
        return None
    answer = answers.answer(QueryRequest(query, format="json"), None, who)
    return _make_listing(_read_rows(answer) if answer.format else []), answer


def read_known(
    answers: Answers,
    parameter: Parameter,
    catalogue: Catalogue,
    things: Sequence[str],
    who: Visitor,
) -> tuple[Listing, Answer] | None:
    """Return those of some things that a list has, in the order of ``things``; None: it has none.

    things: their IRIs, at least one. The answer is as of ``read_listed``. Raises RequestError.
    """
    query = make_known_query(parameter, catalogue, things, 2 * len(things))
    if query is None:
        return None
    answer = answers.answer(QueryRequest(query, format="json"), None, who)
    if answer.format is None:
        return Listing(()), answer
    places = {iri: place for place, iri in enumerate(things)}
    rows = [row for row in _read_rows(answer) if row.get("value", {}).get("value") in places]
    rows.sort(key=lambda row: places[row["value"]["value"]])
    return (_make_listing(rows), answer) if rows else None


class Lists:
    """The lists that pages show: those that come soon enough.

    A list that was too slow is not asked for again until another release is served.
    """

    def __init__(self, answers: Answers, catalogue: Catalogue) -> None:
        self._answers = answers
        self._catalogue = catalogue
        self._slow: set[tuple[int, bytes]] = set()

    def of(self, parameter: Parameter, who: Visitor) -> Listing | None:
        """Return the first values of a parameter's list; None: there is none, or not soon."""
        if parameter.choices:
            return pick_allowed(parameter)
        query = make_choices_query(parameter, self._catalogue, limit=LISTED)
        if query is None:
            return None
        rows = self._ask(query, who)
        return None if rows is None else _make_listing(rows)

    def labelled(self, parameter: Parameter, values: Sequence[str], who: Visitor) -> list[Pick]:
        """Return values with their labels, as far as they are known."""
        known = self._known(parameter, values, who)
        return [Pick(value, known.get(expand(value), {})) for value in values]

    def _known(
        self, parameter: Parameter, values: Sequence[str], who: Visitor
    ) -> dict[str, Mapping[str, str]]:
        """Return the labels of values; a thing may be known by an IRI that it has elsewhere."""
        if parameter.choices:
            return {expand(pick.value): pick.labels for pick in pick_allowed(parameter).picks}
        if are_too_many(values):  # a form may be shown with what was refused
            return {}
        try:
            query = make_labels_query(parameter, self._catalogue, values) if values else None
        except NotOfType:
            return {}
        rows = (self._ask(query, who) if query else None) or []
        return {row["requested"]["value"]: _read_labels(row) for row in rows if "requested" in row}

    def _ask(self, query: str, who: Visitor) -> list[dict[str, Any]] | None:
        release = self._answers.release
        key = (release.number if release else 0, sha256(query.encode()).digest())
        if key in self._slow:
            return None
        request = QueryRequest(query, format="json", timeout=PATIENCE)
        try:
            return _read_rows(self._answers.fetch(request, who))
        except (TimeLimitExceeded, MemoryLimitExceeded):
            slow = [slow_key for slow_key in self._slow if slow_key[0] == key[0]]
            self._slow = {*slow[-_MOST_SLOW:], key}
            return None
        except RequestError:
            return None


def _read_rows(answer: Answer) -> list[dict[str, Any]]:
    return list(json.loads(answer.read())["results"]["bindings"])


def _make_listing(rows: Sequence[Mapping[str, Any]]) -> Listing:
    """Return values, each once, whatever labels it has; there is one row more than is shown."""
    picks: dict[str, Pick] = {}
    for row in rows:
        if "value" in row:
            picks.setdefault(
                row["value"]["value"], Pick(_read_value(row["value"]), _read_labels(row))
            )
    return Listing(tuple(picks.values())[:LIMIT], len(rows) > LIMIT)


def _read_value(term: Mapping[str, object]) -> str:
    found = str(term["value"])
    return shorten_iri(found) if term["type"] == "uri" else found


def _read_labels(row: Mapping[str, Any]) -> dict[str, str]:
    return {language: row[language]["value"] for language in ("sv", "en") if language in row}


def shorten_iri(iri: str) -> str:
    """Return an IRI with a predefined prefix where that says the same, or as it is.

    >>> shorten_iri("https://id.kb.se/language/swe"), shorten_iri("https://example.org/x")
    ('lge:swe', 'https://example.org/x')
    """
    for prefix, namespace in predefined().items():
        local = iri[len(namespace) :]
        if prefix and iri.startswith(namespace) and local and _LOCAL.issuperset(local):
            return f"{prefix}:{local}"
    return iri
