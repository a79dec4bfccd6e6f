"""The rows of a result, counted in its bytes as they pass by.

pyoxigraph writes results itself, and says of none how many rows it had. In each format some bytes
stand once to a row and, as literals are escaped, hardly anywhere else.
"""

from __future__ import annotations

# Format: bytes that stand once to a row, and how many of them are none.
_MARKS: dict[str, tuple[tuple[bytes, ...], int]] = {
    # A quote in a literal has a backslash before it: only one that ends in },{ is taken for more.
    "json": ((b'},{"', b"},{}"), 0),
    "xml": ((b"<result>",), 0),
    # A literal can have a line break in CSV, though hardly a CRLF; the first line is the head.
    "csv": ((b"\r\n",), 1),
    "tsv": ((b"\n",), 1),
    "nt": ((b"\n",), 0),
    "nq": ((b"\n",), 0),
}
_OVERLAP = 7  # bytes of one piece that may begin what ends in the next: the longest mark, less one
_EMPTY = b'"bindings":[]'


class RowCounter:
    """Counts the rows of one result. rows: so far; None if the format has nothing to count.

    >>> counter = RowCounter("tsv")
    >>> counter.count(b"?s\\n1\\n"); counter.count(b"2\\n"); counter.rows
    2
    """

    def __init__(self, format_name: str) -> None:
        self._marks, none = _MARKS.get(format_name, ((), 0))
        self._json = format_name == "json"
        self._tail = b""
        self._begun = False
        self.rows: int | None = -none if self._marks else None

    def count(self, piece: bytes | bytearray) -> None:
        """Count what stands in the next piece."""
        if self.rows is None:
            return
        if self._json and not self._begun:
            self.rows += 0 if _EMPTY in piece else 1
            self._begun = True
        for mark in self._marks:
            self.rows += piece.count(mark)
            seam = self._tail[-(len(mark) - 1) :] if len(mark) > 1 else b""
            self.rows += (seam + bytes(piece[: len(mark) - 1])).count(mark)
        self._tail = bytes(piece[-_OVERLAP:])
