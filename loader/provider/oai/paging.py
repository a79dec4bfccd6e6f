"""Paging through an OAI-PMH list by resumption tokens, with the cursor behind each page.

https://www.openarchives.org/OAI/openarchivesprotocol.html, section 3.5 (flow control)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from loader import dates
from loader.archive.cursors import Run, Selection
from loader.provider.harvest_report import Remark
from loader.provider.oai.client import Provider
from loader.provider.oai.clocks import DAYS, find_earliest, find_skews
from loader.provider.oai.endless_lists import ListProgress
from loader.provider.oai.page import OaiError, Page
from loader.provider.records import Item

_TOGETHER = (
    2000  # items of a page to a step; Libris' pages have some 1,000, other answers may be endless
)


@dataclass(frozen=True, slots=True)
class Step:
    """Items to take in, and the cursor to note with them.

    run: as it stands behind them. ends_page: they are the last of their page.
    ends_run: and nothing follows. received: how many they are. body: of a page that has not been
    read yet; what is known of it is but the token in run.
    """

    items: Sequence[Item]
    run: Run
    ends_page: bool
    ends_run: bool
    received: int = 0
    body: bytes | None = None


class Pages:
    """Asks one provider for pages.

    granularity: returns the provider's, from Identify. remark: told what isn't as it should be.
    stop: asked after each page whether to go no further. limit: stop at the end of the page with
    so many items.
    """

    def __init__(
        self,
        provider: Provider,
        granularity: Callable[[], str],
        remark: Remark,
        stop: Callable[[], bool],
        limit: int | None = None,
    ) -> None:
        self._provider = provider
        self._granularity = granularity
        self._remark = remark
        self._stop = stop
        self._limit = limit
        self._progress = ListProgress()

    def follow(self, selection: Selection, run: Run) -> Iterator[Step]:
        """Yield what comes, from where a run stands to its end, to the limit or till it stops.

        The next page is asked for when the next step is: whoever takes a step can do so meanwhile.
        Raises OaiError and ProviderRefuses.
        """
        self._progress = ListProgress()
        yield from self._follow(selection, run)

    def _follow(self, selection: Selection, run: Run) -> Iterator[Step]:
        received = 0
        while True:
            page, before = self._page(selection, run)
            run = move_behind(before, page)
            for step in _make_steps(page, before, run):
                received += step.received
                yield step
            run = step.run
            if not run.token or self._stop() or self._limit and received >= self._limit:
                return
            self._progress.note(page, before.token)

    def follow_unread(self, selection: Selection, run: Run) -> Iterator[Step]:
        """Yield what comes after a page that ``follow`` has yielded, pages of records unread.

        Those are read that none follow. With a limit all are, as it counts what is in them.
        """
        while self._limit is None and run.verb == "ListRecords":
            page, before = self._page(selection, run, unread=True)
            run = move_behind(before, page)
            if page.body is None:
                yield from _make_steps(page, before, run)
            else:
                yield Step((), run, True, False, body=page.body)
            if not run.token or self._stop():
                return
            self._progress.note(page, before.token)
        yield from self._follow(selection, run)

    def _page(self, selection: Selection, run: Run, *, unread: bool = False) -> tuple[Page, Run]:
        """Return the next page, and the run with which it was asked for in the end."""
        while True:
            asked = self._parameters(selection, run)
            run = run if run.token else replace(run, opened=run.opened or dates.now())
            try:
                page = self._provider.page(run.verb, asked, unread=unread)
            except OaiError as error:
                if not run.token and error.code != "badResumptionToken":
                    raise
                run = self._begin_anew(run, str(error))
                continue
            if not run.started:
                return page, self._note_start(run, page)
            if not page.is_nothing or not run.token or self._progress.has_been_here():
                return page, run
            run = self._begin_anew(run, "noRecordsMatch is no end of a list that has begun")

    def _note_start(self, run: Run, page: Page) -> Run:
        """Return a run with the time at which it was started."""
        own = run.opened or dates.now()
        for sentence in find_skews(dates.now(), page.response_date, page.http_date):
            self._remark(sentence)
        return replace(run, started=find_earliest(own, page.response_date, page.http_date))

    def _begin_anew(self, run: Run, reason: str) -> Run:
        """Return the run at its beginning: nobody knows in which order the rest would come."""
        self._progress.begin_anew(reason)
        self._remark(
            f"The provider doesn't take its token any more ({reason}); beginning the list anew.",
            warning=True,
        )
        return replace(run, token=None, opened=None, received=0, size=None)

    def _parameters(self, selection: Selection, run: Run) -> dict[str, str]:
        if run.token:
            return {"resumptionToken": run.token}
        asked = {
            "metadataPrefix": selection.prefix,
            "set": selection.set_spec,
            "from": self._spell(run.begin),
            "until": self._spell(run.end),
            "x-withSilentUpdates": "true" if run.silent else None,
        }
        return {name: value for name, value in asked.items() if value}

    def _spell(self, moment: str | None) -> str | None:
        """Return a point in time as the provider takes it: all take days, not all take seconds."""
        if moment and len(moment) > len(DAYS) and self._granularity() == DAYS:
            return moment[: len(DAYS)]
        return moment


def _make_steps(page: Page, before: Run, run: Run) -> Iterator[Step]:
    items = iter(page.items)
    received = 0
    together = list(islice(items, _TOGETHER))
    while following := list(islice(items, _TOGETHER)):
        received += len(together)
        yield Step(together, before, False, False, len(together))
        together = following
    run = replace(run, received=run.received + received + len(together))
    yield Step(together, run, True, not run.token, len(together))


def move_behind(run: Run, page: Page) -> Run:
    """Return a run as it stands behind a page."""
    reached = max(page.reached or "", run.reached or "") or None
    return replace(run, token=page.token, reached=reached, size=page.size or run.size)
