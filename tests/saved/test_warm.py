"""Answers that are there before anybody asks; and what the command line has for saved queries."""

from __future__ import annotations

import re
from pathlib import Path

from tests.commands import run_server as run
from tests.saved.conftest import NUMBERS, write_queries
from tests.server.conftest import Server, publish, stop
from tests.server.http import request
from tests.server.processes import serving, wait_for

# Takes minutes on the numbers of a release.
SLOW = """\
#+ title: {sv: "Vad är långsamt?", en: "What is slow?"}
#+ description: {sv: "Detta.", en: "This."}

SELECT (COUNT(*) AS ?n) WHERE { ?a <urn:is> ?x . ?b <urn:is> ?y . ?c <urn:is> ?z }
"""


def age(server: Server, path: str, accept: str = "*/*") -> str | None:
    return request(server, "GET", path, Accept=accept).headers.get("age")


def caches(server: Server) -> list[str]:
    """What came of asking the cache, of each query that the log has."""
    return re.findall(r'"cache": "(\w+)"', server.log)


def test_new_release_is_served_with_its_answers_in_the_cache(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    folder = str(write_queries(tmp_path))
    with serving(tmp_path, "--queries", folder, "--warm", "30") as server:
        assert "warmed 3 of 3 saved queries" in server.log
        for path in ("/queries/numbers.csv", "/queries/numbers.json", "/queries/graph.ttl"):
            assert age(server, path) is not None, path
        request(server, "GET", "/queries/numbers", Accept="text/html")
        publish(tmp_path, 2)
        assert wait_for(lambda: server.log.count("now serving release 2"))
        reply = request(server, "GET", "/queries/numbers.csv")
        assert reply.headers["libris-release"] == "2"
        assert "age" in reply.headers
        assert wait_for(lambda: len(caches(server)) == 5)
        assert set(caches(server)) == {"hit"}


def test_release_waits_no_longer_than_it_is_told(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    folder = write_queries(tmp_path)
    (folder / "a-slow-one.rq").write_text(SLOW, encoding="utf-8")
    with serving(tmp_path, "--queries", str(folder), "--warm", "1") as server:
        assert "warmed 0 of 4 saved queries" in server.log
        assert request(server, "GET", "/queries/numbers.csv").status == 200


def test_server_without_warm_answers_when_asked(own: Server) -> None:
    assert "warmed" not in own.log


def test_query_that_fails_is_said_so_and_the_others_are_warmed(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    folder = write_queries(tmp_path)
    (folder / "a-slow-one.rq").write_text(SLOW, encoding="utf-8")
    options = ("--queries", str(folder), "--warm", "30", "--timeout", "1")
    with serving(tmp_path, *options) as server:
        assert "saved query a-slow-one could not be warmed" in server.log
        assert "warmed 3 of 4 saved queries" in server.log
        assert "1 failed" in server.log


def test_warm_asks_a_running_server_for_everything(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    with serving(tmp_path, "--queries", str(write_queries(tmp_path))) as server:
        done = run("warm", "--url", server.address)
        assert (done.returncode, done.stderr) == (0, "")
        lines = [line.split() for line in done.stdout.splitlines()]
        assert [(form, name) for _, form, name in lines] == [
            ("page", "graph"),
            ("ttl", "graph"),
            ("page", "numbers"),
            ("csv", "numbers"),
            ("json", "numbers"),
            ("page", "truth"),
            ("csv", "truth"),
            ("json", "truth"),
        ]
        assert all(re.fullmatch(r"\d+\.\d{3}", seconds) for seconds, _, _ in lines)
        assert age(server, "/queries/numbers.csv") is not None
        address = server.address
        stop(server)
        refused = run("warm", "--url", address)
        assert refused.returncode == 1
        assert "gives no list of saved queries" in refused.stderr
    assert "is no address" in run("warm", "--url", "file:///etc/hosts").stderr


def test_check_queries_names_file_and_line(tmp_path: Path) -> None:
    folder = write_queries(tmp_path)
    done = run("check-queries", folder)
    assert done.returncode == 1
    assert re.fullmatch(rf"{folder}/broken\.rq:\d+: not SPARQL: .*\n", done.stdout)
    (folder / "broken.rq").write_text(NUMBERS, encoding="utf-8")
    good = run("check-queries", folder)
    assert (good.returncode, good.stdout) == (0, "")
    assert good.stderr == "4 saved queries can be served.\n"
    assert run("check-queries").returncode == 0


def test_folder_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    done = run("serve", "--data", tmp_path, "--port", "0", "--queries", tmp_path / "none")
    assert done.returncode == 1
    assert "there is no directory" in done.stderr
