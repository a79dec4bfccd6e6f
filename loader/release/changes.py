"""The log of what changed since the release before; and the logs of earlier releases, linked.

The graphs that the ledger has noted since that release are compared, else all of them: graph by
graph, so that it takes the memory of one. What a log is, is for ``sparql_server.changes.log``.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loader import disk
from loader.archive.archive import Archive
from loader.errors import ProcessLost, StoreError
from loader.processes import Crew
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

_MANY = 200  # graphs that are worth a process

_MAIN_ENTITY, _HELD_BY = f"<{KBV}mainEntity>", f"<{KBV}heldBy>"
_CREATED, _MODIFIED = f"<{KBV}created>", f"<{KBV}modified>"

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """A log that is to be made.

    making: the folder of a release that is being made. former: that of the one before.
    keep: how many logs to have, the new one included. graphs: those that may differ; None: all.
    """

    making: Path
    former: Path
    keep: int
    graphs: tuple[str, ...] | None


Log = Plan | Facts
"""A log that is to be made, or what the manifest says of one that is there: nothing without one."""


def plan_log(archive: Archive, making: Path, former: Path | None, keep: int) -> Log:
    """Return which log a release is to have.

    former: the folder of the release before; None: there is none, and nothing to compare with.
    keep: how many logs to have; 0: none at all.
    """
    if not keep or former is None:
        return {}
    noted = noted_columns(archive)
    is_known = noted is not None and identify(former / "columns") == noted
    graphs = tuple(Ledger(archive.connection).changed()) if is_known else None
    return Plan(making, former, keep, graphs)


@contextmanager
def making_log(plan: Log) -> Iterator[Callable[[], Facts]]:
    """Make a log while the block runs, if it takes long and isn't there; yield what waits for it.

    The folder of the release has its snapshot of the store already.
    """
    if not isinstance(plan, Plan) or not _goes_beside(plan):
        facts = make_log(plan)
        yield lambda: facts
        return
    with Crew(_write_log, size=1) as crew, ThreadPoolExecutor(1) as waiting:
        made = waiting.submit(next, crew.map([plan]))
        yield lambda: _tell(_await_log(plan, made))


def _goes_beside(plan: Plan) -> bool:
    """Tell whether a log is made in a process: with fewer graphs, that takes longer to start.

    How far it is with all graphs is shown, which takes a process of no other work.
    """
    return plan.graphs is not None and len(plan.graphs) >= _MANY and os.cpu_count() != 1


def _await_log(plan: Plan, made: Future[tuple[Plan, Facts]]) -> Facts:
    try:
        return made.result()[1]
    except ProcessLost as error:
        shutil.rmtree(plan.making / FOLDER, ignore_errors=True)
        return {"missing": str(error)}


def _tell(facts: Facts) -> Facts:
    """Say what a log has, or why there is none; return it."""
    if "missing" in facts:
        logger.warning("The release doesn't say what has changed: %s.", facts["missing"])
    elif facts:
        count = sum(facts.get(kind, 0) for kind in (CREATE, UPDATE, DELETE))
        logger.info("%s graphs have changed since release %s.", f"{count:,}", facts["since"])
    return facts


def make_log(plan: Log, store: GraphStore | None = None) -> Facts:
    """Write what changed since a release into the folder of one that is being made, if it isn't.

    store: what there is now, if that isn't the snapshot in the folder.
    Return what the manifest says. Without a log, the release is published all the same.
    """
    return _tell(_write_log(plan, store)) if isinstance(plan, Plan) else plan


def _write_log(plan: Plan, store: GraphStore | None = None) -> Facts:
    began = time.monotonic()
    folder = plan.making / FOLDER
    try:
        after = store or GraphStore(plan.making / "store", read_only=True)
        earlier = _link_logs(plan.former, folder, plan.keep - 1)
        number, since = int(plan.making.name), int(plan.former.name)
        span = Span(earlier or _now(), _now())
        head = write_log(folder / f"{number:04}", number, since, span, _compare(plan, after))
        disk.sync_folder(folder / f"{number:04}")
    except (OSError, StoreError, LogError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        return {"missing": str(error)}
    seconds = round(time.monotonic() - began, 2)
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


def _compare(plan: Plan, after: GraphStore) -> Iterator[Entry]:
    """Yield the graphs in which a store differs from a release."""
    before = GraphStore(plan.former / "store", read_only=True)
    names: Iterable[str] | None = plan.graphs
    if names is None:
        logger.info("The whole store is compared with release %s.", int(plan.former.name))
        names = _all_names(before, after)
    with show_progress("changes", None) as advance:
        for name in (name for name in names if not name.startswith(DERIVED)):
            entry = describe_change(name, before.graph(name), after.graph(name))
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
