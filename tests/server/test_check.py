"""Queries checked while they are written, and the files of the page that does it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
import zstandard

from tests.server.conftest import Server, publish, start, stop
from tests.server.http import ask, request

FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("check")
    publish(data, 1)
    server = start(data, "--workers", "1")
    yield server
    assert stop(server) == 0


def check(server: Server, query: str, **more: str) -> Any:
    body = urlencode({"query": query, **more}).encode()
    reply = request(server, "POST", "/check", body, Content_Type=FORM)
    assert reply.status == 200
    assert reply.headers["cache-control"] == "no-store"
    return json.loads(reply.text)


def test_well_formed_query_is_not_evaluated(server: Server) -> None:
    endless = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
    assert check(server, endless) == {"well_formed": True}
    assert check(server, endless, lang="sv") == {"well_formed": True}


def test_mistake_has_its_place_and_what_was_meant(server: Server) -> None:
    said = check(server, "SELECT ?s {\n  ?s kvb:x ?o }")
    assert (said["well_formed"], said["line"], said["column"]) == (False, 2, 6)
    assert said["message"].startswith("Line 2, column 6: the prefix kvb: is not declared.")
    assert said["corrected"] == "SELECT ?s {\n  ?s kbv:x ?o }"


def test_mistake_is_said_in_the_language_wanted(server: Server) -> None:
    assert check(server, "ASK { ?s ?p }", lang="sv")["message"].startswith("Rad 1, kolumn 13:")
    address = f"/check?{urlencode({'query': 'ASK { ?s ?p }'})}"
    reply = request(server, "GET", address, Accept_Language="sv")
    assert json.loads(reply.text)["message"].startswith("Rad 1, kolumn 13:")


def test_query_that_is_too_long_to_be_checked_is_refused(server: Server) -> None:
    body = urlencode({"query": f"ASK {{}} #{'x' * 300_000}"}).encode()
    assert request(server, "POST", "/check", body, Content_Type=FORM).status == 413
    assert request(server, "GET", "/check").status == 400


def test_link_to_a_release_is_answered_by_that_one_or_not_at_all(server: Server) -> None:
    query = "SELECT ?s { ?s <urn:is> ?o } LIMIT 1"
    address = f"/sparql?{urlencode({'query': query, 'release': '1'})}"
    assert request(server, "GET", address, Accept="text/csv").status == 200
    reply = request(server, "GET", address.replace("release=1", "release=2"), Accept="text/csv")
    problem = json.loads(reply.text)
    assert (reply.status, problem["release"], problem["current"]) == (410, 2, 1)
    assert problem["address"] == f"{server.address}/sparql?{urlencode({'query': query})}"
    assert request(server, "GET", address.replace("release=1", "release=x")).status == 400
    assert ask(server, query, "text/csv").status == 200


@pytest.mark.parametrize(
    ("accept", "coding"), [("gzip", "gzip"), ("zstd, gzip", "zstd"), ("gzip;q=0", None)]
)
def test_scripts_are_compressed_for_those_who_take_them_so(
    server: Server, accept: str, coding: str | None
) -> None:
    plain = request(server, "GET", "/static/workbench.js")
    coded = request(server, "GET", "/static/workbench.js", Accept_Encoding=accept)
    assert coded.headers.get("content-encoding") == coding
    assert coded.headers["vary"] == "Accept-Encoding"
    unpack = {
        "gzip": gzip.decompress,
        "zstd": lambda b: zstandard.ZstdDecompressor().decompressobj().decompress(b),
    }
    body = unpack[coding](coded.body) if coding else coded.body
    assert body == plain.body
    again = request(
        server,
        "GET",
        "/static/workbench.js",
        Accept_Encoding=accept,
        If_None_Match=coded.headers["etag"],
    )
    assert (again.status, again.body) == (304, b"")
