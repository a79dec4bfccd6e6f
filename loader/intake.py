"""Items into the archive: made ready on the spot, or beside it when many come."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from itertools import chain
from pickle import PickleBuffer

from loader import dates
from loader.archive import Archive, Arrival, Packed, identifier
from loader.crew import Crew
from loader.cursors import Cursors, Run, Selection
from loader.errors import LoaderError, PageSpoilt, ProviderRefuses
from loader.page_reader import Reading, Unread, read
from loader.pages import Pages, Step
from loader.records import Item, Load, Ready, make_ready
from loader.reports import Counts

MANY = 1_000_000
"""Bytes of metadata after which processes are worth the time they take to start."""

_BESIDE = 2  # processes: one has as much to do as is left for this one, and would wait at times


@dataclass(slots=True)
class _Coming:
    """Steps on their way to the archive. failure: what ended them early.

    reached: the latest datestamp of those before.
    """

    reached: str | None
    waiting: deque[Step] = field(default_factory=deque)
    failure: LoaderError | None = None

    def next(self, reading: Reading) -> Step:
        """Return the next step, with what has been read of it; PageSpoilt if that isn't whole."""
        step = self.waiting.popleft()
        if step.body is not None:
            if reading.failure or reading.token != step.run.token:
                if isinstance(self.failure, ProviderRefuses):
                    raise self.failure  # what else went wrong may come of this page
                raise PageSpoilt(reading.failure or "a page with two tokens")
            step = replace(step, items=reading.gone, received=reading.received, body=None)
        reached = max(one or "" for one in (self.reached, reading.reached, step.run.reached))
        self.reached = reached or None
        return replace(step, run=replace(step.run, reached=self.reached))


class Intake:
    """Takes what one provider sends into an archive."""

    def __init__(self, archive: Archive, source: int, *, keep_history: bool = False) -> None:
        self._archive = archive
        self._cursors = Cursors(archive.connection)
        self.source = source
        self._keep_history = keep_history

    def readied(self, pages: Pages, selection: Selection, run: Run) -> Iterator[tuple[Step, Ready]]:
        """Yield each step from where a run stands, with its items ready for ``take``, in order.

        When many come, the next page is asked for while processes read the former ones. What came
        before an error is yielded before it is raised. Raises OaiError, ProviderRefuses, and
        PageSpoilt for a page that is to be asked for again.
        """
        size = 0
        for step in pages.follow(selection, run):
            size += sum(len(item.metadata or b"") for item in step.items)
            if size > MANY and step.ends_page and not step.ends_run:
                yield from self._readied_beside(step, pages, selection)
                return
            yield step, self.ready(step.items, selection.prefix)

    def _readied_beside(
        self, first: Step, pages: Pages, selection: Selection
    ) -> Iterator[tuple[Step, Ready]]:
        coming = _Coming(reached=first.run.reached)
        steps = pages.follow_unread(selection, first.run)
        loads = self._loads(steps, selection.prefix, coming)
        with Crew(read, _BESIDE) as crew, closing(crew.map(loads)) as results:
            yield first, self.ready(first.items, selection.prefix)  # while they start
            for _, reading in results:
                yield coming.next(reading), reading.ready
        if coming.failure:
            raise coming.failure

    def _loads(self, steps: Iterator[Step], prefix: str, coming: _Coming) -> Iterator[Unread]:
        try:
            for number, step in enumerate(steps):
                coming.waiting.append(step)
                # Not those under way at the same time, which would learn the same.
                load = self._load(step.items, prefix, number % (_BESIDE + 1) == 0)
                yield Unread(PickleBuffer(step.body) if step.body else None, load)
        except LoaderError as error:
            coming.failure = error

    def _load(self, items: Sequence[Item], prefix: str, may_learn: bool = True) -> Load:
        compression = self._archive.compression
        may_learn = may_learn and compression.may_learn
        return Load(items, prefix, self.source, compression.dictionary, may_learn)

    def ready(self, items: Sequence[Item], prefix: str) -> Ready:
        """Return items ready for ``take``."""
        return make_ready(self._load(items, prefix))

    def take(
        self, selection: Selection, items: Sequence[Item], ready: Ready, counts: Counts
    ) -> None:
        """Write items to the archive and count them; belongs within a transaction."""
        now = dates.now()
        self._archive.compression.adopt(ready.learnt)
        for name, reason, content in ready.failed:
            self._archive.set_aside(self.source, name, reason, content)
        rows = list(map(Packed._make, zip(*ready.packed, strict=True)))
        newest = self._archive.newest()
        new, changed = self._archive.store_packed(
            rows, self.source, now, only_newer=True, keep_history=self._keep_history
        )
        gone = [item for item in items if item.deleted]
        deletions = [(self.name(one, selection), _form(selection), one.datestamp) for one in gone]
        counts.deleted += self._archive.delete(deletions, self.source, now)
        counts.new += new
        counts.changed += changed
        counts.unchanged += len(rows) - new - changed
        counts.quarantined += len(ready.failed)
        self._cursors.select(selection.id, (row.name for row in rows), newest)
        graphs = (row.name.partition(" ")[0] for row in rows)
        self._archive.take_back(self.source, chain(graphs, (one.identifier for one in gone)))

    def name(self, item: Item, selection: Selection) -> str:
        """Return the name that an item has in the archive."""
        return identifier(Arrival(item.identifier, _form(selection), b""), self.source)


def count(step: Step, counts: Counts) -> None:
    """Count a step that has been committed."""
    counts.received += step.received
    counts.pages += step.ends_page
    counts.finished = step.ends_run


def _form(selection: Selection) -> str:
    return "jsonld" if selection.prefix.startswith("jsonld") else "ntriples"
