"""``libris-sparql`` as people meet it: output, exit codes, help."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import run_server as run

SELECT = "SELECT ?o { <http://example.org/s> <http://example.org/q> ?o }"


@pytest.mark.parametrize(
    ("options", "query", "output"),
    [
        ((), SELECT, "o\nhttp://example.org/o\n"),
        (("--format", "tsv"), SELECT, "?o\n<http://example.org/o>\n"),
        (("--format", "json"), "ASK {}", '{"head":{},"boolean":true}'),
        (
            ("--format", "nt"),
            "CONSTRUCT WHERE { ?s <http://example.org/q> ?o }",
            "<http://example.org/s> <http://example.org/q> <http://example.org/o> .\n",
        ),
    ],
)
def test_query_prints_its_result(
    data: Path, options: tuple[str, ...], query: str, output: str
) -> None:
    done = run("query", "--data", data, *options, query)
    assert (done.returncode, done.stdout, done.stderr) == (0, output, "")


def test_query_comes_from_a_file_or_standard_input(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "q.rq"
    path.write_text(SELECT)
    expected = run("query", "--data", data, SELECT).stdout
    assert run("query", "--data", data, path).stdout == expected
    assert run("query", "--data", data, "-", stdin=SELECT).stdout == expected


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("SELECT ?s { ?s kvb:x ?o }",), "Error: Line 1, column 16: the prefix kvb:"),
        (("--format", "ttl", SELECT), "For SELECT and ASK there is"),
        (("ASK { SERVICE <http://127.0.0.1:9/> {} }",), "does not call other endpoints"),
    ],
)
def test_failure_is_one_sentence_and_exit_code_1(
    data: Path, arguments: tuple[str, ...], says: str
) -> None:
    done = run("query", "--data", data, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_no_release_is_said(tmp_path: Path) -> None:
    done = run("query", "--data", tmp_path, "ASK {}")
    assert done.returncode == 1
    assert "run libris-loader release" in done.stderr


def test_reader_that_has_enough_is_no_error(data: Path) -> None:
    command = f"{sys.executable} -m sparql_server.cli query --data {data}"
    query = "SELECT * { ?a <urn:is> ?x . ?b <urn:is> ?y } LIMIT 300000"
    done = subprocess.run(
        f"{command} '{query}' | head -1", shell=True, capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""


def test_wrong_usage_is_exit_code_2(data: Path) -> None:
    assert run("query").returncode == 2
    assert run("query", "--data", data, "--format", "pdf", "ASK {}").returncode == 2
    assert run("serve", "--port", "70000").returncode == 2


@pytest.mark.parametrize("command", ["serve", "query"])
def test_help_gives_units_defaults_and_an_example(command: str) -> None:
    text = run(command, "--help").stdout
    assert f"libris-sparql {command}" in text.partition("Example:")[2]
    assert "./data" in text
    assert command != "serve" or ("SECONDS" in text and "60" in text and "8080" in text)


def test_review_is_the_loaders_page_of_doubts(tmp_path: Path) -> None:
    assert "--who NAME" in run("review", "--help").stdout
    done = run("review", "--data", tmp_path)
    assert done.returncode == 2
    assert "--who" in done.stderr


@pytest.mark.parametrize("name", ["nq", "trig"])
def test_graphs_of_what_is_constructed_are_written(data: Path, name: str) -> None:
    query = "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }"
    done = run("query", "--data", data, "--format", name, query)
    assert done.returncode == 0
    assert "http://example.org/s" in done.stdout
