"""The commands of releases: release, releases, rollback."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loader.cli.options import history_option, keep_changes_option, keep_option
from loader.cli.output import data_option, open_workspace
from loader.errors import ReleaseError

if TYPE_CHECKING:
    from loader.workspace import Workspace


@click.command()
@data_option
@keep_option
@keep_changes_option
@history_option
@click.option("--if-changed", is_flag=True, help="Publish only if the store has changed since.")
def release(data: Path, keep: int, keep_changes: int, history: bool, if_changed: bool) -> None:
    """Publish what is in the store; print the release's number.

    A running server takes the new release up by itself.

    \b
    Example:
      libris-loader release --data /srv/libris --keep 3
    """
    publish_release(open_workspace(data), (keep, keep_changes), if_changed, history=history)


def publish_release(
    workspace: Workspace, keep: tuple[int, int], if_changed: bool, *, history: bool
) -> None:
    """Publish the store and print the release's number.

    keep: of how many releases to keep all, and what changed. if_changed: only if anything has.
    history: as for ``publish``.
    """
    from loader.release.release import current_number, explain_unpublished, publish
    from loader.store import pipeline

    with pipeline.opened(workspace, "release") as archive:
        reason = explain_unpublished(workspace, archive) if if_changed else None
        if reason is not None:
            number = current_number(workspace)
            logging.info("Nothing is published: %s.", reason)
        else:
            number = publish(workspace, archive, *keep, history=history)
            logging.info("Release %s is published.", number)
    click.echo(number)


@click.command()
@data_option
def releases(data: Path) -> None:
    """List the releases, tab-separated: number, time in UTC, quads, graphs, current or not.

    \b
    Example:
      libris-loader releases --data /srv/libris
    """
    from loader.release.release import list_numbers, load_release

    workspace, damaged = open_workspace(data), False
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

    workspace = open_workspace(data)
    with workspace.locked("rollback"), update.open_usable_archive(workspace) as archive:
        click.echo(roll_back(workspace, number, archive))


commands = (release, releases, rollback)
