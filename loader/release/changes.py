"""The log of what changed since the release before; and the logs of earlier releases, linked.

The graphs that the ledger has noted since that release are compared, else all of them: graph by
graph, so that it takes the memory of one. What a log is, is for ``sparql_server.changes.log``.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from loader import disk
from loader.archive.archive import Archive
from loader.errors import StoreError
from loader.progress import show_progress
from loader.release.paired_nodes import drop_pairs
from loader.store.columns_state import identify, noted_columns
from loader.store.contents.difference import list_changes
from loader.store.contents.graph_contents import RDF_TYPE, is_isomorphic
from loader.store.ledger import Ledger
from loader.store.store import GraphStore
from loader.transform.context import KBV
from sparql_server.changes.entries import CREATE, DELETE, FOLDER, UPDATE, Entry, LogError, Span
from sparql_server.changes.log import list_logs, read_head
from sparql_server.changes.log_writing import write_log

logger = logging.getLogger(__name__)

DERIVED = "urn:libris:changes:"
"""The beginning of the names of graphs that tell of changes; what changes in them isn't logged."""

_MAIN_ENTITY, _HELD_BY = f"<{KBV}mainEntity>", f"<{KBV}heldBy>"
_CREATED, _MODIFIED = f"<{KBV}created>", f"<{KBV}modified>"

Facts = dict[str, Any]


def make_log(
    archive: Archive, store: GraphStore, making: Path, former: Path | None, keep: int
) -> Facts:
    """Write what changed since a release into the folder of one that is being made.

    former: the folder of the release before; None: there is none, and nothing to compare with.
    keep: how many logs to have, the new one included; 0: none at all.
    Return what the manifest says. Without a log, the release is published all the same.
    """
    if not keep or former is None:
        return {}
    began = time.monotonic()
    folder = making / FOLDER
    try:
        earlier = _link_logs(former, folder, keep - 1)
        number, since = int(making.name), int(former.name)
        span = Span(earlier or _now(), _now())
        entries = _compare(archive, store, former)
        head = write_log(folder / f"{number:04}", number, since, span, entries)
    except (OSError, StoreError, LogError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        logger.warning("The release doesn't say what has changed: %s.", error)
        return {"missing": str(error)}
    disk.sync_folder(folder / f"{number:04}")
    seconds = round(time.monotonic() - began, 2)
    logger.info("%s graphs have changed since release %s.", f"{head.entries:,}", since)
    return {**head.counts, "since": since, "seconds": seconds}


def _now() -> int:
    return time.time_ns() // 1_000_000


def _link_logs(former: Path, folder: Path, keep: int) -> int:
    """Link the newest logs of a release; return the time of their last entry, 0 if there is none.

    Whoever follows the changes has to know them all: where a release between has no log, they
    begin anew.
    """
    logs = list_logs(former)
    ended = read_head(logs[-1]).ended if logs else 0
    if not logs or read_head(logs[-1]).release != int(former.name):
        return ended
    for log in logs[-keep:] if keep else []:
        (folder / log.name).mkdir(parents=True)
        for path in log.iterdir():
            os.link(path, folder / log.name / path.name)
    return ended


def _compare(archive: Archive, store: GraphStore, former: Path) -> Iterator[Entry]:
    """Yield the graphs in which a store differs from a release."""
    before = GraphStore(former / "store", read_only=True)
    noted = noted_columns(archive)
    if noted is not None and identify(former / "columns") == noted:
        names: Iterable[str] = Ledger(archive.connection).changed()
    else:
        logger.info("The whole store is compared with release %s.", int(former.name))
        names = _all_names(before, store)
    with show_progress("changes", None) as advance:
        for name in (name for name in names if not name.startswith(DERIVED)):
            entry = describe_change(name, before.graph(name), store.graph(name))
            if entry:
                yield entry
            advance(1)


def _all_names(before: GraphStore, after: GraphStore) -> Iterator[str]:
    yield from after.graph_names()
    yield from (name for name in before.graph_names() if not after.has_graph(name))


def describe_change(graph: str, before: list[str], after: list[str]) -> Entry | None:
    """Return a graph's change from some statements to others; None if it is the same graph."""
    if sorted(before) == sorted(after):
        return None
    compared = list_changes(before, after)
    is_same = not (compared.went or compared.came)
    if is_same if compared.is_certain else is_isomorphic(before, after):
        return None
    went, came = drop_pairs(compared.went, compared.came)
    new = set(came)
    kind = UPDATE if before and after else CREATE if after else DELETE
    facts = _read_facts(graph, after or before)
    kept = tuple(line for line in after if line not in new)
    return Entry(graph, kind, **facts, kept=kept, came=tuple(came), went=tuple(went))


def _read_facts(graph: str, statements: list[str]) -> dict[str, str]:
    """Return what a graph says of its record and the thing that this describes."""
    said = {tuple(line.split(" ", 2)[:2]): line.split(" ", 2)[2] for line in sorted(statements)}
    record = f"<{graph}>"
    thing = said.get((record, _MAIN_ENTITY), record)
    return {
        "thing": _strip(thing),
        "type": _strip(said.get((thing, RDF_TYPE), "")),
        "held_by": _strip(said.get((thing, _HELD_BY), "")),
        "created": _read_text(said.get((record, _CREATED), "")),
        "modified": _read_text(said.get((record, _MODIFIED), "")),
    }


def _strip(term: str) -> str:
    return term[1:-1] if term.startswith("<") else ""


def _read_text(literal: str) -> str:
    return literal[1:].partition('"')[0]
