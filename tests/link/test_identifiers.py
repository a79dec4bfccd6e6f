"""The identifier stage: what records and extracts say, joined and closed under constraints."""

from __future__ import annotations

from typing import Any

import pytest

from tests.link.conftest import ISNI, Linker, Q, exact, item, person
from tests.records import record

STRINDBERG = person("a", "August Strindberg", "1849-1912")
STRINDBERG_ISNI = person(
    "a", "August Strindberg", "1849-1912", identifiedBy=[{"@type": "ISNI", "value": ISNI}]
)
ISNI_IRI = f"https://isni.org/isni/{ISNI}"
SHAPES: list[dict[str, Any]] = [
    {"identifiedBy": [{"@type": "VIAF", "value": "54154627"}]},
    {"identifiedBy": [{"@type": "Identifier", "typeNote": "viaf", "value": "54154627"}]},
    {"sameAs": [{"@id": "https://viaf.org/viaf/54154627/"}]},
    {"seeAlso": [{"@type": "Document", "uri": ["http://viaf.org/viaf/54154627"]}]},
    {"describedBy": [{"@type": "Document", "uri": ["http://viaf.org/viaf/54154627"]}]},
    {"exactMatch": [{"@id": "https://www.viaf.org/viaf/54154627"}]},
    {"marc:uri": ["http://viaf.org/viaf/54154627"]},
]


@pytest.mark.parametrize("shape", SHAPES)
def test_link_of_every_shape_leads_to_the_item(linker: Linker, shape: dict[str, Any]) -> None:
    linker.load(person("a", "August Strindberg", "1849-1912", **shape))
    linker.extract(item(7724, "August Strindberg", "1849-1912", P214="54154627"))
    linker.link()
    assert linker.links("a") == exact(f"{Q}7724", "http://viaf.org/viaf/54154627")


@pytest.mark.parametrize(
    "claims",
    [
        {"P5587": "tr574vdc33gk2cc"},
        {"P906": "94541"},
        {"P5587": "http://libris.kb.se/auth/94541"},
    ],
)
def test_item_that_names_the_record_is_found(linker: Linker, claims: dict[str, str]) -> None:
    linker.load(person("tr574vdc33gk2cc", "August Strindberg"))
    linker.extract(item(7724, "August Strindberg", **claims))
    linker.link()
    assert linker.links() == exact(f"{Q}7724")


def test_control_number_of_lc_leads_to_the_item(linker: Linker) -> None:
    number = {"marc:recordControlNumber": ["(DLC)n  79068416"]}
    linker.load(person("a", "August Strindberg", **number))
    linker.extract(item(7724, "August Strindberg", P244="n79068416"))
    linker.link()
    lc = "http://id.loc.gov/authorities/names/n79068416"
    assert linker.links() == exact(f"{Q}7724", lc)


def test_names_of_the_item_elsewhere_and_its_articles_follow(linker: Linker) -> None:
    linker.load(STRINDBERG_ISNI)
    claims = {"P213": ISNI, "P214": "54154627", "P227": "118619411", "P244": "n79068416"}
    pages = {"svwiki": "August Strindberg", "enwiki": "August Strindberg"}
    linker.extract(item(7724, "August Strindberg", "1849-1912", **claims, **pages))
    linker.link()
    assert linker.links() == exact(
        f"{Q}7724",
        ISNI_IRI,
        "http://viaf.org/viaf/54154627",
        "https://d-nb.info/gnd/118619411",
        "http://id.loc.gov/authorities/names/n79068416",
        "http://dbpedia.org/resource/August_Strindberg",
    ) | {
        ("isPrimaryTopicOf", "https://sv.wikipedia.org/wiki/August_Strindberg"),
        ("isPrimaryTopicOf", "https://en.wikipedia.org/wiki/August_Strindberg"),
    }


