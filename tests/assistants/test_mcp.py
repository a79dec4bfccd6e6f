"""The Model Context Protocol, asked by hand and by the client of PyPI's mcp."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.server.conftest import Server
from tests.server.http import Reply, request

KALLOCAIN = "https://libris.kb.se/sample-b0010#it"
COUNT = "SELECT ?s { ?s a kbv:Person } ORDER BY ?s"


def send(server: Server, body: object) -> Reply:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return request(server, "POST", "/mcp", content, Content_Type="application/json")


def call(server: Server, tool: str, /, **arguments: Any) -> tuple[str, bool]:
    said = {"name": tool, "arguments": arguments}
    message = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": said}
    answer = send(server, message).json()
    assert answer["id"] == 7
    result = answer["result"]
    return result["content"][0]["text"], result["isError"]


def test_things_are_found_by_name(sample: Server) -> None:
    text, failed = call(sample, "search", text="kallocain", **{"class": "kbv:Instance"})
    assert not failed
    assert KALLOCAIN in [hit["iri"] for hit in json.loads(text)]


def test_schema_tells_of_classes_and_properties(sample: Server) -> None:
    found = json.loads(call(sample, "schema", text="person")[0])
    assert "https://id.kb.se/vocab/Person" in [term["iri"] for term in found["class"]]
    of_class = json.loads(call(sample, "schema", text="https://id.kb.se/vocab/Person")[0])
    assert of_class["properties"]


def test_saved_queries_are_listed_and_asked(sample: Server) -> None:
    listed = json.loads(call(sample, "saved_queries", text="translations")[0])
    assert "translations-of-an-author-by-decade" in [query["name"] for query in listed]
    wanted = {"person": "wd:Q25161"}
    name = "translations-of-an-author-by-decade"
    text, failed = call(sample, "run_saved_query", name=name, parameters=wanted)
    assert (text.splitlines()[0], failed) == ("decade,language,name,instances", False)


def test_query_has_no_more_rows_than_are_wanted(sample: Server) -> None:
    text, _ = call(sample, "query", query=COUNT, limit=2)
    assert text.splitlines()[-1] == "[There are more than these 2 rows.]"
    assert len(text.splitlines()) == 4
    whole, _ = call(sample, "query", query=f"{COUNT} LIMIT 2", limit=2)
    assert len(whole.splitlines()) == 3
    assert call(sample, "query", query="ASK { ?s ?p ?o }")[0].split() == ["true"]


def test_long_answer_says_that_it_is_cut(sample: Server) -> None:
    text, _ = call(sample, "query", query="CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
    assert text.endswith("[The rest is cut: it is too long.]")
    assert len(text.encode()) < 66_000


def test_thing_is_described(sample: Server) -> None:
    assert "Kallocain" in call(sample, "describe", iri=KALLOCAIN)[0]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("query", {"query": "SELECT"}),
        ("query", {"query": "SELECT * { SERVICE <http://127.0.0.1/> { ?s ?p ?o } }"}),
        ("query", {}),
        ("query", {"query": 1}),
        ("query", {"query": COUNT, "limit": 0}),
        ("query", {"query": COUNT, "limit": True}),
        ("query", {"query": COUNT, "other": 1}),
        ("describe", {"iri": "no iri"}),
        ("run_saved_query", {"name": "nothing"}),
        ("search", {"text": "x", "class": "a b"}),
    ],
)
def test_what_is_wrong_is_the_answer(sample: Server, name: str, arguments: dict[str, Any]) -> None:
    text, failed = call(sample, name, **arguments)
    assert failed
    assert text


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", -32700),
        ([], -32600),
        ({"id": 1, "method": "ping"}, -32600),
        ({"jsonrpc": "2.0", "id": 1, "method": "tools/other"}, -32601),
        (b'{"jsonrpc": "2.0", "id": "\\ud800", "method": "ping"}', -32700),
        (b'{"jsonrpc": "2.0", "id": 1e400, "method": "ping"}', -32700),
        (b"[" * 100_000, -32700),
        ({"jsonrpc": "2.0", "id": {}, "method": "ping"}, -32600),
        ({"jsonrpc": "2.0", "id": 1}, -32600),
        ({"jsonrpc": "2.0", "id": None, "method": "ping"}, -32600),
        ({"jsonrpc": "2.0"}, -32600),
        ([{"jsonrpc": "2.0", "id": 1, "method": "ping"}] * 21, -32600),
        (7, -32600),
        ({"jsonrpc": "2.0", "id": 1, "method": 1}, -32600),
        ({"jsonrpc": "2.0", "id": 1, "method": "tools/call"}, -32602),
        ({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "x"}}, -32602),
    ],
)
def test_malformed_message_is_an_error_of_json_rpc(sample: Server, body: Any, code: int) -> None:
    reply = send(sample, body)
    assert reply.json()["error"]["code"] == code
    assert reply.status == (400 if reply.json()["id"] is None else 200)


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("search", "text"),
        ("schema", "text"),
        ("saved_queries", "text"),
        ("run_saved_query", "name"),
        ("query", "query"),
        ("describe", "iri"),
    ],
)
def test_whatever_stands_in_an_argument_is_no_failure_of_the_server(
    sample: Server, name: str, argument: str
) -> None:
    injected = ("urn:x> ?p ?o } ; DROP ALL #", "http://x/> } SERVICE <urn:y> { ?s ?p ?o", "_:b")
    for text in ("", "\x00", "a" * 100_000, "'\"\\", "<urn:x>", "x\n", "\U0001d11e", *injected):
        assert call(sample, name, **{argument: text})[0]
    parameters = {"person": "https://x/> } SERVICE <urn:y> { ?s ?p ?o"}
    said, failed = call(sample, "run_saved_query", name="works-of-a-person", parameters=parameters)
    assert failed
    assert "IRI" in said
    message = {"name": name, "arguments": {argument: "\ud800"}}
    half = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": message}
    assert send(sample, half).json()["error"]["code"] == -32700


def test_answer_is_no_message(sample: Server) -> None:
    for said in ({"result": {}}, {"error": {"code": 1, "message": "x"}}):
        assert send(sample, {"jsonrpc": "2.0", "id": 1, **said}).status == 202


def test_notification_gets_no_answer_and_there_is_no_stream(sample: Server) -> None:
    reply = send(sample, {"jsonrpc": "2.0", "method": "notifications/initialized"})
    assert (reply.status, reply.body) == (202, b"")
    assert request(sample, "GET", "/mcp").status == 405


def test_version_that_is_asked_for_is_agreed_on(sample: Server) -> None:
    for wanted, agreed in (("2025-03-26", "2025-03-26"), ("2099-01-01", "2025-11-25")):
        message = {"jsonrpc": "2.0", "id": 1, "method": "initialize"}
        said = send(sample, {**message, "params": {"protocolVersion": wanted}}).json()
        assert said["result"]["protocolVersion"] == agreed


def test_batch_is_answered_message_by_message(sample: Server) -> None:
    ping, told = ({"jsonrpc": "2.0", "method": name} for name in ("ping", "notifications/x"))
    said = send(sample, [{**ping, "id": 1}, told, 5, {**ping, "id": "b"}]).json()
    assert [answer["id"] for answer in said] == [1, None, "b"]
    assert (said[0]["result"], said[1]["error"]["code"]) == ({}, -32600)
    assert send(sample, [told, told]).status == 202


@pytest.mark.parametrize(
    ("origin", "host", "status"),
    [
        ("http://evil.example", "", 403),
        ("null", "127.0.0.1", 403),
        ("http://localhost:3000", "", 200),
        ("http://[::1]", "localhost:8080", 200),
        ("https://any.example", "libris.example", 200),
    ],
)
def test_server_on_the_reader_s_machine_is_asked_by_its_own_pages_alone(
    sample: Server, origin: str, host: str, status: int
) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"}).encode()
    headers = {"Origin": origin, **({"Host": host} if host else {})}
    assert request(sample, "POST", "/mcp", body, **headers).status == status


def test_version_that_is_not_known_is_refused(sample: Server) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "ping"}).encode()
    assert request(sample, "POST", "/mcp", body, MCP_Protocol_Version="2025-06-18").status == 200
    reply = request(sample, "POST", "/mcp", body, MCP_Protocol_Version="1999-01-01")
    assert (reply.status, "2025-06-18" in reply.json()["error"]["data"]["supported"]) == (400, True)


CLIENT = """
import asyncio, json, sys, warnings
warnings.simplefilter("ignore")
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

