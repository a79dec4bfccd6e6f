"""Graphs that a server of changes has whole: what such a copy as this one announces and serves.

Of a graph, the archive has what its provider says of it and nothing else: documents that it had
of it from elsewhere, records or files, are deleted. A page has a hundred of them.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from urllib.parse import urldefrag, urljoin, urlsplit

from loader import dates
from loader.archive.archive import Archive, Arrival
from loader.errors import InputError, ProviderError, ProviderRefuses
from loader.files.rdf_files import read_graphs
from loader.files.rdf_formats import RdfFile
from loader.provider.harvest_report import Counts
from loader.provider.http import Client, Missing

_ACCEPT = "application/n-quads"


class GraphPages:
    """Fetches graphs by the pages that have them; the last page is kept, as most follow it.

    server: whose announcements they are. Pages are asked for there, whatever an address says.
    """

    def __init__(self, client: Client, server: str) -> None:
        self._client = client
        self._server = server
        self._page: tuple[str, Mapping[str, bytes]] = ("", {})

    def fetch(self, graph: str, address: str) -> Arrival | None:
        """Return what a graph holds; None if it holds nothing.

        address: as it was announced. Raises ProviderRefuses, also for a page that isn't kept.
        """
        page, name = urldefrag(address)
        wanted = urljoin(self._server, urlsplit(page).path)
        if self._page[0] != wanted:
            self._page = (wanted, self._read(wanted))
        statements = self._page[1].get(name)
        return Arrival(graph, "ntriples", statements) if statements else None

    def _read(self, address: str) -> Mapping[str, bytes]:
        try:
            return self._client.get(address, _ACCEPT, lambda body: _read_page(address, body))
        except Missing as error:
            reason = f"{address} isn't kept any more: load a dump, and go on from there"
            raise ProviderRefuses(reason, None) from error


def _read_page(address: str, body: bytes) -> Mapping[str, bytes]:
    """Return the graphs of a page by what they are called there."""
    file = RdfFile(address, ".nq", lambda: io.BytesIO(body))
    try:
        graphs = list(read_graphs(file, address))
    except InputError as error:
        raise ProviderError(str(error)) from error
    return {urldefrag(graph.name)[1]: graph.statements for graph in graphs}


def take_graphs(
    archive: Archive,
    source: int,
    graphs: Sequence[tuple[str, Arrival | None]],
    counts: Counts,
) -> None:
    """Take graphs in, or delete those that are gone; belongs within a transaction."""
    now = dates.now()
    arrivals = [arrival for _, arrival in graphs if arrival]
    others = archive.delete_others((graph for graph, _ in graphs), source, now)
    new, changed = archive.store(arrivals, source, now)
    gone = [(f"{graph} {source}", "ntriples", None) for graph, arrival in graphs if not arrival]
    own = archive.delete(
        [document for document in gone if archive.reader.has(document[0])], source, now
    )
    replaced = min(others, new)
    counts.received += len(arrivals)
    counts.new += new - replaced
    counts.changed += changed + replaced
    counts.unchanged += len(arrivals) - new - changed
    counts.deleted += own + others - replaced
