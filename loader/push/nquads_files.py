"""The store as N-Quads files, in parts that a remote store's bulk loader takes side by side.

N-Quads: https://www.w3.org/TR/n-quads/
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import orjson

from loader.errors import PushError

_QUADS = 2_000_000  # after which a part ends, at the end of a graph: blank nodes stay together


@dataclass(slots=True)
class Part:
    """A file of N-Quads. sha256: of the file, compressed as it is."""

    file: str
    quads: int = 0
    graphs: int = 0
    sha256: str = ""


@dataclass(slots=True)
class NQuadsFiles:
    """Writes graphs into parts in a folder that is new or empty; used in a ``with`` statement."""

    folder: Path
    size: int = _QUADS
    parts: list[Part] = field(default_factory=list)
    _open: gzip.GzipFile | None = None

    def __enter__(self) -> NQuadsFiles:
        self.folder.mkdir(parents=True, exist_ok=True)
        if any(self.folder.iterdir()):
            raise PushError(f"{self.folder} is not empty")
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def write(self, graph: str, statements: Sequence[str]) -> None:
        """Write one graph."""
        if self._open is None:
            self.parts.append(Part(f"{len(self.parts) + 1:04}.nq.gz"))
            # Level 1: half the time, and hardly larger, with text that repeats so much.
            self._open = gzip.open(self.folder / self.parts[-1].file, "wb", compresslevel=1)  # noqa: SIM115
        end = f" <{graph}> .\n"
        self._open.write("".join(line + end for line in statements).encode())
        part = self.parts[-1]
        part.quads += len(statements)
        part.graphs += 1
        if part.quads >= self.size:
            self._close()

    def finish(self, about: dict[str, object]) -> None:
        """Write the manifest; without it a folder isn't whole."""
        self._close()
        manifest = about | {"parts": [asdict(part) for part in self.parts]}
        (self.folder / "manifest.json").write_bytes(
            orjson.dumps(manifest, option=orjson.OPT_INDENT_2)
        )

    def _close(self) -> None:
        if self._open is not None:
            self._open.close()
            self._open = None
            part = self.parts[-1]
            with open(self.folder / part.file, "rb") as stream:
                part.sha256 = hashlib.file_digest(stream, "sha256").hexdigest()


def load_commands(folder: Path, files: Iterable[str]) -> list[str]:
    """Return the command lines that load the parts into the stores we know."""
    place = folder.resolve()
    names = " ".join(str(place / name) for name in files)
    return [
        f"isql-vt 1111 dba dba exec=\"ld_dir('{place}', '*.nq.gz', 'urn:libris:none');"
        ' rdf_loader_run(); checkpoint;"',
        f"oxigraph load --location DIR --file {names}",
        f"zcat {names} | qlever-index -i libris -F nq -f -",
    ]
