"""Names that have come are known; few others seem to be."""

from __future__ import annotations

from loader.store.name_filter import NameFilter


def test_every_name_that_has_come_is_known() -> None:
    names = NameFilter()
    come = [f"https://libris.kb.se/{number}#it" for number in range(100_000)]
    names.add(come)
    assert all(names.may_have([name]) for name in come)
    assert names.may_have(["https://libris.kb.se/other", come[0]])


def test_few_names_that_have_not_come_seem_to_be_known() -> None:
    names = NameFilter()
    assert not names.may_have(["urn:a"])
    names.add(f"https://libris.kb.se/{number}" for number in range(100_000))
    mistaken = sum(names.may_have([f"https://libris.kb.se/x{number}"]) for number in range(20_000))
    assert mistaken < 3
