"""The parts of a release that are made of what its store holds: text index and schema.

What can't be made is said, and the release is published without it: servers do without.
"""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from sparql_server.engine.text import FOLDER, SCHEMA

if TYPE_CHECKING:
    from loader.text.things import Things
    from loader.text.triples import Triples

logger = logging.getLogger(__name__)

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Base:
    """A release that the new one differs from in some graphs. folder: its own."""

    folder: Path
    graphs: Sequence[str]


def make_parts(folder: Path, number: int, base: Base | None = None) -> Facts:
    """Make the parts of a release in its folder, of its columns; return what the manifest says.

    base: a release to begin with, if there is one.
    """
    from loader.text.things import Things
    from loader.text.triples import Triples
    from sparql_server.engine.columns.storage.triples import Columns

    try:
        triples = Triples(Columns.of(folder / "columns"))
        things = Things(triples)
    except (ValueError, MemoryError) as error:
        return {name: _missing(name, error) for name in ("text", "schema")}
    return {
        "text": _make("text", lambda: _write_text(folder, triples, things, base)),
        "schema": _make("schema", lambda: _write_schema(folder, triples, things, number)),
    }


def read_schema(folder: Path) -> Facts:
    """Return a release's schema; empty if it has none."""
    path = folder / SCHEMA
    return dict(orjson.loads(path.read_bytes())) if path.exists() else {}


def _make(name: str, make: Callable[[], Facts]) -> Facts:
    began = time.monotonic()
    try:
        facts = make()
    except (OSError, ValueError, MemoryError) as error:
        return _missing(name, error)
    seconds = time.monotonic() - began
    logger.info("The release's %s is made, in %.1f s.", name, seconds)
    return {**facts, "seconds": round(seconds, 2)}


def _missing(name: str, error: Exception) -> Facts:
    reason = str(error) or "there is too little memory"
    logger.warning("The release has no %s: %s. Servers do without it.", name, reason)
    return {"missing": reason}


def _write_text(folder: Path, triples: Triples, things: Things, base: Base | None) -> Facts:
    from loader.text.index import write_index

    try:
        updated = _update_text(folder, triples, things, base) if base else None
        return updated or write_index(folder / FOLDER, triples, things)
    except BaseException:
        shutil.rmtree(folder / FOLDER, ignore_errors=True)
        raise


def _update_text(folder: Path, triples: Triples, things: Things, base: Base) -> Facts | None:
    """Change the text index of a base; None where it has none, or too much has changed."""
    from loader.text.changes import Changes, TooMuch
    from loader.text.index import update_index
    from loader.text.things import Things
    from loader.text.triples import Triples
    from sparql_server.engine.columns.storage.triples import Columns

    changes = Changes()
    try:
        if base.graphs:
            former = Triples(Columns.of(base.folder / "columns"))
            changes.note(former, Things(former), base.graphs)
            changes.note(triples, things, base.graphs)
        return update_index(folder / FOLDER, base.folder / FOLDER, changes, triples, things)
    except (TooMuch, ValueError, OSError) as error:
        logger.info("The text index is written anew%s", f": {error}." if str(error) else ".")
        shutil.rmtree(folder / FOLDER, ignore_errors=True)
        return None


def _write_schema(folder: Path, triples: Triples, things: Things, number: int) -> Facts:
    from loader.schema.schema import describe

    said = {"release": f"{number:04}", **describe(triples, things)}
    (folder / SCHEMA).write_bytes(orjson.dumps(said))
    return {"classes": len(said["classes"]), "properties": len(said["properties"])}
