"""Graphs that a server of changes has whole: what such a copy as this one announces and serves.

Of a graph, the archive has what its provider says of it and nothing else: documents that it had
of it from elsewhere, records or files, are deleted.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from urllib.parse import urljoin, urlsplit

from loader import dates
from loader.archive.archive import Archive, Arrival
from loader.errors import InputError, ProviderError
from loader.files.rdf_files import read_graphs
from loader.files.rdf_formats import RdfFile
from loader.provider.harvest_report import Counts
from loader.provider.http import Client, Missing

ACCEPT = "application/n-triples"


def fetch_graph(client: Client, server: str, graph: str, address: str) -> Arrival | None:
    """Return what a graph holds now; None if there is none. Raises ProviderRefuses.

    address: as it was announced; it is looked up at the server that announced it, no other.
    """
    parts = urlsplit(address)
    wanted = urljoin(server, f"{parts.path}?{parts.query}" if parts.query else parts.path)
    try:
        return client.get(wanted, ACCEPT, lambda body: _read_graph(graph, wanted, body))
    except Missing:
        return None


def _read_graph(graph: str, address: str, body: bytes) -> Arrival | None:
    file = RdfFile(address, ".nt", lambda: io.BytesIO(body))
    try:
        read = [each for each in read_graphs(file, graph) if each.statements]
    except InputError as error:
        raise ProviderError(str(error)) from error
    return Arrival(graph, "ntriples", read[0].statements) if read else None


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
    own = archive.delete([each for each in gone if archive.reader.has(each[0])], source, now)
    replaced = min(others, new)
    counts.received += len(arrivals)
    counts.new += new - replaced
    counts.changed += changed + replaced
    counts.unchanged += len(arrivals) - new - changed
    counts.deleted += own + others - replaced
