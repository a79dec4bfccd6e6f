"""Works and editions: linked by their numbers, and works by author, title and year."""

from __future__ import annotations

from typing import Any

import pytest

from tests.link.conftest import Linker, Q, exact, item, person
from tests.records import record

EDITION, NOVEL, MAGAZINE = ({"id": "Q3331189"}, {"id": "Q7725634"}, {"id": "Q41298"})
LAGERLOF = item(44519, "Selma Lagerlöf", "1858-1940")
BY_LAGERLOF = {"P50": {"id": "Q44519"}}


def edition(name: str, title: str, kind: str, value: str) -> dict[str, Any]:
    titles = [{"@type": "Title", "mainTitle": title}]
    ids = [{"@type": kind, "value": value}]
    return record(name, {"hasTitle": titles, "identifiedBy": ids, "instanceOf": {"@type": "Text"}})


def work(name: str, title: str, year: str = "") -> dict[str, Any]:
    agent = {"@id": "https://libris.kb.se/a#it"}
    return record(
        name,
        {
            "@type": "Text",
            "hasTitle": [{"@type": "Title", "mainTitle": title}],
            "contribution": [{"@type": "PrimaryContribution", "agent": agent}],
            "originDate": year,
        },
    )


@pytest.mark.parametrize(
    ("kind", "value", "by", "theirs", "what"),
    [
        ("ISBN", "917000059X (inb.)", "P212", "978-91-7000-059-1", EDITION),
        ("ISBN", "9789170000591", "P957", "91-7000-059-X", EDITION),
        ("ISSN", "0345-1569", "P236", "0345-1569", MAGAZINE),
        ("SystemNumber", "(OCoLC)ocm00012345", "P243", "12345", EDITION),
    ],
)
def test_edition_is_linked_by_its_number(
    linker: Linker, kind: str, value: str, by: str, theirs: str, what: dict[str, str]
) -> None:
    linker.load(edition("e", "Curt Weibull", kind, value))
    linker.extract(item(1, "Curt Weibull", P31=what, **{by: theirs}))
    linker.link()
    assert linker.links() == exact(f"{Q}1")


def test_number_of_something_with_another_title_goes_to_review(linker: Linker) -> None:
    linker.load(edition("e", "Curt Weibull", "ISBN", "9789170000591"))
    linker.extract(item(1, "Fåglar i Norden", P31=EDITION, P212="9789170000591"))
    linker.link()
    assert linker.links() == set()
    assert {iri for iri, _ in linker.doubts()} == {f"{Q}1"}


def test_title_with_its_subtitle_is_the_works(linker: Linker) -> None:
    made = work("w", "Gösta Berlings saga")
    made["@graph"][1]["hasTitle"][0]["subtitle"] = "berättelse från det gamla Värmland"
    label = "Gösta Berlings saga: berättelse från det gamla Värmland"
    linker.load(person("a", "Selma Lagerlöf", "1858-1940"), made)
    linker.extract(LAGERLOF, item(1, label, P31=NOVEL, **BY_LAGERLOF))
    linker.link()
    assert exact(f"{Q}1") <= linker.links("w")


def test_edition_is_near_the_item_of_its_work(linker: Linker) -> None:
    linker.load(edition("e", "Gösta Berlings saga", "ISBN", "9789170000591"))
    linker.extract(item(1, "Gösta Berlings saga", P31=NOVEL, P212="9789170000591"))
    linker.link()
    assert linker.links() == {("closeMatch", f"{Q}1")}


def test_number_that_two_records_have_links_neither(linker: Linker) -> None:
    both = [edition(name, "Curt Weibull", "ISBN", "9789170000591") for name in ("e", "f")]
    linker.load(*both)
    linker.extract(item(1, "Curt Weibull", P31=EDITION, P212="9789170000591"))
    linker.link()
    assert linker.links() == set()
    assert linker.doubts() == {(f"{Q}1", "several records share an identifier")}


def test_number_that_no_item_has_is_nobodys_doubt(linker: Linker) -> None:
    linker.load(*(edition(name, "Curt", "ISBN", "9789170000591") for name in ("e", "f")))
    linker.extract(LAGERLOF)
    linker.link()
    assert (linker.links(), linker.doubts()) == (set(), set())


def test_work_is_linked_by_author_and_title(linker: Linker) -> None:
    linker.load(person("a", "Selma Lagerlöf", "1858-1940"), work("w", "Gösta Berlings saga"))
    others = item(3, "Gösta Berlings saga", P31=NOVEL, P50={"id": "Q9"})
    linker.extract(LAGERLOF, item(1, "Gösta Berlings saga", P31=NOVEL, **BY_LAGERLOF), others)
    linker.link()
    assert linker.links("w") == exact(f"{Q}1")


@pytest.mark.parametrize(
    ("year", "items", "reason"),
    [
        ("1890", [{"P577": {"time": "+1925-00-00T00:00:00Z"}}], "years of publication differ"),
        ("", [{}, {}], "several works of the author have the title"),
    ],
)
def test_work_that_may_be_another_goes_to_review(
    linker: Linker, year: str, items: list[dict[str, Any]], reason: str
) -> None:
    linker.load(person("a", "Selma Lagerlöf", "1858-1940"), work("w", "Jerusalem", year))
    named = [
        item(number, "Jerusalem", P31=NOVEL, **BY_LAGERLOF, **more)
        for number, more in enumerate(items, 1)
    ]
    linker.extract(LAGERLOF, *named)
    linker.link()
    assert linker.links("w") == set()
    assert (f"{Q}1", reason) in linker.doubts()
