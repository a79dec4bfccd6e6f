"""A copy that begins with a dump and follows the changes is equal after three releases."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from loader.errors import ProviderRefuses
from loader.files import files
from loader.harvest import update
from loader.harvest.emm import Emm
from loader.provider.http import Manners
from loader.release import release
from loader.store import pipeline
from loader.store.pipeline import Report
from loader.workspace import Workspace
from sparql_server.changes.feed import open_feed
from tests.records import canonical, heading, record, stored, title, write
from tests.server.conftest import Server, start, stop
from tests.server.processes import wait_for

pytestmark = pytest.mark.long

LIBRIS = "https://libris.kb.se/"
CLIENTS = Path(__file__).parents[1] / "clients"
AS = "https://www.w3.org/ns/activitystreams#"


@dataclass(frozen=True)
class Fetched:
    status: int
    headers: Any
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


Get = Callable[..., Fetched]


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Four releases; a dump of the first."""
    folder = tmp_path_factory.mktemp("origin")
    workspace = Workspace(folder / "data")
    put(workspace, title("a", "Ett"), title("b", "Två"), title("gone", "Tre"), subject("s", "Cats"))
    dump(workspace, folder / "dump.nq")
    put(workspace, title("a", "Ettan"), title("c", "Fyra"), subject("t", "Cats", note="more"))
    delete(workspace, "gone")
    put(workspace, title("a", "Etta"), title("gone", "Tre igen"))
    delete(workspace, "c")
    put(workspace, *(title(f"n{number}", f"Nr {number}") for number in range(120)))
    return workspace


def subject(name: str, label: str, **more: Any) -> dict[str, Any]:
    return record(name, {"subject": [heading(label, **more)]})


def put(workspace: Workspace, *records: dict[str, Any], history: bool = False) -> None:
    path = write(workspace.root.parent / "in.jsonl", *records)
    pipeline.load(workspace, files.find_files([path]), None)
    with pipeline.opened(workspace, "release") as archive:
        release.publish(workspace, archive, 2, history=history)


def delete(workspace: Workspace, name: str) -> None:
    with pipeline.opened(workspace, "delete") as archive:
        with archive.transaction():
            source = archive.source("x", "x", "2026-01-01T00:00:00Z")
            archive.delete([(f"{LIBRIS}{name}", "jsonld", None)], source, "2026-01-01T00:00:00Z")
        pipeline.bring_in_step(workspace, archive, Report())


def dump(workspace: Workspace, path: Path) -> None:
    store = ox.Store.read_only(str(workspace.current / "store"))
    store.dump(str(path), ox.RdfFormat.N_QUADS)


@pytest.fixture(scope="module")
def served(origin: Workspace) -> Iterator[Server]:
    running = start(origin.root, "--workers", "1", "--poll", "60")
    yield running
    assert stop(running) == 0


