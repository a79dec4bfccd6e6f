"""Harvester of OAI-PMH into the archive: complete or incremental, page by page, and resumable.

A page's records and the cursor behind it commit together, so a killed run has lost at most the
pages that it was reading.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from loader import dates
from loader.archive.archive import Archive
from loader.archive.cursors import Cursors, Run, Selection
from loader.errors import DeletionUnproven, ListEndless, ListShort, LoaderError, PageSpoilt
from loader.harvest.archive_writer import ArchiveWriter, count_step
from loader.harvest.comparison import Comparison
from loader.harvest.order import Order
from loader.provider.harvest_report import Counts, HarvestReport, Shown
from loader.provider.http import Client, Manners
from loader.provider.oai.client import Provider
from loader.provider.oai.clocks import begin_after, complete_before
from loader.provider.oai.paging import Pages

logger = logging.getLogger(__name__)


class Harvester:
    """Harvests from one provider into an archive.

    shown: called after each page. stop: asked after each page whether to go no further.
    report: what has come so far.
    """

    def __init__(
        self,
        archive: Archive,
        order: Order,
        manners: Manners,
        shown: Shown = lambda count, reached: None,
        stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._archive = archive
        self._order = order
        self._shown = shown
        self._stop = stop
        self._cursors = Cursors(archive.connection)
        client = Client(order.url, manners, self._spend)
        self.report = HarvestReport(traffic=client.traffic)
        self._provider = Provider(order.url, client)
        self._pages = Pages(
            self._provider, self._granularity, self.report.remark, stop, order.limit
        )
        self._source = archive.provider(order.url, dates.now())
        self._writer = ArchiveWriter(archive, self._source, keep_history=order.keep_history)

    def _spend(self, budget: int) -> None:
        self._cursors.spend(self._order.url, budget)

    def harvest(self) -> HarvestReport:
        """Harvest each set to its end, or to the limit.

        Raises OaiError and ProviderRefuses, and ListShort after all sets.
        """
        self._each(self._records)
        return self.report

    def reconcile(self) -> HarvestReport:
        """Compare identifiers: fetch what is missing or stale, delete what is gone.

        Raises OaiError and ProviderRefuses, and DeletionUnproven after all sets.
        """
        parts = (self._provider, self._archive, self._writer, self._pages)
        comparison = Comparison(*parts, self.report.remark, self._order.agreed)
        self._each(
            lambda selection, counts: comparison.compare(
                selection, counts, self._shown, self._note_complete
            )
        )
        return self.report

    def _each(self, work: Callable[[Selection, Counts], None]) -> None:
        sets = self._sets()
        self.report.sets.update((set_spec, Counts()) for set_spec in sets)
        unsettled: list[LoaderError] = []
        for set_spec in sets:
            try:
                work(self._selection(set_spec), self.report.sets[set_spec])
            except (DeletionUnproven, ListShort) as error:
                unsettled.append(type(error)(f"{_name_set(set_spec)}: {error}"))
                self.report.remark(f"{unsettled[-1]}")
            if self._stop():
                break
        if unsettled:
            raise unsettled[0]

    def _sets(self) -> tuple[str, ...]:
        """Return the sets to harvest; to resume without naming any is to resume all."""
        order = self._order
        if order.resume and order.sets == ("",):
            begun = [
                selection
                for selection in self._cursors.selections()
                if selection.run and selection.url == order.url
            ]
            return tuple(
                selection.set_spec for selection in begun if selection.prefix == order.prefix
            ) or ("",)
        return order.sets

    def _selection(self, set_spec: str) -> Selection:
        with self._archive.transaction():
            return self._cursors.selection(
                self._order.url, self._order.prefix, set_spec, self._source
            )

    # Records

    def _records(self, selection: Selection, counts: Counts) -> None:
        unfinished = self._unfinished(selection)
        if self._order.resume and unfinished is None:
            logger.info(
                "There is no unfinished harvest of %s to resume.", _name_set(selection.set_spec)
            )
            counts.finished = True
            return
        run = unfinished or self._new_run(selection)
        _say_where(selection, run, resumed=run is selection.run)
        while True:
            try:
                self._take_in(selection, run, counts)
            except PageSpoilt as error:
                logger.warning("%s; asking for that page again.", error)
                self.report.traffic.retries += 1
                run = self._selection(selection.set_spec).run or run
            except ListEndless as error:
                if error.again:
                    with self._archive.transaction():
                        self._cursors.note_run(selection.id, None)
                raise
            else:
                return

    def _take_in(self, selection: Selection, run: Run, counts: Counts) -> None:
        short = ""
        for step, ready in self._writer.ready_steps(self._pages, selection, run):
            with self._archive.transaction():
                since = step.run.opened or dates.now()
                self._writer.take(selection, step.items, ready, counts, since)
                self._cursors.note_run(selection.id, None if step.ends_run else step.run)
                if step.ends_run:
                    counts.deleted += self._writer.delete_late(step.run)
                    short = self._finish(selection, step.run)
            count_step(step, counts)
            self._shown(step.received, step.run.reached)
        if short:
            raise ListShort(short)

    def _unfinished(self, selection: Selection) -> Run | None:
        run = selection.run
        if run is None or run.verb != "ListRecords":
            return None
        other = (self._order.begin, self._order.end) not in ((None, None), (run.begin, run.end))
        return None if other and not self._order.resume else run

    def _new_run(self, selection: Selection) -> Run:
        order = self._order
        whole = order.begin is None and order.end is None
        begin = order.begin
        if whole and selection.complete:
            moment = min(selection.complete, dates.now())
            begin = begin_after(moment, self._granularity())
        return Run("ListRecords", begin, order.end, order.silent, whole)

    def _finish(self, selection: Selection, run: Run) -> str:
        """Note what a run that is at its end was about; return why it isn't believed, if so.

        A list that is shorter than announced is believed the second time.
        """
        name = f"short {selection.id}"
        before = self._archive.reader.state(name)
        if run.size is None or run.received >= run.size:
            self._archive.remember(name, None)
        else:
            self._archive.remember(name, b"%d" % run.received)
            said = f"{run.received:,} of the {run.size:,} records came that the provider announced"
            if before is None or int(before) > run.received:
                return f"only {said}. The same command asks for them again"
            self.report.remark(f"Again only {said}: taken for all that there are.", warning=True)
        if run.size is not None and run.received > run.size:
            self.report.remark(
                f"{run.received:,} records came, the provider had announced {run.size:,}."
            )
        if run.whole:
            self._note_complete(selection, run)
            if run.begin is None and run.started:
                self._cursors.note_compared(selection.id, run.started)
        return ""

    def _note_complete(self, selection: Selection, run: Run) -> None:
        """Note until when all has come; nothing is known where nothing has come."""
        before = selection.complete if (selection.complete or "") <= dates.now() else None
        newest = max(run.reached or "", before or "") or None
        if run.started and newest:
            self._cursors.note_complete(selection.id, complete_before(run.started, newest))

    def _granularity(self) -> str:
        """Return the provider's granularity, which it is asked for once."""
        name = f"granularity {self._order.url}"
        kept = self._archive.reader.state(name)
        if kept is not None:
            return kept.decode()
        try:
            stated = self._provider.granularity()
        except LoaderError as error:
            self.report.remark(f"The provider doesn't say which dates it takes: {error}.")
            return ""
        with self._archive.transaction():
            self._archive.remember(name, stated.encode())
        return stated


def _name_set(set_spec: str) -> str:
    return f"set {set_spec}" if set_spec else "everything"


def _say_where(selection: Selection, run: Run, *, resumed: bool) -> None:
    scope = _name_set(selection.set_spec)
    if resumed:
        logger.info(
            "Going on with %s where it stood, at %s.", scope, run.reached or "its beginning"
        )
    elif run.begin:
        logger.info("Harvesting %s from %s on.", scope, run.begin)
    else:
        logger.info("Harvesting %s, all of it.", scope)
    if run.begin and not run.silent and selection.prefix.startswith("jsonld"):
        compared = selection.compared or "never"
        logger.info(
            "Libris also changes records without a new date, and such changes don't come this way:"
            " --silent-updates asks for them. Last compared in full: %s.",
            compared,
        )
