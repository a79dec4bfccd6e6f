"""The same triples for every engine: made once, loaded once by each, kept in benchmarks/out.

A folder's name has the number of titles and a digest of what the records are made from, so that
other records never meet an old load. A load that was interrupted is done again.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from measure import python, run

_HERE = Path(__file__).resolve().parent
_MAKERS = "authorities generate holdings identifiers shapes titles words".split()
VOCABULARY = _HERE.parents[1] / "shared" / "libris" / "vocab" / "idkbse.nq.gz"
_DUMP = """
import sys, pyoxigraph
store = pyoxigraph.Store.read_only(sys.argv[1])
store.dump(sys.argv[2], pyoxigraph.RdfFormat.N_QUADS)
print(len(store))
"""


def folder(out: Path, titles: int, vocabulary: Path | None) -> Path:
    """Return where everything about these records is kept."""
    digest = hashlib.sha256()
    for path in [_HERE / f"{name}.py" for name in _MAKERS] + ([vocabulary] if vocabulary else []):
        digest.update(path.read_bytes())
    return out / f"{titles}-{digest.hexdigest()[:10]}"


def once(made: Path, make: Callable[[Path], object]) -> Path:
    """Return a path after having it made, if it isn't there already; say so."""
    if not made.exists():
        print(f"making {made} ...", flush=True)
        made.parent.mkdir(parents=True, exist_ok=True)
        unfinished = made.with_name(f"{made.name}.part")
        shutil.rmtree(unfinished, ignore_errors=True)
        make(unfinished)
        unfinished.rename(made)
    return made


def records(kept: Path, titles: int) -> Path:
    """Return the generated records as JSON Lines."""
    return once(
        kept / "records.jsonl",
        lambda path: run(python(_HERE / "generate.py", titles, "--out", path)),
    )


def published(kept: Path, titles: int, vocabulary: Path | None) -> Path:
    """Return a data directory with one release, of the records and the vocabulary."""
    files = [records(kept, titles), *([vocabulary] if vocabulary else [])]

    def make(data: Path) -> None:
        run(python("-m", "loader.cli", "load", "--data", data, *files))
        run(python("-m", "loader.cli", "release", "--data", data))

    return once(kept / "data", make)


def quads(kept: Path) -> Path:
    """Return the release's quads as one N-Quads file, alone in its folder."""

    def make(folder: Path) -> None:
        folder.mkdir()
        store = kept / "data" / "current" / "store"
        run(python("-c", _DUMP, store, folder / "all.nq"))

    return once(kept / "quads", make) / "all.nq"
