"""Reads triples and their paths to what can be put in other words (SPARQL 1.1 Query, 4.2, 9.1)."""

from __future__ import annotations

from itertools import count

from sparql_server.engine.oxigraph.syntax import (
    Alternative,
    Inverse,
    Negated,
    Path,
    Repeat,
    Sequence,
    Step,
    Triple,
    Unreadable,
)
from sparql_server.engine.oxigraph.token_reader import TokenReader
from sparql_server.sparql.namespaces import RDF

_TERMS = frozenset(("variable", "name", "iri", "blank", "string", "number", "TRUE", "FALSE"))
_ENDS = frozenset((".", "]", "}", "{", "FILTER", "BIND", "VALUES", "OPTIONAL", "MINUS", "GRAPH"))
_ENDS_TOO = _ENDS | {"SERVICE", "LATERAL"}


class TripleReader:
    """Reads triples from a place in a query's tokens on."""

    def __init__(self, tokens: TokenReader) -> None:
        self._tokens = tokens
        self._nameless = count(1)
        self._found: list[Triple] = []

    def same_subject(self) -> list[Triple]:
        """Read triples that have the same subject."""
        self._found = []
        bare = self._tokens.kind in ("[", "(")
        subject = self._node()
        if not (bare and self._tokens.kind in _ENDS_TOO):
            self._properties(subject)
        return self._found

    def _properties(self, subject: str) -> None:
        while True:
            path = read_verb(self._tokens)
            while True:
                self._found.append(Triple(subject, path, self._node()))
                if not self._tokens.takes(","):
                    break
            if not self._tokens.takes(";"):
                return
            while self._tokens.takes(";"):
                pass
            if self._tokens.kind in _ENDS_TOO:
                return

    def _node(self) -> str:
        if self._tokens.takes("["):
            return self._blank_node()
        if self._tokens.takes("("):
            return self._collection()
        begin = self._tokens.at
        if self._tokens.kind in ("+", "-"):
            self._tokens.at += 1
        if self._tokens.next().kind not in _TERMS:
            raise Unreadable
        if self._tokens.kind == "language" or self._tokens.takes("^^"):
            self._tokens.at += 1
        return self._tokens.text_from(begin)

    def _new(self) -> str:
        return f"_:[{next(self._nameless)}"

    def _blank_node(self) -> str:
        node = self._new()
        if not self._tokens.takes("]"):
            self._properties(node)
            self._tokens.take("]")
        return node

    def _collection(self) -> str:
        """Read a collection (4.2.4), as the triples that it stands for."""
        items = []
        while not self._tokens.takes(")"):
            items.append(self._node())
        rest = f"<{RDF}nil>"
        for item in reversed(items):
            node = self._new()
            self._found.append(Triple(node, Step(f"<{RDF}first>"), item))
            self._found.append(Triple(node, Step(f"<{RDF}rest>"), rest))
            rest = node
        return rest


# Property paths


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
