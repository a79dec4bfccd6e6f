"""Every thing has an address: a page, data in each format, and links that lead on."""

from __future__ import annotations

import json
import re
from typing import cast
from urllib.parse import quote, urlencode

import pyoxigraph as ox
import pytest

from sparql_server.answering.answer import Answer, Visitor
from sparql_server.answering.answers import Answers
from sparql_server.errors import TimeLimitExceeded
from sparql_server.sparql.protocol import QueryRequest
from sparql_server.things.addresses import Addresses
from sparql_server.things.document_queries import UNCOUNTED
from sparql_server.things.facts import Asker, Hubs
from sparql_server.things.pages import schema_org
from sparql_server.things.statements import Statements
from tests.saved.html import Browser
from tests.server.conftest import Server
from tests.server.http import Reply, ask, request, values

LIBRIS = "https://libris.kb.se/"
KBV = "https://id.kb.se/vocab/"
BOOK = "sample-b0010"  # an edition of Kallocain, with holdings
FORMATS = {
    "ttl": ("text/turtle", ox.RdfFormat.TURTLE),
    "nt": ("application/n-triples", ox.RdfFormat.N_TRIPLES),
    "rdf": ("application/rdf+xml", ox.RdfFormat.RDF_XML),
    "jsonld": ("application/ld+json", ox.RdfFormat.JSON_LD),
}


