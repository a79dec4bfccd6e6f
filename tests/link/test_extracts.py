"""Dumps and query results to tables: every format says the same, and nothing is read twice."""

from __future__ import annotations

import bz2
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loader.errors import InputError, LinkError
from loader.link.extracts import extract_files
from loader.link.extracts.extract_files import list_extracts, read_extract
from loader.link.extracts.link_database import Tables
from tests.link.conftest import ISNI, Linker, Q, exact, item, person
from tests.shared import SHARED, needs_shared

DIRECT = "http://www.wikidata.org/prop/direct"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
STRINDBERG = item(7724, "August Strindberg", "1849-1912", P213=ISNI)
COLUMNS = {
    "item": f"{Q}7724",
    "isni": ISNI,
    "itemLabel": "August Strindberg",
    "birth": "1849",
    "death": "1912",
}


def as_dump(path: Path) -> Path:
    path = path / "dump.json"
    path.write_text(
        f"[\n{json.dumps(STRINDBERG)},\n{json.dumps(item(1, 'X'))}\n]\n", encoding="utf-8"
    )
    return path


def as_lines_bz2(path: Path) -> Path:
    path = path / "items.jsonl.bz2"
    path.write_bytes(bz2.compress(json.dumps(STRINDBERG).encode() + b"\n"))
    return path


def as_entity_data(path: Path) -> Path:
    path = path / "Q7724.json"
    path.write_text(json.dumps({"entities": {"Q7724": STRINDBERG}}), encoding="utf-8")
    return path


def as_truthy(path: Path) -> Path:
    path = path / "truthy.nt.gz"
    date = "http://www.w3.org/2001/XMLSchema#dateTime"
    lines = (
        f'<{Q}1> <{LABEL}> "utan identifierare"@sv .',
        f'<{Q}7724> <{LABEL}> "August Strindberg"@sv .',
        f'<{Q}7724> <{DIRECT}/P213> "{ISNI}" .',
        f"<{Q}7724> <{DIRECT}/P31> <{Q}5> .",
        f'<{Q}7724> <{DIRECT}/P569> "1849-01-22T00:00:00Z"^^<{date}> .',
        f'<{Q}7724> <{DIRECT}/P570> "1912-05-14T00:00:00Z"^^<{date}> .',
    )
    path.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode()))
    return path


def as_result_json(path: Path) -> Path:
    path = path / "result.json"
    solution = {name: {"type": "literal", "value": value} for name, value in COLUMNS.items()}
    result = {"head": {"vars": list(COLUMNS)}, "results": {"bindings": [solution]}}
    path.write_text(json.dumps(result), encoding="utf-8")
    return path


def as_result_csv(path: Path) -> Path:
    path = path / "result.csv"
    path.write_text(f"{','.join(COLUMNS)}\r\n{','.join(COLUMNS.values())}\r\n", encoding="utf-8")
    return path


def as_result_tsv(path: Path) -> Path:
    path = path / "result.tsv"
    values = [f"<{Q}7724>", f'"{ISNI}"', '"August Strindberg"@sv', '"1849"', "1912"]
    header = "\t".join(f"?{name}" for name in COLUMNS)
    path.write_text(header + "\n" + "\t".join(values) + "\n", encoding="utf-8")
    return path


FORMATS = (
    as_dump,
    as_lines_bz2,
    as_entity_data,
    as_truthy,
    as_result_json,
    as_result_csv,
    as_result_tsv,
)


@pytest.mark.parametrize("made", FORMATS)
def test_every_format_of_wikidata_leads_to_the_same_link(
    linker: Linker, tmp_path: Path, made: Callable[[Path], Path]
) -> None:
    ids = {"identifiedBy": [{"@type": "ISNI", "value": ISNI}]}
    linker.load(person("a", "August Strindberg", "1849-1912", **ids))
    linker.read("wikidata", made(tmp_path))
    linker.link()
    assert linker.links() == exact(f"{Q}7724", f"https://isni.org/isni/{ISNI}")
    assert len(linker.rows("SELECT * FROM authority WHERE iri LIKE '%/Q7724'")) == 1


