"""Our server in front of QLever, and push to it: a stand-in answers as the documents say."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest

from loader.errors import PushError
from loader.push.graph_store_client import Access, RemoteStore
from loader.push.transfer import find_differences, push
from sparql_server.engine.messages import Job
from sparql_server.engine.remote import conversion, qlever
from sparql_server.engine.remote.dialect import Dialect
from sparql_server.engine.remote.exchange import Endpoint, Reply
from sparql_server.engine.remote.remote_query import read
from sparql_server.errors import RemoteFailed, RemoteTimedOut
from tests.remote.qlever import APPENDED, TOKEN, QLever
from tests.remote.standin import Endpoint as Other
from tests.remote.test_push import load, title, write
from tests.server.conftest import Server, start, stop
from tests.server.http import Reply as Answer
from tests.server.http import ask

TRIG = """
@prefix e: <http://e/> .
e:g1 { e:a e:p 5, "en\\ttab", "hej"@sv . }
e:g2 { e:b e:p "CUT HERE IN THE MIDDLE", [ e:q "blank" ] . }
e:d e:p "in the default graph" .
"""
ALL = "SELECT ?s ?o { ?s <http://e/p> ?o } ORDER BY ?s ?o"
GRAPH = "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }"


@dataclass
class Front:
    store: QLever
    server: Server

    def ask(self, query: str, name: str = "json") -> Answer:
        return ask(self.server, query, format=name)


def served(folder: Path, store: QLever, *options: str) -> Server:
    return start(
        folder, "--remote", store.url, "--workers", "1", "--cache", "0", "--timeout", "90", *options
    )


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with QLever(TRIG) as store:
        server = served(tmp_path_factory.mktemp("qlever"), store)
        yield Front(store, server)
        assert stop(server) == 0
        assert "Traceback" not in server.log
        assert store.authorized
        assert not any(store.authorized)


@pytest.mark.parametrize("name", ["json", "xml", "tsv", "csv"])
def test_every_format_of_solutions_is_written_by_us(front: Front, name: str) -> None:
    reply = front.ask(ALL, name)
    assert reply.status == 200
    if name == "csv":
        assert "en\ttab" in reply.text
    else:
        found = {"json": ox.QueryResultsFormat.JSON, "xml": ox.QueryResultsFormat.XML}
        results = ox.parse_query_results(reply.body, found.get(name, ox.QueryResultsFormat.TSV))
        assert not isinstance(results, ox.QueryBoolean)
        values = {getattr(solution["o"], "value", None) for solution in results}
        assert {"5", "en\ttab", "hej", "in the default graph"} <= values
    assert "meta" not in reply.text


@pytest.mark.parametrize("name", ["nt", "ttl", "rdf", "jsonld", "trig", "nq"])
def test_formats_of_graphs_that_it_lacks_are_written_by_us(front: Front, name: str) -> None:
    query = "CONSTRUCT { ?s ?p ?o } { GRAPH ?g { ?s ?p ?o } }"
    reply = front.ask(query if name in ("trig", "nq") else GRAPH, name)
    assert reply.status == 200, reply.text
    formats = {
        "nt": ox.RdfFormat.N_TRIPLES,
        "ttl": ox.RdfFormat.TURTLE,
        "rdf": ox.RdfFormat.RDF_XML,
        "jsonld": ox.RdfFormat.JSON_LD,
        "trig": ox.RdfFormat.TRIG,
        "nq": ox.RdfFormat.N_QUADS,
    }
    quads = list(ox.parse(reply.body, formats[name]))
    assert len(quads) == (6 if name in ("trig", "nq") else 7)


def test_ask_is_a_boolean(front: Front) -> None:
    assert front.ask("ASK { ?s <http://e/p> 5 }").json() == {"head": {}, "boolean": True}
    assert front.ask("ASK { ?s <http://e/none> 5 }", "csv").text == "false"


def test_only_formats_that_every_version_has_whole_are_asked_for() -> None:
    dialect = Dialect((), is_qlever=True)
    for kind, name in (("solutions", "tsv"), ("solutions", "json"), ("graphs", "nt")):
        accept = conversion.write_accept(kind, name, dialect.readable)
        assert (
            accept
            == {
                "solutions": "application/sparql-results+xml",
                "graphs": "text/turtle",
            }[kind]
        )


def test_union_of_all_graphs_is_its_default_graph_without_being_asked_for(front: Front) -> None:
    assert front.ask("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "csv").text.split() == ["n", "7"]
    form = list(front.store.queries())[-1]
    assert form.keys() == {"query", "timeout"}


def test_time_limit_is_no_longer_than_the_one_it_allows(front: Front) -> None:
    assert front.ask("ASK { }").status == 200
    assert list(front.store.queries())[-1]["timeout"] == ["30000ms"]


@pytest.mark.parametrize(
    ("comment", "status", "says"),
    [
        ("# timeout", 504, "timed out"),
        ("# memory", 502, "HTTP 500"),
        ("# cut", 504, "ran out of time amid its result"),
        ("# cut in a literal", 504, "ran out of time amid its result"),
        ("# cut at the end", 504, "ran out of time amid its result"),
        ("# late", 502, "failed amid its result"),
    ],
)
@pytest.mark.parametrize("name", ["csv", "nt"])
def test_error_is_ours_and_a_cut_result_is_never_whole(
    front: Front, comment: str, status: int, says: str, name: str
) -> None:
    query = ALL if name == "csv" else GRAPH
    reply = front.ask(f"{query} {comment}\n", name)
    assert (reply.status, says in reply.text) == (status, True), reply.text
    for secret in ("allocate", "Last operation", "!!!!>>", "HTTP 1.1 protocol"):
        assert secret not in reply.text


def test_error_with_status_200_is_an_error(front: Front) -> None:
    front.store.old_errors = True
    try:
        reply = front.ask(ALL)
    finally:
        front.store.old_errors = False
    assert reply.status == 502
    assert "secret" not in reply.text


def test_malformed_query_is_explained_by_us(front: Front) -> None:
    reply = front.ask("SELECT ?x {\n ?x a }")
    assert (reply.status, "Line 2, column 7" in reply.text) == (400, True)


def test_query_that_it_lacks_something_for_is_told_with_its_place(front: Front) -> None:
    reply = front.ask("SELECT ?x {\n    ?x ?p ?o } # unsupported\n")
    assert reply.status == 502
    assert "It stumbles at line 2, column 5." in reply.json()["detail"]
    assert (reply.json()["line"], reply.json()["column"]) == (2, 5)


def test_text_like_its_error_message_in_the_data_is_data(front: Front) -> None:
    message = APPENDED.replace("\n", "\\n")
    reply = front.ask(f'SELECT ?m {{ VALUES ?m {{ "{message}" }} }}')
    assert reply.status == 200
    assert reply.json()["results"]["bindings"] == [{"m": {"type": "literal", "value": APPENDED}}]


def test_own_default_graph_is_asked_for_by_its_name() -> None:
    dialect = Dialect((), is_qlever=True)
    fields = dict(dialect.fields(read("SELECT * { ?s ?p ?o }"), Job("", union=False), 5))
    assert fields["default-graph-uri"] == qlever.OWN_DEFAULT
    with pytest.raises(RemoteFailed, match="no default graph of its own"):
        dialect.fields(read("SELECT * { GRAPH ?g { ?s ?p ?o } }"), Job("", union=False), 5)
    named = Job("", union=False, named_graphs=("urn:g",))
    assert "default-graph-uri" not in dict(dialect.fields(read("ASK { GRAPH ?g { } }"), named, 5))


@pytest.mark.parametrize(
    ("told", "seconds"),
    [("30s", 30), ("2min", 120), ("1500ms", 1.5), ("1h", 3600), ("", None), ("soon", None)],
)
def test_time_limit_is_read_in_its_units(told: str, seconds: float | None) -> None:
    body = json.dumps({"default-query-timeout": told}).encode()
    assert qlever.read_limit(body) == seconds


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"name-index": ""}', b"[" * 9999])
def test_other_answers_are_not_taken_for_its_statistics(body: bytes) -> None:
    assert not qlever.is_statistics(body)
    assert qlever.read_limit(body) is None
    assert qlever.read_position(body) is None


def test_too_many_requests_of_another_endpoint_are_no_time_limit() -> None:
    with Other() as endpoint:
        endpoint.behave = lambda one: one.reply(429, b"slow down", "text/plain", Retry_After="9")
        there = Endpoint(endpoint.url, 1)
        with pytest.raises(RemoteFailed, match="too many requests") as raised:
            there.ask([("query", "q")], "*/*", time.monotonic() + 60)
        assert not isinstance(raised.value, RemoteTimedOut)


# The access token


def test_token_comes_from_a_file_and_lifts_the_time_limit(tmp_path: Path) -> None:
    (secret := tmp_path / "token").write_text(f"{TOKEN}\n")
    with QLever(TRIG) as store:
        server = served(tmp_path, store, "--remote-token-file", str(secret))
        try:
            assert ask(server, "ASK { }").status == 200
            assert list(store.queries())[-1]["timeout"] == ["90000ms"]
            assert set(store.authorized) == {f"Bearer {TOKEN}"}
        finally:
            stop(server)
        assert TOKEN not in server.log


def test_wrong_token_is_an_error_that_does_not_show_it(tmp_path: Path) -> None:
    (secret := tmp_path / "token").write_text("wrong-token")
    with QLever(TRIG) as store:
        server = served(tmp_path, store, "--remote-token-file", str(secret))
        try:
            reply = ask(server, "ASK { }")
            assert reply.status == 502
            assert "wrong-token" not in reply.text
        finally:
            stop(server)
        assert "wrong-token" not in server.log


@pytest.mark.parametrize(("text", "says"), [(None, "can't be read"), ("", "is to hold one line")])
def test_token_file_that_is_none_ends_the_start(
    tmp_path: Path, text: str | None, says: str
) -> None:
    from sparql_server.errors import StartError
    from sparql_server.serving.composition import make_engine
    from sparql_server.settings import Settings

    secret = tmp_path / "token"
    if text is not None:
        secret.write_text(text)
    settings = Settings(tmp_path, remote="http://127.0.0.1:1/", remote_token_file=str(secret))
    with pytest.raises(StartError, match=says):
        make_engine(settings)


# Push


def test_push_replaces_and_deletes_graphs_with_the_access_token(tmp_path: Path) -> None:
    from loader.workspace import Workspace

    workspace = Workspace(tmp_path / "data")
    load(workspace, write(tmp_path / "r.jsonl", title("t1", "1"), title("t2", "2")))
    with QLever() as store:
        with pytest.raises(PushError, match="LIBRIS_PUSH_TOKEN"):
            push(workspace, RemoteStore(store.url, Access(attempts=2, first_wait=0.01)))
        there = RemoteStore(store.url, Access(token=TOKEN, attempts=2, first_wait=0.01))
        report = push(workspace, there)
        assert (report.sent, report.finished) == (2, True)
        assert list(find_differences(workspace, there, store.url)) == []
        again = push(workspace, there)
        assert (again.sent, again.deleted) == (0, 0)


def test_counts_that_break_off_are_an_error_of_the_push() -> None:
    with Other() as endpoint:
        endpoint.behave = lambda one: one.reply(200, f"g,n\n{APPENDED}".encode(), "text/csv")
        there = RemoteStore(endpoint.url, Access(attempts=1))
        with pytest.raises(PushError, match="can't be read"):
            there.counts(endpoint.url, ["urn:g"])


# XML that ends too early, from any endpoint

HEAD = (
    '<?xml version="1.0"?><!-- <x> --><sparql xmlns="http://www.w3.org/2005/sparql-results#">'
    '<head><variable name="x"/></head><results>'
)
ROW = '<result><binding name="x"><literal>one</literal></binding></result>'
RDF = (
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="http://e/">'
    '<rdf:Description rdf:about="http://e/a"><e:p>x</e:p></rdf:Description>'
)


@pytest.mark.parametrize(
    ("text", "kind", "is_whole"),
    [
        (f"{HEAD}{ROW}</results></sparql>", "solutions", True),
        (f"{HEAD}{ROW}</results></sparql >\n<!-- the end -->\n", "solutions", True),
        (f"{HEAD}{ROW}</results>", "solutions", False),
        (f"{HEAD}{ROW}", "solutions", False),
        (f"{HEAD}{ROW}{ROW[:50]}", "solutions", False),
        (f"{RDF}</rdf:RDF>", "graphs", True),
        (f"{RDF[: RDF.index('>')]}/>", "graphs", True),
        (RDF, "graphs", False),
        (f"{RDF}{RDF[-40:]}", "graphs", False),
    ],
)
def test_xml_that_ends_too_early_is_no_result(text: str, kind: str, is_whole: bool) -> None:
    with Other() as endpoint:
        media_type = "application/sparql-results+xml" if kind == "solutions" else ""
        endpoint.behave = lambda one: one.reply(
            200, text.encode(), media_type or "application/rdf+xml"
        )
        reply = Endpoint(endpoint.url, 1).ask([("query", "q")], "*/*", time.monotonic() + 60)
        assert isinstance(reply, Reply)
        out = Sink()
        if is_whole:
            conversion.deliver(reply, kind, "csv" if kind == "solutions" else "nt", None, out)
        else:
            with pytest.raises(RemoteFailed, match="can't be read"):
                conversion.deliver(reply, kind, "csv" if kind == "solutions" else "nt", None, out)
        reply.close()


class Sink:
    """Takes what is written."""

    def write(self, data: bytes) -> int:
        return len(data)

    def flush(self) -> None:
        pass
