"""Comparison of a selection with the provider's list: identifiers, datestamps, deletions.

A list proves nothing by what it lacks. Each record that it lacks is asked for by itself, and goes
only if the provider says that it is deleted or doesn't exist. More than a few go only if somebody
has agreed to their number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from loader import dates
from loader.archive.archive import Archive
from loader.archive.cursors import Cursors, Run, Selection
from loader.errors import DeletionUnproven
from loader.harvest.archive_writer import ArchiveWriter, count_step, format_of
from loader.provider.harvest_report import Counts, Remark, Shown
from loader.provider.oai.client import Provider
from loader.provider.oai.page import OaiError
from loader.provider.oai.paging import Pages

_ASKED = 200  # records that a list lacks and that are asked for without further ado
_SHARE = 100  # one in so many may go without further ado


@dataclass(slots=True)
class _Answers:
    """The answers to requests for single records.

    gone, alive: their names in the archive. unanswered: how many were neither.
    """

    gone: list[str] = field(default_factory=list)
    alive: list[str] = field(default_factory=list)
    unanswered: int = 0


class Comparison:
    """Fetches what is missing or stale, deletes what is proven to be gone.

    agreed: how many deletions somebody has agreed to.
    """

    def __init__(
        self,
        provider: Provider,
        archive: Archive,
        writer: ArchiveWriter,
        pages: Pages,
        remark: Remark,
        agreed: int | None,
    ) -> None:
        self._provider = provider
        self._archive = archive
        self._writer = writer
        self._pages = pages
        self._remark = remark
        self._agreed = agreed
        self._cursors = Cursors(archive.connection)

    def compare(
        self,
        selection: Selection,
        counts: Counts,
        shown: Shown,
        complete: Callable[[Selection, Run], None],
    ) -> None:
        """Compare a selection, going on where a former comparison stood.

        complete: notes, within a transaction, that all that a run is about has come.
        Raises OaiError, ProviderRefuses, and DeletionUnproven when all else is done.
        """
        listed, run = self._list(selection, shown)
        counts.pages += listed.pages
        if not (listed.finished and run.started):
            return
        answers, refusal = self._ask_all(selection, counts, shown)
        with self._archive.transaction():
            gone = self._cursors.listed_deleted(selection.id)
            self._delete(selection, [*gone, *([] if refusal else answers.gone)], counts)
            self._cursors.list_anew(selection.id)
            short = run.size is not None and run.received < run.size
            if not (answers.alive or answers.unanswered or short):
                complete(selection, run)
            self._cursors.note_compared(selection.id, run.started)
        counts.finished = True
        if refusal:
            raise DeletionUnproven(refusal)

    def _ask_all(self, selection: Selection, counts: Counts, shown: Shown) -> tuple[_Answers, str]:
        """Ask for what is stale, and for what the list lacks; say, if so, why all that is kept."""
        answers = _Answers()
        for name in self._cursors.stale(selection.id):
            self._ask(selection, name, answers, counts)
            shown(1, None)
        answers.alive.clear()
        lacking = self._cursors.lacking(selection.id)
        if refusal := self._too_many(selection, len(lacking)):
            answers.alive += lacking
            return answers, refusal
        for name in lacking:
            self._ask(selection, name, answers, counts)
            shown(1, None)
        if answers.alive:
            self._remark(
                f"{len(answers.alive):,} records exist, but the provider's list lacks them:"
                " they are kept."
            )
        return answers, self._doubt(selection, answers, len(lacking))

    def _list(self, selection: Selection, shown: Shown) -> tuple[Counts, Run]:
        """Note what the provider lists; return how far that came, and the run behind it."""
        run = selection.run
        if run is None or run.verb != "ListIdentifiers":
            run = Run("ListIdentifiers")
            with self._archive.transaction():
                self._cursors.list_anew(selection.id)
        listed = Counts()
        for step in self._pages.follow(selection, run):
            with self._archive.transaction():
                rows = [
                    (self._writer.name(item, selection), item.datestamp, item.deleted)
                    for item in step.items
                    if not item.fault
                ]
                self._cursors.listed(selection.id, rows)
                self._cursors.note_run(selection.id, None if step.ends_run else step.run)
            for item in step.items:
                if item.fault:
                    self._remark(f"The list has a header that can't be used: {item.fault}.")
            count_step(step, listed)
            run = step.run
            shown(len(step.items), run.reached)
        return listed, run

    def _ask(self, selection: Selection, name: str, answers: _Answers, counts: Counts) -> None:
        """Ask for one record, take in what comes, and note whether it is gone."""
        asked = name.partition(" ")[0]
        try:
            item = self._provider.record(asked, selection.prefix)
        except OaiError as error:
            self._remark(f"The provider doesn't say whether it has {asked}: {error}.")
            answers.unanswered += 1
            return
        if item is None or item.deleted:
            answers.gone.append(name)
            return
        answers.alive.append(name)
        counts.received += 1
        with self._archive.transaction():
            items, ready = self._writer.ready_items([item], selection.prefix)
            self._writer.take(selection, items, ready, counts, None)

    def _too_many(self, selection: Selection, lacking: int) -> str:
        """Say, if so, that a list lacks more records than are asked for one by one."""
        if lacking <= _ASKED or lacking == self._agreed:
            return ""
        return (
            f"the provider's list lacks {lacking:,} of the {self._size(selection):,} records that"
            f" it had before. They are kept. To ask for each of them, and delete those of which"
            f" the provider says that they don't exist: --reconcile --delete {lacking}"
        )

    def _doubt(self, selection: Selection, answers: _Answers, lacking: int) -> str:
        """Say, if so, why records that the provider doesn't have are kept all the same."""
        answers.gone = [name for name in answers.gone if self._archive.reader.has(name)]
        gone, size = len(answers.gone), self._size(selection)
        if gone and not self._is_believable(selection):
            return (
                "the provider says also of a record in its own list that it doesn't exist, so it"
                " is not believed that others don't. All are kept"
            )
        if gone * _SHARE < size + _SHARE or self._agreed in (gone, lacking):
            return ""
        return (
            f"the provider says that {gone:,} of {size:,} records don't exist any more, which is"
            f" more than 1 %. They are kept. To delete them: --reconcile --delete {gone}"
        )

    def _is_believable(self, selection: Selection) -> bool:
        """Tell whether the provider has a record that it lists, if it lists any."""
        names = self._cursors.listed_sample(selection.id)
        return not names or any(self._has(selection, name) for name in names)

    def _has(self, selection: Selection, name: str) -> bool:
        try:
            item = self._provider.record(name.partition(" ")[0], selection.prefix)
        except OaiError:
            return False
        return item is not None and not item.deleted

    def _size(self, selection: Selection) -> int:
        return self._cursors.selected_count(selection.id)

    def _delete(self, selection: Selection, names: list[str], counts: Counts) -> None:
        deletions = [(name, format_of(selection), None) for name in names]
        counts.deleted += self._archive.delete(deletions, self._writer.source, dates.now())
