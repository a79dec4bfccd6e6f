"""The saved queries on data with KB's own vocabulary, which names things more than once.

Some of its classes have two English labels, one of them with line breaks.
"""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest

from sparql_server.catalogue.query_files import load
from sparql_server.catalogue.saved_query import SavedQuery
from sparql_server.settings import QUERIES
from tests.saved.html import Browser
from tests.server.conftest import Server, add_columns, point_to, start, stop
from tests.server.http import request
from tests.shared import SHARED, needs_shared

pytestmark = needs_shared

CATALOGUE = load(QUERIES)
NAMING = ("label", "name", "title")
KBV = "https://id.kb.se/vocab/"


@pytest.fixture(scope="module")
def with_vocabulary(
    sample_store: ox.Store, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server with the sample, and KB's vocabulary and terms beside it."""
    data = tmp_path_factory.mktemp("vocabulary")
    folder = data / "releases" / "0001"
    folder.mkdir(parents=True)
    quads = list(sample_store)
    known = {quad.triple for quad in quads}  # a triple stands in one graph
    file = gzip.decompress((SHARED / "libris" / "vocab" / "idkbse.nq.gz").read_bytes())
    quads += (quad for quad in ox.parse(file, ox.RdfFormat.N_QUADS) if quad.triple not in known)
    store = ox.Store(str(folder / "store"))
    store.bulk_extend(quads)
    store.flush()
    del store
    add_columns(folder)
    manifest = {"release": 1, "published": "2026-11-23T20:00:00Z", "quads": len(quads)}
    (folder / "manifest.json").write_text(json.dumps({**manifest, "records": 1, "graphs": 1}))
    point_to(data, 1)
    server = start(data, "--workers", "1")
    yield server
    assert stop(server) == 0


def addresses(query: SavedQuery) -> list[str]:
    """Return where a query is asked with its defaults, and with all of its examples."""
    examples = [
        (parameter.name, value)
        for parameter in query.parameters
        for value in parameter.default or filter(None, [parameter.example])
    ]
    return [f"/queries/{query.name}.json?", f"/queries/{query.name}.json?{urlencode(examples)}&"]


def cells(server: Server, address: str) -> list[dict[str, Any]]:
    reply = request(server, "GET", address)
    assert reply.status == 200, reply.text
    return list(reply.json()["results"]["bindings"])


@pytest.mark.parametrize("name", CATALOGUE.queries)
def test_thing_has_one_row_in_the_language_asked_for(with_vocabulary: Server, name: str) -> None:
    for address in addresses(CATALOGUE.queries[name]):
        counts = set()
        for language in ("sv", "en"):
            rows = cells(with_vocabulary, f"{address}lang={language}")
            counts.add(len(rows))
            things = Counter(tuple(sorted(things_of(row).items())) for row in rows)
            assert not [thing for thing, times in things.items() if times > 1]
            for row in rows:
                assert not [cell for cell in row.values() if set("\r\n\t") & set(cell["value"])]
                assert {tag for cell in row.values() if (tag := cell.get("xml:lang"))} <= {language}
        assert len(counts) == 1


def things_of(row: dict[str, Any]) -> dict[str, str]:
    """Return what of a row isn't what something is called."""
    named = (name for name in row if not name.lower().endswith(NAMING))
    return {name: row[name]["value"] for name in named} or {
        name: cell["value"] for name, cell in row.items()
    }


def test_class_has_its_label_once_and_in_one_line(with_vocabulary: Server) -> None:
    for language, label in (("en", "Item"), ("sv", "Bestånd")):
        rows = cells(with_vocabulary, f"/queries/coverage-of-the-dataset.json?lang={language}")
        labels = [row["label"] for row in rows if row["class"]["value"] == f"{KBV}Item"]
        assert labels == [{"type": "literal", "value": label, "xml:lang": language}]


@pytest.mark.parametrize(("language", "name"), [("en", "German"), ("sv", "Tyska")])
def test_page_names_things_in_its_language(
    with_vocabulary: Server, language: str, name: str
) -> None:
    browser = Browser(with_vocabulary, language)
    browser.open("/queries/languages-of-an-author")
    names = [row[0].split(" lge:")[0] for row in browser.rows()]
    assert name in names
    assert len(names) == len(set(names))
