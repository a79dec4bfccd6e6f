"""One provider from the first harvest to a comparison in full, and what there is to be then."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from loader.archive.archive import Archive, connect
from loader.errors import DeletionUnproven, LoaderError
from loader.harvest import archive_writer, update
from loader.harvest.order import Order
from loader.maintenance.verification import find_breaches
from loader.provider import http
from loader.provider.harvest_report import HarvestReport
from loader.provider.http import Manners
from loader.provider.oai import paging
from loader.store.pipeline import opened
from loader.store.store import GraphStore
from loader.workspace import Workspace
from tests.standin.faults import Listed
from tests.standin.unruly import Unruly

_QUICK = Manners(pause=0, first_wait=0.0001, longest_wait=0.0001, silence=5, budget=1_000_000)
_MOST = 40  # runs until one ends well


class Killed(BaseException):
    """The process ends here."""


def outcome(seed: int, folder: Path) -> dict[str, int]:
    """Harvest from the provider of a seed; return figures. Raises AssertionError."""
    workspace = Workspace(folder / "data")
    figures = {"harvests": 0, "errors": 0, "killed": 0}
    with Unruly(seed) as provider, _ways(provider):
        for _ in range(provider.chance.randint(1, 3)):
            _go_wrong(provider)
            _until_done(workspace, provider, figures, reconcile=False)
            _is_whole(workspace, provider)
            for _ in range(provider.chance.randint(0, 4)):
                provider.change()
        _until_done(workspace, provider, figures, reconcile=False)
        _is_whole(workspace, provider)
        _compare(workspace, provider, figures)
        figures["requests"] = len(provider.asked)
        figures["records"] = len(provider.newest())
        figures["in quarantine"] = len(provider.unreadable()) + provider.unnamed()
    if seed % 5 == 0:
        _is_sound(workspace)
    return figures


@contextmanager
def _ways(provider: Unruly) -> Iterator[None]:
    """Let pages be read beside, or kept in files, or neither."""
    with ExitStack() as stack:
        way = provider.chance.choice(("held", "held", "in a file", "beside"))
        if way == "beside":
            stack.enter_context(patch.object(archive_writer, "MANY", 0))
        elif way == "in a file":
            stack.enter_context(patch.object(http, "LARGE", 100))
            stack.enter_context(patch.object(paging, "_TOGETHER", 3))
        yield


def _go_wrong(provider: Unruly) -> None:
    """Let some of the next lists have no end."""
    kinds = ("", "", "", "cycle", "same")
    provider.lists = [provider.chance.choice(kinds) for _ in range(provider.chance.randint(0, 2))]


def _until_done(
    workspace: Workspace, provider: Unruly, figures: dict[str, int], *, reconcile: bool
) -> HarvestReport:
    for _ in range(_MOST):
        figures["harvests"] += 1
        kill = provider.chance.randint(1, 4) if provider.chance.random() < 0.2 else 0
        try:
            with _killed_after(kill):
                report = _harvest(workspace, provider, reconcile=reconcile)
        except Killed:
            figures["killed"] += 1
        except DeletionUnproven:
            raise
        except LoaderError:
            figures["errors"] += 1
        else:
            if report.total().finished:
                return report
    raise AssertionError(f"not done after {_MOST} runs")


def _harvest(
    workspace: Workspace, provider: Unruly, *, reconcile: bool, agreed: int | None = None
) -> HarvestReport:
    order = Order(provider.url, agreed=agreed)
    report, _ = update.harvest(workspace, order, _QUICK, reconcile=reconcile, archive_only=True)
    return report


@contextmanager
def _killed_after(number: int) -> Iterator[None]:
    """End as if killed when so many pages have come; 0 doesn't."""
    behind: Callable[..., Any] = paging.move_behind
    count = [number]

    def counted(*arguments: Any) -> Any:
        count[0] -= 1
        if count[0] == 0:
            raise Killed
        return behind(*arguments)

    with patch.object(paging, "move_behind", counted):
        yield


def _compare(workspace: Workspace, provider: Unruly, figures: dict[str, int]) -> None:
    """Compare in full: with lists that lack records, then with records that are gone."""
    for wrong in ("empty", "short"):
        provider.lists = [wrong]
        assert _until_done(workspace, provider, figures, reconcile=True).total().deleted == 0
        _is_whole(workspace, provider)
    gone = provider.chance.sample(sorted(provider.live()), min(3, len(provider.live())))
    for name in gone[: provider.chance.randint(0, 3)]:
        provider.purge(name.rpartition("/")[2])
    provider.change()
    _until_done(workspace, provider, figures, reconcile=False)
    provider.spoil = Listed({})
    _delete(workspace, provider)
    _is_whole(workspace, provider)


def _delete(workspace: Workspace, provider: Unruly) -> None:
    """Compare, and agree to what was printed."""
    agreed = 0
    try:
        _harvest(workspace, provider, reconcile=True)
    except DeletionUnproven as error:
        agreed = int(re.findall(r"--delete (\d+)", str(error))[0])
    if agreed:
        _harvest(workspace, provider, reconcile=True, agreed=agreed)


def _is_whole(workspace: Workspace, provider: Unruly) -> None:
    archive = Archive(connect(workspace.archive, read_only=True))
    documents = list(archive.reader.documents(archive.reader.all_ids()))
    aside = archive.reader.quarantined()
    counts = archive.reader.counts()
    archive.connection.close()
    live = {
        document.identifier: json.loads(document.payload)
        for document in documents
        if not document.deleted
    }
    assert live == provider.live(), _difference(live, provider.live())
    assert provider.deleted() <= {document.identifier for document in documents if document.deleted}
    named = [
        entry.identifier for entry in aside if not entry.identifier.startswith("record without")
    ]
    assert sorted(named) == provider.unreadable()
    unnamed = len(aside) - len(named)
    assert provider.unnamed() <= unnamed <= provider.unnamed() + provider.unnamed_before
    assert all(record.reason for record in aside)
    assert counts["records"] - counts["deleted"] == len(live)
    assert counts["unreadable"] == len(aside)


def _is_sound(workspace: Workspace) -> None:
    update.apply(workspace)
    if workspace.store.exists():
        with opened(workspace, "test") as archive:
            assert list(find_breaches(archive, GraphStore(workspace.store), lambda *_: None)) == []


def _difference(one: dict[str, Any], other: dict[str, Any]) -> str:
    names = sorted(name for name in {*one, *other} if one.get(name) != other.get(name))
    return "\n".join(f"{name}: {one.get(name)}, not {other.get(name)}" for name in names)
