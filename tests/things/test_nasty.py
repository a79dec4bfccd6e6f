"""What stands in the data does nothing in a page, however it is written; and much of it is cut."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import pytest

from tests.saved.html import Browser
from tests.server.conftest import Server, publish, start, stop
from tests.server.http import request

LIBRIS = "https://libris.kb.se/"
KBV = "https://id.kb.se/vocab/"
XSD = "http://www.w3.org/2001/XMLSchema#"
TERMS = "https://id.kb.se/"
ODD = (
    f"{LIBRIS}.ttl",
    f"{LIBRIS}dir/.jsonld#it",
    f"{LIBRIS}/x",
    f"{LIBRIS}id.kb.se/x#it",
    f"{LIBRIS}line%0Aend",
    f"{LIBRIS}resource/bib/12#it",
    f"{LIBRIS}nowhere#work",
    f"{LIBRIS}x#told-elsewhere",
    f"{TERMS}marc#onlyFragment",
    f"{TERMS}.nt",
)
"""IRIs, told of in the graph ``urn:odd`` alone, whose addresses are easily taken for others'."""
SCRIPT = "<script>alert(1)</script>"
HEBREW = "\u05e9\u05dc\u05d5\u05dd"


def quads() -> Iterator[str]:
    graph = f"<{LIBRIS}x>"
    type_ = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
    yield f"{graph} <{KBV}mainEntity> <{LIBRIS}x#it> {graph} ."
    yield f"<{LIBRIS}x#it> {type_} <{KBV}Person> {graph} ."
    yield f'<{LIBRIS}x#it> <{KBV}name> "{SCRIPT}\\"\'--><!--" {graph} .'
    yield f'<{LIBRIS}x#it> <{KBV}label> "{HEBREW} \u202eevil"@he {graph} .'
    yield f'<{LIBRIS}x#it> <{KBV}note> "{"Å" * 200_000}" {graph} .'
    for iri in ("javascript:alert(1)", "data:text/html,x", "http://x/'onclick=alert(1)"):
        yield f"<{LIBRIS}x#it> <{KBV}exactMatch> <{iri}> {graph} ."
    yield f'<{LIBRIS}åäö> <{KBV}label> "beyond ASCII" <{LIBRIS}åäö> .'
    yield f'<{LIBRIS}a%20b> <{KBV}label> "a space" <{LIBRIS}a%20b> .'
    yield f'<{LIBRIS}x#it> <{KBV}year> "1940"^^<{KBV}Year> {graph} .'
    for iri in ODD:
        yield f'<{iri}> <{KBV}label> "odd" <urn:odd> .'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("nasty")
    publish(data, 1, "\n" + "\n".join(quads()), columns=True)
    running = start(data, "--workers", "1")
    yield running
    assert stop(running) == 0


def test_markup_in_names_is_text_and_links_lead_to_the_web_alone(server: Server) -> None:
    browser = Browser(server, "en")
    page = browser.open("/x")
    scripts = page.findall(".//script")
    assert [script.get("type") for script in scripts] == ["application/ld+json"]
    assert json.loads(scripts[0].text)["sameAs"] == "http://x/'onclick=alert(1)"
    assert SCRIPT in browser.text
    links = [str(link.get("href")) for link in page.iter("a", "link")]
    assert all(link.startswith(("/", "#", "https://", "http://")) for link in links)
    assert not any(key.startswith("on") for element in page.iter() for key in element.attrib)


def test_text_of_another_direction_stands_by_itself(server: Server) -> None:
    page = Browser(server, "en").open("/x")
    assert any(HEBREW in (each.text or "") for each in page.findall(".//h1[@dir='auto']"))


def test_text_that_is_very_long_is_cut_on_the_page_and_whole_as_data(server: Server) -> None:
    browser = Browser(server, "en")
    browser.open("/x")
    assert browser.text.count("Å") == 5000
    assert "More is said of this." in browser.text
    assert request(server, "GET", "/x.nt").body.count("Å".encode()) == 200_000


@pytest.mark.parametrize("path", ["%C3%A5%C3%A4%C3%B6", "a%20b"])
def test_address_with_percent_encoding_leads_to_its_thing(server: Server, path: str) -> None:
    for accept in ("text/html", "application/n-triples"):
        for method in ("GET", "HEAD"):
            assert request(server, method, f"/{path}", Accept=accept).status == 200


@pytest.mark.parametrize("iri", ODD)
def test_every_iri_is_told_of_at_its_address(server: Server, iri: str) -> None:
    resource = request(server, "GET", f"/resource?iri={quote(iri, safe='')}&format=nt")
    while resource.status in (301, 303):
        place = urlsplit(resource.headers["location"])
        resource = request(server, "GET", f"{place.path}?{place.query}")
    assert resource.status == 200
    assert f'<{iri}> <{KBV}label> "odd" .' in resource.body.decode()


def test_path_that_begins_with_two_slashes_is_another(server: Server) -> None:
    assert request(server, "GET", "//x.nt").body.count(b'"odd"') == 1
    assert request(server, "GET", "//y.nt").status == 404


@pytest.mark.parametrize(
    "iri", [f"{KBV}Year", f"{XSD}string", "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"]
)
def test_datatype_of_a_literal_is_there(server: Server, iri: str) -> None:
    path = f"/resource?iri={quote(iri, safe='')}"
    place = request(server, "GET", path).headers.get("location", path)
    assert request(server, "GET", place, Accept="text/html").status == 200
    assert request(server, "GET", f"/resource?iri={quote(XSD, safe='')}date").status == 404
