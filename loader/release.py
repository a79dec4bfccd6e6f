"""Releases: numbered, immutable snapshots of the store, published by one rename.

    releases/0007/  store/  manifest.json  void.ttl
    current -> releases/0007

VoID: https://www.w3.org/TR/void/
"""

from __future__ import annotations

import os
import re
import shutil
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson

from loader.archive import Archive
from loader.errors import ReleaseError
from loader.ledger import Ledger
from loader.store import GraphStore
from loader.workspace import Workspace

_NUMBER = re.compile(r"\d{4,}")
_TOOLS = ("libris-linked-data", "pyoxigraph")
_PUBLISHED = "published"
_IDENTIFIER = "store identifier"


@dataclass(frozen=True, slots=True)
class Release:
    """A published release.

    published: UTC, ``2026-11-23T20:15:04Z``. current: whether it is the one that is served.
    """

    number: int
    published: str
    quads: int
    graphs: int
    current: bool


def publish(workspace: Workspace, archive: Archive, keep: int) -> int:
    """Publish the store as it is; return the release's number.

    keep: how many releases to leave, this one included; the current one always stays.
    Either all of it is there afterwards, or nothing has changed.
    """
    if not workspace.store.exists():
        raise ReleaseError("nothing to publish: load something first")
    number = max(_numbers(workspace), default=0) + 1
    making = workspace.make(workspace.root / "work" / f"{number:04}")
    making.mkdir()
    store = GraphStore(workspace.store)
    store.flush()
    store.backup(making / "store")
    manifest = _manifest(archive, store, number)
    (making / "manifest.json").write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
    (making / "void.ttl").write_text(_void(manifest), encoding="utf-8")
    _sync(making)
    target = workspace.make(_path(workspace, number))
    making.rename(target)
    _point_to(workspace, number)
    with archive.transaction():
        archive.remember(_PUBLISHED, _generation(archive))
    prune(workspace, keep)
    return number


def is_unchanged(workspace: Workspace, archive: Archive) -> bool:
    """Tell whether the newest release is the current one and holds what the store holds."""
    numbers = _numbers(workspace)
    return (
        bool(numbers)
        and current(workspace) == max(numbers)
        and archive.state(_PUBLISHED) == _generation(archive)
    )


def _generation(archive: Archive) -> bytes:
    return str(Ledger(archive.connection).generation()).encode()


def current(workspace: Workspace) -> int | None:
    """Return the number of the release that is served, or None."""
    try:
        name = Path(os.readlink(workspace.current)).name
    except OSError:
        return None
    return int(name) if _NUMBER.fullmatch(name) else None


def releases(workspace: Workspace) -> list[Release]:
    """Return what has been published and is still there, oldest first."""
    served = current(workspace)
    found = []
    for number in _numbers(workspace):
        manifest = read_manifest(workspace, number)
        found.append(
            Release(
                number,
                manifest["published"],
                manifest["quads"],
                manifest["graphs"],
                number == served,
            )
        )
    return found


def read_manifest(workspace: Workspace, number: int) -> dict[str, Any]:
    """Return a release's manifest; raise ReleaseError if there is no such release."""
    try:
        text = (_path(workspace, number) / "manifest.json").read_bytes()
        return dict(orjson.loads(text))
    except (OSError, orjson.JSONDecodeError) as error:
        raise ReleaseError(f"there is no release {number}") from error


def roll_back(workspace: Workspace, number: int | None) -> int:
    """Serve an earlier release again, by default the one before the current; return its number."""
    served = current(workspace)
    if number is None:
        earlier = [one for one in _numbers(workspace) if served is not None and one < served]
        if not earlier:
            raise ReleaseError("there is no earlier release to return to")
        number = earlier[-1]
    read_manifest(workspace, number)
    _point_to(workspace, number)
    return number


def prune(workspace: Workspace, keep: int) -> None:
    """Remove the oldest releases until no more than ``keep`` are left; never the current one."""
    numbers = _numbers(workspace)
    served = current(workspace)
    for number in numbers[: max(len(numbers) - keep, 0)]:
        if number != served:
            shutil.rmtree(_path(workspace, number))


def _path(workspace: Workspace, number: int) -> Path:
    return workspace.releases / f"{number:04}"


def _numbers(workspace: Workspace) -> list[int]:
    if not workspace.releases.exists():
        return []
    names = (path.name for path in workspace.releases.iterdir())
    return sorted(int(name) for name in names if _NUMBER.fullmatch(name))


def _point_to(workspace: Workspace, number: int) -> None:
    """Replace the ``current`` link: a reader sees the old release or the new one."""
    link = workspace.make(workspace.root / "work" / "current")
    link.unlink(missing_ok=True)
    link.symlink_to(Path("releases") / f"{number:04}")
    link.rename(workspace.current)


def _sync(folder: Path) -> None:
    for path in (folder / "manifest.json", folder / "void.ttl"):
        with open(path, "rb") as stream:
            os.fsync(stream.fileno())


def _manifest(archive: Archive, store: GraphStore, number: int) -> dict[str, Any]:
    tally = Ledger(archive.connection).tally()
    properties = _sorted({iri: n for (kind, iri), n in tally.items() if kind == "property"})
    return {
        "release": number,
        "store": _identifier(archive),
        "published": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "records": archive.record_count(),
        "graphs": sum(1 for _ in store.graph_names()),
        "quads": sum(properties.values()),
        "classes": _sorted({iri: n for (kind, iri), n in tally.items() if kind == "class"}),
        "properties": properties,
        "sources": archive.sources(),
        "quarantined": archive.quarantine_count(),
        "tools": {name: version(name) for name in _TOOLS},
    }


def _identifier(archive: Archive) -> str:
    """Return what tells this store from others: their releases have the same numbers."""
    found = archive.state(_IDENTIFIER)
    if found is None:
        found = uuid.uuid4().hex.encode()
        with archive.transaction():
            archive.remember(_IDENTIFIER, found)
    return found.decode()


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _void(manifest: Mapping[str, Any]) -> str:
    """Describe the dataset in VoID, Turtle."""
    from rdflib import RDF, XSD, BNode, Graph, Literal, Namespace, URIRef

    void = Namespace("http://rdfs.org/ns/void#")
    terms = Namespace("http://purl.org/dc/terms/")
    graph = Graph()
    dataset = URIRef("#dataset")
    graph.add((dataset, RDF.type, void.Dataset))
    graph.add((dataset, terms.title, Literal("Libris linked data", lang="en")))
    graph.add((dataset, terms.issued, Literal(manifest["published"], datatype=XSD.dateTime)))
    graph.add((dataset, void.triples, Literal(manifest["quads"])))
    graph.add((dataset, void.vocabulary, URIRef("https://id.kb.se/vocab/")))
    parts = (
        ("classes", void.classPartition, void["class"], void.entities),
        ("properties", void.propertyPartition, void.property, void.triples),
    )
    for key, partition, names, counts in parts:
        graph.add((dataset, void[key], Literal(len(manifest[key]))))
        for iri, uses in manifest[key].items():
            part = BNode()
            graph.add((dataset, partition, part))
            graph.add((part, names, URIRef(iri)))
            graph.add((part, counts, Literal(uses)))
    return str(graph.serialize(format="turtle"))