def triples(reply: Reply, name: str) -> set[tuple[str, str, str]]:
    assert reply.status == 200, reply.text
    assert reply.headers["content-type"].startswith(FORMATS[name][0])
    quads = ox.parse(reply.body, FORMATS[name][1])
    return {(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in quads}


def links(reply: Reply, relation: str) -> list[str]:
    return re.findall(rf'<([^>]*)>; rel="{relation}"', reply.headers["link"])


@pytest.mark.parametrize("name", FORMATS)
def test_thing_comes_in_every_format_by_accept_parameter_and_suffix(
    sample: Server, name: str
) -> None:
    accepted = request(sample, "GET", f"/{BOOK}", Accept=FORMATS[name][0])
    named = request(sample, "GET", f"/{BOOK}?format={name}", Accept="text/html")
    suffixed = request(sample, "GET", f"/{BOOK}.{name}", Accept="text/html")
    assert accepted.body == named.body == suffixed.body
    there = {triple for triple in triples(accepted, name) if "_:" not in "".join(triple)}
    assert (f"<{LIBRIS}{BOOK}>", f"<{KBV}mainEntity>", f"<{LIBRIS}{BOOK}#it>") in there
    assert any(predicate == f"<{KBV}itemOf>" for _, predicate, _ in there)
    assert (f"<{KBV}PhysicalResource>", f"<{KBV}label>", '"Physical resource"@en') in there


def test_blank_nodes_come_with_what_hangs_on_them(sample: Server) -> None:
    said = triples(request(sample, "GET", f"/{BOOK}.nt"), "nt")
    (publication,) = (o for _, p, o in said if p == f"<{KBV}publication>")
    (agent,) = (o for s, p, o in said if s == publication and p == f"<{KBV}agent>")
    assert (agent, f"<{KBV}label>", '"Bonnier"') in said


def test_answer_can_be_kept_and_asked_about(sample: Server) -> None:
    reply = request(sample, "GET", f"/{BOOK}", Accept="text/turtle")
    again = request(
        sample, "GET", f"/{BOOK}", Accept="text/turtle", If_None_Match=reply.headers["etag"]
    )
    head = request(sample, "HEAD", f"/{BOOK}", Accept="text/turtle")
    assert (again.status, head.status, head.body) == (304, 200, b"")
    for name in ("etag", "content-type", "link", "libris-release"):
        assert head.headers[name] == reply.headers[name]
    assert "Accept" in reply.headers["vary"]
    assert reply.headers["access-control-allow-origin"] == "*"
    page = request(sample, "GET", f"/{BOOK}", Accept="text/html")
    kept = request(
        sample, "GET", f"/{BOOK}", Accept="text/html", If_None_Match=page.headers["etag"]
    )
    assert kept.status == 304


def test_what_the_data_do_not_have_is_not_found(sample: Server) -> None:
    for path in (
        "/nothing",
        "/nothing.ttl",
        "/id.kb.se/nothing",
        "/a%0ab",
        "/a%ff",
        "/%3Cx%3E",
        f"/{BOOK}/",
        f"/resource?{urlencode({'iri': 'urn:nothing'})}",
    ):
        for method in ("GET", "HEAD"):
            assert request(sample, method, path).status == 404, path


def test_other_addresses_are_not_taken(sample: Server) -> None:
    assert request(sample, "GET", "/health").json()["engine"]
    assert request(sample, "GET", "/queries").status == 308
    for path in ("/schema/nothing", "/sparql/x", "/static/nothing.css", "/graphs/nothing"):
        assert request(sample, "GET", path).status == 404
    assert request(sample, "PUT", f"/{BOOK}").status == 405


def test_every_iri_of_the_data_has_an_address(sample: Server) -> None:
    """Whether it is a subject, a property, an object or a graph; a part of them is asked for."""
    query = (
        "SELECT DISTINCT ?iri { ?s ?p ?o VALUES ?n { 1 2 3 }"
        " BIND(IF(?n = 1, ?s, IF(?n = 2, ?p, ?o)) AS ?iri) FILTER(isIRI(?iri)) }"
        " ORDER BY MD5(STR(?iri)) LIMIT 25"
    )
    addresses = Addresses({"sparql", "graphs", "resource"})
    for (iri,) in values(ask(sample, query)):
        head = request(sample, "HEAD", addresses.of(iri).partition("#")[0])
        assert head.status == 200, iri


def test_resource_sends_to_the_address_of_its_own(sample: Server) -> None:
    iri = f"{LIBRIS}{BOOK}#it"
    reply = request(sample, "GET", f"/resource?{urlencode({'iri': iri, 'format': 'nt'})}")
    assert (reply.status, reply.headers["location"]) == (303, f"/{BOOK}?format=nt#it")
    outside = quote("http://www.wikidata.org/entity/Q25161", safe="")
    said = triples(request(sample, "GET", f"/resource?iri={outside}&format=nt"), "nt")
    assert any(p == f"<{KBV}exactMatch>" for _, p, _ in said)


@pytest.mark.parametrize(
    "path", ["Sk%C3%B6nlitteratur", "Science%20fiction"], ids=["beyond ASCII", "space"]
)
def test_iri_may_have_percent_encoding_of_its_own(sample: Server, path: str) -> None:
    said = triples(request(sample, "GET", f"/id.kb.se/term/saogf/{path}.nt"), "nt")
    assert any(s == f"<https://id.kb.se/term/saogf/{path}>" for s, _, _ in said)


def test_programs_go_by_links_from_a_person_to_libraries(sample: Server) -> None:
    """Person, edition, holding, library: with nothing known but what the answers say."""
    book = f"<{LIBRIS}sample-b0001#it>"
    edition = triples(request(sample, "GET", "/sample-b0001.nt"), "nt")
    (person,) = (o for _, p, o in edition if p == f"<{KBV}agent>" and o.startswith("<"))
    path = person.strip("<>").removeprefix(LIBRIS).partition("#")[0]
    told = request(sample, "GET", f"/{path}", Accept="application/n-triples")
    assert any(s == book for s, _, _ in triples(told, "nt"))
    items = [s for s, p, o in edition if p == f"<{KBV}itemOf>" and o == book]
    holding = items[0].strip("<>").removeprefix(LIBRIS).partition("#")[0]
    item = triples(request(sample, "GET", f"/{holding}.nt"), "nt")
    assert any(p == f"<{KBV}heldBy>" for _, p, _ in item)
    assert links(told, "related")


def test_what_points_here_comes_in_parts(sample: Server) -> None:
    path = "/library/S?incoming=kbv:descriptionCreator"
    first = request(sample, "GET", f"{path}&format=nt")
    (following,) = links(first, "next")
    second = request(sample, "GET", following.removeprefix(sample.address) + "&format=nt")
    (back,) = links(second, "prev")
    pointed = f"<{KBV}descriptionCreator>"
    subjects = [
        {s for s, p, _ in triples(reply, "nt") if p == pointed} for reply in (first, second)
    ]
    assert len(subjects[0]) == 100
    assert subjects[1]
    assert not subjects[0] & subjects[1]
    assert "offset" not in back
    browser = Browser(sample)
    browser.open(path)
    assert "1–100 of " in browser.text
    browser.follow("Next")
    assert "101–" in browser.text


def test_what_points_here_is_narrowed_to_a_class(sample: Server) -> None:
    path = "/library/S?incoming=kbv:descriptionCreator&limit=20&class="
    following, told = [f"{sample.address}{path}kbv:Record"], list[tuple[str, str, str]]()
    while following:
        part = f"{following[0].removeprefix(sample.address)}&format=nt"
        reply = request(sample, "GET", part)
        told += triples(reply, "nt")
        following = links(reply, "next")
    sources = [s for s, p, _ in told if p == f"<{KBV}descriptionCreator>"]
    totals = {int(o.split('"')[1]) for _, p, o in told if p.endswith("core#totalItems>")}
    assert len(sources) == len(set(sources)) > 20
    assert totals == {len(sources)}
    none = triples(request(sample, "GET", f"{path}kbv:Item&format=nt"), "nt")
    assert not [each for each in none if each[1] == f"<{KBV}descriptionCreator>"]
    page = request(sample, "GET", f"{path}kbv:Record", Accept="text/html")
    assert "class=kbv%3ARecord" in page.text


def test_class_takes_what_is_of_those_below_it(sample: Server) -> None:
    path = "/sample-a0063?incoming=kbv:instanceOf&format=nt&class="
    above, own = (triples(request(sample, "GET", f"{path}{kind}"), "nt") for kind in (
        "kbv:Instance", "kbv:PhysicalResource"))  # fmt: skip
    editions = {s for s, p, _ in above if p == f"<{KBV}instanceOf>"}
    assert editions
    assert editions == {s for s, p, _ in own if p == f"<{KBV}instanceOf>"}
    none = triples(request(sample, "GET", f"{path}kbv:Item"), "nt")
    assert not [each for each in none if each[1] == f"<{KBV}instanceOf>"]


def test_libraries_that_hold_an_edition_come_with_its_holdings(sample: Server) -> None:
    told = triples(request(sample, "GET", f"/{BOOK}.nt?incoming=kbv:itemOf"), "nt")
    holdings = {s for s, p, _ in told if p == f"<{KBV}itemOf>"}
    assert holdings == {s for s, p, _ in told if p == f"<{KBV}heldBy>"}


@pytest.mark.parametrize(
    "parameters",
    ["class=kbv:Item", "class=a+b&incoming=kbv:itemOf", "incoming=x", "incoming=a:b+a:b+a:b+a:b",
     "offset=1", "offset=x&incoming=kbv:itemOf", "x=1", "format=ttl&format=nt", "iri=urn:x",
     "incoming=urn:%3E"],
)  # fmt: skip
def test_unknown_parameters_are_refused(sample: Server, parameters: str) -> None:
    assert request(sample, "GET", f"/{BOOK}?{parameters}").status == 400


def test_format_that_there_is_not_is_refused(sample: Server) -> None:
    assert request(sample, "GET", f"/{BOOK}?format=csv").status == 406
    assert request(sample, "GET", f"/{BOOK}", Accept="image/png").status == 406


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Holdings", "The record", "Physical resource")),
        ("sv", ("Bestånd", "Posten", "Fysisk resurs")),
    ],
)
def test_page_tells_title_publication_and_holdings_before_the_rest(
    sample: Server, language: str, words: tuple[str, ...]
) -> None:
    browser = Browser(sample, language)
    page = browser.open("/sample-b0001")
    assert page.findtext(".//h1") == "Röda rummet"
    assert all(word in browser.text for word in words)
    shown = page.get_element_by_id("main").text_content()
    order = [shown.index(word) for word in ("Strindberg, August", "Seligmann", *words[:2])]
    assert order == sorted(order)
    browser.follow("Strindberg, August")
    assert browser.page.findtext(".//h1") == "Strindberg, August, 1849-1912"
    browser.follow("Röda rummet")
    assert browser.address.endswith("/sample-b0001#it")


