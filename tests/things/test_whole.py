"""What is told of a thing is whole, however much it is; or says that it isn't, and where all is."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from tests.saved.html import Browser
from tests.server.conftest import Server, publish, start, stop
from tests.server.http import request

LIBRIS = "https://libris.kb.se/"
KBV = "https://id.kb.se/vocab/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
HYDRA = "http://www.w3.org/ns/hydra/core#"
TERM = "https://id.kb.se/term/"
FORMATS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdf": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
}


def large() -> Iterator[str]:
    """A record with more statements, things and blank nodes than a page shows."""
    large = f"{LIBRIS}large"
    yield f"<{large}> <{KBV}mainEntity> <{large}#it> <{large}> ."
    yield f'<{large}#it> <{KBV}prefLabel> "Large" <{large}> .'
    for n in range(3100):
        yield f"<{large}#it> <{KBV}subject> <{TERM}{n}> <{large}> ."
    for n in range(70):
        yield f'<{large}#f{n}> <{KBV}label> "fragment {n}" <{large}> .'
        yield f"<{large}#f{n}> <{KBV}hasNote> _:n{n} <{LIBRIS}elsewhere> ."
        yield f'_:n{n} <{KBV}label> "note {n}" <{LIBRIS}elsewhere> .'


def deep() -> Iterator[str]:
    """A term with a long list; one with blank nodes in each other, more than can be told of."""
    graph = f"{TERM}set"
    yield f"<{TERM}list> <{KBV}termComponentList> _:l0 <{graph}> ."
    for n in range(30):
        rest = f"_:l{n + 1}" if n < 29 else f"<{RDF}nil>"
        yield f'_:l{n} <{RDF}first> "item {n:02}" <{graph}> .'
        yield f"_:l{n} <{RDF}rest> {rest} <{graph}> ."
    nodes = [f"<{TERM}deep>", *(f"_:d{n}" for n in range(20))]
    for upper, lower in zip(nodes, nodes[1:], strict=False):
        yield f"{upper} <{KBV}hasPart> {lower} <{graph}> ."


def pointed_to() -> Iterator[str]:
    """A thing to which others point by many paths, by one of them very often."""
    hub = f"<{LIBRIS}hub#it>"
    yield f'{hub} <{KBV}prefLabel> "Hub" <{LIBRIS}hub> .'
    for n in range(30):
        yield f"<urn:by{n}> <{KBV}p{n}> {hub} <urn:g> ."
    for n in range(1100):
        yield f"<urn:often{n}> <{KBV}subject> {hub} <urn:g> ."
    for n in range(5):
        yield f"<urn:work{n}> <{KBV}contribution> _:c{n} <urn:g> ."
        yield f"_:c{n} <{KBV}agent> {hub} <urn:g> ."
    yield f"<urn:complex> <{KBV}termComponentList> _:h0 <urn:g> ."
    for n in range(3):
        yield f"_:h{n} <{RDF}first> {hub if n == 2 else '<urn:part>'} <urn:g> ."
        yield f"_:h{n} <{RDF}rest> {'_:h' + str(n + 1) if n < 2 else f'<{RDF}nil>'} <urn:g> ."


def linked() -> Iterator[str]:
    """A link that a run says, with its evidence."""
    owl, run = "http://www.w3.org/2002/07/owl#", "<urn:x-libris-links:run/1>"
    yield f"<{LIBRIS}hub> <{KBV}mainEntity> <{LIBRIS}hub#it> <{LIBRIS}hub> ."
    yield f"<{LIBRIS}hub#it> <{KBV}exactMatch> <http://other/a> {run} ."
    yield f"<urn:m> <{owl}annotatedSource> <{LIBRIS}hub#it> <urn:e> ."
    yield f"<urn:m> <{owl}annotatedTarget> <http://other/a> <urn:e> ."
    yield '<urn:m> <https://w3id.org/sssom/confidence> "0.875" <urn:e> .'
    yield '<urn:m> <https://w3id.org/sssom/other> "same ISNI" <urn:e> .'


@pytest.fixture(scope="module", params=["disk", "columns"])
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("whole")
    lines = "\n" + "\n".join([*large(), *deep(), *pointed_to(), *linked()])
    publish(data, 1, lines, columns=request.param == "columns")
    running = start(data, "--workers", "1")
    yield running
    assert stop(running) == 0


def triples(server: Server, path: str, name: str = "nt") -> list[ox.Quad]:
    reply = request(server, "GET", path)
    assert reply.status == 200, reply.text
    return list(ox.parse(reply.body, FORMATS[name]))


@pytest.mark.parametrize("name", FORMATS)
def test_data_of_a_large_record_is_whole_in_every_format(server: Server, name: str) -> None:
    quads = triples(server, f"/large.{name}", name)
    said = [(str(quad.predicate), str(quad.object)) for quad in quads]
    assert sum(predicate == f"<{KBV}subject>" for predicate, _ in said) == 3100
    for n in range(70):
        assert (f"<{KBV}label>", f'"fragment {n}"') in said
        assert (f"<{KBV}label>", f'"note {n}"') in said  # said in another graph


def test_page_of_a_large_record_says_how_much_it_leaves_out(server: Server) -> None:
    browser = Browser(server, "en")
    browser.open("/large")
    assert "The first 100 of 3,100." in browser.text
    assert "There are more." in browser.text  # things of the document
    assert "/large.ttl" in {link.get("href") for link in browser.page.iter("a")}


def test_list_is_told_to_its_end_and_in_order(server: Server) -> None:
    said = [quad.object for quad in triples(server, "/id.kb.se/term/list.nt")]
    assert sum(isinstance(term, ox.Literal) for term in said) == 30
    shown = Browser(server, "en")
    shown.open("/id.kb.se/term/list")
    assert re.findall(r"item (\d\d)", shown.text) == [f"{n:02}" for n in range(30)]


def test_blank_nodes_too_deep_are_an_error_and_the_page_says_so(server: Server) -> None:
    reply = request(server, "GET", "/id.kb.se/term/deep.ttl")
    assert reply.status == 422
    assert "/graphs" in reply.json()["detail"]
    page = Browser(server, "en")
    page.open("/id.kb.se/term/deep")
    assert "More is said of this." in page.text


def test_what_points_here_is_counted_by_every_path_in_data_and_page(server: Server) -> None:
    quads = triples(server, "/hub.nt")
    totals = {
        str(quad.subject): int(quad.object.value)
        for quad in quads
        if quad.predicate.value == f"{HYDRA}totalItems"
    }
    assert len(totals) == 34
    assert max(totals.values()) == 1100
    assert any("contribution" in address for address in totals)
    page = Browser(server, "en")
    page.open("/hub")
    assert "termComponentList › in a list" in " ".join(page.text.split())
    for n in range(30):
        assert f"p{n}" in page.text
    assert "1,100" in page.text


def test_statements_of_one_path_are_not_said_with_properties_of_another(server: Server) -> None:
    asked = {str(quad) for quad in triples(server, "/hub.nt") if "urn:" in str(quad.subject)}
    for quad in asked:
        if "urn:often" in quad:
            assert f"<{KBV}subject>" in quad
    assert sum(f"<{KBV}contribution>" in quad for quad in asked) == 5


def test_what_has_a_thing_in_a_list_points_to_it_and_the_list_is_whole(server: Server) -> None:
    path = "/hub.nt?incoming=kbv:termComponentList+rdf:first"
    quads = triples(server, path)
    assert [q.subject.value for q in quads if q.predicate.value.endswith("List")] == ["urn:complex"]
    assert sum(q.predicate.value == f"{RDF}first" for q in quads) == 3
    assert sum(q.predicate.value == f"{RDF}rest" for q in quads) == 3


def test_all_that_points_here_comes_by_following_next(server: Server) -> None:
    path, sources = "/hub.nt?incoming=kbv:subject&limit=500", set[str]()
    while path:
        reply = request(server, "GET", path, Accept="application/n-triples")
        sources |= {
            str(quad.subject)
            for quad in ox.parse(reply.body, ox.RdfFormat.N_TRIPLES)
            if quad.predicate.value == f"{KBV}subject"
        }
        following = re.search(r'<([^>]*)>; rel="next"', reply.headers["link"])
        path = following[1].removeprefix(server.address) if following else ""
    assert len(sources) == 1100


@pytest.mark.parametrize(
    "query",
    ["", "?iri=", "?iri=x", "?iri=/x", "?iri=//x/y", "?iri=http://x/a%20b", "?iri=http://[x",
     "?iri=http://x/%25zz", "?iri=urn:a&iri=urn:b", "?iri=http://x/%3Ca%3E", "?iri=urn:a&x=1",
     "?iri=http://x/" + "y" * 2000],
)  # fmt: skip
def test_malformed_iri_is_refused_with_the_reason(server: Server, query: str) -> None:
    for method in ("GET", "HEAD"):
        reply = request(server, method, f"/resource{query}", Accept="text/turtle")
        assert reply.status == 400, query
    assert len(request(server, "GET", f"/resource{query}").json()["detail"]) > 20


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/html", "text/html"),
        ("application/xhtml+xml", "text/html"),
        ("text/html;q=0.5, text/turtle;q=0.6", "text/turtle"),
        ("text/html;q=0.6, text/turtle;q=0.5", "text/html"),
        ("text/turtle;q=0, */*;q=0.1", "application/n-triples"),
        ("application/ld+json, */*;q=0.1", "application/ld+json"),
        ("*/*", "text/turtle"),
        ("image/png", None),
        ("text/csv, application/sparql-results+json", None),
    ],
)
def test_format_is_the_one_that_is_wanted_most(
    server: Server, accept: str, kind: str | None
) -> None:
    reply = request(server, "GET", "/hub", Accept=accept)
    assert "Accept" in reply.headers["vary"]
    if kind:
        assert reply.headers["content-type"].startswith(kind)
    else:
        assert reply.status == 406
        assert "text/html (format=html)" in reply.json()["available"]
        assert not any("csv" in each for each in reply.json()["available"])


def test_page_has_a_suffix_too_which_nothing_else_contradicts(server: Server) -> None:
    page = request(server, "GET", "/hub.html", Accept="text/turtle")
    assert page.headers["content-type"].startswith("text/html")
    assert request(server, "GET", "/hub.html?format=ttl").status == 400
    assert request(server, "GET", "/hub.ttl?format=turtle").status == 200


def test_page_says_who_says_a_link_and_why(server: Server) -> None:
    page = Browser(server, "en")
    (origin,) = page.open("/hub").find_class("origin")
    assert "0.88 same ISNI" in origin.text_content()
    (link,) = origin.iter("a")
    assert link.get("href") == "/resource?iri=urn%3Am"
