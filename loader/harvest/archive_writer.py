"""Writer of harvested items to the archive, prepared here or, if many, by other processes."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import chain
from pickle import PickleBuffer

from loader import dates
from loader.archive.archive import Archive, Arrival, Packed, identifier
from loader.archive.cursors import Cursors, Run, Selection
from loader.archive.former_addresses import LegacyAddresses
from loader.errors import LoaderError, PageSpoilt, ProviderRefuses
from loader.processes import Crew
from loader.provider.harvest_report import Counts
from loader.provider.oai.page_worker import ReadPage, UnreadPage, prepare_records, read_unread
from loader.provider.oai.paging import Pages, Step
from loader.provider.records import Item, Load, Ready

MANY = 1_000_000
"""Bytes of metadata after which processes are worth the time they take to start."""

_BESIDE = 2  # processes: one has as much to do as is left for this one, and would wait at times


class _StepsUnderWay:
    """Steps that are on their way to the archive. failure: the error that ended them early.

    It follows what a run has come to, as that isn't known when pages are asked for.
    """

    def __init__(self, run: Run) -> None:
        self.waiting: deque[Step] = deque()
        self.failure: LoaderError | None = None
        self._run = run
        self._within = 0  # items of the page whose end hasn't come

    def next(self, reading: ReadPage) -> Step:
        """Return the next step, with what has been read of it; PageSpoilt if that isn't whole."""
        step = self.waiting.popleft()
        if step.body is not None and (reading.failure or reading.token != step.run.token):
            if isinstance(self.failure, ProviderRefuses):
                raise self.failure  # what else went wrong may come of this page
            raise PageSpoilt(reading.failure or "a page with two tokens")
        step = replace(step, items=reading.gone, received=reading.received, body=None)
        self._run = self._behind(step, reading)
        return replace(step, run=self._run)

    def _behind(self, step: Step, reading: ReadPage) -> Run:
        """Return the run behind a step; a list that has begun anew counts anew."""
        known = self._run
        if known.opened != step.run.opened:
            known, self._within = replace(known, received=0, size=None), 0
        self._within += step.received
        received, size = known.received, reading.size or step.run.size or known.size
        if step.ends_page:
            received, self._within = received + self._within, 0
        reached = max(
            datestamp or "" for datestamp in (known.reached, reading.reached, step.run.reached)
        )
        return replace(step.run, reached=reached or None, received=received, size=size)


