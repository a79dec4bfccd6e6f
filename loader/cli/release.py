"""The commands of releases: release, releases, rollback, tables, dump-release."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loader.cli.output import data_option, open_existing
from loader.cli.publishing import Publishing, publishes
from loader.errors import ReleaseError

if TYPE_CHECKING:
    from loader.workspace import Workspace


@click.command()
@data_option
@publishes()
@click.option(
    "--if-changed", is_flag=True, help="Publish only if the store has changed since the last."
)
def release(data: Path, publishing: Publishing, if_changed: bool) -> None:
    """Publish what is in the store; print the release's number.

    A running server takes the new release up by itself.

    \b
    Example:
      libris-loader release --data /srv/libris --keep 3
    """
    publish_release(open_existing(data, "nothing to publish"), publishing, if_changed)


def publish_release(workspace: Workspace, publishing: Publishing, if_changed: bool) -> None:
    """Publish the store and print the release's number.

    publishing: what the release is to have; of its parts, one that is served already gets them.
    if_changed: unless nothing has changed.
    """
    from loader.release.additions import add_part
    from loader.release.release import explain_unpublished, find_lacking, publish
    from loader.release.release_folders import current_number, release_folder
    from loader.store import pipeline

    wanted = publishing.parts
    with pipeline.opened(workspace, "release") as archive:
        reason = explain_unpublished(workspace, archive) if if_changed else None
        if reason is not None:
            number = current_number(workspace)
            logging.info("Nothing is published: %s.", reason)
            for name in wanted:
                if number is not None:
                    add_part(workspace, release_folder(workspace, number), name)
        else:
            number = publish(
                workspace,
                archive,
                publishing.keep,
                wanted,
                keep_changes=publishing.keep_changes,
                history=publishing.history,
            )
            logging.info("Release %s is published.", number)
        lacking = find_lacking(workspace, number, wanted) if number is not None else None
    click.echo(number)
    if lacking:
        raise ReleaseError(lacking)


@click.command(short_help="Make tables (Parquet) of a published release.")
@data_option
@click.argument("number", type=int, required=False)
def tables(data: Path, number: int | None) -> None:
    """Make tables of a release that is published, in its folder tables/.

    NUMBER: which one; by default the one that is served. One that has tables keeps them.

    \b
    Example:
      libris-loader tables --data /srv/libris
    """
    _add_part(data, number, "tables")


@click.command("dump-release", short_help="Make dumps (N-Quads) of a published release.")
@data_option
@click.argument("number", type=int, required=False)
def dump_release(data: Path, number: int | None) -> None:
    """Make dumps of a release that is published, in its folder dumps/.

    NUMBER: which one; by default the one that is served. One that has dumps keeps them. They are
    N-Quads, compressed with gzip and with zstd: all of it, and by kind of record.

    \b
    Example:
      libris-loader dump-release --data /srv/libris
    """
    _add_part(data, number, "dumps")


def _add_part(data: Path, number: int | None, name: str) -> None:
    from loader.release.additions import add_part
    from loader.release.release_folders import current_number, release_folder

    workspace = open_existing(data, "nothing is published")
    with workspace.locked(name):
        number = current_number(workspace) if number is None else number
        if number is None:
            raise ReleaseError("nothing is published: run libris-loader release")
        if not add_part(workspace, release_folder(workspace, number), name):
            logging.info("Release %d has %s.", number, name)
    click.echo(number)


@click.command(short_help="List the releases.")
@data_option
def releases(data: Path) -> None:
    """List the releases, tab-separated: number, time in UTC, quads, graphs, current or not.

    \b
    Example:
      libris-loader releases --data /srv/libris
    """
    from loader.release.release import load_release
    from loader.release.release_folders import list_numbers

    workspace, damaged = open_existing(data, "nothing is published"), False
    for number in list_numbers(workspace):
        try:
            listed = load_release(workspace, number)
        except ReleaseError as error:
            damaged = True
            logging.error("%s", error)
            continue
        mark = "current" if listed.current else ""
        click.echo(
            f"{listed.number}\t{listed.published}\t{listed.quads}\t{listed.graphs}\t{mark}".rstrip()
        )
    if damaged:
        sys.exit(1)


@click.command()
@data_option
@click.argument("number", type=int, required=False)
def rollback(data: Path, number: int | None) -> None:
    """Serve an earlier release again; print its number.

    NUMBER: which one; by default the one before the current. It stays until something new has
    come: an update that brings nothing leaves it.

    \b
    Example:
      libris-loader rollback --data /srv/libris 6
    """
    from loader.harvest import update
    from loader.release.release import roll_back

    workspace = open_existing(data, "there is no earlier release to return to")
    with workspace.locked("rollback"), update.open_usable_archive(workspace) as archive:
        click.echo(roll_back(workspace, number, archive))


commands = (release, releases, rollback, tables, dump_release)
