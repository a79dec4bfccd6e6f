"""The endpoint over HTTP. SPARQL 1.1 Protocol, https://www.w3.org/TR/sparql11-protocol/."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.server.conftest import Server
from tests.server.http import ask, request, values

SELECT = "SELECT ?o WHERE { <http://example.org/s> <http://example.org/p> ?o } ORDER BY ?o"
ASK = "ASK { ?s ?p ?o }"
CONSTRUCT = "CONSTRUCT WHERE { <http://example.org/s> ?p ?o }"
DESCRIBE = "DESCRIBE <http://example.org/s>"
FORM = "application/x-www-form-urlencoded"
COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s <http://example.org/p> ?o }"
BY_GRAPH = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s <http://example.org/p> ?o } }"
G1, G2 = "http://example.org/g1", "http://example.org/g2"


def test_query_via_get(server: Server) -> None:
    assert values(ask(server, SELECT)) == [["one"], ["ett"]] or values(ask(server, SELECT)) == [
        ["ett"],
        ["one"],
    ]


def test_query_via_post_of_a_form(server: Server) -> None:
    body = urlencode({"query": ASK}).encode()
    reply = request(server, "POST", "/sparql", body, Content_Type=FORM)
    assert reply.json()["boolean"] is True


def test_query_via_post_of_the_query_itself(server: Server) -> None:
    reply = request(
        server, "POST", "/sparql", ASK.encode(), Content_Type="application/sparql-query"
    )
    assert reply.json()["boolean"] is True


@pytest.mark.parametrize(
    ("query", "accept", "content_type"),
    [
        (SELECT, None, "application/sparql-results+json"),
        (SELECT, "*/*", "application/sparql-results+json"),
        (SELECT, "application/json", "application/sparql-results+json"),
        (SELECT, "application/sparql-results+xml", "application/sparql-results+xml"),
        (SELECT, "text/csv", "text/csv; charset=utf-8"),
        (
            SELECT,
            "text/csv;q=0.5, text/tab-separated-values",
            "text/tab-separated-values; charset=utf-8",
        ),
        (SELECT, "text/turtle, application/xml;q=0.2", "application/sparql-results+xml"),
        (ASK, "application/sparql-results+json;charset=utf-8", "application/sparql-results+json"),
        (CONSTRUCT, None, "text/turtle; charset=utf-8"),
        (CONSTRUCT, "application/n-triples", "application/n-triples; charset=utf-8"),
        (CONSTRUCT, "application/rdf+xml", "application/rdf+xml"),
        (DESCRIBE, "application/ld+json", "application/ld+json"),
        (DESCRIBE, "text/*", "text/turtle; charset=utf-8"),
    ],
)
def test_accept_chooses_the_format(
    server: Server, query: str, accept: str | None, content_type: str
) -> None:
    reply = ask(server, query, accept)
    assert (reply.status, reply.headers["content-type"]) == (200, content_type)
    assert reply.body


@pytest.mark.parametrize(
    ("query", "name", "begins"),
    [
        (SELECT, "csv", b"o\r\n"),
        (SELECT, "tsv", b"?o\n"),
        (SELECT, "xml", b"<?xml"),
        (SELECT, "text/csv", b"o\r\n"),
        (SELECT, "application/sparql-results+json", b'{"head"'),
        (CONSTRUCT, "nt", b"<http://example.org/s>"),
        (CONSTRUCT, "rdf", b"<?xml"),
        (CONSTRUCT, "turtle", b"<http://example.org/s> <"),
        (CONSTRUCT, "jsonld", b'{"@context"'),
    ],
)
def test_format_parameter_goes_before_accept(
    server: Server, query: str, name: str, begins: bytes
) -> None:
    assert ask(server, query, "image/png", format=name).body.startswith(begins)


@pytest.mark.parametrize(
    ("query", "accept", "available"),
    [(SELECT, "text/turtle", "text/csv (format=csv)"), (CONSTRUCT, "text/csv", "text/turtle")],
)
def test_unacceptable_is_406_and_names_what_there_is(
    server: Server, query: str, accept: str, available: str
) -> None:
    reply = ask(server, query, accept)
    assert reply.status == 406
    assert reply.headers["content-type"] == "application/problem+json"
    assert any(media_type.startswith(available) for media_type in reply.json()["available"])


def test_unknown_format_is_406(server: Server) -> None:
    assert ask(server, SELECT, format="pdf").status == 406


def test_default_graph_is_the_union_of_all(server: Server) -> None:
    assert values(ask(server, COUNT)) == [["3"]]


@pytest.mark.parametrize(
    ("query", "parameters", "count"),
    [
        (COUNT, {"default_graph_uri": G1}, "2"),
        (COUNT, {"default_graph_uri": ""}, "3"),
        (COUNT, {"named_graph_uri": G1}, "0"),
        (BY_GRAPH, {"named_graph_uri": G2}, "1"),
        (BY_GRAPH, {"default_graph_uri": G1}, "0"),
        (COUNT.replace("WHERE", f"FROM <{G1}> WHERE"), {}, "2"),
        (COUNT.replace("WHERE", f"FROM <{G1}> WHERE"), {"default_graph_uri": G2}, "1"),
        (BY_GRAPH.replace("WHERE", f"FROM NAMED <{G2}> WHERE"), {}, "1"),
        (COUNT.replace("WHERE", f"FROM NAMED <{G2}> WHERE"), {}, "0"),
        (COUNT.replace("WHERE", f"# FROM <{G1}>\nWHERE"), {}, "3"),
    ],
)
def test_dataset_is_the_one_the_request_or_the_query_names(
    server: Server, query: str, parameters: dict[str, str], count: str
) -> None:
    assert values(ask(server, query, **parameters)) == [[count]]


def test_prefixes_are_predefined_and_can_be_declared_anew(server: Server) -> None:
    assert ask(server, "ASK { ?s kbv:x ?o ; :y sao:Arkiv , lge:swe }").status == 200
    own = "PREFIX kbv: <http://example.org/> ASK { kbv:s kbv:q kbv:o }"
    assert ask(server, own).json()["boolean"] is True


@pytest.mark.parametrize(
    ("method", "path", "body", "content_type", "status", "says"),
    [
        ("GET", "/sparql?default-graph-uri=", None, "", 400, "query is missing"),
        ("GET", "/sparql?update=DROP+ALL", None, "", 400, "read-only"),
        ("GET", "/sparql?query=ASK%7B%7D&update=DROP+ALL", None, "", 400, "read-only"),
        ("GET", "/sparql?query=ASK%7B%7D%FF", None, "", 400, "not UTF-8"),
        ("GET", "/sparql?query=ASK%7B%7D&default-graph-uri=a", None, "", 400, "absolute IRI"),
        ("GET", "/sparql?query=ASK%7B%7D&named-graph-uri=a%3Ab+c", None, "", 400, "absolute IRI"),
        ("GET", "/sparql?query=ASK%7B%7D&named-graph-uri=a%3A%25z", None, "", 400, "is no IRI"),
        ("GET", "/sparql?query=ASK%7B%7D&version=3", None, "", 400, "knows 1.1"),
        ("GET", "/sparql?query=VERSION+%222.0%22+ASK%7B%7D", None, "", 400, "knows 1.1"),
        ("GET", "/sparql?query=ASK%7B%7D&timeout=soon", None, "", 400, "milliseconds"),
        ("GET", "/sparql?query=ASK%7B%7D&timeout=-1", None, "", 400, "milliseconds"),
        ("GET", "/sparql?query=ASK%7B%7D&query=ASK%7B%7D", None, "", 400, "stands 2 times"),
        ("POST", "/sparql", b"query=", FORM, 400, "empty"),
        ("POST", "/sparql", b"x=1", FORM, 400, "query is missing"),
        ("POST", "/sparql", b"update=DROP+ALL", FORM, 400, "read-only"),
        ("POST", "/sparql?update=DROP+ALL", b"query=ASK{}", FORM, 400, "read-only"),
        ("POST", "/sparql?query=ASK{}", b"query=ASK{}", FORM, 400, "stands 2 times"),
        ("POST", "/sparql", b"query=%FF", FORM, 400, "not UTF-8"),
        ("POST", "/sparql", b"query=ASK{}", FORM + ";charset=latin1", 415, "UTF-8"),
        ("POST", "/sparql", b"query=ASK{}", "multipart/form-data", 415, "POST takes"),
        ("POST", "/sparql", b"DROP ALL", "application/sparql-update", 415, "read-only"),
        ("POST", "/sparql", b"ASK {}", "text/plain", 415, "POST takes"),
        ("POST", "/sparql", b"ASK {}", "", 415, "POST takes"),
        ("POST", "/sparql", b"\xff", "application/sparql-query", 400, "not UTF-8"),
        ("POST", "/sparql", b"ASK {}", "application/sparql-query;charset=utf-16", 415, "UTF-8"),
        ("POST", "/sparql", b"ASK {}", "application/sparql-query;version=9", 400, "knows 1.1"),
        ("POST", "/sparql?query=x", b"ASK {}", "application/sparql-query", 400, "only one"),
        ("PUT", "/sparql", b"", "", 405, "method"),
        ("GET", "/nowhere", None, "", 404, "not found"),
    ],
)
def test_bad_request_gets_its_status_and_reason(
    server: Server,
    method: str,
    path: str,
    body: bytes | None,
    content_type: str,
    status: int,
    says: str,
) -> None:
    headers = {"Content_Type": content_type} if content_type else {}
    reply = request(server, method, path, body, **headers)
    assert reply.status == status
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["status"] == status
    assert says in reply.json()["detail"]


def test_malformed_query_is_400_with_line_column_text_and_hint(server: Server) -> None:
    query = "SELECT ?s WHERE {\n  ?s kvb:title ?o\n}"
    problem = ask(server, query).json()
    assert problem["status"] == 400
    assert (problem["line"], problem["column"]) == (2, 6)
    assert problem["text"] == "  ?s kvb:title ?o"
    assert "Did you mean kbv:?" in problem["hint"]


@pytest.mark.parametrize(
    ("content_type", "announced"),
    [
        ("application/sparql-query; charset=utf-8", ""),
        ('application/sparql-query;charset="UTF-8"; version=1.2', ""),
        ("Application/SPARQL-Query", "?version=1.1"),
    ],
)
def test_charset_and_version_that_there_are_are_taken(
    server: Server, content_type: str, announced: str
) -> None:
    body = b'VERSION "1.1" ASK { ?s ?p "ett"@sv }'
    headers = {"Content_Type": content_type, "Accept_Charset": "iso-8859-1"}
    reply = request(server, "POST", f"/sparql{announced}", body, **headers)
    assert reply.json()["boolean"] is True


def test_dataset_of_a_form_may_stand_in_address_and_body(server: Server) -> None:
    body = urlencode({"query": BY_GRAPH, "named-graph-uri": G1}).encode()
    address = f"/sparql?{urlencode({'named-graph-uri': G2})}"
    assert values(request(server, "POST", address, body, Content_Type=FORM)) == [["3"]]


@pytest.mark.parametrize("query", [SELECT, CONSTRUCT])
def test_head_has_the_headers_of_get(server: Server, query: str) -> None:
    path = f"/sparql?{urlencode({'query': query})}"
    got, head = request(server, "GET", path), request(server, "HEAD", path)
    assert (head.status, head.body) == (200, b"")
    for name in ("content-type", "libris-release", "access-control-allow-origin", "vary"):
        assert head.headers[name] == got.headers[name]


@pytest.mark.parametrize(
    ("query", "accept", "status"),
    [
        (SELECT, "text/turtle", 406),
        (DESCRIBE, "text/csv", 406),
        ("nonsense", "*/*", 400),
        ("ASK { SERVICE <http://127.0.0.1:9/> {} }", "*/*", 403),
    ],
)
def test_head_says_what_can_be_told_from_the_request(
    server: Server, query: str, accept: str, status: int
) -> None:
    path = f"/sparql?{urlencode({'query': query})}"
    reply = request(server, "HEAD", path, Accept=accept)
    assert (reply.status, reply.body) == (status, b"")


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/sparql", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("/graphs", {"GET", "HEAD", "OPTIONS"}),
        ("/graphs/x", {"GET", "HEAD", "OPTIONS"}),
        ("/.well-known/void", {"GET", "HEAD", "OPTIONS"}),
        ("/", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_preflight_is_answered_everywhere(server: Server, path: str, methods: set[str]) -> None:
    asked = {"Origin": "https://example.org", "Access_Control_Request_Headers": "x-one, accept"}
    headers = request(server, "OPTIONS", path, **asked).headers
    assert set(headers["allow"].split(", ")) == methods
    assert set(headers["access-control-allow-methods"].split(", ")) == methods
    assert headers["access-control-allow-headers"] == "x-one, accept"
    assert headers["access-control-allow-origin"] == "*"
    assert int(headers["access-control-max-age"]) > 0


def test_errors_may_be_read_by_any_page_too(server: Server) -> None:
    for path in ("/sparql?query=x", "/nowhere", "/graphs?graph=urn:none"):
        reply = request(server, "GET", path)
        assert reply.status >= 400
        assert reply.headers["access-control-allow-origin"] == "*"


def test_head_evaluates_nothing(server: Server) -> None:
    endless = "SELECT (COUNT(*) AS ?n) { ?a <urn:is> ?x . ?b <urn:is> ?y . ?c <urn:is> ?z }"
    path = f"/sparql?{urlencode({'query': endless, 'timeout': '50'})}"
    assert request(server, "GET", path).status == 503
    assert request(server, "HEAD", path).status == 200


def test_relative_iri_is_relative_to_the_endpoint(server: Server) -> None:
    assert values(ask(server, "SELECT (<x> AS ?x) {}")) == [[f"{server.address}/x"]]
    based = "BASE <http://example.org/> ASK { <s> <q> <o> }"
    assert ask(server, based).json()["boolean"] is True


def test_host_that_makes_no_iri_is_no_reason_to_refuse_a_query(server: Server) -> None:
    reply = request(server, "GET", "/sparql?query=ASK%7B%7D", Host="example.org:99999999")
    assert (reply.status, reply.json()["boolean"]) == (200, True)


def test_function_that_there_is_not_is_an_error_in_its_expression(server: Server) -> None:
    found = ask(server, "SELECT (<urn:f>(1) AS ?x) (COALESCE(<urn:g>(1), 2) AS ?y) {}").json()
    (solution,) = found["results"]["bindings"]
    assert [*solution, solution["y"]["value"]] == ["y", "2"]


def test_columns_of_star_are_in_the_order_of_the_query(server: Server) -> None:
    assert ask(server, "SELECT * { ?z ?p ?a }").json()["head"]["vars"] == ["z", "p", "a"]


def test_expressions_may_use_what_stands_to_their_left(server: Server) -> None:
    query = "SELECT (COUNT(?s) AS ?n) (COUNT(?p) AS ?m) (?n / ?m AS ?k) { ?s ?p ?o }"
    (solution,) = ask(server, query).json()["results"]["bindings"]
    assert solution["k"]["value"] == "1"


def test_address_may_end_in_a_slash(server: Server) -> None:
    assert request(server, "GET", "/sparql/?query=ASK%7B%7D").json()["boolean"] is True


@pytest.mark.parametrize(
    "query",
    [
        "ASK { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "ASK { service silent <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "ASK { SERVICE ?where { ?s ?p ?o } }",
        "PREFIX e: <http://127.0.0.1:9/> ASK { SERVICE e:x { ?s ?p ?o } }",
        r"ASK { \u0053ERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }",
        "ASK { { SELECT * { SERVICE#\n<http://127.0.0.1:9/> { ?s ?p ?o } } } }",
        'ASK { BIND("#" AS ?x) SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }',
    ],
)
def test_service_is_refused_however_it_is_written(server: Server, query: str) -> None:
    reply = ask(server, query)
    assert (reply.status, reply.json()["title"]) == (403, "SERVICE refused")


@pytest.mark.parametrize(
    "query",
    [
        "ASK { ?s ?p 'SERVICE <http://127.0.0.1:9/>' }",
        "ASK { ?service ?p <http://example.org/SERVICE> } # SERVICE <x>",
        "PREFIX service: <http://example.org/> ASK { ?s service:SERVICE ?o }",
    ],
)
def test_the_word_service_alone_is_no_call(server: Server, query: str) -> None:
    assert ask(server, query).status == 200


def test_log_line_cannot_be_forged(server: Server) -> None:
    ask(server, "ASK { ?s ?p ?o }\n200 0.1 ms forged")
    assert "\n200 0.1 ms forged" not in server.log
