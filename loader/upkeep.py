"""Keeping a copy up to date: harvest, bring the store in step, publish; in steps or in one go."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from loader.archive import Archive
from loader.cursors import Cursors
from loader.emm import Emm
from loader.errors import ArchiveError, LoaderError
from loader.harvest import Harvester, Order
from loader.interrupts import gently
from loader.pipeline import Report, bring_in_step, opened
from loader.progress import shown
from loader.reports import HarvestReport
from loader.web import Manners
from loader.workspace import Workspace

Tell = Callable[[HarvestReport], None]


def _say_nothing(report: HarvestReport) -> None:
    """Tell nobody what came."""


def harvest(
    workspace: Workspace,
    order: Order,
    manners: Manners,
    *,
    reconcile: bool = False,
    archive_only: bool = False,
    tell: Tell = _say_nothing,
) -> tuple[HarvestReport, Report]:
    """Harvest into the archive and bring the store in step with it.

    tell: told what came into the archive, however that ends.
    Raises OaiError, ContactMissing and ProviderRefuses; ListShort and DeletionUnproven when all
    else is done. What had come by then is kept, and is brought into the store.
    """
    report = Report()
    given = None if archive_only else report
    with opened(workspace, "harvest") as archive, _in_step(workspace, archive, given):
        harvested = _harvest(archive, order, manners, reconcile, tell)
    return harvested, report


def follow(
    workspace: Workspace,
    url: str,
    manners: Manners,
    work: Callable[[Emm], object],
    *,
    archive_only: bool = False,
    tell: Tell = _say_nothing,
) -> tuple[HarvestReport, Report]:
    """Do work with an EMM server, a dump or changes, and bring the store in step.

    tell, and what it raises: as for ``harvest``.
    """
    report = Report()
    given = None if archive_only else report
    with opened(workspace, "changes") as archive, _in_step(workspace, archive, given):
        followed = _follow(archive, url, manners, work, tell)
    return followed, report


@contextmanager
def _in_step(workspace: Workspace, archive: Archive, report: Report | None) -> Iterator[None]:
    """Bring the store in step after a block, also if a provider has ended that early.

    report: says what was done; None leaves the store alone.
    """
    try:
        yield
    except LoaderError:
        if report is not None:
            bring_in_step(workspace, archive, report)
        raise
    if report is not None:
        bring_in_step(workspace, archive, report)


def _follow(
    archive: Archive, url: str, manners: Manners, work: Callable[[Emm], object], tell: Tell
) -> HarvestReport:
    with gently() as stop, shown("records", None) as advance:
        emm = Emm(archive, url, manners, lambda count, reached: advance(count, reached or ""), stop)
        with _telling(emm.report, tell):
            work(emm)
    return emm.report


def _harvest(
    archive: Archive, order: Order, manners: Manners, reconcile: bool, tell: Tell
) -> HarvestReport:
    with gently() as stop, shown("harvest", None) as advance:
        harvester = Harvester(
            archive, order, manners, lambda count, reached: advance(count, reached or ""), stop
        )
        with _telling(harvester.report, tell):
            if reconcile:
                harvester.reconcile()
            else:
                harvester.harvest()
    return harvester.report


@contextmanager
def _telling(report: HarvestReport, tell: Tell) -> Iterator[None]:
    """Tell what a block has brought, however it ends, and how long it took."""
    start = time.monotonic()
    try:
        yield
    finally:
        report.seconds += time.monotonic() - start
        tell(report)


def apply(workspace: Workspace) -> Report:
    """Bring the store in step with the archive."""
    report = Report()
    with opened(workspace, "apply") as archive:
        bring_in_step(workspace, archive, report)
    return report


def update(
    workspace: Workspace, manners: Callable[[str], Manners], keep: int
) -> tuple[HarvestReport, Report, int | None]:
    """Harvest all that was ever harvested, since then; apply it; publish if anything changed.

    Returns the number of the current release last.
    """
    from loader import release

    report, harvested = Report(), HarvestReport()
    with opened(workspace, "update") as archive:
        selections = Cursors(archive.connection).selections()
        servers = Cursors(archive.connection).followed()
        if not selections and not servers:
            raise ArchiveError("nothing was ever harvested: begin with libris-loader harvest")
        for one in selections:
            order = Order(one.url, one.prefix, (one.set_spec,))
            harvested.add(_harvest(archive, order, manners(one.url), False, _say_nothing))
        for url in servers:
            harvested.add(_follow(archive, url, manners(url), Emm.changes, _say_nothing))
        bring_in_step(workspace, archive, report)
        if not release.is_unchanged(workspace, archive):
            release.publish(workspace, archive, keep)
    return harvested, report, release.current(workspace)
