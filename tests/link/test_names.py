"""Names: who is linked without being asked about, who goes to review, and who is let be."""

from __future__ import annotations

from typing import Any

import pytest

from loader.link import operations
from loader.link.matching.agreement import compare_names
from loader.link.matching.profiles import make_profile
from loader.link.matching.rarity import NameRarity, Rarity
from loader.link.names.keys import fold
from loader.link.names.lifespans import Life, make_exact_year
from tests.link.conftest import Linker, Q, exact, item, person
from tests.records import record

BOTH = "1858-1940"
LAGERLOF = item(44519, "Selma Lagerlöf", BOTH)


def title_of(person_name: str, title: str) -> dict[str, Any]:
    agent = {"@id": f"https://libris.kb.se/{person_name}#it"}
    work = {
        "@type": "Monograph",
        "contribution": [{"@type": "PrimaryContribution", "agent": agent}],
    }
    return record("i", {"instanceOf": work, "hasTitle": [{"@type": "Title", "mainTitle": title}]})


LINKED = {
    "the same name and both years": (person("a", "Selma Lagerlöf", BOTH), LAGERLOF),
    "the name without its marks": (person("a", "Selma Lagerlof", BOTH), LAGERLOF),
    "the name run together": (
        person("a", "Auroravon Königsmarck", "1662-1728"),
        item(44519, "Aurora von Königsmarck", "1662-1728"),
    ),
    "a given name less": (
        person("a", "Selma Lagerlöf", BOTH),
        item(44519, "Selma Ottilia Lovisa Lagerlöf", BOTH),
    ),
    "initials": (person("a", "S. Lagerlöf", BOTH), LAGERLOF),
    "an initial for a name, another left out": (
        person("a", "Selma O Lagerlöf", BOTH),
        item(44519, "Selma Ottilia Lovisa Lagerlöf", BOTH),
    ),
    "a misspelt name and both years": (person("a", "Selma Lagerlöv", BOTH), LAGERLOF),
    "the spelling of another time": (
        person("a", "Carl Gustaf Qvist", "1843-1922"),
        item(44519, "Karl Gustav Kvist", "1843-1922"),
    ),
    "a particle less": (
        person("a", "Aurora Königsmarck", "1662-1728"),
        item(44519, "Aurora von Königsmarck", "1662-1728"),
    ),
    "a death a year later": (person("a", "Selma Lagerlöf", "1858-1941"), LAGERLOF),
    "both years in the record, one in the item": (
        person("a", "Selma Lagerlöf", BOTH),
        item(44519, "Selma Lagerlöf", "1858"),
    ),
    "a rare name and the only year": (person("a", "Selma Lagerlöf", "1858-"), LAGERLOF),
    "a rare name, one year, and another that is uncertain": (
        person("a", "Selma Lagerlöf", "ca 1856-1940"),
        LAGERLOF,
    ),
}
YEARS_ELSEWHERE = {
    "of a variant": {"hasVariant": [{"@type": "Person", "name": "S. L.", "lifeSpan": BOTH}]},
    "in a description": {"description": ["Författare, f. 20 nov. 1858, d. 16 mars 1940"]},
}
REVIEWED = {
    "a rare name without years": (person("a", "Selma Lagerlöf"), LAGERLOF),
    "a common name and one year": (
        person("a", "Anders Andersson", "1950-"),
        item(44519, "Anders Andersson", "1950"),
    ),
    "a birth two years later": (person("a", "Selma Lagerlöf", "1860-1940"), LAGERLOF),
    "a common name without years": (
        person("a", "Anders Andersson"),
        item(44519, "Anders Andersson"),
    ),
    "initials without years": (person("a", "S. Lagerlöf"), item(44519, "Selma Lagerlöf")),
    "a given name less without years": (
        person("a", "Selma Lagerlöf"),
        item(44519, "Selma Ottilia Lovisa Lagerlöf"),
    ),
}
LET_BE = {
    "another number of a regent": (
        person("a", "Karl XI", "1655-1697"),
        item(44519, "Karl XII", "1655-1718"),
    ),
    "other years": (person("a", "Selma Lagerlöf", "1814-1880"), LAGERLOF),
    "a sibling": (person("a", "Johan Lagerlöf", BOTH), LAGERLOF),
    "an organization": (
        person("a", "Selma Lagerlöf", BOTH),
        item(44519, "Selma Lagerlöf", BOTH, P31=[{"id": "Q43229"}]),
    ),
}


