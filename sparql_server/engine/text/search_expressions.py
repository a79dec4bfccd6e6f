"""Search expressions: words, phrases and beginnings, with AND, OR, NOT and NEAR.

As Virtuoso's ``bif:contains`` has them (https://docs.openlinksw.com/virtuoso/rdfsparqlrulefulltext/)
and Jena's ``text:query`` (https://jena.apache.org/documentation/query/text-query.html), which are
Lucene's: words without anything between them are alternatives, + is before what must be there,
``~1`` behind a word that may have a letter wrong, ``~3`` behind a phrase that may have words
between its own, ``^2`` behind what is worth twice as much.
"""

from __future__ import annotations

from collections.abc import Sequence

import tantivy

from sparql_server.engine.text.expression_tokens import (
    FARTHEST,
    Malformed,
    Token,
    malformed,
    split_expression,
)
from sparql_server.engine.text.storage.word_folding import words

_LONGEST = 1000  # characters of an expression
_MOST = 64  # words and phrases in it
_DEEPEST = 20  # brackets within each other
_BEGINNING = 2  # letters that stand before *
_TERMS = ("word", "phrase")
_CLAUSES = frozenset((*_TERMS, "(", "NOT", "MUST"))

_MUST, _SHOULD, _MUST_NOT = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot
_Clause = tuple[tantivy.Occur, tantivy.Query]


def read_expression(schema: tantivy.Schema, text: str, *, lucene: bool) -> tantivy.Query:
    """Return what an expression looks for in texts. Raises Malformed.

    lucene: whether it is Jena's, that is Lucene's, and not Virtuoso's.
    """
    if len(text) > _LONGEST:
        raise Malformed(f"The search expression has more than {_LONGEST:,} characters.")
    return _Reader(schema, split_expression(text, lucene=lucene), lucene).read()


class _Reader:
    """Reads an expression from its tokens: OR binds less than AND, and AND less than NEAR."""

    def __init__(self, schema: tantivy.Schema, tokens: list[Token], lucene: bool) -> None:
        self._schema = schema
        self._tokens = tokens
        self._lucene = lucene
        self._at = 0
        self._left = _MOST
        self._depth = 0

    def read(self) -> tantivy.Query:
        query = self._either()
        if self._kind != "end":
            raise malformed(f"{self._tokens[self._at].kind} stands where nothing is expected")
        return query

    @property
    def _kind(self) -> str:
        return self._tokens[self._at].kind

    def _takes(self, kind: str) -> bool:
        taken = self._kind == kind
        self._at += taken
        return taken

    def _either(self) -> tantivy.Query:
        clauses = [self._every()]
        while self._takes("OR") or (self._lucene and self._kind in _CLAUSES):
            clauses.append(self._every())
        return _combined(clauses)

    def _every(self) -> _Clause:
        """Read what must all be there, or must not."""
        clauses = [self._part()]
        while self._takes("AND") or (not self._lucene and self._kind == "NOT"):
            clauses.append(self._part())
        if len(clauses) == 1 and self._lucene:
            return clauses[0]
        is_not = [(_MUST_NOT if occur == _MUST_NOT else _MUST, query) for occur, query in clauses]
        return _SHOULD, _combined(is_not)

    def _part(self) -> _Clause:
        """Read a part with how it is to be there; Should is the same as nothing said."""
        occur = _MUST if self._takes("MUST") else _SHOULD
        occur = _MUST_NOT if self._takes("NOT") else occur
        if self._takes("("):
            return occur, self._bracketed()
        query = self._term()
        if self._kind in _TERMS and not self._lucene:
            raise malformed("between words stands AND or OR, and a phrase is in quotation marks")
        return occur, query

    def _bracketed(self) -> tantivy.Query:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise malformed(f"there are more than {_DEEPEST} brackets within each other")
        query = self._either()
        if not self._takes(")"):
            raise malformed("a bracket isn't closed")
        self._depth -= 1
        return query

    def _term(self) -> tantivy.Query:
        """Read a word or a phrase, or several that are near each other."""
        tokens = [self._word()]
        while self._takes("NEAR"):
            tokens.append(self._word())
        queries = [self._sought(token) for token in tokens]
        for first, second in zip(tokens, tokens[1:], strict=False):
            queries.append(self._near(first, second))
        return _combined([(_MUST, query) for query in queries])

    def _word(self) -> Token:
        token = self._tokens[self._at]
        if token.kind not in _TERMS:
            raise malformed(_expected(token.kind))
        self._at += 1
        self._left -= 1
        if self._left < 0:
            raise Malformed(f"The search expression has more than {_MOST} words.")
        return token

    def _near(self, first: Token, second: Token) -> tantivy.Query:
        """Return a query for two words that are near each other, in either order."""
        ends = [words(first.text)[-1], words(second.text)[0]]
        if any(token.text.rstrip().endswith("*") for token in (first, second)):
            raise malformed("NEAR stands between whole words, or phrases, and none has a *")
        return tantivy.Query.phrase_query(self._schema, "text", list(ends), slop=FARTHEST)

    def _sought(self, token: Token) -> tantivy.Query:
        """Return what a word or a phrase looks for."""
        parts = words(token.text)
        if not parts:
            raise malformed(f"{token.text!r} has no word in it")
        starred = token.text.rstrip()
        if "*" in starred[:-1] or (token.kind == "word" and "?" in starred):
            raise malformed("* stands at the end of a word")
        query = self._beginning(parts) if starred.endswith("*") else self._whole(parts, token)
        return query if token.boost == 1 else tantivy.Query.boost_query(query, token.boost)

    def _whole(self, parts: Sequence[str], token: Token) -> tantivy.Query:
        if len(parts) > 1:
            slop = token.apart if token.kind == "phrase" else 0
            return tantivy.Query.phrase_query(self._schema, "text", list(parts), slop=slop)
        if token.apart and token.kind == "word":
            return tantivy.Query.fuzzy_term_query(
                self._schema, "text", parts[0], distance=token.apart
            )
        return tantivy.Query.term_query(self._schema, "text", parts[0], index_option="freq")

    def _beginning(self, parts: Sequence[str]) -> tantivy.Query:
        """Return a query for a word, or a phrase, whose last word goes on."""
        if len(parts[-1]) < _BEGINNING:
            raise malformed(f"before * stand {_BEGINNING} letters or more")
        if len(parts) > 1:  # words have no sign that means something in a pattern
            patterns: list[str | tuple[int, str]] = [*parts[:-1], f"{parts[-1]}.*"]
            return tantivy.Query.regex_phrase_query(self._schema, "text", patterns)
        return tantivy.Query.fuzzy_term_query(
            self._schema, "text", parts[0], distance=0, prefix=True
        )


def _expected(kind: str) -> str:
    return "a word is missing at its end" if kind == "end" else f"a word is missing before {kind}"


def _combined(clauses: list[_Clause]) -> tantivy.Query:
    if all(occur == _MUST_NOT for occur, _ in clauses):
        raise malformed("NOT alone finds nothing: say what is to be there, too")
    return clauses[0][1] if len(clauses) == 1 else tantivy.Query.boolean_query(clauses)