LC_TOPIC = "http://id.loc.gov/authorities/subjects/sh85006507"
LC_NAME = "http://id.loc.gov/authorities/names/n79068416"
SKOS = "http://www.w3.org/2004/02/skos/core#"
MADS = "http://www.loc.gov/mads/rdf/v1#"
LC_FILES = {
    "skos.nt": f'<{LC_TOPIC}> <{SKOS}prefLabel> "Archaeology"@en .\n'
    f'<{LC_TOPIC}> <{SKOS}altLabel> "Arch\\u00E6ology"@en .\n',
    "mads.nt": f'<{LC_TOPIC}> <{MADS}authoritativeLabel> "Archaeology"@en .\n'
    f'<{LC_TOPIC}> <{MADS}hasVariant> _:b1 .\n_:b1 <{MADS}variantLabel> "Archæology"@en .\n',
    "mads.jsonld": json.dumps(
        {
            "@graph": [
                {
                    "@id": LC_TOPIC,
                    "@type": ["madsrdf:Topic"],
                    "madsrdf:authoritativeLabel": {"@value": "Archaeology", "@language": "en"},
                    "madsrdf:hasVariant": {"@id": "_:b1"},
                },
                {"@id": "_:b1", "madsrdf:variantLabel": "Archæology"},
                {"@id": "http://id.loc.gov/rwo/agents/sh85006507", "rdfs:label": "no"},
            ]
        }
    ),
    "skos.ttl": f'<{LC_TOPIC}> <{SKOS}prefLabel> "Archaeology"@en ;'
    f' <{SKOS}altLabel> "Archæology" .\n',
    "labels.tsv": f"Archaeology\t{LC_TOPIC}\n",
}


@pytest.mark.parametrize("name", LC_FILES)
def test_every_format_of_lc_gives_the_same_labels(tmp_path: Path, name: str) -> None:
    tables = Tables(tmp_path / "links.sqlite")
    path = tmp_path / name
    path.write_text(LC_FILES[name], encoding="utf-8")
    read_extract(tables, "lc", path, quiet)
    found = set(tables.connection.execute("SELECT key, preferred FROM label").fetchall())
    both = {("archaeology", 1), ("archæology", 0)}
    assert found == (both if name != "labels.tsv" else {("archaeology", 1)})
    tables.close()


def test_name_of_lc_has_its_years(tmp_path: Path) -> None:
    tables = Tables(tmp_path / "links.sqlite")
    path = tmp_path / "names.nt"
    path.write_text(
        f'<{LC_NAME}> <{MADS}authoritativeLabel> "Strindberg, August, 1849-1912" .\n'
        f"<{LC_NAME}> <{MADS}hasExactExternalAuthority> <http://viaf.org/viaf/54154627> .\n",
        encoding="utf-8",
    )
    read_extract(tables, "lc", path, quiet)
    said = set(tables.connection.execute("SELECT property, value FROM said").fetchall())
    assert said == {
        ("label", "Strindberg, August"),
        ("birth", "1849 1849 1"),
        ("death", "1912 1912 1"),
    }
    tables.close()


def quiet(count: int, note: str = "", /) -> None:
    pass


def many(path: Path, count: int = 5000) -> Path:
    path = path / "many.jsonl.gz"
    lines = (
        json.dumps(item(number, f"Person {number}", P214=str(number + 10)))
        for number in range(1, count)
    )
    path.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode()))
    return path


def content(tables: Tables) -> list[Any]:
    rows: list[Any] = []
    for table in ("said", "identifier", "authority"):
        rows += tables.connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3").fetchall()
    return rows


