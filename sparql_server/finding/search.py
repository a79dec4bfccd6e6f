"""A search as a request has it, and its answer: things, saved queries, terms of the vocabulary."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from sparql_server.answering.answer import Answer, Visitor
from sparql_server.answering.answers import Answers
from sparql_server.catalogue.parameter_types import expand
from sparql_server.catalogue.saved_query import LANGUAGES, Catalogue, SavedQuery
from sparql_server.engine.text.storage.word_folding import words
from sparql_server.errors import BadParameter, NotInRelease, RequestError
from sparql_server.finding.replying import describe_query, describe_term
from sparql_server.finding.schema import Schema, Term
from sparql_server.saved.listing import searchable_text
from sparql_server.sparql.iri import is_absolute
from sparql_server.sparql.protocol import Parameters

LONGEST = 200
"""Characters of a search, at most."""

MOST_WORDS = 16
"""Words of a search, at most."""

MOST = 100
"""Hits that a search may ask for."""

_HITS = 10
_BESIDE = 5  # saved queries, and terms, that are shown beside things
_KNOWN = frozenset(("q", "class", "lang", "limit", "format"))


@dataclass(frozen=True, slots=True)
class Search:
    """A search. kind: IRI of a class that things are to be of, or empty. language: of labels."""

    text: str
    kind: str
    language: str
    limit: int

    @property
    def wanted(self) -> tuple[str, str, str, str]:
        """The search, as ``Job.search`` has it: the same however it is spaced and cased.

        In an IRI, case counts.
        """
        text = self.text if ":" in self.text else " ".join(self.text.split()).casefold()
        return text, self.kind, self.language, str(self.limit)


def read_search(parameters: Parameters, language: str) -> Search:
    """Return what a request looks for. language: where it names none. Raises BadParameter."""
    for name in parameters:
        if name not in _KNOWN:
            raise BadParameter(
                f"There is no parameter {name}; there are q, class, lang and limit.", parameter=name
            )
    text = _single(parameters, "q", "").strip()
    if len(text) > LONGEST or len(words(text)) > MOST_WORDS:
        raise _bad("q", f"A search has {LONGEST} characters and {MOST_WORDS} words at most.")
    kind = expand(_single(parameters, "class", ""))
    if kind and not (is_absolute(kind) and len(kind) <= 2000):
        raise _bad("class", "class is the IRI of a class, or a name with a predefined prefix.")
    chosen = _single(parameters, "lang", language)
    if chosen not in LANGUAGES:
        raise _bad("lang", f"lang is one of {', '.join(LANGUAGES)}.")
    return Search(text, kind, chosen, _limit(_single(parameters, "limit", str(_HITS))))


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 0 < int(text) <= MOST):
        raise _bad("limit", f"limit is a number from 1 to {MOST}.")
    return int(text)


def _single(parameters: Parameters, name: str, default: str) -> str:
    values = parameters.get(name, [default])
    if len(values) > 1:
        raise _bad(name, f"{name} is there {len(values)} times; once is right.")
    return values[0]


def _bad(name: str, detail: str) -> BadParameter:
    return BadParameter(detail, parameter=name)


def write_query(search: Search) -> str:
    """Return a query that finds, slowly, things by their names where there is no index."""
    literal = json.dumps(search.text.lower(), ensure_ascii=False)
    kind = f" ; a <{search.kind}>" if search.kind else ""
    return (
        "SELECT DISTINCT ?thing ?name {"
        f" ?thing :name|:label|:prefLabel|:familyName|:hasTitle/:mainTitle ?name{kind}"
        f" FILTER(CONTAINS(LCASE(STR(?name)), {literal})) }} LIMIT {search.limit}"
    )


class Finder:
    """Finds things, saved queries and terms.

    answers: what searches are put to; None: this engine takes none.
    """

    def __init__(self, answers: Answers | None, catalogue: Catalogue) -> None:
        self._answers = answers
        self._queries = [(query, searchable_text(query)) for query in catalogue.queries.values()]

    def things(
        self, search: Search, visitor: Visitor, *, counted: bool = True
    ) -> tuple[dict[str, Any], Answer | None]:
        """Return the things that fit, as a worker says them, and the answer that they came in.

        counted: whether it counts as a request of the client; one of many that came as one doesn't.
        Raises RequestError: NotInRelease where there is no text index.
        """
        if not search.text:
            return {"query": search.text, "hits": [], "took_ms": 0.0}, None
        answers = self.answers(search)
        if counted:
            answers.admit(visitor.client)
        answer = answers.give(answers.asking.search(search.wanted), replace(visitor, known=""))
        return read_answer(search, answer), answer

    def answers(self, search: Search) -> Answers:
        """Return what a search is put to. Raises NotInRelease."""
        if self._answers is None:
            raise NotInRelease(
                "The data is at another endpoint, and this server has no index of its names. Ask"
                " /sparql instead, with the query given here or one like it.",
                query=write_query(search),
            )
        if self._answers.release is None:
            raise NotInRelease("Nothing is published yet: run libris-loader release.")
        return self._answers

    def beside(self, search: Search, schema: Schema | None) -> tuple[list[SavedQuery], list[Term]]:
        """Return the saved queries and the terms of the vocabulary that fit."""
        if not words(search.text) or search.kind:
            return [], []
        typed = search.text.casefold().split()
        queries = [query for query, text in self._queries if all(word in text for word in typed)]
        terms = schema.terms_named(search.text, _BESIDE) if schema else []
        return queries[:_BESIDE], terms

    def complete(
        self, found: dict[str, Any], search: Search, schema: Schema | None, base: str
    ) -> dict[str, Any]:
        """Return the things that were found with what stands beside them, as a program gets it.

        base: address of the list of saved queries, absolute.
        """
        queries, terms = self.beside(search, schema)
        return {
            **found,
            "queries": [describe_query(query, base) for query in queries],
            "terms": [describe_term(term, search.language) for term in terms],
        }

    def by_name(self, text: str, kind: str | None, visitor: Visitor) -> list[str]:
        """Return the IRIs of things with such a name; none where they aren't all that fit.

        kind: IRI of their class, if that is known: then the best are enough.
        """
        if not text or len(words(text)) > MOST_WORDS:
            return []
        try:
            search = Search(text, kind or "", LANGUAGES[0], MOST)
            hits = self.things(search, visitor)[0]["hits"]
        except RequestError:
            return []
        return [hit["iri"] for hit in hits] if kind or len(hits) < MOST else []


def read_answer(search: Search, answer: Answer) -> dict[str, Any]:
    """Return what a worker has found for a search; with what was typed, in its own spelling."""
    return {**json.loads(answer.read()), "query": search.text}
