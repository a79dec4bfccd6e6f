"""The pages a browser gets; they need no JavaScript."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlencode

from tests.server.conftest import NUMBERS, Server
from tests.server.http import Reply, ask, request

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


class Tags(HTMLParser):
    """Counts start tags, and keeps what attributes lead elsewhere."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.loaded: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.loaded += [v or "" for k, v in attrs if k == "src" or (tag == "link" and k == "href")]


def page(reply: Reply) -> str:
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert Tags(reply.text).names.count("script") <= 1  # the workbench, and nothing inline
    assert all(address.startswith("/") for address in Tags(reply.text).loaded)
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    return reply.text


def test_front_page_has_a_query_box_the_release_and_the_examples(server: Server) -> None:
    text = page(request(server, "GET", "/", Accept=BROWSER))
    assert "<textarea" in text
    assert "Release 1" in text
    assert "How many books were published per year?" in text
    assert "PREFIX kbv: &lt;https://id.kb.se/vocab/&gt;" in text


def test_query_in_the_address_fills_the_box(server: Server) -> None:
    text = page(request(server, "GET", f"/?{urlencode({'query': 'ASK { <x> ?p ?o }'})}"))
    assert "ASK { &lt;x&gt; ?p ?o }</textarea>" in text


def test_browser_gets_a_table(server: Server) -> None:
    text = page(ask(server, "SELECT ?s ?o { ?s <http://example.org/p> ?o }", BROWSER))
    assert Tags(text).names.count("tr") == 4
    assert '<a href="/resource?iri=http%3A%2F%2Fexample.org%2Fs"' in text
    assert '<span lang="sv">ett</span>' in text
    assert "3 rows, all of them" in text


def test_page_says_that_there_are_more_rows_than_it_shows(server: Server) -> None:
    text = page(ask(server, "SELECT * { ?s <urn:is> ?o }", BROWSER))
    assert NUMBERS > 1000
    assert Tags(text).names.count("tr") == 1001
    assert "These are the first 1,000 rows. There are more." in text


def test_ask_and_construct_have_pages_too(server: Server) -> None:
    assert ">Yes " in page(ask(server, "ASK { ?s ?p ?o }", BROWSER))
    text = page(ask(server, "CONSTRUCT WHERE { <http://example.org/s> ?p ?o }", BROWSER))
    assert '<th scope="col">predicate</th>' in text
    assert 'value="ttl"' in text


def test_error_is_shown_beside_the_query_with_its_line_marked(server: Server) -> None:
    reply = ask(server, "SELECT ?s WHERE {\n  ?s kvb:x ?o }", BROWSER)
    text = page(reply)
    assert reply.status == 400
    assert "Did you mean kbv:?" in text
    assert "2    ?s kvb:x ?o }\n        ^" in text
    assert "?s kvb:x ?o }</textarea>" in text


def test_data_cannot_become_markup(server: Server) -> None:
    text = page(ask(server, 'SELECT ("<script>x</script>" AS ?x) {}', BROWSER))
    assert "&lt;script&gt;x&lt;/script&gt;" in text


def test_form_posts_what_the_page_asks_for(server: Server) -> None:
    form = {"query": "SELECT ?o { <http://example.org/s> <http://example.org/q> ?o }"}
    kind = "application/x-www-form-urlencoded"
    for name, begins in (("html", "<!DOCTYPE html>"), ("csv", "o\r\nhttp://example.org/o")):
        body = urlencode({**form, "format": name}).encode()
        reply = request(server, "POST", "/sparql", body, Content_Type=kind, Accept=BROWSER)
        assert reply.text.startswith(begins)


def test_missing_page_is_a_page(server: Server) -> None:
    reply = request(server, "GET", "/nowhere", Accept=BROWSER)
    assert reply.status == 404
    assert "Not found" in page(reply)