@pytest.fixture
def get(served: Server) -> Get:
    def fetch(path: str, accept: str = "*/*") -> Fetched:
        address = path if path.startswith("http") else served.address + path
        request = urllib.request.Request(address, headers={"Accept": accept})
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return Fetched(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Fetched(error.code, error.headers, error.read())

    return fetch


def follow(workspace: Workspace, served: Server, **how: Any) -> Any:
    url = f"{served.address}/changes/"
    work = lambda emm: emm.changes(**how)  # noqa: E731
    return update.follow(workspace, url, Manners(pause=0.0), work)[0].total()


def requests(copy: Workspace) -> int:
    with pipeline.opened(copy, "count") as archive:
        rows = archive.connection.execute("SELECT value FROM state WHERE name LIKE 'requests %'")
        return sum(int(value) for (value,) in rows)


def test_our_own_follower_makes_an_equal_copy(
    origin: Workspace, served: Server, tmp_path: Path
) -> None:
    copy = Workspace(tmp_path / "copy")
    pipeline.load(copy, files.find_files([origin.root.parent / "dump.nq"]), None)
    assert stored(copy.store) != stored(origin.store)
    counts = follow(copy, served, since="2020-01-01", everything=True)
    assert stored(copy.store) == stored(origin.store)
    assert counts.finished
    assert counts.deleted == 0  # what was never there isn't counted
    assert requests(copy) < 15  # a hundred graphs to a page
    again = follow(copy, served)
    assert (again.new, again.changed, again.deleted) == (0, 0, 0)


def test_copy_of_records_becomes_one_of_graphs(
    origin: Workspace, served: Server, tmp_path: Path
) -> None:
    copy = Workspace(tmp_path / "copy")
    old = write(tmp_path / "old.jsonl", title("a", "Ett"), title("c", "Fyra"))
    pipeline.load(copy, files.find_files([old]), None)
    counts = follow(copy, served, since="2020-01-01")
    assert (counts.new, counts.changed, counts.deleted) == (0, 1, 1)
    alone = ox.Store.read_only(str(copy.store))
    assert [name.value for name in alone.named_graphs()] == [f"{LIBRIS}a"]


def test_page_that_is_not_kept_is_no_deletion(
    served: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Workspace(tmp_path / "copy")
    pipeline.load(copy, files.find_files([write(tmp_path / "a.jsonl", title("a", "Ett"))]), None)
    announced = [(f"{LIBRIS}a", "Update", "2026-01-01T00:00:00Z", "/changes/stream/1/1#1")]
    monkeypatch.setattr(Emm, "_list_announced", lambda emm, begin: (announced, begin))
    with pytest.raises(ProviderRefuses, match="isn't kept any more"):
        follow(copy, served, since="2020-01-01")
    with pipeline.opened(copy, "look") as archive:
        assert archive.reader.has(f"{LIBRIS}a")


def test_pages_lead_from_the_latest_change_to_the_first(get: Get, origin: Workspace) -> None:
    entry = get("/changes/").json()
    total = open_feed(origin.current.resolve()).total
    assert (entry["type"], entry["totalItems"]) == ("OrderedCollection", total)
    items, page, sizes = [], get(entry["first"]["id"]).json(), []
    while page["orderedItems"]:
        items += page["orderedItems"]
        sizes.append(len(page["orderedItems"]))
        page = get(page["next"]).json()
    assert len(items) == total
    assert sizes[0] >= 100
    times = [item["published"] for item in items]
    assert times == sorted(times, reverse=True)
    assert len({(item["published"], item["object"]["id"]) for item in items}) == total


def test_activity_says_what_libris_says(get: Get) -> None:
    page = get("/changes/?until=99999999999999").json()
    assert page["orderedItems"][-1].keys() == {"type", "published", "object"}
    thing = next(
        item["object"] for item in page["orderedItems"] if item["object"]["id"] == f"{LIBRIS}n7#it"
    )
    assert (thing["type"], thing["kbv:meta"]) == ("kbv:PhysicalResource", {"@id": f"{LIBRIS}n7"})
    page, _, name = thing["url"]["href"].partition("#")
    quads = get(page, thing["url"]["mediaType"]).body.decode().splitlines()
    assert any(line.endswith(f"<{page}#{name}> .") and "Nr 7" in line for line in quads)


def test_feed_is_to_be_asked_for_again_and_pages_of_the_stream_never(get: Get) -> None:
    assert get("/changes/").headers["Cache-Control"] == "public, max-age=60"
    assert get("/changes/stream").headers["Cache-Control"] == "public, max-age=60"
    for page in ("/changes/stream/4/1", "/changes/3"):
        assert get(page).headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_release_says_which_statements_went_and_came(get: Get) -> None:
    said = get("/changes/3").json()
    assert (said["release"], said["since"]) == (3, 2)
    assert said["counts"] == {"Update": 2}
    changed = next(item for item in said["items"] if item["graph"] == f"{LIBRIS}a")
    assert [line.split(" ", 2)[2] for line in changed["went"]] == ['"Ettan"']
    assert [line.split(" ", 2)[2] for line in changed["came"]] == ['"Etta"']
    fourth = get("/changes/4").json()
    assert fourth["next"].endswith("/changes/4?page=2")
    assert len(get(fourth["next"]).json()["items"]) == 21


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/changes/9", 404),
        ("/changes/1", 410),
        ("/changes/3?page=2", 404),
        ("/changes/3?page=x", 400),
        ("/changes/stream/4/3", 404),
        ("/changes/stream/4/0", 404),
        ("/changes/?until=soon", 400),
        ("/changes/?since=1", 400),
        ("/changes/stream?format=csv", 406),
    ],
)
def test_what_is_not_there_is_said(get: Get, path: str, status: int) -> None:
    assert get(path).status == status


def test_page_of_a_thing_leads_to_its_history_if_there_is_any(get: Get) -> None:
    assert 'href="/a?history"' in get("/a", "text/html").body.decode()
    assert "?history" not in get("/b", "text/html").body.decode()


def test_history_of_a_record_is_told(get: Get) -> None:
    said = get("/a?history").json()
    assert [change["kind"] for change in said["changes"]] == ["Update", "Update"]
    assert said["iri"] == f"{LIBRIS}a"
    (came,) = said["changes"][0]["came"]
    assert came.endswith('"Etta"')
    assert [change["kind"] for change in get("/c?history").json()["changes"]] == [
        "Delete",
        "Create",
    ]
    assert get("/resource?iri=https://libris.kb.se/a%23it&history=").json() == said
    label = get("/resource?iri=http://id.loc.gov/authorities/label/Cats&history").json()
    assert len(label["changes"]) == 1
    assert get("/b?history").status == 404
    assert get("/a?history&offset=1").status == 400
    page = get("/a?history", "text/html")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "Etta" in page.body.decode()


