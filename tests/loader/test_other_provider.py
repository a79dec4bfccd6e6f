"""Harvesting BIBFRAME from an OAI-PMH repository that somebody else has written."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import oai_repo
import pytest
from lxml import etree

from loader.harvest import update
from loader.harvest.order import Order
from loader.store.store import GraphStore
from loader.workspace import Workspace
from tests.loader.test_harvest import QUICK, is_sound

BIBFRAME = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:bf="http://id.loc.gov/ontologies/bibframe/">
<bf:Work rdf:about="https://example.org/opus/{0}"><bf:title><bf:Title>
<bf:mainTitle>Work {0}</bf:mainTitle></bf:Title></bf:title></bf:Work></rdf:RDF>"""
NAMES = [f"oai:example.org:{number:02d}" for number in range(25)]


class Works(oai_repo.DataInterface):  # type: ignore[misc]
    """Twenty-five works, ten to a page."""

    limit = 10

    def get_identify(self) -> Any:
        return oai_repo.Identify(
            "Works",
            "https://example.org/oai",
            ["librarian@example.org"],
            datetime(2020, 1, 1, tzinfo=UTC),
            "persistent",
            "YYYY-MM-DDThh:mm:ssZ",
        )

    def is_valid_identifier(self, identifier: str) -> bool:
        return identifier in NAMES

    def get_metadata_formats(self, identifier: str | None = None) -> list[Any]:
        namespace = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        return [oai_repo.MetadataFormat("rdf", "https://example.org/rdf.xsd", namespace)]

    def get_record_header(self, identifier: str) -> Any:
        return oai_repo.RecordHeader(identifier, datetime(2024, 5, 1, tzinfo=UTC))

    def get_record_metadata(self, identifier: str, metadataprefix: str) -> Any:
        return etree.fromstring(BIBFRAME.format(identifier[-2:]))

    def get_record_abouts(self, identifier: str) -> list[Any]:
        return []

    def list_set_specs(self, identifier: str | None = None, cursor: int = 0) -> Any:
        return None, None, None

    def list_identifiers(
        self,
        metadataprefix: str,
        filter_from: Any = None,
        filter_until: Any = None,
        filter_set: Any = None,
        cursor: int = 0,
    ) -> Any:
        return NAMES[cursor : cursor + self.limit], len(NAMES), None


@pytest.fixture
def url() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = dict(parse_qsl(urlsplit(self.path).query))
            body = bytes(oai_repo.OAIRepository(Works()).process(asked))
            self.send_response(200)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/oai"
        server.shutdown()
        thread.join()


def test_bibframe_comes_into_a_graph_per_record(url: str, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    harvested, applied = update.harvest(workspace, Order(url, "rdf"), QUICK)
    total = harvested.total()
    assert (total.received, total.new, total.pages, total.finished) == (25, 25, 3, True)
    assert applied.applied == 25
    graph = GraphStore(workspace.store, read_only=True).graph(NAMES[7])
    assert any('"Work 07"' in line for line in graph)
    assert is_sound(workspace)
    again, _ = update.harvest(workspace, Order(url, "rdf", begin="2024-01-01"), QUICK)
    assert again.total().unchanged == 25


def test_reconciling_works_elsewhere_too(url: str, tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    harvested, _ = update.harvest(workspace, Order(url, "rdf"), QUICK, reconcile=True)
    assert harvested.total().new == 25
