"""A selection compared in full with what its provider lists: identifiers, datestamps, deletions."""

from __future__ import annotations

from loader import dates
from loader.archive import Archive
from loader.cursors import Cursors, Run, Selection
from loader.intake import Intake, count
from loader.oai import Provider
from loader.pages import Pages
from loader.records import Item
from loader.reports import Counts, Shown


class Comparison:
    """Fetches what is missing or stale, deletes what is gone."""

    def __init__(self, provider: Provider, archive: Archive, intake: Intake, pages: Pages) -> None:
        self._provider = provider
        self._archive = archive
        self._intake = intake
        self._pages = pages
        self._cursors = Cursors(archive.connection)

    def compare(self, selection: Selection, counts: Counts, shown: Shown) -> None:
        """Compare a selection, going on where a former comparison stood.

        Raises OaiError and ProviderRefuses.
        """
        listed, started = self._list(selection, shown)
        counts.pages += listed.pages
        if listed.finished and started:
            self._fetch_stale(selection, counts, shown)
            self._drop_gone(selection, counts, started)
            counts.finished = True

    def _list(self, selection: Selection, shown: Shown) -> tuple[Counts, str | None]:
        """Note what the provider lists; return how far that came and when it was begun."""
        run = selection.run
        if run is None or run.verb != "ListIdentifiers":
            run = Run("ListIdentifiers")
            with self._archive.transaction():
                self._cursors.list_anew(selection.id)
        listed = Counts()
        for step in self._pages.follow(selection, run):
            rows = [
                (self._intake.name(one, selection), one.datestamp, one.deleted)
                for one in step.items
            ]
            with self._archive.transaction():
                self._cursors.listed(selection.id, rows)
                self._cursors.note_run(selection.id, None if step.ends_run else step.run)
            count(step, listed)
            run = step.run
            shown(len(step.items), run.reached)
        return listed, run.started

    def _fetch_stale(self, selection: Selection, counts: Counts, shown: Shown) -> None:
        for name in self._cursors.stale(selection.id):
            asked = name.partition(" ")[0]
            item = self._provider.record(asked, selection.prefix)
            item = item or Item(asked, None, deleted=True)
            with self._archive.transaction():
                ready = self._intake.ready([item], selection.prefix)
                self._intake.take(selection, [item], ready, counts)
            counts.received += 1
            shown(1, item.datestamp)

    def _drop_gone(self, selection: Selection, counts: Counts, started: str) -> None:
        gone = [(name, form, None) for name, form in self._cursors.gone(selection.id)]
        with self._archive.transaction():
            counts.deleted += self._archive.delete(gone, self._intake.source, dates.now())
            self._cursors.list_anew(selection.id)
            self._cursors.note_complete(selection.id, started)
            self._cursors.note_compared(selection.id, started)
