"""Search by name, the schema, and text search in SPARQL, at a server with the sample."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from loader.workspace import Workspace
from tests.saved.html import Browser
from tests.server.conftest import Server, publish, start, stop
from tests.server.http import Reply, ask, request, values

SELMA = "https://libris.kb.se/sample-a0026#it"
KBV = "https://id.kb.se/vocab/"


def search(server: Server, **parameters: str) -> Reply:
    return request(server, "GET", f"/search?{urlencode(parameters)}")


def iris(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.text
    return [hit["iri"] for hit in reply.json()["hits"]]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of a release of before, which has neither index nor schema."""
    data = tmp_path_factory.mktemp("bare")
    publish(data, 1)
    server = start(data, "--workers", "1")
    yield server
    assert stop(server) == 0


# /search


@pytest.mark.parametrize("typed", ["selma lager", "lagerlof", "Lagerlöf, Selma", "sample-a0026"])
def test_selma_lagerlof_is_found(sample: Server, typed: str) -> None:
    assert iris(search(sample, q=typed))[0] == SELMA


@pytest.mark.parametrize("typed", ["jrr tolkien", "Tolkien JRR", "j.r.r. tolkien", "tolkien j"])
def test_initials_are_found_together_and_apart(sample: Server, typed: str) -> None:
    hits = search(sample, q=typed).json()["hits"]
    assert hits[0]["label"] == "Tolkien, J. R. R."


def test_answer_is_as_it_is_described(sample: Server) -> None:
    reply = search(sample, q="selma", lang="sv", limit="1")
    found = reply.json()
    assert found["hits"] == [
        {
            "iri": SELMA,
            "label": "Lagerlöf, Selma",
            "lang": None,
            "class": f"{KBV}Person",
            "class_label": "Person",
            "detail": "1858-1940",
            "uses": 5,
            "matched": "Lagerlöf, Selma",
            "score": 0.9,
        }
    ]
    assert found["took_ms"] >= 0
    assert reply.headers["libris-release"]
    assert reply.headers["content-type"] == "application/json"


def test_labels_are_in_the_language_that_is_asked_for(sample: Server) -> None:
    for language, label in (("sv", "Svenska"), ("en", "Swedish")):
        found = search(sample, q="swe", lang=language).json()["hits"][0]
        assert (found["label"], found["lang"]) == (label, language)


def test_class_may_have_a_predefined_prefix(sample: Server) -> None:
    assert iris(search(sample, q="selma", **{"class": "kbv:Person"})) == [SELMA]
    assert iris(search(sample, q="selma", **{"class": f"{KBV}Work"})) == []


def test_saved_queries_and_terms_stand_beside_things(sample: Server) -> None:
    found = search(sample, q="person", lang="en").json()
    assert found["terms"][0] == {
        "iri": f"{KBV}Person",
        "name": "kbv:Person",
        "kind": "class",
        "label": "Person",
        "uses": 63,
    }
    assert "collaborators-of-a-person" in [query["name"] for query in found["queries"]]


def test_answer_is_kept_by_its_tag(sample: Server) -> None:
    first = search(sample, q="gösta")
    tag = first.headers["etag"]
    path = f"/search?{urlencode({'q': 'gösta'})}"
    assert request(sample, "GET", path, If_None_Match=tag).status == 304
    assert request(sample, "HEAD", path).status == 200


@pytest.mark.parametrize(
    ("query_string", "headers"),
    [
        ("q=selma", {}),
        ("q=selma", {"Accept_Encoding": "gzip"}),
        ("q=selma", {"Accept_Encoding": "gzip;q=0, identity;q=0"}),
        ("q=selma", {"Accept_Language": "sv-SE,sv;q=0.9,en;q=0.8"}),
        ("q=novel&class=kbv:Person&lang=sv&limit=3", {"Host": "libris.example:81"}),
        ("q=novel", {"Host": "libris.example:80"}),
        ("q=novel", {"Host": "my_service"}),
        ("q=novel&format=json", {"Accept": "text/html"}),
        ("q=", {}),
        ("q=a&limit=x", {}),
        ("q=%ff", {}),
        ("q=selma", {"If_None_Match": "*"}),
    ],
)
def test_search_of_a_program_goes_past_flask_with_the_same_answer(
    sample: Server, query_string: str, headers: dict[str, str]
) -> None:
    path = f"/search?{query_string}"
    request(sample, "GET", path)  # it is kept from now on, with how long it took
    short = request(sample, "GET", path, **headers)
    long = request(sample, "GET", path, **headers, Content_Length="0")  # this goes the long way
    assert (short.status, short.body) == (long.status, long.body)
    assert {**short.headers, "date": ""} == {**long.headers, "date": ""}


