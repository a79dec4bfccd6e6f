"""Tokens, lines and statements of RDF as text.

Only used on a file that a parser has refused. What a statement means is left to the parser.
https://www.w3.org/TR/turtle/#sec-grammar, https://www.w3.org/TR/trig/#sec-grammar,
https://www.w3.org/TR/n-quads/#sec-grammar
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

LONGEST = 64 << 20  # bytes of a statement; what is longer is taken for one that never ends

# What is, or may have been meant as, a directive: no statement begins with @ or with a bare word.
_DIRECTIVE = re.compile(
    rb"@(?:prefix|base)\b|^\s*(?:prefix|base)\s|\A\s*(?:@|[A-Za-z]+\s)",
    re.IGNORECASE | re.MULTILINE,
)
LONG_QUOTES = (b'"""', b"'''")
_NAME_CHARACTER = rb"[^\s<>\"'#;,.\[\](){}^@\\]"
TOKEN = re.compile(
    rb"""
    (?P<space> [\x20\t\r\n]+ | \#[^\n\r]* )
  | (?P<iri> <[^>\n]*> )
  | (?P<string> \"\"\"[^"\\]*(?:(?:\\.|"(?!""))[^"\\]*)*\"\"\"
      | '''[^'\\]*(?:(?:\\.|'(?!''))[^'\\]*)*'''
      | "(?!"")[^"\\\n\r]*(?:\\[^\n\r][^"\\\n\r]*)*"
      | '(?!'')[^'\\\n\r]*(?:\\[^\n\r][^'\\\n\r]*)*' )
  | (?P<tag> @[A-Za-z0-9_\-]+ )
  | (?P<brace> [{}] )
  | (?P<number> [+\-]?(?:[0-9]+\.[0-9]*[eE][+\-]?[0-9]+|[0-9]*\.[0-9]+(?:[eE][+\-]?[0-9]+)?) )
  | (?P<name> (?:%(c)s|\\.)(?:%(c)s|\\.|\.+(?=%(c)s|\\.))* )
  | (?P<dot> \. )
  | (?P<broken> ["'<] )
  | (?P<other> . )
    """
    % {b"c": _NAME_CHARACTER},
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A piece of a file. line, column: where it begins, counted from 1.

    text: its bytes as they stand there. source: what a parser gets, with the graph's braces.
    kind: ``statement``, ``directive``, or ``rest``: from here on it can't be told where
    statements end, so that this is all of the file.
    """

    line: int
    column: int
    text: bytes
    source: bytes
    kind: str = "statement"

    @property
    def stands_alone(self) -> bool:
        """Tell whether it is a statement that holds no directive, on which others would depend."""
        return self.kind == "statement" and not _DIRECTIVE.search(self.text)


def split_lines(stream: IO[bytes]) -> Iterator[Statement]:
    """Yield the lines of N-Triples or N-Quads, each a statement, without empty ones."""
    number = 0
    while line := stream.readline(LONGEST):
        number += 1
        if len(line) == LONGEST:
            yield Statement(number, 1, line, b"", "rest")
            return
        column = 1
        for text in line.split(b"\r"):
            if text.strip() and not text.lstrip().startswith(b"#"):
                yield Statement(number, column, text.strip(), text)
            column += len(text) + 1


def mend_tags(text: bytes) -> tuple[bytes, list[str]]:
    """Return a statement with ``-`` for ``_`` in its language tags, and the tags that had it."""
    tokens = [(token.lastgroup == "tag", token[0]) for token in TOKEN.finditer(text)]
    mended = [token for is_tag, token in tokens if is_tag and b"_" in token]
    if not mended:
        return text, []
    whole = b"".join(token.replace(b"_", b"-") if is_tag else token for is_tag, token in tokens)
    return whole, [tag.decode() for tag in mended]


def count_long_quotes_in(stream: IO[bytes]) -> int:
    """Return the number of long quotation marks in a stream."""
    return sum(map(count_long_quotes, stream))


def count_long_quotes(text: bytes) -> int:
    """Return the number of long quotation marks in a text."""
    return sum(map(text.count, LONG_QUOTES))
