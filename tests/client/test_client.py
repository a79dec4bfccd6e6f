"""The client, with a server of the sample and with a folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import polars
import pyarrow as pa
import pytest

import libris_client
from libris_client import (
    Libris,
    MalformedQuery,
    NotFound,
    NotHere,
    Refused,
    ReleaseGone,
    Unreachable,
    connect,
)
from libris_client.http import Manners
from loader.workspace import Workspace
from tests.documents import text
from tests.server.conftest import Server

TITLES = "SELECT ?s ?title { ?s kbv:hasTitle/kbv:mainTitle ?title } ORDER BY ?title ?s"


@pytest.fixture
def libris(serving: Server, tmp_path: Path) -> Libris:
    return Libris(serving.address, cache=tmp_path / "cache")


def test_result_is_the_same_for_arrow_pandas_polars_and_duckdb(libris: Libris) -> None:
    query = "SELECT ?s ?n { { SELECT ?s (COUNT(*) AS ?n) { ?s kbv:hasTitle ?t } GROUP BY ?s } }"
    result = libris.query(query)
    total = len(result)
    assert total > 100
    assert result.columns == ["s", "n"]
    assert result.release == 1
    assert result.to_arrow().schema.field("n").type == pa.int64()
    assert len(result.to_pandas()) == total
    assert result.to_polars()["n"].sum() == sum(row["n"] for row in result.to_list())
    assert polars.DataFrame(result).shape == (total, 2)
    assert duckdb.sql("SELECT count(*) FROM result").fetchall() == [(total,)]
    assert re.fullmatch(r"<Result of \d+ rows: s: text, n: int64>", repr(result))


def test_batches_have_all_rows(libris: Libris) -> None:
    whole = libris.query(TITLES).table
    assert pa.Table.from_batches(libris.batches(TITLES)).num_rows == whole.num_rows
    long = f"{TITLES} # {'x' * 10_000}"
    assert len(libris.query(long)) == whole.num_rows


def test_saved_query_takes_parameters(libris: Libris) -> None:
    years = libris.saved("books-per-year", country="ctry:sw", from_=1900, to=1950)
    assert years.columns == ["year", "instances"]
    assert all("1900" <= str(row["year"]) <= "1950" for row in years.to_list())
    assert "books-per-year" in {query["name"] for query in libris.saved_queries()}
    with pytest.raises(NotFound, match="There is no saved query nothing"):
        libris.saved("nothing")
    with pytest.raises(NotFound, match=r"There is no saved query \.\./sparql"):
        libris.saved("../sparql")
    with pytest.raises(Refused, match="parameter"):
        libris.saved("books-per-year", colour="red")


def test_tables_are_read_whole_in_part_and_in_place(libris: Libris) -> None:
    tables = libris.tables()
    holdings = tables["holdings"]
    assert holdings.to_arrow().num_rows == len(holdings) == 362
    assert holdings.to_pandas(["library"]).columns.tolist() == ["library"]
    assert holdings.scan().select(polars.len()).collect().item() == 362
    assert sum(batch.num_rows for batch in holdings.batches(rows=100)) == 362
    assert {column.name: column.about for column in holdings.columns}["library"] == "The library"
    assert "holdings: 362 rows" in repr(tables)
    assert holdings.to_polars("library").columns == ["library"]
    with pytest.raises(NotFound, match="There is no table nothing; there are agents"):
        tables["nothing"]
    for ask in (lambda: holdings.to_pandas(["owner"]), lambda: list(holdings.batches(["owner"]))):
        with pytest.raises(NotFound, match="holdings has no column owner; it has item, instance"):
            ask()


def test_book_of_fields_is_at_hand(libris: Libris, published: Workspace) -> None:
    counted = libris.tables()["publications"].count_fields()
    assert counted["year"]["filled"] > 100
    assert Libris(published.root).tables()["publications"].count_fields() == counted


def test_what_is_at_hand_is_connected_to(
    serving: Server, published: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIBRIS", serving.address)
    with connect(cache=None) as libris:
        assert libris.release == 1
        assert len(libris.tables()["holdings"]) == 362
    monkeypatch.setenv("LIBRIS", str(published.root))
    assert connect().release == 1


def test_explanations_are_in_the_language_asked_for(serving: Server) -> None:
    with Libris(serving.address, cache=None, language="sv") as libris:
        assert libris.tables()["holdings"].columns[2].about == "Biblioteket"


def test_thing_is_told_of_and_found_by_its_name(libris: Libris) -> None:
    hit = libris.search("selma lager", kind="kbv:Person")[0]
    told = libris.thing(hit["iri"])
    assert "Lagerlöf" in str(told)
    with pytest.raises(NotFound):
        libris.thing("https://libris.kb.se/nothing-of-that-name")


def test_malformed_query_is_said_with_place_and_hint(libris: Libris) -> None:
    with pytest.raises(MalformedQuery) as caught:
        libris.query("SELECT ?s {\n  ?s kvb:mainTitle ?t\n}")
    error = caught.value
    assert error.status == 400
    assert error.line == 2
    assert error.column
    assert str(error).lower().startswith(f"line 2, column {error.column}: ")
    assert str(error).lower().count("column") == 1
    assert error.hint is None or error.hint in str(error)


def test_release_is_pinned(serving: Server, tmp_path: Path) -> None:
    pinned = Libris(serving.address, release="current", cache=tmp_path)
    assert pinned.release == 1
    assert pinned.query(TITLES).release == 1
    assert "release=1" in pinned.tables()["works"].places[0]
    gone = Libris(serving.address, release=7, cache=tmp_path)
    for ask in (
        lambda: gone.query(TITLES),
        lambda: gone.saved("books-per-year"),
        gone.tables,
        lambda: gone.search("selma"),
        lambda: list(gone.batches(TITLES)),
    ):
        with pytest.raises(ReleaseGone):
            ask()


def test_folder_has_tables_and_queries_without_a_server(published: Workspace) -> None:
    for where in (published.root, published.current, str(published.releases / "0001")):
        libris = Libris(where)
        assert libris.release == 1
        assert libris.tables()["holdings"].to_arrow().num_rows == 362
    assert len(libris.query(TITLES)) > 100
    assert sum(batch.num_rows for batch in libris.batches(TITLES)) == len(libris.query(TITLES))
    with pytest.raises(Refused, match="1"):
        libris.query("SELECT ?s {")
    for ask in (lambda: libris.search("a"), lambda: libris.thing("urn:a"), libris.saved_queries):
        with pytest.raises(NotHere, match="a folder has no"):
            ask()
    with pytest.raises(ReleaseGone):
        Libris(published.root, release=9)


def test_address_of_the_endpoint_is_the_servers(serving: Server) -> None:
    for address in (f"{serving.address}/", f"{serving.address}/sparql"):
        with Libris(address, cache=None) as libris:
            assert libris.query("ASK {}").to_list() == [{"boolean": True}]


def test_what_is_no_release_and_no_server_is_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match='release is a number or "current"'):
        Libris(release="newest")
    with pytest.raises(ValueError, match="language is en or sv"):
        Libris(language="fi")
    with pytest.raises(NotHere, match="address of a server begins with http"):
        Libris("127.0.0.1:8080")
    with pytest.raises(NotHere, match="no folder of a release"):
        Libris(tmp_path)
    nobody = Libris("http://127.0.0.1:9", cache=None, manners=Manners(retries=0))
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:9 can't be reached"):
        nobody.query(TITLES)


def test_examples_of_the_manual_run(serving: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MPLBACKEND", "agg")
    blocks = re.findall(r"^```python\n(.*?)^```", text("docs/client.md"), re.M | re.S)
    known: dict[str, Any] = {}
    for block in blocks:
        exec(block.replace("http://127.0.0.1:8080", serving.address), known)
    assert known["counted"].index.names == ["label", "decade"]
    assert known["counted"].sum() == len(known["titles"]) > 0
    assert set(known["titles"]["instance"]) <= set(known["alone"])
    assert known["per_library"]["len"].sum() == 362
    known["libris"].close()


def test_manual_names_what_the_client_has() -> None:
    manual = text("docs/client.md")
    for name in libris_client.__all__:
        assert f"`{name}`" in manual or f"`{name}(" in manual, name
    for name in ("query", "batches", "saved", "saved_queries", "tables", "thing", "search"):
        assert hasattr(Libris, name)
        assert f"`{name}(" in manual, name
