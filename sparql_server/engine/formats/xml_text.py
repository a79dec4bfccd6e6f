"""Text in XML 1.0, which can't have every character that RDF has.

What it can't have (U+0000 to U+001F but tab and line feed, U+FFFE, U+FFFF) becomes U+FFFD, the
replacement character; a carriage return is written ``&#13;``, or a reader would make a line feed
of it. https://www.w3.org/TR/xml/#charsets, https://www.w3.org/TR/xml/#sec-line-ends
"""

from __future__ import annotations

import re
from typing import IO

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_ODD_BYTES = re.compile(rb"[\x00-\x08\x0b-\x1f]|\xef\xbf[\xbe\xbf]")
_CONTROLS = bytes([*range(9), *range(11, 32)])
_BEGUN = (b"\xef", b"\xef\xbf")  # what U+FFFE and U+FFFF begin with


def _replace_bytes(match: re.Match[bytes]) -> bytes:
    return _character_bytes[match[0] == b"\r"]


_character_bytes = (REPLACEMENT.encode(), b"&#13;")


def _is_odd(text: bytes) -> bool:
    """Tell whether a text may have what XML hasn't: in a tenth of the time of finding it."""
    return _BEGUN[1] in text or len(text.translate(None, _CONTROLS)) < len(text)


class XmlWriter:
    """Takes XML that is well-formed but for its characters, and passes it on with those mended."""

    def __init__(self, writer: IO[bytes]) -> None:
        self._writer = writer
        self._begun = b""

    def write(self, data: bytes) -> int:
        """Pass on some bytes, which may end within a character."""
        text = self._begun + data if self._begun else data
        self._begun = next((start for start in _BEGUN[::-1] if text.endswith(start)), b"")
        if self._begun:
            text = text[: -len(self._begun)]
        self._writer.write(_ODD_BYTES.sub(_replace_bytes, text) if _is_odd(text) else text)
        return len(data)

    def flush(self) -> None:
        """Do nothing: a result ends with a tag, so nothing is held back then."""
