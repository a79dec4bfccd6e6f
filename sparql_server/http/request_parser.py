"""Reads requests, and refuses those that break HTTP or a limit.

Waitress reads them well; it is stricter here in what proxies and servers have come to read
differently from each other.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from waitress.parser import HTTPRequestParser, ParsingError
from waitress.utilities import BadRequest, RequestHeaderFieldsTooLarge

from sparql_server.http.request_head import READ_SIZE, Head, HeadTooLarge
from sparql_server.sparql.iri import is_host

_MOST_DIGITS = 18  # of a Content-Length
_CONTROL = re.compile(rb"[\x00-\x1f\x7f]")
_BEYOND = re.compile(rb"[\x80-\xff]")
_CHUNK_LINE = 1024  # bytes of a line between chunks, and of what follows the last one
_CODING = b"transfer-encoding"
_USUAL = re.compile(rb"GET ((?:/[A-Za-z0-9_.-]++)++)\?([!\"$-~]*+) HTTP/1\.1")
# What has a bearing on how a request is read, and what is nobody's to keep.
_TELLING = frozenset(["CONNECTION", "CONTENT_LENGTH", "EXPECT", "TRANSFER_ENCODING"])
_SECRET = frozenset(["AUTHORIZATION", "COOKIE", "PROXY_AUTHORIZATION"])
# What the server takes apart: for each byte more, it does more.
_READ = (
    *("ACCEPT", "ACCEPT_LANGUAGE", "CONTENT_TYPE", "HOST", "IF_MATCH", "IF_MODIFIED_SINCE"),
    *("IF_NONE_MATCH", "IF_RANGE", "RANGE", "X_FORWARDED_FOR", "X_FORWARDED_PROTO"),
)
_ALIKE = 256  # blocks of header fields that are remembered
_LONGEST = 2000  # bytes of one that is


class Parser(HTTPRequestParser):  # type: ignore[misc]
    """Reads one request.

    It refuses what can be read in two ways (RFC 9112, 3.2 and 6.3,
    https://www.rfc-editor.org/rfc/rfc9112#section-6.3).
    """

    # What waitress says of a request in its log, whether it has come to read it or not.
    path = ""
    environ: dict[str, Any] | None = None
    completed: bool = False
    at_hand = False  # whether its answer is
    known = b""  # its header fields, if others had the same ones
    exceeded: HeadTooLarge | None = None  # what was larger than it may be

    # A client sends the same fields with each request: those of usual requests, by their bytes.
    _fields: ClassVar[dict[bytes, dict[str, str]]] = {}

    def __init__(self, adj: Any) -> None:
        """adj: waitress's settings; ``max_request_header_size`` is that of the first line."""
        super().__init__(adj)
        self._head = Head(adj.max_request_header_size)

    def received(self, data: bytes) -> int:
        """Take in data; return how many bytes were of this request."""
        if self.completed or self.body_rcv is not None:
            return self._take_body(data)
        if not self._head and self._is_known(data):
            return len(data)
        try:
            size = self._head.take(data)
            if size is not None:
                self._read_head()
        except HeadTooLarge as error:
            self._fail(RequestHeaderFieldsTooLarge(str(error)))
            self.exceeded = error
            return len(data)
        except (ParsingError, ValueError):  # no head; an address that urlsplit can't take
            self._fail(BadRequest(""))
            return len(data)
        return len(data) if size is None else size

    def _read_head(self) -> None:
        super().received(self._head.whole())
        self._head = Head(0)
        for name in _READ:
            if len(self.headers.get(name, "")) > READ_SIZE:
                field = name.replace("_", "-").title()
                raise HeadTooLarge(f"The header field {field} has", READ_SIZE)

    def _take_body(self, data: bytes) -> int:
        size = int(super().received(data))
        # Waitress keeps what it has of a line, and copies it, until the line's end comes.
        if self.chunked and not self.completed and self._chunk_line_size() > _CHUNK_LINE:
            self._fail(BadRequest(""))
        return size

    def _chunk_line_size(self) -> int:
        return max(len(self.body_rcv.control_line), len(self.body_rcv.trailer))

    def _is_known(self, data: bytes) -> bool:
        """Read a request that is there in one piece, usual, and with fields that are known."""
        line, _, block = data.partition(b"\r\n")
        fields = self._fields.get(block)
        usual = _USUAL.fullmatch(line) if fields and not self.completed else None
        if fields is None or usual is None or len(data) >= self.adj.max_request_header_size:
            return False
        self._take_line(line, usual)
        self.headers, self.known = fields.copy(), block
        self.header_bytes_received = len(data)
        self.completed = self.headers_finished = True
        return True

    def _take_line(self, line: bytes, usual: re.Match[bytes]) -> None:
        self.first_line = line
        self.request_uri = line[4:-9].decode("latin-1")
        self.command, self.version, self.url_scheme = "GET", "1.1", self.adj.url_scheme
        self.path, self.query = usual[1].decode("latin-1"), usual[2].decode("latin-1")
        self.proxy_scheme = self.proxy_netloc = self.fragment = ""

    def _remember(self, header_plus: bytes) -> None:
        line, _, block = header_plus.partition(b"\r\n")
        plain = self.body_rcv is None and not (_TELLING | _SECRET).intersection(self.headers)
        if plain and len(block) <= _LONGEST and _USUAL.fullmatch(line):
            if len(self._fields) >= _ALIKE:
                self._fields.clear()
            self._fields[block] = self.headers.copy()

    def _fail(self, error: object) -> None:
        self.headers.clear()
        super().parse_header(b"GET / HTTP/1.0\r\n")
        self.error = error
        self.completed = self.headers_finished = True

    def parse_header(self, header_plus: bytes) -> None:
        """Read the head. Raises ParsingError."""
        lines = header_plus.split(b"\r\n")
        names = [line.partition(b":")[0].lower() for line in lines[1:]]
        if names.count(b"content-length") > 1 or names.count(b"host") > 1:
            raise ParsingError("")
        if _is_ambiguous(lines, names):
            raise ParsingError("")
        if any(line.startswith((b" ", b"\t")) for line in lines[1:]):
            raise ParsingError("")
        super().parse_header(_encode(header_plus))
        self._check()
        self._remember(header_plus)

    def _check(self) -> None:
        if len(self.headers.get("CONTENT_LENGTH", "")) > _MOST_DIGITS:
            raise ParsingError("")
        if self.version not in ("1.0", "1.1") or _CONTROL.search(self.first_line):
            raise ParsingError("")
        if not is_host(self.headers.get("HOST", "" if self.version == "1.1" else "localhost")):
            raise ParsingError("")
        if self.version != "1.1" and "TRANSFER_ENCODING" in self.headers:
            raise ParsingError("")


def _encode(header_plus: bytes) -> bytes:
    """Return a head whose first line has its bytes beyond ASCII percent-encoded.

    So browsers and libraries send an address; people who write it themselves send UTF-8.
    """
    line, end, rest = header_plus.partition(b"\r\n")
    if line.isascii():
        return header_plus
    return _BEYOND.sub(lambda byte: b"%%%02X" % byte[0][0], line) + end + rest


def _is_ambiguous(lines: list[bytes], names: list[bytes]) -> bool:
    """Tell whether readers may differ in where the body of a request with a coding ends.

    Waitress takes several codings, or an empty one, for a single one; it refuses those that it
    doesn't know by itself (RFC 9112, 6.1 and 6.3).
    """
    values = [line.partition(b":")[2] for line in lines[1:]]
    said = [value for name, value in zip(names, values, strict=True) if name == _CODING]
    codings = [coding.strip(b" \t").lower() for value in said for coding in value.split(b",")]
    unsure = {b"chunked", b""}.issuperset(codings) and codings != [b"chunked"]
    return bool(said) and (unsure or b"content-length" in names)