def test_page_tells_contributions_and_publication_in_a_line(sample: Server) -> None:
    browser = Browser(sample, "en")
    page = browser.open("/sample-b0001")
    lines = [" ".join(each.text_content().split()) for each in page.iter("dd")]
    assert any(each.startswith("Strindberg, August, 1849-1912, ") for each in lines)
    assert any(each.startswith("Stockholm, Seligmann, 1879") for each in lines)


def test_page_of_an_author_has_the_works_before_the_rest(sample: Server) -> None:
    browser = Browser(sample, "en")
    browser.open("/sample-b0001")
    browser.follow("Strindberg, August")
    shown = browser.page.get_element_by_id("main").text_content()
    words = [word for word in ("What points here", "Röda rummet", "More", "The record")]
    order = [shown.index(word) for word in words if word in shown]
    assert len(order) > 2
    assert order == sorted(order)


def test_page_keeps_the_language_that_was_chosen(sample: Server) -> None:
    browser = Browser(sample, "en")
    browser.open("/sample-b0001?lang=sv")
    browser.follow("Strindberg, August")
    assert "Posten" in browser.text


def test_classes_and_properties_lead_to_the_schema(sample: Server) -> None:
    page = Browser(sample).open(f"/{BOOK}")
    leads = {link.get("href") for link in page.iter("a")}
    assert f"/schema/class?iri={quote(KBV, safe='')}PhysicalResource" in leads
    assert f"/schema/property?iri={quote(KBV, safe='')}publication" in leads


def test_page_has_signposts_and_schema_org(sample: Server) -> None:
    browser = Browser(sample)
    page = browser.open(f"/{BOOK}")
    assert links(browser.reply, "cite-as") == [f"{LIBRIS}{BOOK}#it"]
    assert links(browser.reply, "type") == [f"{KBV}PhysicalResource"]
    assert f"{sample.address}/{BOOK}.ttl" in links(browser.reply, "describedby")
    (script,) = page.findall(".//script")
    about = json.loads(script.text)
    assert (about["@type"], about["name"]) == ("Book", "Kallocain")
    assert (about["datePublished"], about["publisher"]) == ("1940", "Bonnier")


