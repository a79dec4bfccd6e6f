"""Text search in SPARQL: its patterns in a query, and what is put in their place.

``?text bif:contains "expression"``, with ``OPTION (score ?score)``, and ``?thing text:query
(property "expression" limit)``, with ``(?thing ?score ?text)`` for the subject. The index answers
each, and VALUES has its answer, so that whatever evaluates the query joins it like any pattern.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sparql_server.engine.columns.algebra import Unsuited
from sparql_server.engine.columns.syntax.pattern_syntax import read_group
from sparql_server.engine.columns.syntax.query_syntax import read_select
from sparql_server.engine.columns.syntax.term_syntax import read_iri
from sparql_server.engine.columns.syntax.token_reader import Grammar, TokenReader
from sparql_server.engine.columns.syntax.tokens import Tokens, split_tokens
from sparql_server.engine.oxigraph.syntax.scope import FreshVariables
from sparql_server.engine.text.expression_tokens import Malformed
from sparql_server.engine.text.pattern_arguments import (
    CONTAINS,
    ONCE,
    QUERY,
    RIGHT,
    STRING,
    Arguments,
    wrong,
)
from sparql_server.engine.text.replacements import Asked, replacement
from sparql_server.engine.text.texts import Texts
from sparql_server.engine.text.triple_spans import ENDS, NoTriples, TripleSpans

PREFIXES = {"bif": "bif:", "text": "http://jena.apache.org/text#"}
"""Prefixes that text search has without a declaration."""

_NODES = frozenset(("string", "(", "[", "variable", "name", "iri", "blank", "number"))
_STEPS = frozenset(("/", "|", "^", "*", "+", "?"))
_SHOWS_ALL = frozenset(("SELECT", "DISTINCT", "REDUCED"))


@dataclass(frozen=True, slots=True)
class TextQuery:
    """A query that searches texts. plain: without what SPARQL hasn't, every character in its place.

    asked: its patterns, in their order. starred: whether it shows variables with ``*``.
    """

    text: str
    plain: str
    asked: tuple[Asked, ...]
    starred: bool

    def answered(self, texts: Texts) -> str:
        """Return the query with the index's answers in the place of its patterns.

        Raises Malformed.
        """
        fresh = FreshVariables(self.text)
        parts, place = [], 0
        for asked in self.asked:
            replaced = replacement(asked, texts, fresh, hidden=not self.starred)
            parts += [self.text[place : asked.begin], replaced]
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
        self._arguments = Arguments(self._reader, self._triples, self._iri)

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
        for begin, end in self._arguments.blanked:
            plain[begin:end] = " " * (end - begin)
        return TextQuery(self._query, "".join(plain), tuple(asked), self._shows_all())

    def _shows_all(self) -> bool:
        pairs = zip(self._kinds, self._kinds[1:], strict=False)
        return any(second == "*" and first in _SHOWS_ALL for first, second in pairs)

    def _pattern_at(self, at: int) -> str | None:
        """Return the IRI of text search that stands as a predicate at a place. Raises Malformed."""
        iri = self._iri(at)
        before = self._kinds[at - 1]
        if iri is None or before in ("PREFIX", "BASE", "{", ","):
            return None
        if iri in RIGHT and self._kinds[at + 1] in _NODES:
            return iri
        if before in ("variable", ";") and iri.startswith(tuple(PREFIXES.values())):
            self._refuse(at, iri)
        return None

    def _refuse(self, at: int, iri: str) -> None:
        """Say what is right where nothing like text search stands. Raises Malformed."""
        following = self._kinds[at + 1]
        if iri in RIGHT and following in _STEPS:
            raise wrong(iri, ONCE)
        if iri in RIGHT and (following == "stray" or following.isupper()) and following not in ENDS:
            raise wrong(iri, STRING)
        name = self._read.texts[at]
        is_own = name.partition(":")[0] in _declared(self._read)
        if iri not in RIGHT and following in ("string", "(") and not is_own:
            known = CONTAINS if iri.startswith(PREFIXES["bif"]) else QUERY
            raise Malformed(f"There is no {name} here. Texts are searched with {RIGHT[known]}.")

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
        if iri == CONTAINS and self._kinds[at + 1] == "(":
            raise wrong(iri, "it is a pattern, and no function")
        try:
            begin = self._triples.begin(at)
        except NoTriples as error:
            raise wrong(iri, str(error)) from error
        end = self._triples.end(at)
        subject_end = self._triples.after_node(begin)
        segments = self._triples.segments(subject_end, end)
        own = [part for part in segments if self._iri(part[0]) in RIGHT]
        if len(own) != 1:
            raise wrong(iri, ONCE)
        kept = [self._text(*part) for part in segments if part not in own and part[0] < part[1]]
        subject = self._arguments.subject(begin, subject_end, iri)
        rest = f"{subject[0]} {' ; '.join(kept)} ." if kept else ""
        read = self._arguments.contains if iri == CONTAINS else self._arguments.query
        asked = read(*own[0], subject)
        if self._kinds[end] == ".":
            end += 1  # what is put in their place ends with one
        place = (self._read.starts[begin], self._read.ends[end - 1])
        return replace(asked, begin=place[0], end=place[1], rest=rest), end

    def _text(self, begin: int, end: int) -> str:
        return self._query[self._read.starts[begin] : self._read.ends[end - 1]]


def _declared(read: Tokens) -> dict[str, str]:
    """Return the prefixes that a query declares."""
    return {
        read.texts[at + 1][:-1]: read.texts[at + 2][1:-1]
        for at, kind in enumerate(read.kinds[:-2])
        if kind == "PREFIX" and read.kinds[at + 2] == "iri"
    }
