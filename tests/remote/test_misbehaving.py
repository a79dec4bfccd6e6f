"""An endpoint that doesn't do what it should: never a result that only looks whole."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import IncompleteRead

import pytest

from tests.remote.standin import ROW, XML, Behaviour, Endpoint, Handler, drip, flood
from tests.server.conftest import Server, start, stop
from tests.server.http import ask, request
from tests.server.test_workers import raw, read_all, wait_for

QUERY = "SELECT ?x { ?s a ?x }"
TSV_TYPE = "text/tab-separated-values"
TSV = b"?x\n1\n2\n"
JSON = b'{"head":{"vars":["x"]},"results":{"bindings":[]}}'
RESULTS = "application/sparql-results+json"
STREAMED = 10_000  # triples
SECRET = "user dba at /var/lib/virtuoso"


@dataclass
class Pair:
    endpoint: Endpoint
    server: Server

    def ask(self, behave: Behaviour, query: str = QUERY, name: str = "csv") -> tuple[int, str]:
        self.endpoint.behave = behave
        reply = ask(self.server, query, format=name)
        assert SECRET not in reply.text
        return reply.status, reply.text


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with Endpoint() as endpoint:
        data = tmp_path_factory.mktemp("misbehaving")
        server = start(
            data, "--remote", endpoint.url, "--timeout", "1", "--workers", "1", "--cache", "0"
        )
        yield Pair(endpoint, server)
        assert stop(server) == 0
        assert "Traceback" not in server.log


@pytest.fixture(autouse=True)
def _still_answers(pair: Pair) -> Iterator[None]:
    yield
    assert pair.ask(lambda one: one.reply(200, TSV, TSV_TYPE))[0] == 200


def close_without_a_length(one: Handler) -> None:
    one.head(200, TSV_TYPE, Connection="close")
    one.wfile.write(TSV)
    one.close_connection = True


def cut_within_a_chunk(one: Handler) -> None:
    one.head(200, TSV_TYPE, Transfer_Encoding="chunked")
    one.wfile.write(b"ff\r\n" + TSV)
    one.close_connection = True


def cut_between_chunks(one: Handler) -> None:
    one.head(200, TSV_TYPE, Transfer_Encoding="chunked")
    one.wfile.write(b"7\r\n" + TSV + b"\r\n")
    one.close_connection = True


def hang_up(one: Handler) -> None:
    one.close_connection = True


@pytest.mark.parametrize(
    ("behave", "status", "says"),
    [
        (lambda one: one.reply(200, TSV, TSV_TYPE, length=500), 502, "broke its answer off"),
        (cut_within_a_chunk, 502, "broke its answer off"),
        (cut_between_chunks, 502, "broke its answer off"),
        (close_without_a_length, 502, "doesn't say where its answer ends"),
        (hang_up, 502, "broke its answer off"),
        (lambda one: one.reply(206, TSV, TSV_TYPE), 502, "sent a part of its answer"),
        (lambda one: one.reply(200, TSV, TSV_TYPE, X_SQL_State="S1TAT"), 504, "its own time"),
        (lambda one: one.reply(200, TSV, TSV_TYPE, X_SPARQL_MaxRows="2"), 502, "after 2 rows"),
        (lambda one: one.reply(200, b"x\r\n1\r\n", "text/csv"), 502, "wasn't asked for"),
        (lambda one: one.reply(200, SECRET.encode(), "text/html"), 502, "no result of a query"),
        (lambda one: one.reply(200, JSON[:-9], RESULTS), 502, "can't be read as json"),
        (lambda one: one.reply(200, b"", RESULTS), 502, "can't be read as json"),
        (lambda one: one.reply(500, SECRET.encode(), "text/plain"), 502, "HTTP 500"),
        (lambda one: one.reply(400, SECRET.encode(), "text/plain"), 502, "although it is SPARQL"),
        (lambda one: one.reply(503, SECRET.encode(), "text/plain"), 502, "not available now"),
        (lambda one: one.reply(504, SECRET.encode(), "text/plain"), 504, "timed out"),
        (lambda one: one.reply(401, SECRET.encode(), "text/plain"), 502, "who asks"),
        (lambda one: one.reply(302, b"", "text/plain", Location="http://x/"), 502, "HTTP 302"),
    ],
)
def test_answer_that_is_not_whole_and_good_is_an_error(
    pair: Pair, behave: Behaviour, status: int, says: str
) -> None:
    found, text = pair.ask(behave)
    assert (found, says in text) == (status, True), text


def test_wait_that_the_endpoint_asks_for_is_told(pair: Pair) -> None:
    pair.endpoint.behave = lambda one: one.reply(503, b"", "text/plain", Retry_After="17")
    assert ask(pair.server, QUERY).json()["remote_retry_after"] == 17


def test_format_that_the_endpoint_lacks_is_converted_to(pair: Pair) -> None:
    row = ROW % (b"urn:p", b"o")
    status, text = pair.ask(
        lambda one: one.reply(200, XML % row, "application/sparql-results+xml"), name="tsv"
    )
    assert (status, text) == (200, '?p\t?o\n<urn:p>\t"o"\n')
    turtle = b'@prefix e: <http://e/> . e:s e:p "o" .'
    status, text = pair.ask(
        lambda one: one.reply(200, turtle, "text/turtle; charset=utf-8"),
        query="CONSTRUCT WHERE { ?s ?p ?o }",
        name="nt",
    )
    assert (status, text) == (200, '<http://e/s> <http://e/p> "o" .\n')


def test_refused_query_that_is_malformed_is_explained(pair: Pair) -> None:
    status, text = pair.ask(
        lambda one: one.reply(400, SECRET.encode(), "text/plain"), "SELECT ?x {\n ?x a }"
    )
    assert status == 400
    assert "Line 2, column 7" in text


def test_refused_query_is_put_as_it_was_meant(pair: Pair) -> None:
    status, text = pair.ask(
        lambda one: one.reply(400, SECRET.encode(), "text/plain"), "SELECT COUNT(*) { ?s ?p ?o }"
    )
    assert status == 400
    assert "SELECT (COUNT(*) AS ?count) { ?s ?p ?o }" in text


def test_endpoint_that_never_answers_is_left_at_the_limit(pair: Pair) -> None:
    status, text = pair.ask(lambda one: pair.endpoint.hung_up.wait(3) and None)
    assert status in (503, 504)
    assert "Traceback" not in pair.server.log


def test_slow_drip_ends_at_the_limit_and_the_connection_with_it(pair: Pair) -> None:
    pair.endpoint.hung_up.clear()
    status, text = pair.ask(drip)
    assert (status, "longer than the limit of 1 seconds" in text) == (503, True)
    assert pair.endpoint.hung_up.wait(5)


def stream_triples(one: Handler) -> None:
    """Send eight megabytes of triples in some two seconds, twice the time of a query."""
    one.head(200, "application/n-triples", Transfer_Encoding="chunked")
    for number in range(STREAMED // 100):
        lines = b"".join(
            b'<urn:s%d> <urn:p> "%s" .\n' % (100 * number + line, b"x" * 780) for line in range(100)
        )
        one.wfile.write(b"%x\r\n%s\r\n" % (len(lines), lines))
        time.sleep(0.02)
    one.wfile.write(b"0\r\n\r\n")


def test_stream_of_everything_is_bound_by_its_progress(pair: Pair) -> None:
    everything = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
    status, text = pair.ask(stream_triples, everything, "nt")
    assert (status, text.count("\n")) == (200, STREAMED)
    joined = everything.replace("?o }", "?o . ?o ?q ?r }")
    with pytest.raises((IncompleteRead, ConnectionError)):
        pair.ask(stream_triples, joined, "nt")


def test_result_cut_after_it_has_begun_has_no_well_formed_end(pair: Pair) -> None:
    pair.endpoint.hung_up.clear()
    pair.endpoint.behave = flood
    received = read_all(raw(pair.server, QUERY, format="csv"))
    assert received.startswith(b"HTTP/1.1 200")
    assert not received.endswith(b"\r\n0\r\n\r\n")
    assert pair.endpoint.hung_up.wait(5)


def test_client_that_hangs_up_ends_the_query_at_the_endpoint(pair: Pair) -> None:
    pair.endpoint.hung_up.clear()
    pair.endpoint.behave = flood
    connection = raw(pair.server, QUERY, format="csv")
    assert connection.recv(100).startswith(b"HTTP/1.1 200")
    connection.close()
    assert pair.endpoint.hung_up.wait(5)


def test_prefixes_go_before_the_query_on_its_first_line(pair: Pair) -> None:
    pair.ask(lambda one: one.reply(200, TSV, TSV_TYPE), "SELECT ?x {\n ?x a kbv:Agent }")
    assert pair.endpoint.asked[-1]["query"] == [
        "PREFIX kbv: <https://id.kb.se/vocab/> SELECT ?x {\n ?x a kbv:Agent }"
    ]


def test_release_is_the_one_that_the_store_says_it_holds(pair: Pair) -> None:
    pair.endpoint.behave = lambda one: one.reply(200, TSV, TSV_TYPE)
    assert ask(pair.server, QUERY, format="csv").headers["libris-release"] == "7"
    pair.endpoint.number = 9
    assert wait_for(lambda: ask(pair.server, QUERY, format="csv").headers["libris-release"] == "9")
    page = request(pair.server, "GET", "/", Accept="text/html")
    assert page.status == 200
    assert "Nothing is published" not in page.text


def test_server_starts_before_its_endpoint_and_says_what_is_missing(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    data = tmp_path_factory.mktemp("early")
    with Endpoint() as endpoint:
        url = endpoint.url
    server = start(data, "--remote", url)
    try:
        reply = ask(server, QUERY)
        assert (reply.status, reply.json()["title"]) == (502, "Remote endpoint failed")
        assert "can't be reached" in reply.json()["detail"]
    finally:
        assert stop(server) == 0


def test_redirect_is_not_followed(pair: Pair) -> None:
    with Endpoint() as elsewhere:
        url = elsewhere.url
        pair.ask(lambda one: one.reply(307, b"", "text/plain", Location=url))
        assert elsewhere.asked == []
