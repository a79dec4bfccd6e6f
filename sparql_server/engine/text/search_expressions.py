"""Search expressions: words, phrases and beginnings, with AND, OR and NOT.

As Virtuoso's ``bif:contains`` has them (https://docs.openlinksw.com/virtuoso/rdfsparqlrulefulltext/)
and Jena's ``text:query`` (https://jena.apache.org/documentation/query/text-query.html), whose words
without anything between them are alternatives.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import tantivy

from sparql_server.engine.text.storage.word_folding import words

_LONGEST = 1000  # characters of an expression
_MOST = 64  # words and phrases in it
_DEEPEST = 20  # brackets within each other
_BEGINNING = 2  # letters that stand before *
_TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"[^"]*"|'[^']*')|(?P<mark>[()&|!+-])|(?P<word>[^\s()"'&|]+))"""
)
_OPERATORS = {"&": "AND", "|": "OR", "!": "NOT", "+": "", "-": "NOT", "(": "(", ")": ")"}
_WORDS = frozenset(("AND", "OR", "NOT", "NEAR"))

RIGHT = "\"'selma lagerlöf' AND saga*\""
"""An expression as it should be, in a query."""


class Malformed(Exception):
    """An expression can't be searched for; the text says why, and what is right."""


@dataclass(frozen=True, slots=True)
class _Token:
    """A token. kind: an operator, a bracket, ``phrase`` or ``word``; end: nothing is left."""

    kind: str
    text: str = ""


def read_expression(schema: tantivy.Schema, text: str, *, alternatives: bool) -> tantivy.Query:
    """Return what an expression looks for in texts. Raises Malformed.

    alternatives: whether words with nothing between them are.
    """
    if len(text) > _LONGEST:
        raise Malformed(f"The search expression has more than {_LONGEST:,} characters.")
    return _Reader(schema, _tokens(text), alternatives).read()


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    place = 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None:
            raise _malformed(f"a quotation mark at character {place + 1} has no partner")
        place = match.end()
        found += _token(match)
    return [*found, _Token("end")]


def _token(match: re.Match[str]) -> list[_Token]:
    if match["quoted"]:
        return [_Token("phrase", match["quoted"][1:-1])]
    if match["mark"]:
        kind = _OPERATORS[match["mark"]]
        return [_Token(kind)] if kind else []
    word = match["word"]
    return [_Token(word.upper()) if word.upper() in _WORDS else _Token("word", word)]


def _malformed(reason: str) -> Malformed:
    return Malformed(f"The search expression is malformed: {reason}. Right is, say, {RIGHT}.")


class _Reader:
    """Reads an expression from its tokens: OR binds less than AND."""

    def __init__(self, schema: tantivy.Schema, tokens: list[_Token], alternatives: bool) -> None:
        self._schema = schema
        self._tokens = tokens
        self._alternatives = alternatives
        self._at = 0
        self._left = _MOST
        self._depth = 0

    def read(self) -> tantivy.Query:
        query = self._either()
        if self._kind != "end":
            raise _malformed(f"{self._tokens[self._at].kind} stands where nothing is expected")
        return query

    @property
    def _kind(self) -> str:
        return self._tokens[self._at].kind

    def _takes(self, kind: str) -> bool:
        taken = self._kind == kind
        self._at += taken
        return taken

    def _either(self) -> tantivy.Query:
        parts = [self._every()]
        while self._takes("OR") or (self._alternatives and self._kind in ("word", "phrase", "(")):
            parts.append(self._every())
        return parts[0] if len(parts) == 1 else _combined(tantivy.Occur.Should, parts)

    def _every(self) -> tantivy.Query:
        """Read what must all be there, or must not."""
        parts = [self._part()]
        while self._takes("AND") or self._kind == "NOT":
            parts.append(self._part())
        if all(occur == tantivy.Occur.MustNot for occur, _ in parts):
            raise _malformed("NOT alone finds nothing: say what is to be there, too")
        if len(parts) == 1:
            return parts[0][1]
        return tantivy.Query.boolean_query(parts)

    def _part(self) -> tuple[tantivy.Occur, tantivy.Query]:
        occur = tantivy.Occur.MustNot if self._takes("NOT") else tantivy.Occur.Must
        if self._takes("("):
            return occur, self._bracketed()
        token = self._tokens[self._at]
        if token.kind not in ("word", "phrase"):
            raise _malformed(_expected(token.kind))
        self._at += 1
        self._left -= 1
        if self._left < 0:
            raise Malformed(f"The search expression has more than {_MOST} words.")
        if self._kind in ("word", "phrase") and not self._alternatives:
            raise _malformed("between words stands AND or OR, and a phrase is in quotation marks")
        return occur, self._words(token.text)

    def _bracketed(self) -> tantivy.Query:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _malformed(f"there are more than {_DEEPEST} brackets within each other")
        query = self._either()
        if not self._takes(")"):
            raise _malformed("a bracket isn't closed")
        self._depth -= 1
        return query

    def _words(self, text: str) -> tantivy.Query:
        """Return what a word or a phrase looks for."""
        parts = words(text)
        if not parts:
            raise _malformed(f"{text!r} has no word in it")
        if text.rstrip().endswith("*"):
            return self._beginning(parts)
        if "*" in text or "?" in text:
            raise _malformed("* stands at the end of a word")
        if len(parts) > 1:
            return tantivy.Query.phrase_query(self._schema, "text", list(parts))
        return tantivy.Query.term_query(self._schema, "text", parts[0], index_option="freq")

    def _beginning(self, parts: list[str]) -> tantivy.Query:
        if len(parts) > 1:
            raise _malformed("a phrase has no *: write 'selma' AND lagerl*")
        if len(parts[0]) < _BEGINNING:
            raise _malformed(f"before * stand {_BEGINNING} letters or more")
        return tantivy.Query.fuzzy_term_query(
            self._schema, "text", parts[0], distance=0, prefix=True
        )


def _expected(kind: str) -> str:
    if kind == "NEAR":
        return "NEAR isn't known here: write AND, or a phrase in quotation marks"
    if kind == "end":
        return "a word is missing at its end"
    return f"a word is missing before {kind}"


def _combined(occur: tantivy.Occur, parts: list[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(occur, part) for part in parts])