def test_several_clusters_of_one_item_are_not_taken_for_the_persons(linker: Linker) -> None:
    linker.load(STRINDBERG_ISNI)
    linker.extract(item(7724, "August Strindberg", P213=ISNI, P214=["54154627", "99999"]))
    linker.link()
    assert linker.links() == exact(f"{Q}7724", ISNI_IRI)


def test_link_that_stands_in_the_record_is_not_derived_again(linker: Linker) -> None:
    same = {"exactMatch": [{"@id": f"{Q}7724"}]}
    linker.load(person("a", "August Strindberg", **same))
    linker.extract(item(7724, "August Strindberg", P214="54154627"))
    linker.link()
    assert linker.links() == exact("http://viaf.org/viaf/54154627")


def test_isni_of_two_records_is_flagged_and_neither_linked(linker: Linker) -> None:
    again = person(
        "b", "August Strindberg", identifiedBy=STRINDBERG_ISNI["@graph"][1]["identifiedBy"]
    )
    linker.load(STRINDBERG_ISNI, again)
    linker.extract(item(7724, "August Strindberg", P213=ISNI))
    linker.link()
    assert linker.links() == set()
    assert linker.doubts() == {(ISNI_IRI, "several records share an identifier")}


def test_isni_of_two_records_is_flagged_without_any_extract(linker: Linker) -> None:
    again = person("b", "Annan Person", identifiedBy=STRINDBERG_ISNI["@graph"][1]["identifiedBy"])
    linker.load(STRINDBERG_ISNI, again)
    linker.link()
    assert linker.links() == set()
    assert linker.doubts() == {(ISNI_IRI, "several records share an identifier")}


def test_record_that_the_item_names_keeps_it_when_another_shares_its_isni(linker: Linker) -> None:
    mine = person(
        "tr574vdc33gk2cc", "August Strindberg", identifiedBy=[{"@type": "ISNI", "value": ISNI}]
    )
    other = person("b", "Annan Person", identifiedBy=[{"@type": "ISNI", "value": ISNI}])
    linker.load(mine, other)
    linker.extract(item(7724, "August Strindberg", P906="94541", P213=ISNI))
    linker.link()
    assert ("exactMatch", f"{Q}7724") in linker.links("tr574vdc33gk2cc")
    assert linker.links("b") == set()


def test_identifier_of_two_items_goes_to_review(linker: Linker) -> None:
    linker.load(STRINDBERG_ISNI)
    linker.extract(item(1, "August Strindberg", P213=ISNI), item(2, "August Strindberg", P213=ISNI))
    linker.link()
    assert {other for _, other in linker.links()} == {ISNI_IRI}
    assert linker.doubts() == {(f"{Q}1", "several items"), (f"{Q}2", "several items")}


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (item(1, "August Strindberg", "1814-1880", P213=ISNI), "births differ"),
        (item(1, "August Strindberg", P213=ISNI, P31=[{"id": "Q43229"}]), "kinds differ"),
        (item(1, "Selma Lagerlöf", P213=ISNI), "identifiers agree; names are foreign"),
    ],
)
def test_item_that_contradicts_the_record_goes_to_review(
    linker: Linker, other: dict[str, Any], reason: str
) -> None:
    linker.load(STRINDBERG_ISNI)
    linker.extract(other)
    linker.link()
    assert f"{Q}1" not in {target for _, target in linker.links()}
    assert linker.doubts() == {(f"{Q}1", reason)}


def test_identifier_of_a_pseudonym_is_no_identity(linker: Linker) -> None:
    linker.load(
        person("a", "Vera Haij", "1914-2001", identifiedBy=[{"@type": "ISNI", "value": ISNI}])
    )
    jansson = item(105756, "Tove Jansson", "1914-2001", P213=ISNI)
    jansson["claims"]["P213"][0]["qualifiers"] = {"P742": [{"datavalue": {"value": "Haij, Vera"}}]}
    linker.extract(jansson)
    linker.link()
    assert linker.links() == exact(ISNI_IRI)


