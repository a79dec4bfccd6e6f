"""Feeding a remote store: both stores, kills and refusals on the way."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
import pytest

from loader.errors import PushError
from loader.files import files
from loader.push.graph_store_client import Access, RemoteStore
from loader.push.nquads_files import NQuadsFiles
from loader.push.transfer import find_differences, push
from loader.store import pipeline
from loader.store.contents.graph_contents import is_isomorphic
from loader.store.store import GraphStore
from loader.workspace import Workspace
from tests.commands import run_loader
from tests.conftest import SAMPLE
from tests.records import canonical, heading, record, stored, title, write
from tests.remote import stores
from tests.remote.stores import Store
from tests.server.conftest import start as serve
from tests.server.conftest import stop
from tests.server.http import ask, values
from tests.server.test_workers import wait_for

pytestmark = pytest.mark.long

GRAPH = "https://libris.kb.se/"


@pytest.fixture(scope="module", params=["virtuoso", "oxigraph"])
def empty(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """A store that a module's tests share; each pushes records of its own names."""
    running = stores.start(request.param, tmp_path_factory.mktemp(f"empty-{request.param}"))
    yield running
    running.stop()


def load(workspace: Workspace, *paths: Path) -> None:
    pipeline.load(workspace, files.find_files(paths), None)


def remote(store: Store) -> RemoteStore:
    password = store.environ.get("LIBRIS_PUSH_PASSWORD", "")
    access = Access("dba", password, digest=True) if password else Access()
    return RemoteStore(store.graphs, access)


def command(data: Path, url: str, *options: str) -> list[str]:
    script = [sys.executable, "-m", "loader.cli", "push", "--data", str(data), "--to", url]
    return [*script, *options]


def run(store: Store, data: Path, *options: str) -> subprocess.CompletedProcess[str]:
    with patch.dict(os.environ, store.environ):
        return run_loader(*command(data, store.graphs, *store.options, *options)[3:])


def test_whole_store_arrives_graph_by_graph(empty: Store, tmp_path: Path) -> None:
    load(workspace := Workspace(tmp_path), SAMPLE)
    done = run(empty, tmp_path, "--verify", empty.query)
    assert done.returncode == 0, done.stderr
    assert "holds what it was given" in done.stderr
    store, there = GraphStore(workspace.store, read_only=True), remote(empty)
    names = list(store.graph_names())
    quads = sum(len(store.graph(name)) for name in names)
    assert f"Push: {len(names)} graphs with {quads:,} quads sent" in done.stderr
    for name in names[::10]:
        lines = [line.rstrip(" .") for line in _ntriples(there.get(name))]
        assert is_isomorphic(store.graph(name), lines), name
    again = run(empty, tmp_path)
    assert "Push: 0 graphs with 0 quads sent, 0 deleted" in again.stderr


def _ntriples(text: str) -> list[str]:
    return [f"{quad.triple} ." for quad in ox.parse(text.encode(), ox.RdfFormat.N_TRIPLES)]


def test_only_what_changed_is_sent_and_what_is_gone_is_deleted(
    empty: Store, tmp_path: Path
) -> None:
    workspace, there = Workspace(tmp_path / "data"), remote(empty)
    about = {"subject": [heading("Archives")]}
    path = tmp_path / "r.jsonl"
    load(workspace, write(path, title("c1", "Ett"), title("c2", "Två"), record("c3", about)))
    assert (push(workspace, there).sent, push(workspace, there).sent) == (4, 0)
    changed = {"subject": [heading("Archives", note="new")]}
    plain = tmp_path / "p.nq"
    plain.write_text('<urn:a> <urn:b> "c" <urn:push:g> .\n<urn:a> <urn:b> "d" <urn:push:h> .\n')
    load(
        workspace, write(path, title("c1", "Ett"), title("c2", "II"), record("c3", changed)), plain
    )
    report = push(workspace, there)
    assert (report.sent, report.deleted) == (5, 0)
    assert '"new"' in there.get("http://id.loc.gov/authorities/label/Archives")
    assert '"II"' in there.get(f"{GRAPH}c2")
    plain.write_text('<urn:a> <urn:b> "c" <urn:push:g> .\n')
    load(workspace, plain, write(path, title("c1", "Ett"), title("c2", "II"), record("c3")))
    report = push(workspace, there)
    assert (report.sent, report.deleted) == (1, 2)
    assert (
        there.get("urn:push:h") == there.get("http://id.loc.gov/authorities/label/Archives") == ""
    )
    assert list(find_differences(workspace, there, empty.query)) == []


