"""Reads a query to what can be put in other words (SPARQL 1.1 Query, 19.8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from sparql_server.engine.columns.algebra import Unsuited
from sparql_server.engine.oxigraph.syntax.elements import (
    Bind,
    Block,
    Brackets,
    Element,
    Expression,
    Filter,
    Group,
    Item,
    Part,
    Query,
    Select,
    Token,
    Triples,
    Unreadable,
    Values,
    write_expression,
)
from sparql_server.engine.oxigraph.syntax.token_reader import TokenReader
from sparql_server.engine.oxigraph.syntax.triple_reader import TripleReader

_T = TypeVar("_T")
_AFTER = frozenset(("GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "VALUES", "}", "end"))
_BLOCKS = frozenset(("OPTIONAL", "MINUS", "LATERAL"))
_CALLED = ("name", "iri")


def read(query: str, names: Mapping[str, str] | None = None) -> Query:
    """Take a query apart. Raises Unreadable.

    names: variables that it is to have instead of others, with their marks.
    """
    try:
        return QueryReader(TokenReader(query, names)).read_query()
    except (Unsuited, RecursionError, IndexError) as error:
        raise Unreadable from error


def rename_variables(group: Group, new: Mapping[str, str]) -> Group:
    """Return a copy of a group that has other variables for some."""
    return read(f"ASK {group}", new).select.where


class QueryReader:
    """Reads a query from its tokens, or a part of it."""

    def __init__(self, tokens: TokenReader) -> None:
        self._tokens = tokens
        self._triple_reader = TripleReader(tokens)

    def read_query(self) -> Query:
        """Read to the end."""
        begin = self._tokens.at
        while self._tokens.kind in ("PREFIX", "BASE"):
            self._tokens.at += 3 if self._tokens.kind == "PREFIX" else 2
        prologue = self._tokens.text_from(begin)
        found = self.read_select() if self._tokens.kind == "SELECT" else self._read_other_form()
        self._tokens.take("end")
        return Query(prologue, found)

    def _read_other_form(self) -> Select:
        """Read ASK, CONSTRUCT or DESCRIBE, of which all before the pattern stays as it is."""
        begin = self._tokens.at
        form = self._tokens.next().kind
        if form == "CONSTRUCT" and self._tokens.kind == "{":
            self._tokens.skip_braces()
        elif form == "DESCRIBE":
            while self._tokens.kind in ("variable", "name", "iri", "*"):
                self._tokens.at += 1
        elif form != "ASK":
            raise Unreadable
        return self._read_from_dataset(self._tokens.text_from(begin), None)

    def read_select(self) -> Select:
        """Read a SELECT, the keyword included."""
        self._tokens.take("SELECT")
        form = "SELECT"
        if self._tokens.kind in ("DISTINCT", "REDUCED"):
            form = f"SELECT {self._tokens.next().kind}"
        if self._tokens.takes("*"):
            return self._read_from_dataset(form, None)
        items = []
        while self._tokens.kind in ("variable", "("):
            items.append(self._read_item())
        return self._read_from_dataset(form, items)

    def _read_from_dataset(self, form: str, items: list[Item] | None) -> Select:
        begin = self._tokens.at
        while self._tokens.takes("FROM"):
            self._tokens.takes("NAMED")
            self._tokens.at += 1
        dataset = self._tokens.text_from(begin)
        self._tokens.takes("WHERE")
        where = self.read_group() if self._tokens.kind == "{" else Group([])
        return self._read_modifiers(Select(form, items, dataset, where))

    def _read_modifiers(self, select: Select) -> Select:
        if self._tokens.takes("GROUP"):
            self._tokens.take("BY")
            select.group_by = self._read_several(self._read_item)
        if self._tokens.takes("HAVING"):
            select.having = self._read_several(self.read_constraint)
        if self._tokens.takes("ORDER"):
            self._tokens.take("BY")
            select.order_by = self._read_several(self._read_order)
        begin = self._tokens.at
        while self._tokens.kind in ("LIMIT", "OFFSET"):
            self._tokens.at += 2
        select.cut = self._tokens.text_from(begin)
        if self._tokens.kind == "VALUES":
            select.values = self._read_values()
        return select

    def _read_several(self, read: Callable[[], _T]) -> list[_T]:
        found = [read()]
        while self._tokens.kind not in _AFTER:
            found.append(read())
        return found

    def _read_item(self) -> Item:
        if self._tokens.kind == "variable":
            return Item([self._tokens.next()])
        if self._tokens.kind != "(":
            return Item(self.read_constraint())
        parts = self.read_brackets().parts
        if len(parts) > 2 and isinstance(parts[-2], Token) and parts[-2].kind == "AS":
            return Item(parts[:-2], str(getattr(parts[-1], "text", "")))
        return Item([Brackets(parts)])

    def _read_order(self) -> Expression:
        if self._tokens.kind in ("ASC", "DESC"):
            return [self._tokens.next(), self.read_brackets()]
        return [self._tokens.next()] if self._tokens.kind == "variable" else self.read_constraint()

    # Expressions

    def read_constraint(self) -> Expression:
        """Read an expression in brackets, a call or EXISTS."""
        if self._tokens.kind == "(":
            return [self.read_brackets()]
        if self._tokens.kind in ("NOT", "EXISTS"):
            words: Expression = [self._tokens.next()]
            if self._tokens.kind == "EXISTS":
                words.append(self._tokens.next())
            return [*words, self.read_group()]
        token = self._tokens.next()
        if self._tokens.kind != "(" or not (token.kind in _CALLED or token.kind.isidentifier()):
            raise Unreadable
        return [token, self.read_brackets()]

    def read_brackets(self) -> Brackets:
        """Read what stands in round brackets."""
        self._tokens.take("(")
        parts: list[Part] = []
        while not self._tokens.takes(")"):
            if self._tokens.kind == "(":
                parts.append(self.read_brackets())
            elif self._tokens.kind == "{":
                parts.append(self.read_group())
            elif self._tokens.kind in ("end", "stray", "}"):
                raise Unreadable
            else:
                parts.append(self._tokens.next())
        return Brackets(parts)

    # Patterns

    def read_group(self) -> Group:
        """Read a group."""
        self._tokens.take("{")
        elements: list[Element] = []
        if self._tokens.kind == "SELECT":
            elements.append(self.read_select())
        while not self._tokens.takes("}"):
            elements.append(self._read_element())
            self._tokens.takes(".")
        return Group(elements)

    def _read_element(self) -> Element:
        kind = self._tokens.kind
        if kind == "{":
            groups = [self.read_group()]
            while self._tokens.takes("UNION"):
                groups.append(self.read_group())
            return Block("UNION" if len(groups) > 1 else "", groups)
        if kind in _BLOCKS:
            self._tokens.at += 1
            return Block(kind, [self.read_group()])
        if kind in ("GRAPH", "SERVICE"):
            begin = self._tokens.at + 1
            self._tokens.at += (
                3 if kind == "SERVICE" and self._tokens.kinds[begin] == "SILENT" else 2
            )
            target = self._tokens.text_from(begin)
            return Block(kind, [self.read_group()], target)
        if kind == "FILTER":
            self._tokens.at += 1
            return Filter(self.read_constraint())
        if kind == "BIND":
            return self._read_bind()
        return self._read_values() if kind == "VALUES" else self._read_triples()

    def _read_bind(self) -> Bind:
        self._tokens.at += 1
        parts = self.read_brackets().parts
        name = parts[-1]
        if len(parts) < 3 or not isinstance(name, Token) or name.kind != "variable":
            raise Unreadable
        return Bind(parts[:-2], name.text)

    def _read_values(self) -> Values:
        self._tokens.take("VALUES")
        single = self._tokens.kind == "variable"
        names = [self._tokens.next()] if single else self.read_brackets().parts
        begin = self._tokens.at + 1
        self._tokens.skip_braces()
        rows = self._tokens.slice(begin, self._tokens.at - 1)
        return Values(
            [str(getattr(name, "text", "")) for name in names], write_expression(rows), single
        )

    def _read_triples(self) -> Triples:
        begin = self._tokens.at
        triples = self._triple_reader.read_same_subject()
        return Triples(self._tokens.text_from(begin), triples)
