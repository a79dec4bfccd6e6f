"""Tables served: listed, described, sent whole or in part, and read in place."""

from __future__ import annotations

import io
import json
import re
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb
import polars
import pyarrow.parquet as pq
import pytest
from flask import Flask
from rdflib import DCAT, Graph, Namespace

from loader.workspace import Workspace
from sparql_server.settings import TABLES
from sparql_server.tables.query_files import load_tables
from sparql_server.web.transfer.files import send_release_file
from tests.documents import text
from tests.server.conftest import Server
from tests.server.http import Reply, request
from tests.things.test_dataset import SHAPES

SPDX = Namespace("http://spdx.org/rdf/terms#")


def get(serving: Server, path: str, **headers: str) -> Reply:
    return request(serving, "GET", path, **headers)


def test_tables_are_listed_as_data_and_as_a_page(serving: Server) -> None:
    package = get(serving, "/tables/").json()
    assert package["version"] == "0001"
    page = get(serving, "/tables/", Accept="text/html")
    assert page.headers["content-type"].startswith("text/html")
    for resource in package["resources"]:
        assert f"/tables/{resource['path']}" in page.text
    assert "Bestånd" in get(serving, "/tables/?format=html&lang=sv").text
    assert page.headers["libris-release"] == "1"


def test_file_of_a_release_in_the_working_directory_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "works.parquet").write_bytes(b"PAR1")
    monkeypatch.chdir(tmp_path)
    with Flask(__name__).test_request_context("/tables/works.parquet"):
        response = send_release_file(Path("works.parquet"), "application/x", "tag", 1)
        response.direct_passthrough = False
        assert response.get_data() == b"PAR1"
        response.close()


def test_file_is_sent_whole_or_in_the_range_asked_for(serving: Server, folder: Path) -> None:
    content = (folder / "holdings.parquet").read_bytes()
    whole = get(serving, "/tables/holdings.parquet")
    assert (whole.status, whole.body) == (200, content)
    assert whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["content-type"] == "application/vnd.apache.parquet"
    tag = whole.headers["etag"]
    assert not tag.startswith("W/")
    part = get(serving, "/tables/holdings.parquet", Range="bytes=-8", If_Range=tag)
    assert (part.status, part.body) == (206, content[-8:])
    assert (
        part.headers["content-range"]
        == f"bytes {len(content) - 8}-{len(content) - 1}/{len(content)}"
    )
    assert get(serving, "/tables/holdings.parquet", If_None_Match=tag).status == 304
    other = get(serving, "/tables/holdings.parquet", Range="bytes=0-3", If_Range='"other"')
    assert (other.status, other.body) == (200, content)
    head = request(serving, "HEAD", "/tables/holdings.parquet")
    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == str(len(content))
    assert head.headers["etag"] == tag


@pytest.mark.parametrize("ranges", ["bytes=0-1,4-5", "bytes=x", "rows=0-5", "bytes=", "bytes=5-2"])
def test_ranges_that_are_none_or_several_give_the_whole(serving: Server, ranges: str) -> None:
    assert get(serving, "/tables/libraries.parquet", Range=ranges).status in (200, 416)
    if ranges != "bytes=5-2":
        assert get(serving, "/tables/libraries.parquet", Range=ranges).status == 200


def test_range_beyond_the_end_says_how_long_the_file_is(serving: Server, folder: Path) -> None:
    size = (folder / "libraries.parquet").stat().st_size
    refused = get(serving, "/tables/libraries.parquet", Range="bytes=99999999-")
    assert refused.status == 416
    assert refused.headers["content-range"] == f"bytes */{size}"


def test_table_is_described_with_what_is_counted_of_it(serving: Server) -> None:
    table = get(serving, "/tables/publications").json()
    (year,) = [column for column in table["columns"] if column["name"] == "year"]
    assert year["texts"]["description"]["sv"].startswith("Utgivningsår")
    assert year["filled"] + year["discarded"] <= table["rows"]
    (country,) = [column for column in table["columns"] if column["name"] == "country"]
    assert country["decades"][0]["rows"] >= 1
    for language, word in (("en", "Year of publication"), ("sv", "Utgivningsår")):
        assert word in get(serving, f"/tables/publications?format=html&lang={language}").text


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        ("/tables/nothing", 404, "There is no table nothing"),
        ("/tables/nothing.parquet", 404, "There is no table"),
        ("/tables/..%2fmanifest.json", 404, ""),
        ("/tables/.%2e/manifest.json", 404, ""),
        ("/tables/?release=7", 410, "release 1 is what is served"),
        ("/tables/instances.parquet?release=7", 410, "release 1 is what is served"),
        ("/tables/?release=x", 400, "the number of a release"),
        ("/tables/?limit=1", 400, "no parameter limit"),
    ],
)
def test_what_is_not_there_is_said(serving: Server, path: str, status: int, says: str) -> None:
    reply = get(serving, path)
    assert reply.status == status
    assert says in reply.json()["detail"]


