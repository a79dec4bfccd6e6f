"""One client's answer is never another's: keys, entity tags, hosts, and who a client is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from sparql_server.answering.admission import find_client, identify_client, read_networks
from sparql_server.sparql.iri import is_host
from sparql_server.sparql.query import read
from tests.server.conftest import Server, publish, start, stop
from tests.server.http import ask, request
from tests.server.processes import read_all, serving

BROWSER = "text/html"
# What Python or Unicode takes for space, and SPARQL's grammar (WS, production 162) doesn't.
NO_SPACES = (
    "\x0b\x0c\x1c\x1d\x1e\x1f\x85\u00a0\u1680\u2000\u2003\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("same")
    publish(data, 1)
    running = start(data)
    yield running
    stop(running)


def send(server: Server, sent: bytes) -> bytes:
    import socket

    connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    connection.sendall(sent)
    return read_all(connection)


# Keys


@pytest.mark.parametrize("character", NO_SPACES)
def test_what_is_no_space_to_the_grammar_is_none_in_a_key(character: str) -> None:
    well_formed = read("SELECT * { ?s ?p ?o }").normal
    for text in (
        f"SELECT *{character}{{ ?s ?p ?o }}",
        f"{character}SELECT * {{ ?s ?p ?o }}",
        f"SELECT * {{ ?s ?p ?o }}{character}",
        f"SELECT * {{ ?s{character}?p ?o }}",
        f"SELECT * {{ ?s ?p ?o }} {character} ",
        f"SELECT * {character}{{ ?s ?p ?o }}",
    ):
        assert read(text).normal != well_formed


@pytest.mark.parametrize("space", [" ", "\t", "\r", "\n", " \t\r\n", "#x\n", "#x\r", "\n#\u00a0\n"])
def test_spaces_of_the_grammar_are_all_one(space: str) -> None:
    spaced = f"{space}SELECT{space}*{space}{{{space}?s{space}?p{space}?o{space}}}{space}"
    assert read(spaced).normal == read("SELECT * { ?s ?p ?o }").normal


@pytest.mark.parametrize("character", ["\u00a0", "\x0b", " ", "  ", "\t", "\u2028"])
def test_space_within_a_literal_an_iri_or_a_comment_stays_or_goes_with_it(character: str) -> None:
    plain = read('ASK { ?s ?p "ab" }').normal
    assert read(f'ASK {{ ?s ?p "a{character}b" }}').normal != plain
    assert read(f'ASK {{ ?s ?p "ab" }} # {character}').normal == plain


@pytest.mark.parametrize("character", ["\u00a0", "\u2028", "\x0b"])
def test_spelling_that_is_malformed_does_not_answer_for_one_that_is_not(
    server: Server, character: str
) -> None:
    good = f"SELECT ?s {{ ?s ?p 'for {ord(character)}' }}"
    bad = good.replace(" {", f"{character}{{")
    assert [ask(server, text).status for text in (bad, good, bad, good)] == [400, 200, 400, 200]


# Entity tags


def tag(server: Server, query: str = "ASK {}", **more: str) -> str:
    return ask(server, query, **more).headers["etag"]


def identified(data: Path, store: str) -> None:
    path = data / "releases" / "0001" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"store": store}))


@pytest.mark.parametrize("stores", [("a" * 32, "b" * 32), (None, None)])
def test_tags_of_two_stores_at_the_same_release_differ(
    tmp_path: Path, stores: tuple[str | None, str | None]
) -> None:
    tags = []
    for name, store in zip("ab", stores, strict=True):
        publish(tmp_path / name, 1)
        if store:
            identified(tmp_path / name, store)
        with serving(tmp_path / name) as server:
            tags.append((tag(server), tag(server, format="xml"), tag(server, "ASK { ?s ?p ?o }")))
    assert len({tag for several in tags for tag in several}) == 6


def test_tag_is_the_same_after_the_server_was_started_again(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    tags = []
    for _ in range(2):
        with serving(tmp_path) as server:
            tags.append(tag(server))
    assert tags[0] == tags[1]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("known", "status"),
    [
        ("*", 304),
        (" * ", 304),
        ('"*"', 200),
        ("{tag}", 304),
        ('"other", {tag}', 304),
        ('"a,b" , {tag} ,W/"c"', 304),
        ("{strong}", 304),
        ("{bare}", 200),
        ('"other"', 200),
        ("", 200),
    ],
)
def test_tags_that_the_client_has_are_compared(
    server: Server, method: str, known: str, status: int
) -> None:
    path = f"/sparql?{urlencode({'query': 'ASK { ?known ?p ?o }'})}"
    own = request(server, "GET", path).headers["etag"]
    strong = own.removeprefix("W/")
    sent = known.format(tag=own, strong=strong, bare=strong.strip('"'))
    reply = request(server, method, path, If_None_Match=sent)
    assert reply.status == status
    assert reply.headers["etag"] == own
    if status == 304:
        assert reply.body == b""


def test_any_tag_will_do_only_where_there_is_an_answer(server: Server) -> None:
    for query, status in (("ASK {", 400), ("ASK { ?any ?p ?o }", 304), ("ASK {} #2", 304)):
        assert (
            request(
                server, "GET", f"/sparql?{urlencode({'query': query})}", If_None_Match="*"
            ).status
            == status
        )
    for path in ("/graphs?graph=urn:numbers", "/openapi.json", "/queries/", "/queries.ttl"):
        assert request(server, "GET", path, If_None_Match="*").status == 304
        assert request(server, "HEAD", path, If_None_Match="*").status == 304
    assert request(server, "GET", "/graphs?graph=urn:none", If_None_Match="*").status == 404


# HEAD


@pytest.mark.parametrize(
    "path",
    [
        "/sparql?" + urlencode({"query": query, **more})
        for more in ({}, {"format": "html"}, {"format": "csv"}, {"format": "nonsense"})
        for query in (
            "ASK {}",
            "SELECT * { ?s ?p",
            "SELECT ?s { ?s undeclared:x ?o }",
            "SELECT ?s",
            "nonsense",
            "DESCRIBE <urn:x>",
            "SELECT (<urn:f>(1) AS ?x) {}",
            "ASK { SERVICE <http://127.0.0.1:9/> {} }",
            "SELECT * { ?s ?p ?o } LIMIT 5 # \u00a0",
        )
    ]
    + [
        "/sparql",
        "/sparql?update=x",
        "/sparql?query=a&query=b",
        "/graphs?graph=urn:numbers",
        "/graphs?graph=urn:none",
        "/graphs",
        "/nowhere",
        "/queries/nowhere",
        "/queries/works-by-type?nonsense=1",
        "/queries/?nonsense=1",
        "/void.ttl",
        "/",
        "/queries/",
        "/health",
        "/metrics",
        "/api",
    ],
)
def test_head_has_status_and_headers_of_get(server: Server, path: str) -> None:
    for accept in ("*/*", BROWSER):
        got = request(server, "GET", path, Accept=accept)
        head = request(server, "HEAD", path, Accept=accept)
        assert (head.status, head.body) == (got.status, b"")
        for name in ("content-type", "libris-release", "vary", "cache-control", "content-language"):
            assert head.headers.get(name) == got.headers.get(name), name


# Hosts


@pytest.mark.parametrize(
    "host",
    [
        'evil.com"><script>',
        "a b",
        "a/b",
        "a?b",
        "a#b",
        "user@host",
        "",
        "[::1",
        "[x]",
        "a:b",
        "a\\b",
    ]
    + ["a:80:80", "<x>", "a,b", "[::1]x", "x" * 300, "a\xe5", "%0d%0a", "a;b", "a'b"],
)
def test_host_that_is_none_makes_no_address(server: Server, host: str) -> None:
    assert not is_host(host)
    for path in ("/queries", "/", "/sparql", "/openapi.json", "/void.ttl", "/queries.ttl"):
        head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        received = send(server, head.encode("latin-1"))
        assert received.startswith(b"HTTP/1.1 400 ") or received.startswith(b"HTTP/1.0 400 ")
        assert b"Location" not in received


@pytest.mark.parametrize("host", ["localhost", "a.example:8080", "127.0.0.1", "[::1]:80"])
def test_host_that_is_one_is_what_addresses_are_made_with(server: Server, host: str) -> None:
    reply = request(server, "GET", "/queries", Host=host, X_Forwarded_Host='x"><b>')
    assert reply.status == 308
    assert reply.headers["location"] == f"http://{host.removesuffix(':80')}/queries/"


@pytest.mark.parametrize("host", ["my_service:8080", "a:", "a:99999999", "a~b"])
def test_host_that_the_addresses_library_does_not_take_is_not_left_out_of_them(
    server: Server, host: str
) -> None:
    reply = request(server, "GET", "/queries", Host=host)
    assert reply.headers["location"] == f"http://localhost:{server.port}/queries/"
    assert request(server, "GET", "/sparql?query=ASK%7B%7D", Host=host).status == 200


@pytest.mark.parametrize(
    "codings",
    [
        b"Transfer-Encoding: chunked, chunked\r\n",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked,\r\n",
        b"Transfer-Encoding: ,chunked\r\n",
        b"Transfer-Encoding:\r\n",
        b"Transfer-Encoding: \r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: CHUNKED , Chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 0\r\n",
    ],
)
def test_body_whose_end_is_read_differently_is_refused(server: Server, codings: bytes) -> None:
    head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
    received = send(server, head + codings + b"\r\n5\r\nASK{}\r\n0\r\n\r\n")
    assert received.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))
    assert received.count(b"HTTP/1.") == 1


# Clients


@pytest.mark.parametrize(
    "spellings",
    [
        ("192.0.2.7", "192.0.2.7:4711", "::ffff:192.0.2.7", "[::FFFF:c000:207]:80", " 192.0.2.7 "),
        ("2001:db8::1", "[2001:DB8::1]", "[2001:db8:0:0::1]:443", '"[2001:db8::1]:1"')
        + ("2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::ffff:1:2", "2001:db8::1%eth0"),
    ],
)
def test_all_spellings_and_ports_of_a_client_are_one(spellings: tuple[str, ...]) -> None:
    assert len({identify_client(text) for text in spellings}) == 1


def test_clients_that_differ_are_told_apart() -> None:
    texts = ("192.0.2.7", "192.0.2.8", "2001:db8::1", "2001:db8:0:1::1", "unknown", "_hidden")
    assert len({identify_client(text) for text in texts}) == len(texts)
    assert len(identify_client("x" * 10_000)) <= 100


def test_proxy_is_known_in_any_spelling() -> None:
    trusted = read_networks(["10.0.0.0/8", "::ffff:172.16.0.0/108"])
    for peer in ("10.0.0.1", "::ffff:10.0.0.1", "172.16.0.9"):
        forwarded = "6.6.6.6, 192.0.2.7:80, [::ffff:10.0.0.2]:99"
        assert identify_client(find_client(peer, forwarded, trusted)) == "192.0.2.7"


def test_rate_is_that_of_a_client_however_it_comes(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    options = ("--client-rate", "3", "--trusted-proxy", "127.0.0.1")
    with serving(tmp_path, *options) as server:
        for spellings in (
            ("192.0.2.1:1", "192.0.2.1:2", "::ffff:192.0.2.1", "192.0.2.1"),
            ("2001:db8::1", "[2001:db8::2]:9", "2001:DB8:0:0:9::", "2001:db8::ffff"),
        ):
            statuses = [
                request(server, "GET", "/sparql?query=ASK%7B%7D", X_Forwarded_For=spelling).status
                for spelling in spellings
            ]
            assert statuses == [200, 200, 200, 429]