@pytest.mark.parametrize("accept", ["application/trig", "application/n-quads"])
def test_stream_replayed_gives_an_equal_copy(get: Get, origin: Workspace, accept: str) -> None:
    kind = ox.RdfFormat.from_media_type(accept)
    assert kind is not None
    tree = "https://w3id.org/tree#"

    def read(address: str) -> list[ox.Quad]:
        return list(ox.parse(get(address, accept).body, kind, rename_blank_nodes=True))

    def nodes(quads: list[ox.Quad]) -> list[str]:
        found = [quad.object.value for quad in quads if quad.predicate.value == f"{tree}node"]
        return list(dict.fromkeys(found))

    waiting = nodes(read("/changes/stream"))
    assert len(waiting) == 3
    quads: list[ox.Quad] = []
    while waiting:
        page = read(waiting.pop(0))
        waiting = [*nodes(page), *waiting]
        quads += page
    replay(origin, quads)


def replay(origin: Workspace, quads: list[ox.Quad]) -> None:
    """Apply the members of a stream to the dump, in the order of their times; compare."""
    copy = ox.Store()
    copy.bulk_load(path=str(origin.root.parent / "dump.nq"), format=ox.RdfFormat.N_QUADS)
    said = {
        name: {quad.subject: quad.object for quad in quads if quad.predicate.value == f"{AS}{name}"}
        for name in ("published", "object")
    }
    contents: dict[Any, list[ox.Quad]] = {}
    for quad in quads:
        contents.setdefault(quad.graph_name, []).append(quad)
    for member in sorted(said["published"], key=lambda name: said["published"][name].value):
        graph = said["object"][member]
        copy.remove_graph(graph)
        for quad in contents.get(member, []):
            copy.add(ox.Quad(*quad.triple, graph))
    assert canonical(copy) == stored(origin.store)


@pytest.mark.skipif(
    shutil.which("node") is None or not (CLIENTS / "node_modules" / "ldes-client").exists(),
    reason="needs node and the packages that `make test` has npm install",
)
def test_ldes_client_makes_an_equal_copy(origin: Workspace, served: Server) -> None:
    command = ["node", "ldes-client.mjs", f"{served.address}/changes/stream"]
    done = subprocess.run(command, cwd=CLIENTS, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    replay(origin, list(ox.parse(done.stdout.encode(), ox.RdfFormat.N_QUADS)))


def test_changes_of_a_new_release_come_with_it(
    origin: Workspace, served: Server, get: Get, tmp_path: Path
) -> None:
    before = get("/changes/").json()["totalItems"]
    put(origin, title("later", "Sist"))
    deadline = time.monotonic() + 60
    while get("/changes/").json()["totalItems"] == before and time.monotonic() < deadline:
        time.sleep(0.1)
    latest = get("/changes/?until=99999999999999").json()["orderedItems"][0]
    assert (latest["type"], latest["object"]["id"]) == ("Create", f"{LIBRIS}later#it")


def test_release_without_changes_has_one_page_that_is_empty(
    origin: Workspace, served: Server, get: Get
) -> None:
    put(origin, title("b", "Två"))
    number = int(origin.current.resolve().name)
    assert wait_for(lambda: get(f"/changes/{number}").status == 200)
    assert get(f"/changes/{number}").json()["items"] == []
    page = get(f"/changes/stream/{number}/1")
    assert (page.status, b"member" in page.body) == (200, False)
    assert get(f"/changes/stream/{number}/2").status == 404


def test_changes_are_pages_for_people(get: Get) -> None:
    page = get("/changes/", "text/html")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "Accept" in page.headers["Vary"]
    body = page.body.decode()
    for number in (2, 3, 4):
        assert f'href="/changes/{number}?format=html"' in body
    assert "<h1>Vad som har ändrats</h1>" in get("/changes/?lang=sv", "text/html").body.decode()
    assert get("/changes/?format=json", "text/html").json()["type"] == "OrderedCollection"
    assert get("/changes/").headers["Vary"].startswith("Accept")


def test_page_of_a_release_leads_to_things_and_tells_what_is_gone(get: Get) -> None:
    body = get("/changes/2?format=html").body.decode()
    assert '<a href="/a#it">Ettan</a>' in body
    first = get("/changes/4?format=html").body.decode()
    assert 'rel="next"' in first
    assert 'rel="prev"' not in first
    second = get("/changes/4?page=2&format=html&lang=sv").body.decode()
    assert "Sida 2 av 2" in second
    assert second.count("<tr><td>") == 21
    assert ">Fyra <" in first + second  # what was deleted is told by the name that it had
    assert 'href="/c?history"' in first + second
    assert '<a href="/c#it">' not in first + second
    assert get("/changes/4?page=3", "text/html").status == 404
    assert get("/changes/4?format=csv").status == 400


def test_latest_changes_go_on_where_the_page_ends(get: Get, origin: Workspace) -> None:
    total = open_feed(origin.current.resolve()).total
    counts, address = [], "/changes/?format=html&until=99999999999999"
    while True:
        body = get(address).body.decode()
        counts.append(len(re.findall("[?;]history", body)))
        older = re.search(r'href="([^"]*)" rel="next"', body)
        if older is None:
            break
        address = older[1].replace("&amp;", "&")
    assert sum(counts) == total
    assert counts[0] >= 100
