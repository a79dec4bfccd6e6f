"""The options that several commands share: the provider, the pace of requests, the report."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from loader import dates
from loader.cli.output import data_option, fail_if_lost, say_what_was_applied

if TYPE_CHECKING:
    from loader.provider.harvest_report import HarvestReport
    from loader.provider.http import Manners
    from loader.store.pipeline import Report

Command = Callable[..., None]

_MANNERS = (
    click.option(
        "--contact",
        envvar="LIBRIS_CONTACT",
        default="",
        metavar="ADDRESS",
        help="Whom the provider can write to: an e-mail address or a page. Needed for any provider"
        " that is not on this machine.  [environment: LIBRIS_CONTACT]",
    ),
    click.option(
        "--pause",
        type=click.FloatRange(min=0),
        default=None,
        metavar="SECONDS",
        help="Between two requests.  [default: 1, on this machine 0]",
    ),
    click.option(
        "--budget",
        type=click.IntRange(min=1),
        default=50_000,
        show_default=True,
        metavar="N",
        help="Requests a day (UTC) to one provider.",
    ),
)
_REPORT = click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the figures here as JSON, however the run ends.",
)
_OUTCOME = (
    click.option("--archive-only", is_flag=True, help="Leave the store alone; apply follows."),
    click.option(
        "--limit",
        type=click.IntRange(min=1),
        metavar="N",
        help="Stop at the end of the page with the Nth record; the same command goes on.",
    ),
    _REPORT,
)


def moment(*, up: bool = False) -> Callable[..., str | None]:
    """Return the check of an option that is a point in time, as a provider is asked for it.

    up: round up what is finer than seconds.
    """

    def check(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
        try:
            return None if value is None else dates.spell_request(value, up=up)
        except ValueError as error:
            raise click.BadParameter(str(error), context, option) from error

    return check


@dataclass(frozen=True, slots=True)
class Asking:
    """The values of these options. pause: None for the default of the provider's address."""

    data: Path
    contact: str
    pause: float | None
    budget: int
    base_url: str = ""
    archive_only: bool = False
    limit: int | None = None
    report: Path | None = None

    def manners(self, url: str) -> Manners:
        """Return how to behave towards the provider at an address."""
        from loader.provider.http import Manners, is_loopback

        pause = self.pause
        if pause is None:
            pause = 0.0 if is_loopback(url) else 1.0
        return Manners(contact=self.contact, pause=pause, budget=self.budget)

    def tell(self, came: HarvestReport) -> None:
        """Say what came, and write it down if a file is named."""
        say_what_came(came)
        self.write(came.as_json())

    def write(self, figures: Mapping[str, object]) -> None:
        """Write figures to the file that is named, if one is."""
        if self.report:
            self.report.write_text(f"{json.dumps(figures, indent=2)}\n", encoding="utf-8")

    def conclude(self, came: HarvestReport, applied: Report) -> None:
        """Say what became of records in the store; end with exit code 1 if one isn't there."""
        if not self.archive_only:
            say_what_was_applied(applied)
        fail_if_lost(applied, came.total().quarantined)


def asks(url: str) -> Callable[[Command], Command]:
    """Give a command the options for asking one provider, by default this one."""
    named = click.option(
        "--base-url", default=url, show_default=True, metavar="URL", help="The provider."
    )
    return _with((data_option, named), (*_OUTCOME, *_MANNERS))


def asks_all() -> Callable[[Command], Command]:
    """Give a command the options for asking all providers that are known."""
    return _with((data_option,), (_REPORT, *_MANNERS))


def _with(
    before: tuple[Callable[[Command], Command], ...],
    after: tuple[Callable[[Command], Command], ...],
) -> Callable[[Command], Command]:
    """Put options before and after a command's own; it gets them as its first argument."""

    def decorate(command: Command) -> Command:
        @wraps(command)
        def run(**options: Any) -> None:
            known = {field.name for field in fields(Asking)} & options.keys()
            asking = Asking(**{name: options.pop(name) for name in known})
            command(asking, **options)

        own = getattr(run, "__click_params__", [])
        run.__click_params__ = []  # type: ignore[attr-defined]
        for option in reversed(after):
            option(run)
        run.__click_params__ += own  # type: ignore[attr-defined]
        for option in reversed(before):
            option(run)
        return run

    return decorate


def say_what_came(report: HarvestReport) -> None:
    """Say what came of a harvest; by set, if there were several."""
    total, traffic = report.total(), report.traffic
    if len(report.sets) > 1:
        for name, counts in report.sets.items():
            logging.info("%s: %s", name or "everything", counts)
    logging.info(
        "Harvest: %s; %s requests, %s of them again, %.1f MB in %.1f s.",
        total,
        f"{traffic.requests:,}",
        f"{traffic.retries:,}",
        traffic.bytes / 1e6,
        report.seconds,
    )
    if not total.finished:
        logging.warning("The harvest is not at its end; the same command goes on.")
