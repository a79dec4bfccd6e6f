"""Measure what another store behind the server costs: feeding it, and a query through the server.

python benchmarks/remote.py --titles 1000
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from measure import Figure, median, python, run, show

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.remote import stores  # noqa: E402
from tests.server.conftest import start, stop  # noqa: E402

_ACCEPT = {"virtuoso": "application/sparql-results+xml", "oxigraph": "text/tab-separated-values"}


def measured(data: Path, folder: Path, queries: int) -> Iterator[Figure]:
    """Yield every figure."""
    written = folder / "files"
    bulk = run(_push(data, "http://127.0.0.1:1/store", "--bulk", written))
    manifest = json.loads((written / "manifest.json").read_text())
    quads = manifest["quads"]
    graphs = sum(part["graphs"] for part in manifest["parts"]) - 1
    yield Figure("graphs", graphs)
    yield Figure("quads", quads)
    yield Figure("writing N-Quads files, quads a second", quads / bulk.seconds)
    whole = folder / "whole.nq"
    with whole.open("wb") as out:
        for part in manifest["parts"]:
            subprocess.run(["zcat", str(written / part["file"])], stdout=out, check=True)
    for kind in ("virtuoso", "oxigraph"):
        yield from _feeding(kind, data, folder, whole, (graphs, quads))
        yield from _asking(kind, folder, queries)


def _push(data: Path, url: str, *more: object) -> list[str]:
    return python("-m", "loader.cli", "push", "--data", data, "--to", url, *more)


def _feeding(
    kind: str, data: Path, folder: Path, whole: Path, counts: tuple[int, int]
) -> Iterator[Figure]:
    graphs, quads = counts
    empty = stores.start(kind, folder / f"{kind}-empty")
    try:
        sent = run([*_push(data, empty.graphs, *empty.options), *_password(empty)])
    finally:
        empty.stop()
    yield Figure(f"{kind}: push, graphs a second", graphs / sent.seconds)
    yield Figure(f"{kind}: push, quads a second", quads / sent.seconds)
    start_empty = time.monotonic()
    stores.start(kind, folder / f"{kind}-nothing").stop()
    nothing = time.monotonic() - start_empty
    begun = time.monotonic()
    stores.start(kind, folder / f"{kind}-loaded", whole).stop()
    seconds = max(time.monotonic() - begun - nothing, 0.001)
    yield Figure(f"{kind}: bulk load, quads a second", quads / seconds)


def _password(store: stores.Store) -> list[str]:
    password = store.environ.get("LIBRIS_PUSH_PASSWORD")
    return ["--password", password] if password else []


def _asking(kind: str, folder: Path, queries: int) -> Iterator[Figure]:
    store = stores.start(kind, folder / f"{kind}-asked", folder / "whole.nq")
    (front := folder / f"{kind}-front").mkdir()
    server = start(front, "--remote", store.query)
    try:
        direct, through = _medians(kind, store.query, f"{server.address}/sparql", folder, queries)
    finally:
        stop(server)
        store.stop()
    yield Figure(f"{kind}: one row, asked directly, median", direct * 1000, "ms")
    yield Figure(f"{kind}: one row, through the server, median", through * 1000, "ms")


def _medians(
    kind: str, direct: str, through: str, folder: Path, queries: int
) -> tuple[float, float]:
    """Ask for one title after another, in turns at either address."""
    names = re.findall(rb"^(<\S+#it>) <https://id.kb.se/vocab/hasTitle>", _head(folder), re.M)
    asked = [_Asked(direct, _ACCEPT[kind]), _Asked(through, "text/tab-separated-values")]
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(queries):
        name = names[number % len(names)].decode()
        query = (
            "PREFIX kbv: <https://id.kb.se/vocab/>"
            f" SELECT ?t {{ GRAPH ?g {{ {name} kbv:hasTitle/kbv:mainTitle ?t }} }}"
        )
        for question, seconds in zip(asked, taken, strict=True):
            seconds.append(question.ask(query))
    return median(taken[0]), median(taken[1])


def _head(folder: Path) -> bytes:
    with (folder / "whole.nq").open("rb") as stream:
        return stream.read(1 << 24)


class _Asked:
    """An endpoint at the other end of one kept-alive connection."""

    def __init__(self, url: str, accept: str) -> None:
        parts = urlsplit(url)
        self._path = parts.path
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        self._headers = {"Accept": accept}

    def ask(self, query: str) -> float:
        """Return the seconds that an answer takes."""
        began = time.monotonic()
        self._connection.request(
            "GET", f"{self._path}?{urlencode({'query': query})}", headers=self._headers
        )
        response = self._connection.getresponse()
        body = response.read()
        if response.status != 200 or body.count(b"\n") < 2:
            sys.exit(f"{self._path}: HTTP {response.status}: {body[:500]!r}")
        return time.monotonic() - began


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--titles", type=int, default=1000)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--folder", type=Path, default=Path(__file__).with_name("out") / "remote")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here too")
    arguments = parser.parse_args()
    folder = arguments.folder.resolve()
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    records, data = folder / "records.jsonl", folder / "data"
    generate = Path(__file__).with_name("generate.py")
    subprocess.run(python(generate, arguments.titles, "--out", records), check=True)
    run(python("-m", "loader.cli", "load", "--data", data, records))
    show(list(measured(data, folder, arguments.queries)), arguments.json)


if __name__ == "__main__":
    main()
