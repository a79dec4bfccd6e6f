"""Results that are cited: answered from their release, from a frozen copy, or 410."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from sparql_server.citing.answer_hash import hash_rows, split_rows
from sparql_server.citing.frozen import find_copy
from sparql_server.sparql.protocol import QueryRequest
from tests.commands import run_server
from tests.server.conftest import Server, publish, start, stop
from tests.server.http import Reply, request
from tests.server.processes import children, wait_for

pytestmark = pytest.mark.long

WHICH = "SELECT ?n { <urn:release> <urn:is> ?n }"
MANY = "SELECT ?n { ?s <urn:is> ?n }"
GRAPH = "CONSTRUCT { <urn:a> <urn:b> ?n } WHERE { <urn:release> <urn:is> ?n }"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of release 4, with three before it, two of which may be open at once."""
    data = tmp_path_factory.mktemp("cited")
    for number in (1, 2, 3, 4):
        publish(data, number, columns=number == 3)
    running = start(data, "--workers", "1", "--former", "2")
    yield running
    assert stop(running) == 0


def ask(server: Server, path: str = "/sparql", **parameters: Any) -> Reply:
    return request(server, "GET", f"{path}?{urlencode(parameters)}")


def freeze(server: Server, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_server("freeze", "--data", server.data, *arguments)


@pytest.mark.parametrize("number", [1, 3, 2, 4])
def test_release_that_is_named_answers(served: Server, number: int) -> None:
    answer = ask(served, query=WHICH, release=number, format="csv")
    assert answer.status == 200
    assert answer.text.split() == ["n", str(number)]
    assert answer.headers["libris-release"] == str(number)


def test_no_more_releases_are_open_than_may_be(served: Server) -> None:
    for number in (1, 2, 3):
        ask(served, query=WHICH, release=number)
    # A nursery and a worker for each of two, and those of the release that is served.
    assert wait_for(lambda: len(children(served.process.pid)) <= 7)


def test_release_that_never_was_is_gone(served: Server) -> None:
    answer = ask(served, query=WHICH, release=9)
    assert answer.status == 410
    assert answer.json()["current"] == 4
    assert (
        request(served, "GET", answer.json()["address"].partition(served.address)[2]).status == 200
    )


def test_page_of_a_former_release_has_its_result(served: Server) -> None:
    path = f"/sparql?{urlencode({'query': WHICH, 'release': 2})}"
    page = request(served, "GET", path, Accept="text/html")
    assert (page.status, page.headers["libris-release"]) == (200, "2")


@pytest.mark.parametrize("query", [WHICH, GRAPH, MANY, "ASK { ?s ?p ?o }"])
def test_citation_names_query_release_and_hash(served: Server, query: str) -> None:
    cited = ask(served, "/cite", query=query).json()
    assert (cited["release"], cited["published"]) == (4, "2026-11-23T20:00:00Z")
    assert "release=4" in cited["address"]
    assert cited["hash"].startswith("sha256:")
    assert cited["address"] in cited["text"]
    assert cited["address"] in cited["bibtex"]
    assert ask(served, "/cite", query=query, release=4).json()["hash"] == cited["hash"]
    address = cited["address"].removeprefix(served.address)
    assert request(served, "GET", address).status == 200


@pytest.mark.parametrize("query", [MANY, GRAPH])
def test_hash_is_of_the_answer_whatever_the_client_has(served: Server, query: str) -> None:
    tag = ask(served, query=query).headers["etag"]
    path = f"/cite?{urlencode({'query': query, 'format': 'json'})}"
    hashes = {
        request(served, "GET", path, If_None_Match=known).json()["hash"]
        for known in ('"other"', "*", tag)
    }
    assert hashes == {ask(served, "/cite", query=query).json()["hash"]}


def test_hash_is_another_where_the_answer_is(served: Server) -> None:
    hashes = {ask(served, "/cite", query=WHICH, release=n).json()["hash"] for n in (1, 2, 4)}
    assert len(hashes) == 3


@pytest.mark.parametrize(
    ("name", "beginning"), [("txt", "SELECT"), ("bib", "@misc{libris-4-"), ("html", "<!doctype")]
)
def test_citation_comes_as_text_bibtex_and_page(served: Server, name: str, beginning: str) -> None:
    answer = ask(served, "/cite", query=WHICH, format=name)
    assert answer.status == 200
    assert answer.text.lower().startswith(beginning.lower())


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/x-bibtex", "application/x-bibtex"),
        ("text/plain, */*;q=0.1", "text/plain"),
        ("application/json", "application/json"),
        ("text/html", "text/html"),
        ("image/png", "application/json"),
    ],
)
def test_form_of_a_citation_is_that_which_is_accepted(
    served: Server, accept: str, kind: str
) -> None:
    answer = request(served, "GET", f"/cite?{urlencode({'query': WHICH})}", Accept=accept)
    assert answer.headers["content-type"].partition(";")[0] == kind


