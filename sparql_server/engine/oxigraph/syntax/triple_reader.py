"""Reads triples to what can be put in other words (SPARQL 1.1 Query, 4.2, 19.8)."""

from __future__ import annotations

from itertools import count

from sparql_server.engine.oxigraph.syntax.elements import Triple, Unreadable
from sparql_server.engine.oxigraph.syntax.path_forms import Step
from sparql_server.engine.oxigraph.syntax.path_reader import read_verb
from sparql_server.engine.oxigraph.syntax.token_reader import TokenReader
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

    def read_same_subject(self) -> list[Triple]:
        """Read triples that have the same subject."""
        self._found = []
        bare = self._tokens.kind in ("[", "(")
        subject = self._read_node()
        if not (bare and self._tokens.kind in _ENDS_TOO):
            self._read_properties(subject)
        return self._found

    def _read_properties(self, subject: str) -> None:
        while True:
            path = read_verb(self._tokens)
            while True:
                self._found.append(Triple(subject, path, self._read_node()))
                if not self._tokens.takes(","):
                    break
            if not self._tokens.takes(";"):
                return
            while self._tokens.takes(";"):
                pass
            if self._tokens.kind in _ENDS_TOO:
                return

    def _read_node(self) -> str:
        if self._tokens.takes("["):
            return self._read_blank_node()
        if self._tokens.takes("("):
            return self._read_collection()
        begin = self._tokens.at
        if self._tokens.kind in ("+", "-"):
            self._tokens.at += 1
        if self._tokens.next().kind not in _TERMS:
            raise Unreadable
        if self._tokens.kind == "language" or self._tokens.takes("^^"):
            self._tokens.at += 1
        return self._tokens.text_from(begin)

    def _make_label(self) -> str:
        return f"_:[{next(self._nameless)}"

    def _read_blank_node(self) -> str:
        node = self._make_label()
        if not self._tokens.takes("]"):
            self._read_properties(node)
            self._tokens.take("]")
        return node

    def _read_collection(self) -> str:
        """Read a collection (4.2.4), as the triples that it stands for."""
        items = []
        while not self._tokens.takes(")"):
            items.append(self._read_node())
        rest = f"<{RDF}nil>"
        for item in reversed(items):
            node = self._make_label()
            self._found.append(Triple(node, Step(f"<{RDF}first>"), item))
            self._found.append(Triple(node, Step(f"<{RDF}rest>"), rest))
            rest = node
        return rest
