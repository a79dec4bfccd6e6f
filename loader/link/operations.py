"""Linking as a whole: read, find, commit, publish; and the ways to take it back."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from loader.archive.archive import Archive
from loader.errors import LinkError
from loader.link.entities.extraction import read
from loader.link.extracts import extract_files
from loader.link.extracts.extract_files import Extracted
from loader.link.extracts.tables import Tables
from loader.link.matching.profiles import index
from loader.link.online.inquiry import Asker, Plan, plan
from loader.link.online.manners import Clock
from loader.link.online.services import Service
from loader.link.runs import judgements, publication, runs
from loader.link.runs.judgements import Judgement
from loader.link.runs.runs import Outcome
from loader.link.stages import Judged, find
from loader.progress import shown
from loader.store.pipeline import Report, bring_in_step, opened
from loader.workspace import Workspace

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Online:
    """How to ask services. contact: whom they can write to. replay: from the cache alone."""

    contact: str
    services: dict[str, Service]
    replay: bool = False
    clock: Clock = field(default_factory=Clock)


@contextmanager
def tables_of(workspace: Workspace) -> Iterator[Tables]:
    """Yield the tables, and close them."""
    tables = Tables(workspace.links)
    try:
        yield tables
    finally:
        tables.close()


@contextmanager
def linking(workspace: Workspace, command: str) -> Iterator[tuple[Archive, Tables]]:
    """Yield archive and tables, with nobody else about, and what a killed run left published."""
    with opened(workspace, command) as archive, tables_of(workspace) as tables:
        if tables.connection.execute("SELECT 1 FROM unpublished").fetchone():
            _publish(workspace, archive, tables)
        yield archive, tables


def link(
    workspace: Workspace,
    stages: Collection[str],
    *,
    dry_run: bool = False,
    online: Online | None = None,
) -> Outcome:
    """Find links and put them in force.

    dry_run: only return what would change. online: ask services about what is left open.
    Raises LinkError if an extract has not been read to its end.
    """
    with linking(workspace, "link") as (archive, tables):
        said = _prepare(workspace, archive, tables)
        if online is not None:
            _ask(workspace, tables, judgements.in_force(said), online)
        made_of = runs.inputs(archive, tables, said, stages)
        with shown("link", None) as advance:
            find(tables, judgements.in_force(said), stages, advance)
        if dry_run:
            return runs.preview(tables, made_of, stages)
        outcome = runs.commit(tables, made_of, stages)
        _publish(workspace, archive, tables)
    return outcome


def calls(workspace: Workspace, online: Online) -> dict[str, int]:
    """Return how many requests to each service asking would take at most. Nothing is sent."""
    with linking(workspace, "link") as (archive, tables):
        said = _prepare(workspace, archive, tables)
        return _plan(tables, judgements.in_force(said)).calls()


def _plan(tables: Tables, judged: Judged) -> Plan:
    with shown("identifiers", None) as advance:
        find(tables, judged, ("identifiers", "terms"), advance)
    return plan(tables)


def _ask(workspace: Workspace, tables: Tables, judged: Judged, online: Online) -> None:
    from loader.link.online.fetcher import Fetcher

    if online.replay:
        extract_files.forget_online(tables)
    made = _plan(tables, judged)
    clock = online.clock
    fetcher = Fetcher(tables, workspace.answers, online.contact, replay=online.replay, clock=clock)
    try:
        with shown("ask", None) as advance:
            asker = Asker(tables, fetcher, online.services, clock.now)
            asker.ask(made, advance)
        for name, count in sorted(fetcher.sent.items()):
            logger.info("%s: %s requests sent.", name, count)
    finally:
        fetcher.close()
    with shown("index", None) as advance:
        index(tables, advance)


def _prepare(workspace: Workspace, archive: Archive, tables: Tables) -> list[Judgement]:
    """Bring the tables in step with archive and extracts; return what people have said."""
    if unfinished := extract_files.unfinished(tables):
        raise LinkError(
            f"not read to its end yet: {', '.join(unfinished)}. The same extract command goes on;"
            " with --drop it forgets the file"
        )
    with shown("read", None) as advance:
        read(archive, tables, advance)
    with shown("index", None) as advance:
        index(tables, advance)
    return judgements.read(workspace.judgements)


def undo(workspace: Workspace, identity: str) -> Outcome:
    """Take a run back; raise LinkError if there is none of this name."""
    with linking(workspace, "link undo") as (archive, tables):
        outcome = runs.undo(tables, identity)
        _publish(workspace, archive, tables)
    return outcome


def extract(workspace: Workspace, source: str, paths: Sequence[Path]) -> Iterator[Extracted]:
    """Read files into the lookup tables, one after the other; yield what became of each."""
    with workspace.locked("link extract"), tables_of(workspace) as tables:
        for path in paths:
            with shown(path.name, None) as advance:
                yield extract_files.extract(tables, source, path, advance)
        with shown("index", None) as advance:
            index(tables, advance)


def drop(workspace: Workspace, source: str, paths: Sequence[Path]) -> list[str]:
    """Forget what files said; return the names of those that were known."""
    with workspace.locked("link extract"), tables_of(workspace) as tables:
        return [path.name for path in paths if extract_files.drop(tables, source, path)]


def _publish(workspace: Workspace, archive: Archive, tables: Tables) -> None:
    publication.publish(archive, tables, judgements.read(workspace.judgements))
    bring_in_step(workspace, archive, Report())
