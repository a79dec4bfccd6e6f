"""Files that search engines and browsers ask a site for: robots.txt, sitemaps, OpenSearch.

https://www.rfc-editor.org/rfc/rfc9309, https://www.sitemaps.org/protocol.html,
https://github.com/dewitt/opensearch/blob/master/opensearch-1-1-draft-6.md
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from flask import Blueprint, Response, request

from sparql_server.answering.endpoint import Endpoint, read_visitor
from sparql_server.errors import NotInRelease
from sparql_server.things.addresses import Addresses
from sparql_server.web.transfer.listed_records import count_sitemaps, list_records
from sparql_server.web.transfer.responses import read_host, revalidate

_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_FIXED = ("/", "/queries/", "/schema", "/dataset", "/tables/")
_CLOSED = ("/sparql", "/graphs", "/check", "/search", "/dumps/", "/*.ttl$", "/*.nt$", "/*.rdf$")


def blueprint(endpoint: Endpoint, addresses: Callable[[], Addresses]) -> Blueprint:
    """Return the views. addresses: makes those of things, within a request."""
    views = Blueprint("site", __name__)

    @views.get("/robots.txt", endpoint="robots")
    def robots() -> Response:
        lines = ["User-agent: *", *(f"Disallow: {path}" for path in _CLOSED), "Allow: /"]
        text = "\n".join([*lines, "", f"Sitemap: {read_host()}/sitemap.xml", ""])
        return revalidate(text, "text/plain; charset=utf-8")

    @views.get("/sitemap.xml", endpoint="sitemap")
    def index() -> Response:
        parts = [f"things-{number}" for number in range(1, count_sitemaps(endpoint) + 1)]
        places = [f"{read_host()}/sitemaps/{name}.xml" for name in ("pages", *parts)]
        return _send_xml(_list_places("sitemapindex", "sitemap", places, _changed(endpoint)))

    @views.get("/sitemaps/pages.xml", endpoint="pages")
    def pages() -> Response:
        names = sorted(endpoint.catalogue.queries)
        paths = [*_FIXED, *(f"/queries/{quote(name)}" for name in names)]
        places = [f"{read_host()}{path}" for path in paths]
        return _send_xml(_list_places("urlset", "url", places, _changed(endpoint)))

    @views.get("/sitemaps/things-<int:number>.xml", endpoint="things")
    def things(number: int) -> Response:
        if not 1 <= number <= count_sitemaps(endpoint):
            raise NotInRelease(f"There is no sitemap {number}: /sitemap.xml lists those there are.")
        visitor = read_visitor(request.environ, endpoint.trusted)
        endpoint.answers.admit(visitor.client)
        make = addresses()
        records = list_records(endpoint, number, visitor)
        places = [f"{read_host()}{make.of(record)}" for record in records]
        return _send_xml(_list_places("urlset", "url", places, _changed(endpoint)))

    @views.get("/opensearch.xml", endpoint="opensearch")
    def opensearch() -> Response:
        return _send_xml(_describe_search(), "application/opensearchdescription+xml")

    return views


def _changed(endpoint: Endpoint) -> str:
    release = endpoint.answers.release
    return str(release.manifest().get("published", "")) if release else ""


def _list_places(root: str, element: str, places: Iterable[str], changed: str) -> str:
    """Return a sitemap, or an index of them. changed: when all of it was, UTC; or nothing."""
    when = f"<lastmod>{escape(changed)}</lastmod>" if changed else ""
    lines = (f"<{element}><loc>{escape(place)}</loc>{when}</{element}>\n" for place in places)
    return f'<{root} xmlns="{_SITEMAP}">\n{"".join(lines)}</{root}>\n'


def _describe_search() -> str:
    """Return the description of the search, OpenSearch 1.1."""
    found = f"{read_host()}/search?q={{searchTerms}}"
    return (
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">\n'
        "<ShortName>Libris</ShortName>\n"
        "<Description>Libris: things by their names</Description>\n"
        "<InputEncoding>UTF-8</InputEncoding>\n"
        f'<Url type="text/html" template={quoteattr(found)}/>\n'
        f'<Url type="application/json" template={quoteattr(found + "&format=json")}/>\n'
        f'<Url type="application/opensearchdescription+xml" rel="self"'
        f" template={quoteattr(read_host() + '/opensearch.xml')}/>\n"
        "</OpenSearchDescription>\n"
    )


def _send_xml(body: str, media_type: str = "application/xml") -> Response:
    return revalidate(f'<?xml version="1.0" encoding="UTF-8"?>\n{body}', media_type)
