"""Transfer to a remote store: each graph that has changed, replaced whole; then the marker.

The marker is a graph that says which state of the data the remote store holds. Its number grows
when a push begins to change things and when it has ended, so that whoever keeps answers by number
keeps none from amid a change.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypeVar

from loader.archive.archive import Archive
from loader.errors import PushError
from loader.interrupts import catch_interrupts
from loader.progress import Advance, show_progress
from loader.push.graph_store_client import RemoteStore
from loader.push.nquads_files import NQuadsFiles, load_commands
from loader.push.release_marker import MARKER, make_marker, read_marker
from loader.push.sent_graphs import SentGraphs, Target
from loader.store.pipeline import opened
from loader.store.store import GraphStore
from loader.workspace import Workspace

logger = logging.getLogger(__name__)

T = TypeVar("T")


_NOTED = 100  # graphs between two notes in the archive: a killed run sends so many again
_ASKED = 200  # graphs counted in one query


@dataclass(slots=True)
class PushReport:
    """The result of a push. finished: whether the remote store holds all of it."""

    sent: int = 0
    quads: int = 0
    deleted: int = 0
    release: int = 0
    retries: int = 0
    seconds: float = 0.0
    finished: bool = True


def push(
    workspace: Workspace, remote: RemoteStore, *, everything: bool = False, connections: int = 4
) -> PushReport:
    """Send what has changed since the last push, and delete what is gone.

    everything: send all graphs, whatever was sent before. connections: requests at once.
    Raises PushError; what was sent by then is noted.
    """
    start = time.monotonic()
    with opened(workspace, "push") as archive:
        run = _Push(archive, _store(workspace), remote)
        run.begin(everything)
        run.send(connections)
    run.report.seconds = time.monotonic() - start
    run.report.retries = remote.retries
    return run.report


def _store(workspace: Workspace) -> GraphStore:
    if not workspace.store.exists():
        raise PushError("there is nothing to push: load something first")
    return GraphStore(workspace.store)


class _Push:
    def __init__(self, archive: Archive, store: GraphStore, remote: RemoteStore) -> None:
        self._archive = archive
        self._store = store
        self._remote = remote
        self._sent = SentGraphs(archive.connection)
        self._target = self._sent.find_target(remote.url)
        self.report = PushReport()

    def begin(self, everything: bool) -> None:
        """Read the marker; forget what was sent if the remote store isn't as we left it."""
        release, mark = read_marker(self._remote.get(MARKER))
        self.report.release = max(release, self._target.release)
        is_ours = mark == self._target.mark
        if not is_ours and self._target.release:
            logger.warning("%s has another marker than ours: sending everything.", self._remote.url)
        if everything or not is_ours:
            with self._archive.transaction():
                self._sent.forget(self._target)

    def send(self, connections: int) -> None:
        """Send what differs, the marker last; where nothing differs, nothing is sent."""
        changed, gone = self._sent.compare(self._target)
        if not changed and not gone:
            return
        self._mark()
        with catch_interrupts() as stop, show_progress("push", changed + gone) as advance:
            for done in _run_batches(
                self._delete, self._sent.graphs_to_delete(self._target), stop, connections
            ):
                with self._archive.transaction():
                    self._sent.note_deleted(self._target, done)
                self.report.deleted += len(done)
                advance(len(done))
            self._send(stop, connections, advance)
        remaining = changed + gone - self.report.sent - self.report.deleted
        self.report.finished = not remaining
        if not remaining:
            self._mark()

    def _send(self, stop: Callable[[], bool], connections: int, advance: Advance) -> None:
        changed = self._sent.graphs_to_send(self._target)
        # The store is read in this thread, the requests are the others'.
        read = ((name, digest, self._store.graph(name)) for name, digest in changed)
        for done in _run_batches(self._put, read, stop, connections):
            with self._archive.transaction():
                self._sent.note(self._target, done)
            self.report.sent += len(done)
            self.report.quads += sum(quads for _, _, quads in done)
            advance(len(done))

    def _put(self, graph: tuple[str, bytes, list[str]]) -> tuple[str, bytes, int]:
        name, digest, statements = graph
        if statements:
            self._remote.put(name, "".join(f"{line} .\n" for line in statements).encode())
        else:
            self._remote.delete(name)
        return name, digest, len(statements)

    def _delete(self, graph: str) -> str:
        self._remote.delete(graph)
        return graph

    def _mark(self) -> None:
        self.report.release += 1
        with self._archive.transaction():
            self._sent.note_number(self._target, self.report.release)
        statements = make_marker(self._archive, self._sent, self._target, self.report.release)
        self._remote.put(MARKER, "".join(f"{line} .\n" for line in statements).encode())


