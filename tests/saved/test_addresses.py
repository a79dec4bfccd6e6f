"""Saved queries for programs: their addresses, parameters, parts, releases and errors."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from rdflib import Graph

from tests.saved.conftest import write_queries
from tests.server.conftest import Server, publish
from tests.server.http import Reply, request, values
from tests.server.processes import serving, wait_for

AUTHOR = "/queries/translations-of-an-author-by-decade"
LINDGREN = "http://www.wikidata.org/entity/Q25161"


def get(server: Server, path: str, **headers: str) -> Reply:
    return request(server, "GET", path, **headers)


def numbers(server: Server, extension: str = ".json", **parameters: object) -> Reply:
    return get(server, f"/queries/numbers{extension}?{urlencode(parameters, doseq=True)}")


def linked(server: Server, reply: Reply, relation: str) -> Reply:
    """The part of the rows that a Link header leads to."""
    target = re.search(rf'<([^>]+)>; rel="{relation}"', reply.headers["link"])
    assert target is not None
    return get(server, target[1].removeprefix(server.address))


@pytest.mark.parametrize(
    ("extension", "content_type"),
    [
        ("csv", "text/csv; charset=utf-8"),
        ("tsv", "text/tab-separated-values; charset=utf-8"),
        ("json", "application/sparql-results+json"),
        ("xml", "application/sparql-results+xml"),
        ("rq", "application/sparql-query; charset=utf-8"),
    ],
)
def test_extension_names_the_format(sample: Server, extension: str, content_type: str) -> None:
    reply = get(sample, f"{AUTHOR}.{extension}", Accept="text/turtle")
    assert (reply.status, reply.headers["content-type"]) == (200, content_type)
    head = request(sample, "HEAD", f"{AUTHOR}.{extension}")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-type"] == content_type


@pytest.mark.parametrize("extension", ["ttl", "nt", "rdf", "jsonld", "nq", "trig"])
def test_query_that_constructs_has_the_formats_of_graphs(own: Server, extension: str) -> None:
    reply = get(own, f"/queries/graph.{extension}")
    found = ox.RdfFormat.from_extension(extension)
    assert found is not None
    assert len(list(ox.parse(reply.body, found))) == 3
    assert get(own, "/queries/graph.csv").status == 404
    assert get(own, "/queries/graph.expanded").body.startswith(b"[")
    accepted = get(own, "/queries/graph", Accept=reply.headers["content-type"])
    assert accepted.headers["etag"] == reply.headers["etag"]


def test_answer_is_what_the_query_in_the_file_says(sample: Server) -> None:
    expected = Path(__file__).parents[1] / "expected" / "translations-of-an-author-by-decade.tsv"
    assert get(sample, f"{AUTHOR}.tsv").text == expected.read_text(encoding="utf-8")
    assert values(get(sample, f"{AUTHOR}.json")) == [
        ["1940", "https://id.kb.se/language/ger", "Tyska", "1"],
        ["1950", "https://id.kb.se/language/eng", "Engelska", "1"],
    ]


def test_accept_and_format_choose_on_the_bare_address(sample: Server) -> None:
    csv = get(sample, f"{AUTHOR}.csv").body
    assert get(sample, AUTHOR, Accept="text/csv").body == csv
    assert get(sample, f"{AUTHOR}?format=csv").body == csv
    assert get(sample, AUTHOR).headers["content-type"] == "application/sparql-results+json"
    assert get(sample, AUTHOR, Accept="image/png").status == 406
    assert get(sample, f"{AUTHOR}.csv?format=json").status == 400


def test_values_are_bound_and_several_may_be(own: Server) -> None:
    assert values(numbers(own, thing=["urn:n8", "urn:n9"])) == [
        ["urn:n8", "No 8", "8"],
        ["urn:n9", "No 9", "9"],
    ]
    assert values(numbers(own, thing="urn:n3", **{"from": 4})) == []
    assert [row[2] for row in values(numbers(own, parity="odd", limit=3))] == ["1", "3", "5"]


def test_empty_value_leaves_a_parameter_out(own: Server) -> None:
    assert values(numbers(own, thing="urn:n0")) == []
    assert values(numbers(own, thing="urn:n0", **{"from": ""})) == [["urn:n0", "No 0", "0"]]


def test_text_of_the_query_has_the_values_in_it(own: Server) -> None:
    text = numbers(own, ".rq", thing="urn:n3").text
    assert "VALUES ?thing { <urn:n3> }" in text
    assert values(get(own, f"/sparql?{urlencode({'query': text})}")) == [["urn:n3", "No 3", "3"]]


@pytest.mark.parametrize(
    ("parameters", "parameter", "says"),
    [
        ({"from": "many"}, "from", "a whole number"),
        ({"from": "9000"}, "from", "more than 5000"),
        ({"from": ["1", "2"]}, "from", "it takes one"),
        ({"thing": "no iri"}, "thing", "urn:n7"),
        ({"parity": "neither"}, "parity", "even, odd"),
        ({"colour": "red"}, "colour", "there are: from, parity, thing"),
        ({"limit": "all"}, "limit", "a whole number"),
        ({"offset": "-1"}, "offset", "a whole number"),
        ({"limit": ["1", "2"]}, "limit", "2 values"),
    ],
)
def test_error_names_the_parameter_its_type_and_an_example(
    own: Server, parameters: dict[str, object], parameter: str, says: str
) -> None:
    reply = numbers(own, **parameters)
    problem = reply.json()
    assert (reply.status, reply.headers["content-type"]) == (400, "application/problem+json")
    assert problem["parameter"] == parameter
    assert says in problem["detail"]
    if parameter not in ("colour",) and parameters != {"limit": ["1", "2"]}:
        assert problem["type"]
        assert problem["example"] in problem["detail"]


def test_part_of_the_rows_comes_with_the_number_of_all(own: Server) -> None:
    reply = numbers(own, limit=2, offset=10)
    assert [row[2] for row in values(reply)] == ["11", "12"]
    assert reply.headers["libris-total"] == "2999"
    assert [row[2] for row in values(linked(own, reply, "first"))] == ["1", "2"]
    assert [row[2] for row in values(linked(own, reply, "prev"))] == ["9", "10"]
    assert [row[2] for row in values(linked(own, reply, "next"))] == ["13", "14"]
    assert "libris-total" not in numbers(own).headers


def test_part_beyond_the_last_row_is_empty(own: Server) -> None:
    reply = numbers(own, limit=2, offset=5000)
    assert values(reply) == []
    assert reply.headers["libris-total"] == "2999"
    assert 'rel="next"' not in reply.headers["link"]
    assert "link" not in numbers(own, offset=5).headers
    assert values(numbers(own, limit=0)) == []


def test_yes_or_no_has_no_parts(own: Server) -> None:
    assert get(own, "/queries/truth.json").json()["boolean"] is True
    assert get(own, "/queries/truth.json?limit=1").status == 400


def test_answer_the_client_has_is_not_sent_again(own: Server) -> None:
    first = numbers(own, limit=5)
    again = get(own, "/queries/numbers.json?limit=5", If_None_Match=first.headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert again.headers["libris-total"] == "2999"
    assert first.headers["cache-control"] == "no-cache"
    assert numbers(own, limit=6).headers["etag"] != first.headers["etag"]
    assert get(own, "/queries/numbers.csv?limit=5").headers["etag"] != first.headers["etag"]


def test_any_page_may_ask_and_read_the_headers(own: Server) -> None:
    reply = numbers(own, limit=1)
    assert reply.headers["access-control-allow-origin"] == "*"
    assert "Libris-Total" in reply.headers["access-control-expose-headers"]
    assert "Link" in reply.headers["access-control-expose-headers"]
    assert request(own, "OPTIONS", "/queries/numbers").status == 200
    assert request(own, "POST", "/queries/numbers", b"").status == 405


@pytest.mark.parametrize("path", ["/queries/none", "/queries/numbers.pdf", "/queries/broken"])
def test_what_is_not_there_is_404(own: Server, path: str) -> None:
    assert get(own, path).status == 404
    assert get(own, path, Accept="text/html").status == 404


def test_list_is_json_for_programs_and_can_be_searched(own: Server, sample: Server) -> None:
    found = {query["name"]: query for query in get(own, "/queries/").json()["queries"]}
    assert list(found) == ["graph", "numbers", "truth"]
    assert found["numbers"]["title"]["sv"] == "Vilka tal finns det?"
    assert found["numbers"]["columns"] == ["thing", "name", "n"]
    text = ["json", "xml", "csv", "tsv"]
    assert found["numbers"]["formats"] == [*text, "arrow", "parquet", "rq"]
    parameters = {parameter["name"]: parameter for parameter in found["numbers"]["parameters"]}
    assert parameters["from"] == {
        "name": "from",
        "type": "integer",
        "label": {"sv": "Minst", "en": "From"},
        "default": ["1"],
        "example": "1",
        "required": False,
        "multiple": False,
        "minimum": "0",
        "maximum": "5000",
    }
    assert parameters["parity"]["values"] == f"{own.address}/queries/numbers/values/parity"

    def names(path: str) -> list[str]:
        return [query["name"] for query in get(sample, path).json()["queries"]]

    assert len(names("/queries/")) >= 40
    assert "translations-of-an-author-by-decade" in names(
        "/queries/?search=f%C3%B6rfattare+spr%C3%A5k"
    )
    assert all("holdings" in name or "library" in name for name in names("/queries/?tag=holdings"))
    assert names("/queries/?search=zzz") == []
    assert get(sample, "/queries/?colour=red").status == 400
    assert get(sample, "/queries").status in (301, 308)


def test_values_to_pick_from_are_found_by_their_labels(sample: Server) -> None:
    path = f"{AUTHOR}/values/language"
    reply = get(sample, f"{path}?search=TYSK")
    assert reply.json() == {
        "values": [{"value": "lge:ger", "labels": {"sv": "Tyska", "en": "German"}}],
        "more": False,
    }
    again = get(sample, f"{path}?search=TYSK", If_None_Match=reply.headers["etag"])
    assert again.status == 304
    everybody = get(sample, f"{AUTHOR}/values/person").json()
    assert (len(everybody["values"]), everybody["more"]) == (50, True)
    assert get(sample, "/queries/books-per-year/values/from").status == 404
    assert get(sample, f"{path}?colour=red").status == 400


def test_values_allowed_are_listed_too(own: Server) -> None:
    path = "/queries/numbers/values/parity"
    found = get(own, f"{path}?search=udd").json()["values"]
    assert found == [{"value": "odd", "labels": {"sv": "udda", "en": "odd"}}]


def test_catalogue_is_there_in_shacl(sample: Server) -> None:
    reply = get(sample, "/queries.ttl")
    assert reply.headers["content-type"] == "text/turtle; charset=utf-8"
    text = reply.text
    assert f"{sample.address}/queries/" in text
    Graph().parse(data=text, format="turtle")
    assert get(sample, "/queries.ttl", If_None_Match=reply.headers["etag"]).status == 304


def test_broken_file_is_logged_with_its_line_and_the_others_are_served(own: Server) -> None:
    assert re.search(r"left out: .*/queries/broken\.rq:\d+: not SPARQL", own.log)


def test_link_to_a_release_says_so_when_that_is_not_served(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    queries = str(write_queries(tmp_path))
    with serving(tmp_path, "--queries", queries, "--former", "0") as server:
        link = "/queries/numbers.json?from=2&limit=1&release=1"
        assert get(server, link).headers["libris-release"] == "1"
        publish(tmp_path, 2)
        assert wait_for(lambda: numbers(server, limit=1).headers["libris-release"] == "2")
        reply = get(server, link)
        problem = reply.json()
        assert (reply.status, problem["release"], problem["current"]) == (410, 1, 2)
        current = problem["address"].removeprefix(server.address)
        assert get(server, current).headers["libris-release"] == "2"
        assert values(get(server, current)) == [["urn:n2", "No 2", "2"]]
        page = get(server, "/queries/numbers?release=1&lang=sv", Accept="text/html")
        assert page.status == 410
        assert 'href="' + server.address + "/queries/numbers?from=1" in page.text
        assert "utgåva 2" in page.text
