"""A malformed query as the rules read it: its tokens, their places, and what edits are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from sparql_server.sparql.diagnosis.mistake import Edit
from sparql_server.sparql.diagnosis.places import find_places
from sparql_server.sparql.lexer import Token

_PAIRS = {"}": "{", ")": "(", "]": "["}


class Reading:
    """A query that the parser refuses.

    text: the query, its escapes decoded. said: the parser's reason. prefixes: those known without
    a declaration. Indexes are of ``tokens``; of one that is out of range the text is empty.
    """

    def __init__(
        self, text: str, tokens: Sequence[Token], said: str, prefixes: Mapping[str, str]
    ) -> None:
        self.text = text
        self.tokens = tokens
        self.said = said
        self.prefixes = prefixes
        self.places = find_places(tokens)

    def word(self, index: int) -> str:
        """Return a word in capital letters, a symbol as it is, and nothing for other tokens."""
        if not 0 <= index < len(self.tokens):
            return ""
        token = self.tokens[index]
        if token.kind == "word":
            return token.text.upper()
        return token.text if token.kind == "symbol" else ""

    def kind(self, index: int) -> str:
        """Return the kind of a token."""
        return self.tokens[index].kind if 0 <= index < len(self.tokens) else ""

    def place(self, index: int) -> str:
        """Return the place of a token."""
        return self.places[index] if 0 <= index < len(self.tokens) else ""

    def end(self, index: int) -> int:
        """Return the offset at which a token ends."""
        return self.tokens[index].start + len(self.tokens[index].text)

    def joined(self, index: int) -> bool:
        """Tell whether nothing stands between a token and the one before it."""
        if not 0 < index < len(self.tokens):
            return False
        return self.end(index - 1) == self.tokens[index].start

    def slice(self, first: int, last: int) -> str:
        """Return the text from a token to another one, both included."""
        return self.text[self.tokens[first].start : self.end(last)]

    def at(self, place: str) -> list[int]:
        """Return the indexes of the tokens at a place."""
        return [index for index, other in enumerate(self.places) if other == place]

    @cached_property
    def variables(self) -> dict[str, int]:
        """The query's variables without their marks, and how often each stands there."""
        counts: dict[str, int] = {}
        for token in self.tokens:
            if token.kind == "variable":
                counts[token.text[1:]] = counts.get(token.text[1:], 0) + 1
        return counts

    @cached_property
    def closing(self) -> dict[int, int]:
        """Of each opening bracket, where it is closed; those that are, as they stand."""
        found, opened = {}, []
        for index, token in enumerate(self.tokens):
            symbol = token.text if token.kind == "symbol" else ""
            if symbol in _PAIRS.values():
                opened.append(index)
            elif opened and _PAIRS.get(symbol) == self.tokens[opened[-1]].text:
                found[opened.pop()] = index
        return found

    @cached_property
    def commas(self) -> dict[int, list[int]]:
        """Of each opening bracket, the commas that stand in it, and in none within it."""
        found: dict[int, list[int]] = {}
        opened: list[int] = []
        for index, token in enumerate(self.tokens):
            if token.kind != "symbol":
                continue
            if token.text in _PAIRS.values():
                opened.append(index)
                found[index] = []
            elif token.text in _PAIRS and opened:
                opened.pop()
            elif token.text == "," and opened:
                found[opened[-1]].append(index)
        return found

    def replace(self, index: int, new: str) -> Edit:
        """Return the edit that puts something in the place of a token."""
        return Edit(self.tokens[index].start, self.end(index), new)

    def drop(self, index: int) -> Edit:
        """Return the edit that leaves a token out."""
        return self.replace(index, "")

    def before(self, index: int, new: str) -> Edit:
        """Return the edit that puts something before a token."""
        start = self.tokens[index].start
        return Edit(start, start, new)

    def after(self, index: int, new: str) -> Edit:
        """Return the edit that puts something after a token."""
        return Edit(self.end(index), self.end(index), new)

    def wrapped(self, first: int, last: int, begin: str, end: str) -> list[Edit]:
        """Return the edits that put something around tokens."""
        return [self.before(first, begin), self.after(last, end)]

    def part_end(self, index: int) -> int:
        """Return the last token of a part of a pattern: before a full stop, a clause or the end."""
        depth = 0
        for last in range(index, len(self.tokens)):
            word = self.word(last)
            if depth == 0 and (
                word in (".", "}") or (last > index and self.place(last) == "keyword")
            ):
                return last - 1
            depth += (word in ("{", "(", "[")) - (word in ("}", ")", "]"))
            if depth < 0:
                return last - 1
        return len(self.tokens) - 1
