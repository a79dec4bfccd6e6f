"""A query's tokens, as parallel lists.

SPARQL 1.1 Query Language, 19.8, https://www.w3.org/TR/sparql11-query/#sparqlGrammar. The lexer
beside the engine is of use for broken text too; this one knows only what columns read, which a
worker does before each answer, and makes no object of a token.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sparql_server.engine.columns.algebra import Unsuited

LONGEST = 100_000  # characters of a query
DEEPEST = 40  # brackets within each other: as deep goes whoever reads what was read

# The grammar's characters of names, as they stand between brackets.
_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_VARIABLE = f"{_BASE}_0-9\u00b7\u0300-\u036f\u203f-\u2040"
_NAME = f"{_VARIABLE}\\-"
_UCHAR = r"\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8}"
_PLX = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"

# Repetitions are possessive, and what is no token is stray as a whole: no text takes longer than
# its length is worth. Nothing takes what is stray: words and numbers that something is glued to
# which can't belong to them, and strings that are never closed.
_TOKEN = re.compile(
    rf"""
    (?:[\ \t\r\n]++|\#[^\r\n]*+)*+
    (?:
    (?P<variable>[?$][{_BASE}_0-9][{_VARIABLE}]*+)
  | (?P<name>(?:[{_BASE}](?:\.*+[{_NAME}])*+)?+:
      (?:(?:[{_BASE}_:0-9]|{_PLX})(?:\.*+(?:[{_NAME}:]|{_PLX}))*+)?+)
  | (?P<word>[A-Za-z][A-Za-z0-9_]*+(?!\.*+[{_NAME}]))
  | (?P<iri><(?:[^<>"{{}}|^`\\\x00-\x20]++|{_UCHAR})*+>)
  | (?P<string>(?!\"\"\"|''')(?:"(?:[^"\\\n\r]++|\\.)*+"|'(?:[^'\\\n\r]++|\\.)*+')
      |\"\"\"(?:\"{{0,2}}(?:[^"\\]|\\.))*+\"\"\"|'''(?:'{{0,2}}(?:[^'\\]|\\.))*+''')
  | (?P<number>(?:[0-9]++(?:\.[0-9]*+)?+[eE][+\-]?+[0-9]++|\.[0-9]++[eE][+\-]?+[0-9]++
      |[0-9]*+\.[0-9]++|[0-9]++)(?!\.?+[{_VARIABLE}]))
  | (?P<language>@[A-Za-z]++(?:-[A-Za-z0-9]++)*+(?!-))
  | (?P<blank>_:[{_BASE}_0-9](?:\.*+[{_NAME}])*+)
  | (?P<end>\Z)
  | (?P<stray>[{_BASE}](?:\.*+[{_NAME}])*+|[0-9]++|(?:\"\"\"|''').*+|["'][^\n\r]*+)
  | (?P<symbol>\|\||&&|!=|<=|>=|\^\^|<<|>>|.)
    )
    """,
    re.VERBOSE | re.DOTALL,
)

_OPENING = {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}


@dataclass(frozen=True, slots=True)
class Tokens:
    """The tokens of a query, without blanks and comments, and one that is its end.

    kinds: ``variable``, ``name``, ``iri``, ``string``, ``number``, ``language``, ``blank``,
    ``end`` or ``stray``; of a word the word in upper case, of a symbol the symbol. starts, ends:
    offsets in the query.
    """

    kinds: list[str]
    texts: list[str]
    starts: list[int]
    ends: list[int]


def tokens(query: str) -> Tokens:
    """Return the tokens of a query. Raises Unsuited where it is longer or deeper than any is."""
    if len(query) > LONGEST:
        raise Unsuited
    kinds, texts, starts, ends = [], [], [], []
    for match in _TOKEN.finditer(query):
        kind = match.lastgroup or ""
        text = match[kind]
        if kind == "word":
            kind = text.upper()
        elif kind == "symbol":
            kind = text
        kinds.append(kind)
        texts.append(text)
        ends.append(end := match.end())
        starts.append(end - len(text))
    _refuse_too_deep(kinds)
    return Tokens(kinds, texts, starts, ends)


def _refuse_too_deep(kinds: list[str]) -> None:
    if kinds.count("(") + kinds.count("{") + kinds.count("[") <= DEEPEST:
        return
    depth = 0
    for kind in kinds:
        depth += _OPENING.get(kind, 0)
        if depth > DEEPEST:
            raise Unsuited
