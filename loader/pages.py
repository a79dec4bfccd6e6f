"""Page after page of an OAI-PMH list, with the cursor behind each.

https://www.openarchives.org/OAI/openarchivesprotocol.html, section 3.5 (flow control)
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice

from loader import dates
from loader.cursors import Run, Selection
from loader.errors import ProviderRefuses
from loader.oai import Provider
from loader.oai_page import Page, TokenRefused
from loader.records import Item

logger = logging.getLogger(__name__)

OVERLAP = timedelta(hours=1)
"""How much of the time before the last run is asked for again: clocks and transactions differ."""

_REFUSALS = 3  # tokens refused in a row before the run ends
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

    stop: asked after each page whether to go no further. limit: stop at the end of the page with
    so many items.
    """

    def __init__(
        self, provider: Provider, stop: Callable[[], bool], limit: int | None = None
    ) -> None:
        self._provider = provider
        self._stop = stop
        self._limit = limit

    def follow(self, selection: Selection, run: Run) -> Iterator[Step]:
        """Yield what comes, from where a run stands to its end, to the limit or till it stops.

        The next page is asked for when the next step is: whoever takes a step can do so meanwhile.
        Raises OaiError and ProviderRefuses.
        """
        received = 0
        while True:
            page, before = self._page(selection, run)
            run = behind(before, page)
            for step in _steps(page, before, run):
                received += step.received
                yield step
            if not run.token or self._stop() or self._limit and received >= self._limit:
                return

    def follow_unread(self, selection: Selection, run: Run) -> Iterator[Step]:
        """Yield what comes as ``follow`` does, but pages of records that others follow unread.

        With a limit all are read, as it counts what is in them.
        """
        while self._limit is None and run.verb == "ListRecords":
            page, before = self._page(selection, run, unread=True)
            run = behind(before, page)
            if page.body is None:
                yield from _steps(page, before, run)
            else:
                yield Step((), run, True, False, body=page.body)
            if not run.token or self._stop():
                return
        yield from self.follow(selection, run)

    def _page(self, selection: Selection, run: Run, *, unread: bool = False) -> tuple[Page, Run]:
        """Return the next page, and the run with which it was asked for in the end."""
        for _ in range(_REFUSALS):
            try:
                asked = _parameters(selection, run)
                return self._provider.page(run.verb, asked, unread=unread), run
            except TokenRefused as error:
                refusal = error
                run = _without_token(run)
        reason = f"tokens are refused again and again: {refusal}"
        raise ProviderRefuses(reason, None) from refusal


def _steps(page: Page, before: Run, run: Run) -> Iterator[Step]:
    items = iter(page.items)
    some = list(islice(items, _TOGETHER))
    while following := list(islice(items, _TOGETHER)):
        yield Step(some, before, False, False, len(some))
        some = following
    yield Step(some, run, True, not run.token, len(some))


def behind(run: Run, page: Page) -> Run:
    """Return a run as it stands behind a page."""
    reached = max(page.reached or "", run.reached or "") or None
    started = run.started or page.response_date
    return replace(run, token=page.token, started=started, reached=reached)


def seconds(moment: datetime) -> str:
    """Return a point in time as OAI-PMH's finest granularity has it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _parameters(selection: Selection, run: Run) -> dict[str, str]:
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


def _without_token(run: Run) -> Run:
    """Return the run as it begins again where it had come to; records come in that order."""
    logger.warning("The provider doesn't take its token any more; beginning where we were.")
    begin = run.begin
    if run.reached and not run.silent:
        begin = seconds(dates.parsed(run.reached) - OVERLAP)
        begin = max(begin, run.begin) if run.begin else begin
    return replace(run, token=None, begin=begin)
