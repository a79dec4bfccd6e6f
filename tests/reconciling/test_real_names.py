"""Real names, as others spell them, against records as libraries wrote them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Any
from urllib.parse import urlencode
from zlib import crc32

import pytest

from benchmarks import link_real as real
from tests.reconciling.conftest import publish
from tests.records import record
from tests.server.conftest import Server, start, stop
from tests.server.http import request
from tests.shared import SHARED, needs_shared

pytestmark = needs_shared

FOLDER = SHARED / "linking" / "real"
PARTS = 3  # a part of the persons is enough, and quick
NAMES = 500
BATCH = 100
FORM = "application/x-www-form-urlencoded"
MADE_UP = "Q8"  # ids of regents, who have one of Wikidata's, too


def read_persons() -> list[real.Row]:
    rows = real.read(FOLDER / "persons.csv.gz")
    return [row for row in rows if crc32(row["key"].encode()) % PARTS == 0]


def iri(row: real.Row) -> str:
    return f"https://libris.kb.se/{row['key']}#it"


def make_record(row: real.Row) -> dict[str, Any]:
    heading = {name: row[name] for name in ("family", "given", "name") if row[name]}
    names = {"family": "familyName", "given": "givenName", "name": "name"}
    thing: dict[str, Any] = {names[part]: text for part, text in heading.items()}
    span = f"{row['birth'][:4]}-{row['death'][:4]}"
    said = {"lifeSpan": span} if span != "-" else {}
    return record(row["key"], {"@type": "Person", **thing, **said})


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    records = [make_record(row) for row in read_persons()]
    workspace = publish(tmp_path_factory.mktemp("real"), records)
    running = start(workspace.root, "--workers", "1")
    yield running
    assert stop(running) == 0


@pytest.fixture(scope="module")
def right() -> dict[str, set[str]]:
    """The persons in the catalogue, by the item that is theirs."""
    found = defaultdict(set)
    for row in read_persons():
        if row["qid"] and not row["qid"].startswith(MADE_UP):
            found[row["qid"]].add(iri(row))
    return found


def ask(server: Server, items: list[real.Row], *, years: bool) -> list[list[dict[str, Any]]]:
    """Return the candidates for each item's label."""
    found = []
    for start_at in range(0, len(items), BATCH):
        batch = {
            f"q{number}": _query(item, years=years)
            for number, item in enumerate(items[start_at : start_at + BATCH])
        }
        body = urlencode({"queries": json.dumps(batch)}).encode()
        reply = request(server, "POST", "/reconcile", body, Content_Type=FORM)
        assert reply.status == 200, reply.text
        found += [reply.json()[name]["result"] for name in batch]
    return found


def _query(item: real.Row, *, years: bool) -> dict[str, Any]:
    lived = [year[:4] for year in (item["birth"], item["death"]) if year]
    properties = [{"pid": "years", "v": lived}] if years and lived else []
    return {"query": item["label"], "type": "kbv:Person", "properties": properties}


@pytest.mark.parametrize(("years", "first"), [(False, 0.95), (True, 0.97)])
def test_real_names_come_first_and_no_wrong_one_is_certain(
    catalogue: Server, right: dict[str, set[str]], years: bool, first: float
) -> None:
    items = list(islice((item for item in real.read_items(FOLDER) if item["qid"] in right), NAMES))
    assert len(items) == NAMES
    answers = ask(catalogue, items, years=years)
    hits = wrong = certain = 0
    for item, candidates in zip(items, answers, strict=True):
        hits += bool(candidates) and candidates[0]["id"] in right[item["qid"]]
        certain += any(each["match"] for each in candidates)
        wrong += any(each["match"] and each["id"] not in right[item["qid"]] for each in candidates)
    assert wrong == 0
    assert hits / NAMES >= first
    assert certain > NAMES // 3 if years else certain == 0


def test_namesakes_of_nobody_here_are_never_certain(
    catalogue: Server, right: dict[str, set[str]]
) -> None:
    words = {word for row in read_persons() for word in (row["family"], row["name"]) if word}
    items = [
        item
        for item in real.read_items(FOLDER)
        if item["qid"] not in right
        and item["label"].rpartition(" ")[2] in words
        and not item["label"].startswith("Ulrika Eleonora")  # whose item there is is made up
    ]
    answers = ask(catalogue, items[: NAMES // 2], years=True)
    assert len(answers) == NAMES // 2
    assert not [each for candidates in answers for each in candidates if each["match"]]