async def main(target):
    async with Client(target) as client:
        tools = await client.list_tools()
        found = await client.call_tool("search", {"text": "kallocain"})
        wrong = await client.call_tool("query", {"query": "SELECT"})
        print(json.dumps([
            [tool.name for tool in tools.tools], found.content[0].text, found.is_error,
            wrong.is_error,
        ]))

address = sys.argv[1]
if not address.startswith("http"):
    command = ["-m", "sparql_server.cli", "mcp", "--data", address]
    address = stdio_client(StdioServerParameters(command=sys.executable, args=command))
asyncio.run(main(address))
"""


@pytest.mark.parametrize("way", ["http", "stdio"])
def test_client_of_the_package_finds_and_calls_tools(sample: Server, way: str) -> None:
    if subprocess.run([sys.executable, "-c", "import mcp"], capture_output=True).returncode:
        pytest.skip("needs PyPI's mcp")
    target = f"{sample.address}/mcp" if way == "http" else str(sample.data)
    done = subprocess.run(
        [sys.executable, "-c", CLIENT, target], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    names, text, failed, refused = json.loads(done.stdout)
    assert names == [
        "search",
        "schema",
        "saved_queries",
        "run_saved_query",
        "query",
        "describe",
    ]
    assert KALLOCAIN in text
    assert (failed, refused) == (False, True)