class ArchiveWriter:
    """Writes what one provider sends to an archive."""

    def __init__(self, archive: Archive, source: int, *, keep_history: bool = False) -> None:
        self._archive = archive
        self._cursors = Cursors(archive.connection)
        self._addresses = LegacyAddresses(archive)
        self.source = source
        self._keep_history = keep_history

    def ready_steps(
        self, pages: Pages, selection: Selection, run: Run
    ) -> Iterator[tuple[Step, Ready]]:
        """Yield each step from where a run stands, with its items ready for ``take``, in order.

        When many come, the next page is asked for while processes read the former ones. What came
        before an error is yielded before it is raised. Raises OaiError, ProviderRefuses, and
        PageSpoilt for a page that is to be asked for again.
        """
        size = 0
        for step in pages.follow(selection, run):
            size += sum(len(item.metadata or b"") for item in step.items)
            if size > MANY and step.ends_page and not step.ends_run:
                yield from self._ready_beside(step, pages, selection)
                return
            yield self._ready_step(step, selection)

    def _ready_beside(
        self, first: Step, pages: Pages, selection: Selection
    ) -> Iterator[tuple[Step, Ready]]:
        under_way = _StepsUnderWay(first.run)
        steps = pages.follow_unread(selection, first.run)
        loads = self._loads(steps, selection.prefix, under_way)
        with Crew(read_unread, _BESIDE) as crew, closing(crew.map(loads)) as results:
            yield self._ready_step(first, selection)  # while they start
            for _, reading in results:
                yield under_way.next(reading), reading.ready
        if under_way.failure:
            raise under_way.failure

    def _loads(
        self, steps: Iterator[Step], prefix: str, under_way: _StepsUnderWay
    ) -> Iterator[UnreadPage]:
        try:
            for number, step in enumerate(steps):
                under_way.waiting.append(step)
                # Not those under way at the same time, which would learn the same.
                load = self._load(step.items, prefix, number % (_BESIDE + 1) == 0)
                yield UnreadPage(PickleBuffer(step.body) if step.body else None, load)
        except LoaderError as error:
            under_way.failure = error

    def _load(self, items: Sequence[Item], prefix: str, may_learn: bool = True) -> Load:
        compression = self._archive.compression
        may_learn = may_learn and compression.may_learn
        return Load(items, prefix, self.source, compression.dictionary, may_learn)

    def ready_items(self, items: Sequence[Item], prefix: str) -> tuple[list[Item], Ready]:
        """Return the newest of some items, and those ready for ``take``."""
        return prepare_records(self._load(items, prefix))

    def _ready_step(self, step: Step, selection: Selection) -> tuple[Step, Ready]:
        items, ready = self.ready_items(step.items, selection.prefix)
        return replace(step, items=items), ready

    def take(
        self,
        selection: Selection,
        items: Sequence[Item],
        ready: Ready,
        counts: Counts,
        since: str | None,
    ) -> None:
        """Write items to the archive and count them; belongs within a transaction.

        items: as ``ready`` returns them; of those that are not deleted nothing is used.
        since: when the run began that brings them; None takes them whatever the archive has.
        """
        now = dates.now()
        self._archive.compression.adopt(ready.learnt)
        rows = list(map(Packed._make, zip(*ready.packed, strict=True)))
        gone = [item for item in items if item.deleted]
        graphs = (row.name.partition(" ")[0] for row in rows)
        self._archive.take_back(self.source, chain(graphs, (item.identifier for item in gone)))
        for name, reason, content in ready.failed:
            self._archive.set_aside(self.source, name, reason, content)
        before = self._archive.newest() if not ready.beside else sys.maxsize
        new, changed = self._archive.store_packed(
            rows, self.source, now, since=since, keep_history=self._keep_history
        )
        counts.deleted += self._delete(selection, gone, now, since)
        counts.new += new
        counts.changed += changed
        counts.unchanged += len(rows) - new - changed
        counts.quarantined += len(ready.failed)
        own = (row.name for row in rows if row.name not in ready.beside)
        self._cursors.select(selection.id, own, before)

    def _delete(
        self, selection: Selection, gone: Sequence[Item], now: str, since: str | None
    ) -> int:
        deletions = [
            (self.name(item, selection), format_of(selection), item.datestamp) for item in gone
        ]
        return self._archive.delete(deletions, self.source, now, since=since)

    def delete_late(self, run: Run) -> int:
        """Delete records that had come after their deletion, which called them by an old address.

        Belongs within a transaction. Returns how many they were.
        """
        late = [(name, "jsonld", when) for name, when in self._addresses.late()]
        return self._archive.delete(late, self.source, dates.now(), since=run.opened)

    def name(self, item: Item, selection: Selection) -> str:
        """Return the name that an item has in the archive; belongs within a transaction."""
        form = format_of(selection)
        graph = item.identifier
        if item.deleted and form == "jsonld":
            graph = self._addresses.current(graph)
        return identifier(Arrival(graph, form, b""), self.source)


def count_step(step: Step, counts: Counts) -> None:
    """Count a step that has been committed."""
    counts.received += step.received
    counts.pages += step.ends_page
    counts.finished = step.ends_run


def format_of(selection: Selection) -> str:
    """Return the format of what a selection brings, as the archive calls it."""
    return "jsonld" if selection.prefix.startswith("jsonld") else "ntriples"
