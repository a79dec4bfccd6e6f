"""A small catalogue and the other side of it: who is who, by which identifiers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from loader.files import files
from loader.link import operations
from loader.link.runs import STAGES
from loader.link.runs.runs import Outcome
from loader.store import pipeline
from loader.workspace import Workspace
from tests.records import record, write


def person(name: str, full_name: str, span: str = "", **more: Any) -> dict[str, Any]:
    """A record of a person, ``Given Family``."""
    given, _, family = full_name.rpartition(" ")
    thing = {"@type": "Person", "familyName": family, "givenName": given, **more}
    return record(name, thing | ({"lifeSpan": span} if span else {}))


def item(number: int, name: str, span: str = "", **claims: Any) -> dict[str, Any]:
    """An item of Wikidata. claims: ``P214="…"``, of a human unless P31 says otherwise."""
    born, _, died = span.partition("-")
    statements = {by: _statements(value) for by, value in claims.items() if by[0] == "P"}
    statements.setdefault("P31", _statements({"id": "Q5"}))
    for by, year in (("P569", born), ("P570", died)):
        if year:
            statements[by] = _statements({"time": f"+{year}-00-00T00:00:00Z", "precision": 9})
    found = {"id": f"Q{number}", "type": "item", "claims": statements}
    found["labels"] = {"sv": {"language": "sv", "value": name}}
    sites = {site: {"title": title} for site, title in claims.items() if site.endswith("wiki")}
    return {**found, "sitelinks": sites}


def _statements(values: Any) -> list[dict[str, Any]]:
    several = values if isinstance(values, list) else [values]
    return [{"rank": "normal", "mainsnak": {"datavalue": {"value": value}}} for value in several]


class Linker:
    """Loads records, reads extracts, links, and says what came of it."""

    def __init__(self, workspace: Workspace, folder: Path) -> None:
        self.workspace = workspace
        self.folder = folder

    def load(self, *records: dict[str, Any]) -> None:
        path = write(self.folder / "records.jsonl", *records)
        pipeline.load(self.workspace, files.find_files([path]), None)

    def extract(self, *items: dict[str, Any], source: str = "wikidata") -> None:
        path = self.folder / "items.jsonl"
        path.write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf-8")
        self.read(source, path)

    def read(self, source: str, *paths: Path) -> None:
        list(operations.read_extracts(self.workspace, source, paths))

    def link(self, *stages: str) -> Outcome:
        return operations.link(self.workspace, stages or STAGES)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with operations.open_tables(self.workspace) as tables:
            return tables.connection.execute(query).fetchall()

    def links(self, subject: str = "") -> set[tuple[str, str]]:
        """Property and object of the links in force, of one record's thing or all."""
        rows = self.rows("SELECT subject, predicate, object FROM link WHERE withdrawn IS NULL")
        wanted = f"https://libris.kb.se/{subject}#it"
        return {
            (predicate.rpartition("/")[2], other)
            for entity, predicate, other in rows
            if not subject or entity == wanted
        }

    def doubts(self) -> set[tuple[str, str]]:
        """Object and the beginning of the reason of each doubt."""
        rows = self.rows("SELECT object, reason FROM review WHERE withdrawn IS NULL")
        return {(other, reason.partition(":")[0]) for other, reason in rows}


@pytest.fixture
def linker(workspace: Workspace, tmp_path: Path) -> Linker:
    return Linker(workspace, tmp_path)


def exact(*iris: str) -> set[tuple[str, str]]:
    return {("exactMatch", iri) for iri in iris}


Q = "http://www.wikidata.org/entity/Q"
ISNI = "0000000121334198"
