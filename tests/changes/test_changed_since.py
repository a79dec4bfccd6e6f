"""The saved query changed-since: it takes a time, and shows what was deleted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest

from loader.workspace import Workspace
from sparql_server.catalogue.binding import bind
from sparql_server.catalogue.query_files import load
from tests.changes.test_following import delete, put
from tests.records import record
from tests.server.conftest import Server, start, stop
from tests.server.http import request

QUERIES = Path(__file__).parents[2] / "queries"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    workspace = Workspace(tmp_path_factory.mktemp("since") / "data")
    old = {"created": "2020-01-01T10:00:00+01:00", "modified": "2020-01-01T10:00:00+01:00"}
    new = {**old, "modified": "2025-05-01T12:30:00+02:00"}
    put(workspace, record("a", **new), record("gone", **old), record("b", **old), history=True)
    delete(workspace, "gone")
    put(workspace, record("c", **old), history=True)
    running = start(workspace.root, "--workers", "1")
    yield running
    assert stop(running) == 0


def names(server: Server, parameters: str) -> list[tuple[str, ...]]:
    reply = request(server, "GET", f"/queries/changed-since.csv?{parameters}")
    assert reply.status == 200, reply.text
    rows = [line.split(",") for line in reply.text.splitlines()[1:]]
    return [(row[0].rpartition("/")[2], row[2]) for row in rows]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ("since=2025-05-01", [("gone", "deleted"), ("a", "changed")]),
        ("since=2025-05-01T12:30", [("gone", "deleted"), ("a", "changed")]),
        ("since=2025-05-01T12:31", [("gone", "deleted")]),
        ("since=2025-05-01&kind=kbv:PhysicalResource", [("gone", "deleted"), ("a", "changed")]),
        ("since=2025-05-01&kind=kbv:Person", []),
        ("since=2025-05-01&library=lib:S", []),
        ("since=9999-01-01", []),
        ("since=0001-01-01&kind=kbv:Item", []),
        ("since=2024-02-29T23:59:59", [("gone", "deleted"), ("a", "changed")]),
    ],
)
def test_changes_since_a_time_have_deletions(
    served: Server, parameters: str, expected: list[tuple[str, ...]]
) -> None:
    assert names(served, parameters) == expected


@pytest.mark.parametrize(
    "since",
    [
        *("2025-05", "2025-05-01T25:00", "2025-05-01T12", "yesterday", "2025-02-29", "0000-01-01"),
        *("10000-01-01", "2025-05-01T10:30Z", "2025-05-01T10:30:00%2B02:00", "2025-05-01T10:30:61"),
    ],
)
def test_what_is_no_time_is_a_400(served: Server, since: str) -> None:
    reply = request(served, "GET", f"/queries/changed-since.csv?since={since}")
    assert (reply.status, reply.json()["parameter"]) == (400, "since")


@pytest.mark.parametrize(
    ("since", "shows"),
    [
        ("2026-07-01", True),  # when the record was deleted, it was July in Sweden
        ("2026-07-01T00:30", True),
        ("2026-07-01T00:30:00", True),
        ("2026-07-01T00:31", False),
        ("2026-07-02", False),
    ],
)
def test_deletion_of_the_night_belongs_to_the_day_in_sweden(since: str, shows: bool) -> None:
    store = ox.Store()
    store.load(
        b"""PREFIX as: <https://www.w3.org/ns/activitystreams#>
        PREFIX c: <urn:libris:changes:vocabulary#>
        <urn:change> a as:Delete ; as:object <urn:r> ; c:thing <urn:r#it> ;
          as:published "2026-06-30T22:30:00.000Z"^^<http://www.w3.org/2001/XMLSchema#dateTime> .""",
        ox.RdfFormat.TURTLE,
    )
    query = load(QUERIES).queries["changed-since"]
    text = bind(query, {"since": [since], "kind": [""], "library": [""]}).text
    found = store.query(text)
    assert isinstance(found, ox.QuerySolutions)
    assert len(list(found)) == shows
