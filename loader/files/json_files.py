"""Parser of JSON files: one value in a file, one on each line, or values over several lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from loader.transform import long_numbers

_NO_BRACKETS = bytes(set(range(256)) - set(b"{}[]"))
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a file. line: where it begins, counted from 1. text: its bytes.

    reason: why it is no JSON; None if it is, and ``content`` is what it says.
    """

    line: int
    text: bytes
    content: Any = None
    reason: str | None = None


def read_values(stream: IO[bytes]) -> Iterator[Value]:
    """Yield the values of a file that follow each other, whatever lines they are written on.

    A value that is cut is told apart from the next one that begins at the beginning of a line.
    """
    start = depth = 0
    lines: list[bytes] = []
    for number, line in enumerate(stream, 1):
        if not lines:
            if not line.strip():
                continue
            value = _read_value(number, line)
            if value.reason is None:
                yield value
                continue
            start, depth = number, 0
        elif _begins_anew(lines, line):
            yield _read_value(start, b"".join(lines))
            start, depth, lines = number, 0, []
            if (value := _read_value(number, line)).reason is None:
                yield value
                continue
        lines.append(line)
        depth += _measure_depth(line)
        if depth <= 0:
            yield _read_value(start, b"".join(lines))
            lines = []
    if lines:
        yield _read_value(start, b"".join(lines))


def _read_value(number: int, text: bytes) -> Value:
    text = text.strip()
    try:
        return Value(number, text, long_numbers.loads(text))
    except ValueError as error:
        return Value(number, text, reason=f"not JSON: {error}")


def _measure_depth(line: bytes) -> int:
    """Return how many more brackets a line opens than it closes."""
    if not line.translate(None, _NO_BRACKETS):
        return 0
    brackets = _STRING.sub(b"", line).translate(None, _NO_BRACKETS)
    opening = brackets.count(b"{") + brackets.count(b"[")
    return 2 * opening - len(brackets)


def _begins_anew(lines: list[bytes], line: bytes) -> bool:
    """Tell whether a line begins another value although the one in ``lines`` has no end.

    Within a value that is written over lines, a line that begins with a brace is indented, unless
    nothing is; then it is the brace alone.
    """
    if not line.startswith(b"{") or not lines[0].startswith(b"{"):
        return False
    is_unindented = len(lines) > 1 and lines[1][:1] not in b" \t"
    if lines[0].strip() == b"{" and is_unindented:
        return len(line.strip()) > 2 and _read_value(0, line).reason is None
    return True
