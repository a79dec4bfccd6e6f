"""The commands that keep a data directory for years: backup and restore."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from loader.cli.output import data_option, open_workspace

_FOLDER = click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")


@click.command(short_help="Copy what can't be made again into a new directory.")
@data_option
@_FOLDER
def backup(data: Path, folder: Path) -> None:
    """Copy what can't be made again into a new directory: archive, runs of link, judgements.

    DIR: a directory that isn't there yet, outside the data directory. Other commands may run
    meanwhile: the copy is of one moment. It is there whole, with checksums, or not at all. Store
    and releases are left out; rebuild makes them from the archive.

    \b
    Example:
      libris-loader backup --data /srv/libris /backup/libris-2026-11-28
    """
    from loader.maintenance import backup as backups

    said = backups.backup(open_workspace(data), folder)
    for name, checksum in said["files"].items():
        logging.info("%s: %s bytes", name, f"{checksum['bytes']:,}")
    click.echo(folder)


@click.command(short_help="Put a backup back as a new data directory.")
@data_option
@_FOLDER
def restore(data: Path, folder: Path) -> None:
    """Put a backup back as a new data directory, once its checksums have proved it whole.

    DIR: what backup has made. The data directory must be empty, or not there yet. The last line
    that is printed is the command that makes store and release anew.

    \b
    Example:
      libris-loader restore --data /srv/libris /backup/libris-2026-11-28
    """
    import shlex

    from loader.maintenance import backup as backups

    records = backups.restore(folder, open_workspace(data))
    logging.info("%s records are back. Store and release are made anew by:", f"{records:,}")
    click.echo(f"libris-loader rebuild --release --data {shlex.quote(str(data))}")


commands = (backup, restore)
