"""A place in the tokens of a query that is to be put in other words."""

from __future__ import annotations

from collections.abc import Mapping

from sparql_server.engine.columns.syntax.tokens import split_tokens
from sparql_server.engine.oxigraph.syntax.elements import Token, Unreadable, write_expression


class TokenReader:
    """A place in a query's tokens.

    names: variables that the query is to have instead of others, with their marks. kinds: of the
    tokens, as ``columns.syntax.tokens`` has them. at: index of the token that comes next.
    """

    def __init__(self, query: str, names: Mapping[str, str] | None = None) -> None:
        found = split_tokens(query)
        texts = [f"?{text[1:]}" if text[:1] == "$" else text for text in found.texts]
        beginnings = zip(found.starts[1:], found.ends, strict=False)
        self.kinds = found.kinds
        self._texts = [names.get(text, text) for text in texts] if names else texts
        self._glued = [True, *(start == end for start, end in beginnings)]
        self.at = 0

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

    def skip_braces(self) -> None:
        """Read what stands in braces, and them. Raises Unreadable."""
        depth = 0
        while True:
            kind = self.next().kind
            depth += (kind == "{") - (kind == "}")
            if kind == "end":
                raise Unreadable
            if not depth:
                return

    def slice(self, begin: int, end: int) -> list[Token]:
        """Return the tokens between two places."""
        kinds, texts = self.kinds[begin:end], self._texts[begin:end]
        glued = self._glued[begin:end]
        return [Token(*token) for token in zip(kinds, texts, glued, strict=True)]

    def text_from(self, begin: int) -> str:
        """Return what stands between a place and here."""
        return write_expression(self.slice(begin, self.at)).strip()
