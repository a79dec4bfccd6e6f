"""The parts of a release that are made of its columns: text index and schema.

What can't be made is said, and the release is published without it: servers do without.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from loader.errors import ProcessLost
from loader.processes import Crew
from sparql_server.engine.text import FOLDER, SCHEMA

if TYPE_CHECKING:
    from loader.text.things import Things
    from loader.text.triples import Triples

logger = logging.getLogger(__name__)

Facts = dict[str, Any]

_MANY = 1_000_000  # quads: with fewer, a process takes longer to start than it saves


Check = Callable[[], None]
"""Raises if the work is to end."""


@dataclass(frozen=True, slots=True)
class Base:
    """Columns, and the text index of them, that others differ from in some graphs."""

    columns: Path
    text: Path
    graphs: Sequence[str]


@dataclass(frozen=True, slots=True)
class Part:
    """A part that is to be made: ``text`` or ``schema``.

    columns: what it is made of. folder: where it is made. number: of the release.
    """

    name: str
    columns: Path
    folder: Path
    number: int
    base: Base | None = None


def make_parts(folder: Path, number: int, base: Base | None = None) -> Facts:
    """Make the parts of a release in its folder, of its columns; return what the manifest says.

    base: a release to begin with, if there is one.
    """
    columns = folder / "columns"
    text, schema = (Part(name, columns, folder, number, base) for name in _WRITERS)
    if _count_quads(columns) < _MANY or os.cpu_count() == 1:
        facts = make_part(text), make_part(schema)
    else:
        facts = _make_both(text, schema)
    for part, said in zip((text, schema), facts, strict=True):
        if "missing" in said:
            reason = said["missing"]
            logger.warning("The release has no %s: %s. Servers do without it.", part.name, reason)
        else:
            logger.info("The release's %s is made, in %.1f s.", part.name, said["seconds"])
    return {"text": facts[0], "schema": facts[1]}


def _make_both(first: Part, second: Part) -> tuple[Facts, Facts]:
    """Make two parts at the same time, the second in a process of its own."""
    with Crew(make_part, size=1) as crew, ThreadPoolExecutor(1) as waiting:
        other = waiting.submit(next, crew.map([second]))
        made = make_part(first)
        try:
            return made, other.result()[1]
        except ProcessLost as error:
            return made, _missing(error)


def _count_quads(columns: Path) -> int:
    from sparql_server.engine.columns.storage.layout import ColumnsError, read_head

    try:
        return int(read_head(columns)[1]["quads"])
    except ColumnsError:
        return 0


def read_schema(folder: Path) -> Facts:
    """Return a release's schema; empty if it has none."""
    path = folder / SCHEMA
    return dict(orjson.loads(path.read_bytes())) if path.exists() else {}


def make_part(part: Part, check: Check = lambda: None) -> Facts:
    """Make a part; return what the manifest says of it, or why it is missing."""
    from loader.text.things import Things
    from loader.text.triples import Triples
    from sparql_server.engine.columns.storage.triples import Columns

    began = time.monotonic()
    try:
        triples = Triples(Columns.of(part.columns))
        facts = _WRITERS[part.name](part, triples, Things(triples), check)
    except (OSError, ValueError, MemoryError) as error:
        return _missing(error)
    return {**facts, "seconds": round(time.monotonic() - began, 2)}


def _missing(error: Exception) -> Facts:
    return {"missing": str(error) or "there is too little memory"}


def _write_text(part: Part, triples: Triples, things: Things, check: Check) -> Facts:
    from loader.text.index import write_index

    folder, base = part.folder, part.base
    try:
        updated = _update_text(folder, triples, things, base) if base else None
        return updated or write_index(folder / FOLDER, triples, things, check)
    except BaseException:
        shutil.rmtree(folder / FOLDER, ignore_errors=True)
        raise


def _update_text(folder: Path, triples: Triples, things: Things, base: Base) -> Facts | None:
    """Change the text index of a base; None where it has none, or too much has changed."""
    from loader.text.changed_entries import Changes, TooMuch
    from loader.text.index import update_index
    from loader.text.things import Things
    from loader.text.triples import Triples
    from sparql_server.engine.columns.storage.triples import Columns

    changes = Changes()
    try:
        if base.graphs:
            former = Triples(Columns.of(base.columns))
            changes.note(former, Things(former), base.graphs)
            changes.note(triples, things, base.graphs)
        return update_index(folder / FOLDER, base.text, changes, triples, things)
    except (TooMuch, ValueError, OSError) as error:
        logger.info("The text index is written anew%s", f": {error}." if str(error) else ".")
        shutil.rmtree(folder / FOLDER, ignore_errors=True)
        return None


def _write_schema(part: Part, triples: Triples, things: Things, check: Check) -> Facts:
    from loader.schema.schema import describe

    check()
    said = {"release": f"{part.number:04}", **describe(triples, things)}
    (part.folder / SCHEMA).write_bytes(orjson.dumps(said))
    return {"classes": len(said["classes"]), "properties": len(said["properties"])}


_WRITERS = {"text": _write_text, "schema": _write_schema}
