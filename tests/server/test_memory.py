"""The memory of the server process: what is counted, what is bounded, what is shared."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from html import unescape
from importlib import import_module
from pathlib import Path
from urllib.parse import urlencode

import pytest

from sparql_server import memo
from sparql_server.answering.cache import LARGE, ResultCache, Stored
from sparql_server.answering.fast_path import ADDRESSES
from sparql_server.answering.rate import CLIENTS, Window
from sparql_server.budget import Budget, count_in
from sparql_server.engine import page_rows
from sparql_server.errors import RequestError
from sparql_server.http.head_budget import Intake
from sparql_server.http.sending import take_buffer
from sparql_server.memo import Memo, remembered
from sparql_server.serving.memory_bound import REMEMBERED, compute_bounds
from sparql_server.settings import Settings
from tests.server.conftest import Server, publish, start, stop
from tests.server.http import ask, request
from tests.server.processes import files, raw, wait_for

MANY = "SELECT ?x ?y { ?a <urn:is> ?x . ?b <urn:is> ?y } LIMIT 60000"
BROWSER = "text/html"
QUERY = "application/sparql-query"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("memory")
    publish(data, 1)
    running = start(data, "--workers", "2", "--cache", "128M", "--request-bytes", "2M")
    yield running
    stop(running)


def figure(server: Server, name: str) -> float:
    text = request(server, "GET", "/metrics").text
    return float(re.findall(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)[0])


def stored(size: int, mark: int = 0) -> Stored:
    return Stored(1, "json", bytes([mark]) * size, None, 'W/"x"')


def key(number: int) -> tuple[int, bytes]:
    return 1, sha256(str(number).encode()).digest()


# What is counted


def test_body_is_counted_until_the_last_part_of_it_is_let_go() -> None:
    budget = Budget(1000)
    assert budget.take(600)
    body = count_in(budget)(b"x" * 600)
    part = memoryview(body)[500:]
    del body
    assert budget.used == 600
    assert not budget.take(600)
    del part
    assert budget.used == 0


def test_result_that_is_being_sent_takes_the_place_of_others_after_it_left_the_cache() -> None:
    cache = ResultCache(20 * LARGE)
    size = cache.entry_size - 2000
    sent = [cache.put(key(n), stored(size, n)).body for n in range(15)]
    for number in range(100, 300):
        cache.put(key(number), stored(size, 1))
        assert cache.status().bytes <= cache.size
    sent.clear()
    assert cache.put(key(1000), stored(size)).body == bytes(size)
    assert cache.peek(key(1000)) is not None
    assert cache.status().bytes <= cache.size


def test_cache_of_many_small_results_counts_what_each_takes() -> None:
    cache = ResultCache(1 << 20)
    for number in range(5000):
        cache.put(key(number), stored(20))
    status = cache.status()
    assert status.entries * 700 < status.bytes <= 1 << 20


def test_long_query_leaves_a_digest_in_the_cache_and_no_more(server: Server) -> None:
    before = figure(server, "libris_memory_measured_bytes")
    entries = figure(server, "libris_cache_entries")
    letters = "i" * 1_000_000
    for number in range(12):
        body = f'ASK {{ FILTER("{number}{letters}\U0001f600" = "") }}'.encode()
        assert request(server, "POST", "/sparql", body, Content_Type=QUERY).status == 200
    assert figure(server, "libris_cache_entries") == entries + 12
    assert figure(server, "libris_memory_measured_bytes") - before < 64 * 2**20


def test_figures_have_the_sum_beside_a_bound_that_the_settings_say(server: Server) -> None:
    settings = Settings(server.data, workers=2, cache=128 * 2**20, request_bytes=2 * 2**20)
    bound = figure(server, "libris_memory_bound_bytes")
    assert bound == sum(compute_bounds(settings).values())
    assert 0 < figure(server, "libris_memory_sum_bytes") < bound
    assert figure(server, "libris_memory_measured_bytes") < bound


# What is remembered


def test_long_text_is_not_remembered() -> None:
    calls: list[str] = []

    @remembered(2, 10)
    def size(text: str) -> int:
        calls.append(text)
        return len(text)

    assert [size(text) for text in ("short", "short", "x" * 11, "x" * 11)] == [5, 5, 11, 11]
    assert calls == ["short", "x" * 11, "x" * 11]


def test_memo_stays_within_its_bytes() -> None:
    kept: Memo[str, int] = Memo(50_000)
    for number in range(1000):
        kept.put(f"{number}", number, ("\U0001f600" * 1000,))
        assert kept.used <= 50_000
    assert kept.get("999") == 999
    assert kept.get("0") is None
    kept.put("large", 1, ("\U0001f600" * 20_000,))
    assert kept.get("large") is None


def test_clients_of_a_minute_are_so_many_and_no_more() -> None:
    window = Window(3)
    for number in range(CLIENTS + 100):
        assert window.wait(f"c{number}", 0.0) == 0
    assert len(window._clients) == CLIENTS
    assert [window.wait("new", now) for now in (1.0, 2.0, 3.0, 4.0)] == [0, 0, 0, 57.0]
    assert window.wait("new", 61.5) == 0
    assert window.wait("new", 200.0) == 0
    assert len(window._clients) == 1


# What is sent


def test_what_is_counted_is_sent_from_where_it_lies() -> None:
    sending, cached = Budget(2 * LARGE), Budget(10 * LARGE)
    assert cached.take(LARGE)
    body = count_in(cached)(bytes(LARGE))
    waits = [take_buffer(body, sending) for _ in range(300)]
    assert all(waits)
    assert sending.used == 0


def test_what_is_not_in_the_cache_is_held_within_a_budget() -> None:
    sending = Budget(2 * LARGE)
    waits = [take_buffer(bytes(LARGE), sending) for _ in range(3)]
    assert [wait is not None for wait in waits] == [True, True, False]
    assert waits[0] is not None
    waits[0].skip(10)
    waits[0].close()
    waits[0].close()
    assert sending.used == LARGE


def test_slow_readers_of_what_is_kept_need_no_files_and_let_others_in(server: Server) -> None:
    body = ask(server, MANY).body
    assert len(body) > 4 * 2**20
    assert ask(server, MANY).headers["server-timing"] == 'cache;desc="hit"'
    before = figure(server, "libris_memory_measured_bytes")
    readers = [raw(server, MANY) for _ in range(60)]
    assert ask(server, "ASK { <urn:n1> ?p ?o }").status == 200
    temporary = [name for name in files(server.process.pid) if "(deleted)" in name]
    assert not [name for name in temporary if name.startswith("/tmp")]
    assert figure(server, "libris_memory_measured_bytes") - before < 64 * 2**20
    received = bytearray()
    while len(received) < len(body):
        received += readers[30].recv(1 << 20)
    assert received.endswith(body[-1000:])
    for reader in readers:
        reader.close()


def test_slow_readers_of_different_results_stay_within_the_bound(server: Server) -> None:
    readers = [raw(server, f"{MANY[:-5]}{12000 + n}") for n in range(60)]
    wait_for(lambda: figure(server, 'libris_memory_part_bytes{part="sending"}') > 0, 3)
    assert figure(server, 'libris_memory_part_bytes{part="sending"}') <= 64 * 2**20
    assert figure(server, 'libris_memory_part_bytes{part="cache"}') <= 160 * 2**20
    assert ask(server, "ASK { <urn:n2> ?p ?o }").status == 200
    for reader in readers:
        reader.close()
    assert wait_for(lambda: figure(server, 'libris_memory_part_bytes{part="sending"}') == 0)


# What is taken in


class Sender:
    """A connection that has sent a part of a head."""

    is_sending = True

    def __init__(self, began: float) -> None:
        self.began = began
        self.closed = False

    def handle_close(self) -> None:
        self.closed = True


def test_large_head_that_has_come_for_longest_makes_room() -> None:
    intake = Intake(100)
    old, new, newest = Sender(1), Sender(2), Sender(3)
    assert intake.note(new, 40)
    assert intake.note(old, 40)
    assert intake.note(newest, 40)
    assert [engine.closed for engine in (old, new, newest)] == [True, False, False]
    assert intake.used == 80
    assert not intake.note(newest, 200)


def test_heads_are_counted_until_their_connections_end(server: Server) -> None:
    connections = []
    for _ in range(8):
        connection = begin(server, b"GET /sparql?query=" + b"a" * 500_000)
        connections.append(connection)
    assert wait_for(lambda: figure(server, 'libris_memory_part_bytes{part="heads"}') > 0)
    assert figure(server, 'libris_memory_part_bytes{part="heads"}') <= 64 * 2**20
    assert ask(server, "ASK {}").status == 200
    for connection in connections:
        connection.close()
    assert wait_for(lambda: figure(server, 'libris_memory_part_bytes{part="heads"}') == 0)


def begin(server: Server, sent: bytes) -> socket.socket:
    import socket

    connection = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    with suppress(OSError):  # it may have to make room for others
        connection.sendall(sent)
    return connection


# Pages


def cells(text: str) -> list[str]:
    return re.findall(r"<td[^>]*>(.*?)</td>", text, re.DOTALL)


def test_long_value_is_cut_with_its_length_and_a_link_to_all_of_it(server: Server) -> None:
    query = f'SELECT ?n (REPLACE("{"&" * 1000}", "&", "{"é" * 40}") AS ?x) {{ ?s <urn:is> ?n }}'
    query += " ORDER BY ?n LIMIT 3"
    reply = ask(server, query, BROWSER)
    assert reply.status == 200
    cut = cells(reply.text)[3]
    assert cut.startswith("é" * page_rows.CHARACTERS + "…")
    assert "40,000 characters" in cut
    link = unescape(re.findall(r'href="([^"]+)"', cut)[0])
    found = request(server, "GET", link).json()["results"]["bindings"]
    assert found == [
        {
            "n": {"type": "literal", "value": "1"},
            "x": {"type": "literal", "value": "é" * 40_000},
        }
    ]


def test_page_has_rows_up_to_a_number_of_bytes(server: Server) -> None:
    query = f'SELECT (REPLACE("{"&" * 1000}", "&", "&&&&") AS ?x) {{ ?s <urn:is> ?y }}'
    reply = ask(server, query, BROWSER)
    shown = len(cells(reply.text))
    assert 50 < shown < 150
    assert f"These are the first {shown} rows. There are more." in reply.text
    assert len(reply.body) < 4 * 2**20


def test_page_shows_so_many_columns_and_says_how_many_more_there_are(server: Server) -> None:
    names = " ".join(f"?v{n}" for n in range(page_rows.COLUMNS + 20))
    reply = ask(server, f"SELECT {names} {{ ?v0 <urn:is> ?v1 }} LIMIT 5", BROWSER)
    assert len(re.findall("<th ", reply.text)) == page_rows.COLUMNS
    assert "20 more columns are in the files only." in reply.text


def test_page_of_a_graph_is_bounded_too(server: Server) -> None:
    query = (
        f'CONSTRUCT {{ ?s <urn:x> ?x }} {{ ?s <urn:is> ?y BIND(CONCAT(?y, "{"x" * 5000}") AS ?x) }}'
    )
    reply = ask(server, query, BROWSER)
    assert len(reply.body) < 4 * 2**20
    assert "There are more." in reply.text
    assert 'href="#whole"' in reply.text


@pytest.mark.parametrize("query", ["ASK {} # ", "SELECT * {} # "])
def test_page_repeats_no_query_that_no_person_has_written(server: Server, query: str) -> None:
    body = (query + "<&\"'" * 300_000).encode()
    reply = request(server, "POST", "/sparql", body, Content_Type=QUERY, Accept=BROWSER)
    assert reply.status == 200
    assert len(reply.body) < 200_000
    assert f"{len(body):,} characters" in reply.text


def test_error_repeats_little_of_what_was_sent(server: Server) -> None:
    for parameters in (
        {"query": "ASK {}", "format": "x" * 500_000},
        {"query": "ASK {}", "default-graph-uri": "x" * 500_000},
        {"query": "ASK {}", "timeout": "x" * 500_000},
    ):
        reply = request(server, "GET", f"/sparql?{urlencode(parameters)}")
        assert reply.status in (400, 406)
        assert len(reply.body) < 10_000


# Errors are said to nobody else


def test_malformed_query_under_way_is_not_answered_with_another_ones_words(server: Server) -> None:
    texts = [
        f"SELECT *{' ' * n}# {'secret' if n % 2 else 'other'}{n}\n{{ ?s ?p }}" for n in range(12)
    ]
    found: dict[str, str] = {}

    def send(text: str) -> None:
        found[text] = ask(server, text).text

    threads = [threading.Thread(target=send, args=(text,)) for text in texts for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for text, said in found.items():
        marks = set(re.findall(r"(?:secret|other)\d+", said))
        assert marks <= set(re.findall(r"(?:secret|other)\d+", text))


def test_long_detail_is_cut() -> None:
    assert len(RequestError("x" * 100_000).problem()["detail"]) < 3000


def test_what_functions_remember_is_within_its_part_of_the_bound() -> None:
    import_module("sparql_server.engine.columns.results.lookup")
    import_module("sparql_server.web.app")
    assert 0 < memo.bound() + ADDRESSES <= REMEMBERED - 8 * 2**20


def test_every_part_has_a_bound(tmp_path: Path) -> None:
    found = compute_bounds(Settings(tmp_path, client_rate=10))
    assert all(size > 0 for size in found.values())
    assert sum(compute_bounds(Settings(tmp_path, cache=0, request_bytes=2**16)).values()) < 2**31
