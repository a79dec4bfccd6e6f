"""Compression and character encodings of files: detected by the first bytes, converted to UTF-8.

Byte order marks: https://www.unicode.org/faq/utf_bom.html; the encoding of XML:
https://www.w3.org/TR/xml/#sec-guessing. gzip: RFC 1952, section 2.3.1.
"""

from __future__ import annotations

import codecs
import gzip
import io
import re
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from loader.errors import InputError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

GZIP = b"\x1f\x8b"
_OTHER_PACKINGS = {
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"(\xb5/\xfd": "zstd",
    b"PK\x03\x04": "zip",
}

# UTF-32 before UTF-16: the one's mark begins with the other's.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_XML_DECLARATION = re.compile(
    rb"\A<\?xml\b[^>]*?\bencoding\s*=\s*[\"']([A-Za-z][A-Za-z0-9._\-]*)[\"'][^>]*\?>"
)
_XML_ENCODINGS = re.compile(r"utf-8|ascii|iso8859-\d+|cp125\d|koi8-[ru]|utf-16.*|utf-32.*")
_BEGINNING = 1024  # bytes in which an XML declaration must end


def is_gzip(path: Path) -> bool:
    """Tell whether a file is compressed with gzip, whatever it is called."""
    with open(path, "rb") as stream:
        return stream.read(len(GZIP)) == GZIP


def open_unpacked(path: Path, name: str) -> IO[bytes]:
    """Return a stream of a file's decompressed bytes.

    Raises InputError, with ``name``, if it is compressed in another way than with gzip, or empty
    though it is called ``.gz``; OSError if it can't be opened.
    """
    with open(path, "rb") as stream:
        beginning = stream.read(8)
    if beginning.startswith(GZIP):
        return cast(IO[bytes], gzip.open(path, "rb"))
    for magic, packing in _OTHER_PACKINGS.items():
        if beginning.startswith(magic):
            raise InputError(name, f"compressed with {packing}: unpack it, or pack it with gzip")
    if not beginning and name.lower().endswith(".gz"):
        raise InputError(name, "empty, so it is no whole gzip file")
    return open(path, "rb")


def decode_to_utf8(stream: IO[bytes], name: str, *, xml: bool = False) -> io.BufferedReader:
    """Return a stream of the same text in UTF-8, without a byte order mark.

    xml: an XML declaration may say the encoding; it is blanked if it says another than UTF-8.
    Raises InputError if that is an encoding that isn't read.
    """
    buffered = stream if isinstance(stream, io.BufferedReader) else _make_buffer(stream)
    beginning = buffered.peek(_BEGINNING)[:_BEGINNING]
    mark, encoding = _find_mark(beginning)
    buffered.read(len(mark))
    declaration = _XML_DECLARATION.match(beginning[len(mark) :]) if xml else None
    if declaration and encoding == "utf-8":
        encoding = _check_declared(declaration[1].decode(), name, marked=bool(mark))
    if encoding == "utf-8" and not (declaration and declaration[1].lower() != b"utf-8"):
        return buffered
    return io.BufferedReader(_Transcoded(buffered, encoding, xml=xml), 1 << 16)


def _make_buffer(stream: IO[bytes]) -> io.BufferedReader:
    return io.BufferedReader(cast(io.RawIOBase, stream), 1 << 16)


def _find_mark(beginning: bytes) -> tuple[bytes, str]:
    """Return a text's byte order mark, empty if it has none, and its encoding."""
    for mark, encoding in _MARKS:
        if beginning.startswith(mark):
            return mark, encoding
    # Every format here begins with an ASCII character, which UTF-16 pads with a zero.
    if beginning[:1] and beginning[1:2] == b"\0":
        return b"", "utf-16-le"
    return b"", "utf-16-be" if beginning[:1] == b"\0" else "utf-8"


def _check_declared(declared: str, name: str, *, marked: bool) -> str:
    try:
        encoding = codecs.lookup(declared).name
    except LookupError:
        encoding = ""
    if not _XML_ENCODINGS.fullmatch(encoding):
        raise InputError(name, f"its encoding {declared} isn't read: convert it to UTF-8")
    # The declaration itself was read a byte to a character, so it is wrong about UTF-16.
    return "utf-8" if marked or encoding.startswith(("utf-16", "utf-32", "ascii")) else encoding


class _Transcoded(io.RawIOBase):
    """Text in some encoding, read as UTF-8. xml: its XML declaration is left blank."""

    def __init__(self, stream: io.BufferedReader, encoding: str, *, xml: bool) -> None:
        super().__init__()
        self._text = io.TextIOWrapper(stream, encoding=encoding, errors="strict", newline="")
        self._blanks = xml

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer)
        text = self._text.read(max(1, len(view) // 4))  # a character has 4 bytes at most
        if self._blanks:
            text = re.sub(r"\A<\?xml\b[^>]*\?>", _blank_out, text)
            self._blanks = False
        data = text.encode()
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._text.close()
        super().close()


def _blank_out(declaration: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", declaration[0])
