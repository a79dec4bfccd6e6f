"""Queries rewritten for Virtuoso 7, so that it does what SPARQL 1.1 says.

Each rewriting keeps the meaning; what makes it necessary was seen with version 7.2.5.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sparql_server.engine.prefixes import predefined
from sparql_server.engine.remote.remote_query import RemoteQuery, scan
from sparql_server.sparql.lexer import Token

READABLE = {"solutions": ("xml",), "graphs": ("nt",)}
"""The formats that are the specifications': its JSON, CSV and TSV are its own."""

_NOWHERE = "urn:libris:nowhere"  # names no graph


def write_timeout(seconds: float) -> str:
    """Return a time limit in milliseconds, at least 1,000: what the parameter ``timeout`` takes.

    Without it a query would go on when nobody waits for it any more.
    """
    return str(max(1000, round(seconds * 1000)))


def complete_dataset(
    default: Sequence[str], named: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name the half of a request's dataset that is empty, as it would be all graphs otherwise."""
    if not (default or named):
        return (), ()
    return tuple(default) or (_NOWHERE,), tuple(named) or (_NOWHERE,)


def rewrite(query: RemoteQuery, *, replace_dataset: bool) -> RemoteQuery:
    """Return a query as Virtuoso reads it.

    replace_dataset: the request names a dataset, which Virtuoso would add to the query's own.
    """
    query = scan(_spell_out(query))
    query = scan(_split_values(query))
    return scan(_drop_dataset(query) if replace_dataset else _complete_dataset(query))


def _spell_out(query: RemoteQuery) -> str:
    """Write IRIs for names that have escapes: "Bad character '%' in SPARQL expression"."""
    namespaces = predefined() | dict(query.namespaces())
    text = query.text
    for token in reversed(query.tokens):
        prefix, _, local = token.text.partition(":")
        if token.kind == "name" and ("%" in local or "\\" in local):
            iri = namespaces[prefix] + local.replace("\\", "")
            text = f"{text[: token.start]}<{iri}>{text[token.start + len(token.text) :]}"
    return text


def _drop_dataset(query: RemoteQuery) -> str:
    """Leave out the query's own dataset (Protocol, 2.1.4)."""
    text = query.text
    for start, end, _ in reversed(query.clauses()):
        text = text[:start] + text[end:]
    return text


def _complete_dataset(query: RemoteQuery) -> str:
    """Name the half of the dataset that a query leaves empty (Query, 13.2)."""
    clauses, text = query.clauses(), query.text
    kinds = {named for _, _, named in clauses}
    if len(kinds) != 1:
        return text
    start = clauses[0][0]
    missing = "FROM" if kinds == {True} else "FROM NAMED"
    return f"{text[:start]}{missing} <{_NOWHERE}> {text[start:]}"


def _split_values(query: RemoteQuery) -> str:
    """Write VALUES of one row as one VALUES for each variable.

    Together with OPTIONAL it is an "internal error: no SPART_VARR_FIXED" otherwise.
    """
    text = query.text
    for start, end, row in reversed(list(_split_rows(query.tokens))):
        clauses = " ".join(
            f"VALUES {variable} {{ {text[first.start : _end(last)]} }}"
            for variable, (first, last) in row
        )
        text = text[:start] + clauses + text[end:]
    return text


Row = list[tuple[str, tuple[Token, Token]]]


def _split_rows(tokens: Sequence[Token]) -> Iterator[tuple[int, int, Row]]:
    """Yield start, end, and variables with the ends of their terms, of each VALUES of one row.

    A VALUES after the query's pattern stays as it is: there can be only one (production 28).
    """
    depth = 0
    for position, token in enumerate(tokens):
        depth += (token.text == "{") - (token.text == "}")
        if token.kind == "word" and token.text.upper() == "VALUES" and depth > 0:
            names, after = _within(tokens, position + 1, "(", ")")
            block, end = _within(tokens, after, "{", "}")
            terms, rest = _within(block, 0, "(", ")")
            row = list(zip((name.text for name in names), _terms(terms), strict=False))
            if len(row) == len(names) == len(_terms(terms)) > 1 and rest == len(block):
                yield token.start, _end(tokens[end - 1]), row


def _within(
    tokens: Sequence[Token], position: int, opening: str, closing: str
) -> tuple[Sequence[Token], int]:
    """Return what stands between two marks, and the position after them; nothing if it isn't so."""
    if position >= len(tokens) or tokens[position].text != opening:
        return (), position
    for end in range(position + 1, len(tokens)):
        if tokens[end].kind == "symbol" and tokens[end].text == closing:
            return tokens[position + 1 : end], end + 1
    return (), position


def _terms(tokens: Sequence[Token]) -> list[tuple[Token, Token]]:
    """Return first and last token of each term: a literal has up to four, ``"x" ^ ^ xsd:date``."""
    terms: list[tuple[Token, Token]] = []
    joined = False
    for token in tokens:
        if terms and (joined or token.kind == "language" or token.text == "^"):
            terms[-1] = (terms[-1][0], token)
        else:
            terms.append((token, token))
        joined = token.text in ("^", "+", "-")
    return terms


def _end(token: Token) -> int:
    return token.start + len(token.text)
