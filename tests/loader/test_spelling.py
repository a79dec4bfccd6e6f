"""Literals that the store spells otherwise are counted, and stats says how many there are."""

from __future__ import annotations

import json
from pathlib import Path

import pyoxigraph as ox
import pytest

from loader.cli import cli
from loader.store.contents.literal_values import respelt, respelt_lines
from tests.records import record, write

XSD = "http://www.w3.org/2001/XMLSchema#"
LITERALS = [
    *(("05", "integer"), ("5", "integer"), ("+5", "integer"), ("-0", "integer"), ("5", "int")),
    *(("5", "nonNegativeInteger"), ("300", "byte"), ("ill", "integer"), ("9" * 20, "integer")),
    *(("1.0", "decimal"), ("1", "decimal"), ("1.0E6", "double"), ("NaN", "double")),
    *(("1", "boolean"), ("true", "boolean"), ("2020", "gYear"), ("2020Z", "gYear")),
    *(("2020-01-01T24:00:00", "dateTime"), ("2020-01-01T00:00:00.0Z", "dateTime")),
    *(("2020-01-01T00:00:00.120Z", "dateTime"), ("2020-01-01T00:00:00.12Z", "dateTime")),
    *(("2020-01-01T00:00:00Z", "dateTime"), ("2020-01-01T00:00:00+00:00", "dateTime")),
    *(("2020-01-01T00:00:00+01:00", "dateTime"), ("2020-02-30T00:00:00.0Z", "dateTime")),
    *(("2020-01-01T00:00:00.1234567890Z", "dateTime"), ("2020-01-01+14:00", "date")),
    *(("2020-01-01", "date"), ("2020-01-01+00:00", "date"), ("2020-02-31", "date")),
    *(("24:00:00", "time"), ("PT60S", "duration"), ("0000-01-01", "date"), ("x", "anyURI")),
]


def kept(literal: ox.Literal) -> ox.Literal:
    store, node = ox.Store(), ox.NamedNode("urn:x")
    store.add(ox.Quad(node, node, literal))
    (quad,) = store
    assert isinstance(quad.object, ox.Literal)
    return quad.object


@pytest.mark.parametrize(("text", "datatype"), LITERALS)
def test_literal_is_counted_if_the_store_spells_it_otherwise(text: str, datatype: str) -> None:
    literal = ox.Literal(text, datatype=ox.NamedNode(XSD + datatype))
    statement = f"<urn:x> <urn:x> {literal}"
    expected = {("respelt", XSD + datatype): 1} if kept(literal) != literal else {}
    assert respelt([statement]) == expected
    assert respelt_lines([f"{statement} <urn:g> .".encode()]) == expected


def test_string_that_looks_like_a_typed_literal_is_none() -> None:
    tricky = str(ox.Literal(f'"05"^^<{XSD}integer> "'))
    assert respelt([f"<urn:x> <urn:x> {tricky}", f"<urn:x> <urn:x> {tricky}@sv"]) == {}


def test_stats_says_how_many_were_respelt_when_records_were_loaded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = str(tmp_path / "data")

    def load(created: str) -> dict[str, int]:
        value = {"@type": f"{XSD}dateTime", "@value": created}
        file = write(tmp_path / "records.jsonl", record("a", created=value), record("b"))
        cli(["load", "--data", data, str(file)], standalone_mode=False)
        cli(["verify", "--data", data], standalone_mode=False)
        capsys.readouterr()
        cli(["stats", "--data", data, "--json"], standalone_mode=False)
        found: dict[str, int] = json.loads(capsys.readouterr().out)["literals respelt"]
        return found

    assert load("2020-01-01T00:00:00.0Z") == {f"{XSD}dateTime": 1}
    assert load("2021-01-01T00:00:00Z") == {f"{XSD}dateTime": 1}
    assert load("2022-01-01T24:00:00Z") == {f"{XSD}dateTime": 2}
