"""Profiles: what of a thing is wanted, as KB's lenses have it; and links to its licence."""

from __future__ import annotations

import pytest

from sparql_server.records.licences import CC0
from sparql_server.things.profiles.lenses import PROFILES
from tests.saved.html import Browser
from tests.server.conftest import Server
from tests.server.http import Reply, request
from tests.things.test_things import BOOK, KBV, LIBRIS, links, triples


def properties(reply: Reply, subject: str) -> set[str]:
    return {p.strip("<>") for s, p, _ in triples(reply, "nt") if s == f"<{subject}>"}


@pytest.mark.parametrize("by", ["name", "IRI", "header"])
def test_profile_is_named_by_parameter_or_header(sample: Server, by: str) -> None:
    headers = {"Accept_Profile": f"<urn:other>, <{PROFILES['chip']}>"} if by == "header" else {}
    wanted = {"name": "?profile=chip", "IRI": f"?profile={PROFILES['chip']}", "header": ""}[by]
    reply = request(sample, "GET", f"/{BOOK}.nt{wanted}", **headers)
    shown = properties(reply, f"{LIBRIS}{BOOK}#it")
    assert {f"{KBV}hasTitle", f"{KBV}publication"} <= shown
    assert f"{KBV}instanceOf" not in shown
    assert links(reply, "profile") == [PROFILES["chip"]]
    assert "Accept-Profile" in reply.headers["vary"]
    assert any(p == f"<{KBV}mainTitle>" for _, p, _ in triples(reply, "nt"))


def test_profiles_are_each_more_than_the_one_before(sample: Server) -> None:
    for path in (BOOK, "sample-a0007", "sample-h0028", "library/S", "id.kb.se/term/saogf/Romaner"):
        shown = [
            {(s, p) for s, p, _ in triples(request(sample, "GET", f"/{path}.nt?profile={n}"), "nt")
             if s.startswith("<")}
            for n in ("chip", "card", "full")
        ]  # fmt: skip
        assert shown[0] <= shown[1] <= shown[2], path
        assert len(shown[0]) < len(shown[2])


def test_profile_is_the_one_that_is_wanted_most(sample: Server) -> None:
    chips, cards = PROFILES["chip"], PROFILES["card"]
    for header, profile in (
        (f"<{chips}>;q=0.1, <{cards}>;q=0.9", [cards]),
        (f"<{chips}>;q=0, <urn:x>", []),
        (f"<{cards}>, <{chips}>", [cards]),
    ):
        reply = request(sample, "GET", f"/{BOOK}.nt", Accept_Profile=header)
        assert links(reply, "profile") == profile


def test_profile_that_there_is_not_is_refused(sample: Server) -> None:
    assert request(sample, "GET", f"/{BOOK}?profile=x").status == 400
    reply = request(sample, "GET", f"/{BOOK}.nt", Accept_Profile="<urn:x>;q=1, nonsense")
    assert properties(reply, f"{LIBRIS}{BOOK}#it") >= {f"{KBV}instanceOf"}


@pytest.mark.parametrize(
    ("path", "licensed"),
    [(BOOK, True), ("sample-a0007", True), ("id.kb.se/term/saogf/Romaner", True),
     ("sample-h0028", False), ("sample-a0063", False), ("id.kb.se/country/sw", False)],
)  # fmt: skip
def test_licence_is_linked_where_one_is_set(sample: Server, path: str, licensed: bool) -> None:
    for accept in ("text/turtle", "text/html"):
        reply = request(sample, "GET", f"/{path}", Accept=accept)
        assert links(reply, "license") == ([CC0] if licensed else [])
        assert links(reply, "collection") == [f"{sample.address}/dataset"]


def test_bibframe_has_what_maps_and_says_what_does_not(sample: Server) -> None:
    said = triples(request(sample, "GET", f"/{BOOK}.nt?profile=bibframe"), "nt")
    bf, book = "http://id.loc.gov/ontologies/bibframe/", f"<{LIBRIS}{BOOK}#it>"
    titles = {o for s, p, o in said if s == book and p == f"<{bf}title>"}
    assert any(s in titles and (p, o) == (f"<{bf}mainTitle>", '"Kallocain"') for s, p, o in said)
    assert (book, f"<{bf}instanceOf>", f"<{LIBRIS}sample-a0063#it>") in said
    comments = {o for _, p, o in said if p.endswith("#comment>")}
    assert f'"Not in BIBFRAME: {KBV}controlNumber"@en' in comments
    assert not any(KBV in p for _, p, _ in said)


def test_page_says_what_a_thing_stands_below(sample: Server) -> None:
    for path, names in (
        ("id.kb.se/term/saogf/Brevromaner", ("Fiction", "Novels")),
        ("sample-h0028", ("Kallocain", "Kallocain")),
    ):
        browser = Browser(sample, "en")
        (above,) = browser.open(f"/{path}").find_class("above")
        assert [link.text_content() for link in above.iter("a")] == list(names)
