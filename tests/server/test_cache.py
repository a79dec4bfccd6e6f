"""Results that are kept: what is asked again, what is asked at once, and what is never kept."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from urllib.parse import urlencode

import pytest

from sparql_server.sparql.query import read
from tests.server.conftest import Server, publish
from tests.server.http import Reply, ask, request, values
from tests.server.processes import raw, serving, wait_for
from tests.server.test_workers import RELEASE

pytestmark = pytest.mark.long

# A second or so of work with a small answer.
SLOW = "SELECT (COUNT(*) AS ?n) { ?a <urn:is> ?x . ?b <urn:is> ?y FILTER(?x < ?y) }"


def entries(server: Server) -> list[dict[str, object]]:
    """The lines of the log that tell of queries."""
    return [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]


def test_same_query_spelt_otherwise_comes_from_the_cache(data: Path) -> None:
    with serving(data) as server:
        first = ask(server, "SELECT ?n { <urn:release> <urn:is> ?n }")
        again = ask(server, "SELECT ?n\n{ <urn:release>  <urn:is> ?n # the number\n}")
        assert again.body == first.body
        assert first.headers["etag"] == again.headers["etag"]
        assert "age" not in first.headers
        assert int(again.headers["age"]) >= 0
        assert [entry["cache"] for entry in entries(server)] == ["miss", "hit"]


def test_formats_datasets_and_letters_of_a_string_make_another_result(data: Path) -> None:
    with serving(data) as server:
        tags = {
            ask(server, RELEASE).headers["etag"],
            ask(server, RELEASE, "text/csv").headers["etag"],
            ask(server, RELEASE, default_graph_uri="urn:about").headers["etag"],
            ask(server, RELEASE.replace("?n", "?m")).headers["etag"],
            ask(server, 'SELECT ?s { ?s ?p "a  b" }').headers["etag"],
            ask(server, 'SELECT ?s { ?s ?p "a b" }').headers["etag"],
        }
        assert len(tags) == 6


def test_client_that_has_it_gets_304_and_no_body(data: Path) -> None:
    with serving(data) as server:
        tag = ask(server, RELEASE).headers["etag"]
        path = f"/sparql?{urlencode({'query': RELEASE})}"
        for known in (tag, tag.removeprefix("W/"), f'"other", {tag}'):
            reply = request(server, "GET", path, If_None_Match=known)
            assert (reply.status, reply.body) == (304, b"")
            assert reply.headers["etag"] == tag
        assert request(server, "GET", path, If_None_Match='"other"').status == 200
        assert entries(server)[-2]["outcome"] == "unchanged"


def test_new_release_makes_old_results_void(data: Path) -> None:
    with serving(data) as server:
        before = ask(server, RELEASE)
        publish(data, 2)
        assert wait_for(lambda: values(ask(server, RELEASE)) == [["2"]])
        after = ask(server, RELEASE)
        assert after.headers["etag"] != before.headers["etag"]
        assert after.headers["libris-release"] == "2"


@pytest.mark.parametrize("call", ["RAND()", "NOW()", "UUID()", "STRUUID()"])
def test_result_that_differs_each_time_is_not_kept(data: Path, call: str) -> None:
    with serving(data) as server:
        replies = [ask(server, f"SELECT ({call} AS ?x) {{}}") for _ in range(2)]
        assert replies[0].body != replies[1].body
        assert "etag" not in replies[0].headers
        assert replies[0].headers["cache-control"] == "no-store"


def test_equal_queries_at_once_are_evaluated_once(data: Path) -> None:
    with serving(data, "--workers", "2") as server:
        replies: list[Reply] = []
        threads = [
            threading.Thread(target=lambda: replies.append(ask(server, SLOW))) for _ in range(6)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert {reply.status for reply in replies} == {200}
        assert len({reply.body for reply in replies}) == 1
        came = [entry["cache"] for entry in entries(server)]
        assert came.count("miss") == 1
        assert set(came) <= {"miss", "shared", "hit"}


def test_whoever_waits_for_a_query_that_runs_into_its_limit_hears_of_it(data: Path) -> None:
    endless = "SELECT (COUNT(*) AS ?n) { ?a <urn:is> ?x . ?b <urn:is> ?y . ?c <urn:is> ?z }"
    with serving(data, "--workers", "1", "--timeout", "1") as server:
        replies: list[Reply] = []
        threads = [
            threading.Thread(target=lambda: replies.append(ask(server, endless))) for _ in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [reply.status for reply in replies] == [503] * 3
        assert {reply.json()["title"] for reply in replies} == {"Time limit exceeded"}


def test_leader_that_hangs_up_does_not_take_the_others_with_it(data: Path) -> None:
    with serving(data, "--workers", "1") as server:
        leader = raw(server, SLOW)
        replies: list[Reply] = []
        follower = threading.Thread(target=lambda: replies.append(ask(server, SLOW)))
        follower.start()
        wait_for(lambda: False, 0.3)
        leader.close()
        follower.join()
        assert [reply.status for reply in replies] == [200]


def test_streamed_result_is_kept_once_it_is_whole(data: Path) -> None:
    query = "SELECT ?a ?x ?y { ?a <urn:is> ?x . <urn:n1> <urn:is> ?y }"
    many = "SELECT ?a ?x ?b { ?a <urn:is> ?x . VALUES ?b { 1 2 3 4 5 6 7 8 9 10 11 12 } }"
    with serving(data, "--cache", "200M") as server:
        assert len(ask(server, query).body) < 1024 * 1024 < len(ask(server, many).body)
        again = ask(server, many)
        assert "age" in again.headers
        assert int(again.headers["content-length"]) == len(again.body)
        assert len(again.body) > 1024 * 1024


def test_cut_result_is_not_kept(data: Path) -> None:
    query = "SELECT ?x ?y { ?a <urn:is> ?x . ?b <urn:is> ?y } LIMIT 200000"
    with serving(data, "--cache", "2G") as server:
        connection = raw(server, query, format="json")
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        connection.close()
        assert ask(server, query).body.count(b'"x":{') == 200000


def test_cache_of_nothing_keeps_nothing(data: Path) -> None:
    with serving(data, "--cache", "0") as server:
        assert "age" not in ask(server, RELEASE).headers
        assert "age" not in ask(server, RELEASE).headers


def test_cache_stays_within_its_size(data: Path) -> None:
    with serving(data, "--cache", "1M") as server:
        for number in range(60):
            query = f"SELECT ?a {{ ?a <urn:is> ?x }} ORDER BY ?a OFFSET {number} LIMIT 1000"
            assert ask(server, query).status == 200
        figures = request(server, "GET", "/metrics").text
        size = next(line for line in figures.splitlines() if line.startswith("libris_cache_bytes "))
        assert 100_000 < float(size.split()[1]) <= 2**20


def test_operator_says_how_long_others_may_keep_a_result(data: Path) -> None:
    with serving(data) as server:
        assert ask(server, RELEASE).headers["cache-control"] == "no-cache"
    with serving(data, "--max-age", "600") as server:
        assert ask(server, RELEASE).headers["cache-control"] == "public, max-age=600"
        assert ask(server, "SELECT").headers["cache-control"] == "no-store"


def test_head_knows_the_length_of_what_is_kept(data: Path) -> None:
    path = "/sparql?query=SELECT+%3Fn+%7B+%3Curn%3Arelease%3E+%3Curn%3Ais%3E+%3Fn+%7D"
    with serving(data) as server:
        before = request(server, "HEAD", path)
        assert (before.status, "content-length" in before.headers) == (200, False)
        body = request(server, "GET", path).body
        after = request(server, "HEAD", path)
        assert int(after.headers["content-length"]) == len(body)
        assert after.headers["etag"] == before.headers["etag"]


def test_iri_with_an_escape_does_not_hide_what_follows_it() -> None:
    one = read("SELECT ?s { ?s ?p <http://example.org/\\u00e9#a> . ?s ?q 1 }")
    other = read("SELECT ?s { ?s ?p <http://example.org/\\u00e9#b> . ?s ?q 1 }")
    assert one.normal != other.normal


def test_escaped_function_is_seen_to_differ_each_time() -> None:
    assert not read("SELECT (\\u0052AND() AS ?x) {}").lasting
    assert read('SELECT ("RAND()" AS ?x) {}').lasting


def test_space_between_signs_is_not_lost() -> None:
    assert read("ASK { ?s ^<urn:a>/^ ^<urn:b> ?o }") != read("ASK { ?s ^<urn:a>/^^<urn:b> ?o }")
