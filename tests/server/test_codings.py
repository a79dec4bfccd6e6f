"""Content codings over HTTP: what is sent to whom, and what is read of those who send some."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
import zstandard

from sparql_server.codings import choose
from sparql_server.errors import NotAcceptable
from tests.server.conftest import Server, publish, start, stop
from tests.server.http import Reply, request
from tests.server.processes import read_all

pytestmark = pytest.mark.long

SELECT = "SELECT * { ?s <urn:is> ?o } ORDER BY ?s ?o"
LARGE = "SELECT ?s ?o ?a ?b { ?s <urn:is> ?o . VALUES (?a ?b) { (1 2) (3 4) (5 6) (7 8) (9 0) } }"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def coding_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("coded")
    publish(data, 1)
    running = start(data, "--workers", "1")
    yield running
    assert stop(running) == 0


def get(server: Server, query: str, accepted: str | None, **headers: str) -> Reply:
    fields = {"Accept-Encoding": accepted} if accepted is not None else {}
    return request(server, "GET", f"/sparql?{urlencode({'query': query})}", **fields, **headers)


def decoded(reply: Reply) -> bytes:
    coding = reply.headers.get("content-encoding")
    if coding == "gzip":
        return gzip.decompress(reply.body)
    if coding == "zstd":
        return zstandard.ZstdDecompressor().decompressobj().decompress(reply.body)
    assert coding is None
    return reply.body


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        (None, ""),
        ("", ""),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("GZIP;Q=1.0, zstd;q=0.9", "gzip"),
        ("gzip;q=0", ""),
        ("gzip;q=0, zstd;q=0.000", ""),
        ("*", "zstd"),
        ("zstd;q=0, *;q=0.1", "gzip"),
        ("identity, gzip;q=0.5", ""),
        ("identity;q=0.5, gzip", "gzip"),
        ("identity;q=0, gzip;q=0.1", "gzip"),
        ("identity, *;q=0", ""),
        ("br, deflate", ""),
        ("gzip;q=2, br", ""),
    ],
)
def test_coding_is_the_one_that_is_wanted_most(accepted: str | None, coding: str) -> None:
    assert choose(accepted) == coding


@pytest.mark.parametrize("accepted", ["*;q=0", "identity;q=0", "identity;q=0, br", "br, *;q=0"])
def test_whoever_accepts_no_coding_gets_406(coding_server: Server, accepted: str) -> None:
    with pytest.raises(NotAcceptable):
        choose(accepted)
    assert get(coding_server, SELECT, accepted).status == 406


@pytest.mark.parametrize("query", [SELECT, LARGE])
@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_result_is_the_same_in_every_coding_and_out_of_the_cache(
    coding_server: Server, query: str, coding: str
) -> None:
    whole = get(coding_server, query, None)
    assert "content-encoding" not in whole.headers
    replies = [get(coding_server, query, coding) for _ in range(3)]
    for reply in replies:
        assert reply.headers["content-encoding"] == coding
        assert reply.headers["vary"] == "Accept, Accept-Encoding"
        assert reply.headers["etag"] == whole.headers["etag"]
        assert reply.headers["etag"].startswith("W/")
        assert len(reply.body) < len(whole.body) / 3
        assert sorted(decoded(reply)) == sorted(whole.body)
    assert "hit" in replies[-1].headers["server-timing"]
    known = get(coding_server, query, coding, If_None_Match=whole.headers["etag"])
    assert (known.status, known.body) == (304, b"")


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_result_that_comes_in_pieces_is_coded_as_it_comes(
    coding_server: Server, coding: str
) -> None:
    passing = f"{LARGE[:-1]} FILTER(RAND() < 2) }}"  # never kept
    plain = get(coding_server, passing, None)
    reply = get(coding_server, passing, coding)
    assert len(plain.body) > 1024 * 1024
    assert sorted(decoded(reply)) == sorted(plain.body)


def test_small_result_is_not_coded(coding_server: Server) -> None:
    reply = get(coding_server, "ASK {}", "gzip")
    assert "content-encoding" not in reply.headers
    assert reply.headers["vary"] == "Accept, Accept-Encoding"


def test_graph_is_coded_too(coding_server: Server) -> None:
    reply = request(
        coding_server, "GET", "/graphs?graph=urn:numbers&format=nt", Accept_Encoding="gzip"
    )
    assert decoded(reply).count(b"\n") == 3000


# Requests


# Pages and documents


@pytest.mark.parametrize(
    ("path", "accept", "coding"),
    [
        ("/?query=SELECT", "text/html", "gzip"),
        ("/", "text/html", "zstd"),
        ("/sparql", "text/turtle", "gzip"),
        ("/queries/", "application/json", "zstd"),
        ("/queries.ttl", "*/*", "gzip"),
        ("/openapi.json", "*/*", "gzip"),
        ("/static/style.css", "*/*", "gzip"),
    ],
)
def test_page_or_document_is_coded_for_those_who_accept_it(
    coding_server: Server, path: str, accept: str, coding: str
) -> None:
    plain = request(coding_server, "GET", path, Accept=accept)
    assert "content-encoding" not in plain.headers
    coded = request(coding_server, "GET", path, Accept=accept, **{"Accept-Encoding": coding})
    assert coded.headers["content-encoding"] == coding
    assert (coded.status, decoded(coded)) == (plain.status, plain.body)
    assert len(coded.body) < len(plain.body)
    for reply in (plain, coded):
        assert "Accept-Encoding" in reply.headers["vary"]
        assert int(reply.headers["content-length"]) == len(reply.body)


@pytest.mark.parametrize("path", ["/queries.ttl", "/static/style.css"])
def test_coded_document_that_the_client_has_is_not_sent_again(
    coding_server: Server, path: str
) -> None:
    headers = {"Accept-Encoding": "gzip"}
    plain = request(coding_server, "GET", path).headers["etag"]
    tag = request(coding_server, "GET", path, **headers).headers["etag"]
    assert tag.startswith("W/") or tag != plain  # a strong tag is of these bytes alone
    again = request(coding_server, "GET", path, **headers, **{"If-None-Match": tag})
    assert (again.status, again.body) == (304, b"")
    assert "Accept-Encoding" in again.headers["vary"]


def test_small_document_and_part_of_one_are_not_coded(coding_server: Server) -> None:
    headers = {"Accept-Encoding": "gzip", "Accept": "application/json"}
    assert "content-encoding" not in request(coding_server, "GET", "/health", **headers).headers
    part = request(coding_server, "GET", "/static/style.css", Range="bytes=0-2999", **headers)
    assert "content-encoding" not in part.headers or part.status == 200


def post(server: Server, body: bytes, coding: str, kind: str = "application/sparql-query") -> Reply:
    return request(server, "POST", "/sparql", body, Content_Type=kind, Content_Encoding=coding)


ASK = b"ASK { ?s ?p ?o }"


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP", "identity", ""])
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_request_in_a_coding_that_is_known_is_read(
    coding_server: Server, coding: str, accept: str
) -> None:
    for kind, text in (
        ("application/sparql-query", ASK),
        (FORM, urlencode({"query": ASK}).encode()),
    ):
        body = gzip.compress(text) if "gzip" in coding.lower() else text
        reply = request(
            coding_server,
            "POST",
            "/sparql",
            body,
            Content_Type=kind,
            Content_Encoding=coding,
            Accept=accept,
        )
        assert reply.status == 200
        assert b"true" in reply.body.lower() or accept == "text/html"


def test_gzip_of_several_members_is_read(coding_server: Server) -> None:
    body = gzip.compress(ASK[:5]) + gzip.compress(ASK[5:])
    assert post(coding_server, body, "gzip").status == 200


@pytest.mark.parametrize("coding", ["br", "zstd", "deflate", "gzip, gzip", "\xe5"])
def test_coding_that_is_not_known_is_415_and_says_which_is(
    coding_server: Server, coding: str
) -> None:
    reply = post(coding_server, gzip.compress(ASK), coding)
    assert reply.status == 415
    assert reply.headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (ASK, 400),
        (gzip.compress(ASK)[:-4], 400),
        (gzip.compress(ASK) + b"more", 400),
        (b"", 400),
        (gzip.compress(b"") * 1000, 400),
        (gzip.compress(b" " * 10_000_000), 413),
        (gzip.compress(b" " * 600_000) * 2, 413),
    ],
    ids=["plain", "cut", "more", "empty", "members", "bomb", "two bombs"],
)
def test_gzip_that_is_broken_or_a_bomb_is_refused(
    coding_server: Server, body: bytes, status: int
) -> None:
    assert post(coding_server, body, "gzip").status == status


def send(server: Server, sent: bytes) -> bytes:
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    connection.sendall(sent)
    return read_all(connection)


@pytest.mark.parametrize("path", ["/sparql", "/graphs"])
def test_address_in_raw_utf8_is_read(coding_server: Server, path: str) -> None:
    parts = {
        "/sparql": 'query=SELECT+("räksmörgås\U0001f600"+AS+?x){}',
        "/graphs": "graph=http://example.org/å",
    }
    sent = f"GET {path}?{parts[path]} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    reply = send(coding_server, sent.encode())
    encoded = quote(parts[path], safe='=+?(){}:/"&')
    same = send(coding_server, sent.replace(parts[path], encoded).encode())
    head, _, body = reply.partition(b"\r\n\r\n")
    assert body == same.partition(b"\r\n\r\n")[2]
    assert head[:12] == (b"HTTP/1.1 200" if path == "/sparql" else b"HTTP/1.1 404")
    assert "räksmörgås\U0001f600" in reply.decode() or "å" in reply.decode()


def test_byte_order_mark_before_a_query_is_ignored(coding_server: Server) -> None:
    marked = b"\xef\xbb\xbf" + ASK
    assert get(coding_server, marked.decode(), None).status == 200
    assert post(coding_server, marked, "").status == 200
    form = urlencode({"query": marked}).encode()
    assert post(coding_server, form, "", FORM).status == 200
    assert get(coding_server, "\ufeff" + marked.decode(), None).status == 400