def test_release_that_is_kept_has_its_tables(serving: Server, published: Workspace) -> None:
    kept = published.releases / "0099"
    kept.symlink_to("0001")  # stands for a release of before
    try:
        found = get(serving, "/tables/instances.parquet?release=99")
        assert found.headers["libris-release"] == "99"
        assert pq.read_table(io.BytesIO(found.body)).num_rows == 127
    finally:
        kept.unlink()


def test_polars_reads_a_table_where_it_is(serving: Server, folder: Path) -> None:
    there = polars.scan_parquet(f"{serving.address}/tables/holdings.parquet")
    counted = there.group_by("library").len().sort("library").collect()
    expected = polars.read_parquet(folder / "holdings.parquet").group_by("library").len()
    assert counted.equals(expected.sort("library"))


def test_duckdb_reads_tables_of_a_folder_by_their_names(folder: Path) -> None:
    query = f"""
      SELECT decade, count(DISTINCT instance) AS titles
      FROM '{folder}/holdings*.parquet'
      JOIN (SELECT instance, year // 10 * 10 AS decade FROM '{folder}/publications*.parquet')
      USING (instance) WHERE decade IS NOT NULL GROUP BY decade ORDER BY decade
    """
    with duckdb.connect() as connection:
        counted = dict(connection.execute(query).fetchall())
    book = json.loads((folder / "fields.json").read_text())
    (table,) = [table for table in book["tables"] if table["name"] == "publications"]
    (column,) = [column for column in table["columns"] if column["name"] == "country"]
    assert counted.keys() <= {each["decade"] for each in column["decades"]}


def test_server_without_tables_says_what_makes_them(
    serving: Server, published: Workspace, folder: Path
) -> None:
    away = folder.resolve().with_name("tables-away")
    folder.resolve().rename(away)
    try:
        reply = get(serving, "/tables/")
        assert reply.status == 404
        assert "libris-loader tables" in reply.json()["detail"]
    finally:
        away.rename(folder.resolve() if folder.exists() else away.with_name("tables"))


def test_examples_of_the_manual_read_tables(
    serving: Server, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = re.findall(r"^```python ?(\w*)\n(.*?)^```", text("docs/tables.md"), re.M | re.S)
    assert [library for library, _ in blocks] == ["polars", "pandas", "dask"]
    monkeypatch.chdir(folder.parent)
    known: dict[str, Any] = {}
    for library, block in blocks:
        code = compile(block.replace("http://127.0.0.1:8080", serving.address), library, "exec")
        if find_spec(library):  # Dask is nothing that the project needs
            exec(code, known)
    assert known["decades"]["titles"].sum() > 300
    assert 0 < len(known["translations"]) < len(known["works"])


def test_manual_lists_the_tables_there_are() -> None:
    listed = re.findall(r"^\| `(\w+)` \| .* \|(.*)\| (.*) \|$", text("docs/tables.md"), re.M)
    assert [name for name, _, _ in listed] == [table.name for table in load_tables(TABLES)]
    for table, (_, key, order) in zip(load_tables(TABLES), listed, strict=True):
        assert re.findall(r"`(\w+)`", key) == list(table.key)
        assert re.findall(r"`(\w+)`", order) == list(table.order)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # pyshacl's use of rdflib
def test_tables_are_in_dcat_with_their_checksums(serving: Server, folder: Path) -> None:
    graph = Graph().parse(data=get(serving, "/dataset?format=ttl").body, format="turtle")
    pyshacl = pytest.importorskip("pyshacl")
    valid, _, report = pyshacl.validate(graph, shacl_graph=str(SHAPES))
    assert valid, report
    found = {str(address).rsplit("/", 1)[1] for address in graph.objects(None, DCAT.downloadURL)}
    assert {path.name for path in folder.glob("*.parquet")} <= found
    sums = {str(value) for value in graph.objects(None, SPDX.checksumValue)}
    content = (folder / "holdings.parquet").read_bytes()
    assert sha256(content).hexdigest() in sums
