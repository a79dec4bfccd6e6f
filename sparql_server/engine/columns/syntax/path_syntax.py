"""Reads a query's property paths.

SPARQL 1.1 Query Language, 9.1, https://www.w3.org/TR/sparql11-query/#pp-language
"""

from __future__ import annotations

from sparql_server.engine.columns.algebra import (
    Alternative,
    Inverse,
    Negated,
    Path,
    Repeat,
    Sequence,
    Term,
    Unsuited,
    Variable,
)
from sparql_server.engine.columns.syntax.term_syntax import read_predicate, read_variable
from sparql_server.engine.columns.syntax.token_reader import TokenReader

# zero, many
_MARKS = {"*": (True, True), "+": (False, True), "?": (True, False)}


def read_verb(tokens: TokenReader) -> Path | Variable:
    """Read what stands between a subject and its objects."""
    if tokens.kinds[tokens.at] == "variable":
        return read_variable(tokens)
    found = _read_path(tokens)
    if tokens.kinds[tokens.at] == "variable" and tokens.is_glued():
        raise Unsuited  # The variable's mark may be the path's.
    return found


def _read_path(tokens: TokenReader) -> Path:
    first = _read_sequence(tokens)
    if tokens.kinds[tokens.at] != "|":
        return first
    found = [first]
    while tokens.takes("|"):
        found.append(_read_sequence(tokens))
    return Alternative(tuple(found))


def _read_sequence(tokens: TokenReader) -> Path:
    first = _read_step(tokens)
    if tokens.kinds[tokens.at] != "/":
        return first
    found = [first]
    while tokens.takes("/"):
        found.append(_read_step(tokens))
    return Sequence(tuple(found))


def _read_step(tokens: TokenReader) -> Path:
    if tokens.takes("^"):
        return Inverse(_read_repeated(tokens))
    return _read_repeated(tokens)


def _read_repeated(tokens: TokenReader) -> Path:
    found = _read_primary(tokens)
    mark = _MARKS.get(tokens.kinds[tokens.at])
    if mark is None:
        return found
    if tokens.is_number():
        raise Unsuited  # The path's mark may be the number's sign.
    tokens.at += 1
    return Repeat(found, *mark)


def _read_primary(tokens: TokenReader) -> Path:
    if tokens.takes("!"):
        return _read_negated(tokens)
    if not tokens.takes("("):
        return read_predicate(tokens)
    found = _read_path(tokens)
    tokens.take(")")
    return found


def _read_negated(tokens: TokenReader) -> Path:
    """Read a negated property set (9.1): one of each direction that it mentions, side by side."""
    forward: list[Term] = []
    inverse: list[Term] = []
    if not tokens.takes("("):
        _read_member(tokens, forward, inverse)
    elif not tokens.takes(")"):
        _read_member(tokens, forward, inverse)
        while tokens.takes("|"):
            _read_member(tokens, forward, inverse)
        tokens.take(")")
    backward = Inverse(Negated(tuple(inverse)))
    if not inverse:
        return Negated(tuple(forward))
    return Alternative((Negated(tuple(forward)), backward)) if forward else backward


def _read_member(tokens: TokenReader, forward: list[Term], inverse: list[Term]) -> None:
    members = inverse if tokens.takes("^") else forward
    members.append(read_predicate(tokens))
