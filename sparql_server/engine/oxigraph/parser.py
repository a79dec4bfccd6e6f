"""Reads a query to what can be put in other words (SPARQL 1.1 Query, 19.8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sparql_server.engine.columns.algebra import Unsuited
from sparql_server.engine.columns.syntax.tokens import tokens
from sparql_server.engine.oxigraph.syntax import (
    Bind,
    Block,
    Brackets,
    Element,
    Expression,
    Filter,
    Group,
    Item,
    Part,
    Select,
    Token,
    Triples,
    Unreadable,
    Values,
    written,
)
from sparql_server.engine.oxigraph.triple_patterns import TripleReader

_T = TypeVar("_T")
_AFTER = frozenset(("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES", "}", "end"))
_BLOCKS = frozenset(("OPTIONAL", "MINUS", "LATERAL"))
_CALLED = ("name", "iri")


@dataclass(frozen=True, slots=True)
class Query:
    """A query. prologue: its declarations, as written."""

    prologue: str
    select: Select

    def __str__(self) -> str:
        return f"{self.prologue} {self.select}"


def read(query: str, names: Mapping[str, str] | None = None) -> Query:
    """Take a query apart. Raises Unreadable.

    names: variables that it is to have instead of others, with their marks.
    """
    try:
        found = tokens(query)
        texts = [f"?{text[1:]}" if text[:1] == "$" else text for text in found.texts]
        if names:
            texts = [names.get(text, text) for text in texts]
        reader = QueryReader(found.kinds, texts, found.starts, found.ends)
        return reader.query()
    except (Unsuited, RecursionError, IndexError) as error:
        raise Unreadable from error


class QueryReader(TripleReader):
    """A place in a query's tokens, and what can be read there."""

    def query(self) -> Query:
        """Read to the end."""
        begin = self.at
        while self.kind in ("PREFIX", "BASE"):
            self.at += 3 if self.kind == "PREFIX" else 2
        prologue = self.text_from(begin)
        found = self.select() if self.kind == "SELECT" else self._other_form()
        self.take("end")
        return Query(prologue, found)

    def _other_form(self) -> Select:
        """Read ASK, CONSTRUCT or DESCRIBE, of which all before the pattern stays as it is."""
        begin = self.at
        form = self.next().kind
        if form == "CONSTRUCT" and self.kind == "{":
            self._skip_braces()
        elif form == "DESCRIBE":
            while self.kind in ("variable", "name", "iri", "*"):
                self.at += 1
        elif form != "ASK":
            raise Unreadable
        return self._from_dataset(self.text_from(begin), None)

    def _skip_braces(self) -> None:
        depth = 0
        while True:
            kind = self.next().kind
            depth += (kind == "{") - (kind == "}")
            if kind == "end":
                raise Unreadable
            if not depth:
                return

    def select(self) -> Select:
        """Read a SELECT, the keyword included."""
        self.take("SELECT")
        form = "SELECT"
        if self.kind in ("DISTINCT", "REDUCED"):
            form = f"SELECT {self.next().kind}"
        if self.takes("*"):
            return self._from_dataset(form, None)
        items = []
        while self.kind in ("variable", "("):
            items.append(self._item())
        return self._from_dataset(form, items)

    def _from_dataset(self, form: str, items: list[Item] | None) -> Select:
        begin = self.at
        while self.takes("FROM"):
            self.takes("NAMED")
            self.at += 1
        dataset = self.text_from(begin)
        self.takes("WHERE")
        where = self.group() if self.kind == "{" else Group([])
        return self._modified(Select(form, items, dataset, where))

    def _modified(self, select: Select) -> Select:
        if self.takes("GROUP"):
            self.take("BY")
            select.group_by = self._several(self._item)
        if self.takes("HAVING"):
            select.having = self._several(self.constraint)
        if self.takes("ORDER"):
            self.take("BY")
            select.order_by = self._several(self._order)
        begin = self.at
        while self.kind in ("LIMIT", "OFFSET"):
            self.at += 2
        select.cut = self.text_from(begin)
        if self.kind == "VALUES":
            select.values = self._values()
        return select

    def _several(self, read: Callable[[], _T]) -> list[_T]:
        found = [read()]
        while self.kind not in _AFTER:
            found.append(read())
        return found

    def _item(self) -> Item:
        if self.kind == "variable":
            return Item([self.next()])
        if self.kind != "(":
            return Item(self.constraint())
        parts = self.brackets().parts
        if len(parts) > 2 and isinstance(parts[-2], Token) and parts[-2].kind == "AS":
            return Item(parts[:-2], str(getattr(parts[-1], "text", "")))
        return Item([Brackets(parts)])

    def _order(self) -> Expression:
        if self.kind in ("ASC", "DESC"):
            return [self.next(), self.brackets()]
        return [self.next()] if self.kind == "variable" else self.constraint()

    # Expressions

    def constraint(self) -> Expression:
        """Read an expression in brackets, a call or EXISTS."""
        if self.kind == "(":
            return [self.brackets()]
        if self.kind in ("NOT", "EXISTS"):
            words: Expression = [self.next()]
            if self.kind == "EXISTS":
                words.append(self.next())
            return [*words, self.group()]
        token = self.next()
        if self.kind != "(" or not (token.kind in _CALLED or token.kind.isidentifier()):
            raise Unreadable
        return [token, self.brackets()]

    def brackets(self) -> Brackets:
        """Read what stands in round brackets."""
        self.take("(")
        parts: list[Part] = []
        while not self.takes(")"):
            if self.kind == "(":
                parts.append(self.brackets())
            elif self.kind == "{":
                parts.append(self.group())
            elif self.kind in ("end", "stray", "}"):
                raise Unreadable
            else:
                parts.append(self.next())
        return Brackets(parts)

    # Patterns

    def group(self) -> Group:
        """Read a group."""
        self.take("{")
        elements: list[Element] = []
        if self.kind == "SELECT":
            elements.append(self.select())
        while not self.takes("}"):
            elements.append(self._element())
            self.takes(".")
        return Group(elements)

    def _element(self) -> Element:
        kind = self.kind
        if kind == "{":
            groups = [self.group()]
            while self.takes("UNION"):
                groups.append(self.group())
            return Block("UNION" if len(groups) > 1 else "", groups)
        if kind in _BLOCKS:
            self.at += 1
            return Block(kind, [self.group()])
        if kind in ("GRAPH", "SERVICE"):
            begin = self.at + 1
            self.at += 3 if kind == "SERVICE" and self.kinds[begin] == "SILENT" else 2
            target = self.text_from(begin)
            return Block(kind, [self.group()], target)
        if kind == "FILTER":
            self.at += 1
            return Filter(self.constraint())
        if kind == "BIND":
            return self._bind()
        return self._values() if kind == "VALUES" else self._triples()

    def _bind(self) -> Bind:
        self.at += 1
        parts = self.brackets().parts
        name = parts[-1]
        if len(parts) < 3 or not isinstance(name, Token) or name.kind != "variable":
            raise Unreadable
        return Bind(parts[:-2], name.text)

    def _values(self) -> Values:
        self.take("VALUES")
        single = self.kind == "variable"
        names = [self.next()] if single else self.brackets().parts
        begin = self.at + 1
        self._skip_braces()
        rows = self.slice(begin, self.at - 1)
        return Values([str(getattr(name, "text", "")) for name in names], written(rows), single)

    def _triples(self) -> Triples:
        begin = self.at
        triples = self.same_subject()
        return Triples(self.text_from(begin), triples)
