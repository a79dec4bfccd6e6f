"""A release to ask, and a server that serves it over HTTP."""

from __future__ import annotations

import json
import os
import re
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pyoxigraph as ox
import pytest

from sparql_server.engine.columns.storage.building import Builder
from tests.commands import Command

# One record's graph and another's, a literal with a language, and three thousand numbers to make
# long work of.
DATASET = """
@prefix : <http://example.org/> .
:g1 { :s :p "ett"@sv , "one"@en . }
:g2 { :s :q :o . :t :p 1 . }
"""
NUMBERS = 3000


def publish(data: Path, number: int, extra: str = "", *, columns: bool = False) -> None:
    """Write a release as the loader does, and point to it. columns: whether it has any."""
    folder = data / "releases" / f"{number:04}"
    folder.mkdir(parents=True)
    store = ox.Store(str(folder / "store"))
    store.load(DATASET.encode(), ox.RdfFormat.TRIG)
    lines = [f"<urn:n{n}> <urn:is> {n} <urn:numbers> ." for n in range(NUMBERS)]
    text = "\n".join(re.sub(r" (\d+) <", r' "\1" <', line) for line in lines)
    store.load(text.encode(), ox.RdfFormat.N_QUADS)
    store.load(
        f'<urn:release> <urn:is> "{number}" <urn:about> . {extra}'.encode(), ox.RdfFormat.N_QUADS
    )
    store.flush()
    if columns:
        add_columns(folder)
    manifest = {
        "release": number,
        "published": "2026-11-23T20:00:00Z",
        "records": 2,
        "graphs": 4,
        "quads": len(store),
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    point_to(data, number)


def add_columns(release: Path) -> None:
    """Give a release columns of what its store holds."""
    builder = Builder(release / "scratch")
    text = BytesIO()
    ox.Store.read_only(str(release / "store")).dump(text, ox.RdfFormat.N_QUADS)
    builder.write(text.getvalue())
    builder.finish(release / "columns")


def point_to(data: Path, number: int) -> None:
    link = data / "next"
    link.symlink_to(Path("releases") / f"{number:04}")
    link.rename(data / "current")


@dataclass
class Server:
    """A running server. log: what it wrote to stderr so far."""

    process: Command
    address: str
    data: Path
    log_path: Path

    @property
    def port(self) -> int:
        return int(self.address.rsplit(":", 1)[1])

    @property
    def log(self) -> str:
        return self.log_path.read_text()


def start(data: Path, *options: str) -> Server:
    log = data / "log"
    log.write_text("")
    arguments = ["serve", "--data", str(data), "--port", "0", *options]
    process = Command("sparql_server.cli", arguments, (Path(os.devnull), log, log))
    for _ in range(1200):
        match = re.search(r"on (http://127\.0\.0\.1:\d+)/", log.read_text())
        if match:
            return Server(process, match[1], data, log)
        if process.poll() is not None:
            break
        time.sleep(0.1)
    process.kill()
    raise AssertionError(f"the server did not start: {log.read_text()}")


def stop(server: Server) -> int:
    server.process.terminate()
    return server.process.wait(timeout=60)


def engine(server: Server) -> str:
    """The engine that answers now, as the server has it."""
    with urllib.request.urlopen(f"{server.address}/health") as health:
        return str(json.load(health)["engine"])


@pytest.fixture(scope="module", params=["disk", "columns"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("served")
    publish(data, 1, columns=request.param == "columns")
    running = start(data, "--workers", "2")
    yield running
    assert stop(running) == 0


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A directory with a release that Oxigraph answers: nothing is looked up without a worker."""
    publish(tmp_path, 1)
    return tmp_path
