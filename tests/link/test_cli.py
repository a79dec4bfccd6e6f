"""``libris-loader link`` as people meet it, and a run that is killed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from loader.link.entities.extraction import GRAPHS
from loader.maintenance.verification import find_breaches
from loader.store import pipeline
from loader.store.store import GraphStore
from loader.workspace import Workspace
from tests.commands import run_loader as run
from tests.link.conftest import ISNI, Q, item, person
from tests.records import stored, write
from tests.standin.linked import Linked

IRI = "https://libris.kb.se/a#it"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A directory with Strindberg in it, and his item in an extract."""
    ids = [{"@type": "ISNI", "value": ISNI}]
    strindberg = person("a", "August Strindberg", "1849-1912", identifiedBy=ids)
    lagerlof = person("b", "Selma Lagerlöf", "1858-")
    assert (
        run(
            "load", "--data", tmp_path / "data", write(tmp_path / "r.jsonl", strindberg, lagerlof)
        ).returncode
        == 0
    )
    items = tmp_path / "items.jsonl"
    known = item(7724, "August Strindberg", "1849-1912", P213=ISNI)
    like = item(44519, "Selma Lagerlöf", "1859-1940")
    items.write_text(f"{json.dumps(known)}\n{json.dumps(like)}\n", encoding="utf-8")
    read = run("link", "extract", "wikidata", items, "--data", tmp_path / "data")
    assert (read.returncode, read.stdout) == (0, "")
    assert "items.jsonl: " in read.stderr
    return tmp_path / "data"


def test_from_extract_to_undo(data: Path) -> None:
    linked = run("link", "--data", data)
    identity = linked.stdout.strip()
    assert (linked.returncode, len(identity)) == (0, 12)
    assert "2 added, 0 withdrawn, 2 in force; 1 doubts in review" in linked.stderr
    assert run("link", "--data", data).stdout == ""
    why = run("link", "why", "https://libris.kb.se/a", "--data", data).stdout
    assert f"<{IRI}> <https://id.kb.se/vocab/exactMatch> <{Q}7724>" in why
    assert f"{IRI} – identifiedBy – https://isni.org/isni/{ISNI} ({ISNI})" in why
    assert "P213" in why
    assert "items.jsonl" in why
    assert "birth equal" in why
    assert "  for it: " in why
    assert run("verify", "--data", data).returncode == 0
    report = run("link", "report", "--data", data).stdout
    assert f"run\t{identity}\t" in report
    undone = run("link", "--data", data, "undo", identity)
    assert (undone.returncode, "0 in force" in undone.stderr) == (0, True)
    absent = run("link", "why", IRI, "--data", data)
    assert (absent.returncode, f"<{IRI}> has no link" in absent.stdout) == (0, True)
    assert f"<{Q}7724> was looked at" in absent.stdout
    assert "for it: " in absent.stdout
    assert run("link", "why", f"{Q}1", "--data", data).returncode == 1


def test_review_goes_out_and_comes_back(data: Path, tmp_path: Path) -> None:
    run("link", "--data", data)
    table = tmp_path / "doubts.tsv"
    assert "1 doubts" in run("link", "review", "export", table, "--data", data).stderr
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace("\t\t\t\t\n", "\tyes\tKarin\t2026-11-24\t\n"), encoding="utf-8")
    taken = run("link", "review", "import", table, "--data", data)
    assert "1 judgements taken in" in taken.stderr
    assert run("link", "--data", data).returncode == 0
    why = run("link", "why", f"{Q}44519", "--data", data).stdout
    assert "judgement, confidence 1" in why
    assert "said by Karin on 2026-11-24" in why


def test_links_go_out_as_sssom_and_what_wikidata_lacks(data: Path, tmp_path: Path) -> None:
    run("link", "--data", data)
    mappings, lacking = tmp_path / "links.tsv", tmp_path / "p5587.txt"
    assert "2 lines" in run("link", "export", "sssom", mappings, "--data", data).stderr
    assert "August Strindberg\tkbv:exactMatch\twd:Q7724" in mappings.read_text()
    head = [line[1:] for line in mappings.read_text().splitlines() if line.startswith("#")]
    prefixes = yaml.safe_load("\n".join(head))["curie_map"]
    assert prefixes["wd"] == "http://www.wikidata.org/entity/"
    run("link", "export", "quickstatements", lacking, "--data", data)
    # The stand-in's ids aren't Libris'.
    assert lacking.read_text() == ""


