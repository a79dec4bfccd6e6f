"""Reads property paths to what can be put in other words (SPARQL 1.1 Query, 9.1)."""

from __future__ import annotations

from sparql_server.engine.oxigraph.syntax.elements import Unreadable
from sparql_server.engine.oxigraph.syntax.path_forms import (
    Alternative,
    Inverse,
    Negated,
    Path,
    Repeat,
    Sequence,
    Step,
)
from sparql_server.engine.oxigraph.syntax.token_reader import TokenReader


def read_verb(tokens: TokenReader) -> Path:
    """Read what stands between a subject and its objects."""
    if tokens.kind == "variable":
        return Step(tokens.next().text)
    return _read_path(tokens)


def _read_path(tokens: TokenReader) -> Path:
    found = [_read_sequence(tokens)]
    while tokens.takes("|"):
        found.append(_read_sequence(tokens))
    return Alternative(tuple(found)) if len(found) > 1 else found[0]


def _read_sequence(tokens: TokenReader) -> Path:
    found = [_read_step(tokens)]
    while tokens.takes("/"):
        found.append(_read_step(tokens))
    return Sequence(tuple(found)) if len(found) > 1 else found[0]


def _read_step(tokens: TokenReader) -> Path:
    return Inverse(_read_repeated(tokens)) if tokens.takes("^") else _read_repeated(tokens)


def _read_repeated(tokens: TokenReader) -> Path:
    found = _read_primary(tokens)
    if tokens.kind in ("*", "+", "?"):
        return Repeat(found, tokens.next().kind)
    return found


def _read_primary(tokens: TokenReader) -> Path:
    if tokens.takes("("):
        found = _read_path(tokens)
        tokens.take(")")
        return found
    return _read_negated(tokens) if tokens.takes("!") else Step(_read_predicate(tokens))


def _read_negated(tokens: TokenReader) -> Negated:
    forward: list[str] = []
    inverse: list[str] = []
    if not tokens.takes("("):
        _read_member(tokens, forward, inverse)
    elif not tokens.takes(")"):
        _read_member(tokens, forward, inverse)
        while tokens.takes("|"):
            _read_member(tokens, forward, inverse)
        tokens.take(")")
    return Negated(tuple(forward), tuple(inverse))


def _read_member(tokens: TokenReader, forward: list[str], inverse: list[str]) -> None:
    members = inverse if tokens.takes("^") else forward
    members.append(_read_predicate(tokens))


def _read_predicate(tokens: TokenReader) -> str:
    if tokens.kind not in ("name", "iri", "A"):
        raise Unreadable
    return tokens.next().text
