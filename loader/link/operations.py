"""The operations of linking: read, find, commit, publish; and the ways to take links back."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from loader.archive.archive import Archive
from loader.errors import LinkError
from loader.link.entities.extraction import read_entities
from loader.link.extracts import extract_files
from loader.link.extracts.extract_files import Extracted
from loader.link.extracts.link_database import Tables
from loader.link.matching.indexing import index_authorities
from loader.link.online.inquiry import Asker, Plan, plan_questions
from loader.link.online.manners import Clock
from loader.link.online.services import Service
from loader.link.runs import judgements, publication, runs
from loader.link.runs.judgements import Judgement
from loader.link.runs.runs import Outcome
from loader.link.stages import Judged, find_links
from loader.progress import show_progress
from loader.store.pipeline import Report, bring_in_step, opened
from loader.workspace import Workspace

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Online:
    """Settings for asking services. contact: for them to write to. replay: from the cache alone."""

    contact: str
    services: dict[str, Service]
    replay: bool = False
    clock: Clock = field(default_factory=Clock)


@contextmanager
def open_tables(workspace: Workspace) -> Iterator[Tables]:
    """Yield the tables, and close them."""
    tables = Tables(workspace.links)
    try:
        yield tables
    finally:
        tables.close()


@contextmanager
def open_for_linking(workspace: Workspace, command: str) -> Iterator[tuple[Archive, Tables]]:
    """Yield archive and tables, with nobody else about, and what a killed run left published."""
    with opened(workspace, command) as archive, open_tables(workspace) as tables:
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
    with open_for_linking(workspace, "link") as (archive, tables):
        said = _prepare(workspace, archive, tables)
        if online is not None:
            _ask(workspace, tables, judgements.pick_latest(said), online)
        made_of = runs.list_inputs(archive, tables, said, stages)
        with show_progress("link", None) as advance:
            find_links(tables, judgements.pick_latest(said), stages, advance)
        if dry_run:
            return runs.preview_run(tables, made_of, stages)
        outcome = runs.commit_run(tables, made_of, stages)
        _publish(workspace, archive, tables)
    return outcome


def count_requests(workspace: Workspace, online: Online) -> dict[str, int]:
    """Return how many requests to each service asking would take at most. Nothing is sent."""
    with open_for_linking(workspace, "link") as (archive, tables):
        said = _prepare(workspace, archive, tables)
        return _plan(tables, judgements.pick_latest(said)).count_requests()


def _plan(tables: Tables, judged: Judged) -> Plan:
    with show_progress("identifiers", None) as advance:
        find_links(tables, judged, ("identifiers", "terms"), advance)
    return plan_questions(tables)


def _ask(workspace: Workspace, tables: Tables, judged: Judged, online: Online) -> None:
    from loader.link.online.fetcher import Fetcher

    if online.replay:
        extract_files.forget_answers(tables)
    made = _plan(tables, judged)
    clock = online.clock
    fetcher = Fetcher(tables, workspace.answers, online.contact, replay=online.replay, clock=clock)
    try:
        with show_progress("ask", None) as advance:
            asker = Asker(tables, fetcher, online.services, clock.now)
            asker.ask(made, advance)
        for name, count in sorted(fetcher.sent.items()):
            logger.info("%s: %s requests sent.", name, count)
    finally:
        fetcher.close()
    with show_progress("index", None) as advance:
        index_authorities(tables, advance)


def _prepare(workspace: Workspace, archive: Archive, tables: Tables) -> list[Judgement]:
    """Bring the tables in step with archive and extracts; return what people have said."""
    if unfinished := extract_files.list_unfinished(tables):
        raise LinkError(
            f"not read to its end yet: {', '.join(unfinished)}. The same extract command goes on;"
            " with --drop it forgets the file"
        )
    with show_progress("read", None) as advance:
        read_entities(archive, tables, advance)
    with show_progress("index", None) as advance:
        index_authorities(tables, advance)
    return judgements.read_judgements(workspace.judgements)


def undo_run(workspace: Workspace, identity: str) -> Outcome:
    """Take a run back; raise LinkError if there is none of this name."""
    with open_for_linking(workspace, "link undo") as (archive, tables):
        outcome = runs.undo_run(tables, identity)
        _publish(workspace, archive, tables)
    return outcome


def read_extracts(workspace: Workspace, source: str, paths: Sequence[Path]) -> Iterator[Extracted]:
    """Read files into the lookup tables, one after the other; yield what became of each."""
    with workspace.locked("link extract"), open_tables(workspace) as tables:
        for path in paths:
            with show_progress(path.name, None) as advance:
                yield extract_files.read_extract(tables, source, path, advance)
        with show_progress("index", None) as advance:
            index_authorities(tables, advance)


def drop_extracts(workspace: Workspace, source: str, paths: Sequence[Path]) -> list[str]:
    """Forget what files said; return the names of those that were known."""
    with workspace.locked("link extract"), open_tables(workspace) as tables:
        return [path.name for path in paths if extract_files.drop_extract(tables, source, path)]


def _publish(workspace: Workspace, archive: Archive, tables: Tables) -> None:
    publication.publish_runs(archive, tables, judgements.read_judgements(workspace.judgements))
    bring_in_step(workspace, archive, Report())
