"""Reads property paths to what can be put in other words (SPARQL 1.1 Query, 9.1)."""

from __future__ import annotations

from sparql_server.engine.oxigraph.syntax import (
    Alternative,
    Inverse,
    Negated,
    Path,
    Repeat,
    Sequence,
    Step,
    Unreadable,
)
from sparql_server.engine.oxigraph.token_reader import TokenReader


def read_verb(tokens: TokenReader) -> Path:
    """Read what stands between a subject and its objects."""
    if tokens.kind == "variable":
        return Step(tokens.next().text)
    return _path(tokens)


def _path(tokens: TokenReader) -> Path:
    found = [_sequence(tokens)]
    while tokens.takes("|"):
        found.append(_sequence(tokens))
    return Alternative(tuple(found)) if len(found) > 1 else found[0]


def _sequence(tokens: TokenReader) -> Path:
    found = [_step(tokens)]
    while tokens.takes("/"):
        found.append(_step(tokens))
    return Sequence(tuple(found)) if len(found) > 1 else found[0]


def _step(tokens: TokenReader) -> Path:
    return Inverse(_repeated(tokens)) if tokens.takes("^") else _repeated(tokens)


def _repeated(tokens: TokenReader) -> Path:
    found = _primary(tokens)
    if tokens.kind in ("*", "+", "?"):
        return Repeat(found, tokens.next().kind)
    return found


def _primary(tokens: TokenReader) -> Path:
    if tokens.takes("("):
        found = _path(tokens)
        tokens.take(")")
        return found
    return _negated(tokens) if tokens.takes("!") else Step(_predicate(tokens))


def _negated(tokens: TokenReader) -> Negated:
    forward: list[str] = []
    inverse: list[str] = []
    bracketted = tokens.takes("(")
    while not (bracketted and tokens.takes(")")):
        (inverse if tokens.takes("^") else forward).append(_predicate(tokens))
        if not bracketted:
            break
        tokens.takes("|")
    return Negated(tuple(forward), tuple(inverse))


def _predicate(tokens: TokenReader) -> str:
    if tokens.kind not in ("name", "iri", "A"):
        raise Unreadable
    return tokens.next().text
