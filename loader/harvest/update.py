"""The update of a copy: harvest, bring the store in step, publish; in steps or in one go."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial

from loader.archive.archive import Archive, connect
from loader.archive.cursors import Cursors
from loader.errors import ArchiveError, LoaderError
from loader.harvest.emm import Emm
from loader.harvest.harvester import Harvester
from loader.harvest.order import Order
from loader.harvest.update_report import Updated
from loader.interrupts import catch_interrupts
from loader.progress import show_progress
from loader.provider.harvest_report import HarvestReport
from loader.provider.http import Manners
from loader.release import freshness, release
from loader.release.release_folders import current_number
from loader.store.pipeline import Report, bring_in_step, opened
from loader.workspace import KEEP_CHANGES, Workspace

logger = logging.getLogger(__name__)

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
    with (
        opened(workspace, "harvest") as archive,
        freshness.note_run(archive, workspace.freshness) as end,
    ):
        with _keep_in_step(workspace, archive, None if archive_only else report):
            harvested = _harvest(archive, order, manners, reconcile, tell)
        end(harvested.total().finished)
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
    with (
        opened(workspace, "changes") as archive,
        freshness.note_run(archive, workspace.freshness) as end,
    ):
        with _keep_in_step(workspace, archive, None if archive_only else report):
            followed = _follow(archive, url, manners, work, tell)
        end(followed.total().finished)
    return followed, report


@contextmanager
def _keep_in_step(workspace: Workspace, archive: Archive, report: Report | None) -> Iterator[None]:
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
    with catch_interrupts() as stop, show_progress("records", None) as advance:
        emm = Emm(archive, url, manners, lambda count, reached: advance(count, reached or ""), stop)
        with _tell_outcome(emm.report, tell):
            work(emm)
    return emm.report


def _harvest(
    archive: Archive, order: Order, manners: Manners, reconcile: bool, tell: Tell
) -> HarvestReport:
    with catch_interrupts() as stop, show_progress("harvest", None) as advance:
        harvester = Harvester(
            archive, order, manners, lambda count, reached: advance(count, reached or ""), stop
        )
        with _tell_outcome(harvester.report, tell):
            if reconcile:
                harvester.reconcile()
            else:
                harvester.harvest()
    return harvester.report


@contextmanager
def _tell_outcome(report: HarvestReport, tell: Tell) -> Iterator[None]:
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


@contextmanager
def open_usable_archive(workspace: Workspace) -> Iterator[Archive | None]:
    """Yield the archive; None, and a warning, if it can't be used."""
    try:
        connection = connect(workspace.archive, read_only=True)
    except ArchiveError as error:
        logger.warning("%s. The next update may publish over this release.", error)
        yield None
        return
    with closing(connection):
        yield Archive(connection)


def update(
    workspace: Workspace,
    manners: Callable[[str], Manners],
    keep: int,
    wanted: Collection[str] = (),
    *,
    keep_changes: int = KEEP_CHANGES,
    history: bool = False,
) -> Updated:
    """Harvest all that was ever harvested, since then; apply it; publish if anything changed.

    A provider that fails stops no other one. keep and those after it: as ``release.publish`` has
    them; a part that can't be made is among the failures.
    """
    with opened(workspace, "update") as archive:
        tasks = _list_tasks(archive, manners)
        if not tasks:
            raise ArchiveError("nothing was ever harvested: begin with libris-loader harvest")
        with freshness.note_run(archive, workspace.freshness) as end:
            harvested, failures = _do_all(tasks)
            report = Report()
            bring_in_step(workspace, archive, report)
            end(not failures and harvested.total().finished)
            kept = release.explain_unpublished(workspace, archive)
            if kept is None:
                made = release.publish(
                    workspace, archive, keep, wanted, keep_changes=keep_changes, history=history
                )
                lacking = release.find_lacking(workspace, made, wanted)
                failures += (lacking,) if lacking else ()
        number = current_number(workspace)
    return Updated(harvested, report, failures, number, kept)


def _list_tasks(
    archive: Archive, manners: Callable[[str], Manners]
) -> list[Callable[[Tell], object]]:
    """Return what is to be asked for; each tells what has come, however it ends."""
    cursors = Cursors(archive.connection)
    harvests = [
        partial(_harvest, archive, Order(of.url, of.prefix, (of.set_spec,)), manners(of.url), False)
        for of in cursors.selections()
    ]
    followed = [
        partial(_follow, archive, url, manners(url), Emm.changes) for url in cursors.followed()
    ]
    return [*harvests, *followed]


def _do_all(
    tasks: Iterable[Callable[[Tell], object]],
) -> tuple[HarvestReport, tuple[str, ...]]:
    harvested, failures = HarvestReport(), []
    for task in tasks:
        try:
            task(harvested.add)
        except LoaderError as error:
            failures.append(str(error))
    return harvested, tuple(failures)
