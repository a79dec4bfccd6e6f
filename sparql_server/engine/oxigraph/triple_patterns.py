"""Reads triples and property paths to what can be put in other words (SPARQL 1.1 Query, 19.8)."""

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
    Token,
    Triple,
    Unreadable,
    written,
)

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_TERMS = frozenset(("variable", "name", "iri", "blank", "string", "number", "TRUE", "FALSE"))
_ENDS = frozenset((".", "]", "}", "{", "FILTER", "BIND", "VALUES", "OPTIONAL", "MINUS", "GRAPH"))
_ENDS_TOO = _ENDS | {"SERVICE", "LATERAL"}


class TripleReader:
    """A place in a query's tokens, and the triples that can be read there."""

    def __init__(
        self, kinds: list[str], texts: list[str], starts: list[int], ends: list[int]
    ) -> None:
        self.kinds = kinds
        self._texts = texts
        self._glued = [True, *(start == end for start, end in zip(starts[1:], ends, strict=False))]
        self.at = 0
        self._nameless = count(1)
        self._found: list[Triple] = []

    # Tokens

    @property
    def kind(self) -> str:
        """The kind of the token that comes next."""
        return self.kinds[self.at]

    def next(self) -> Token:
        """Read a token."""
        self.at += 1
        at = self.at - 1
        return self.slice(at, at + 1)[0]

    def takes(self, kind: str) -> bool:
        """Read a token if it is of a kind; tell whether it was."""
        if self.kinds[self.at] != kind:
            return False
        self.at += 1
        return True

    def take(self, kind: str) -> None:
        """Read a token of a kind. Raises Unreadable."""
        if not self.takes(kind):
            raise Unreadable

    def slice(self, begin: int, end: int) -> list[Token]:
        """Return the tokens between two places."""
        kinds = zip(self.kinds[begin:end], self._texts[begin:end], strict=True)
        glued = self._glued[begin:end]
        return [Token(kind, text, one) for (kind, text), one in zip(kinds, glued, strict=True)]

    def text_from(self, begin: int) -> str:
        """Return what stands between a place and here."""
        return written(self.slice(begin, self.at)).strip()

    # Triples

    def same_subject(self) -> list[Triple]:
        """Read triples that have the same subject."""
        self._found = []
        bare = self.kind in ("[", "(")
        subject = self._node()
        if not (bare and self.kind in _ENDS_TOO):
            self._properties(subject)
        return self._found

    def _properties(self, subject: str) -> None:
        while True:
            path = self._verb()
            while True:
                self._found.append(Triple(subject, path, self._node()))
                if not self.takes(","):
                    break
            if not self.takes(";"):
                return
            while self.takes(";"):
                pass
            if self.kind in _ENDS_TOO:
                return

    def _node(self) -> str:
        if self.takes("["):
            return self._blank_node()
        if self.takes("("):
            return self._collection()
        begin = self.at
        if self.kind in ("+", "-"):
            self.at += 1
        if self.next().kind not in _TERMS:
            raise Unreadable
        if self.kind == "language" or self.takes("^^"):
            self.at += 1
        return self.text_from(begin)

    def _new(self) -> str:
        return f"_:[{next(self._nameless)}"

    def _blank_node(self) -> str:
        node = self._new()
        if not self.takes("]"):
            self._properties(node)
            self.take("]")
        return node

    def _collection(self) -> str:
        """Read a collection (4.2.4), as the triples that it stands for."""
        items = []
        while not self.takes(")"):
            items.append(self._node())
        rest = f"<{_RDF}nil>"
        for item in reversed(items):
            node = self._new()
            self._found.append(Triple(node, Step(f"<{_RDF}first>"), item))
            self._found.append(Triple(node, Step(f"<{_RDF}rest>"), rest))
            rest = node
        return rest

    # Paths (9.1)

    def _verb(self) -> Path:
        if self.kind == "variable":
            return Step(self.next().text)
        return self._path()

    def _path(self) -> Path:
        found = [self._sequence()]
        while self.takes("|"):
            found.append(self._sequence())
        return Alternative(tuple(found)) if len(found) > 1 else found[0]

    def _sequence(self) -> Path:
        found = [self._step()]
        while self.takes("/"):
            found.append(self._step())
        return Sequence(tuple(found)) if len(found) > 1 else found[0]

    def _step(self) -> Path:
        return Inverse(self._repeated()) if self.takes("^") else self._repeated()

    def _repeated(self) -> Path:
        found = self._primary()
        if self.kind in ("*", "+", "?"):
            return Repeat(found, self.next().kind)
        return found

    def _primary(self) -> Path:
        if self.takes("("):
            found = self._path()
            self.take(")")
            return found
        return self._negated() if self.takes("!") else Step(self._predicate())

    def _negated(self) -> Negated:
        forward: list[str] = []
        inverse: list[str] = []
        bracketted = self.takes("(")
        while not (bracketted and self.takes(")")):
            (inverse if self.takes("^") else forward).append(self._predicate())
            if not bracketted:
                break
            self.takes("|")
        return Negated(tuple(forward), tuple(inverse))

    def _predicate(self) -> str:
        if self.kind not in ("name", "iri", "A"):
            raise Unreadable
        return self.next().text
