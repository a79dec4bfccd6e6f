"""Requests that may go past Flask get the same as those that go through it, byte for byte."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from sparql_server.answering import spooling
from sparql_server.answering.endpoint import Endpoint
from sparql_server.answering.fast_path import Shortcut
from sparql_server.serving.composition import make_endpoint, make_engine
from sparql_server.settings import Settings
from sparql_server.web.app import SHORTCUT, create_app
from tests.server.conftest import publish

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
SELECT = "SELECT ?o { <http://example.org/s> <http://example.org/p> ?o } ORDER BY ?o"
CONSTRUCT = "CONSTRUCT WHERE { <http://example.org/s> <http://example.org/q> ?o }"
MANY = "SELECT ?a ?b { ?a <urn:is> ?x . ?b <urn:is> 1 } ORDER BY ?x"
LARGE = "SELECT * { ?a <urn:is> ?x . ?b <urn:is> ?y FILTER(?y < '101') } ORDER BY ?x ?y"
JSON = "application/sparql-results+json"
HTML = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


def get(query: str, accept: str | None = "*/*", **more: str) -> dict[str, Any]:
    """A GET request; ``_x`` is the header x, other names are parameters."""
    pairs = {name: value for name, value in more.items() if not name.startswith("_")}
    headers = {f"HTTP_{name[1:]}": value for name, value in more.items() if name.startswith("_")}
    accepts = {} if accept is None else {"HTTP_ACCEPT": accept}
    return {"QUERY_STRING": urlencode({"query": query, **pairs}), **accepts, **headers}


def post(body: bytes, kind: str, **more: Any) -> dict[str, Any]:
    length = str(len(body))
    said = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": kind, "CONTENT_LENGTH": length}
    return {**said, "body": body, **more}


REQUESTS = {
    "select": get(SELECT),
    "select, no Accept": get(SELECT, None),
    "select, csv": get(SELECT, "text/csv"),
    "select, format": get(SELECT, format="tsv"),
    "select, only turtle": get(SELECT, "text/turtle"),
    "select, no such format": get(SELECT, format="docx"),
    "select, for a browser": get(SELECT, HTML),
    "select, page by format": get(SELECT, format="html"),
    "select, data for a browser": get(SELECT, HTML, format="json"),
    "select, some rows": get(MANY),
    "select, a stream": get(LARGE, "text/csv"),
    "select, a stream for HTTP/1.0": get(LARGE, "text/csv") | {"SERVER_PROTOCOL": "HTTP/1.0"},
    "select, dataset": get(SELECT, **{"default-graph-uri": "http://example.org/g2"}),
    "select, timeout": get(SELECT, timeout="5000"),
    "select, no such timeout": get(SELECT, timeout="soon"),
    "select, SERVICE": get("SELECT * { SERVICE <http://example.org/> { ?s ?p ?o } }"),
    "select, not kept": get("SELECT (RAND() < 2 AS ?x) {}"),
    "select, relative IRI": get("SELECT * { <x> ?p ?o }", _HOST="example.org"),
    "select, umlauts": get("SELECT * { ?s ?p 'å€𝄞' }"),
    "select, update too": get(SELECT, update="x"),
    "ask": get("ASK {}"),
    "construct": get(CONSTRUCT),
    "construct, jsonld": get(CONSTRUCT, "application/ld+json"),
    "describe": get("DESCRIBE <http://example.org/s>", "application/n-triples"),
    "malformed": get("SELECT * WHERE { ?s foaf:nme"),
    "malformed for a browser": get("SELECT * WHERE {", HTML, format="json"),
    "no form": get("hello"),
    "empty query": get(""),
    "two queries": {"QUERY_STRING": "query=ASK+%7B%7D&query=ASK+%7B%7D"},
    "not UTF-8": {"QUERY_STRING": "query=ASK+%7B%7D%ff"},
    "raw bytes": {"QUERY_STRING": "query=ASK+{}\xff"},
    "too long": {"QUERY_STRING": "query=" + "x" * 5000},
    "no parameter": {"QUERY_STRING": ""},
    "other parameters": {"QUERY_STRING": "quer=ASK"},
    "namespaces": {"QUERY_STRING": "help=nsdecl"},
    "head": get(SELECT) | {"REQUEST_METHOD": "HEAD"},
    "options": get(SELECT) | {"REQUEST_METHOD": "OPTIONS"},
    "put": get(SELECT) | {"REQUEST_METHOD": "PUT"},
    "with a slash": get(SELECT) | {"PATH_INFO": "/sparql/"},
    "another path": get(SELECT) | {"PATH_INFO": "/sparq"},
    "below another path": get(SELECT) | {"SCRIPT_NAME": "/x"},
    "upgrade": get(SELECT, _CONNECTION="Upgrade", _UPGRADE="websocket"),
    "bad host": get(SELECT, _HOST="exa mple<>"),
    "other host": get(SELECT, _HOST="other.example:81"),
    "get with a body": get(SELECT) | {"CONTENT_LENGTH": "3", "body": b"abc"},
    "get with a large body": get(SELECT) | {"CONTENT_LENGTH": "9999"},
    "proxy": get(SELECT, _X_FORWARDED_FOR="192.0.2.1", _X_FORWARDED_PROTO="https"),
    "post, form": post(urlencode({"query": SELECT}).encode(), FORM),
    "post, query": post(SELECT.encode(), QUERY),
    "post, query and charset": post(SELECT.encode(), f"{QUERY}; charset=utf-8"),
    "post, latin-1": post(SELECT.encode(), f"{QUERY}; charset=iso-8859-1"),
    "post, other type": post(SELECT.encode(), "text/plain"),
    "post, update": post(b"DROP ALL", "application/sparql-update"),
    "post, not UTF-8": post(b"ASK {} # \xff", QUERY),
    "post, nothing": post(b"", QUERY),
    "post, no length": {"REQUEST_METHOD": "POST", "CONTENT_TYPE": QUERY, "body": b"ASK {}"},
    "post, for a browser": post(SELECT.encode(), QUERY, HTTP_ACCEPT=HTML),
    "post, format in the address": post(SELECT.encode(), QUERY, QUERY_STRING="format=csv"),
    "post, dataset in the form": post(
        b"default-graph-uri=http://example.org/g2",
        FORM,
        QUERY_STRING=urlencode({"query": SELECT}),
    ),
    "post, query twice": post(SELECT.encode(), QUERY, QUERY_STRING="query=ASK+%7B%7D"),
    "post, too long": post(b"x" * 5000, QUERY),
    "post, malformed": post(b"SELECT * {", QUERY),
}


@pytest.fixture(scope="module")
def endpoints(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Endpoint, Endpoint]]:
    """Two of the same, each with a cache and a journal of its own."""
    data = tmp_path_factory.mktemp("ways")
    publish(data, 1)
    settings = Settings(data, workers=1, request_bytes=4000)
    engine = make_engine(settings)
    engine.start()
    yield make_endpoint(settings, engine), make_endpoint(settings, engine)
    engine.stop()


class Way:
    """An application, and what it has noted."""

    def __init__(self, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, *, short: bool) -> None:
        self.app = create_app(endpoint, short=short)
        self.noted: list[str] = []
        monkeypatch.setattr(endpoint.journal, "_write", self.noted.append)

    def ask(self, said: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
        """Send a request; return status, headers and body, without what differs each time."""
        body = said.get("body", b"")
        environ = {
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": "",
            "PATH_INFO": "/sparql",
            "QUERY_STRING": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.input_terminated": True,
            "wsgi.errors": io.StringIO(),
            **{name: value for name, value in said.items() if name != "body"},
        }
        head: list[Any] = []
        pieces = self.app.wsgi_app(environ, lambda *given: head.extend(given[:2]))
        try:
            whole = b"".join(pieces)
        finally:
            getattr(pieces, "close", lambda: None)()
        status, headers = head
        return status, sorted(map(_steady, headers)), re.sub(rb'"[0-9a-f]{32}"', b"", whole)

    def journal(self) -> list[dict[str, Any]]:
        passing = {"time", "ms", "queued_ms", "cpu_ms", "id"}
        lines = [json.loads(line) for line in self.noted]
        return [{k: v for k, v in line.items() if k not in passing} for line in lines]


def _steady(header: tuple[str, str]) -> tuple[str, str]:
    """A header without the times in it."""
    name, value = header
    if name in ("Date", "Age"):  # between the two ways a second may have ended
        return name, ""
    return name, re.sub(r"dur=[\d.]+", "dur", value) if name == "Server-Timing" else value


@pytest.fixture
def ways(endpoints: tuple[Endpoint, Endpoint], monkeypatch: pytest.MonkeyPatch) -> tuple[Way, Way]:
    """The short way and the long one."""
    return tuple(  # type: ignore[return-value]
        Way(endpoint, monkeypatch, short=short)
        for endpoint, short in zip(endpoints, (True, False), strict=True)
    )


@pytest.mark.parametrize("name", REQUESTS)
def test_short_way_gives_what_the_long_one_gives(ways: tuple[Way, Way], name: str) -> None:
    said = REQUESTS[name]
    for _ in range(3):  # evaluated, kept, and known by its address
        short, long = (way.ask(dict(said)) for way in ways)
        assert short == long
    tag = dict(short[1]).get("ETag")
    if tag:
        short, long = (way.ask({**said, "HTTP_IF_NONE_MATCH": tag}) for way in ways)
        assert short == long
    short_way, long_way = ways
    assert short_way.journal() == long_way.journal()


def test_ways_count_the_same(endpoints: tuple[Endpoint, Endpoint], ways: tuple[Way, Way]) -> None:
    before = [_counted(endpoint) for endpoint in endpoints]
    for said in REQUESTS.values():
        for way in ways:
            way.ask(dict(said))
    short, long = (
        {name: after[name] - first.get(name, 0) for name in after}
        for first, after in zip(before, map(_counted, endpoints), strict=True)
    )
    assert short == long
    assert short['libris_queries_total{form="SELECT",outcome="ok"}'] > 10


def _counted(endpoint: Endpoint) -> dict[str, float]:
    lines = endpoint.journal.figures().decode().splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    passing = re.compile("second|_created|_bucket|_sum|workers|cache_bytes")
    return {name: float(value) for name, value in pairs if not passing.search(name)}


def test_mistake_of_ours_is_500_with_its_identifier_in_the_log(
    ways: tuple[Way, Way], caplog: pytest.LogCaptureFixture
) -> None:
    broken = get("ASK { ?broken ?p ?o }") | {"HTTP_X_FORWARDED_FOR": 7}  # no server has it so
    with caplog.at_level("ERROR"):
        short, long = (way.ask(dict(broken)) for way in ways)
    assert short == long
    assert short[0].startswith("500 ")
    assert caplog.text.count("unexpected [") == 2


def test_only_what_is_kept_is_at_hand(ways: tuple[Way, Way]) -> None:
    way = ways[0]
    shortcut: Shortcut = way.app.extensions[SHORTCUT]
    said = get("SELECT ?s { ?s ?p 'one'@en }") | {"REQUEST_METHOD": "GET", "PATH_INFO": "/sparql"}
    assert not shortcut.is_at_hand(dict(said))
    way.ask(said)
    assert shortcut.is_at_hand(dict(said))
    assert not shortcut.is_at_hand({**said, "HTTP_ACCEPT": HTML})
    assert not shortcut.is_at_hand({**said, "PATH_INFO": "/"})
    assert not shortcut.is_at_hand({**said, "REQUEST_METHOD": "POST"})
    assert not shortcut.is_at_hand({**said, "REQUEST_METHOD": "HEAD"})


def test_what_is_at_hand_is_given_whatever_happens_to_the_cache(ways: tuple[Way, Way]) -> None:
    way = ways[0]
    shortcut: Shortcut = way.app.extensions[SHORTCUT]
    said = get("SELECT ?s { ?s ?p 'ett'@sv }") | {"REQUEST_METHOD": "GET", "PATH_INFO": "/sparql"}
    _, _, body = way.ask(said)
    environ = dict(said)
    assert shortcut.is_at_hand(environ)
    shortcut._endpoint.answers.cache.drop_others(99)
    status, headers, again = way.ask(environ)
    assert (status, again) == ("200 OK", body)
    assert ("Server-Timing", 'cache;desc="hit"') in headers


def test_result_too_large_for_http_1_0_is_refused_and_frees_its_worker(
    ways: tuple[Way, Way], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spooling, "SPOOLED", 1000)
    for way in ways:
        for _ in range(3):  # of one worker
            old = get(LARGE, "text/csv") | {"SERVER_PROTOCOL": "HTTP/1.0"}
            status, _, body = way.ask(old | {"QUERY_STRING": old["QUERY_STRING"] + "&timeout=9000"})
            assert status.startswith("422 ")
            assert json.loads(body)["limit"] == 1000
    assert ways[0].ask(get(SELECT))[0] == "200 OK"