def test_search_is_kept_however_it_is_spaced_and_cased(sample: Server) -> None:
    first = search(sample, q="gösta  Berlings").json()
    again = search(sample, q=" GÖSTA berlings").json()
    assert (again["hits"], again["took_ms"]) == (first["hits"], first["took_ms"])
    assert (first["query"], again["query"]) == ("gösta  Berlings", "GÖSTA berlings")


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"q": "x" * 201}, "200 characters"),
        ({"q": " ".join("abcdefghijklmnopq")}, "16 words"),
        ({"q": "a", "limit": "0"}, "from 1 to 100"),
        ({"q": "a", "limit": "1000000"}, "from 1 to 100"),
        ({"q": "a", "limit": "²"}, "from 1 to 100"),
        ({"q": "a", "lang": "de"}, "sv, en"),
        ({"q": "a", "class": "not an iri"}, "IRI of a class"),
        ({"q": "a", "search": "b"}, "no parameter search"),
    ],
)
def test_what_is_wrong_with_a_search_is_said(
    sample: Server, parameters: dict[str, str], said: str
) -> None:
    reply = search(sample, **parameters)
    assert (reply.status, said in reply.json()["detail"]) == (400, True)


@pytest.mark.parametrize("typed", ["", "a", "a*", "***", '"', "() OR", "%00", "a " * 16, "å" * 200])
def test_hostile_searches_are_answered(sample: Server, typed: str) -> None:
    assert search(sample, q=typed).status == 200


def test_page_finds_in_both_languages(sample: Server) -> None:
    for language, says in (("sv", "användningar: 5"), ("en", "uses: 5")):
        browser = Browser(sample, language)
        page = browser.open("/")
        assert page.find(".//form[@role='search']//input[@name='q']") is not None
        browser.send(q="selma lager")
        assert says in browser.text
        assert "Lagerlöf, Selma 1858-1940" in browser.text
        browser.send(q="zzzzzz")
        assert browser.page.find(".//ol") is None


# The schema


def test_schema_is_served_whole_and_in_parts(sample: Server) -> None:
    reply = request(sample, "GET", "/schema")
    found: dict[str, Any] = reply.json()
    assert found["prefixes"]["kbv"] == KBV
    assert len(found["release"]) == 4
    part = request(sample, "GET", f"/schema/class?{urlencode({'iri': f'{KBV}Person'})}").json()
    assert part == next(each for each in found["classes"] if each["iri"] == f"{KBV}Person")
    assert request(sample, "GET", "/schema", If_None_Match=reply.headers["etag"]).status == 304
    missing = request(sample, "GET", f"/schema/property?{urlencode({'iri': 'urn:nothing'})}")
    assert (missing.status, "urn:nothing" in missing.json()["detail"]) == (404, True)


def test_schema_has_pages_of_classes_and_properties(sample: Server) -> None:
    browser = Browser(sample, "sv")
    browser.open("/schema")
    browser.follow("Person")
    assert "Motsvarar: bf2:Person" in browser.text
    browser.follow("efternamn")
    assert "Klasser som har den" in browser.text
    browser.follow("Person")
    assert "Klass med 63 ting" in browser.text.replace("\N{NARROW NO-BREAK SPACE}", "")


# What there is none of


def test_release_without_an_index_says_so(bare: Server) -> None:
    assert search(bare, q="selma").status == 404
    assert request(bare, "GET", "/schema").status == 404
    browser = Browser(bare)
    browser.open("/search?q=publishers")
    assert "no text index" in browser.text
    assert "Which publishers" in browser.text or "publishers" in browser.text
    wrong = ask(bare, 'SELECT * { ?s <urn:is> ?t . ?t bif:contains "x" }')
    assert (wrong.status, "text index" in wrong.json()["detail"]) == (400, True)


