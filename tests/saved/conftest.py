"""Servers with saved queries: those that ship, on the sample; and some of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from loader.release import release
from loader.release.additions import PARTS
from loader.store import pipeline
from loader.workspace import Workspace
from tests.server.conftest import Server, publish, start, stop

NUMBERS = """\
#+ title: {sv: "Vilka tal finns det?", en: "Which numbers are there?"}
#+ description: {sv: "Alla tal i ordning.", en: "All numbers in order."}
#+ tags: [number]
#+ parameters:
#+   - name: from
#+     type: integer
#+     minimum: 0
#+     maximum: 5000
#+     label: {sv: Minst, en: From}
#+     default: 1
#+     required: false
#+   - name: thing
#+     type: iri
#+     label: {sv: Ting, en: Thing}
#+     example: urn:n7
#+     required: false
#+     multiple: true
#+   - name: parity
#+     type: string
#+     label: {sv: Jämna eller udda, en: Even or odd}
#+     values:
#+       - {value: even, label: {sv: jämna, en: even}}
#+       - {value: odd, label: {sv: udda, en: odd}}
#+     example: even
#+     required: false
#+ chart: {x: name, y: n}

PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>

SELECT ?thing ?name ?n WHERE {
  VALUES ?from { 1 } #? from
  #? thing: VALUES ?thing { <urn:n7> }
  #? parity: VALUES ?parity { "even" }
  ?thing <urn:is> ?text .
  BIND(xsd:integer(?text) AS ?n)
  BIND(CONCAT("No ", ?text) AS ?name)
  FILTER(STRSTARTS(STR(?thing), "urn:n"))
  FILTER(?n >= ?from) #? from
  #? parity: FILTER(IF(?n / 2 = FLOOR(?n / 2), "even", "odd") = ?parity)
}
ORDER BY ?n
"""
GRAPH = """\
#+ title: {sv: "Vad sägs om ett ting?", en: "What is said of a thing?"}
#+ description: {sv: "En graf.", en: "A graph."}

CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o FILTER(?s = <http://example.org/s>) } }
"""
TRUTH = """\
#+ title: {sv: "Finns något?", en: "Is there anything?"}
#+ description: {sv: "Ja eller nej.", en: "Yes or no."}

ASK { ?s ?p ?o }
"""
BROKEN = """\
#+ title: {sv: "Trasig?", en: "Broken?"}
#+ description: {sv: "Trasig.", en: "Broken."}

SELECT ?s WHERE { ?s ?p
"""


def write_queries(folder: Path) -> Path:
    (folder / "queries").mkdir()
    for name, text in (
        ("numbers", NUMBERS),
        ("graph", GRAPH),
        ("truth", TRUTH),
        ("broken", BROKEN),
    ):
        (folder / "queries" / f"{name}.rq").write_text(text, encoding="utf-8")
    return folder / "queries"


@pytest.fixture(scope="session")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with saved queries of the tests' own; one of them is broken."""
    data = tmp_path_factory.mktemp("own")
    publish(data, 1)
    server = start(data, "--workers", "1", "--queries", str(write_queries(data)))
    yield server
    assert stop(server) == 0


@pytest.fixture(scope="session")
def sample(sample_workspace: Workspace) -> Iterator[Server]:
    """A server with the sample and the saved queries that ship."""
    with pipeline.opened(sample_workspace, "release") as archive:
        release.publish(sample_workspace, archive, 3, PARTS)
    server = start(sample_workspace.root, "--workers", "2")
    yield server
    assert stop(server) == 0
