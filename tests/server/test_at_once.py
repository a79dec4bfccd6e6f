"""Lookups that are answered at once go the same road as what a worker answers."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from sparql_server.engine.local.lookups import AtOnce
from sparql_server.engine.messages import Job
from tests.server.conftest import Server, publish
from tests.server.http import ask, request, values
from tests.server.processes import serving, wait_for
from tests.server.test_cache import SLOW, entries
from tests.server.test_waiting import number, sent_together


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of a release with columns, and one worker."""
    data = tmp_path_factory.mktemp("held")
    publish(data, 1, columns=True)
    with serving(data, "--workers", "1") as server:
        yield server


def test_lookup_is_answered_while_all_workers_are_busy(held: Server) -> None:
    slow: list[int] = []
    thread = threading.Thread(target=lambda: slow.append(ask(held, SLOW).status))
    thread.start()
    assert wait_for(lambda: request(held, "GET", "/health").json()["workers"]["busy"] == 1)
    assert values(ask(held, number(1))) == [["1"]]
    body = urlencode({"query": number(2)}).encode()
    kind = {"Content_Type": "application/x-www-form-urlencoded"}
    assert values(request(held, "POST", "/sparql", body, **kind)) == [["2"]]
    assert not slow
    thread.join()
    assert slow == [200]


def test_lookup_has_the_headers_and_the_log_line_of_an_evaluation(held: Server) -> None:
    looked_up = ask(held, number(3))
    by_worker = ask(held, f"{number(3)} ORDER BY ?x")
    assert looked_up.body == by_worker.body
    assert looked_up.headers.keys() == by_worker.headers.keys()
    for reply in (looked_up, by_worker):
        assert re.fullmatch(r"queue;dur=[\d.]+, cpu;dur=[\d.]+", reply.headers["server-timing"])
    passing = {"time", "ms", "queued_ms", "cpu_ms", "hash", "query"}
    one, other = (
        {name: said for name, said in line.items() if name not in passing}
        for line in entries(held)[-2:]
    )
    assert one == other
    assert (one["engine"], one["cache"], one["rows"]) == ("columns", "miss", 1)


def test_lookup_is_kept_and_known_by_its_tag(held: Server) -> None:
    first = ask(held, number(4))
    again = ask(held, number(4))
    assert again.headers["server-timing"] == 'cache;desc="hit"'
    assert (again.body, again.headers["etag"]) == (first.body, first.headers["etag"])
    path = f"/sparql?{urlencode({'query': number(4)})}"
    assert request(held, "GET", path, If_None_Match=first.headers["etag"]).status == 304


@pytest.mark.parametrize("accept", ["text/csv", "application/sparql-results+xml", "text/turtle"])
def test_lookup_is_negotiated_as_an_evaluation_is(held: Server, accept: str) -> None:
    looked_up, by_worker = (
        ask(held, query, accept) for query in (number(5), f"{number(5)} ORDER BY ?x")
    )
    assert (looked_up.status, looked_up.body) == (by_worker.status, by_worker.body)
    assert looked_up.headers["content-type"] == by_worker.headers["content-type"]


def test_lookups_that_come_together_are_answered_in_order(held: Server) -> None:
    wanted = list(range(100, 180))
    received = sent_together(held, [number(n) for n in wanted])
    found = re.findall(rb"\r\n\r\nx\r\n(\d+)\r\n", received)
    assert [int(number) for number in found] == wanted


def test_lookup_with_a_dataset_of_its_own_is_no_lookup(held: Server) -> None:
    assert values(ask(held, number(6), default_graph_uri="urn:about")) == []
    assert values(ask(held, number(6), default_graph_uri="urn:numbers")) == [["6"]]


def test_lookups_have_their_limits(tmp_path: Path) -> None:
    publish(tmp_path, 1, columns=True)
    options = ("--result-bytes", "80", "--client-rate", "7", "--cache", "0")
    with serving(tmp_path, *options) as server:
        small = [ask(server, number(n), "text/csv").status for n in range(3)]
        large = ask(server, number(3))
        assert (small, large.status) == ([200] * 3, 422)
        assert json.loads(large.body)["limit"] == 80
        statuses = [ask(server, number(n), "text/csv").status for n in range(5)]
        assert statuses == [200] * 3 + [429] * 2


def test_lookup_is_of_the_release_that_is_served(tmp_path: Path) -> None:
    publish(tmp_path, 1, columns=True)
    query = "SELECT ?n { <urn:release> <urn:is> ?n }"
    with serving(tmp_path) as server:
        assert values(ask(server, query)) == [["1"]]
        publish(tmp_path, 2, columns=True)
        assert wait_for(lambda: values(ask(server, query)) == [["2"]])
        found = ask(server, f"{query} LIMIT 5")
        assert (values(found), found.headers["libris-release"]) == ([["2"]], "2")


def test_nothing_is_looked_up_without_columns() -> None:
    job = Job("SELECT ?x { <urn:n1> <urn:is> ?x }", solutions="json")
    assert AtOnce().result(job, None) is None
