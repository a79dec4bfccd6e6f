"""No query makes the server call another one, however it is written, unless the operator said so.

The workers asked here have a network: what keeps them from using it is the query's examination.
That they have none where nobody allows a call is for ``test_security``.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sparql_server.sparql.service import rewrite_calls
from tests.server.conftest import Server, publish, start, stop
from tests.server.http import ask, request, values

NOWHERE = "http://127.0.0.1:9/allowed"


class Other(HTTPServer):
    """Another endpoint, which counts whoever connects. moved: where it says it has gone."""

    connections = 0
    moved = ""

    def get_request(self) -> tuple[socket.socket, object]:
        self.connections += 1
        return super().get_request()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/sparql"


class Answer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = (
            b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"1"}}]}}'
        )
        assert isinstance(self.server, Other)
        moved = self.server.moved
        self.send_response(302 if moved else 200)
        if moved:
            self.send_header("Location", moved)
        self.send_header("Content-Type", "application/sparql-results+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def listening() -> Iterator[Other]:
    other = Other(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=other.serve_forever, args=(0.05,))
    thread.start()
    yield other
    other.shutdown()
    thread.join()
    other.server_close()


@pytest.fixture(scope="module")
def other() -> Iterator[Other]:
    """An endpoint that nobody may call."""
    yield from listening()


@pytest.fixture(scope="module")
def friend() -> Iterator[Other]:
    """The endpoint that may be called."""
    yield from listening()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, friend: Other) -> Iterator[Server]:
    """A server whose workers have a network."""
    data: Path = tmp_path_factory.mktemp("connected")
    publish(data, 1)
    running = start(data, "--workers", "1", "--allow-service", friend.address)
    yield running
    assert stop(running) == 0


CALLS = [
    "ASK {{ SERVICE <{u}> {{ ?s ?p ?o }} }}",
    "SELECT * {{ SeRvIcE<{u}>{{}} }}",
    "CONSTRUCT {{ ?s ?p ?o }} {{ SERVICE <{u}> {{ ?s ?p ?o }} }}",
    "DESCRIBE ?s {{ SERVICE <{u}> {{ ?s ?p ?o }} }}",
    "ASK {{ SERVICE # here\n <{u}> {{ }} }}",
    "ASK {{ SERVICE#\r<{u}>{{ }} }}",
    "ASK {{ SERVICE SILENT <{u}> {{ }} }}",
    "ASK {{ SERVICESILENT<{u}>{{ }} }}",
    "ASK {{ SERVICE silent#\n<{u}> {{ }} }}",
    "ASK {{ \\u0053ERVICE <{u}> {{ }} }}",
    "ASK {{ \\U00000053ERVICE <{u}> {{ }} }}",
    "ASK {{ SERVICE <\\u0068ttp{tail}> {{ }} }}",
    "PREFIX e: <{u}> ASK {{ SERVICE e: {{ }} }}",
    "PREFIX e: <{u}> ASK {{ SERVICE e:\\- {{ }} }}",
    "PREFIX : <{u}> ASK {{ SERVICE:{{ }} }}",
    "PREFIX SERVICE: <{u}> ASK {{ SERVICE SERVICE: {{ }} }}",
    "BASE <{u}> ASK {{ SERVICE <> {{ }} }}",
    "BASE <{u}> ASK {{ SERVICE <x> {{ }} }}",
    "ASK {{ VALUES ?u {{ <{u}> }} SERVICE ?u {{ }} }}",
    "ASK {{ BIND(<{u}> AS ?u) SERVICE ?u {{ }} }}",
    "ASK {{ BIND(IRI('{u}') AS ?u) SERVICE SILENT ?u {{ }} }}",
    "ASK {{ {{ SELECT * {{ SERVICE <{u}> {{ }} }} }} }}",
    "ASK {{ FILTER EXISTS {{ SERVICE <{u}> {{ }} }} }}",
    "ASK {{ FILTER NOT EXISTS{{SERVICE<{u}>{{}}}} }}",
    "ASK {{ BIND(EXISTS{{SERVICE<{u}>{{}}}} AS ?x) }}",
    "ASK {{ {{}}UNION{{SERVICE<{u}>{{}}}} }}",
    "ASK {{ OPTIONAL {{ SERVICE <{u}> {{ }} }} }}",
    "ASK {{ {{}} MINUS {{ SERVICE <{u}> {{ }} }} }}",
    "ASK {{ GRAPH ?g {{ SERVICE <{u}> {{ }} }} }}",
    "ASK {{ LATERAL {{ SERVICE <{u}> {{ }} }} }}",
    # Nothing stands between the keyword and what comes before it.
    "ASK {{ OPTIONAL {{ ?s ?p trueSERVICE<{u}>{{}} }} }}",
    "ASK {{ OPTIONAL {{ ?s ?p 1.SERVICE<{u}>{{}} }} }}",
    "ASK {{ OPTIONAL {{ ?s ?p [].SERVICESILENT<{u}>{{}} }} }}",
    "PREFIX : <urn:> ASK {{ OPTIONAL {{ ?s ?p :.SERVICE<{u}>{{}} }} }}",
    # What looks like a string, an IRI or a comment, and is none.
    'ASK {{ BIND("a\\u0022" AS ?x) SERVICE <{u}> {{}} BIND("b" AS ?y) }}',
    "ASK {{ BIND(1<2&&'>'!='' AS ?z) SERVICE <{u}> {{}} BIND('x' AS ?y) }}",
    "ASK {{ BIND(?a<?b||'>'!='' AS ?z) SERVICE <{u}> {{}} BIND('x' AS ?y) }}",
    "PREFIX : <urn:> ASK {{ OPTIONAL {{ ?s ?p :a\u0301\\#b }} SERVICE <{u}> {{}} }}",
    "PREFIX : <urn:> ASK {{ OPTIONAL {{ ?s ?p :a\u0301\\'b }} SERVICE <{u}> {{}} BIND(1 AS ?'x) }}",
    "ASK {{ VALUES ?x {{ '''a' }} SERVICE <{u}> {{}} }}",
    "ASK {{ # \\u000A\n SERVICE <{u}> {{}} }}",
]


@pytest.mark.parametrize("template", CALLS)
def test_call_never_leaves_the_server(server: Server, other: Other, template: str) -> None:
    query = template.format(u=other.address, tail=other.address.removeprefix("http"))
    assert ask(server, query).status in (400, 403)
    assert other.connections == 0


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM <{u}> {{ ?s ?p ?o }}",
        "SELECT * FROM NAMED <{u}> {{ GRAPH ?g {{ ?s ?p ?o }} }}",
        "SELECT * {{ GRAPH <{u}> {{ ?s ?p ?o }} }}",
        "DESCRIBE <{u}>",
        "ASK {{ BIND(<{u}>(1) AS ?x) }}",
        "PREFIX x: <{u}> CONSTRUCT {{ ?s x:a x:b }} {{ ?s ?p ?o }}",
    ],
)
def test_naming_an_address_calls_nobody(server: Server, other: Other, query: str) -> None:
    assert ask(server, query.format(u=other.address)).status in (200, 400, 500)
    named = {"default_graph_uri": other.address, "named_graph_uri": other.address}
    assert ask(server, "ASK { ?s ?p ?o }", **named).status == 200
    path = f"/graphs?{urlencode({'graph': other.address})}"
    assert request(server, "GET", path).status == 404
    assert other.connections == 0


@pytest.mark.parametrize(
    "update",
    [
        "LOAD <{u}>",
        "LOAD SILENT <{u}> INTO GRAPH <urn:g>",
        "INSERT {{ ?s ?p ?o }} WHERE {{ SERVICE <{u}> {{ ?s ?p ?o }} }}",
        "INSERT DATA {{ <urn:a> <urn:b> <{u}> }}",
        "ASK {{ }} ; LOAD <{u}>",
    ],
)
def test_update_is_refused_in_every_way_the_protocol_has(
    server: Server, other: Other, update: str
) -> None:
    text = update.format(u=other.address)
    form, as_it_is = "application/x-www-form-urlencoded", "application/sparql-"
    for name in ("update", "query"):
        body = urlencode({name: text}).encode()
        assert request(server, "GET", f"/sparql?{body.decode()}").status in (400, 403)
        assert request(server, "POST", "/sparql", body, Content_Type=form).status in (400, 403)
    for kind, statuses in (("query", (400, 403)), ("update", (415,))):
        reply = request(server, "POST", "/sparql", text.encode(), Content_Type=as_it_is + kind)
        assert reply.status in statuses
    for method in ("PUT", "POST", "DELETE", "PATCH"):
        reply = request(server, method, "/graphs?graph=urn:g", text.encode())
        assert reply.status == 405
    assert other.connections == 0


def test_file_is_no_endpoint_and_no_graph(server: Server) -> None:
    name = server.data.joinpath("releases/0001/manifest.json").as_uri()
    for query in (f"ASK {{ SERVICE <{name}> {{}} }}", f"LOAD <{name}>"):
        assert ask(server, query).status in (400, 403)
    for query in (f"SELECT * FROM <{name}> {{ ?s ?p ?o }}", f"DESCRIBE <{name}>"):
        assert b"published" not in ask(server, query).body


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?x {{ SERVICE <{u}> {{ ?s ?p ?x }} }}",
        "SELECT ?x {{ service silent # there\n<{u}>{{ ?s ?p ?x }} }}",
        "SELECT ?x {{ BIND('SERVICE <urn:x>' AS ?service) SERVICE <{u}> {{ ?s ?p ?x }} }}",
    ],
)
def test_allowed_endpoint_is_called(server: Server, friend: Other, query: str) -> None:
    friend.moved = ""
    assert ["1"] in values(ask(server, query.format(u=friend.address)))


def test_allowed_endpoint_beside_another_calls_neither(
    server: Server, other: Other, friend: Other
) -> None:
    before = friend.connections
    query = f"ASK {{ SERVICE <{friend.address}> {{}} trueSERVICE<{other.address}>{{}} }}"
    assert ask(server, query).status in (400, 403)
    nested = f"ASK {{ SERVICE <{friend.address}> {{ SERVICE <{other.address}> {{}} }} }}"
    assert ask(server, nested).status == 403
    assert (friend.connections, other.connections) == (before, 0)


def test_allowed_endpoint_cannot_send_the_server_on(
    server: Server, other: Other, friend: Other
) -> None:
    friend.moved = other.address
    reply = ask(server, f"ASK {{ SERVICE <{friend.address}> {{ ?s ?p ?x }} }}")
    assert reply.status == 500
    assert other.connections == 0


# Properties

GAP = st.sampled_from(["", " ", "\n", "\t", "# x\n", "#\r", "#'\n", '#"\n', "\r\n #<\n"])
KEYWORD = st.sampled_from(["SERVICE", "service", "SeRvIcE", "SERVICE SILENT", "SERVICE\nsilent"])
BEFORE = st.sampled_from(
    [
        "",
        "?s ?p ?o .",
        "?s ?p true",
        "?s ?p 1",
        "?s ?p 1e0",
        "?s ?p 'SERVICE'@en .",
        '?s ?p """a"b\\"""" .',
        "?s ?p 'a\\u0027'",
        "FILTER(?a<?b)",
        "FILTER(1<2&&'>'!='')",
        "FILTER(?a<?b||'>'='>')",
        "BIND('\\u0022' AS ?q)",
        'BIND("#" AS ?h)',
        "?s <urn:it's#x> ?o .",
        "?s <urn:a>|^<urn:b> ?o .",
        "VALUES ?v { '' '''' '' }",
        "VALUES ?v { 1 }",
        "BIND(<urn:f#g> AS ?i)",
        "?s :a\\#b :c\\'d .",
        "?s ?p [] .",
        "{} UNION {}",
        "FILTER EXISTS {}",
    ]
)
AROUND = st.sampled_from(
    [
        "ASK {{ {0} }}",
        "SELECT * {{ OPTIONAL {{ {0} }} }}",
        "SELECT (COUNT(*) AS ?n) {{ {{ SELECT * {{ {0} }} }} }}",
        "CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {0} }}",
        "ASK {{ FILTER(1=1&&EXISTS{{ {0} }}) }}",
        "PREFIX e: <{1}> ASK {{ {0} }}",
        "BASE <{1}> ASK {{ {0} }}",
    ]
)
ADDRESS = st.sampled_from(["<{0}>", "?u", "e:", "<>", "<http\\u003A{1}>"])


@given(
    AROUND, st.lists(BEFORE, max_size=3), GAP, KEYWORD, GAP, ADDRESS, st.lists(BEFORE, max_size=2)
)
@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_mixture_of_them_calls_anybody(
    server: Server,
    other: Other,
    around: str,
    before: list[str],
    gap: str,
    keyword: str,
    space: str,
    address: str,
    after: list[str],
) -> None:
    where = address.format(other.address, other.address.removeprefix("http:"))
    call = "".join([*before, gap, keyword, space, where, "{ ?s ?p ?o }", *after])
    reply = ask(server, around.format(call, other.address))
    assert reply.status in (400, 403)
    assert other.connections == 0


@given(
    st.lists(
        st.sampled_from(
            [
                "?s ?p 'SERVICE <http://x/> {}' .",
                '?s ?p """\nSERVICE ?x { } "" """ .',
                '?s ?p "\\u0022 SERVICE <http://x/>" .',
                "# SERVICE <http://x/> {}\n",
                "?service ?SERVICE ?o .",
                "?s <http://x/SERVICE> <http://y/#service> .",
                "?s :SERVICE :service .",
                "_:service ?p '''it's SERVICE''' .",
                "?s ?p 'x'@service .",
                "FILTER(1<2)",
                "FILTER(?o != 'SERVICESILENT<http://x/>{}')",
                "BIND('SERVICE' AS ?a)",
            ]
        ),
        min_size=1,
        max_size=6,
        unique=True,
    )
)
@settings(max_examples=100, deadline=None)
def test_the_word_anywhere_else_is_none_of_our_business(server: Server, parts: list[str]) -> None:
    assert ask(server, "ASK { " + " ".join(parts) + " }").status == 200


@given(st.text(alphabet="SERVICEservice ?:<>'\"\\#{}.a1", max_size=40))
def test_examined_query_has_its_length_and_none_of_the_word(text: str) -> None:
    examined = rewrite_calls(text, ())
    if examined is not None:
        assert len(examined) == len(text)
        assert "service" not in examined.lower()