def test_pseudonym_with_a_record_of_its_own_is_not_its_bearer(linker: Linker) -> None:
    bearer = {"seeAlso": [{"@type": "Person", "familyName": "King", "givenName": "Stephen"}]}
    linker.load(person("a", "Richard Bachman", "1947-", **bearer))
    king = item(39829, "Stephen King", "1947", P742="Richard Bachman")
    king["aliases"] = {"sv": [{"language": "sv", "value": "Richard Bachman"}]}
    linker.extract(king)
    linker.link()
    assert linker.links() == set()
    assert linker.doubts() == set()


def test_items_that_are_said_to_differ_are_kept_apart(linker: Linker) -> None:
    linker.load(STRINDBERG_ISNI)
    first = item(1, "August Strindberg", P213=ISNI, P1889=[{"id": "Q2"}])
    linker.extract(first, item(2, "August Strindberg", P214="54154627", P244="n79068416"))
    linker.link()
    assert ("exactMatch", f"{Q}1") in linker.links()
    assert ("exactMatch", f"{Q}2") not in linker.links()


def test_close_match_is_no_identity(linker: Linker) -> None:
    topic = {"@type": "Topic", "prefLabel": "Byggnader", "closeMatch": [{"@id": f"{Q}41176"}]}
    linker.load(record("t", topic))
    linker.extract(item(41176, "byggnad", P31=[{"id": "Q811979"}], P244="sh85017769"))
    linker.link()
    assert linker.links() == set()


def test_address_without_a_number_is_reported(linker: Linker) -> None:
    bad = {
        "seeAlso": [{"@type": "Document", "uri": ["http://id.loc.gov/authorities/names/445874"]}]
    }
    linker.load(person("a", "Anton Tjechov", **bad))
    linker.link()
    assert linker.links() == set()
    (row,) = linker.rows("SELECT shape, text FROM unread_claim")
    assert row == ("document", "http://id.loc.gov/authorities/names/445874")


def test_merged_item_is_found_by_its_former_name(linker: Linker) -> None:
    linker.load(person("a", "August Strindberg", exactMatch=[{"@id": f"{Q}1"}]))
    path = linker.folder / "items.nt"
    direct = "http://www.wikidata.org/prop/direct"
    path.write_text(
        f"<{Q}1> <http://www.w3.org/2002/07/owl#sameAs> <{Q}7724> .\n"
        f'<{Q}7724> <{direct}/P213> "{ISNI}" .\n'
        f"<{Q}7724> <{direct}/P31> <{Q}5> .\n"
        f'<{Q}7724> <http://www.w3.org/2000/01/rdf-schema#label> "August Strindberg"@sv .\n',
        encoding="utf-8",
    )
    linker.read("wikidata", path)
    linker.link()
    assert linker.links() == exact(f"{Q}7724", ISNI_IRI)


def test_viaf_dump_leads_from_the_record_to_the_item(linker: Linker) -> None:
    linker.load(person("tr574vdc33gk2cc", "August Strindberg", "1849-1912"))
    path = linker.folder / "clusters.xml"
    path.write_text(
        '54154627\t<ns0:VIAFCluster><ns0:viafID>54154627</ns0:viafID><ns0:source nsid="x">'
        'SELIBR|94541</ns0:source><ns0:source nsid="Q7724">WKP|Q7724</ns0:source>'
        '<ns0:source nsid="n79068416">LC|n  79068416</ns0:source></ns0:VIAFCluster>\n',
        encoding="utf-8",
    )
    linker.read("viaf", path)
    linker.extract(item(7724, "August Strindberg", "1849-1912", P214="54154627"))
    linker.link()
    lc = "http://id.loc.gov/authorities/names/n79068416"
    assert linker.links() == exact(f"{Q}7724", "http://viaf.org/viaf/54154627", lc)
