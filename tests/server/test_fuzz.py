"""Thousands of broken, huge and hostile requests: each gets an honest answer, nobody notices."""

from __future__ import annotations

import http.client
import os
import random
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote_from_bytes, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.conftest import Server, publish, start, stop
from tests.server.hostile import HOSTILE, MUCH
from tests.server.http import Reply, ask, request, values
from tests.server.processes import children, read_all, wait_for, workers

pytestmark = pytest.mark.long

FORM = "application/x-www-form-urlencoded"
HONEST = {200, 304, 400, 403, 404, 405, 406, 408, 413, 414, 415, 422, 429, 431, 501, 503, 507}
CUT = 0
KNOWN = "SELECT ?o { <http://example.org/t> <http://example.org/p> ?o }"
WORKERS = 2
SLACK = 12  # files that the server may have open beside those it had, for what is just ending

many = settings(
    max_examples=500,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
some = settings(many, max_examples=60)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data: Path = tmp_path_factory.mktemp("fuzzed")
    publish(data, 1)
    limits = ["--timeout", "1", "--worker-memory", "200M", "--result-bytes", "20M"]
    running = start(data, "--workers", str(WORKERS), *limits)
    yield running
    assert stop(running) == 0


@pytest.fixture(autouse=True)
def nobody_notices(server: Server) -> Iterator[None]:
    """After each batch: a right answer, as many workers, no zombies, no files left open."""
    assert wait_for(lambda: len(workers(server)) == WORKERS)
    before = len(os.listdir(f"/proc/{server.process.pid}/fd"))
    yield
    assert values(ask(server, KNOWN)) == [["1"]]
    assert wait_for(lambda: len(workers(server)) == WORKERS)
    assert wait_for(lambda: not zombies(server))
    assert wait_for(lambda: len(os.listdir(f"/proc/{server.process.pid}/fd")) <= before + SLACK)
    assert "Traceback" not in server.log


def zombies(server: Server) -> list[int]:
    found = []
    for pid in children(server.process.pid):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        found += [pid] if state == "Z" else []
    return found


def check(server: Server, reply: Reply) -> None:
    """The answer is honest: one of what is documented; 500 only if a worker has really died."""
    if reply.status == 500:
        identifier = reply.json()["identifier"]
        assert f"died [{identifier}]" in server.log, reply
        return
    assert reply.status in HONEST, reply
    if reply.status in (429, 503):
        assert int(reply.headers["retry-after"]) > 0
    if reply.status >= 400 and reply.body.startswith(b"{"):
        assert reply.json()["status"] == reply.status


def post(server: Server, query: str | bytes, accept: str = "*/*") -> Reply:
    body = query.encode() if isinstance(query, str) else query
    headers = {"Content_Type": "application/sparql-query", "Accept": accept}
    try:
        reply = request(server, "POST", "/sparql", body, **headers)
    except http.client.IncompleteRead as cut:  # can be seen to be no whole result
        return Reply(CUT, {}, cut.partial)
    check(server, reply)
    return reply


# Bytes

token = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=12)
value = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"))
headers_ = st.dictionaries(
    st.sampled_from(
        [
            "Accept",
            "Content-Type",
            "If-None-Match",
            "Accept-Charset",
            "Origin",
            "Range",
            "TE",
            "X-Forwarded-For",
            "X-Forwarded-Proto",
            "Access-Control-Request-Headers",
            "Cookie",
            "Authorization",
            "Accept-Encoding",
            "If-Modified-Since",
            "User-Agent",
            "Expect",
        ]
    ),  # fmt: skip
    value,
    max_size=4,
)
paths = st.sampled_from(["/sparql", "/graphs", "/graphs/", "/", "/health", "/void.ttl", "/static/"])
methods = st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"])


@given(methods, paths, st.binary(max_size=60), headers_, st.binary(max_size=200))
@many
def test_any_bytes_in_address_headers_and_body(
    server: Server, method: str, path: str, query: bytes, headers: dict[str, str], body: bytes
) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)) as connection:
        connection.request(method, f"{path}?{quote_from_bytes(query, '=&')}", body, headers)
        response = connection.getresponse()
        fields = {name.lower(): text for name, text in response.getheaders()}
        check(server, Reply(response.status, fields, response.read()))


@given(st.binary(min_size=1, max_size=300))
@many
def test_any_bytes_at_all_are_answered_or_the_connection_closed(
    server: Server, sent: bytes
) -> None:
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    connection.sendall(sent + b"\r\n\r\n")
    connection.shutdown(socket.SHUT_WR)
    received = read_all(connection)
    assert received[:9] in (b"", b"HTTP/1.0 ", b"HTTP/1.1 ")
    assert not received or int(received[9:12]) in HONEST


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["query", "default-graph-uri", "named-graph-uri", "format", "timeout", "version",
                 "graph", "default", "update", "help", "using-graph-uri"]
            ),  # fmt: skip
            st.one_of(
                st.text(max_size=30),
                st.sampled_from(["ASK{}", "urn:a", "json", "html", "1", "nsdecl", "", "DESCRIBE <a:>"]),
            ),
        ),
        max_size=6,
    ),
    st.sampled_from(["/sparql", "/graphs", "/"]),
    st.booleans(),
)  # fmt: skip
@many
def test_parameters_of_every_kind(
    server: Server, pairs: list[tuple[str, str]], path: str, form: bool
) -> None:
    encoded = urlencode(pairs, errors="replace")
    if form:
        check(server, request(server, "POST", path, encoded.encode(), Content_Type=FORM))
    check(server, request(server, "GET", f"{path}?{encoded}"))


