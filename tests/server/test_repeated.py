"""What is remembered of requests, or read in a shorter way, is what the long one makes of them."""

from __future__ import annotations

import json
from inspect import unwrap
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser
from waitress.task import WSGITask

from sparql_server.answering.journal import Entry
from sparql_server.errors import BadRequest
from sparql_server.http.connections import Channel
from sparql_server.http.request_parser import Parser
from sparql_server.http.wsgi_task import Task
from sparql_server.sparql.protocol import read_parameters
from sparql_server.sparql.query import _read_tokens, read

# Parameters


PARTS = st.sampled_from([*"&=%+;aé", "%41", "%c3%A5", "%C3", "%2", "%0A", "%7f"])


@given(st.lists(PARTS, max_size=12).map("".join))
def test_parameters_are_those_of_the_library(text: str) -> None:
    try:
        expected = parse_qs(text, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        with pytest.raises(BadRequest):
            read_parameters(text.encode())
        return
    assert read_parameters(text.encode()) == expected


# Queries

PIECES = st.sampled_from(
    [
        "SELECT ", "ASK", "CONSTRUCT", "PREFIX x: ", "?a", " ", "  ", "\n", "{", "}", ".", "<", ">",
        "<http://example.org/a>", "<http://example.org/#it>", "<urn:x>", "<x://>", "<x>", "<a:b'>",
        "<http://example.org/'>", "'", '"', '"""', "#", "# x\n", "\\", "\\u003c", "RAND()", "<x://a",
        "&&", "x:y", "service", "%s", "<http://example.org/RAND>",
    ]
)  # fmt: skip


@given(st.lists(PIECES, max_size=12).map("".join))
def test_query_is_read_as_if_none_had_been_read_before(query: str) -> None:
    for reader in (unwrap(read), read, read):
        assert reader(query) == _read_tokens(query)


@given(st.lists(PIECES, max_size=12), st.sampled_from(["<http://a/b>", "<x://>", "<urn:a#RAND>"]))
def test_query_is_read_as_one_that_has_other_iris(parts: list[str], other: str) -> None:
    read("".join(parts))
    query = "".join(other if part.startswith("<http") else part for part in parts)
    assert read(query) == _read_tokens(query)


# Requests

LINES = [
    b"GET /sparql?query=ASK%20%7B%7D HTTP/1.1",
    b'GET /sparql?query=b&c=%22"[] HTTP/1.1',
    b"GET /a/b.c?x HTTP/1.1",
    b"GET /a/b.c? HTTP/1.1",
    b"GET /sparql HTTP/1.1",
    b"GET /sparql?a#b HTTP/1.1",
    b"GET //sparql?a HTTP/1.1",
    b"GET /%61?a HTTP/1.1",
    b"GET http://localhost/sparql?a HTTP/1.1",
    b"GET /sparql?\xc3\xa5 HTTP/1.1",
    b"GET /sparql?a HTTP/1.0",
    b"HEAD /sparql?a HTTP/1.1",
    b"POST /sparql?a HTTP/1.1",
]
FIELDS = [
    b"Host: localhost\r\nAccept: text/csv\r\nX-Twice: a\r\nx-twice: b\r\nX_Not: c",
    b"Host: localhost\r\nConnection: close",
    b"Host: localhost\r\nContent-Length: 3",
    b"Host: localhost\r\nContent-Length: 0",
    b"Host: localhost\r\nTransfer-Encoding: chunked",
    b"Host: localhost\r\nTransfer-Encoding: gzip",
    b"Host: localhost\r\nExpect: 100-continue",
    b"Host: localhost\r\nX: \xe5",
    b"Host: localhost\r\nno field",
    b"Accept: */*",
    b"Host: a\r\nHost: b",
]
ADJUSTMENTS = Adjustments(ident="", clear_untrusted_proxy_headers=False)


MADE = [
    "headers",
    "command",
    "request_uri",
    "version",
    "path",
    "query",
    "fragment",
    "proxy_scheme",
    "proxy_netloc",
    "url_scheme",
    "first_line",
    "completed",
    "empty",
    "expect_continue",
    "headers_finished",
    "header_bytes_received",
    "body_bytes_received",
    "chunked",
    "content_length",
    "connection_close",
    "consumed",
]


def seen(parser: Any) -> dict[str, Any]:
    """What a parser has made of a request."""
    error = parser.error and vars(parser.error)
    made = {name: getattr(parser, name, None) for name in MADE}
    return made | {"has_body": parser.body_rcv is not None, "error": error}


def parsed(kind: type[HTTPRequestParser], sent: bytes) -> Any:
    parser = kind(ADJUSTMENTS)
    parser.consumed = parser.received(sent)
    return parser


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("fields", FIELDS)
@pytest.mark.parametrize("more", [b"", b"abc", b"GET / HTTP/1.1\r\n\r\n"])
def test_request_is_read_alike_again_and_again(line: bytes, fields: bytes, more: bytes) -> None:
    Parser._fields.clear()
    sent = line + b"\r\n" + fields + b"\r\n\r\n"
    alone = [seen(parsed(Parser, sent)) for _ in range(3)]
    assert alone[0] == alone[1] == alone[2]
    first = seen(parsed(Parser, sent + more))
    assert seen(parsed(Parser, LINES[0] + b"\r\n" + fields + b"\r\n\r\n"))
    assert seen(parsed(Parser, sent + more)) == first
    if first["error"] is None and line.isascii():  # waitress refuses raw UTF-8
        assert first == seen(parsed(HTTPRequestParser, sent + more))


def test_request_that_is_too_long_is_so_with_known_fields_too() -> None:
    fields = b"\r\nHost: localhost\r\n\r\n"
    assert parsed(Parser, LINES[0] + fields).error is None
    long = b"GET /sparql?" + b"a" * ADJUSTMENTS.max_request_header_size + b" HTTP/1.1"
    assert parsed(Parser, long + fields).error.code == 431


def test_fields_are_not_remembered_without_end() -> None:
    for number in range(1000):
        parsed(Parser, LINES[0] + b"\r\nHost: h%d\r\n\r\n" % number)
    assert len(Parser._fields) <= 256


@pytest.mark.parametrize("field", [b"Authorization: Basic eA==", b"Cookie: a=b"])
def test_fields_that_are_secret_are_not_remembered(field: bytes) -> None:
    Parser._fields.clear()
    for _ in range(2):
        found = parsed(Parser, LINES[0] + b"\r\nHost: localhost\r\n" + field + b"\r\n\r\n")
        assert field.partition(b":")[0].decode().upper() in found.headers
    assert not Parser._fields
    parsed(Parser, LINES[0] + b"\r\nHost: localhost\r\n\r\n")
    assert Parser._fields


class _Server:
    adj = ADJUSTMENTS
    effective_port = 80
    server_name = "localhost"


def test_surroundings_of_a_request_are_those_that_waitress_gives_it() -> None:
    channel = Channel.__new__(Channel)
    channel.server, channel.addr, channel.adj = _Server(), ("127.0.0.1", 1), ADJUSTMENTS
    for fields in (*FIELDS[:1], b"Host: other", *FIELDS[:1]):
        for line in LINES[:4] * 2:
            request = parsed(Parser, line + b"\r\n" + fields + b"\r\n\r\n")
            given = Task(channel, request).get_environment()
            expected = WSGITask(channel, request).get_environment()
            assert given.pop("wsgi.input").read() == expected.pop("wsgi.input").read() == b""
            own = {name: given.pop(name) for name in list(given) if name.startswith("libris.")}
            assert given == expected
            given |= own
            given["HTTP_NEW"] = given["wsgi.url_scheme"] = "x"  # belongs to this one alone


# The log


@given(st.text(), st.none() | st.integers(), st.floats(0, 1e9), st.none() | st.just("id"))
def test_line_of_the_log_is_json(
    query: str, rows: int | None, seconds: float, identifier: str | None
) -> None:
    entry = Entry(
        query, None, 200, "ok", 3, "columns", "miss", seconds, 0.0, 0.25, rows, 7, identifier
    )
    line = entry.line()
    said = json.loads(line)
    assert line == json.dumps(said)
    assert len(said.pop("hash")) == 16
    assert said.pop("time").endswith("+00:00")
    more = {"id": identifier} if identifier else {}
    assert said == {
        "status": 200, "outcome": "ok", "form": None, "release": 3, "engine": "columns",
        "cache": "miss", "ms": round(seconds * 1000, 1), "queued_ms": 0.0, "cpu_ms": 250.0,
        "rows": rows, "bytes": 7, "query": query[:2000], **more,
    }  # fmt: skip
