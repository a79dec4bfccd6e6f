"""Splitter of Turtle and TriG into statements with their places, also where some are broken.

Here is only where a statement begins and ends, as far as that is certain: quotation marks and
brackets are read as the grammars have them. Where it isn't certain, the rest of the file is one
piece. https://www.w3.org/TR/turtle/#sec-grammar, https://www.w3.org/TR/trig/#sec-grammar
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from loader.files.statements import LONG_QUOTES, LONGEST, TOKEN, Statement, count_long_quotes

_PIECE = 1 << 20
_LOOKAHEAD = 8  # bytes after a token that may change where it ends
_SPARQL_DIRECTIVE = re.compile(rb"\A(?:prefix|base)\Z", re.IGNORECASE)


class Splitter:
    """Splits Turtle or TriG.

    trig: braces are graphs. long_quotes: how many long quotation marks there are in the bytes.

    If an odd number of those follows a broken string, one may be an end or a beginning, so that
    it can't be told what is text and what is a statement.
    """

    def __init__(self, stream: IO[bytes], *, trig: bool, long_quotes: int) -> None:
        self._stream = stream
        self._trig = trig
        self._long_quotes = long_quotes  # that are still to come
        self._data = b""
        self._ended = False
        self._offset = 0  # of data in the stream
        self._position = 0  # in data: what is before it has been read
        self._line, self._line_start = 1, 0  # at position; line_start: in the stream
        self._start = -1  # in data: of the statement; -1: none has begun
        self._place = (1, 1)
        self._tokens: list[bytes] = []
        self._broken = False  # a token of the statement is
        self._graph: bytes | None = None  # what stands before the brace that is open
        self._lost = False  # it can't be told where statements end, or to which graph they belong

    def __iter__(self) -> Iterator[Statement]:
        """Yield statements and directives in their order."""
        while not self._lost and (token := self._token()):
            if token.lastgroup == "space":
                self._pass(token.end())
                continue
            if self._start < 0:
                self._begin()
            self._pass(token.end())
            yield from self._take(token.lastgroup or "", token[0])
            self._lost = self._lost or self._is_endless()
        # What a graph lacks at the end of the file may be the rest of its last statement.
        if self._lost or self._graph is not None:
            rest = self._rest()
            if rest.text.strip() or self._graph is not None:
                yield rest
        elif self._start >= 0:
            yield self._cut("statement")

    def give_up(self) -> None:
        """Take all that hasn't been yielded for one piece."""
        self._lost = True

    def _rest(self) -> Statement:
        """Return all that hasn't been yielded, or as much of it as a statement may have."""
        if self._start < 0:
            self._begin()
        text = self._data[self._start :]
        text += self._stream.read(max(0, LONGEST - len(text)))
        return Statement(*self._place, text, b"", "rest")

    # Tokens

    def _token(self) -> re.Match[bytes] | None:
        """Return the next token; one near the end of what was read is looked for again."""
        while True:
            token = TOKEN.match(self._data, self._position)
            is_whole = token and token.end() + _LOOKAHEAD <= len(self._data)
            if token and token.lastgroup == "broken" and not self._has_line():
                is_whole = False
            if is_whole or self._ended or len(self._data) - self._position > LONGEST:
                return token
            self._read_on()

    def _has_line(self) -> bool:
        """Tell whether a quotation mark here is known not to be closed on its line."""
        is_long = self._data.startswith(LONG_QUOTES, self._position)
        return not is_long and self._data.find(b"\n", self._position) >= 0

    def _read_on(self) -> None:
        keep = self._start if self._start >= 0 else self._position
        piece = self._stream.read(max(_PIECE, len(self._data) - keep))
        self._ended = not piece
        self._data = self._data[keep:] + piece
        self._offset += keep
        self._position -= keep
        self._start = 0 if self._start >= 0 else -1

    def _pass(self, end: int) -> None:
        self._long_quotes -= count_long_quotes(self._data[self._position : end])
        breaks = self._data.count(b"\n", self._position, end)
        if breaks:
            self._line += breaks
            self._line_start = self._offset + self._data.rindex(b"\n", self._position, end) + 1
        self._position = end

    # Statements

    def _begin(self) -> None:
        self._start = self._position
        self._place = (self._line, self._offset + self._position - self._line_start + 1)
        self._tokens = []
        self._broken = False

    def _take(self, kind: str, text: bytes) -> Iterator[Statement]:
        """Take one token in; yield the statement that it ends, if it ends one."""
        if kind == "broken":
            self._broken = True
            self._skip_line()
            if not self._lost and self._line_ends_statement():
                yield self._cut("statement")
        elif kind == "dot":
            yield self._cut(self._kind())
        elif kind == "brace" and self._trig:
            yield from self._turn(text)
        else:
            self._tokens.append(text)
            if kind == "iri" and self._is_sparql_directive():
                yield self._cut("directive")

    def _skip_line(self) -> None:
        """Pass over the rest of a line with a string or an IRI that isn't closed on it."""
        end = self._data.find(b"\n", self._position)
        end = len(self._data) if end < 0 else end
        skipped = self._data[self._position : end]
        turns = self._trig and (b"{" in skipped or b"}" in skipped)
        is_long = self._data.startswith(LONG_QUOTES, self._position - 1)
        self._pass(end)
        self._lost = turns or is_long or self._long_quotes % 2 == 1

    def _line_ends_statement(self) -> bool:
        """Tell whether what is broken leaves no doubt that its line ends the statement.

        If only a closing mark is missing, a dot before the end of the line is the statement's end
        unless what follows goes on with a statement.
        """
        if not self._data[self._start : self._position].rstrip().endswith(b"."):
            return False
        while not (following := self._data[self._position :].lstrip()) and not self._ended:
            self._read_on()
        return bool(following) and following[:1] not in b".;,])@^"

    def _kind(self) -> str:
        first = self._tokens[0].lower() if self._tokens else b""
        return "directive" if first in (b"@prefix", b"@base") else "statement"

    def _is_sparql_directive(self) -> bool:
        first = self._tokens[0]
        length = 2 if first.lower() == b"base" else 3
        return _SPARQL_DIRECTIVE.match(first) is not None and len(self._tokens) == length

    def _turn(self, brace: bytes) -> Iterator[Statement]:
        """Enter or leave a graph of TriG."""
        if brace == b"}" and self._graph is not None:
            if self._tokens or self._broken:
                yield self._cut("statement", but_for=1)
            self._graph = None
            self._start = -1
        elif brace == b"{" and self._graph is None and self._is_graph_name():
            self._graph = self._data[self._start : self._position - 1]
            self._start = -1
        else:
            self._lost = True

    def _is_graph_name(self) -> bool:
        return not self._broken and len(self._tokens) <= 2  # GRAPH and a name, or two brackets

    def _is_endless(self) -> bool:
        return self._start >= 0 and self._position - self._start > LONGEST

    def _cut(self, kind: str, but_for: int = 0) -> Statement:
        """Return what has been read since the statement began, which ends it."""
        text = source = self._data[self._start : self._position - but_for]
        kind = "statement" if self._broken else kind
        if self._graph is not None and kind == "statement":
            source = self._graph + b"{ " + text + b"\n}"
        self._start = -1
        return Statement(*self._place, text, source, kind)