@pytest.mark.parametrize("case", LINKED)
def test_certain_name_is_linked(linker: Linker, case: str) -> None:
    one, other = LINKED[case]
    linker.load(one)
    linker.extract(other)
    linker.link()
    assert linker.links() == exact(f"{Q}44519")
    assert linker.doubts() == set()


@pytest.mark.parametrize("case", YEARS_ELSEWHERE)
def test_years_that_stand_elsewhere_in_a_record_count(linker: Linker, case: str) -> None:
    linker.load(person("a", "Selma Lagerlöf", **YEARS_ELSEWHERE[case]))
    linker.extract(LAGERLOF)
    linker.link()
    assert linker.links() == exact(f"{Q}44519")


@pytest.mark.parametrize("case", REVIEWED)
def test_likely_name_goes_to_review(linker: Linker, case: str) -> None:
    one, other = REVIEWED[case]
    linker.load(one)
    linker.extract(other)
    linker.link()
    assert linker.links() == set()
    assert {other for other, _ in linker.doubts()} == {f"{Q}44519"}


@pytest.mark.parametrize("case", LET_BE)
def test_unlikely_name_is_let_be(linker: Linker, case: str) -> None:
    one, other = LET_BE[case]
    linker.load(one)
    linker.extract(other)
    linker.link()
    assert (linker.links(), linker.doubts()) == (set(), set())


def test_common_name_with_a_year_and_a_title_in_common_is_linked(linker: Linker) -> None:
    linker.load(person("a", "Anders Andersson", "1950-"), title_of("a", "Den mörka skogen"))
    book = item(5, "Den mörka skogen", P31=[{"id": "Q7725634"}], P50=[{"id": "Q44519"}])
    linker.extract(item(44519, "Anders Andersson", "1950"), book)
    linker.link()
    assert linker.links("a") == exact(f"{Q}44519")


def test_namesake_with_the_same_years_is_asked_about(linker: Linker) -> None:
    linker.load(person("a", "Selma Lagerlöf", BOTH))
    linker.extract(LAGERLOF, item(2, "Selma Lagerlöf", BOTH))
    linker.link()
    assert linker.links() == set()
    assert {other for other, _ in linker.doubts()} == {f"{Q}44519", f"{Q}2"}


# As many others as it takes to see that a name is rare among them.
OTHERS = [item(1000 + number, f"Förnamn{number} Efternamn{number}", BOTH) for number in range(100)]
RARE = item(44519, "Selma Lagerlöf")


@pytest.mark.parametrize("known", ["", BOTH])
@pytest.mark.parametrize(
    ("bits", "is_linked"), [(NameRarity(28.0, 15.0), True), (NameRarity(20.0, 10.0), False)]
)
def test_name_without_years_is_linked_if_it_is_rare_enough(
    linker: Linker,
    monkeypatch: pytest.MonkeyPatch,
    known: str,
    bits: NameRarity,
    is_linked: bool,
) -> None:
    monkeypatch.setattr(Rarity, "measure", lambda *_: bits)
    linker.load(person("a", "Selma Lagerlöf"))
    linker.extract(item(44519, "Selma Lagerlöf", known))
    linker.link()
    assert linker.links() == (exact(f"{Q}44519") if is_linked else set())


SPEAKS_AGAINST = {
    "years in the item alone": ([], [item(44519, "Selma Lagerlöf", BOTH)]),
    "a namesake in Libris": ([person("b", "Selma Lagerlöf", BOTH)], [RARE]),
    "a namesake in the extract": ([], [RARE, item(2, "Selma Lagerlöf", BOTH)]),
    "words that many others bear": (
        [],
        [
            RARE,
            *(item(2000 + number, f"Selma Efternamn{number}") for number in range(30)),
            *(item(3000 + number, f"Förnamn{number} Lagerlöf") for number in range(30)),
        ],
    ),
}


@pytest.mark.parametrize("case", SPEAKS_AGAINST)
def test_rare_name_without_years_goes_to_review(linker: Linker, case: str) -> None:
    records, items = SPEAKS_AGAINST[case]
    linker.load(person("a", "Selma Lagerlöf"), *records)
    linker.extract(*items, *OTHERS)
    linker.link()
    assert linker.links("a") == set()
    assert f"{Q}44519" in {other for other, _ in linker.doubts()}


