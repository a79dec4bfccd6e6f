"""The commands that keep a copy of a provider's records: harvest, apply, update."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from loader.console import data_option, open_workspace, say_what_was_applied
from loader.errors import WorkspaceBusy

if TYPE_CHECKING:
    from loader.reports import HarvestReport
    from loader.web import Manners

LIBRIS = "https://libris.kb.se/api/oaipmh/"
EMM = "https://libris.kb.se/api/emm/"

_contact = click.option(
    "--contact",
    envvar="LIBRIS_CONTACT",
    default="",
    metavar="ADDRESS",
    help="Whom the provider can write to: an e-mail address or a page. Needed for any provider"
    " that is not on this machine.  [environment: LIBRIS_CONTACT]",
)
_pause = click.option(
    "--pause",
    type=click.FloatRange(min=0),
    default=None,
    metavar="SECONDS",
    help="Between two requests.  [default: 1, on this machine 0]",
)
_budget = click.option(
    "--budget",
    type=click.IntRange(min=1),
    default=50_000,
    show_default=True,
    metavar="N",
    help="Requests a day (UTC) to one provider.",
)


def _manners(url: str, contact: str, pause: float | None, budget: int) -> Manners:
    from loader.web import Manners, is_loopback

    if pause is None:
        pause = 0.0 if is_loopback(url) else 1.0
    return Manners(contact=contact, pause=pause, budget=budget)


@click.command()
@data_option
@click.option("--base-url", default=LIBRIS, show_default=True, metavar="URL", help="The provider.")
@click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="SETSPEC",
    help="bib, auth, hold, nb, sao, bib:SIGEL, hold:SIGEL; several are harvested one after the"
    " other.  [default: everything]",
)
@click.option(
    "--prefix",
    default="jsonld",
    show_default=True,
    metavar="PREFIX",
    help="metadataPrefix. One that begins with jsonld brings Libris records, any other RDF, which"
    " is loaded into a graph per record.",
)
@click.option(
    "--from",
    "begin",
    metavar="DATE",
    help="Changed at or after: 2026-01-31, or with"
    " time and offset.  [default: where the last whole run began, less an hour]",
)
@click.option("--until", "end", metavar="DATE", help="Changed at or before.  [default: now]")
@click.option(
    "--silent-updates",
    "silent",
    is_flag=True,
    help="Ask Libris for changes without a new date too.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    metavar="N",
    help="Stop at the end of the page with the Nth record; the same command goes on.",
)
@click.option("--resume", is_flag=True, help="Go on with an unfinished run, whatever its dates.")
@click.option(
    "--reconcile",
    is_flag=True,
    help="Compare all identifiers; fetch what is missing or stale, drop what is gone.",
)
@click.option("--archive-only", is_flag=True, help="Leave the store alone; apply follows.")
@click.option("--keep-history", is_flag=True, help="Keep payloads that are replaced.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write the figures here as JSON.",
)
@_contact
@_pause
@_budget
def harvest(
    data: Path,
    base_url: str,
    sets: tuple[str, ...],
    report: Path | None,
    contact: str,
    pause: float | None,
    budget: int,
    **rest: Any,
) -> None:
    """Harvest records over OAI-PMH into archive and store.

    The first run takes everything, the next ones what has changed since. A run that was
    interrupted or killed goes on at the page where it stood. Ctrl-C stops at the end of a page.

    \b
    Example:
      libris-loader harvest --set bib:S --set hold:S --contact librarian@example.org
    """
    from loader import upkeep
    from loader.harvest import Order

    reconcile, archive_only = rest.pop("reconcile"), rest.pop("archive_only")
    order = Order(base_url, sets=sets or ("",), **rest)
    harvested, applied = upkeep.harvest(
        open_workspace(data),
        order,
        _manners(base_url, contact, pause, budget),
        reconcile=reconcile,
        archive_only=archive_only,
    )
    _say_what_came(harvested)
    if not archive_only:
        say_what_was_applied(applied)
    if report:
        report.write_text(json.dumps(harvested.as_json(), indent=2) + "\n", encoding="utf-8")


_emm_url = click.option(
    "--base-url", default=EMM, show_default=True, metavar="URL", help="The EMM server."
)


@click.command()
@data_option
@_emm_url
@click.option(
    "--selection",
    required=True,
    metavar="NAME",
    help="type:Person (or another class), itemAndInstance:SIGEL, or all.",
)
@_contact
@_pause
@_budget
def dump(
    data: Path, base_url: str, selection: str, contact: str, pause: float | None, budget: int
) -> None:
    """Take in one of Libris' dumps (EMM); changes goes on from its beginning.

    \b
    Example:
      libris-loader dump --selection type:Person --contact librarian@example.org
    """
    from loader import upkeep

    manners = _manners(base_url, contact, pause, budget)
    came, applied = upkeep.follow(
        open_workspace(data), base_url, manners, lambda emm: emm.dump(selection)
    )
    _say_what_came(came)
    say_what_was_applied(applied)


@click.command()
@data_option
@_emm_url
@click.option(
    "--since", metavar="DATE", help="Begin here.  [default: where the last run, or dump, began]"
)
@_contact
@_pause
@_budget
def changes(
    data: Path, base_url: str, since: str | None, contact: str, pause: float | None, budget: int
) -> None:
    """Follow the changes that Libris announces (EMM), silent ones too.

    Of things that the archive doesn't have, those are taken that a dump's selection has.

    \b
    Example:
      libris-loader changes --contact librarian@example.org
    """
    from loader import upkeep

    manners = _manners(base_url, contact, pause, budget)
    came, applied = upkeep.follow(
        open_workspace(data), base_url, manners, lambda emm: emm.changes(since)
    )
    _say_what_came(came)
    say_what_was_applied(applied)


@click.command()
@data_option
def apply(data: Path) -> None:
    """Bring the store in step with the archive.

    \b
    Example:
      libris-loader apply --data /srv/libris
    """
    from loader import upkeep

    say_what_was_applied(upkeep.apply(open_workspace(data)))


@click.command()
@data_option
@_contact
@_pause
@_budget
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    metavar="N",
    help="Releases to leave.",
)
def update(data: Path, contact: str, pause: float | None, budget: int, keep: int) -> None:
    """Harvest what has changed, apply it and publish: the line for cron.

    Prints one line. It asks for all that was ever harvested into this directory; if another
    command is writing there, it does nothing and says so.

    \b
    Example:
      15 * * * *  libris-loader -q update --data /srv/libris --contact librarian@example.org
    """
    from loader import upkeep

    try:
        harvested, applied, number = upkeep.update(
            open_workspace(data), lambda url: _manners(url, contact, pause, budget), keep
        )
    except WorkspaceBusy as busy:
        click.echo(f"nothing done: {busy}")
        return
    total = harvested.total()
    click.echo(
        f"received {total.received}, new {total.new}, changed {total.changed},"
        f" deleted {total.deleted}, quarantined {total.quarantined + applied.quarantined},"
        f" applied {applied.applied}, release {number}"
    )


def _say_what_came(report: HarvestReport) -> None:
    total, traffic = report.total(), report.traffic
    logging.info(
        "Harvest: %s received, %s new, %s changed, %s unchanged, %s deleted, %s unreadable;"
        " %s requests, %s of them again, %.1f MB in %.1f s.",
        *(f"{one:,}" for one in (total.received, total.new, total.changed, total.unchanged)),
        *(f"{one:,}" for one in (total.deleted, total.quarantined)),
        f"{traffic.requests:,}",
        f"{traffic.retries:,}",
        traffic.bytes / 1e6,
        report.seconds,
    )
    if not total.finished:
        logging.warning("The harvest is not at its end; the same command goes on.")


commands = (harvest, dump, changes, apply, update)
