"""What records link to and what became of it: merged, merged again, deleted since, split."""

from __future__ import annotations

from typing import Any

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
