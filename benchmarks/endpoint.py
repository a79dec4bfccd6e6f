"""Measure the endpoint: starting, small queries, and streaming beside pyoxigraph's own serialize.

python benchmarks/endpoint.py --data benchmarks/out/data
"""

from __future__ import annotations

import argparse
import csv
import http.client
import re
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import urlencode

from measure import MIB, Figure, Watch, median, memory, python, run, show

_SERIALIZE = """
import sys, time, pyoxigraph
store = pyoxigraph.Store.read_only(sys.argv[1])
start = time.monotonic()
results = store.query(sys.argv[2], use_default_graph_as_union=True)
results.serialize(sys.argv[3], pyoxigraph.QueryResultsFormat.TSV)
print(time.monotonic() - start)
"""
_KBV = "https://id.kb.se/vocab/"
_THINGS = f"SELECT ?thing {{ ?thing <{_KBV}hasTitle>/<{_KBV}mainTitle> ?title }} LIMIT 500"
_TITLE = f"SELECT ?title {{ <%s> <{_KBV}hasTitle>/<{_KBV}mainTitle> ?title }} LIMIT 1"
_ANY = "SELECT ?s { ?s ?p ?o } LIMIT 1"
_ALL = "SELECT ?s ?p ?o { ?s ?p ?o }"
_BUFFER = 2**18  # bytes
_WARM_UP = 50  # queries


@contextmanager
def server(data: Path) -> Iterator[tuple[int, http.client.HTTPConnection]]:
    """Start libris-sparql on a free port; give its process id and a connection."""
    command = python("-m", "sparql_server.cli", "serve", "--data", data, "--port", 0)
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        connection = http.client.HTTPConnection("127.0.0.1", _port(process))
        yield process.pid, connection
        connection.close()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _port(process: subprocess.Popen[str]) -> int:
    """Return the port that the server says it listens on, and leave a thread to read its log."""
    assert process.stderr
    said = []
    for line in process.stderr:
        said.append(line)
        if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return int(found[1])
    raise SystemExit(f"the server didn't start:\n{''.join(said)}")


def answer(connection: http.client.HTTPConnection, query: str) -> bytes:
    """Return the CSV that answers a query; exit if the status isn't 200."""
    with _asked(connection, query, "text/csv") as response:
        return response.read()


def _asked(
    connection: http.client.HTTPConnection, query: str, media_type: str
) -> http.client.HTTPResponse:
    # http.client sets TCP_NODELAY by itself.
    target = f"/sparql?{urlencode({'query': query})}"
    connection.request("GET", target, headers={"Accept": media_type})
    response = connection.getresponse()
    if response.status != 200:
        raise SystemExit(f"{response.status} {response.read().decode()}")
    return response


def starting(data: Path, runs: int) -> Figure:
    """Measure from the process's start to its first 200."""
    seconds = []
    for _ in range(runs):
        start = time.monotonic()
        with server(data) as (_, connection):
            answer(connection, _ANY)
            seconds.append(time.monotonic() - start)
    return Figure("start to first answer", median(seconds), "s", "< 2")


def one_row(connection: http.client.HTTPConnection, queries: int) -> Iterator[Figure]:
    """Measure queries for the title of one thing after another, on one connection."""
    rows = csv.reader(answer(connection, _THINGS).decode().splitlines()[1:])
    things = cycle(dict.fromkeys(thing for (thing,) in rows if thing.startswith("http")))
    for thing in islice(things, _WARM_UP):
        answer(connection, _TITLE % thing)
    milliseconds = []
    for thing in islice(things, queries):
        start = time.perf_counter()
        lines = answer(connection, _TITLE % thing).splitlines()
        milliseconds.append((time.perf_counter() - start) * 1000)
        assert len(lines) == 2, lines
    milliseconds.sort()
    yield Figure("one-row query, median", median(milliseconds), "ms", "< 3")
    yield Figure("one-row query, 95th percentile", milliseconds[int(queries * 0.95)], "ms")


def stream(connection: http.client.HTTPConnection, query: str) -> tuple[float, int]:
    """Read an answer as TSV to its end without keeping it; return seconds and bytes."""
    start, size, buffer = time.monotonic(), 0, bytearray(_BUFFER)
    with _asked(connection, query, "text/tab-separated-values") as response:
        while count := response.readinto(buffer):
            size += count
    return time.monotonic() - start, size


def serialized(data: Path, query: str, out: Path) -> tuple[float, int]:
    """Have pyoxigraph write the same to a file; return seconds and bytes."""
    done = run(python("-c", _SERIALIZE, data / "current" / "store", query, out))
    return float(done.output), out.stat().st_size


def streaming(
    pid: int, connection: http.client.HTTPConnection, data: Path, rows: int, runs: int
) -> Iterator[Figure]:
    """Compare streaming so many rows with pyoxigraph alone, in turns; then stream all there is."""
    query = f"{_ALL} LIMIT {rows}"
    ours, theirs, idle = [], [], memory(pid)
    with tempfile.TemporaryDirectory() as folder, Watch(pid) as watch:
        for _ in range(runs):
            ours.append(stream(connection, query))
            theirs.append(serialized(data, query, Path(folder, "rows.tsv")))
        lines = sum(1 for _ in Path(folder, "rows.tsv").open("rb")) - 1
    if lines != rows or {size for _, size in ours} != {size for _, size in theirs}:
        raise SystemExit(f"{lines} rows, bytes {ours} and {theirs}: not the same answers")
    seconds, alone = (median(second for second, _ in runs) for runs in (ours, theirs))
    yield Figure(f"{rows:,} rows as TSV over HTTP", seconds, "s")
    yield Figure(f"{rows:,} rows, pyoxigraph to a file", alone, "s")
    yield Figure("speed of streaming, ratio", alone / seconds, target=">= 0.7")
    yield Figure("peak memory while streaming", watch.peak / MIB, "MiB", "bounded")
    yield Figure("memory before", idle / MIB, "MiB")
    with Watch(pid) as watch:
        stream(connection, _ALL)
    yield Figure("peak memory, streaming every quad", watch.peak / MIB, "MiB", "bounded")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path(__file__).with_name("out") / "data")
    parser.add_argument("--queries", type=int, default=1000, help="one-row queries")
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows to stream")
    parser.add_argument("--runs", type=int, default=3, help="alternating runs; medians are shown")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    arguments = parser.parse_args()
    figures = [starting(arguments.data, arguments.runs)]
    with server(arguments.data) as (pid, connection):
        figures += one_row(connection, arguments.queries)
        figures += streaming(pid, connection, arguments.data, arguments.rows, arguments.runs)
    show(figures, arguments.json)


if __name__ == "__main__":
    main()
