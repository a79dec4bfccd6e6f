"""What is no person, by name and by code: who is linked, and what is asked about."""

from __future__ import annotations

from typing import Any

import pytest

from tests.link.conftest import Linker, Q, exact, item
from tests.records import record

ORGANIZATION, CITY, COUNTRY = ({"id": "Q43229"}, {"id": "Q515"}, {"id": "Q6256"})
SWEDEN = item(34, "Sverige", P31=[COUNTRY])
USA = item(30, "USA", P31=[COUNTRY])


def thing(name: str, kind: str, label: str, **more: Any) -> dict[str, Any]:
    key = "prefLabel" if kind in ("Topic", "GenreForm", "Geographic") else "name"
    return record(name, {"@type": kind, key: label, **more})


def stated(number: int, label: str, kind: dict[str, str], within: int = 0) -> dict[str, Any]:
    more = {"P17": [{"id": f"Q{within}"}]} if within else {}
    return item(number, label, P31=[kind], **more)


COMPOSITION = ("music composition", "composition")
AKADEMI = "Vitterhets historie och antikvitets akademien"
IN_UPPSALA = {"isPartOf": [{"@type": "Organization", "name": "Uppsala universitet"}]}
LINKED = {
    "an organization, abbreviated": (
        thing("a", "Organization", f"Kungl. {AKADEMI}"),
        [stated(1, f"Kungliga {AKADEMI}", ORGANIZATION)],
    ),
    "a part of an organization": (
        thing("a", "Organization", "Juridiska fakulteten", **IN_UPPSALA),
        [
            item(1, "Juridiska fakulteten", P31=[ORGANIZATION], P361=[{"id": "Q3"}]),
            item(2, "Juridiska fakulteten", P31=[ORGANIZATION], P361=[{"id": "Q4"}]),
            stated(3, "Uppsala universitet", ORGANIZATION),
            stated(4, "Lunds universitet", ORGANIZATION),
        ],
    ),
    "a place, by the country it lies in": (
        thing("a", "Geographic", "Stockholm (Sverige)"),
        [SWEDEN, USA, stated(1, "Stockholm", CITY, 34), stated(2, "Stockholm", CITY, 30)],
    ),
    "an organization with its legal form": (
        thing("a", "Organization", "AB Norstedts & Söner"),
        [stated(1, "Norstedts och Söner Aktiebolag", ORGANIZATION)],
    ),
    "an organization of a class below a known one": (
        thing("a", "Organization", "Balliol College"),
        [
            item(1, "Balliol College", P31=[{"id": "Q2581649"}], P227="4008795-1"),
            item(2581649, "college", P31=[], P279=[{"id": "Q189004"}], P227="4008796-1"),
        ],
    ),
    "a term in the plural": (
        thing("a", "Topic", "Byggnader"),
        [item(1, "byggnad", P31=[{"id": "Q811979"}], P227="4008795-1")],
    ),
    "a term in the plural, which the item has as an alias": (
        thing("a", "Topic", "Byggnader"),
        [
            item(1, "byggnad", P31=[], P227="4008795-1")
            | {"aliases": {"sv": [{"language": "sv", "value": "byggnader"}]}}
        ],
    ),
    "a term of two words": (
        thing("a", "Topic", "Botaniska trädgårdar"),
        [item(1, "botanisk trädgård", P31=[], P227="4008795-1")],
    ),
    "a term, by what it is a kind of": (
        thing("a", "Topic", "Fysik", broader=[{"@id": "https://id.kb.se/term/sao/Naturvetenskap"}]),
        [
            item(1, "fysik", P31=[], P279=[{"id": "Q3"}], P227="4008795-1"),
            item(3, "naturvetenskap", P31=[], P227="4008797-1"),
        ],
    ),
    "a place, by what lies around its municipality": (
        thing("a", "Geographic", "Berga (Östergötland)"),
        [
            item(1, "Berga", P31=[CITY], P131=[{"id": "Q5"}]),
            item(2, "Berga", P31=[CITY], P131=[{"id": "Q7"}]),
            item(5, "Linköping", P31=[CITY], P131=[{"id": "Q6"}]),
            item(6, "Östergötland", P31=[CITY], P17=[{"id": "Q34"}]),
            item(7, "Kalmar", P31=[CITY], P17=[{"id": "Q34"}]),
            SWEDEN,
        ],
    ),
    "a term in the plural, an alias of several words": (
        thing("a", "Topic", "Meteorological stations"),
        [
            item(1, "weather station", P31=[], P227="4008795-1")
            | {"aliases": {"en": [{"language": "en", "value": "meteorological station"}]}}
        ],
    ),
    "a term with a qualifier that its item's name has, too": (
        thing("a", "Topic", "Composition (Music)"),
        [
            item(1, "musical composition", P31=[], P227="4008795-1")
            | {"aliases": {"en": [{"language": "en", "value": text} for text in COMPOSITION]}}
        ],
    ),
    "a place, its saint abbreviated": (
        thing("a", "Geographic", "S:t Lucia"),
        [stated(1, "Saint Lucia", COUNTRY)],
    ),
    "a family": (
        thing("a", "Family", "Ätten Natt och Dag"),
        [stated(1, "Ätten Natt och Dag", {"id": "Q13417114"})],
    ),
    "a meeting": (
        thing("a", "Meeting", "Nordiska biblioteksmötet"),
        [stated(1, "Nordiska biblioteksmötet", {"id": "Q2020153"})],
    ),
}
REVIEWED = {
    "one of two of the name": (
        thing("a", "Organization", "Svenska föreningen Framtiden"),
        [stated(1, "Svenska föreningen Framtiden", ORGANIZATION, 34), SWEDEN]
        + [stated(2, "Svenska Föreningen Framtiden", ORGANIZATION)],
    ),
    "a part of something else": (
        thing("a", "Organization", "Juridiska fakulteten", **IN_UPPSALA),
        [
            item(1, "Juridiska fakulteten", P31=[ORGANIZATION], P361=[{"id": "Q4"}]),
            stated(4, "Lunds universitet", ORGANIZATION),
        ],
    ),
    "a name of one word": (
        thing("a", "Organization", "Framtiden"),
        [stated(1, "Framtiden", ORGANIZATION)],
    ),
    "a term of one word, which has several meanings": (
        thing("a", "Topic", "Organisation"),
        [item(1, "organisation", P31=[{"id": "Q811979"}], P227="4008795-1")],
    ),
    "a term with a qualifier that says it is something else": (
        thing("a", "Topic", "Composition (Law)"),
        [
            item(1, "musical composition", P31=[], P227="4008795-1")
            | {"aliases": {"en": [{"language": "en", "value": text} for text in COMPOSITION]}}
        ],
    ),
    "a term in the plural with a qualifier": (
        thing("a", "Topic", "Dikes (Engineering)"),
        [item(1, "dike", P31=[], P227="4008795-1")],
    ),
    "a place of the name, which nothing says to lie there": (
        thing("a", "Geographic", "West Point (King County, Wash.)"),
        [stated(1, "West Point", CITY)],
    ),
    "a name of several words that isn't the chief one": (
        thing("a", "Topic", "Civil war"),
        [
            item(1, "American Civil War", P31=[], P227="4008795-1")
            | {"aliases": {"en": [{"language": "en", "value": "Civil War"}]}}
        ],
    ),
    "an organization of a class that isn't known": (
        thing("a", "Organization", "Balliol College"),
        [item(1, "Balliol College", P31=[{"id": "Q2581649"}], P227="4008795-1")],
    ),
}