def test_misspelt_name_without_years_goes_to_review(linker: Linker) -> None:
    linker.load(person("a", "Selma Lagerlöv"))
    linker.extract(RARE, *OTHERS)
    linker.link()
    assert linker.links() == set()
    assert {other for other, _ in linker.doubts()} == {f"{Q}44519"}


def test_common_surname_without_years_is_never_rare(linker: Linker) -> None:
    linker.load(person("a", "Alfhild Andersson"))
    linker.extract(item(44519, "Alfhild Andersson"), *OTHERS)
    linker.link()
    assert linker.links() == set()


def test_three_candidates_at_most_are_asked_about(linker: Linker) -> None:
    linker.load(person("a", "Selma Lagerlöf"))
    linker.extract(*(item(number, "Selma Lagerlöf") for number in range(1, 7)), *OTHERS)
    linker.link()
    assert len(linker.doubts()) == 3


def test_less_is_linked_where_hardly_anybody_is_found(linker: Linker) -> None:
    dated = [person(f"p{number}", f"Okänd{number} Person{number}", BOTH) for number in range(60)]
    linker.load(person("a", "Selma Lagerlöf", "1858-"), *dated)
    linker.extract(LAGERLOF, *OTHERS)
    linker.link()
    assert linker.links("a") == set()
    assert linker.doubts() == {(f"{Q}44519", "likely, not certain")}


def test_prior_is_said_among_the_reasons(linker: Linker) -> None:
    dated = [person(f"p{n}", f"Förnamn{n} Efternamn{n}", BOTH) for n in range(60)]
    linker.load(person("a", "Selma Lagerlöf", BOTH), *dated)
    linker.extract(LAGERLOF, *OTHERS)
    linker.link()
    (why,) = linker.rows(f"SELECT why FROM link WHERE object = '{Q}44519'")[0]
    assert "share found" in why
    assert "birth equal" in why


_WITHOUT_YEARS = "ALTER TABLE title DROP COLUMN year; ALTER TABLE title DROP COLUMN text;"


@pytest.mark.parametrize("version", [1, 2, 4, 5])
def test_tables_of_former_versions_are_filled_again(linker: Linker, version: int) -> None:
    linker.load(person("a", "Selma Lagerlöf", BOTH))
    linker.extract(LAGERLOF)
    linker.link()
    with operations.open_tables(linker.workspace) as tables:
        tables.connection.executescript(
            f"{'' if version > 2 else 'ALTER TABLE extract DROP COLUMN dropped;'}"
            "ALTER TABLE title DROP COLUMN fields;"
            f"{'' if version == 5 else _WITHOUT_YEARS}"
            "DELETE FROM block;"
            " UPDATE entity SET body = replace(body, 'Selma', 'Någon');"
            f" PRAGMA user_version = {version}"
        )
    linker.link()
    assert linker.links() == exact(f"{Q}44519")


def test_contradiction_of_years_is_named_in_review(linker: Linker) -> None:
    linker.load(person("a", "Selma Lagerlöf", "1860-1940"))
    linker.extract(LAGERLOF)
    linker.link()
    ((reason,),) = linker.rows("SELECT reason FROM review")
    assert reason == "births differ: 1860, 1858"


def edition_of(person_name: str, year: str, role: str = "author") -> dict[str, Any]:
    made = title_of(person_name, "Gösta Berlings saga")
    thing = made["@graph"][1]
    thing["publication"] = [{"@type": "PrimaryPublication", "year": year}]
    by = {"@id": f"https://id.kb.se/relator/{role}"}
    thing["instanceOf"]["contribution"][0]["role"] = [by]
    return made


def test_nobody_publishes_before_birth(linker: Linker) -> None:
    linker.load(person("a", "Selma Lagerlöf", "-1940"), edition_of("a", "1850"))
    linker.extract(LAGERLOF)
    linker.link()
    assert linker.links() == set()
    assert linker.doubts() == {(f"{Q}44519", "published in 1850, born in 1858")}


@pytest.mark.parametrize(("year", "role"), [("1891", "author"), ("1850", "formerOwner")])
def test_title_that_may_be_theirs_is_no_contradiction(linker: Linker, year: str, role: str) -> None:
    linker.load(person("a", "Selma Lagerlöf", "-1940"), edition_of("a", year, role))
    linker.extract(LAGERLOF)
    linker.link()
    assert "published" not in "".join(reason for _, reason in linker.doubts())