def test_damaged_index_is_said_and_the_rest_is_served(
    sample: Server, sample_workspace: Workspace, tmp_path: Path
) -> None:
    shutil.copytree(sample_workspace.current, tmp_path / "releases" / "0001")
    (tmp_path / "current").symlink_to(Path("releases/0001"))
    (tmp_path / "releases/0001/text/meta.json").write_text("{")
    (tmp_path / "releases/0001/schema.json").write_text("[]")
    server = start(tmp_path, "--workers", "1")
    try:
        assert search(server, q="selma").status == 404
        assert request(server, "GET", "/schema").status == 404
        assert ask(server, "SELECT * { ?s a :Person } LIMIT 1").status == 200
        assert "has no text index" in server.log
    finally:
        assert stop(server) == 0


# Text search in SPARQL

TITLES = "?instance :hasTitle [ :mainTitle ?title ]"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (f"{TITLES} . ?title bif:contains \"'gösta' AND sag*\"", ["Gösta Berlings saga"]),
        (f"?title bif:contains 'berlings' . {TITLES}", ["Gösta Berlings saga"]),
        (f"{TITLES} BIND(1 AS ?n) FILTER regex(?title, 'G') ?title bif:contains 'saga' FILTER(?n)",
         ["Gösta Berlings saga"]),
        (f"{TITLES} FILTER(?title != 'x') ?title bif:contains 'berlings'", ["Gösta Berlings saga"]),
        (f"{TITLES} . ?title <bif:contains> '\"berlings saga\"'", ["Gösta Berlings saga"]),
        (f"{TITLES} . $title bif:contains 'GOSTA OR Gösta'", ["Gösta Berlings saga"]),
        (f"{TITLES} OPTIONAL {{ ?title bif:contains 'x' }} FILTER(?title = 'Emil')", []),
        (f"{TITLES} . ?title bif:contains 'zzz'", []),
        (f"{TITLES} MINUS {{ ?x :mainTitle ?title . ?title bif:contains '(gö* OR sa*)' }}"
         " FILTER(STRSTARTS(?title, 'Gösta'))", []),
        (f"{TITLES} FILTER EXISTS {{ ?x :mainTitle ?title . ?title bif:contains 'gösta' }}",
         ["Gösta Berlings saga"]),
        (f"GRAPH ?g {{ {TITLES} . ?title bif:contains 'gösta' }}", ["Gösta Berlings saga"]),
        (f"{{ SELECT ?title {{ {TITLES} . ?title bif:contains 'gösta' }} }}",
         ["Gösta Berlings saga"]),
        (f"{{ {TITLES} . ?title bif:contains 'gösta' }} UNION {{ {TITLES} . "
         "?title bif:contains 'zzz' }", ["Gösta Berlings saga"]),
        ("?node text:query (:mainTitle 'gösta') ; :mainTitle ?title", ["Gösta Berlings saga"]),
        ("(?node ?score ?title) text:query (:mainTitle :label '\"berlings saga\"' 5)",
         ["Gösta Berlings saga"]),
        ("?p text:query 'lagerlöf' . ?p :familyName ?title", ["Lagerlöf"]),
        ("?node ?property ?title . ?title bif:contains 'berlings'", ["Gösta Berlings saga"]),
        ("?i :hasTitle ?node . ?node a :Title ; ?property ?title . ?title bif:contains 'berlings'",
         ["Gösta Berlings saga"]),
        (f"{TITLES} . ?title bif:contains \"'gösta berl*'\"", ["Gösta Berlings saga"]),
        (f"{TITLES} . ?title bif:contains \"'berlings gö*'\"", []),
        (f"{TITLES} . ?title bif:contains 'saga NEAR gösta'", ["Gösta Berlings saga"]),
        (f"{TITLES} . ?title bif:contains \"'berlings saga?' NEAR gösta AND NOT röda\"",
         ["Gösta Berlings saga"]),
        (f"{TITLES} . ?title bif:contains \"berlings NEAR rummet OR 'röda'\"", ["Röda rummet"]),
        ("(?node ?score ?title) text:query (:mainTitle '+berlings rummet')",
         ["Gösta Berlings saga"]),
        ("(?node ?score ?title) text:query (:mainTitle '-gösta berlings rummet')",
         ["Röda rummet"]),
        ("(?node ?score ?title) text:query (:mainTitle 'berlings && saga || d\\'artagnan')",
         ["Gösta Berlings saga"]),
        ("(?node ?score ?title) text:query (:mainTitle 'gösta NOT (saga OR berlings)')", []),
        ("(?node ?score ?title) text:query (:mainTitle 'berlinsg~1')", ["Gösta Berlings saga"]),
        ("(?node ?score ?title) text:query (:mainTitle '\"gösta saga\"')", []),
        ("(?node ?score ?title) text:query (:mainTitle '\"gösta saga\"~1')",
         ["Gösta Berlings saga"]),
        ("(?i ?score ?title ?g ?p) text:query (:mainTitle :label 'berlings' 3) GRAPH ?g {?i ?p ?t}",
         ["Gösta Berlings saga"]),
        ("(?node ?score ?title) text:query (:mainTitle 'berlings' 'lang:none')",
         ["Gösta Berlings saga"]),
        ("(?node ?score ?title) text:query (:mainTitle 'berlings' 5 'lang:sv')", []),
        ("(?node ?score ?title) text:query (:mainTitle 'berlings'@sv)", []),
    ],
)  # fmt: skip
def test_texts_are_joined_like_any_pattern(
    sample: Server, pattern: str, expected: list[str]
) -> None:
    reply = ask(sample, f"SELECT DISTINCT ?title {{ {pattern} }}", format="json")
    assert reply.status == 200, reply.text
    assert [row[0] for row in values(reply)] == expected


