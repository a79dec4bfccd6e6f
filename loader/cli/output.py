"""The output of the commands, and the option for the data directory, which all of them have."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from loader.store.pipeline import Report
    from loader.workspace import Workspace

data_option = click.option(
    "--data",
    type=click.Path(path_type=Path),
    default=Path("data"),
    metavar="DIR",
    help="Directory of archive, store and releases.  [default: ./data]",
)


def open_workspace(data: Path) -> Workspace:
    """Return the data directory; raise LoaderError if it is a file."""
    from loader.disk import require_folder
    from loader.workspace import Workspace

    require_folder(data)
    return Workspace(data)


def open_existing(data: Path, lacking: str) -> Workspace:
    """Return a data directory that is there; else raise LoaderError, which says what is lacking."""
    from loader.errors import LoaderError

    workspace = open_workspace(data)
    if not data.exists():
        raise LoaderError(
            f"{lacking}: {data} isn't there; load something first, or name another with --data"
        )
    return workspace


def say_what_was_loaded(report: Report) -> None:
    """Say what came of files."""
    logging.info(
        "Archive: %s received, %s new, %s changed, %s unchanged, %s unreadable, in %.1f s.",
        f"{report.received:,}",
        f"{report.new:,}",
        f"{report.changed:,}",
        f"{report.unchanged:,}",
        f"{report.unreadable:,}",
        report.archive_seconds,
    )
    say_what_was_applied(report)


def say_what_was_applied(report: Report) -> None:
    """Say what became of documents in the store."""
    logging.info(
        "Store: %s documents applied, %s to quarantine, in %.1f s.",
        f"{report.applied:,}",
        f"{report.quarantined:,}",
        report.store_seconds,
    )
    if report.unreadable or report.quarantined:
        logging.warning("Some records could not be read: libris-loader stats says which and why.")
    if report.repaired or report.dropped:
        logging.warning(
            "%s terms were repaired, %s statements left out: libris-loader stats says which.",
            f"{report.repaired:,}",
            f"{report.dropped:,}",
        )


def fail_if_lost(report: Report, quarantined: int = 0) -> None:
    """End a command with exit code 1 if anything that came isn't in the store.

    quarantined: records that went to quarantine before they reached the archive.
    """
    if report.failed or report.unreadable or report.quarantined or report.dropped or quarantined:
        sys.exit(1)


def say_or_log(line: str, log: Path | None) -> None:
    """Print a line, or add it with the time, UTC, to a log."""
    if log is None:
        click.echo(line)
        return
    from loader.dates import now

    with open(log, "a", encoding="utf-8") as stream:
        stream.write(f"{now()[:19]}Z {line}\n")


def fail(message: str) -> NoReturn:
    """Say why a command failed, and end it with exit code 1."""
    click.echo(f"Error: {message}", err=True)
    sys.exit(1)