def test_dry_run_online_prints_requests_by_service(data: Path) -> None:
    with Linked() as standin:
        urls = [f"--service={name}={url}" for name, url in standin.services.items()]
        planned = run("link", "--online", "--dry-run", *urls, "--data", data)
        assert planned.stdout.splitlines() == [
            f"wikidata-query\t{standin.services['wikidata-query']}\t1",
            f"wikidata\t{standin.services['wikidata']}\t1",
            f"viaf\t{standin.services['viaf']}\t0",
            f"lc\t{standin.services['lc']}\t0",
        ]
        assert standin.asked == []


def test_online_needs_a_contact(data: Path) -> None:
    asked = run("link", "--online", "--data", data)
    assert (asked.returncode, "LIBRIS_CONTACT" in asked.stderr) == (1, True)


def test_unknown_service_is_wrong_usage(data: Path) -> None:
    assert (
        run("link", "--online", "--service", "x=http://127.0.0.1", "--data", data).returncode == 2
    )


COMMANDS = ("extract", "undo", "why", "report", "export", "review export")
COMMANDS += ("review import", "review serve")


@pytest.mark.parametrize("command", COMMANDS)
def test_help_gives_an_example(command: str) -> None:
    text = run("link", *command.split(), "--help").stdout
    assert f"libris-loader link {command}" in text.partition("Example:")[2]


def many(folder: Path) -> tuple[Path, Path]:
    """Records and items of three hundred persons, each with an ISNI's worth of a VIAF id."""
    people = [
        person(
            f"p{number}",
            f"Person Nummer{number}",
            "1900-1980",
            identifiedBy=[{"@type": "VIAF", "value": str(number + 1000)}],
        )
        for number in range(300)
    ]
    items = folder / "items.jsonl"
    items.write_text(
        "".join(
            json.dumps(
                item(number + 1, f"Person Nummer{number}", "1900-1980", P214=str(number + 1000))
            )
            + "\n"
            for number in range(300)
        ),
        encoding="utf-8",
    )
    return write(folder / "r.jsonl", *people), items


@pytest.mark.parametrize("seed", range(3))
def test_killed_run_leaves_nothing_half_and_the_next_is_whole(
    tmp_path: Path, seed: int, killed_and_whole: tuple[Path, list[str]]
) -> None:
    folder, expected = killed_and_whole
    chance = random.Random(seed)
    data = tmp_path / "data"
    assert run("load", "--data", data, folder / "r.jsonl").returncode == 0
    before = stored(data / "store")
    items = folder / "items.jsonl"
    assert run("link", "extract", "wikidata", items, "--data", data).returncode == 0
    link = [sys.executable, "-m", "loader.cli", "-q", "link", "--data", str(data)]
    for _ in range(3):
        process = subprocess.Popen(link, stdout=subprocess.DEVNULL)
        time.sleep(chance.uniform(0.3, 1.2))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        # A later command settles what this one may have left between its files.
        links = [line for line in stored(data / "store") if f"<{GRAPHS}run/" in line]
        assert not links or set(links) <= set(expected)
    assert run("link", "--data", data).returncode == 0
    assert stored(data / "store") == expected
    assert before != expected
    workspace = Workspace(data)
    with pipeline.opened(workspace, "test") as archive:
        assert list(find_breaches(archive, GraphStore(workspace.store), lambda _: None)) == []


@pytest.fixture(scope="module")
def killed_and_whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    folder = tmp_path_factory.mktemp("many")
    records, items = many(folder)
    data = folder / "data"
    assert run("load", "--data", data, records).returncode == 0
    assert run("link", "extract", "wikidata", items, "--data", data).returncode == 0
    assert run("link", "--data", data).returncode == 0
    return folder, stored(data / "store")
