"""Things that are elsewhere now, or gone: legacy addresses lead on, deleted records say when."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from loader.files import files
from loader.release import release
from loader.store import pipeline
from loader.workspace import Workspace
from sparql_server.records.deleted import NAME, Deletion, find_deletion, write_deleted
from sparql_server.records.legacy import compute_libris_id
from tests.records import record, title, write
from tests.server.conftest import Server, start, stop
from tests.server.http import request

LIBRIS = "https://libris.kb.se/"
MIGRATED = compute_libris_id("bib", 8369159)
GONE = compute_libris_id("auth", 77)
SINCE = "2025-03-04T05:06:07Z"


def same(*addresses: str) -> dict[str, object]:
    return {"sameAs": [{"@id": address} for address in addresses]}


RECORDS = (
    record("newer", same("http://libris.kb.se/resource/bib/1234"), **same("http://libris.kb.se/bib/1234")),
    title(MIGRATED, "Its address is computed"),
    record("numbered", {"instanceOf": {"@type": "Monograph"}}, controlNumber="4711"),
    record("held", {"@type": "Item", "itemOf": {"@id": f"{LIBRIS}newer#it"}}, controlNumber="4711"),
    title("doomed", "Deleted"),
    title("linking", "Links to what is deleted") | {},
    title(GONE, "Migrated, then deleted"),
    title("back", "Deleted and back again"),
    {
        "@graph": [
            {"@id": f"{LIBRIS}termrecord", "@type": "Record",
             "mainEntity": {"@id": "https://id.kb.se/term/sao/Gone"}},
            {"@id": "https://id.kb.se/term/sao/Gone", "@type": "Topic", "prefLabel": "Gone"},
        ]
    },
    record("pointing", {"subject": [{"@id": "https://id.kb.se/term/sao/Gone"}]}),
)  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    workspace = Workspace(tmp_path_factory.mktemp("moved"))
    path = write(tmp_path_factory.mktemp("files") / "r.jsonl", *RECORDS)
    pipeline.load(workspace, files.find_files([path]), None)
    with pipeline.opened(workspace, "test") as archive:
        gone = [(f"{LIBRIS}{name}", "jsonld", SINCE) for name in ("doomed", GONE, "back")]
        gone.append((f"{LIBRIS}termrecord", "jsonld", None))
        gone.append((f"{LIBRIS}never-seen", "jsonld", SINCE))
        with archive.transaction():
            archive.delete(gone, 1, "2025-06-01T00:00:00Z")
        pipeline.bring_in_step(workspace, archive, pipeline.Report())
    again = title("back", "Deleted and back again, changed")
    pipeline.load(workspace, files.find_files([write(path.parent / "s.jsonl", again)]), None)
    with pipeline.opened(workspace, "release") as archive:
        release.publish(workspace, archive, 1)
    running = start(workspace.root, "--workers", "1")
    yield running
    assert stop(running) == 0


@pytest.mark.parametrize(
    ("path", "status", "location"),
    [
        ("/bib/1234", 301, "/newer"),
        ("/bib/0001234?vw=full", 301, "/newer"),
        ("/bib/1234?format=nt", 301, "/newer?format=nt"),
        ("/bib/1234.ttl", 301, "/newer?format=ttl"),
        ("/resource/bib/1234", 303, "/newer#it"),
        ("/resource?iri=http://libris.kb.se/bib/1234", 303, "/newer"),
        ("/resource?iri=http://libris.kb.se/resource/bib/1234", 303, "/newer#it"),
        ("/bib/8369159", 301, f"/{MIGRATED}"),
        ("/resource/bib/8369159", 303, f"/{MIGRATED}#it"),
        ("/bib/4711", 301, "/numbered"),
        ("/hold/4711", 301, "/held"),
    ],
)
def test_legacy_address_leads_to_its_thing(
    server: Server, path: str, status: int, location: str
) -> None:
    for method in ("GET", "HEAD"):
        reply = request(server, method, path)
        assert (reply.status, reply.headers.get("location")) == (status, location)
    followed = request(server, "GET", location.partition("#")[0], Accept="text/turtle")
    assert followed.status == 200


@pytest.mark.parametrize("path", ["/bib/99", "/auth/4711", "/bib/x", "/bib/", "/hold/1234"])
def test_legacy_address_of_nothing_is_not_found(server: Server, path: str) -> None:
    assert request(server, "GET", path).status == 404


@pytest.mark.parametrize(
    ("path", "since", "name"),
    [
        ("/doomed", SINCE, "doomed"),
        ("/doomed.ttl", SINCE, "doomed"),
        (f"/resource?iri=https%3A%2F%2Flibris.kb.se%2F{GONE}%23it&x", SINCE, GONE),
        ("/never-seen", SINCE, "never-seen"),
        ("/id.kb.se/term/sao/Gone", "2025-06-01T00:00:00Z", "termrecord"),
        (f"/{GONE}", SINCE, GONE),
        ("/auth/77", SINCE, GONE),
        ("/resource/auth/77", SINCE, GONE),
    ],
)
def test_what_was_deleted_is_gone_and_says_since_when(
    server: Server, path: str, since: str, name: str
) -> None:
    path = path.removesuffix("&x")
    reply = request(server, "GET", path)
    if reply.status == 303:
        reply = request(server, "GET", reply.headers["location"].partition("#")[0])
    assert reply.status == 410, reply.text
    assert (reply.json()["deleted"], reply.json()["record"]) == (since, f"{LIBRIS}{name}")
    page = request(server, "GET", f"/{name}", Accept="text/html")
    assert page.status == 410
    assert since in page.text


def test_what_came_back_is_there(server: Server) -> None:
    assert request(server, "GET", "/back.ttl").status == 200


def test_deletions_are_found_among_any_number(tmp_path: Path) -> None:
    for count in (0, 1, 2, 3, 100):
        folder = tmp_path / str(count)
        folder.mkdir()
        every = [Deletion(f"urn:{'å' * (n % 5)}{n:04}", SINCE, "urn:r") for n in range(count)]
        every.sort(key=lambda each: each.iri.encode())
        assert write_deleted(folder / NAME, every) == count
        assert [find_deletion(folder, each.iri) for each in every] == every
        assert find_deletion(folder, "urn:none") is None
    assert find_deletion(tmp_path / "nowhere", "urn:none") is None
