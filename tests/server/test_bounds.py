"""Requests made to take long: what is read of them takes as long as they are, or is refused.

Sizes are such that what grew with their square would come to no end.
"""

from __future__ import annotations

import json
import socket
from contextlib import ExitStack
from pathlib import Path

import pyoxigraph as ox
import pytest
from waitress.adjustments import Adjustments

from sparql_server.catalogue.binding import bind
from sparql_server.catalogue.query_files import load
from sparql_server.engine.prefixes import predefined
from sparql_server.engine.terms import literal, read_block
from sparql_server.errors import BadParameter, BadRequest
from sparql_server.errors.failures.failure import Failure
from sparql_server.errors.failures.translation import translate_failure
from sparql_server.http.request_head import FIELDS, FIELDS_SIZE, READ_SIZE
from sparql_server.http.request_parser import Parser
from sparql_server.settings import QUERIES
from sparql_server.sparql.correction import correct_query
from sparql_server.sparql.diagnosis import Diagnosis, diagnose, read_diagnosis
from sparql_server.sparql.formats import SOLUTIONS, choose, prefers_html
from sparql_server.sparql.lexer import decode_escapes
from sparql_server.sparql.protocol import read_parameters
from tests.server.conftest import Server
from tests.server.http import ask, request
from tests.server.processes import read_all, serving, wait_for

ADJUSTMENTS = Adjustments(max_request_header_size=1 << 20)
START = b"GET /health HTTP/1.1\r\nHost: localhost\r\n"


def parsed(*pieces: bytes) -> Parser:
    parser = Parser(ADJUSTMENTS)
    for piece in pieces:
        parser.received(piece)
    return parser


def bytes_of(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]


# Heads


def test_head_that_comes_byte_by_byte_is_read_like_one_in_a_piece() -> None:
    data = START + b"X-Long: " + b"a" * 50_000 + b"\r\n\r\n"
    slow, fast = parsed(*bytes_of(data)), parsed(data)
    assert slow.completed
    assert (slow.error, slow.headers) == (fast.error, fast.headers)


@pytest.mark.parametrize("size", [1, 7, 8192])
def test_end_of_a_head_is_found_wherever_it_is_cut(size: int) -> None:
    data = START + b"X: y\r\n\r\n"
    parser, start = Parser(ADJUSTMENTS), 0
    rest = data + b"GET /next"
    while not parser.completed:
        start += parser.received(rest[start : start + size])
    assert start == len(data)
    assert parser.headers == {"HOST": "localhost", "X": "y"}


@pytest.mark.parametrize(
    ("fields", "limit"),
    [
        (b"X: " + b"a" * FIELDS_SIZE, FIELDS_SIZE),
        (b"X: " + b"a" * (FIELDS_SIZE - 100), None),
        (b"X: y\r\n" * FIELDS, FIELDS),
        (b"X: y\r\n" * (FIELDS - 10), None),
        (b"Accept: " + b"a/b," * 100_000, FIELDS_SIZE),
        (b"Accept: " + b"a/b," * 10_000, READ_SIZE),
        (b"If-None-Match: " + b'"a",' * 10_000, READ_SIZE),
        (b"Cookie: " + b"a=b; " * 10_000, None),
    ],
    ids=range(8),
)
@pytest.mark.parametrize("address", [b"/", b"/sparql?query=" + b"a" * 500_000])
def test_head_has_a_bound_of_its_own_beside_the_address(
    address: bytes, fields: bytes, limit: int | None
) -> None:
    data = START.replace(b"/health", address) + fields + b"\r\n\r\n"
    parser = parsed(*[data[i : i + 8192] for i in range(0, len(data), 8192)])
    assert parser.completed
    assert (parser.error.code if parser.error else None) == (431 if limit else None)
    assert (parser.exceeded.limit if parser.exceeded else None) == limit


