"""What records link to on id.kb.se comes from the dumps and one document."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from loader.harvest.vocabulary import TYPES
from loader.workspace import Workspace
from tests.commands import run_loader as run
from tests.loader.test_harvest import is_sound
from tests.records import title
from tests.standin.catalogue import Catalogue
from tests.standin.server import Standin

ROOT = Path(__file__).parents[2]
VOCABULARY = """
@prefix kbv: <https://id.kb.se/vocab/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
kbv:Person a owl:Class ; kbv:label "Person"@sv . kbv: a owl:Ontology .
"""


def definition(name: str, kind: str, thing: str, label: str) -> dict[str, Any]:
    about = {"@id": f"https://libris.kb.se/{name}", "@type": "Record", "mainEntity": {"@id": thing}}
    main = {"@id": thing, "@type": kind, "prefLabelByLang": {"sv": label}}
    return {"@graph": [{**about, "modified": "2024-01-01T00:00:00Z"}, main]}


@pytest.fixture
def libris() -> Iterator[Standin]:
    """Titles that OAI-PMH has, and definitions that it doesn't have."""
    catalogue = Catalogue()
    for number in range(20):
        date = "2024-01-01T00:00:00Z"
        catalogue.put(title(f"t{number:02d}", f"Titel {number}"), datestamp=date)
    terms = (
        ("d1", "Language", "https://id.kb.se/language/swe", "Svenska"),
        ("d2", "Country", "https://id.kb.se/country/sw", "Sverige"),
        ("d3", "Role", "https://id.kb.se/relator/author", "Författare"),
    )
    for name, kind, thing, label in terms:
        record = definition(name, kind, thing, label)
        catalogue.put(record, "definitions", identifier=record["@graph"][0]["@id"])
    with Standin(catalogue) as standin:
        standin.emm.documents["/vocab/data.ttl"] = VOCABULARY
        yield standin


def labels(data: Path) -> dict[str, str]:
    store = ox.Store.read_only(str(data / "store"))
    query = "SELECT ?s ?o ?g { GRAPH ?g { ?s ?p ?o } FILTER(lang(?o) = 'sv') }"
    solutions = store.query(query)
    assert isinstance(solutions, ox.QuerySolutions)
    return {row["s"].value: row["g"].value for row in solutions}


def test_names_of_languages_countries_and_relators_come(tmp_path: Path, libris: Standin) -> None:
    document = libris.url.replace("/api/oaipmh/", "/vocab/data.ttl")
    place = ("--data", tmp_path, "--base-url", libris.emm_url, "--document", document)
    report = tmp_path / "report.json"
    done = run("vocabulary", *place, "--report", report)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert labels(tmp_path) == {
        "https://id.kb.se/language/swe": "https://libris.kb.se/d1",
        "https://id.kb.se/country/sw": "https://libris.kb.se/d2",
        "https://id.kb.se/relator/author": "https://libris.kb.se/d3",
        "https://id.kb.se/vocab/Person": "https://id.kb.se/vocab/",
    }
    figures = json.loads(report.read_text())
    assert figures["total"]["received"] == 4
    assert set(figures["sets"]) == {*(f"type:{name}" for name in TYPES), document}
    again = run("vocabulary", *place)
    assert "4 received, 0 new, 0 changed, 4 unchanged" in again.stderr
    assert is_sound(Workspace(tmp_path))


def test_changed_definition_comes_with_the_next_update(tmp_path: Path, libris: Standin) -> None:
    place = ("--data", tmp_path, "--base-url", libris.emm_url)
    assert "--document names its address" in run("vocabulary", *place).stderr
    record = definition("d1", "Language", "https://id.kb.se/language/swe", "Svenska språket")
    record["@graph"][0]["modified"] = "2025-01-01T00:00:00Z"
    libris.catalogue.put(record, "definitions", identifier="https://libris.kb.se/d1")
    libris.emm.announce("Update", "d1", datetime.now(UTC), type="kbv:Language")
    updated = run("update", "--data", tmp_path)
    assert "changed 1" in updated.stdout
    assert '"Svenska språket"@sv' in "".join(map(str, ox.Store.read_only(str(tmp_path / "store"))))


@pytest.mark.parametrize(("place", "expected"), [("nb", {"t03", "x1"}), ("s", {"t05", "x1"})])
def test_commands_in_docs_give_a_complete_copy(
    tmp_path: Path, libris: Standin, place: str, expected: set[str]
) -> None:
    """The documents' commands, with the stand-in's addresses."""
    date = "2024-01-01T00:00:00Z"
    person = title("x1", "En person")
    person["@graph"][1]["@type"] = "Person"
    libris.catalogue.put(person, "auth", datestamp=date)
    libris.catalogue.put(title("t03", "Nationell"), datestamp=date, sets=("nb",))
    libris.catalogue.put(title("t05", "Vår"), datestamp=date, sets=("bib:S",))
    manual = (ROOT / "docs" / "harvesting.md").read_text(encoding="utf-8")
    said = rf"^\$ libris-loader (.*--data {place}(?: .*)?)$"
    commands = [line.split() for line in re.findall(said, manual, re.MULTILINE)]
    assert [command[0] for command in commands] == ["harvest", "vocabulary", "release"]
    urls = {"harvest": libris.url, "vocabulary": libris.emm_url}
    for command in commands:
        command[command.index("--data") + 1] = str(tmp_path)
        named = ["--base-url", urls[command[0]]] if command[0] in urls else []
        assert run(*command, *named).returncode == 0
    store = ox.Store.read_only(str(tmp_path / "current" / "store"))
    names = {graph.value.removeprefix("https://libris.kb.se/") for graph in store.named_graphs()}
    assert names == {*expected, "d1", "d2", "d3"}


def test_only_the_types_that_are_named_come(tmp_path: Path, libris: Standin) -> None:
    place = ("--data", tmp_path, "--base-url", libris.emm_url, "--type", "Country")
    assert run("vocabulary", *place).returncode == 0
    assert set(labels(tmp_path)) == {"https://id.kb.se/country/sw"}


def test_vocabulary_that_is_nowhere_is_said(tmp_path: Path, libris: Standin) -> None:
    nowhere = libris.url.replace("/api/oaipmh/", "/vocab/nothing.ttl")
    place = ("--data", tmp_path, "--base-url", libris.emm_url, "--document", nowhere)
    done = run("vocabulary", *place)
    assert done.returncode == 1
    assert "404" in done.stderr.splitlines()[-1]
    assert run("apply", "--data", tmp_path).returncode == 0
    assert len(labels(tmp_path)) == 3