def _run_batches(
    work: Callable[..., T], items: Iterable[object], stop: Callable[[], bool], connections: int
) -> Iterator[list[T]]:
    """Yield what work makes of items, a batch at a time; an error comes after what went well."""
    waiting = iter(items)
    with ThreadPoolExecutor(connections) as pool:
        while not stop() and (
            batch := [pool.submit(work, item) for item in islice(waiting, _NOTED)]
        ):
            done, failure = _collect(batch)
            yield done
            if failure is not None:
                raise failure


def _collect(batch: Iterable[Future[T]]) -> tuple[list[T], PushError | None]:
    done, failure = [], None
    for future in batch:
        try:
            done.append(future.result())
        except PushError as error:
            failure = error
    return done, failure


def find_differences(workspace: Workspace, remote: RemoteStore, endpoint: str) -> Iterator[str]:
    """Yield a sentence for each graph that the remote store doesn't hold as it was given.

    endpoint: where it answers queries. Each graph's triples are counted.
    """
    with opened(workspace, "push") as archive:
        sent = SentGraphs(archive.connection)
        target = sent.find_target(remote.url)
        changed, gone = sent.compare(target)
        if changed or gone:
            yield f"{changed + gone} graphs have changed since the last push"
        graphs, _ = sent.count_all(target)
        holdings = sent.list_graphs(target)
        with show_progress("verify", graphs) as advance:
            while batch := dict(islice(holdings, _ASKED)):
                found = remote.counts(endpoint, batch)
                for graph, quads in batch.items():
                    if found.get(graph, 0) != quads:
                        yield f"<{graph}> has {found.get(graph, 0)} triples there, {quads} here"
                advance(len(batch))


def write_files(workspace: Workspace, url: str, folder: Path) -> tuple[PushReport, list[str]]:
    """Write all graphs and the marker as N-Quads files; note them as sent to the target.

    Should they never be loaded there, the next push finds no marker, and sends everything.
    Returns the command lines that load them, too.
    """
    start = time.monotonic()
    report = PushReport()
    with opened(workspace, "push") as archive, NQuadsFiles(folder) as files:
        sent, store = SentGraphs(archive.connection), _store(workspace)
        with archive.transaction():
            target = sent.find_target(url)
            report.release = target.release + 1
            sent.forget(target)
            _write_graphs(sent, target, store, files, report)
            sent.note_number(target, report.release)
            files.write(MARKER, make_marker(archive, sent, target, report.release))
            files.finish({"target": url, "release": report.release, "quads": report.quads})
    report.seconds = time.monotonic() - start
    return report, load_commands(folder, [part.file for part in files.parts])


def _write_graphs(
    sent: SentGraphs, target: Target, store: GraphStore, files: NQuadsFiles, report: PushReport
) -> None:
    changed, _ = sent.compare(target)
    with show_progress("write", changed) as advance:
        for name, digest in sent.graphs_to_send(target):
            statements = store.graph(name)
            if statements:
                files.write(name, statements)
            sent.note(target, [(name, digest, len(statements))])
            report.sent += 1
            report.quads += len(statements)
            advance(1)
