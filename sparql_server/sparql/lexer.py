"""SPARQL's tokens: enough grammar to know what is a keyword and what only looks like one.

SPARQL 1.1 Query Language, 19.2 to 19.8, https://www.w3.org/TR/sparql11-query/#sparqlGrammar
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from sparql_server.memo import remembered

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
PROLOGUE = ("BASE", "PREFIX", "VERSION")
"""The keywords that a query can begin with, and those that can stand before them."""

MOST = 10_000
"""Tokens of a query that are looked at: no person's has more, and looking at them takes time."""

_DECODED = 100_000  # characters up to which escapes are looked for

# The grammar's characters of names, as they stand between brackets. Python's \w has others: what
# is no name for it would hide what comes after an escape in a name.
BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
VARIABLE = f"{BASE}_0-9\u00b7\u0300-\u036f\u203f-\u2040"
NAME = f"{VARIABLE}\\-"
UCHAR = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_PLX = r"%[0-9A-Fa-f]{2}|\\."

# Repetitions are possessive, and what is never closed is one token: no text takes longer than its
# length is worth, and none takes memory for places to return to.
_KINDS = rf"""
    (?P<space>[\x20\t\r\n]++)  # WS, production 162; Python has many more
  | (?P<comment>\#[^\n\r]*+)
  | (?P<iri><(?:[^<>"{{}}|^`\\\x00-\x20]++|{UCHAR})*+>)
  | (?P<string>\"\"\"(?:\"{{0,2}}(?:[^"\\]|\\.))*+\"\"\"|'''(?:'{{0,2}}(?:[^'\\]|\\.))*+'''
      |(?!\"\"\"|''')(?:"(?:[^"\\\n\r]++|\\.)*+"|'(?:[^'\\\n\r]++|\\.)*+'))
  | (?P<unclosed>(?:\"\"\"|''').*+|["'][^\n\r]*+)
  | (?P<variable>[?$][{VARIABLE}]++)
  | (?P<blank>_:[{NAME}.]*+)
  | (?P<language>@[A-Za-z]++(?:-[A-Za-z0-9]++)*+)
  | (?P<escape>{UCHAR})
  | (?P<name>(?:[{BASE}](?:\.*+[{NAME}])*+)?+:
      (?:(?:[{BASE}_:0-9]|{_PLX})(?:\.*+(?:[{NAME}:]|{_PLX}))*+)?+)
  | (?P<words>[{BASE}](?:\.*+[{NAME}])*+)
  | (?P<number>[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?)
  | (?P<symbol>\\.|.)
"""
_TOKEN = re.compile(_KINDS, re.VERBOSE | re.DOTALL)
# Whatever stands before an escape, as much of it as there is: at the end of a text, all of it.
_UP_TO_ESCAPE = re.compile(
    rf"""
    (?P<before>(?:(?!{UCHAR})(?:{re.sub(r"[?]P<[a-z]+>", "?:", _KINDS)}))*+)
    (?:(?P<decoded>{UCHAR})|\Z)
    """,
    re.VERBOSE | re.DOTALL,
)
# What looks like a prefix and has no colon.
_WORD = re.compile(r"(?P<word>\w+)|(?P<symbol>.)", re.DOTALL)

_CERTAIN = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*://[^']*>|<[^#']*>")


class Token(NamedTuple):
    """One token. kind: the group of the grammar. start: offset in the text.

    A tuple: thousands of them come of a long query, and a dataclass takes twice as long to make.
    """

    kind: str
    text: str
    start: int


def decode_escapes(query: str) -> str:
    r"""Replace codepoint escapes (19.2) where they are no part of a string or an IRI.

    The grammar would have them replaced before all else; pyoxigraph reads them in strings and
    IRIs, as what they stand for, and takes them nowhere else.

    >>> decode_escapes(r"\u0053ERVICE '\u0022'")
    "SERVICE '\\u0022'"
    """
    return _decode(query) if "\\" in query and len(query) <= _DECODED else query


@remembered(4, _DECODED)  # each query is read for several reasons, one after the other
def _decode(query: str) -> str:
    return _UP_TO_ESCAPE.sub(_with_character, query)


def _with_character(match: re.Match[str]) -> str:
    escape = match["decoded"] or ""
    if not escape:
        return match[0]
    code = int(escape[2:], 16)
    is_character = code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF
    return match["before"] + (chr(code) if is_character else escape)


def split_pieces(query: str) -> Iterator[Token]:
    """Yield the tokens of a query whose escapes are decoded, and what stands between them.

    What is never closed, and escapes where none can be, are tokens too.
    """
    for match in _TOKEN.finditer(query):
        kind = match.lastgroup or ""
        if kind != "words":
            yield Token(kind, match[0], match.start())
            continue
        for part in _WORD.finditer(query, match.start(), match.end()):
            yield Token(part.lastgroup or "", part[0], part.start())


def tokens(query: str) -> Iterator[Token]:
    """Yield the tokens of a query whose escapes are decoded, without spaces and comments."""
    return (piece for piece in split_pieces(query) if piece.kind not in ("space", "comment"))


def read_first_tokens(query: str) -> list[Token]:
    """Return as many tokens as are looked at, of a query whose escapes are decoded."""
    return list(islice(tokens(query), MOST))


def is_certain(token: Token) -> bool:
    """Tell whether a token is what it looks like in every reading of the query.

    ``<b&&'>`` may be an IRI, or a comparison and the beginning of a string.
    """
    if token.kind == "iri":
        return _CERTAIN.fullmatch(token.text) is not None
    return token.kind not in ("unclosed", "escape") and not (
        token.kind == "symbol" and token.text.startswith("\\")
    )


def mentions(query: str, word: bytes) -> bool:
    """Tell whether a word, in small letters, stands anywhere in a query, in letters of any case."""
    # In bytes: a text with a character beyond the basic plane takes twice as long.
    return word in query.encode(errors="surrogatepass").lower()


def find_versions(query: str) -> list[str]:
    """Return what the query's own VERSION declarations say (https://www.w3.org/TR/sparql12-query/).

    >>> find_versions('VERSION "1.1" ASK {}')
    ['1.1']
    """
    decoded = decode_escapes(query)
    if not mentions(decoded, b"version"):
        return []
    found = list(_prologue(decoded))
    return [
        value.text.strip("\"'")
        for word, value in zip(found, found[1:], strict=False)
        if word.kind == "word" and word.text.upper() == "VERSION" and value.kind == "string"
    ]


def _prologue(query: str) -> Iterator[Token]:
    """Yield the tokens up to the query's form."""
    for token in islice(tokens(query), MOST):
        yield token
        if token.kind == "word" and token.text.upper() in FORMS:
            return


def names_dataset(query: str) -> bool:
    """Tell whether a query has FROM or FROM NAMED of its own (13.2).

    Within a word, too: pyoxigraph takes ``ASKFROM<…>``.
    """
    decoded = decode_escapes(query)
    if "from" not in decoded.lower():
        return False
    return any(token.kind == "word" and "FROM" in token.text.upper() for token in tokens(decoded))