def test_bibtex_keeps_every_sign_and_its_braces_in_balance(served: Server) -> None:
    query = 'SELECT ("~^\\\\_#%&$" AS ?x) { ' + "{ ?s ?p ?o } UNION " * 9 + "{ } }"
    entry = ask(served, "/cite", query=query, format="bib").text
    assert entry.count("{") == entry.count("}")
    (title,) = (line for line in entry.splitlines() if line.startswith("  title"))
    tilde, caret, slash = (
        rf"\text{each}{{}}" for each in ("asciitilde", "asciicircum", "backslash")
    )
    assert f"{tilde}{caret}{slash}{slash}\\_\\#\\%\\&\\$" in title


def test_saved_query_can_be_cited(served: Server) -> None:
    cited = ask(served, "/queries/books-per-year/cite", format="json")
    assert cited.status == 200
    assert "/queries/books-per-year?" in cited.json()["address"]
    assert "&release=4&hash=sha256" in cited.json()["address"]
    assert ask(served, "/queries/books-per-year.csv/cite").status == 400
    assert ask(served, "/queries/nothing/cite").status == 404
    assert ask(served, "/cite", query=WHICH, format="xml").status == 400
    assert ask(served, "/cite", query="SELECT").status == 400


def test_frozen_copy_answers_when_its_release_has_gone(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    publish(tmp_path, 2)
    server = start(tmp_path, "--workers", "1")
    try:
        cited = ask(server, "/cite", query=MANY, release=1).json()
        address = cited["address"].removeprefix(server.address)
        before = request(server, "GET", f"{address}&format=csv")
        done = freeze(server, cited["address"])
        assert (done.returncode, done.stdout.split()[1]) == (0, cited["hash"]), done.stderr
        shutil.rmtree(tmp_path / "releases" / "0001")
        after = request(server, "GET", f"{address}&format=csv")
        assert (after.status, after.headers["libris-release"]) == (200, "1")
        assert sorted(after.text.split()) == sorted(before.text.split())
        assert after.headers["libris-hash"] == cited["hash"]
        assert ask(server, query=f"{MANY}  # laid out otherwise", release=1).status == 200
        assert ask(server, query=MANY, release=1, hash="sha256:0").status == 410
        assert ask(server, query=MANY, release=1, format="ttl").status == 406
        assert ask(server, query=WHICH, release=1).status == 410
        assert ask(server, "/cite", query=WHICH, release=1).status == 410
    finally:
        stop(server)


def test_freezing_says_what_it_cannot(served: Server) -> None:
    assert "isn't kept" in freeze(served, "--release", "9", WHICH).stderr
    wrong = freeze(served, f"/sparql?{urlencode({'query': WHICH, 'hash': 'sha256:0'})}")
    assert wrong.returncode == 1
    assert "nothing is frozen" in wrong.stderr
    assert find_copy(served.data, QueryRequest(WHICH), 4) is None
    assert freeze(served, "SELECT").returncode == 1


def test_order_counts_only_where_the_query_has_one() -> None:
    rows = [b"<urn:a>\t1", b"<urn:b>\t2"]
    assert hash_rows(b"?s\t?n", rows, ordered=False) == hash_rows(
        b"?s\t?n", rows[::-1], ordered=False
    )
    assert hash_rows(b"?s", rows, ordered=True) != hash_rows(b"?s", rows[::-1], ordered=True)
    assert hash_rows(b"?s", rows, ordered=False) != hash_rows(b"?s", rows * 2, ordered=False)
    assert hash_rows(b"?s", rows, ordered=False) != hash_rows(b"?t", rows, ordered=False)


def test_labels_of_blank_nodes_do_not_count_but_texts_like_them_do() -> None:
    def of(row: bytes) -> str:
        return hash_rows(b"?s", [row], ordered=False)

    assert of(b'_:x\t_:y\t"_:x"') == of(b'_:p\t_:q\t"_:x"')
    assert of(b"_:x\t_:x") != of(b"_:x\t_:y")
    assert of(b'"_:x"') != of(b'"_:y"')


def test_rows_are_split_wherever_pieces_end() -> None:
    assert list(split_rows([b"a\nb", b"", b"c\n", b"d"])) == [b"a", b"bc", b"d"]
