"""The W3C's suites over HTTP, as ``make conformance`` runs them; of the query suite, a part."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.conformance.releases import Releases
from tests.conformance.report import Report, known_failures
from tests.conformance.suites import (
    FILES,
    HERE,
    MANIFESTS,
    SUITES,
    Outcome,
    Suite,
    run,
    what_is_lacking,
)
from tests.server.conftest import Server, start, stop

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONFORMANCE = (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8")
MF = "http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#"
# Of the longest suite, two folders: one of aggregates and one of syntax.
PART = {"query": "/(aggregates|construct)/"}

needs_suites = pytest.mark.skipif(not FILES.exists(), reason="needs the W3C's test data")
needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not (HERE / "node_modules").exists(),
    reason="needs node and the packages that `make test` has npm install",
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Releases]]:
    releases = Releases(tmp_path_factory.mktemp("conformance"))
    releases.publish(b"")
    server = start(releases.data, "--workers", "1", "--default-graph", "own")
    yield server, releases
    assert stop(server) == 0


@needs_suites
@needs_node
@pytest.mark.parametrize("suite", SUITES, ids=[suite.name for suite in SUITES])
def test_suite_passes_but_for_what_is_known(served: tuple[Server, Releases], suite: Suite) -> None:
    server, releases = served
    only = PART.get(suite.name, "")
    outcomes = list(run(suite, f"{server.address}/sparql", releases, only))
    known = known_failures().get(suite.name, {})
    assert Report(suite, outcomes, known, partial=bool(only)).surprises() == []
    assert len(outcomes) > 2


def entries(path: str) -> list[str]:
    """The tests that a manifest lists, and those it includes."""
    file = FILES / path
    store = ox.Store()
    store.load(file.read_bytes(), ox.RdfFormat.TURTLE, base_iri=MANIFESTS + path)
    listed = f"SELECT ?x {{ ?m <{MF}%s>/(<{RDF}rest>*/<{RDF}first>) ?x }}"
    found = [row["x"].value for row in store.query(listed % "entries")]
    for row in store.query(listed % "include"):
        found += entries(row["x"].value.removeprefix(MANIFESTS))
    return found


RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


@needs_suites
@pytest.mark.parametrize("suite", SUITES, ids=[suite.name for suite in SUITES])
def test_no_test_of_a_suite_is_left_out(suite: Suite) -> None:
    listed = [iri for iri in entries(suite.manifest) if not re.search(suite.skip or "$^", iri)]
    assert len(listed) == suite.total


def test_what_the_suites_lack_is_said_in_a_sentence(tmp_path: Path) -> None:
    said = what_is_lacking(tmp_path / "none", tmp_path / "node_modules")
    assert said is not None
    assert "\n" not in said
    assert said.endswith("there.") or "npm" in said


def test_report_tells_surprises_from_what_is_known() -> None:
    suite = replace(SUITES[0], total=3)
    outcomes = [Outcome("a/1", True), Outcome("a/2", False, "why"), Outcome("a/3", False, "why")]
    assert Report(suite, outcomes, {"a/2": "x", "a/3": "y"}).surprises() == []
    (failing,) = Report(suite, outcomes, {"a/2": "x"}).surprises()
    assert failing == "a/3 fails: why"
    (passing,) = Report(suite, outcomes, {"a/1": "x", "a/2": "x", "a/3": "y"}).surprises()
    assert "a/1 passes" in passing
    gone = Report(suite, outcomes[:2], {"a/2": "x", "a/3": "y"}).surprises()
    assert gone == ["a/3 is in known.toml, but was not run", "2 tests were run, not 3"]


def test_docs_have_every_suite_with_its_figures_and_every_failure() -> None:
    for suite in SUITES:
        known = known_failures().get(suite.name, {})
        figures = rf"\| `{suite.name}` \|.*\| {suite.total - len(known)} of {suite.total} \|"
        assert re.search(figures, CONFORMANCE), suite.name
        assert f"{suite.total - len(known)} of {suite.total}" in README, suite.name
        for name in known:
            assert f"`{name}`" in CONFORMANCE, name
