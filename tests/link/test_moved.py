"""What records link to and what became of it: merged, merged again, deleted since, split."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from loader.cli.main import cli
from loader.link import operations
from loader.link.runs import report
from tests.link.conftest import Linker, Q, exact, item, person

BOTH = "1858-1940"
REPLACED = "<http://purl.org/dc/terms/isReplacedBy>"


def _merge(linker: Linker, *pairs: tuple[int, int], gone: tuple[int, ...] = ()) -> None:
    """Read which items were merged into which, and which were deleted."""
    rows = [f"{Q}{old},{Q}{new}," for old, new in pairs] + [f",{Q}{number},true" for number in gone]
    path = linker.folder / "moved.csv"
    path.write_text("\n".join(["old,item,deleted", *rows, ""]), encoding="utf-8")
    linker.read("wikidata", path)


def _moved(linker: Linker) -> list[tuple[str, str]]:
    with operations.open_tables(linker.workspace) as tables:
        moved = report.count_all(tables, [])["moved"]
    return [(row["from"], row["to"]) for row in moved]


def _claim(name: str, number: int, **more: Any) -> dict[str, Any]:
    return person(name, "Selma Lagerlöf", BOTH, exactMatch=[{"@id": f"{Q}{number}"}], **more)


def test_item_merged_into_one_that_was_deleted_is_deleted(linker: Linker) -> None:
    linker.load(_claim("a", 1))
    _merge(linker, (1, 2), (2, 3), gone=(3,))
    linker.link()
    assert linker.links() == set()
    assert _moved(linker) == [(f"{Q}1", "")]


def test_item_merged_twice_is_reported_with_where_it_ended(linker: Linker) -> None:
    linker.load(_claim("a", 1))
    linker.extract(item(44519, "Selma Lagerlöf", BOTH))
    _merge(linker, (1, 2), (2, 44519))
    linker.link()
    assert linker.links() == exact(f"{Q}44519")
    assert _moved(linker) == [(f"{Q}1", f"{Q}44519")]


def test_item_merged_into_one_of_another_record_is_perhaps_the_same_person(linker: Linker) -> None:
    linker.load(_claim("a", 1), _claim("b", 44519))
    linker.extract(item(44519, "Selma Lagerlöf", BOTH))
    _merge(linker, (1, 44519))
    linker.link()
    assert linker.links("a") == set()
    with operations.open_tables(linker.workspace) as tables:
        found = report.count_all(tables, [])
    assert [twice["object"] for twice in found["perhaps one person twice"]] == [f"{Q}44519"]


def test_item_merged_into_two_is_followed_to_neither(linker: Linker) -> None:
    linker.load(_claim("a", 1))
    linker.extract(item(2, "Selma Lagerlöf", BOTH), item(3, "Selma Lagerlöf", BOTH))
    _merge(linker, (1, 2), (1, 3))
    linker.link()
    assert not linker.links() & exact(f"{Q}2", f"{Q}3")
    assert _moved(linker) == [(f"{Q}1", f"{Q}2 {Q}3")]


def test_circle_of_merged_items_is_followed_to_no_end(linker: Linker) -> None:
    linker.load(_claim("a", 1))
    _merge(linker, (1, 2), (2, 1))
    linker.link()
    assert len(linker.links()) <= 1


def test_cluster_that_was_split_is_followed_to_neither(linker: Linker) -> None:
    path = linker.folder / "redirects.nt"
    viaf = "http://viaf.org/viaf/"
    lines = [f"<{viaf}100> {REPLACED} <{viaf}{number}> ." for number in (200, 300)]
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    linker.load(person("a", "Selma Lagerlöf", BOTH, exactMatch=[{"@id": f"{viaf}100"}]))
    linker.read("viaf", path)
    linker.link()
    assert not linker.links() & exact(f"{viaf}200", f"{viaf}300")
    assert _moved(linker) == [(f"{viaf}100", f"{viaf}200 {viaf}300")]


def _ask_why(linker: Linker, text: str) -> str:
    command = ["link", "why", text, "--data", str(linker.workspace.root)]
    return CliRunner().invoke(cli, command).output


def test_why_says_what_the_record_says_itself(linker: Linker) -> None:
    unread = {"identifiedBy": [{"@type": "ISNI", "value": "123"}]}
    linker.load(_claim("a", 44519), _claim("b", 1), _claim("c", 2), person("d", "A B", **unread))
    linker.extract(item(44519, "Selma Lagerlöf", BOTH))
    _merge(linker, (1, 3), (1, 4), gone=(2,))
    linker.link()
    here = "https://libris.kb.se/"
    assert f"links to <{Q}44519> itself (exactMatch)\n  so it isn't" in _ask_why(linker, f"{here}a")
    assert f"which was merged into <{Q}3> and <{Q}4>" in _ask_why(linker, f"{here}b#it")
    assert "which was deleted" in _ask_why(linker, f"{here}c")
    assert "can't be read: '123'" in _ask_why(linker, f"{here}d")


@pytest.mark.parametrize("text", ["Q2", "https://www.wikidata.org/wiki/Q2", f"<{Q}2>", f" {Q}2 "])
def test_why_takes_an_item_however_it_is_written(linker: Linker, text: str) -> None:
    linker.load(_claim("c", 2))
    _merge(linker, gone=(2,))
    linker.link()
    answer = _ask_why(linker, text)
    assert f"<https://libris.kb.se/c#it> links to <{Q}2> itself" in answer
    assert f"<{Q}2> was deleted" in answer