@pytest.mark.parametrize("case", LINKED)
def test_thing_is_linked_by_name_and_what_speaks_for_it(linker: Linker, case: str) -> None:
    one, items = LINKED[case]
    linker.load(one)
    linker.extract(*items)
    linker.link()
    assert exact(f"{Q}1") <= linker.links("a")
    assert {other for by, other in linker.links("a") if other.startswith(Q)} == {f"{Q}1"}


@pytest.mark.parametrize("case", REVIEWED)
def test_thing_that_only_has_the_name_goes_to_review(linker: Linker, case: str) -> None:
    one, items = REVIEWED[case]
    linker.load(one)
    linker.extract(*items)
    linker.link()
    assert linker.links("a") == set()
    assert f"{Q}1" in {other for other, _ in linker.doubts()}


def test_plural_is_not_linked_if_another_term_is_the_singular(linker: Linker) -> None:
    linker.load(thing("a", "Topic", "Charities"), thing("b", "Topic", "Charity"))
    linker.extract(item(1, "charity", P31=[], P227="4008795-1"))
    linker.link()
    assert not {other for _, other in linker.links("a") if other.startswith(Q)}


def test_person_is_not_taken_for_an_organization(linker: Linker) -> None:
    linker.load(thing("a", "Organization", "Axel Johnson"))
    linker.extract(item(1, "Axel Johnson"))
    linker.link()
    assert (linker.links(), linker.doubts()) == (set(), set())


def test_concept_is_linked_by_its_id_whatever_its_number(linker: Linker) -> None:
    linker.load(thing("nl021hv61spd5n2", "Topic", "Byggnader"))
    linker.extract(item(41176, "byggnad", P31=[{"id": "Q811979"}], P5587="nl021hv61spd5n2"))
    linker.link()
    assert linker.links() == exact(f"{Q}41176")
    assert linker.doubts() == set()


def test_term_is_linked_by_the_heading_of_lc_that_both_have(linker: Linker) -> None:
    match = {"@id": "http://id.loc.gov/authorities/label/Buildings", "@type": "Topic"}
    number = {"marc:recordControlNumber": ["(DLC)sh 85017769"], "prefLabel": "Buildings"}
    linker.load(thing("a", "Topic", "Byggnader", closeMatch=[match | number]))
    linker.extract(item(41176, "byggnad", P31=[{"id": "Q811979"}], P244="sh85017769"))
    linker.link()
    assert ("exactMatch", f"{Q}41176") in linker.links("a")


def test_items_that_nothing_could_be_are_counted(linker: Linker) -> None:
    linker.load(thing("a", "Organization", "Framtiden"))
    path = linker.folder / "items.jsonl"
    linker.extract(item(1, "en stjärna", P31=[{"id": "Q523"}]), SWEDEN)
    assert linker.rows("SELECT dropped, unread FROM extract") == [(1, 0)]
    assert path.exists()


def test_item_of_another_record_is_not_given_by_name(linker: Linker) -> None:
    one = record("a", {"@type": "Person", "familyName": "Lagerlöf", "givenName": "Selma"})
    one["@graph"][1]["lifeSpan"] = "1858-1940"
    linker.load(one)
    linker.extract(item(44519, "Selma Lagerlöf", "1858-1940", P5587="64jmq9fq21x1w63"))
    linker.link()
    assert linker.links() == set()
    assert linker.doubts() == {(f"{Q}44519", "the item is of another record")}
