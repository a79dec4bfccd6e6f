"""The commands that look after what there is: verify, stats."""

from __future__ import annotations

import json
import logging
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loader.cli.output import data_option, fail, open_existing, open_workspace

if TYPE_CHECKING:
    from loader.workspace import Workspace

_LINES = 20  # of a list in stats


@click.command(short_help="Prove that nothing is damaged and all rules are kept.")
@data_option
def verify(data: Path) -> None:
    """Prove that nothing is damaged and the store keeps the rules; else exit 1 with a list.

    Every file of the releases is compared with its checksum, and every quad is looked up in every
    index of the store. Each graph is compared with its document in the archive, triple by triple:
    some 200 documents a second.

    \b
    Example:
      libris-loader verify --data /srv/libris
    """
    from loader.maintenance import damage

    workspace = open_existing(data, "there is no store to verify")
    with workspace.locked("verify"):
        found = list(damage.find_in_sources(workspace))
        damaged = list(damage.find_in_releases(workspace))
    if not found:
        found = _breaches(workspace)
    for breach in (*found, *damaged):
        click.echo(breach)
    if found or damaged:
        fail(f"{len(found) + len(damaged)} breaches")
    logging.info("Every rule holds.")


def _breaches(workspace: Workspace) -> list[str]:
    from loader.maintenance.verification import find_breaches
    from loader.progress import show_progress
    from loader.store import pipeline
    from loader.store.store import GraphStore

    with pipeline.opened(workspace, "verify") as archive:
        if not workspace.store.exists():
            fail("there is no store to verify: load something first")
        with show_progress("verify", len(archive.reader.all_ids())) as advance:
            return list(find_breaches(archive, GraphStore(workspace.store), advance))


@click.command(short_help="Count archive and store; say what is in quarantine.")
@data_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
@click.option(
    "--all", "everything", is_flag=True, help="Print long lists whole, not their first 20 lines."
)
def stats(data: Path, as_json: bool, everything: bool) -> None:
    """Print what archive and store hold, and what is in quarantine and why.

    \b
    Example:
      libris-loader stats --data /srv/libris
    """
    from loader.archive.archive import Archive, connect
    from loader.maintenance.statistics import count_all, format_lines

    with closing(connect(open_workspace(data).archive, read_only=True)) as connection:
        found = count_all(Archive(connection))
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        for line in format_lines(found, None if everything else _LINES):
            click.echo(line)


commands = (verify, stats)
