"""Servers in which names are looked up: with the sample, and with persons."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from loader.files import files
from loader.release import release
from loader.store import pipeline
from loader.workspace import Workspace
from tests.records import record, write
from tests.saved.conftest import sample
from tests.server.conftest import Server, start, stop

__all__ = ["sample"]

GIVEN = (
    *("Anna", "Bengt", "Cecilia", "David", "Elin", "Fredrik", "Greta", "Hjalmar", "Ingrid"),
    *("Johan", "Karin", "Lars", "Märta", "Nils", "Olga", "Per", "Rut", "Sven", "Tyra", "Ulf"),
    *("Vera", "Wilhelm", "Ylva", "Åke", "Östen"),
)
FAMILIES = (
    *("Ahlgren", "Björk", "Cederström", "Dahl", "Ekström", "Forsell", "Grönwall", "Hård"),
    *("Isaksson", "Jönsson", "Källström", "Lindqvist", "Mörner", "Nyström", "Öberg", "Palm"),
    *("Rååf", "Sjögren", "Törnqvist", "Wärn"),
)
PERSONS = [(f"p{number}", *names) for number, names in enumerate(product(GIVEN, FAMILIES))]
"""Five hundred persons: record, given name, family name."""


def born(number: int) -> int:
    return 1850 + number % 90


def person(name: str, given: str, family: str, life: str) -> dict[str, Any]:
    thing = {"@type": "Person", "givenName": given, "familyName": family}
    return record(name, {**thing, **({"lifeSpan": life} if life else {})})


def publish(folder: Path, records: list[dict[str, Any]]) -> Workspace:
    workspace = Workspace(folder / "data")
    path = write(folder / "persons.jsonl", *records)
    pipeline.load(workspace, files.find_files([path]), None)
    with pipeline.opened(workspace, "release") as archive:
        release.publish(workspace, archive, 1)
    return workspace


@pytest.fixture(scope="session")
def persons(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A catalogue of five hundred persons, of whom one in ten has a namesake born later."""
    records = []
    for number, (name, given, family) in enumerate(PERSONS):
        year = born(number)
        records.append(person(name, given, family, f"{year}-{year + 60}"))
        if number % 10 == 0:
            records.append(person(f"n{number}", given, family, f"{year + 30}-"))
    workspace = publish(tmp_path_factory.mktemp("persons"), records)
    running = start(workspace.root, "--workers", "1")
    yield running
    assert stop(running) == 0
