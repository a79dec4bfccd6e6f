"""Keeping a copy up to date: harvest, bring the store in step, publish; in steps or in one go."""

from __future__ import annotations

from collections.abc import Callable

from loader.archive import Archive
from loader.cursors import Cursors
from loader.emm import Emm
from loader.errors import ArchiveError
from loader.harvest import Harvester, Order
from loader.interrupts import gently
from loader.pipeline import Report, bring_in_step, opened
from loader.progress import shown
from loader.reports import HarvestReport
from loader.web import Manners
from loader.workspace import Workspace


def harvest(
    workspace: Workspace,
    order: Order,
    manners: Manners,
    *,
    reconcile: bool = False,
    archive_only: bool = False,
) -> tuple[HarvestReport, Report]:
    """Harvest into the archive and bring the store in step with it.

    Raises OaiError, ContactMissing and ProviderRefuses; what had come by then is kept, and is
    brought into the store by the next run.
    """
    report = Report()
    with opened(workspace, "harvest") as archive:
        harvested = _harvest(archive, order, manners, reconcile)
        if not archive_only:
            bring_in_step(workspace, archive, report)
    return harvested, report


def follow(
    workspace: Workspace, url: str, manners: Manners, work: Callable[[Emm], HarvestReport]
) -> tuple[HarvestReport, Report]:
    """Do work with an EMM server, a dump or changes, and bring the store in step.

    Raises as ``harvest`` does.
    """
    report = Report()
    with opened(workspace, "changes") as archive:
        followed = _follow(archive, url, manners, work)
        bring_in_step(workspace, archive, report)
    return followed, report


def _follow(
    archive: Archive, url: str, manners: Manners, work: Callable[[Emm], HarvestReport]
) -> HarvestReport:
    with gently() as stop, shown("records", None) as advance:
        emm = Emm(archive, url, manners, lambda count, reached: advance(count, reached or ""), stop)
        return work(emm)


def _harvest(archive: Archive, order: Order, manners: Manners, reconcile: bool) -> HarvestReport:
    with gently() as stop, shown("harvest", None) as advance:

        def page_done(count: int, reached: str | None) -> None:
            advance(count, reached or "")

        harvester = Harvester(archive, order, manners, page_done, stop)
        return harvester.reconcile() if reconcile else harvester.harvest()


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
            harvested.add(_harvest(archive, order, manners(one.url), reconcile=False))
        for url in servers:
            harvested.add(_follow(archive, url, manners(url), Emm.changes))
        bring_in_step(workspace, archive, report)
        if not release.is_unchanged(workspace, archive):
            release.publish(workspace, archive, keep)
    return harvested, report, release.current(workspace)