def test_graph_that_lost_triples_to_another_is_sent_again(empty: Store, tmp_path: Path) -> None:
    """A triple stands in one graph only, so a new graph can change what an old one holds."""
    workspace, there = Workspace(tmp_path / "data"), remote(empty)
    one, other = tmp_path / "one.nq", tmp_path / "other.nq"
    one.write_text('<urn:s> <urn:b> "x" <urn:lose:z> .\n<urn:s> <urn:b> "y" <urn:lose:z> .\n')
    load(workspace, one)
    push(workspace, there)
    other.write_text('<urn:s> <urn:b> "x" <urn:lose:a> .\n')
    load(workspace, other)
    assert push(workspace, there).sent == 2
    assert '"x"' not in there.get("urn:lose:z")
    other.write_text('<urn:s> <urn:b> "y" <urn:lose:a> .\n')
    load(workspace, other)
    assert push(workspace, there).sent == 2
    assert '"x"' in there.get("urn:lose:z")
    assert '"y"' not in there.get("urn:lose:z")


def test_killed_push_goes_on_where_it_stood(empty: Store, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "data")
    load(workspace, write(tmp_path / "r.jsonl", *(title(f"k{n}", str(n)) for n in range(600))))
    sent = 0
    for _ in range(2):
        process = subprocess.Popen(
            command(workspace.root, empty.graphs, *empty.options, "--connections", "2"),
            env=os.environ | empty.environ,
            stderr=subprocess.DEVNULL,
        )
        assert wait_for(lambda before=sent: noted(workspace) > before, 60)
        process.kill()
        process.wait()
        sent = noted(workspace)
    assert 0 < sent < 600
    report = push(workspace, remote(empty))
    assert (report.sent, report.finished) == (600 - sent, True)
    assert list(find_differences(workspace, remote(empty), empty.query)) == []


def noted(workspace: Workspace) -> int:
    from loader.archive.archive import connect

    connection = connect(workspace.archive, read_only=True)
    (count,) = connection.execute("SELECT count(*) FROM pushed").fetchone()
    connection.close()
    return int(count)


