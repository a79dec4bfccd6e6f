"""OpenRefine reconciles five hundred names with the catalogue, and extends them with its values."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.reconciling import openrefine
from tests.reconciling.conftest import PERSONS, born
from tests.reconciling.openrefine import ALL_ROWS, OpenRefine
from tests.server.conftest import Server

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(openrefine.PROGRAM is None, reason="needs OpenRefine"),
]

LIBRIS = "https://libris.kb.se/"
PERSON = {"id": "https://id.kb.se/vocab/Person", "name": "Person"}


@pytest.fixture(scope="module")
def refine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenRefine]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    running = openrefine.start(tmp_path_factory.mktemp("openrefine"), port)
    yield running
    os.killpg(running.process.pid, signal.SIGTERM)
    running.process.wait(timeout=60)


@pytest.fixture(scope="module")
def project(refine: OpenRefine) -> str:
    rows = [
        f"{given} {family}\t{born(number)}" for number, (_, given, family) in enumerate(PERSONS)
    ]
    return refine.create_project("\n".join(["name\tborn", *rows]))


def reconcile(refine: OpenRefine, project: str, server: Server, columns: list[Any]) -> list[Any]:
    """Reconcile the names; return the reconciliation of each row."""
    how = {
        "mode": "standard-service",
        "type": PERSON,
        "autoMatch": True,
        "columnDetails": columns,
        "limit": 0,
        **service(server),
    }
    refine.tell("reconcile", project, columnName="name", config=how, engine=ALL_ROWS)
    return refine.reconciliations(project)


def service(server: Server) -> dict[str, str]:
    return {
        "service": f"{server.address}/reconcile",
        "identifierSpace": LIBRIS,
        "schemaSpace": "https://id.kb.se/vocab/",
    }


def test_five_hundred_names_are_reconciled_and_extended(
    refine: OpenRefine, project: str, persons: Server
) -> None:
    address = service(persons)["service"]
    guessed = refine.tell("guess-types-of-column", project, columnName="name", service=address)
    assert {name: guessed["types"][0][name] for name in PERSON} == PERSON

    right = [f"{LIBRIS}{name}#it" for name, *_ in PERSONS]
    alone = reconcile(refine, project, persons, [])
    assert all(
        iri in [candidate["id"] for candidate in said["c"]]
        for iri, said in zip(right, alone, strict=True)
    )
    assert {said["j"] for said in alone} == {"none"}  # a name alone is no proof

    hint = {"column": "born", "property": {"id": "years", "name": "Years"}}
    sure = reconcile(refine, project, persons, [hint])
    assert [said["m"]["id"] for said in sure] == right
    assert {said["j"] for said in sure} == {"matched"}

    wanted = [
        {"id": "years", "name": "Years"},
        {"id": "https://id.kb.se/vocab/familyName", "name": "Family"},
    ]
    refine.tell(
        "extend-data",
        project,
        baseColumnName="name",
        columnInsertIndex=1,
        extension={"properties": wanted},
        engine=ALL_ROWS,
        endpoint=address,
        **service(persons),
    )
    for (_, _, family), number, cells in zip(
        PERSONS, range(len(PERSONS)), refine.rows(project), strict=True
    ):
        years, name = (cell["v"] if cell else None for cell in cells[2:4])
        assert (years, name) == (f"{born(number)}-{born(number) + 60}", family)
