"""Reconciliation: what OpenRefine and others get for the names in a table."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import jsonschema
import pytest

from sparql_server.reconciling.cells import make_cell
from sparql_server.reconciling.scoring import (
    Candidate,
    agree_names,
    agree_values,
    agree_years,
    compare_names,
    find_match,
)
from tests.reconciling import schemas
from tests.server.conftest import Server
from tests.server.http import Reply, request

LIBRIS = "https://libris.kb.se/"
FORM = "application/x-www-form-urlencoded"


def post(server: Server, **said: Any) -> Reply:
    body = urlencode({name: json.dumps(value) for name, value in said.items()}).encode()
    return request(server, "POST", "/reconcile", body, Content_Type=FORM)


def get(server: Server, path: str = "", **parameters: str) -> Reply:
    query = f"?{urlencode(parameters)}" if parameters else ""
    return request(server, "GET", f"/reconcile{path}{query}")


def valid(reply: Reply, schema: dict[str, Any]) -> Any:
    assert reply.status == 200, reply.text
    jsonschema.validate(reply.json(), schema)
    return reply.json()


def reconcile(server: Server, text: str, kind: str = "", **hints: Any) -> list[dict[str, Any]]:
    properties = [{"pid": name, "v": value} for name, value in hints.items()]
    query = {"query": text, "type": f"kbv:{kind}" if kind else "", "properties": properties}
    found = valid(post(server, queries={"q": query}), schemas.RESULTS)
    candidates: list[dict[str, Any]] = found["q"]["result"]
    return candidates


def matches(candidates: list[dict[str, Any]]) -> list[str]:
    return [each["id"].removeprefix(LIBRIS) for each in candidates if each["match"]]


def test_manifest_says_what_the_specification_has(sample: Server) -> None:
    said = valid(get(sample), schemas.MANIFEST)
    assert said["suggest"]["entity"]["service_url"] == f"{sample.address}/reconcile"
    assert [kind["name"] for kind in said["defaultTypes"]] == [
        "Person",
        "Organization",
        "Work",
        "Instance (edition)",
        "Subject",
        "Place",
    ]


def test_batch_is_taken_by_get_and_by_post(sample: Server) -> None:
    batch = {"q0": {"query": "Karin Boye"}, "q1": {"query": "zzz"}, "q2": {"query": ""}}
    posted = valid(post(sample, queries=batch), schemas.RESULTS)
    assert posted == valid(get(sample, queries=json.dumps(batch)), schemas.RESULTS)
    assert [len(posted[name]["result"]) > 0 for name in batch] == [True, False, False]


def test_batch_is_answered_whatever_the_client_has(sample: Server) -> None:
    hints = [{"pid": "years", "v": "1900"}]
    batch = {"q": {"query": "Karin Boye", "type": "kbv:Person", "properties": hints}}
    for said in (
        {"queries": batch},
        {"extend": {"ids": [f"{LIBRIS}sample-a0007#it"], "properties": [{"id": "years"}]}},
    ):
        query = urlencode({name: json.dumps(value) for name, value in said.items()})
        reply = request(sample, "GET", f"/reconcile?{query}", If_None_Match="*")
        assert (reply.status, reply.json()) == (200, post(sample, **said).json())


def test_name_alone_is_no_proof_of_a_person(sample: Server) -> None:
    (best, *_) = reconcile(sample, "Karin Boye", "Person")
    assert (best["id"], best["score"], best["match"]) == (f"{LIBRIS}sample-a0007#it", 100, False)


@pytest.mark.parametrize(
    ("text", "hints", "score", "matched"),
    [
        ("Boye, Karin, 1900-1941", {}, 100, True),
        ("Karin Boye (1900–1941)", {}, 100, True),
        ("Karin Boye", {"years": 1900}, 100, True),
        ("Karin Boye", {"years": ["1900", "1941"]}, 100, True),
        ("Karin Boye", {"years": "1899"}, 50, False),
        ("Karin Boye", {"http://example.org/eyes": "blue"}, 90, False),
        ("Karin Boye", {"kbv:familyName": "Boye"}, 100, True),
    ],
)
def test_years_and_other_hints_decide(
    sample: Server, text: str, hints: dict[str, Any], score: float, matched: bool
) -> None:
    (best, *_) = reconcile(sample, text, "Person", **hints)
    assert (best["score"], best["match"]) == (score, matched)


def test_edition_is_told_by_author_year_and_language(sample: Server) -> None:
    assert len(reconcile(sample, "Kallocain", "Instance")) > 1
    found = reconcile(
        sample, "Kallocain", "Instance", author="Boye, Karin", years=1940, language="swe"
    )
    assert matches(found) == ["sample-b0010#it"]
    assert found[0]["score"] > found[1]["score"] + 10
    assert {"id": "author", "value": True} in found[0]["features"]


def test_wrong_author_is_no_match(sample: Server) -> None:
    (best, *_) = reconcile(sample, "Kallocain", "Work", author="Lagerlöf, Selma")
    assert (best["score"], best["match"]) == (50, False)


def test_term_of_a_vocabulary_is_certain_by_its_name(sample: Server) -> None:
    (best, *_) = reconcile(sample, "romaner", "Topic")
    assert best["match"]
    assert not reconcile(sample, "romane", "Topic")[0]["match"]


@pytest.mark.parametrize("name", ["http://[", "no property", "", "urn:x>"])
def test_property_that_is_none_is_not_known(sample: Server, name: str) -> None:
    (best, *_) = reconcile(sample, "Karin Boye", "Person", **{name: "x"})
    assert (best["score"], best["match"]) == (90, False)
    wanted = {"ids": [best["id"]], "properties": [{"id": name}]}
    assert post(sample, extend=wanted).json()["rows"] == {best["id"]: {name: []}}


def test_identifier_is_certain_by_itself(sample: Server) -> None:
    assert matches(reconcile(sample, f"{LIBRIS}sample-a0007#it")) == ["sample-a0007#it"]


def test_as_many_candidates_as_are_wanted(sample: Server) -> None:
    query = {"query": "Kallocain", "limit": 1}
    assert len(post(sample, queries={"q": query}).json()["q"]["result"]) == 1


@pytest.mark.parametrize(
    "batch",
    [
        "no JSON",
        "[]",
        '{"q": 1}',
        '{"q": {"query": 1}}',
        '{"q": {"query": "x", "limit": 0}}',
        '{"q": {"query": "x", "type": 1}}',
        '{"q": {"query": "\\ud800"}}',
        '{"q": {"query": "x", "limit": 1e400}}',
        "[" * 20_000,
        '{"q": {"query": "x", "type": "a b"}}',
        '{"q": {"query": "x", "type": "http://["}}',
        json.dumps({"q": {"query": "x", "type": ["kbv:Person"] * 11}}),
        '{"q": {"query": "x", "properties": {}}}',
        '{"q": {"query": "x", "properties": [{"v": 1}]}}',
        json.dumps({f"q{n}": {"query": "x"} for n in range(101)}),
    ],
)
def test_malformed_batch_is_a_400(sample: Server, batch: str) -> None:
    reply = get(sample, queries=batch)
    assert (reply.status, reply.json()["parameter"]) == (400, "queries")


@pytest.mark.parametrize("value", [None, {"id": "x"}, [[]], {}, True, 1.5])
def test_whatever_stands_in_a_hint_is_no_failure(sample: Server, value: Any) -> None:
    reconcile(sample, "Karin Boye", "Person", years=value, author=value)


@pytest.mark.parametrize("name", ["entity", "type", "property"])
def test_suggestions_come_for_what_is_typed(sample: Server, name: str) -> None:
    typed = {"entity": "boy", "type": "pers", "property": "lang"}[name]
    found = valid(get(sample, f"/suggest/{name}", prefix=typed), schemas.SUGGESTIONS)["result"]
    assert (
        found[0]["id"]
        == {
            "entity": f"{LIBRIS}sample-a0007#it",
            "type": "https://id.kb.se/vocab/Person",
            "property": "language",
        }[name]
    )
    assert len({each["id"] for each in found}) == len(found)
    assert get(sample, "/suggest/other", prefix="x").status == 400


def test_jsonp_calls_the_function_that_is_named(sample: Server) -> None:
    reply = get(sample, callback="jQuery1.f")
    assert reply.headers["content-type"].startswith("application/javascript")
    assert reply.text.startswith("/**/jQuery1.f({")
    assert get(sample, callback="alert(1)//").status == 400


def test_any_page_may_ask_and_show_a_preview(sample: Server) -> None:
    assert get(sample).headers["access-control-allow-origin"] == "*"
    page = get(sample, "/preview", id=f"{LIBRIS}sample-b0010#it")
    assert "Kallocain" in page.text
    assert "frame-ancestors" not in page.headers["content-security-policy"]
    odd = get(sample, "/preview", id='urn:x:"><script>')
    assert odd.status == 400


def test_table_is_extended_with_values(sample: Server) -> None:
    wanted = {
        "ids": [f"{LIBRIS}sample-b0010#it", f"{LIBRIS}nothing"],
        "properties": [
            {"id": "kbv:instanceOf"},
            {"id": "years"},
            {"id": "kbv:category", "settings": {"limit": "1"}},
            {"id": "no property"},
        ],
    }
    said = valid(post(sample, extend=wanted), schemas.EXTENDED)
    row = said["rows"][f"{LIBRIS}sample-b0010#it"]
    assert row["kbv:instanceOf"][0]["id"] == f"{LIBRIS}sample-a0063#it"
    assert (row["years"], len(row["kbv:category"])) == ([{"str": "1940"}], 1)
    assert set(map(len, said["rows"][f"{LIBRIS}nothing"].values())) == {0}
    valid(get(sample, "/properties", type="kbv:Person", limit="3"), schemas.PROPOSED)
    for name in ("a b", "http://["):
        assert post(sample, extend={"ids": [name], "properties": []}).status == 400


def extend(server: Server, thing: str, *names: str) -> dict[str, list[dict[str, Any]]]:
    wanted = {"ids": [f"{LIBRIS}{thing}"], "properties": [{"id": name} for name in names]}
    rows = valid(post(server, extend=wanted), schemas.EXTENDED)["rows"]
    cells: dict[str, list[dict[str, Any]]] = rows[f"{LIBRIS}{thing}"]
    return cells


def test_things_in_cells_have_their_names(sample: Server) -> None:
    cells = extend(sample, "sample-b0010#it", "kbv:instanceOf", "author", "language", "rdf:type")
    assert {name: cells[name][0]["name"] for name in cells} == {
        "kbv:instanceOf": "Kallocain",
        "author": "Boye, Karin, 1900-1941",
        "language": "Svenska",
        "rdf:type": "Fysisk resurs",
    }
    assert cells["author"][0]["id"] == f"{LIBRIS}sample-a0007#it"
    assert [len(each) for each in cells.values()] == [1, 1, 1, 1]


def test_what_has_no_name_of_its_own_is_told_in_a_line(sample: Server) -> None:
    cells = extend(sample, "sample-b0010#it", "kbv:publication", "kbv:hasTitle")
    assert cells["kbv:publication"] == [{"str": "Stockholm, Bonnier, 1940"}]
    assert cells["kbv:hasTitle"] == [{"str": "Kallocain"}]


@pytest.mark.parametrize(
    ("text", "datatype", "cell"),
    [
        ("12", "integer", {"int": 12}),
        ("x", "integer", {"str": "x"}),
        ("1.5", "decimal", {"float": 1.5}),
        ("INF", "double", {"str": "INF"}),
        ("true", "boolean", {"str": "true"}),
        ("2026-11-28", "date", {"str": "2026-11-28"}),
        ("2026-11-28T12:00:00Z", "dateTime", {"date": "2026-11-28T12:00:00Z"}),
        ("2026-11-28T24:00:00", "dateTime", {"str": "2026-11-28T24:00:00"}),
        ("1940", "gYear", {"str": "1940"}),
    ],
)
def test_cell_has_one_of_the_forms_of_the_specification(
    text: str, datatype: str, cell: dict[str, Any]
) -> None:
    datatype = f"http://www.w3.org/2001/XMLSchema#{datatype}"
    made = make_cell({"type": "literal", "value": text, "datatype": datatype}, {})
    assert made == cell
    jsonschema.validate(made, schemas.VALUE)


@pytest.mark.parametrize("kind", ["Person", "Organization", "Work", "Instance", "Topic"])
def test_properties_are_proposed_for_the_types_of_the_manifest(sample: Server, kind: str) -> None:
    said = valid(get(sample, "/properties", type=f"kbv:{kind}"), schemas.PROPOSED)
    names = [each["id"] for each in said["properties"]]
    assert len(names) >= 2
    assert ("author" in names) == (kind in ("Work", "Instance"))
    below = get(sample, "/properties", type="kbv:PhysicalResource", limit="3").json()
    assert [each["id"] for each in below["properties"]] == ["years", "author", "language"]


@pytest.mark.parametrize("name", ["entity", "type", "property"])
def test_more_suggestions_come_by_the_cursor(sample: Server, name: str) -> None:
    every, cursor = list[str](), 0
    while found := get(sample, f"/suggest/{name}", prefix="s", cursor=str(cursor)).json()["result"]:
        every += [each["id"] for each in found]
        cursor += len(found)
    assert len(every) > (5 if name == "type" else 10)
    assert len(set(every)) == len(every)
    assert get(sample, f"/suggest/{name}", prefix="s", cursor="-1").status == 400


@pytest.mark.parametrize(
    ("name", "id_"),
    [
        ("entity", f"{LIBRIS}sample-a0007#it"),
        ("type", "https://id.kb.se/vocab/Instance"),
        ("type", "https://id.kb.se/vocab/PhysicalResource"),
        ("property", "https://id.kb.se/vocab/hasTitle"),
        ("property", "author"),
    ],
)
def test_what_is_typed_may_be_an_id(sample: Server, name: str, id_: str) -> None:
    assert get(sample, f"/suggest/{name}", prefix=id_).json()["result"][0]["id"] == id_


@pytest.mark.parametrize(
    ("method", "said"), [("GET", "queries="), ("GET", "query=Boye"), ("POST", ""), ("POST", "x=1")]
)
def test_request_that_asks_nothing_is_refused(sample: Server, method: str, said: str) -> None:
    path, body = ("/reconcile", said.encode()) if method == "POST" else (f"/reconcile?{said}", None)
    reply = request(sample, method, path, body, Content_Type=FORM)
    assert (reply.status, reply.json()["parameter"]) == (400, "queries")


def test_name_with_all_words_comes_before_one_with_others(sample: Server) -> None:
    assert reconcile(sample, "Boye")[0]["id"] == f"{LIBRIS}sample-a0007#it"
    assert compare_names("Boye", "Boye, Karin") > compare_names("Boye", "Boende")


def test_limit_may_be_written_as_any_number(sample: Server) -> None:
    query = {"query": "Kallocain", "limit": 2.0}
    assert len(post(sample, queries={"q": query}).json()["q"]["result"]) == 2


def candidate(name: str, *, exact: bool = True, agreed: bool | None = True) -> Candidate:
    hints = (("years", agreed),)
    return Candidate(name, "x", "", "", "", 1, 1.0 if exact else 0.8, exact, agreed=hints)


def test_of_two_that_fit_neither_is_certain() -> None:
    both = [candidate("urn:a"), candidate("urn:b")]
    assert find_match(both, controlled=False, complete=True) is None
    apart = [candidate("urn:a"), candidate("urn:b", agreed=False)]
    assert find_match(apart, controlled=False, complete=True) == "urn:a"
    assert find_match(apart, controlled=False, complete=False) is None
    assert find_match([candidate("urn:a", exact=False)], controlled=True, complete=True) is None
    assert find_match([], controlled=True, complete=True) is None


def test_what_is_not_known_neither_agrees_nor_contradicts() -> None:
    assert agree_years(["1900"], []) is None
    assert agree_years(["born"], ["1900"]) is None
    assert agree_years(["1900-1941"], ["1900", "1941"]) is True
    assert agree_names(["1900"], ["Boye"]) is None
    assert agree_names(["K. Boye"], ["Karin Boye"]) is False
    assert agree_values(["SWE"], ["swe"]) is True
    assert compare_names("", "") == 0


@pytest.mark.parametrize(
    ("text", "kind", "found"),
    [
        ("Karin Maria Boye", "Person", "sample-a0007#it"),
        ("Boye, Karin Maria", "Person", "sample-a0007#it"),
        ("Kallocain: en roman från 2000-talet i fyra delar", "Work", "sample-a0063#it"),
    ],
)
def test_name_with_a_word_too_many_has_candidates_but_none_that_is_certain(
    sample: Server, text: str, kind: str, found: str
) -> None:
    (best, *_) = reconcile(sample, text, kind, years="1900" if kind == "Person" else [])
    assert (best["id"], best["match"]) == (f"{LIBRIS}{found}", False)
    assert best["score"] < 90


def test_type_of_a_candidate_has_a_name_where_the_vocabulary_is_not_in_the_release(
    persons: Server,
) -> None:
    for candidate in reconcile(persons, "Anna Ahlgren"):
        assert candidate["type"] == [{"id": "https://id.kb.se/vocab/Person", "name": "Person"}]
