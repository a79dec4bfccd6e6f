"""The text of a saved query: which lines belong to which parameter, and where its values go.

A line that ends with ``#? name`` is in force unless the parameter ``name`` is left out. A line that
begins with ``#? name:`` is a comment as the file stands, and comes into force when the parameter
is given. Of several names, separated by commas, any one does.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sparql_server.memo import remembered
from sparql_server.sparql.lexer import FORMS, Token, tokens

_NAMES = r"([A-Za-z]\w*(?:\s*,\s*[A-Za-z]\w*)*)"
_OFF = re.compile(rf"(\s*)#\?\s*{_NAMES}\s*:\s?(.*)")
_ON = re.compile(rf"(.*?)\s*#\?\s*{_NAMES}\s*")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a query.

    text: what is evaluated if the line is in force. owners: the parameters it belongs to; none:
    it is always in force. as_written: the line in the file.
    """

    text: str
    owners: tuple[str, ...]
    as_written: str


@dataclass(frozen=True, slots=True)
class Source:
    """A query's lines. first: the number of the first of them in its file, from 1."""

    lines: tuple[Line, ...]
    first: int = 1

    @property
    def text(self) -> str:
        """The query as the file has it."""
        return "".join(f"{line.as_written}\n" for line in self.lines)

    def with_parameters(self, given: Collection[str]) -> str:
        """Return the query with the lines of the parameters given, and without those of others."""
        kept = (
            line.text for line in self.lines if not line.owners or set(line.owners) & set(given)
        )
        return "".join(f"{line}\n" for line in kept)

    def owners(self) -> Iterator[tuple[int, str]]:
        """Yield the parameters that lines name, with the line's number in the file."""
        for number, line in enumerate(self.lines, self.first):
            for name in line.owners:
                yield number, name


def read_source(lines: Sequence[str], first: int = 1) -> Source:
    """Tell the lines of a query apart. first: the number of the first of them in its file."""
    return Source(tuple(_read_line(line) for line in lines), first)


def _read_line(line: str) -> Line:
    if match := _OFF.fullmatch(line):
        return Line(f"{match[1]}{match[3]}", _split_names(match[2]), line)
    if match := _ON.fullmatch(line):
        return Line(match[1], _split_names(match[2]), line)
    return Line(line, (), line)


def _split_names(found: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in found.split(","))


@dataclass(frozen=True, slots=True)
class Block:
    """A VALUES data block of one variable. start, end: offsets of what is between its braces."""

    variable: str
    start: int
    end: int


@remembered(4, 10_000)  # a query is read for each of its parameters, one after the other
def find_blocks(query: str) -> tuple[Block, ...]:
    """Return the data blocks of single variables, ``VALUES ?name { … }``, in their order."""
    found = list(tokens(query))
    result = []
    for position, token in enumerate(found[:-3]):
        variable, brace = found[position + 1], found[position + 2]
        if _is_word(token, "VALUES") and variable.kind == "variable" and brace.text == "{":
            close = next((token for token in found[position + 3 :] if token.text == "}"), None)
            if close is not None:
                result.append(Block(variable.text[1:], brace.start + 1, close.start))
    return tuple(result)


def put_values(query: str, terms: Mapping[str, Sequence[str]]) -> str:
    """Put terms into the data blocks of their variables; other blocks stay as they are."""
    for block in reversed(find_blocks(query)):
        if block.variable in terms:
            inner = "".join(f" {term}" for term in terms[block.variable])
            query = f"{query[: block.start]}{inner} {query[block.end :]}"
    return query


def find_prologue_end(query: str) -> int:
    """Return the offset at which the query form stands, after BASE and PREFIX."""
    return next((token.start for token in tokens(query) if _form_of(token)), len(query))


def form(query: str) -> str | None:
    """Return the query form, or None if there is none."""
    return next((found for token in tokens(query) if (found := _form_of(token))), None)


def _form_of(token: Token) -> str | None:
    upper = token.text.upper()
    return upper if token.kind == "word" and upper in FORMS else None


def _is_word(token: Token, word: str) -> bool:
    return token.kind == "word" and token.text.upper() == word


def list_columns(query: str) -> tuple[str, ...]:
    """Return the variables that a SELECT query names as its columns; none for ``*``."""
    names: list[str] = []
    depth, named = 0, False
    for token in tokens(query[find_prologue_end(query) :]):
        if token.text == "{" or _is_word(token, "WHERE"):
            break
        depth += (token.text == "(") - (token.text == ")")
        if token.kind == "variable" and (depth == 0 or (depth == 1 and named)):
            names.append(token.text[1:])
        named = _is_word(token, "AS")
    return tuple(names)


def list_tail(query: str) -> list[Token]:
    """Return the tokens after the last closing brace: the solution modifiers, usually."""
    found = list(tokens(query))
    closing = [position for position, token in enumerate(found) if token.text == "}"]
    return found[closing[-1] + 1 :] if closing else []
