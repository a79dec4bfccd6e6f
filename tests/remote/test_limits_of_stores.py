"""What a store does that makes whole answers impossible, and graphs asked for whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sparql_server.engine.client_connection import Nobody
from sparql_server.engine.handle import Handle, Wait
from sparql_server.engine.messages import Job
from sparql_server.engine.query_limits import Limits
from sparql_server.engine.remote.engine import RemoteEngine
from sparql_server.errors.failures.failure import Failure
from tests.remote import stores
from tests.remote.conftest import Front
from tests.server.conftest import NUMBERS, Server, start, stop
from tests.server.http import ask, values
from tests.server.test_endpoint import G1
from tests.server.test_pages import BROWSER, Tags


@pytest.fixture(scope="module")
def capped(nquads: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Our server before a Virtuoso that cuts results, as the one it is packaged with does."""
    folder = tmp_path_factory.mktemp("capped")
    store = stores.start("virtuoso", folder / "store", nquads, ResultSetMaxRows="1000")
    (folder / "data").mkdir()
    server = start(folder / "data", "--remote", store.query)
    yield server
    assert "cuts results after 1,000 rows" in server.log
    stop(server)
    store.stop()


def test_result_that_the_store_has_cut_is_an_error(capped: Server) -> None:
    assert NUMBERS > 1000
    reply = ask(capped, "SELECT * { ?s <urn:is> ?o }", format="csv")
    assert (reply.status, reply.json()["limit"]) == (502, 1000)
    assert "cuts results after 1,000 rows" in reply.json()["detail"]
    assert len(values(ask(capped, "SELECT * { ?s <urn:is> ?o } LIMIT 500"))) == 500


def test_graph_that_the_store_might_have_cut_without_a_word_is_an_error(capped: Server) -> None:
    reply = ask(capped, "CONSTRUCT WHERE { ?s <urn:is> ?o }", format="nt")
    assert (reply.status, reply.json()["limit"]) == (502, 1000)
    described = ask(capped, "DESCRIBE <https://libris.kb.se/sample-b0001#it>", format="nt").text
    assert described.count(" .\n") > 3


def test_page_of_a_cut_result_says_that_there_is_more(capped: Server) -> None:
    assert (
        Tags(ask(capped, "SELECT * { ?s <urn:is> ?o } LIMIT 900", BROWSER).text).names.count("tr")
        == 901
    )


@pytest.fixture
def engine(front: Front, tmp_path: Path) -> Iterator[RemoteEngine]:
    made = RemoteEngine(front.store.query, tmp_path, Limits(2, 20, 5))
    made.start()
    yield made
    made.stop()


def evaluate(engine: RemoteEngine, job: Job) -> Handle | Failure:
    """What comes of a job: a handle on its result, or why there is none."""
    handle = engine.submit(job, Nobody(), Wait.TURN)
    return handle.wait() or handle


def test_graph_is_given_whole_by_its_name(engine: RemoteEngine) -> None:
    found = evaluate(engine, Job("", graphs="nt", graph=G1))
    assert isinstance(found, Handle)
    lines = sorted(b"".join(found).decode().splitlines())
    assert lines == [
        '<http://example.org/s> <http://example.org/p> "ett"@sv .',
        '<http://example.org/s> <http://example.org/p> "one"@en .',
    ]
    found = evaluate(engine, Job("", graphs="nt", graph=""))
    assert isinstance(found, Handle)
    assert b"".join(found).count(b"\n") > NUMBERS


@pytest.mark.parametrize(
    ("name", "kind"), [("urn:none", "missing"), ("urn:a> { ?s ?p ?o } } #", "iri")]
)
def test_graph_that_is_none_is_told(engine: RemoteEngine, name: str, kind: str) -> None:
    found = evaluate(engine, Job("", graphs="nt", graph=name))
    assert isinstance(found, Failure)
    assert found.kind == kind


def test_time_that_the_client_allows_is_kept(engine: RemoteEngine) -> None:
    from sparql_server.errors import RemoteTimedOut, TimeLimitExceeded
    from tests.remote.test_remote import ENDLESS

    with pytest.raises((TimeLimitExceeded, RemoteTimedOut)):
        evaluate(engine, Job(ENDLESS, solutions="json", timeout=1))


def test_slots_are_free_again_whatever_came_of_a_query(engine: RemoteEngine) -> None:
    for _ in range(5):
        assert isinstance(evaluate(engine, Job("ASK { ?s ", solutions="json")), Failure)
        assert isinstance(evaluate(engine, Job("ASK {}", graphs="nt")), Failure)
        result = evaluate(engine, Job("SELECT * { ?s <urn:is> ?o }", solutions="json"))
        assert isinstance(result, Handle)
        next(result)
        result.cancel()
