"""The marker of a push in a remote store, which says what state of the data the store holds.

Graph ``urn:libris:release``; the number grows when a push begins to change the store and when it
has ended, so an answer kept for a number is never one from before or amid a change.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyoxigraph as ox

from sparql_server.engine.releases import Release

QUERY = "SELECT ?p ?o WHERE { GRAPH <urn:libris:release> { <urn:libris:release> ?p ?o } }"

_NAMES = {
    "http://www.w3.org/2002/07/owl#versionInfo": "release",
    "http://purl.org/dc/terms/issued": "published",
    "http://rdfs.org/ns/void#documents": "records",
    "http://rdfs.org/ns/void#triples": "quads",
    "urn:libris:graphs": "graphs",
}


@dataclass(frozen=True, slots=True)
class RemoteRelease(Release):
    """The release that a remote store holds.

    number: the marker's, else that of the release beside the server, else 0. path: of that
    release, else the data directory. said: what the marker says, by the manifest's names.
    """

    said: tuple[tuple[str, str | int], ...] = ()

    def manifest(self) -> dict[str, Any]:
        """Return what the marker says over the manifest of the release beside the server.

        Empty if there is neither, or not all of it.
        """
        # Not super(): a dataclass with slots is made anew, and the name means the former one.
        manifest = Release.manifest(self) | dict(self.said)
        return manifest if manifest.keys() >= set(_NAMES.values()) else {}


def read_marker(xml: bytes) -> dict[str, str | int]:
    """Return what the answer to ``QUERY`` (results in XML) says, by the manifest's names.

    Raises ValueError if it is no such answer.
    """
    results = ox.parse_query_results(xml, ox.QueryResultsFormat.XML)
    if isinstance(results, ox.QueryBoolean):
        raise ValueError("the marker's query was answered with a boolean")
    return dict(_read_statements(results))


def _read_statements(results: ox.QuerySolutions) -> Iterator[tuple[str, str | int]]:
    for solution in results:
        name = _NAMES.get(getattr(solution["p"], "value", ""))
        value = getattr(solution["o"], "value", "")
        if name:
            yield name, value if name == "published" else int(value)


def describe_release(
    beside: Release | None, data: Path, said: dict[str, str | int]
) -> RemoteRelease:
    """Return the release that a remote store holds. beside: the one in the data directory."""
    number = int(said.get("release", beside.number if beside else 0))
    path = beside.path if beside else data
    return RemoteRelease(number, path, tuple(sorted(said.items())))
