"""Streams of everything are bound by their progress; other results by the time of a query."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.server.conftest import Server, publish, start, stop

LINES = 90_000
TEXT = "x" * 100


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with 12 MB of statements and half a second for a query."""
    data: Path = tmp_path_factory.mktemp("streams")
    lines = (f'<urn:s{n}> <urn:p> "{TEXT}{n}" <urn:large> .' for n in range(LINES))
    publish(data, 1, "\n" + "\n".join(lines), columns=True)
    running = start(data, "--workers", "1", "--timeout", "0.5", "--cache", "1")
    yield running
    assert stop(running) == 0


def read_slowly(server: Server, path: str) -> int:
    """Read an answer in some two seconds; return how many lines it has."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
        connection.request("GET", path, headers={"Accept": "application/n-triples"})
        with connection.getresponse() as response:
            assert response.status == 200
            lines = 0
            while piece := response.read(256 * 1024):
                lines += piece.count(b"\n")
                time.sleep(0.04)
            return lines


@pytest.mark.parametrize(
    "path",
    [
        "/graphs?graph=urn:large",
        "/graphs?default",
        f"/sparql?{urlencode({'query': 'CONSTRUCT WHERE { ?s ?p ?o }'})}",
    ],
)
def test_stream_that_goes_on_is_not_ended_by_the_time_limit(server: Server, path: str) -> None:
    assert read_slowly(server, path) >= LINES


@pytest.mark.parametrize("more", ["FILTER(STRLEN(STR(?o)) > 5)", "timeout"])
def test_other_results_end_with_the_time_limit(server: Server, more: str) -> None:
    pattern = f"?s ?p ?o {more if more != 'timeout' else ''}"
    parameters = {"query": f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {pattern} }}"}
    parameters |= {"timeout": "400"} if more == "timeout" else {}
    with pytest.raises((http.client.IncompleteRead, ConnectionError, AssertionError)):
        assert read_slowly(server, f"/sparql?{urlencode(parameters)}") >= LINES