def test_score_orders_and_limit_cuts(sample: Server) -> None:
    query = (
        f"SELECT ?title ?s {{ {TITLES} . ?title bif:contains 'svenska OR akademiens' "
        "OPTION (score ?s) } ORDER BY DESC(?s)"
    )
    rows = values(ask(sample, query, format="json"))
    assert "Akademiens" in rows[0][0]
    assert float(rows[0][1]) > float(rows[-1][1])
    limited = "SELECT * { (?t ?s) text:query (:mainTitle 'svenska' 2) }"
    assert len(values(ask(sample, limited, format="json"))) == 2


def test_boost_puts_a_word_before_others(sample: Server) -> None:
    query = "SELECT ?text {{ (?x ?s ?text) text:query (:mainTitle 'gösta{} rummet{}' 1) }}"
    firsts = [
        values(ask(sample, query.format(*boosts), format="json"))[0][0]
        for boosts in (("^9", ""), ("", "^9"))
    ]
    assert firsts == ["Gösta Berlings saga", "Röda rummet"]


def test_whatever_is_shown_has_no_variable_that_is_not_the_query_s(sample: Server) -> None:
    for subject, names in (("?x", ["x"]), ("(?x ?s)", ["x", "s"]), (f"<{SELMA}>", [])):
        reply = ask(sample, f"SELECT * {{ {subject} text:query 'lagerlöf' }}", format="json")
        assert sorted(reply.json()["head"]["vars"]) == sorted(names)
        assert len(reply.json()["results"]["bindings"]) == 1


