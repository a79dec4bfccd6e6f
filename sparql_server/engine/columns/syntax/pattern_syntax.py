"""Reads a query's graph patterns.

SPARQL 1.1 Query Language, 5 to 12, https://www.w3.org/TR/sparql11-query/#GraphPattern
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import ClassVar

from sparql_server.engine.columns.algebra import (
    Bind,
    Element,
    Filter,
    Group,
    Kind,
    Minus,
    Node,
    Optional,
    Path,
    Select,
    Term,
    Triple,
    Union,
    Unsuited,
    Values,
    Variable,
)
from sparql_server.engine.columns.syntax.path_syntax import Paths


class Patterns(Paths, ABC):
    """Reads patterns.

    A blank node without a label is ``_:[1``, ``_:[2``, …, in the order in which they begin. Triples
    within its brackets come before the triple that it is part of.
    """

    def __init__(self, query: str, prefixes: Mapping[str, str], base: str | None) -> None:
        super().__init__(query, prefixes, base)
        self._nameless = 0

    @abstractmethod
    def select(self) -> Select:
        """Read a query or a subquery, without its prologue."""

    def group(self) -> Group:
        """Read a group pattern. That of a subquery has one element."""
        self.take("{")
        elements = [self.select()] if self.kinds[self.at] == "SELECT" else self._elements()
        self.take("}")
        return Group(tuple(elements))

    def _elements(self) -> list[Element]:
        found: list[Element] = []
        while (kind := self.kinds[self.at]) != "}":
            if read := self._READERS.get(kind):
                found.append(read(self))
                self.takes(".")
            else:
                self._triples(found)
                if not self.takes(".") and self.kinds[self.at] not in self._AFTER_TRIPLES:
                    raise Unsuited
        return found

    # Elements

    def _group_or_union(self) -> Element:
        is_subquery = self.kinds[self.at + 1] == "SELECT"
        first = self.group()
        if self.kinds[self.at] == "UNION":
            found = [first]
            while self.takes("UNION"):
                found.append(self.group())
            return Union(tuple(found))
        return first.elements[0] if is_subquery else first

    def _optional(self) -> Optional:
        self.at += 1
        return Optional(self.group())

    def _minus(self) -> Minus:
        self.at += 1
        return Minus(self.group())

    def _filter(self) -> Filter:
        self.at += 1
        return Filter(self.constraint())

    def _bind(self) -> Bind:
        self.at += 1
        self.take("(")
        expression = self.expression()
        self.take("AS")
        variable = self.variable()
        self.take(")")
        return Bind(expression, variable)

    _READERS: ClassVar[dict[str, Callable[[Patterns], Element]]] = {
        "{": _group_or_union,
        "OPTIONAL": _optional,
        "MINUS": _minus,
        "FILTER": _filter,
        "BIND": _bind,
        "VALUES": lambda self: self.values(),
    }
    _AFTER_TRIPLES: ClassVar[frozenset[str]] = frozenset(("}", *_READERS))
    _AFTER_PROPERTIES: ClassVar[frozenset[str]] = _AFTER_TRIPLES | {".", "]"}

    # Triples

    def _triples(self, found: list[Element]) -> None:
        if self.kinds[self.at] == "[":
            is_whole = self.kinds[self.at + 1] != "]"
            subject: Node = self._nameless_node(found)
            if self.kinds[self.at] in self._AFTER_PROPERTIES and is_whole:
                return
        else:
            subject = self.node()
            if isinstance(subject, Term) and subject.kind != Kind.IRI:
                raise Unsuited
        self._properties(subject, found)

    def _properties(self, subject: Node, found: list[Element]) -> None:
        while True:
            path = self.verb()
            self._objects(subject, path, found)
            if not self.takes(";"):
                return
            while self.takes(";"):
                pass
            if self.kinds[self.at] in self._AFTER_PROPERTIES:
                return

    def _objects(self, subject: Node, path: Path | Variable, found: list[Element]) -> None:
        while True:
            is_nameless = self.kinds[self.at] == "["
            object_ = self._nameless_node(found) if is_nameless else self.node()
            found.append(Triple(subject, path, object_))
            if not self.takes(","):
                return

    def _nameless_node(self, found: list[Element]) -> Variable:
        self.take("[")
        self._nameless += 1
        node = Variable(f"_:[{self._nameless}")
        if not self.takes("]"):
            self._properties(node, found)
            self.take("]")
        return node

    # Data

    def values(self) -> Values:
        """Read a data block."""
        self.take("VALUES")
        if self.kinds[self.at] == "variable":
            variable = self.variable()
            self.take("{")
            return Values((variable,), tuple((one,) for one in self._data("}")))
        self.take("(")
        variables = []
        while not self.takes(")"):
            variables.append(self.variable())
        return Values(tuple(variables), tuple(self._rows(len(variables))))

    def _rows(self, width: int) -> list[tuple[Term | None, ...]]:
        found = []
        self.take("{")
        while not self.takes("}"):
            self.take("(")
            row = tuple(self._data(")"))
            if len(row) != width:
                raise Unsuited
            found.append(row)
        return found

    def _data(self, end: str) -> list[Term | None]:
        found: list[Term | None] = []
        while not self.takes(end):
            found.append(None if self.takes("UNDEF") else self.constant())
        return found