@pytest.mark.parametrize("endless", [b"a", b"X: a\r\n", b"\r\n", b"GET / "])
def test_head_without_an_end_is_refused_once_it_is_too_long(endless: bytes) -> None:
    parser = Parser(ADJUSTMENTS)
    for _ in range(2_000_000 // len(endless)):
        parser.received(endless)
        if parser.completed:
            break
    assert parser.error.code in (400, 431)


@pytest.mark.parametrize("endless", [b"1;" + b"a" * 10_000, b"0\r\n" + b"a" * 10_000])
def test_line_between_chunks_without_an_end_is_refused(endless: bytes) -> None:
    head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert parsed(head, *bytes_of(endless)).error.code == 400


def test_refused_head_is_told_what_the_bound_is(data: Path) -> None:
    with serving(data, "--workers", "1") as server:
        reply = request(server, "GET", "/health", X_Long="a" * FIELDS_SIZE)
        assert (reply.status, reply.json()["limit"]) == (431, FIELDS_SIZE)
        reply = request(server, "GET", "/health", Accept="a/b," * 5000)
        assert (reply.status, reply.json()["limit"]) == (431, READ_SIZE)
        assert "Accept" in reply.json()["detail"]


# Connections


def connect(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=60)


def is_closed(connection: socket.socket) -> bool:
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def test_silent_connections_make_room_and_the_one_idle_longest_first(data: Path) -> None:
    slow = "SELECT (COUNT(*) AS ?n) { ?a <urn:is> ?b . ?c <urn:is> ?d }"
    with serving(data, "--workers", "2") as server, ExitStack() as stack:
        under_way = stack.enter_context(connect(server))
        path = f"/sparql?query={slow.replace(' ', '+').replace('?', '%3F')}"
        under_way.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        first = stack.enter_context(connect(server))
        first.sendall(b"GET / HTT")  # half a request is idle, too
        for _ in range(1200):
            stack.enter_context(connect(server))
        last = stack.enter_context(connect(server))
        assert wait_for(lambda: is_closed(first), 60)
        assert request(server, "GET", "/health").status == 200
        assert not is_closed(last)
        assert b" 200 OK" in read_all(under_way)
        assert ask(server, "ASK {}").status == 200


# What is read of a request


@pytest.mark.parametrize("text", ['"\\' * 400_000, '\\"' * 400_000 + "a", 'a/b;x="' * 100_000])
def test_accept_of_open_strings_is_read(text: str) -> None:
    assert choose(text, SOLUTIONS) is None
    assert not prefers_html(text)


def test_many_parameters_are_refused_wherever_they_stand(data: Path) -> None:
    with serving(data, "--workers", "1") as server:
        for path in ("/", "/sparql", "/health", "/queries/", "/api", "/nowhere", "/void.ttl"):
            for accept in ("text/html", "*/*"):
                reply = request(server, "GET", f"{path}?{'a&' * 100_000}", Accept=accept)
                assert reply.status == 400, path
                assert "more than 1000 parameters" in reply.text


def test_percent_signs_that_escape_nothing_are_what_they_are() -> None:
    assert read_parameters(b"query=" + b"%" * 10_000) == {"query": ["%" * 10_000]}
    with pytest.raises(BadRequest, match="10,000 percent signs"):
        read_parameters(b"query=" + b"%z" * 500_000)
    assert read_parameters(b"a=%4&b=%zz=%3D") == {"a": ["%4"], "b": ["%zz=="]}
    with pytest.raises(BadRequest):
        read_parameters(b"a=" + b"%ff" * 100_000)


@pytest.mark.parametrize("text", ["\\" * 99_999, "\\u0041" * 16_000, '"' * 99_998 + "\\"])
def test_escapes_are_decoded(text: str) -> None:
    assert decode_escapes(text).count("A") == text.count("\\u0041")


# What is wrong with a query


def long(size: int) -> list[str]:
    letters = "".join(chr(0x4E00 + i * 7919 % 20_000) for i in range(size))
    return [
        f"SELECT * {{ ?s {letters}:b ?o }}",
        f"PREFIX {letters[:-1]}: <urn:x> SELECT * {{ ?s {letters}:b ?o }}",
        "".join(f"PREFIX p{i}: <urn:x> " for i in range(size // 20)) + "ASK { ?s zzzz:b ?o }",
        f"{letters} * {{ ?s ?p ?o }}",
        "SELECT * { ?s ?p " + "x" * size,
        "SELECT ?a " * (size // 10) + "COUNT(*) {}",
        "SELECT (COUNT(*) AS ?n) " + " ".join(f"?v{i}" for i in range(size // 8)) + " {}",
        "SELECT a( " * (size // 10),
        "SELECT " + "a() " * (size // 4) + "{}",
        "(" * size,
        "\n" * size + "?",
    ]


@pytest.mark.parametrize("query", long(200_000), ids=range(11))
def test_long_query_that_is_malformed_is_explained_in_a_few_words(query: str) -> None:
    found = diagnose(query, "error at 1:8: expected GROUP or unbound", predefined())
    assert len(found.written()) < 3000
    assert read_diagnosis(found.written()) == found


@pytest.mark.parametrize("query", long(10_000), ids=range(11))
def test_long_query_is_corrected_or_left(query: str) -> None:
    assert len(correct_query(query)) < 5 * len(query) + 100


def test_malformed_query_is_explained_by_the_worker(data: Path) -> None:
    with serving(data, "--workers", "1") as server:
        for query in long(50_000):
            form = b"query=" + query.replace("?", "%3F").encode()
            reply = request(
                server,
                "POST",
                "/sparql",
                form,
                Content_Type="application/x-www-form-urlencoded",
            )
            assert reply.status == 400, query[:100]
            assert len(reply.body) < 5000
        reply = ask(server, "SELECT * { ?s kvb:x ?o }")
        assert "Did you mean kbv:?" in reply.json()["hint"]
        assert reply.json()["text"] == "SELECT * { ?s kvb:x ?o }"


def test_line_at_fault_is_shown_around_the_place() -> None:
    query = "ASK { " + "?s ?p ?o . " * 1000 + "?s zzzz:b ?o }"
    found = diagnose(query, "error at 1:1: x", predefined())
    assert "zzzz:b" in found.text
    assert len(found.text) <= 300


@pytest.mark.parametrize(
    "said",
    ["", "no JSON", "[" * 40_000, "{}", "[1,2,3,4,5]", '["1",1,"","",null]', '[1,1,"","",{}]'],
)
def test_diagnosis_that_is_none_leaves_a_malformed_query(said: str) -> None:
    error = translate_failure(Failure("malformed", said))
    assert (error.status, error.detail) == (400, "The query is malformed.")


def test_diagnosis_is_written_and_read() -> None:
    found = Diagnosis(1, 2, "å\ud800", "it is.", None)
    assert read_diagnosis(found.written()) == found
    assert json.loads(found.written())[0] == 1


# Values of saved queries


@pytest.mark.parametrize("value", ["\\u" * 1000, "\\" * 2000, "\\\\u" * 600, '"\n' * 900])
def test_value_of_many_escapes_says_what_it_says(value: str) -> None:
    text = literal(value)
    (found,) = read_block("x", text, {})
    assert found == text
    (row,) = ox.Store().query(f"SELECT ?x {{ VALUES ?x {{ {text} }} }}")
    assert row["x"].value == value
    assert decode_escapes(f"ASK {{ FILTER({text} = 1) }}") == f"ASK {{ FILTER({text} = 1) }}"


def test_values_are_bounded_in_all() -> None:
    query = load(QUERIES).queries["titles-on-a-subject"]
    parameter = next(known for known in query.parameters if known.multiple)
    given = {known.name: [known.example] for known in query.parameters}
    given[parameter.name] = [f"https://example.org/{'a' * 1000}{n}" for n in range(100)]
    with pytest.raises(BadParameter, match="40000 are the most"):
        bind(query, given)