# Queries

# ruff: noqa: E501 - queries are easier to read in one line
terms = st.sampled_from(
    ["?a", "?b", "$c", "<urn:is>", "<http://example.org/p>", ":x", "kbv:y", "'ett'@sv", "1", "1.5e3",
     '"""a\nb"""', "true", "_:n", "[]", "( 1 ?a )", "<<( ?a ?b ?c )>>", "'x'^^<urn:t>", "a"]
)  # fmt: skip
path_ = st.recursive(
    st.sampled_from(["<urn:is>", "a", ":p", "^:q", "!:r", "?v"]),
    lambda inner: st.one_of(
        st.builds("({0}/{1})".format, inner, inner),
        st.builds("({0}|{1})".format, inner, inner),
        st.builds("({0}){1}".format, inner, st.sampled_from(["*", "+", "?"])),
    ),
    max_leaves=5,
)
expression = st.recursive(
    st.sampled_from(["?a", "?b", "1", "'x'", "<urn:f>", "RAND()", "NOW()", "true"]),
    lambda inner: st.one_of(
        st.builds("({0}{1}{2})".format, inner, st.sampled_from("+-*/<>="), inner),
        st.builds("{0}({1})".format, st.sampled_from(["STR", "!", "COUNT", "UUID", "ABS"]), inner),
        st.builds("REGEX({0},{1})".format, inner, inner),
        st.builds("IF({0},{1},?c)".format, inner, inner),
        st.builds("{0} IN ({1})".format, inner, inner),
    ),
    max_leaves=6,
)
triple = st.builds("{0} {1} {2} .".format, terms, path_, terms)
pattern = st.recursive(
    triple,
    lambda inner: st.one_of(
        st.builds("{0} {1}".format, inner, inner),
        st.builds("{{ {0} }} UNION {{ {1} }}".format, inner, inner),
        st.builds(
            "{0} {{ {1} }}".format,
            st.sampled_from(
                ["OPTIONAL", "MINUS", "FILTER EXISTS", "GRAPH ?g", "FILTER NOT EXISTS"]
            ),
            inner,
        ),
        st.builds("{0} FILTER({1})".format, inner, expression),
        st.builds("{0} BIND({1} AS ?z)".format, inner, expression),
        st.builds("VALUES ?{0} {{ {1} }} {2}".format, st.sampled_from("abv"), terms, inner),
        st.builds("{{ SELECT {0} {{ {1} }} }}".format, st.sampled_from(["*", "?a"]), inner),
    ),
    max_leaves=6,
)
tail = st.sampled_from(
    ["", " LIMIT 5", " ORDER BY ?a", " GROUP BY ?a", " HAVING (?a > 1)", " OFFSET 2"]
)
query_ = st.builds(
    "{0} {{ {1} }}{2}".format,
    st.sampled_from(
        ["ASK", "SELECT *", "SELECT DISTINCT ?a", "SELECT (COUNT(*) AS ?n)", "DESCRIBE ?a WHERE",
         "CONSTRUCT { ?a ?b ?c } WHERE", "SELECT ?a COUNT(?b)", "PREFIX x: <urn:> SELECT *"]
    ),
    pattern,
    tail,
)  # fmt: skip


@given(query_, st.sampled_from(["*/*", "text/html", "text/csv", "text/turtle"]))
@many
def test_queries_out_of_the_grammar(server: Server, query: str, accept: str) -> None:
    post(server, query, accept)


@given(query_, st.randoms(use_true_random=False))
@many
def test_queries_with_something_wrong_somewhere(
    server: Server, query: str, chance: random.Random
) -> None:
    text = list(query)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(text) + 1)
        text[at : at + chance.randint(0, 3)] = chance.choice(
            [
                "",
                "(",
                ")",
                "{",
                "}",
                "'",
                '"',
                "\\",
                "\\u0022",
                "<",
                ">",
                "#",
                "\0",
                "\ufffe",
                "SELECT",
            ]
        )
    post(server, "".join(text))


@given(st.text(max_size=200))
@some
def test_text_of_any_kind_is_no_query(server: Server, text: str) -> None:
    assert post(server, text).status == 400 or text.strip()


# What is large, deep or endless


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_query_is_answered_honestly(server: Server, name: str) -> None:
    reply = post(server, HOSTILE[name][:MUCH])
    assert reply.status in (CUT, 200, 400, 403, 422, 500, 503, 507), reply.status


@pytest.mark.parametrize(
    ("name", "status", "title"),
    [
        ("cross product", 503, "Time limit exceeded"),
        ("sorted cross product", 507, "Memory limit exceeded"),
        ("nested parentheses", 500, "Evaluation failed"),
    ],
)
def test_limit_that_a_query_runs_into_is_named(
    server: Server, name: str, status: int, title: str
) -> None:
    reply = post(server, HOSTILE[name])
    assert (reply.status, reply.json()["title"]) == (status, title)


def test_stream_that_runs_into_a_limit_is_cut(server: Server) -> None:
    assert post(server, HOSTILE["huge construct"], "application/n-triples").status == CUT
