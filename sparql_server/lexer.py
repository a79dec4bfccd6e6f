"""SPARQL's tokens: enough grammar to know what is a keyword and what only looks like one.

SPARQL 1.1 Query Language, 19.2 to 19.8, https://www.w3.org/TR/sparql11-query/#sparqlGrammar
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# A backslash that stands for itself is written twice; what follows the pair is no escape.
_ESCAPE = re.compile(r"\\\\|\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")

_TOKEN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<comment>\#[^\n\r]*)
  | (?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
  | (?P<string>\"\"\"(?:\"{0,2}(?:[^"\\]|\\.))*\"\"\"|'''(?:'{0,2}(?:[^'\\]|\\.))*'''
      |"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')
  | (?P<variable>[?$]\w+)
  | (?P<blank>_:[\w.·-]*)
  | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<name>(?:[^\W\d_][\w.·-]*)?:(?:[\w.:·-]|%[0-9A-Fa-f]{2}|\\.)*)
  | (?P<word>[^\W\d_]\w*)
  | (?P<number>[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?)
  | (?P<symbol>.)
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One token. kind: the group of the grammar. start: offset in the decoded text."""

    kind: str
    text: str
    start: int


def decode_escapes(query: str) -> str:
    r"""Replace codepoint escapes, which come before all other grammar (19.2).

    >>> decode_escapes(r"\u0053ERVICE")
    'SERVICE'
    """
    return _ESCAPE.sub(_character, query)


def _character(match: re.Match[str]) -> str:
    if match[0] == "\\\\":
        return match[0]
    code = int(match[1] or match[2], 16)
    return chr(code) if code <= 0x10FFFF else match[0]


def pieces(query: str) -> Iterator[Token]:
    """Yield the tokens of a query whose escapes are decoded, and what stands between them."""
    for match in _TOKEN.finditer(query):
        yield Token(match.lastgroup or "", match[0], match.start())


def tokens(query: str) -> Iterator[Token]:
    """Yield the tokens of a query whose escapes are decoded, without spaces and comments."""
    return (one for one in pieces(query) if one.kind not in ("space", "comment"))


def announced_versions(query: str) -> list[str]:
    """Return what the query's own VERSION declarations say (SPARQL 1.2 Query, 4.1).

    >>> announced_versions('VERSION "1.1" ASK {}')
    ['1.1']
    """
    decoded = decode_escapes(query)
    if "version" not in decoded.lower():
        return []
    found = list(tokens(decoded))
    return [
        value.text.strip("\"'")
        for one, value in zip(found, found[1:], strict=False)
        if one.kind == "word" and one.text.upper() == "VERSION" and value.kind == "string"
    ]


def names_dataset(query: str) -> bool:
    """Tell whether a query has FROM or FROM NAMED of its own (13.2)."""
    decoded = decode_escapes(query)
    if "from" not in decoded.lower():
        return False
    return any(token.kind == "word" and token.text.upper() == "FROM" for token in tokens(decoded))
