"""Text search in SPARQL: its patterns in a query, and what is put in their place.

``?text bif:contains "expression"``, with ``OPTION (score ?score)``, and ``?thing text:query
(property "expression" limit)``, with ``(?thing ?score ?text)`` for the subject. The index answers
each, and VALUES has its answer, so that whatever evaluates the query joins it like any pattern.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sparql_server.engine.columns.algebra import Unsuited
from sparql_server.engine.columns.syntax.pattern_syntax import read_group
from sparql_server.engine.columns.syntax.query_syntax import read_select
from sparql_server.engine.columns.syntax.term_syntax import read_iri, read_string
from sparql_server.engine.columns.syntax.token_reader import Grammar, TokenReader
from sparql_server.engine.columns.syntax.tokens import Tokens, split_tokens
from sparql_server.engine.oxigraph.syntax.scope import FreshVariables
from sparql_server.engine.text.replacements import Asked, replacement
from sparql_server.engine.text.search_expressions import Malformed
from sparql_server.engine.text.texts import Texts
from sparql_server.engine.text.triple_spans import NoTriples, TripleSpans, group_starts

CONTAINS = "bif:contains"
QUERY = "http://jena.apache.org/text#query"
PREFIXES = {"bif": "bif:", "text": "http://jena.apache.org/text#"}
"""Prefixes that text search has without a declaration."""

_RIGHT = {
    CONTAINS: "?thing :mainTitle ?title . ?title bif:contains \"'havet' AND natt*\"",
    QUERY: '?thing text:query (:mainTitle "havet" 10)',
}
_NODES = frozenset(("string", "(", "[", "variable", "name", "iri", "blank", "number"))
_SUBJECT = 3  # thing, score, text
_STEPS = frozenset(("/", "|", "^", "*", "+", "?", ")"))


@dataclass(frozen=True, slots=True)
class TextQuery:
    """A query that searches texts. plain: without what SPARQL hasn't, every character in its place.

    asked: its patterns, in their order.
    """

    text: str
    plain: str
    asked: tuple[Asked, ...]

    def answered(self, texts: Texts) -> str:
        """Return the query with the index's answers in the place of its patterns.

        Raises Malformed.
        """
        fresh = FreshVariables(self.text)
        parts, place = [], 0
        for asked in self.asked:
            parts += [self.text[place : asked.begin], replacement(asked, texts, fresh)]
            place = asked.end
        return "".join([*parts, self.text[place:]])


def find_patterns(query: str, prefixes: Mapping[str, str]) -> TextQuery | None:
    """Return what a query searches texts for; None if it is nothing. Raises Malformed."""
    try:
        return _Finder(query, split_tokens(query), prefixes).find()
    except (Unsuited, IndexError) as error:
        raise Malformed("The query is too long, or too deep, to search texts in it.") from error


class _Finder:
    """Finds the patterns in a query's tokens."""

    def __init__(self, query: str, read: Tokens, prefixes: Mapping[str, str]) -> None:
        self._query = query
        self._read = read
        self._kinds = read.kinds
        known = {**PREFIXES, **prefixes, **_declared(read)}
        self._reader = TokenReader(query, known, None, Grammar(read_group, read_select))
        self._triples = TripleSpans(read.kinds)
        self._groups = group_starts(read.kinds)
        self._blanked: list[tuple[int, int]] = []

    def find(self) -> TextQuery | None:
        """Return the patterns, if there are any."""
        asked: list[Asked] = []
        done = -1
        for at in range(len(self._kinds)):
            iri = self._pattern_at(at)
            if iri and at > done:
                found, done = self._statement(at, iri)
                asked.append(found)
        if not asked:
            return None
        plain = list(self._query)
        for begin, end in self._blanked:
            plain[begin:end] = " " * (end - begin)
        return TextQuery(self._query, "".join(plain), tuple(asked))

    def _pattern_at(self, at: int) -> str | None:
        """Return the IRI of text search that stands at a place, as a predicate."""
        iri = self._iri(at)
        if iri not in _RIGHT or self._kinds[at - 1] in ("PREFIX", "BASE", "{", ","):
            return None
        if self._kinds[at + 1] not in _NODES:
            return None
        return iri

    def _iri(self, at: int) -> str | None:
        if self._kinds[at] not in ("name", "iri"):
            return None
        self._reader.at = at
        try:
            return read_iri(self._reader).value
        except Unsuited:
            return None

    def _statement(self, at: int, iri: str) -> tuple[Asked, int]:
        """Return what the triples with a pattern ask, and where they end."""
        try:
            begin = self._triples.begin(at)
        except NoTriples as error:
            raise _wrong(iri, str(error)) from error
        end = self._triples.end(at)
        subject_end = self._triples.after_node(begin)
        segments = self._triples.segments(subject_end, end)
        own = [part for part in segments if self._iri(part[0]) in _RIGHT]
        if len(own) != 1:
            raise _wrong(iri, "it is a predicate, once for a subject, and no part of a path")
        kept = [self._text(*part) for part in segments if part not in own and part[0] < part[1]]
        first = self._kinds[begin]
        if iri == CONTAINS and first != "variable":
            raise _wrong(iri, "its subject is a variable that has a text")
        subject = self._variables(begin, subject_end, iri)
        rest = f"{subject[0]} {' ; '.join(kept)} ." if kept else ""
        read = self._contains if iri == CONTAINS else self._jena
        asked = read(*own[0], subject)
        if self._kinds[end] == ".":
            end += 1  # what is put in their place ends with one
        place = (self._read.starts[begin], self._read.ends[end - 1])
        return replace(asked, begin=place[0], end=place[1], rest=rest), end

    def _text(self, begin: int, end: int) -> str:
        return self._query[self._read.starts[begin] : self._read.ends[end - 1]]

    def _variables(self, begin: int, end: int, iri: str) -> list[str]:
        """Return the subject: a variable or an IRI, or those in brackets."""
        inner = range(begin, end) if end - begin == 1 else range(begin + 1, end - 1)
        fits = ("variable", "name", "iri")
        first = fits if len(inner) == 1 and self._kinds[begin] != "(" else ("variable",)
        kinds = [self._kinds[at] for at in inner]
        if self._kinds[begin] == "[" or not kinds or any(kind not in first for kind in kinds):
            raise _wrong(iri, "its subject is a variable, or several in brackets")
        return [self._read.texts[at].replace("$", "?") for at in inner]

    # What it asks

    def _contains(self, begin: int, end: int, subject: Sequence[str]) -> Asked:
        expression = self._string(begin + 1, CONTAINS)
        score = self._option(self._reader.at, end)
        properties, is_object = self._properties(subject[0])
        if not is_object:
            raise _wrong(
                CONTAINS, f"{subject[0]} is the object of no triple here, so it has no text"
            )
        return Asked(expression, properties, text=subject[0], score=score)

    def _string(self, at: int, iri: str) -> str:
        if self._kinds[at] != "string":
            raise _wrong(iri, "its object is an expression in quotation marks")
        self._reader.at = at
        text = read_string(self._reader)
        self._reader.takes("language")
        return text

    def _option(self, at: int, end: int) -> str | None:
        """Read ``OPTION (score ?score)``, which is Virtuoso's; return the variable."""
        if at >= end:
            return None
        kinds = self._kinds[at:end]
        if kinds != ["OPTION", "(", "SCORE", "variable", ")"]:
            raise _wrong(CONTAINS, "after its expression stands OPTION (score ?score), or nothing")
        self._blanked.append((self._read.starts[at], self._read.ends[end - 1]))
        return self._read.texts[at + 3].replace("$", "?")

    def _properties(self, variable: str) -> tuple[tuple[str, ...], bool]:
        """Return the property whose object a variable is in the pattern's group, if it is plain.

        And whether it is an object at all.
        """
        own = self._groups[self._reader.at - 1]
        is_object = False
        for at, text in enumerate(self._read.texts):
            if text.replace("$", "?") != variable or not self._is_object(at):
                continue
            is_object = True
            iri = self._iri(at - 1)
            if iri and self._groups[at] == own and self._kinds[at - 2] not in ("|", "^", "!"):
                return (iri,), True
        return (), is_object

    def _is_object(self, at: int) -> bool:
        before = self._kinds[at - 1]
        return before in ("name", "iri", "A", ",") or before in _STEPS

    def _jena(self, begin: int, end: int, subject: Sequence[str]) -> Asked:
        """Read what stands after text:query: an expression, or a list with one."""
        at, last = begin + 1, end
        if self._kinds[at] == "(":
            at, last = at + 1, self._triples.after_node(at) - 1
        properties = []
        while at < last and (iri := self._iri(at)):
            properties.append(iri)
            at += 1
        expression = self._string(at, QUERY)
        limit = self._limit(self._reader.at, last)
        if len(subject) > _SUBJECT or len(set(subject)) < len(subject):
            raise _wrong(QUERY, "its subject is ?thing, or (?thing ?score ?text)")
        thing, score, text = [*subject, None, None][:3]
        return Asked(expression, tuple(properties), thing, text, score, limit)

    def _limit(self, at: int, last: int) -> int | None:
        if at >= last:
            return None
        text = self._read.texts[at]
        if self._kinds[at] != "number" or not text.isdigit() or at + 1 < last or len(text) > 9:
            raise _wrong(QUERY, "after its expression stands how many are wanted at most")
        return int(text)


def _declared(read: Tokens) -> dict[str, str]:
    """Return the prefixes that a query declares."""
    return {
        read.texts[at + 1][:-1]: read.texts[at + 2][1:-1]
        for at, kind in enumerate(read.kinds[:-2])
        if kind == "PREFIX" and read.kinds[at + 2] == "iri"
    }


def _wrong(iri: str, reason: str) -> Malformed:
    name = "bif:contains" if iri == CONTAINS else "text:query"
    return Malformed(f"{name} isn't as it should be: {reason}. Right is {_RIGHT[iri]}.")
