"""Headings of LC to concepts: by number, by unique label, never by guessing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.link.conftest import Linker
from tests.records import heading, record

LC = "http://id.loc.gov/authorities"
LABELS = (
    f"Archaeology\t{LC}/subjects/sh85006507\n"
    f"Cats--Food\t{LC}/subjects/sh85021263\n"
    f"Art\t{LC}/subjects/sh85007461\n"
    f"Art\t{LC}/childrensSubjects/sj96004762\n"
    f"Novels\t{LC}/genreForms/gf2015026020\n"
)


def topic(*matches: dict[str, Any]) -> dict[str, Any]:
    return record("t", {"@type": "Topic", "prefLabel": "Ämne", "closeMatch": list(matches)})


@pytest.fixture
def labelled(linker: Linker, tmp_path: Path) -> Linker:
    path = tmp_path / "labels.tsv"
    path.write_text(LABELS, encoding="utf-8")
    linker.read("lc", path)
    return linker


LCGFT = {"inScheme": {"@id": "https://id.kb.se/term/lcgft"}, "@type": "GenreForm"}
FOUND = {
    "by its label": (heading("Archaeology"), "subjects/sh85006507"),
    "by its label, dashes and dot": (heading("Cats%20-%20Food."), "subjects/sh85021263"),
    "by its label with a mark for a dash": (heading("Cats%20%C2%A1%20Food"), "subjects/sh85021263"),
    "by its number, whatever the label": (
        heading("Archaeology", **{"marc:recordControlNumber": ["(DLC)sh 85021263"]}),
        "subjects/sh85021263",
    ),
    "within its vocabulary": (heading("Art"), "subjects/sh85007461"),
    "with no address, by label and scheme": (
        {"prefLabel": "Novels", **LCGFT},
        "genreForms/gf2015026020",
    ),
    "by its own address": ({"@id": f"{LC}/subjects/sh85006507"}, "subjects/sh85006507"),
}


@pytest.mark.parametrize("case", FOUND)
def test_heading_is_found(labelled: Linker, case: str) -> None:
    match, concept = FOUND[case]
    labelled.load(topic(match))
    labelled.link()
    assert labelled.links("t") == {("closeMatch", f"{LC}/{concept}")}


@pytest.mark.parametrize(
    "match",
    [
        heading("Nonsense"),
        heading("Cats"),
        {"prefLabel": "Archaeology", **LCGFT},
        {"@type": "ClassificationDdc", "code": "930.1"},
    ],
)
def test_heading_that_is_not_there_is_let_be(labelled: Linker, match: dict[str, Any]) -> None:
    labelled.load(topic(match))
    labelled.link()
    assert (labelled.links(), labelled.doubts()) == (set(), set())


def test_label_of_several_concepts_goes_to_review(labelled: Linker, tmp_path: Path) -> None:
    path = tmp_path / "more.tsv"
    path.write_text(f"Archaeology.\t{LC}/subjects/sh99999999\n", encoding="utf-8")
    labelled.read("lc", path)
    labelled.load(topic(heading("Archaeology")))
    labelled.link()
    assert labelled.links() == set()
    assert {reason for _, reason in labelled.doubts()} == {"several concepts have this label"}


def test_preferred_label_goes_before_a_variant(labelled: Linker, tmp_path: Path) -> None:
    path = tmp_path / "variants.nt"
    skos = "http://www.w3.org/2004/02/skos/core#"
    path.write_text(
        f'<{LC}/subjects/sh99999999> <{skos}prefLabel> "Old things" .\n'
        f'<{LC}/subjects/sh99999999> <{skos}altLabel> "Archaeology" .\n',
        encoding="utf-8",
    )
    labelled.read("lc", path)
    labelled.load(topic(heading("Archaeology"), heading("Old%20things")))
    labelled.link()
    found = {other.rpartition("/")[2] for _, other in labelled.links("t")}
    assert found == {"sh85006507", "sh99999999"}


def test_address_of_a_label_in_a_title_record_is_linked_too(labelled: Linker) -> None:
    labelled.load(
        record("i", {"instanceOf": {"@type": "Monograph", "subject": [heading("Archaeology")]}})
    )
    labelled.link()
    (row,) = labelled.rows("SELECT subject, object FROM link")
    assert row == (f"{LC}/label/Archaeology", f"{LC}/subjects/sh85006507")