def test_every_form_may_search_texts(sample: Server) -> None:
    where = f"{{ {TITLES} . ?title bif:contains 'gösta' }}"
    assert ask(sample, f"ASK {where}", format="json").json()["boolean"] is True
    graph = ask(sample, f"CONSTRUCT {{ ?instance :label ?title }} WHERE {where}", format="nt")
    assert "Gösta Berlings saga" in graph.text
    assert ask(sample, f"DESCRIBE ?instance {where}", format="nt").status == 200


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT * { ?t bif:contains 'saga' }", "is the object of no triple"),
        ("SELECT * { ?t :mainTitle ?x . ?t bif:contains 'saga' }", "is the object of no triple"),
        (f"SELECT * {{ {TITLES} . ?title bif:contains 'a b' }}", "AND or OR"),
        (f'SELECT * {{ {TITLES} . ?title bif:contains "\'a" }}', "has no partner"),
        (f"SELECT * {{ {TITLES} . ?title bif:contains '(a' }}", "isn't closed"),
        (f"SELECT * {{ {TITLES} . ?title bif:contains 'NOT a' }}", "NOT alone"),
        (f"SELECT * {{ {TITLES} . ?title bif:contains 'a AND' }}", "missing at its end"),
        (f"SELECT * {{ {TITLES} . ?title bif:contains 'a*' }}", "2 letters"),
        (f"SELECT * {{ {TITLES} . ?title bif:contains '...' }}", "no word"),
        (f"SELECT * {{ {TITLES} . ?title bif:contains 'a NEAR bc*' }}", "NEAR"),
        (f"SELECT * {{ {TITLES} . ?title bif:contains 'a NEAR' }}", "missing at its end"),
        (f"SELECT * {{ {TITLES} . ?title bif:contains \"'a b*'\" }}", "2 letters"),
        (f"SELECT * {{ {TITLES} . ?title bif:contains saga }}", "quotation marks"),
        (f"SELECT * {{ {TITLES} . ?title bif:contains+ 'saga' }}", "no part of a path"),
        (f"SELECT * {{ {TITLES} . ?title bif:holds 'saga' }}", "no bif:holds"),
        ("SELECT * { ?x text:search 'saga' }", "no text:search"),
        (f"SELECT * {{ {TITLES} FILTER bif:contains(?title, 'a') }}", "is a pattern"),
        ("SELECT ?a ?t { { SELECT ?x ?a ?t { ?t :p ?x } } ?t bif:contains 'saga' }", "no triple"),
        ("SELECT * { ?x text:query (:mainTitle 'title:saga') }", "names a field"),
        ("SELECT * { ?x text:query (:mainTitle '[a TO b]') }", "range"),
        ("SELECT * { ?x text:query (:mainTitle 'saga~9') }", "~2"),
        ("SELECT * { ?x text:query (:mainTitle 'saga^much') }", "^2"),
        ("SELECT * { ?x text:query (:mainTitle '-saga') }", "NOT alone"),
        ("SELECT * { ?x text:query (:mainTitle 'saga' 2 'highlight:') }", "lang:sv"),
        ("SELECT * { (?x ?a ?b ?c ?d ?e) text:query 'saga' }", "?graph"),
        (f"SELECT * {{ {TITLES} . ?title bif:contains ?x }}", "quotation marks"),
        (f"SELECT * {{ {TITLES} FILTER(bif:contains(?title, 'a')) }}", "is a pattern"),
        ("SELECT * { ?x :created ?t . ?t bif:contains 'saga' }", "No text of"),
        ("SELECT * { ?x text:query (:created 'saga') }", "No text of"),
        ("SELECT * { ?x text:query (:mainTitle 'saga' -1) }", "how many"),
        ("SELECT * { [] text:query (:mainTitle 'saga') }", "is a variable"),
        ("SELECT * { ?x :p [ text:query 'saga' ] }", "is a pattern"),
        (f"SELECT * {{ {TITLES} . ?title bif:contains '{'a OR ' * 70}a' }}", "more than 64"),
        (f"SELECT * {{ {TITLES} . ?title bif:contains '{'(' * 30}a{')' * 30}' }}", "brackets"),
    ],
)
def test_wrong_text_search_is_said_with_the_right_one(
    sample: Server, query: str, said: str
) -> None:
    reply = ask(sample, query, format="json")
    assert reply.status == 400, reply.text
    detail = reply.json()["detail"]
    assert said in detail
    shown = ("Right is", "more than", "such as", "are searched with")
    assert any(words in detail for words in shown), detail


def test_malformed_query_around_text_search_is_diagnosed_as_written(sample: Server) -> None:
    reply = ask(sample, "SELECT * {\n ?x :mainTitle ?t .\n ?t bif:contains 'saga' . FILTR(?t) }")
    assert reply.status == 400
    assert reply.json()["line"] == 3


def test_own_prefixes_and_names_of_text_search_hold(sample: Server) -> None:
    jena = "PREFIX t: <http://jena.apache.org/text#> SELECT ?p { ?p t:query 'lagerlöf' }"
    assert values(ask(sample, jena, format="json")) == [[SELMA]]
    own = "PREFIX text: <urn:x:> SELECT * { ?p text:query 'lagerlöf' }"
    assert values(ask(sample, own, format="json")) == []
    aside = "SELECT ('?t bif:contains \"x' AS ?x) { } # ?t bif:contains 'x'"
    assert values(ask(sample, aside, format="json")) == [['?t bif:contains "x']]


def test_description_names_search_and_schema(sample: Server) -> None:
    paths = json.loads(request(sample, "GET", "/openapi.json").body)["paths"]
    assert {"/search", "/schema", "/schema/class", "/schema/property"} <= set(paths)
