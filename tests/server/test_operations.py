"""What whoever runs the server sees: health, figures, the journal of queries, a graceful end."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from sparql_server.engine.row_counter import RowCounter
from tests.server.conftest import Server, publish
from tests.server.http import Reply, ask, request
from tests.server.processes import cpu, raw, serving, wait_for, workers
from tests.server.test_workers import ENDLESS, RELEASE

pytestmark = pytest.mark.long

SLOW = "SELECT (COUNT(*) AS ?n) { ?a <urn:is> ?x . ?b <urn:is> ?y FILTER(?x < ?y) }"


def figures(server: Server) -> dict[str, float]:
    families = text_string_to_metric_families(request(server, "GET", "/metrics").text)
    return {
        ",".join([sample.name, *sorted(sample.labels.values())]): sample.value
        for family in families
        for sample in family.samples
    }


def health(server: Server) -> dict[str, Any]:
    return dict(request(server, "GET", "/health").json())


def journal(server: Server) -> list[dict[str, object]]:
    return [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]


def test_health_is_503_until_there_is_a_release(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        reply = request(server, "GET", "/health")
        assert (reply.status, reply.json()["live"], reply.json()["ready"]) == (503, True, False)
        publish(tmp_path, 1)
        assert wait_for(lambda: request(server, "GET", "/health").status == 200)
        health = request(server, "GET", "/health").json()
        assert health["ready"] is True
        assert health["release"] == 1
        assert health["engine"] == "disk"
        assert sum(health["workers"].values()) == 2


def test_figures_count_queries_by_form_and_outcome(data: Path) -> None:
    with serving(data) as server:
        ask(server, RELEASE)
        ask(server, RELEASE)
        ask(server, "ASK { ?s ?p ?o }")
        ask(server, "SELECT")
        ask(server, ENDLESS, timeout="300")
        request(server, "GET", "/graphs?graph=urn:nothing")
        found = figures(server)
        assert found["libris_queries_total,SELECT,ok"] == 2
        assert found["libris_queries_total,ASK,ok"] == 1
        assert found["libris_queries_total,MalformedQuery,SELECT"] == 1
        assert found["libris_queries_total,SELECT,TimeLimitExceeded"] == 1
        assert found["libris_queries_total,NoSuchGraph,none"] == 1
        assert found["libris_query_seconds_count,SELECT"] == 4
        assert found["libris_cache_hits_total"] == 1
        assert found["libris_workers,idle"] + found["libris_workers,busy"] >= 1
        assert found["libris_release,disk"] == 1
        assert found["libris_queue"] == 0
        assert found["libris_result_bytes_total"] > 100


FRESH = {
    "last_update": {
        "began": "2026-11-28T02:15:00.000000Z",
        "ended": "2026-11-28T02:16:00.000000Z",
        "well": True,
    },
    "last_update_well": "2026-11-28T02:16:00.000000Z",
    "newest_datestamp": "2026-11-28T02:00:00.000000Z",
    "quarantined": 3,
    "dropped": 2,
    "repaired": 1,
}
WELL = "libris_last_update_well_timestamp_seconds"


def test_freshness_is_in_health_and_in_figures(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    with serving(tmp_path) as server:
        assert request(server, "GET", "/health").json()["freshness"] == {}
        assert WELL not in figures(server)
        manifest = tmp_path / "current" / "manifest.json"
        said = json.loads(manifest.read_bytes()) if manifest.exists() else {}
        manifest.write_text(json.dumps(said | {"freshness": FRESH}))
        assert request(server, "GET", "/health").json()["freshness"] == FRESH
        later = FRESH | {"last_update_well": "2026-11-28T03:16:00.000000Z", "quarantined": 4}
        (tmp_path / "freshness.json").write_text(json.dumps(later))
        assert request(server, "GET", "/health").json()["freshness"] == later
        found = figures(server)
        assert found[WELL] == datetime(2026, 11, 28, 3, 16, tzinfo=UTC).timestamp()
        assert found["libris_newest_datestamp_timestamp_seconds"] < found[WELL]
        assert found["libris_quarantined"] == 4
        assert (found["libris_dropped"], found["libris_repaired"]) == (2, 1)


@pytest.mark.parametrize("said", ["", "{", "[]", '{"last_update": 1, "newest_datestamp": [2]}'])
def test_damaged_figures_of_freshness_are_none(data: Path, said: str) -> None:
    (data / "freshness.json").write_text(said)
    with serving(data) as server:
        assert request(server, "GET", "/health").status == 200
        assert WELL not in figures(server)
    (data / "freshness.json").unlink()


def test_journal_tells_what_became_of_a_query(data: Path) -> None:
    with serving(data) as server:
        body = ask(server, "SELECT * { ?s <urn:is> ?o } LIMIT 7", "text/csv").body
        (entry,) = journal(server)
        assert entry["status"] == 200
        assert entry["outcome"] == "ok"
        assert entry["form"] == "SELECT"
        assert entry["rows"] == 7
        assert entry["bytes"] == len(body)
        assert entry["release"] == 1
        assert entry["engine"] == "disk"
        assert entry["query"] == "SELECT * { ?s <urn:is> ?o } LIMIT 7"
        assert len(str(entry["hash"])) == 16


def test_journal_has_streams_and_those_who_left_them(data: Path) -> None:
    query = "SELECT ?x ?y { ?a <urn:is> ?x . ?b <urn:is> ?y }"
    with serving(data) as server:
        reply = ask(server, f"{query} LIMIT 100000", "text/tab-separated-values")
        assert reply.body.count(b"\n") == 100_001
        connection = raw(server, query, format="tsv")
        connection.recv(1000)
        connection.close()
        assert wait_for(lambda: len(journal(server)) == 2)
        whole, left = journal(server)
        assert (whole["rows"], whole["bytes"]) == (100_000, len(reply.body))
        assert (left["status"], left["outcome"]) == (499, "ClientGone")


def test_query_with_line_breaks_is_one_line_of_the_journal(data: Path) -> None:
    with serving(data) as server:
        ask(server, 'SELECT *\r\n{ ?s ?p "\x1b[31m\u2028" }\n{"status": 200}')
        (entry,) = journal(server)
        assert entry["status"] == 400
        assert "\x1b" not in server.log


def test_processor_time_is_in_a_header(data: Path) -> None:
    with serving(data) as server:
        timing = ask(server, SLOW).headers["server-timing"]
        spent = float(timing.partition("cpu;dur=")[2])
        assert spent > 1
        assert ask(server, SLOW).headers["server-timing"] == 'cache;desc="hit"'


def test_identifier_of_an_error_is_in_the_journal(data: Path) -> None:
    with serving(data, "--workers", "1") as server:
        replies: list[Reply] = []
        thread = threading.Thread(target=lambda: replies.append(ask(server, ENDLESS)))
        thread.start()
        assert wait_for(lambda: any(cpu(pid) > 0.1 for pid in workers(server)))
        for pid in workers(server):
            os.kill(pid, signal.SIGKILL)
        thread.join()
        assert replies[0].status == 500
        assert journal(server)[-1]["id"] == replies[0].json()["identifier"]


def test_query_under_way_is_answered_when_the_server_is_told_to_stop(data: Path) -> None:
    # Time enough for the query, however busy the machine is.
    with serving(data, "--grace", "300", "--timeout", "300") as server:
        replies: list[Reply] = []
        thread = threading.Thread(target=lambda: replies.append(ask(server, SLOW)))
        thread.start()
        assert wait_for(lambda: any(cpu(pid) > 0.1 for pid in workers(server)))
        server.process.terminate()
        thread.join()
        assert replies[0].status == 200
        assert server.process.wait(timeout=60) == 0


@pytest.mark.parametrize("workers_", [1, 2])
def test_query_that_has_not_ended_within_the_grace_is_told_to_come_again(
    data: Path, workers_: int
) -> None:
    """Two queries: with one worker one of them waits for it."""
    with serving(data, "--workers", str(workers_), "--grace", "0.2") as server:
        replies: list[Reply] = []
        threads = [
            threading.Thread(
                target=lambda n=n: replies.append(ask(server, f"{ENDLESS} LIMIT {n + 1}"))
            )
            for n in range(2)
        ]
        for thread in threads:
            thread.start()
        under_way = {"busy": workers_, "idle": 0}
        assert wait_for(lambda: health(server)["workers"] == under_way)
        assert wait_for(lambda: health(server)["waiting"] == 2 - workers_)
        server.process.terminate()
        for thread in threads:
            thread.join()
        assert [reply.status for reply in replies] == [503] * 2
        assert {reply.json()["title"] for reply in replies} == {"Stopping"}
        assert all("retry-after" in reply.headers for reply in replies)
        assert server.process.wait(timeout=60) == 0
        assert "died" not in server.log


def test_second_signal_ends_the_server_at_once(data: Path) -> None:
    with serving(data, "--grace", "60") as server:
        connection = raw(server, ENDLESS)
        assert wait_for(lambda: any(cpu(pid) > 0.1 for pid in workers(server)))
        server.process.terminate()
        time.sleep(0.5)
        assert server.process.poll() is None
        server.process.terminate()
        assert server.process.wait(timeout=60) == 0
        connection.close()


@pytest.mark.parametrize(
    ("name", "pieces", "rows"),
    [
        ("tsv", [b"?s\n", b"1\n2", b"\n"], 2),
        ("csv", [b"s\r", b"\n1\r\n", b"2\r\n"], 2),
        ("json", [b'{"results":{"bindings":[]}}'], 0),
        ("json", [b'{"results":{"bindings":[{"s":{"value":"a},{b"}}', b',{"s":{}}]}}'], 2),
        ("json", [b'{"results":{"bindings":[{},{}]}}'], 2),
        ("xml", [b"<results><res", b"ult></result><result>"], 2),
        ("nt", [b"<a> <b> <c> .\n"], 1),
        ("ttl", [b"<a> <b> <c> .\n"], None),
    ],
)
def test_rows_are_counted_across_pieces(name: str, pieces: list[bytes], rows: int | None) -> None:
    counter = RowCounter(name)
    for piece in pieces:
        counter.count(piece)
    assert counter.rows == rows
