"""Backgrounds: nationality and kind of work, on either side, as evidence on persons of one name."""

from __future__ import annotations

from typing import Any

import pytest

from loader.link.entities.record_background import read_background
from loader.link.matching.rarity import NameRarity, Rarity
from loader.link.names.backgrounds import Background, compare_backgrounds, read_backgrounds
from tests.link.conftest import Linker, Q, exact, item, person
from tests.records import record

SWEDISH = {"nationality": [{"@id": "https://id.kb.se/nationality/e-sw---"}]}
WRITES = {"description": ["Svensk deckarförfattare, bror till konstnären"]}
COMPOSES = {"P27": {"id": "Q34"}, "P106": {"id": "Q36834"}}
PLAYS_IN_NORWAY = {"P27": {"id": "Q20"}, "P106": {"id": "Q937857"}}


@pytest.fixture
def barely(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names rare enough to be linked without years, by little."""
    monkeypatch.setattr(Rarity, "measure", lambda *_: NameRarity(27.0, 14.0))


def _read_reasons(linker: Linker) -> str:
    (row,) = linker.rows("SELECT why FROM review UNION SELECT why FROM link")
    return str(row[0])


RECORDS: dict[str, tuple[dict[str, Any], set[str], set[str]]] = {
    "a code of an area": (SWEDISH, {"sw"}, set()),
    "a code of a country": (
        {"nationality": {"@id": "https://id.kb.se/nationality/gw"}},
        {"gw"},
        set(),
    ),
    "nobody knows": ({"nationality": [{"@id": "https://id.kb.se/nationality/xx"}]}, set(), set()),
    "a description": (WRITES, {"sw"}, {"letters"}),
    "words behind the name": (
        {"marc:titlesAndOtherWordsAssociatedWithAName": ["bibliotekarie"]},
        set(),
        {"scholarship"},
    ),
    "an occupation with a label": (
        {"hasOccupation": [{"@type": "Occupation", "prefLabel": "Skådespelerska"}]},
        set(),
        {"stage"},
    ),
    "an occupation with an address": (
        {"hasOccupation": {"@id": "https://id.kb.se/term/sao/Tonsättare"}},
        set(),
        {"music"},
    ),
    "biographical information": (
        {"hasBiographicalInformation": [{"label": ["Amerikansk-brittisk poet"]}]},
        {"xxu", "xxk"},
        {"letters"},
    ),
    "a place, without a nationality": (
        {"associatedPlace": [{"@type": "Place", "label": "Norge"}]},
        {"no"},
        set(),
    ),
    "a place, beside a nationality": (
        SWEDISH | {"associatedPlace": [{"@type": "Place", "label": "Norge"}]},
        {"sw"},
        set(),
    ),
}


@pytest.mark.parametrize("case", RECORDS)
def test_record_says_where_somebody_is_from_and_what_they_do(case: str) -> None:
    thing, nations, fields = RECORDS[case]
    assert read_background(thing) == Background(frozenset(nations), frozenset(fields))


@pytest.mark.parametrize(
    ("here", "there", "how"),
    [
        ("Svensk poet", "Swedish writer", {"same nationality", "same field of work"}),
        ("Svensk läkare", "Norwegian footballer", {"other nationality", "other field of work"}),
        ("Finlandssvensk konstnär", "Finnish painter", {"same nationality", "same field of work"}),
        # Whoever is in a catalogue has written something.
        ("Författare", "Swedish politician", set()),
        ("Ukrainsk pianist", "Soviet composer", {"same nationality", "same field of work"}),
        ("Präst från Utrecht", "", set()),
    ],
)
def test_backgrounds_are_compared_in_what_both_know(here: str, there: str, how: set[str]) -> None:
    one, other = (read_backgrounds([text], (), ()) for text in (here, there))
    assert set(compare_backgrounds(one, other)) == how


def test_other_nationality_and_work_are_asked_about(linker: Linker, barely: None) -> None:
    linker.load(person("a", "Selma Lagerlöf", **SWEDISH, description=["Tonsättare"]))
    linker.extract(item(2, "Selma Lagerlöf", **PLAYS_IN_NORWAY))
    linker.link()
    assert linker.links() == set()
    assert linker.doubts() == {(f"{Q}2", "likely, not certain")}
    linker.extract(item(2, "Selma Lagerlöf", **COMPOSES))
    linker.link()
    assert linker.links() == exact(f"{Q}2")


def test_work_tells_namesakes_apart(linker: Linker, barely: None) -> None:
    linker.load(person("a", "Selma Lagerlöf", **SWEDISH, description=["Tonsättare"]))
    linker.extract(
        item(2, "Selma Lagerlöf", **PLAYS_IN_NORWAY), item(3, "Selma Lagerlöf", **COMPOSES)
    )
    linker.link()
    (best,) = linker.rows("SELECT object FROM review ORDER BY confidence DESC LIMIT 1")
    assert best == (f"{Q}3",)


def test_part_in_works_says_what_somebody_does(linker: Linker, barely: None) -> None:
    role = {"@id": "https://id.kb.se/relator/photographer"}
    agent = {"@id": "https://libris.kb.se/a#it"}
    work = {"@type": "Text", "contribution": [{"agent": agent, "role": role}]}
    book = record("i", {"instanceOf": work, "hasTitle": [{"mainTitle": "Bilder"}]})
    linker.load(person("a", "Selma Lagerlöf"), book)
    linker.extract(item(2, "Selma Lagerlöf", P106={"id": "Q937857"}))
    linker.link()
    assert "other field of work" in _read_reasons(linker)


RESULTS = {
    "labels": ("citizenshipLabel,occupationLabel", "Sverige,tonsättare"),
    "several in a cell": ("P27,P106", "Q35|Q34,footballer; composer"),
    "addresses": ("nationality,occupation", f"{Q}34,{Q}36834"),
    "a description": ("itemDescription,P742", "svensk tonsättare,"),
}


@pytest.mark.parametrize("case", RESULTS)
def test_results_of_queries_say_it_in_items_or_words(linker: Linker, case: str) -> None:
    path = linker.folder / "result.csv"
    columns, values = RESULTS[case]
    text = f"item,itemLabel,{columns}\n{Q}2,Selma Lagerlöf,{values}\n"
    path.write_text(text, encoding="utf-8")
    linker.load(person("a", "Selma Lagerlöf", **SWEDISH, description=["Tonsättare"]))
    linker.read("wikidata", path)
    linker.link()
    why = _read_reasons(linker)
    assert "same nationality" in why
    assert "same field of work" in why


def test_truthy_dump_says_it(linker: Linker) -> None:
    direct = "http://www.wikidata.org/prop/direct/"
    lines = [
        f"<{Q}2> <{direct}P{by}> <{Q}{value}> ." for by, value in ((31, 5), (27, 34), (106, 36834))
    ]
    label = f'<{Q}2> <http://www.w3.org/2000/01/rdf-schema#label> "Selma Lagerlöf"@sv .'
    path = linker.folder / "truthy.nt"
    path.write_text("\n".join([*lines, label, ""]), encoding="utf-8")
    linker.load(person("a", "Selma Lagerlöf", **SWEDISH, description=["Tonsättare"]))
    linker.read("wikidata", path)
    linker.link()
    assert "same field of work" in _read_reasons(linker)


def test_occupation_that_no_table_has_is_known_by_its_name(linker: Linker) -> None:
    drummer = item(386854, "trumslagare och kompositör", P31={"id": "Q28640"}, P227="4131430-2")
    linker.load(person("a", "Selma Lagerlöf", description=["Tonsättare"]))
    linker.extract(item(2, "Selma Lagerlöf", P106={"id": "Q386854"}), drummer)
    linker.link()
    assert "same field of work" in _read_reasons(linker)
