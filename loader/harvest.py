"""OAI-PMH to archive: whole or incremental, page by page, going on wherever a run ended.

A page's records and the cursor behind it commit together, so a killed run has lost at most the
page that it was reading.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from loader import dates
from loader.archive import Archive, Arrival, identifier
from loader.cursors import Cursors, Run, Selection
from loader.errors import ProviderRefuses, TransformError
from loader.oai import Item, Page, Provider, TokenRefused
from loader.records import read_item
from loader.reports import Counts, HarvestReport, Shown
from loader.web import Client, Manners

logger = logging.getLogger(__name__)

OVERLAP = timedelta(hours=1)
"""How much of the time before the last run is asked for again: clocks and transactions differ."""

_REFUSALS = 3  # tokens refused in a row before the run ends


@dataclass(frozen=True, slots=True)
class Order:
    """What to harvest.

    sets: setSpecs, one run each; an empty one is everything. begin, end: from and until, as the
    provider is to be sent them. silent: with Libris' x-withSilentUpdates. limit: stop at the end
    of the page that holds this many records. resume: only go on with unfinished runs.
    """

    url: str
    prefix: str = "jsonld"
    sets: tuple[str, ...] = ("",)
    begin: str | None = None
    end: str | None = None
    silent: bool = False
    limit: int | None = None
    resume: bool = False
    keep_history: bool = False


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
        self._client = Client(order.url, manners, self._spend)
        self._provider = Provider(order.url, self._client)
        self._source = archive.provider(order.url, dates.now())
        self.report = HarvestReport(traffic=self._client.traffic)

    def _spend(self, budget: int) -> None:
        self._cursors.spend(self._order.url, budget)

    def harvest(self) -> HarvestReport:
        """Harvest each set to its end, or to the limit. Raises OaiError and ProviderRefuses."""
        self._each(self._records)
        return self.report

    def reconcile(self) -> HarvestReport:
        """Compare identifiers: fetch what is missing or stale, delete what is gone."""
        self._each(self._compare)
        return self.report

    def _each(self, work: Callable[[Selection, Counts], None]) -> None:
        start = time.monotonic()
        try:
            for set_spec in self._sets():
                counts = self.report.sets.setdefault(set_spec, Counts())
                work(self._selection(set_spec), counts)
                if self._stop():
                    return
        finally:
            self.report.seconds += time.monotonic() - start

    def _sets(self) -> tuple[str, ...]:
        """Return the sets to harvest; to resume without naming any is to resume all."""
        order = self._order
        if order.resume and order.sets == ("",):
            begun = [one for one in self._cursors.selections() if one.run and one.url == order.url]
            return tuple(one.set_spec for one in begun if one.prefix == order.prefix) or ("",)
        return order.sets

    def _selection(self, set_spec: str) -> Selection:
        with self._archive.transaction():
            return self._cursors.selection(
                self._order.url, self._order.prefix, set_spec, self._source
            )

    # Records

    def _records(self, selection: Selection, counts: Counts) -> None:
        unfinished = self._unfinished(selection, "ListRecords")
        if self._order.resume and unfinished is None:
            logger.info("There is nothing to go on with in %s.", _named(selection))
            counts.finished = True
            return
        run = unfinished or self._new_run(selection)
        _say_where(selection, run, resumed=run is selection.run)
        self._follow(selection, run, counts, self._store)

    def _unfinished(self, selection: Selection, verb: str) -> Run | None:
        run = selection.run
        if run is None or run.verb != verb:
            return None
        other = (self._order.begin, self._order.end) not in ((None, None), (run.begin, run.end))
        return None if other and not self._order.resume else run

    def _new_run(self, selection: Selection) -> Run:
        order = self._order
        whole = order.begin is None and order.end is None
        begin = order.begin
        if whole and selection.complete:
            begin = _seconds(dates.parsed(selection.complete) - OVERLAP)
        return Run("ListRecords", begin, order.end, order.silent, whole)

    def _follow(
        self,
        selection: Selection,
        run: Run,
        counts: Counts,
        take: Callable[[Selection, Page, Counts], None],
    ) -> None:
        """Ask for page after page; each is taken in with the cursor behind it."""
        refusals = 0
        while True:
            try:
                page = self._provider.page(run.verb, self._parameters(selection, run))
            except TokenRefused as error:
                refusals += 1
                if refusals == _REFUSALS:
                    reason = f"tokens are refused again and again: {error}"
                    raise ProviderRefuses(reason, None) from error
                run = self._without_token(run)
                continue
            refusals = 0
            run = _behind(run, page)
            with self._archive.transaction():
                take(selection, page, counts)
                self._cursors.note_run(selection.id, run if run.token else None)
                if not run.token:
                    self._finish(selection, run)
            counts.pages += 1
            counts.received += len(page.items)
            self._shown(len(page.items), run.reached)
            if not run.token:
                counts.finished = True
                return
            if self._stop() or self._order.limit and counts.received >= self._order.limit:
                return

    def _parameters(self, selection: Selection, run: Run) -> dict[str, str]:
        if run.token:
            return {"resumptionToken": run.token}
        asked = {
            "metadataPrefix": selection.prefix,
            "set": selection.set_spec,
            "from": run.begin,
            "until": run.end,
            "x-withSilentUpdates": "true" if run.silent else None,
        }
        return {name: value for name, value in asked.items() if value}

    def _without_token(self, run: Run) -> Run:
        """Return the run as it begins again where it had come to; records come in that order."""
        logger.warning("The provider doesn't take its token any more; beginning where we were.")
        begin = run.begin
        if run.reached and not run.silent:
            begin = _seconds(dates.parsed(run.reached) - OVERLAP)
            begin = max(begin, run.begin) if run.begin else begin
        return replace(run, token=None, begin=begin)

    def _finish(self, selection: Selection, run: Run) -> None:
        if run.whole and run.started:
            self._cursors.note_complete(selection.id, run.started)
            if run.begin is None:
                self._cursors.note_compared(selection.id, run.started)

    def _store(self, selection: Selection, page: Page, counts: Counts) -> None:
        self._take_in(selection, page.items, counts)

    def _take_in(self, selection: Selection, items: Sequence[Item], counts: Counts) -> None:
        now = dates.now()
        arrivals: list[Arrival] = []
        deletions = []
        for item in items:
            if item.deleted:
                deletions.append((self._name(selection, item), _form(selection), item.datestamp))
                continue
            try:
                arrivals += read_item(item, selection.prefix)
            except TransformError as error:
                self._archive.set_aside(self._source, item.identifier, error.reason, item.metadata)
                counts.quarantined += 1
        new, changed = self._archive.store(
            arrivals,
            self._source,
            now,
            only_newer=True,
            keep_history=self._order.keep_history,
        )
        counts.deleted += self._archive.delete(deletions, self._source, now)
        counts.new += new
        counts.changed += changed
        counts.unchanged += len(arrivals) - new - changed
        names = [identifier(one, self._source) for one in arrivals]
        self._cursors.select(selection.id, names)
        came = {one.graph for one in arrivals} | {item.identifier for item in items if item.deleted}
        self._archive.take_back(self._source, came)

    def _name(self, selection: Selection, item: Item) -> str:
        return identifier(Arrival(item.identifier, _form(selection), b""), self._source)

    # Comparing identifiers

    def _compare(self, selection: Selection, counts: Counts) -> None:
        run = self._unfinished(selection, "ListIdentifiers")
        if run is None:
            with self._archive.transaction():
                self._cursors.list_anew(selection.id)
            run = Run("ListIdentifiers")
        listed = Counts()
        self._follow(selection, run, listed, self._note_listed)
        counts.pages += listed.pages
        if listed.finished:
            self._fetch_stale(selection, counts)
            self._drop_gone(selection, counts)
            counts.finished = True

    def _note_listed(self, selection: Selection, page: Page, counts: Counts) -> None:
        self._cursors.listed(
            selection.id,
            ((self._name(selection, one), one.datestamp, one.deleted) for one in page.items),
        )

    def _fetch_stale(self, selection: Selection, counts: Counts) -> None:
        for name in self._cursors.stale(selection.id):
            asked = name.partition(" ")[0]
            item = self._provider.record(asked, selection.prefix)
            item = item or Item(asked, None, deleted=True)
            with self._archive.transaction():
                self._take_in(selection, [item], counts)
            counts.received += 1
            self._shown(1, item.datestamp)

    def _drop_gone(self, selection: Selection, counts: Counts) -> None:
        gone = [(name, form, None) for name, form in self._cursors.gone(selection.id)]
        with self._archive.transaction():
            counts.deleted += self._archive.delete(gone, self._source, dates.now())
            self._cursors.list_anew(selection.id)
            self._cursors.note_compared(selection.id, dates.now())


def _behind(run: Run, page: Page) -> Run:
    """Return the run as it stands behind a page."""
    datestamps = [item.datestamp for item in page.items if item.datestamp]
    reached = max([*datestamps, run.reached or ""]) or None
    return replace(
        run, token=page.token, started=run.started or page.response_date, reached=reached
    )


def _seconds(moment: datetime) -> str:
    """Return a point in time as OAI-PMH's finest granularity has it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _form(selection: Selection) -> str:
    return "jsonld" if selection.prefix.startswith("jsonld") else "ntriples"


def _named(selection: Selection) -> str:
    return f"set {selection.set_spec}" if selection.set_spec else "everything"


def _say_where(selection: Selection, run: Run, *, resumed: bool) -> None:
    what = _named(selection)
    if resumed:
        logger.info("Going on with %s where it stood, at %s.", what, run.reached or "its beginning")
    elif run.begin:
        logger.info("Harvesting %s from %s on.", what, run.begin)
    else:
        logger.info("Harvesting %s, all of it.", what)
    if run.begin and not run.silent and selection.prefix.startswith("jsonld"):
        compared = selection.compared or "never"
        logger.info(
            "Libris also changes records without a new date, and such changes don't come this way:"
            " --silent-updates asks for them. Last compared in full: %s.",
            compared,
        )
