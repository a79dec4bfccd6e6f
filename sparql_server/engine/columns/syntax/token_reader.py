"""The reader of a query's tokens: a place among them, and the prefixes and base that hold there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sparql_server.engine.columns.algebra import Group, Select, Unsuited, Variable
from sparql_server.engine.columns.syntax.tokens import split_tokens


@dataclass(frozen=True, slots=True)
class Grammar:
    """The readers that a part of a query calls for another one that may hold it in turn.

    group: reads a group pattern. select: reads a query or a subquery, without its prologue.
    """

    group: Callable[[TokenReader], Group]
    select: Callable[[TokenReader], Select]


class TokenReader:
    """A place in a query. Functions that take one read on from there, or raise Unsuited.

    kinds, texts, starts, ends: of the tokens, see ``Tokens``. at: index of the token that comes
    next. prefixes: prefix to namespace. base: against which relative IRIs are resolved.
    """

    __slots__ = (
        "_nameless",
        "at",
        "base",
        "ends",
        "grammar",
        "kinds",
        "prefixes",
        "query",
        "starts",
        "texts",
    )

    def __init__(
        self, query: str, prefixes: Mapping[str, str], base: str | None, grammar: Grammar
    ) -> None:
        found = split_tokens(query)
        self.query = query
        self.kinds, self.texts = found.kinds, found.texts
        self.starts, self.ends = found.starts, found.ends
        self.at = 0
        self.prefixes = prefixes
        self.base = base
        self.grammar = grammar
        self._nameless = 0

    def takes(self, kind: str) -> bool:
        """Read a token if it is of a kind; tell whether it was."""
        if self.kinds[self.at] != kind:
            return False
        self.at += 1
        return True

    def take(self, kind: str) -> str:
        """Read a token of a kind; return its text."""
        if self.kinds[self.at] != kind:
            raise Unsuited
        self.at += 1
        return self.texts[self.at - 1]

    def is_glued(self) -> bool:
        """Tell whether nothing stands between the token before and this one."""
        return self.starts[self.at] == self.ends[self.at - 1]

    def is_iri(self) -> bool:
        """Tell whether an IRI stands here, whole or with a prefix."""
        return self.kinds[self.at] in ("name", "iri")

    def is_number(self) -> bool:
        """Tell whether a number stands here, with a sign or without."""
        kind = self.kinds[self.at]
        if kind in ("-", "+"):
            following = self.at + 1
            return (
                self.kinds[following] == "number" and self.starts[following] == self.ends[self.at]
            )
        return kind == "number"

    def text_from(self, begin: int) -> str:
        """Return the query's text from a token to the one before this."""
        return self.query[self.starts[begin] : self.ends[self.at - 1]]

    def new_blank_node(self) -> Variable:
        """Return another blank node without a label: ``_:[1``, then ``_:[2`` and so on."""
        self._nameless += 1
        return Variable(f"_:[{self._nameless}")
