"""The commands of OAI-PMH, and those that bring a copy up to date: harvest, apply, update."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from loader.cli.options import Asking, asks, asks_all, moment
from loader.cli.output import (
    data_option,
    fail_if_lost,
    open_existing,
    open_workspace,
    say_or_log,
    say_what_was_applied,
)
from loader.cli.publishing import Publishing, publishes
from loader.errors import LoaderError, WorkspaceBusy

if TYPE_CHECKING:
    from loader.harvest.update_report import Updated

LIBRIS = "https://libris.kb.se/api/oaipmh/"


@click.command()
@asks(LIBRIS)
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
    callback=moment(),
    metavar="DATE",
    help="Changed at or after: 2026-01-31, or with"
    " time and offset.  [default: where the last whole run began, with an overlap]",
)
@click.option(
    "--until",
    "end",
    callback=moment(up=True),
    metavar="DATE",
    help="Changed at or before. Libris takes a date alone for its first moment, so that this day"
    " doesn't come.  [default: now]",
)
@click.option(
    "--silent-updates",
    "silent",
    is_flag=True,
    help="Ask Libris for changes without a new date too.",
)
@click.option("--resume", is_flag=True, help="Go on with an unfinished run, whatever its dates.")
@click.option(
    "--reconcile",
    is_flag=True,
    help="Compare all identifiers; fetch what is missing or stale, drop what the provider says is"
    " gone.",
)
@click.option(
    "--delete",
    "agreed",
    type=click.IntRange(min=1),
    metavar="N",
    help="Agree to so many deletions when comparing; the number that was printed.",
)
@click.option("--keep-history", is_flag=True, help="Keep payloads that are replaced.")
def harvest(asking: Asking, sets: tuple[str, ...], reconcile: bool, **rest: Any) -> None:
    """Harvest records over OAI-PMH into archive and store.

    The first run takes everything, the next ones what has changed since. A run that was
    interrupted or killed goes on at the page where it stood. Ctrl-C stops at the end of a page.

    \b
    Example:
      libris-loader harvest --set bib:S --set hold:S --contact librarian@example.org
    """
    from loader.harvest import update
    from loader.harvest.order import Order

    if rest["agreed"] and not reconcile:
        raise click.UsageError("--delete goes with --reconcile")
    harvested, applied = update.harvest(
        open_workspace(asking.data),
        Order(asking.base_url, sets=sets or ("",), limit=asking.limit, **rest),
        asking.manners(asking.base_url),
        reconcile=reconcile,
        archive_only=asking.archive_only,
        tell=asking.tell,
    )
    asking.conclude(harvested, applied)


@click.command()
@data_option
def apply(data: Path) -> None:
    """Bring the store in step with the archive.

    \b
    Example:
      libris-loader apply --data /srv/libris
    """
    from loader.harvest import update

    report = update.apply(open_existing(data, "there is nothing to apply"))
    say_what_was_applied(report)
    fail_if_lost(report)


@click.command(short_help="Harvest what has changed, apply and publish it, for cron.")
@asks_all()
@publishes()
@click.option(
    "-q",
    "--quiet",
    is_flag=True,
    help="Print nothing when all is well and nothing is to be done.",
)
@click.option(
    "--log",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Add the line to this file, with the time, instead of printing it.",
)
def update(asking: Asking, publishing: Publishing, quiet: bool, log: Path | None) -> None:
    """Harvest what has changed, apply it and publish: the line for cron.

    Prints one line. It asks for all that was ever harvested into this directory; if another
    command is writing there, it does nothing and says so. A provider that fails stops no other
    one; the exit code is 1 then. Where nothing has come, nothing is published, so that a release
    that was returned to stays.

    \b
    Example:
      libris-loader update -q --data /srv/libris --contact librarian@example.org
    """
    from loader.harvest import update

    if quiet:
        logging.getLogger().setLevel(logging.WARNING)
    else:
        quiet = logging.getLogger().level > logging.INFO
    try:
        workspace = open_workspace(asking.data)
        done = update.update(
            workspace,
            asking.manners,
            publishing.keep,
            publishing.parts,
            keep_changes=publishing.keep_changes,
            history=publishing.history,
        )
    except WorkspaceBusy as busy:
        say_or_log(f"nothing done: {busy}", log)
        return
    except LoaderError as error:
        _tell_of_failure(asking, log, error)
        raise
    asking.write(done.as_json())
    _tell_of_update(done, quiet, log)


def _tell_of_update(done: Updated, quiet: bool, log: Path | None) -> None:
    """Say what came of an update; end with exit code 1 if a provider failed or anything is lost."""
    for failure in done.failures:
        logging.error("%s", failure)
    if not (quiet and done.is_quiet):
        say_or_log(str(done), log)
    if done.failures:
        sys.exit(1)
    fail_if_lost(done.applied, done.harvested.total().quarantined)


def _tell_of_failure(asking: Asking, log: Path | None, error: LoaderError) -> None:
    asking.write({"failures": [str(error)]})
    if log is not None:
        say_or_log(f"failed: {error}", log)


commands = (harvest, apply, update)