def test_interrupted_extract_goes_on_where_it_stood(tmp_path: Path) -> None:
    path = many(tmp_path)
    whole, cut = Tables(tmp_path / "whole.sqlite"), Tables(tmp_path / "cut.sqlite")
    read_extract(whole, "wikidata", path, quiet)

    class Killed(Exception):
        pass

    def kill(count: int, note: str = "", /) -> None:
        raise Killed

    with pytest.raises(Killed):
        read_extract(cut, "wikidata", path, kill)
    (position,) = cut.connection.execute("SELECT position FROM extract").fetchone()
    assert 0 < position < 5000
    assert extract_files.list_unfinished(cut) == ["many.jsonl.gz"]
    read: list[int] = []
    read_extract(cut, "wikidata", path, lambda count, note="": read.append(count))
    assert sum(read) == 4999 - position
    assert content(cut) == content(whole)
    assert list_extracts(cut) == list_extracts(whole)
    whole.close()
    cut.close()


def test_file_that_has_not_changed_is_left_alone_and_a_changed_one_replaced(tmp_path: Path) -> None:
    tables = Tables(tmp_path / "links.sqlite")
    path = as_result_csv(tmp_path)
    assert not read_extract(tables, "wikidata", path, quiet).was_known
    assert read_extract(tables, "wikidata", path, quiet).was_known
    path.write_text(f"item,viaf\n{Q}7724,54154627\n", encoding="utf-8")
    read_extract(tables, "wikidata", path, quiet)
    rows = tables.connection.execute("SELECT iri FROM identifier WHERE property != 'self'")
    assert rows.fetchall() == [("http://viaf.org/viaf/54154627",)]
    tables.close()


def test_truncated_file_is_an_error_and_links_are_not_made_of_it(
    linker: Linker, tmp_path: Path
) -> None:
    path = many(tmp_path)
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(InputError, match=r"many\.jsonl\.gz: after .* units"):
        linker.read("wikidata", path)
    with pytest.raises(LinkError, match="not read to its end yet: many"):
        linker.link()
    from loader.link import operations

    assert operations.drop_extracts(linker.workspace, "wikidata", [path]) == ["many.jsonl.gz"]
    assert linker.rows("SELECT * FROM identifier") == []
    linker.link()


def test_unit_without_sense_is_counted_and_the_rest_read(tmp_path: Path) -> None:
    tables = Tables(tmp_path / "links.sqlite")
    path = tmp_path / "items.jsonl"
    path.write_text(f"not json\n{json.dumps(STRINDBERG)}\n", encoding="utf-8")
    found = read_extract(tables, "wikidata", path, quiet)
    assert (found.unread, found.kept > 0) == (1, True)
    (manifest,) = list_extracts(tables)
    assert (manifest["units"], manifest["unread"], len(manifest["sha256"])) == (2, 1, 64)
    tables.close()


@pytest.mark.parametrize(
    ("name", "says"), [("a.docx", "aren't read"), ("missing.nt", "no such file")]
)
def test_file_that_is_not_read_is_refused(tmp_path: Path, name: str, says: str) -> None:
    tables = Tables(tmp_path / "links.sqlite")
    if name == "a.docx":
        (tmp_path / name).touch()
    with pytest.raises(InputError, match=says):
        read_extract(tables, "lc", tmp_path / name, quiet)
    tables.close()


@needs_shared
def test_reference_items_are_read_with_pseudonyms_and_pages(tmp_path: Path) -> None:
    tables = Tables(tmp_path / "links.sqlite")
    found = read_extract(
        tables, "wikidata", SHARED / "linking" / "wikidata_entities.jsonl.gz", quiet
    )
    assert (found.unread, found.kept > 5000) == (0, True)
    count = "SELECT count(DISTINCT authority) FROM identifier WHERE property = ?"
    assert tables.connection.execute(count, ("P214",)).fetchone() == (230,)
    (pages,) = tables.connection.execute(
        "SELECT count(*) FROM said WHERE property = 'page'"
    ).fetchone()
    assert pages > 300
    tables.close()
