"""A query's tokens, as parallel lists.

SPARQL 1.1 Query Language, 19.8, https://www.w3.org/TR/sparql11-query/#sparqlGrammar. The lexer
beside the engine is of use for broken text too; this one knows only what columns read, which a
worker does before each answer, and makes no object of a token.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sparql_server.engine.columns.algebra import Unsuited
from sparql_server.sparql.lexer import BASE, NAME, UCHAR, VARIABLE

LONGEST = 100_000  # characters of a query
DEEPEST = 40  # brackets within each other: as deep goes whoever reads what was read

_PLX = r"%[0-9A-Fa-f]{2}|\\[_~.\-!$&'()*+,;=/?#@%]"

# Repetitions are possessive, and what is no token is stray as a whole: no text takes longer than
# its length is worth. Nothing takes what is stray: words and numbers that something is glued to
# which can't belong to them, and strings that are never closed.
_TOKEN = re.compile(
    rf"""
    (?:[\ \t\r\n]++|\#[^\r\n]*+)*+
    (?:
    (?P<variable>[?$][{BASE}_0-9][{VARIABLE}]*+)
  | (?P<name>(?:[{BASE}](?:\.*+[{NAME}])*+)?+:
      (?:(?:[{BASE}_:0-9]|{_PLX})(?:\.*+(?:[{NAME}:]|{_PLX}))*+)?+)
  | (?P<word>[A-Za-z][A-Za-z0-9_]*+(?!\.*+[{NAME}]))
  | (?P<iri><(?:[^<>"{{}}|^`\\\x00-\x20]++|{UCHAR})*+>)
  | (?P<string>(?!\"\"\"|''')(?:"(?:[^"\\\n\r]++|\\.)*+"|'(?:[^'\\\n\r]++|\\.)*+')
      |\"\"\"(?:\"{{0,2}}(?:[^"\\]|\\.))*+\"\"\"|'''(?:'{{0,2}}(?:[^'\\]|\\.))*+''')
  | (?P<number>(?:[0-9]++(?:\.[0-9]*+)?+[eE][+\-]?+[0-9]++|\.[0-9]++[eE][+\-]?+[0-9]++
      |[0-9]*+\.[0-9]++|[0-9]++)(?!\.?+[{VARIABLE}]))
  | (?P<language>@[A-Za-z]++(?:-[A-Za-z0-9]++)*+(?!-))
  | (?P<blank>_:[{BASE}_0-9](?:\.*+[{NAME}])*+)
  | (?P<end>\Z)
  | (?P<stray>[{BASE}](?:\.*+[{NAME}])*+|[0-9]++|(?:\"\"\"|''').*+|["'][^\n\r]*+)
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


def split_tokens(query: str) -> Tokens:
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