@pytest.mark.parametrize(
    ("thing", "said"),
    [
        (
            "sample-a0007",
            {"@type": "Person", "name": "Boye, Karin", "birthDate": "1900", "deathDate": "1941"},
        ),
        ("sample-a0063", {"@type": "CreativeWork", "name": "Kallocain"}),
        ("sample-h0028", {"@type": "Offer"}),
        ("library/S", {"@type": "Library"}),
        ("id.kb.se/country/sw", {"@type": "Country", "name": "Sverige"}),
        ("id.kb.se/language/swe", {"@type": "Language", "name": "Svenska"}),
    ],
)
def test_things_of_each_kind_are_told_in_the_words_of_schema_org(
    sample: Server, thing: str, said: dict[str, str]
) -> None:
    page = Browser(sample, "sv").open(f"/{thing}")
    (script,) = page.findall(".//script")
    about = json.loads(script.text)
    assert {name: about[name] for name in said} == said
    named = {
        name: value["name"]
        for name, value in about.items()
        if isinstance(value, dict) and "name" in value
    }
    if thing == "sample-a0063":
        assert named == {"author": "Boye, Karin", "inLanguage": "Svenska"}
    if thing == "sample-h0028":
        assert (named["itemOffered"], "offeredBy" in named) == ("Kallocain", True)


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"category": ["https://id.kb.se/term/saobf/Print"]}, "Book"),
        ({"category": ["https://id.kb.se/term/saobf/EBook"]}, "Book"),
        ({"category": ["https://id.kb.se/term/saobf/SoundRecording"]}, "CreativeWork"),
        ({}, "Book"),
        ({"identifiedBy": ["urn:issn"]}, "Periodical"),
    ],
)
def test_edition_is_a_book_for_schema_org_if_it_is_one(
    said: dict[str, list[str]], kind: str
) -> None:
    def uris(values: list[str]) -> list[dict[str, str]]:
        return [{"type": "uri", "value": value} for value in values]

    a = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
    properties = {f"{KBV}{name}": uris(values) for name, values in said.items()}
    edition = {a: uris([f"{KBV}PhysicalResource"]), **properties}
    statements = {"urn:x": edition, "urn:issn": {a: uris([f"{KBV}ISSN"])}}
    statements["urn:issn"][f"{KBV}value"] = [{"type": "literal", "value": "1652-1234"}]
    about = schema_org.describe(cast(Statements, statements), "urn:x", {}, "sv")
    assert about is not None
    assert about["@type"] == kind


@pytest.mark.parametrize("thing", [BOOK, "sample-a0007", "id.kb.se/country/sw"])
def test_signposts_of_data_are_those_of_the_page(sample: Server, thing: str) -> None:
    page = request(sample, "GET", f"/{thing}", Accept="text/html")
    for name in FORMATS:
        data = request(sample, "HEAD", f"/{thing}.{name}")
        for relation in ("cite-as", "type", "describedby", "license", "collection"):
            assert links(data, relation) == links(page, relation)
        assert links(data, "describes") == [f"{sample.address}/{thing}"]


def test_page_of_what_is_only_referred_to_says_so(sample: Server) -> None:
    browser = Browser(sample)
    browser.open(f"/resource?iri={quote('http://www.wikidata.org/entity/Q25161', safe='')}")
    assert "refers to it" in browser.text
    browser.follow("Lindgren, Astrid")
    assert browser.reply.status == 200


def test_what_is_too_much_to_count_is_listed_without_numbers() -> None:
    """An engine that never counts in time; the paths and what points by them are there anyway."""

    class Slow:
        release = None

        def fetch(self, asked: QueryRequest, *_: object) -> Answer:
            if "COUNT" in asked.query:
                counts.append(asked.query)
                raise TimeLimitExceeded("Too long.")
            store = ox.Store()
            lines = (f"<urn:s{n}> <urn:p> <urn:hub> ." for n in range(20))
            store.load("\n".join(lines).encode(), ox.RdfFormat.N_TRIPLES)
            results = cast(ox.QuerySolutions, store.query(asked.query))
            body = results.serialize(format=ox.QueryResultsFormat.JSON)
            return Answer(None, 0, "none", None, body)

    counts: list[str] = []
    asker = Asker(cast(Answers, Slow()), Visitor(), Hubs())
    for _ in range(2):
        (incoming,) = asker.fill(("urn:hub",), asker.count_incoming(("urn:hub",)), 10)
        assert (incoming.path, incoming.count) == (("urn:p",), UNCOUNTED)
        assert len(incoming.sources) == 10
    assert len(counts) == 1
