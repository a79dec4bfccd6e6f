"""The head of a request, collected as it comes: within bounds, and looked at once.

RFC 9112, 2.1 and 2.2, https://www.rfc-editor.org/rfc/rfc9112#section-2.2
"""

from __future__ import annotations

import re

from waitress.parser import ParsingError

FIELDS_SIZE = 64 * 1024
"""Bytes that all header fields may have, beside the address."""

FIELDS = 256
"""Header fields that a request may have."""

READ_SIZE = 8 * 1024
"""Bytes of a header field that the server makes something of."""

_BLANK = 16  # empty lines before a request
_END = b"\r\n\r\n"
_BARE = re.compile(rb"(?<!\r)\n")


class HeadTooLarge(Exception):
    """A head has more of something than it may. limit, unit: the most of it."""

    def __init__(self, what: str, limit: int, unit: str = "bytes") -> None:
        super().__init__(f"{what} more than {limit:,} {unit}: that is the most here.")
        self.limit = limit
        self.unit = unit


class Head:
    """A head, as much of it as has come. line_size: bytes that its first line may have.

    Each byte is looked at once, however few come at a time.
    """

    def __init__(self, line_size: int) -> None:
        self._come = bytearray()
        self._line_size = line_size
        self._start = 0
        self._line_end = -1
        self._lines = 0

    def __bool__(self) -> bool:
        return bool(self._come)

    def whole(self) -> bytes:
        """Return what has come, without the empty lines before it."""
        return bytes(self._come[self._start :])

    def take(self, data: bytes) -> int | None:
        """Take in data; return how many bytes of it belong to the head if that is whole now.

        Raises HeadTooLarge, and ParsingError for what is no head.
        """
        before = len(self._come)
        self._come += data
        self._skip_blank_lines()
        end = self._come.find(_END, max(before - len(_END) + 1, self._start))
        stop = len(self._come) if end < 0 else end
        if _BARE.search(self._come, before, stop):
            raise ParsingError("")  # or it would wait for an end that has come in another spelling
        self._check(before, stop)
        if end < 0:
            return None
        del self._come[end + len(_END) :]
        return len(self._come) - before

    def _skip_blank_lines(self) -> None:
        while self._come.startswith(b"\r\n", self._start):
            self._start += 2
            if self._start > 2 * _BLANK:
                raise ParsingError("")

    def _check(self, before: int, stop: int) -> None:
        if self._line_end < 0:
            self._line_end = self._come.find(b"\r\n", max(before - 1, self._start), stop)
        is_line = self._line_end >= 0
        if (self._line_end if is_line else stop) - self._start > self._line_size:
            raise HeadTooLarge("The address has", self._line_size)
        if is_line and stop - self._line_end > FIELDS_SIZE:
            raise HeadTooLarge("The header fields have", FIELDS_SIZE)
        self._lines += self._come.count(b"\r\n", max(before - 1, self._start), stop)
        if self._lines > FIELDS:
            raise HeadTooLarge("The request has", FIELDS, "header fields")