def test_namesake_born_after_the_first_title_gives_way_to_the_other(linker: Linker) -> None:
    linker.load(person("a", "Selma Lagerlöf"), edition_of("a", "1891"))
    linker.extract(LAGERLOF, item(2, "Selma Lagerlöf", "1958"))
    linker.link()
    reasons = dict(linker.doubts())
    assert reasons.get(f"{Q}2") == "published in 1891, born in 1958"
    assert reasons.get(f"{Q}44519", "") != reasons[f"{Q}2"]


def test_name_says_the_more_the_fewer_bear_its_words(linker: Linker) -> None:
    names = ["Selma Lagerlöf", "Ebba Trana", "Ebba Svan", "Ebba Lind", "Ebba von Gran"]
    linker.load(person("z", "Någon Annan"))
    linker.extract(*(item(number, name) for number, name in enumerate(names, 1)))
    linker.link()
    with operations.open_tables(linker.workspace) as tables:
        rarity = Rarity(tables.connection)
        bits = {name: rarity.measure(tuple(fold(name).split())).bits for name in names}
        initials = rarity.measure(("lagerlof",), 1).bits
    assert bits["Selma Lagerlöf"] > bits["Ebba Trana"] > initials > 0
    assert bits["Ebba von Gran"] == bits["Ebba Trana"]


def test_item_that_two_records_fit_is_nobodys(linker: Linker) -> None:
    linker.load(person("a", "Selma Lagerlöf", BOTH), person("b", "Selma Lagerlöf", BOTH))
    linker.extract(LAGERLOF)
    linker.link()
    assert linker.links() == set()
    assert len(linker.rows("SELECT * FROM review")) == 2


def test_other_identifiers_of_a_kind_speak_against(linker: Linker) -> None:
    ids = {"identifiedBy": [{"@type": "VIAF", "value": "7392519"}]}
    linker.load(person("a", "Selma Lagerlöf", BOTH, **ids))
    linker.extract(item(44519, "Selma Lagerlöf", BOTH, P214="111"))
    linker.link()
    assert linker.links() == exact("http://viaf.org/viaf/7392519")
    assert linker.doubts() == {(f"{Q}44519", "identifiers differ")}


def test_names_elsewhere_follow_from_an_item_found_by_name(linker: Linker) -> None:
    linker.load(person("a", "Selma Lagerlöf", BOTH))
    linker.extract(item(44519, "Selma Lagerlöf", BOTH, P214="7392519", P244=["n1", "n79046514"]))
    linker.link()
    lc = "http://id.loc.gov/authorities/names/n79046514"
    assert linker.links() == exact(f"{Q}44519", "http://viaf.org/viaf/7392519", lc)


@pytest.mark.parametrize(
    ("one", "other", "how"),
    [
        ("Selma Lagerlöf", "Lagerlöf, Selma", "exact"),
        ("Selma Lagerlöf", "Selma Lagerlof", "folded"),
        ("T. S. Eliot", "Thomas Stearns Eliot", "initials"),
        ("Carl Almqvist", "Carl Jonas Love Almqvist", "shorter"),
        ("Selma Lagerlöf", "Selma Lagerlöv", "close"),
        ("Alexej von Jawlensky", "Alexei Jawlensky", "close"),
        ("W. Theodor Lundgren", "Theodor Lundgren", "shorter"),
        ("Carl G Grundell", "Carl Gustaf Grundell", "initials"),
        ("Carl G Grundell", "Carl Johan Grundell", "partly"),
        ("Carl af Wirsén", "Carl Wirsén", "shorter"),
        ("Oscar Quist", "Oskar Kvist", "spelt"),
        ("Karl XI", "Karl XII", "partly"),
        ("Johan Lagerlöf", "Selma Lagerlöf", "partly"),
        ("Selma Lagerlöf", "August Strindberg", "foreign"),
        ("Selma Lagerlöf", "Сельма Лагерлёф", "unknown"),
        ("", "Selma Lagerlöf", "unknown"),
    ],
)
def test_how_names_agree(one: str, other: str, how: str) -> None:
    life = Life(make_exact_year(1858), None)
    names = [[one] if one else [], [other]]
    first, second = (make_profile("person", variants, life) for variants in names)
    assert compare_names(first, second) == compare_names(second, first) == how
