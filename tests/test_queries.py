"""The example queries: what they declare, and what they answer on the sample.

``tests/expected/NAME.tsv`` was worked out by reading the sample's records.
"""

from __future__ import annotations

import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from sparql_server.engine.prefixes import predefined
from sparql_server.examples import examples, read
from sparql_server.lexer import tokens
from tests.shared import SHARED, needs_shared

QUERIES = Path(__file__).parents[1] / "queries" / "example"
EXPECTED = Path(__file__).parent / "expected"
NAMES = sorted(path.stem for path in QUERIES.glob("*.rq"))


def text(name: str) -> str:
    return (QUERIES / f"{name}.rq").read_text(encoding="utf-8")


def test_every_question_has_a_query_and_every_query_an_answer() -> None:
    assert len(NAMES) == 30
    assert sorted(path.stem for path in EXPECTED.glob("*.tsv")) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_query_answers_what_the_sample_says(name: str, sample_store: ox.Store) -> None:
    results = sample_store.query(text(name), use_default_graph_as_union=True)
    assert isinstance(results, ox.QuerySolutions)
    answer = results.serialize(format=ox.QueryResultsFormat.TSV)
    assert answer is not None
    assert answer.decode() == (EXPECTED / f"{name}.tsv").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_query_runs_anywhere_with_the_prefixes_it_declares(name: str) -> None:
    found = [one for one in tokens(text(name)) if one.kind == "name"]
    used = {one.text.partition(":")[0] for one in found}
    declared = set(re.findall(r"^PREFIX (\w*):", text(name), re.MULTILINE))
    assert used == declared


@pytest.mark.parametrize("name", NAMES)
def test_query_is_titled_and_described_in_both_languages(name: str) -> None:
    example = read(name, text(name))
    assert example.titles["sv"].endswith("?")
    assert example.titles["en"].endswith("?")
    description = text(name).partition("#+ description:")[2]
    assert re.search(r"^#\+   sv: \S", description, re.MULTILINE)
    assert re.search(r"^#\+   en: \S", description, re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_prefixes_in_a_query_are_those_the_server_predefines(name: str) -> None:
    for prefix, namespace in re.findall(r"^PREFIX (\w*): <(.*)>$", text(name), re.MULTILINE):
        assert predefined()[prefix] == namespace


def test_examples_on_the_page_are_the_files() -> None:
    assert [one.name for one in examples()] == NAMES
    assert not any(one.text.startswith("#+") for one in examples())


def test_twenty_five_prefixes_are_predefined() -> None:
    assert len(predefined()) == 25
    assert predefined()[""] == predefined()["kbv"] == "https://id.kb.se/vocab/"


@needs_shared
def test_predefined_prefixes_are_those_of_libris() -> None:
    rows = (SHARED / "libris" / "prefixes.tsv").read_text(encoding="utf-8").splitlines()[1:]
    pairs = dict(row.split("\t") for row in rows)
    pairs[""] = pairs.pop("(empty)")
    assert predefined() == pairs