def test_interrupted_push_says_so_and_the_same_command_goes_on(
    empty: Store, tmp_path: Path
) -> None:
    workspace = Workspace(tmp_path / "data")
    load(workspace, write(tmp_path / "r.jsonl", *(title(f"i{n}", str(n)) for n in range(600))))
    process = subprocess.Popen(
        command(workspace.root, empty.graphs, *empty.options, "--connections", "1"),
        env=os.environ | empty.environ,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert wait_for(lambda: noted(workspace) > 0, 60)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "not at its end" in said
    assert run(empty, workspace.root, "--verify", empty.query).returncode == 0


def test_store_that_lost_its_data_gets_everything_again(empty: Store, tmp_path: Path) -> None:
    workspace, there = Workspace(tmp_path / "data"), remote(empty)
    load(workspace, write(tmp_path / "r.jsonl", title("l1", "Ett"), title("l2", "Två")))
    push(workspace, there)
    there.delete(f"{GRAPH}l1")
    failed = run(empty, workspace.root, "--verify", empty.query)
    assert failed.returncode == 1
    assert failed.stdout.startswith(f"<{GRAPH}l1> has 0 triples there, ")
    there.delete("urn:libris:release")
    report = push(workspace, there)
    assert report.sent == 2
    assert list(find_differences(workspace, there, empty.query)) == []


def test_server_in_front_takes_up_what_was_pushed(empty: Store, tmp_path: Path) -> None:
    workspace, there = Workspace(tmp_path / "data"), remote(empty)
    path = tmp_path / "r.jsonl"
    query = f"SELECT ?t {{ <{GRAPH}f1#it> :hasTitle/:mainTitle ?t }}"
    load(workspace, write(path, title("f1", "Ett")))
    first = push(workspace, there).release
    (tmp_path / "served").mkdir()
    server = serve(tmp_path / "served", "--remote", empty.query)
    try:
        reply = ask(server, query)
        assert (values(reply), reply.headers["libris-release"]) == ([["Ett"]], str(first))
        load(workspace, write(path, title("f1", "Två")))
        second = push(workspace, there).release
        assert second > first
        assert wait_for(lambda: ask(server, query).headers["libris-release"] == str(second))
        assert values(ask(server, query)) == [["Två"]]
    finally:
        stop(server)


class Refusing(ThreadingHTTPServer):
    """A Graph Store that refuses: ``status`` for so many requests, then takes everything."""

    daemon_threads = True

    def __init__(self, status: int, times: int, **headers: str) -> None:
        super().__init__(("127.0.0.1", 0), RefusingHandler)
        self.status, self.times, self.headers = status, times, headers
        self.graphs: dict[str, bytes] = {}
        self.authorization: set[str | None] = set()
        self.url = f"http://127.0.0.1:{self.server_port}/store"

    def __enter__(self) -> Refusing:
        self._thread = Thread(target=self.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join()


class RefusingHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Refusing

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.authorization.add(self.headers["Authorization"])
        if self.server.times > 0:
            self.server.times -= 1
            self._reply(self.server.status)
        else:
            (graph,) = parse_qs(urlsplit(self.path).query)["graph"]
            self.server.graphs[graph] = body
            self._reply(201)

    def do_GET(self) -> None:
        (graph,) = parse_qs(urlsplit(self.path).query)["graph"]
        found = self.server.graphs.get(graph)
        self._reply(404 if found is None else 200, found or b"")

    def _reply(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in self.server.headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


QUICK = Access(first_wait=0.01, longest_wait=0.02)


@pytest.fixture
def three(tmp_path: Path) -> Workspace:
    workspace = Workspace(tmp_path / "data")
    load(workspace, write(tmp_path / "r.jsonl", *(title(f"t{n}", str(n)) for n in range(3))))
    return workspace


@pytest.mark.parametrize("status", [429, 500, 503])
def test_refusal_for_now_is_tried_again(three: Workspace, status: int) -> None:
    with Refusing(status, 4) as standin:
        report = push(three, RemoteStore(standin.url, QUICK))
        assert (report.sent, report.retries) == (3, 4)
        assert set(standin.graphs) == {*(f"{GRAPH}t{n}" for n in range(3)), "urn:libris:release"}


def test_wait_that_is_asked_for_is_kept(three: Workspace) -> None:
    with Refusing(503, 1, Retry_After="1") as standin:
        began = time.monotonic()
        push(three, RemoteStore(standin.url, QUICK))
        assert time.monotonic() - began >= 1


def test_refusal_for_good_ends_the_push_with_what_has_arrived_noted(three: Workspace) -> None:
    with Refusing(500, 0) as standin:
        there = RemoteStore(standin.url, Access(attempts=2, first_wait=0.01))
        push(three, there)
        load(three, write(three.root / "r2.jsonl", title("t3", "3")))
        standin.times = 1000
        with pytest.raises(PushError, match="2 attempts in a row failed: HTTP 500"):
            push(three, there)
        assert noted(three) == 3


@pytest.mark.parametrize(
    ("status", "says"), [(401, "--user"), (404, "HTTP 404"), (400, "HTTP 400")]
)
def test_refusal_that_trying_again_would_not_help_ends_at_once(
    three: Workspace, status: int, says: str
) -> None:
    with Refusing(status, 1000) as standin, pytest.raises(PushError, match=says):
        push(three, RemoteStore(standin.url, Access(attempts=8, first_wait=60)))


def test_token_is_sent_and_a_password_in_the_environment_is(three: Workspace) -> None:
    with Refusing(503, 0) as standin:
        done = subprocess.run(
            command(three.root, standin.url),
            env=os.environ | {"LIBRIS_PUSH_TOKEN": "abc"},
            capture_output=True,
        )
        assert done.returncode == 0
        assert standin.authorization == {"Bearer abc"}


def test_store_that_is_not_there_is_one_sentence(three: Workspace) -> None:
    with pytest.raises(PushError, match="attempts in a row failed: ConnectionError"):
        push(
            three,
            RemoteStore(
                f"http://127.0.0.1:{stores.free_port()}/", Access(attempts=2, first_wait=0)
            ),
        )
    with pytest.raises(PushError, match="http or https"):
        RemoteStore("file:///etc/passwd", Access())


def test_bulk_files_hold_the_store_and_push_goes_on_from_there(tmp_path: Path) -> None:
    load(workspace := Workspace(tmp_path / "data"), SAMPLE)
    port, folder = stores.free_port(), tmp_path / "files"
    write_bulk = command(workspace.root, f"http://127.0.0.1:{port}/store", "--bulk", str(folder))
    done = subprocess.run(write_bulk, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "ld_dir(" in done.stdout
    assert "oxigraph load" in done.stdout
    assert "qlever-index" in done.stdout
    manifest = json.loads((folder / "manifest.json").read_text())
    packed = [(folder / part["file"]).read_bytes() for part in manifest["parts"]]
    text = b"".join(map(gzip.decompress, packed))
    quads = ox.parse(text, ox.RdfFormat.N_QUADS)
    ours = [quad for quad in quads if quad.graph_name != ox.NamedNode("urn:libris:release")]
    assert len(ours) == manifest["quads"]
    assert canonical(ours) == stored(workspace.store)
    again = subprocess.run(write_bulk, capture_output=True, text=True)
    assert (again.returncode, "is not empty" in again.stderr) == (1, True)
    (whole := tmp_path / "whole.nq").write_bytes(text)
    running = stores.start("oxigraph", tmp_path / "ox", whole, port=str(port))
    try:
        report = push(workspace, remote(running))
        assert (report.sent, report.release) == (0, 1)
        assert list(find_differences(workspace, remote(running), running.query)) == []
    finally:
        running.stop()


def test_parts_end_where_a_graph_does(tmp_path: Path) -> None:
    with NQuadsFiles(tmp_path / "parts", size=3) as parts:
        for name in ("urn:1", "urn:2", "urn:3"):
            parts.write(name, ["_:a <urn:p> _:b", "_:b <urn:p> _:a"])
        parts.finish({})
    assert [(part.quads, part.graphs) for part in parts.parts] == [(4, 2), (2, 1)]
    text = gzip.decompress((tmp_path / "parts" / "0002.nq.gz").read_bytes()).decode()
    assert text == "_:a <urn:p> _:b <urn:3> .\n_:b <urn:p> _:a <urn:3> .\n"
