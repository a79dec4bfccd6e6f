"""The dumps that a release has, as its manifest lists them; none of them is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sparql_server.engine.releases import Release
from sparql_server.records.kinds import KINDS

FOLDER = "dumps"
"""The folder of a release that they lie in."""

_MEDIA_TYPES = {".gz": "application/gzip", ".zst": "application/zstd"}
_COUNTS = ("bytes", "plain", "quads", "graphs")
_EVERYTHING = ("Allt", "Everything")


@dataclass(frozen=True, slots=True)
class Dump:
    """A file. kind: of the records in it, or ``all``. bytes: its size; plain: uncompressed."""

    name: str
    kind: str
    path: Path
    bytes: int
    plain: int
    quads: int
    graphs: int
    sha256: str

    @property
    def media_type(self) -> str:
        """The media type of the file, which is that of its compression."""
        return _MEDIA_TYPES[self.path.suffix]

    @property
    def title(self) -> dict[str, str]:
        """The name of the records in it, by language."""
        sv, en = KINDS.get(self.kind, _EVERYTHING)
        return {"sv": sv, "en": en}


def list_dumps(release: Release, manifest: Mapping[str, Any]) -> list[Dump]:
    """Return the dumps of a release; none if it has none, or its manifest doesn't know them."""
    sums, dumps = manifest.get("files", {}), []
    for said in manifest.get("parts", {}).get(FOLDER, {}).get("files", ()):
        path = release.path / FOLDER / said["name"]
        checksum = sums.get(f"{FOLDER}/{said['name']}", {}).get("sha256")
        if checksum and path.suffix in _MEDIA_TYPES:
            size, plain, quads, graphs = (int(said[name]) for name in _COUNTS)
            name, kind = str(said["name"]), str(said["kind"])
            dumps.append(Dump(name, kind, path, size, plain, quads, graphs, checksum))
    return dumps


def write_checksums(dumps: Iterable[Dump]) -> str:
    """Return the checksums of dumps as ``sha256sum --check`` reads them."""
    return "".join(f"{dump.sha256}  {dump.name}\n" for dump in dumps)
