"""The commands that fill the cache of a server, make tables, check saved queries, judge links."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from sparql_server.cli.output import fail


@click.command(short_help="Ask a running server for every saved query.")
@click.option(
    "--url",
    default="http://127.0.0.1:8080/",
    show_default=True,
    metavar="URL",
    help="Address of the running server.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.1),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Time that each answer may take.",
)
def warm(url: str, timeout: float) -> None:
    """Ask a running server for the default form of every saved query, so that they are cached.

    Prints seconds, form and query for each. `serve --warm` does this before a new release is
    served; this command is for a server that runs without it.

    \b
    Example:
      libris-sparql warm --url http://127.0.0.1:8080/
    """
    from sparql_server.cli.warm import visit

    failed = 0
    for visited in visit(url, timeout):
        failed += visited.wrong is not None
        click.echo(f"{visited.seconds:8.3f}  {visited.form:<5} {visited.query}")
        if visited.wrong:
            click.echo(f"{visited.query} ({visited.form}): {visited.wrong}", err=True)
    if failed:
        fail(f"{failed} of them failed")


@click.command(short_help="Make tables (Parquet) of a release.")
@click.argument("release", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
@click.option(
    "--former",
    metavar="DIR",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Folder of another release: if its data is the same, its tables are taken. May be"
    " repeated.  [default: none]",
)
def tables(release: Path, target: Path, former: tuple[Path, ...]) -> None:
    """Make tables of a release: Parquet files, with what describes them.

    RELEASE: its folder. TARGET: the folder that they are made in, which isn't there yet.
    libris-loader release --tables does this, too, and puts them where they are served.

    \b
    Example:
      libris-sparql tables data/releases/0007 tables
    """
    from sparql_server.engine.releases import open_release
    from sparql_server.settings import TABLES
    from sparql_server.tables.making import make_tables
    from sparql_server.tables.query_files import load_tables

    tables = load_tables(TABLES)
    for made in make_tables(open_release(release), tables, target, former=former):
        click.echo(f"{made.table.name}\t{made.rows}\t{sum(file.bytes for file in made.files)}")


@click.command("check-queries", short_help="Check the files of saved queries.")
@click.argument(
    "folder",
    required=False,
    metavar="[DIR]",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
def check_queries(folder: Path | None) -> None:
    """Check the files of saved queries; print what is wrong, with file and line.

    DIR: a directory with saved queries.  [default: those that come with the server]

    \b
    Example:
      libris-sparql check-queries queries
    """
    from sparql_server.catalogue.query_files import load
    from sparql_server.settings import QUERIES

    catalogue = load(folder or QUERIES)
    for problem in catalogue.problems:
        click.echo(problem)
    click.echo(f"{len(catalogue.queries)} saved queries can be served.", err=True)
    if catalogue.problems:
        fail(f"{len(catalogue.problems)} can't")


@click.command(
    short_help="Judge links that are in doubt, at a page on this machine.",
    context_settings={"ignore_unknown_options": True},
    options_metavar="--who NAME [OPTIONS]",
)
@click.argument("options", nargs=-1, type=click.UNPROCESSED, metavar="")
def review(options: tuple[str, ...]) -> None:
    """Judge links that are in doubt, at a page on this machine.

    The loader keeps the links: this command goes on as libris-loader link review serve, whose
    --help says which options there are.

    \b
    Example:
      libris-sparql review --who "K. Librarian" --data /srv/libris
    """
    command = [sys.executable, "-P", "-m", "loader.cli", "link", "review", "serve", *options]
    os.execv(sys.executable, command)


commands = (warm, tables, check_queries, review)
