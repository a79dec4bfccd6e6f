"""The console script ``libris-sparql``: the only place that prints.

Data goes to stdout, everything else to stderr. Exit codes: 0 done, 1 failed, 2 wrong usage.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import click

from sparql_server import __version__
from sparql_server.cli.options import option
from sparql_server.errors import ServerError
from sparql_server.settings import Settings, list_described

_data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("data"),
    show_default="./data",
    metavar="DIR",
    help="Directory with the releases, as libris-loader makes it.",
)
_allow_service = option(
    next(setting for setting in list_described() if setting.name == "allow_service")
)


# Line breaks, and what terminals take for commands; written so that JSON stays JSON.
_CONTROLS = {code: f"\\u{code:04x}" for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}


class _OneLine(logging.Formatter):
    """Keeps a message, whoever has written part of it, on its line; tracebacks have their own."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # logging's name
        return super().formatMessage(record).translate(_CONTROLS)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="libris-sparql")
def cli() -> None:
    """Answer SPARQL queries on the current release.

    \b
    Example:
      libris-sparql serve --data /srv/libris --port 8080
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine("%(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])


def _serve_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each setting, in the settings' order."""
    for setting in reversed(list_described()):
        command = option(setting)(command)
    return command


def _refuse_memory(_: click.Context, __: click.Parameter, value: str | None) -> None:
    if value is not None:
        raise click.UsageError(
            "There is no --memory any more: leave it out. What made answers fast in memory, the"
            " columns, is a part of each release, which libris-loader release makes."
        )


@cli.command()
@_data
@_serve_options
@click.option("--memory", hidden=True, expose_value=False, callback=_refuse_memory)
def serve(data: Path, **settings: Any) -> None:
    """Serve the current release over HTTP until interrupted.

    The endpoint is at /sparql, a page with a query box at /, /health says whether queries are
    answered, /metrics has figures for Prometheus. A new release is taken up without dropping a
    request. SIGTERM or Ctrl-C lets queries under way end; a second one doesn't.

    Sizes are bytes, or have a K, M or G behind them. A limit of 0 means that there is none.

    \b
    Example:
      libris-sparql serve --data /srv/libris --port 8080 --timeout 30
    """
    from sparql_server.serving.serve import serve as run

    run(Settings(data, **settings))


@cli.command()
@_data
@click.option(
    "--format",
    "name",
    type=click.Choice(
        ["csv", "json", "xml", "tsv", "arrow", "parquet", "ttl", "nt", "jsonld", "rdf"]
    ),
    help="Format of the result.  [default: csv for SELECT and ASK, ttl for CONSTRUCT and DESCRIBE]",
)
@_allow_service
@click.argument("query")
def query(data: Path, name: str | None, allow_service: tuple[str, ...], query: str) -> None:
    """Answer one query on the current release.

    QUERY: the query itself, a file that holds it, or - for standard input.

    \b
    Example:
      libris-sparql query 'SELECT (COUNT(*) AS ?triples) { ?s ?p ?o }'
      libris-sparql query --format ttl 'DESCRIBE <https://libris.kb.se/sample-b0001#it>'
    """
    from sparql_server.cli.local_query import answer

    answer(data, _text(query), name, frozenset(allow_service), sys.stdout.buffer)


@cli.command()
@_data
@click.option(
    "--release",
    type=click.IntRange(min=1),
    metavar="N",
    help="The release that answers.  [default: the one of the address, else the current one]",
)
@click.option(
    "--queries",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Saved queries.  [default: those that come with the server]",
)
@click.argument("query")
def freeze(data: Path, release: int | None, queries: Path | None, query: str) -> None:
    """Keep a result for good, so that its address is answered when its release has gone.

    QUERY: the address of the result, as /cite gives it; or a query, a file that holds it, or - for
    standard input. The copy is in DIR/frozen, in all formats of text; prints its folder and hash.
    Where the address names a hash, the answer must have it.

    \b
    Example:
      libris-sparql freeze '/queries/books-per-year?release=7'
    """
    from sparql_server.cli.freeze import freeze as keep
    from sparql_server.cli.freeze import read_address
    from sparql_server.settings import QUERIES
    from sparql_server.sparql.protocol import QueryRequest

    expected = None
    if query.startswith(("/", "http://", "https://")) and not Path(query).is_file():
        asked, expected = read_address(query, queries or QUERIES)
    else:
        asked = QueryRequest(_text(query))
    folder, head = keep(data, replace(asked, release=release or asked.release), expected)
    click.echo(f"{folder}\t{head.hash}")


@cli.command()
@_data
def mcp(data: Path) -> None:
    """Let a language model ask: the Model Context Protocol on standard input and output.

    For a program that starts it, such as a desktop assistant. A running server has the same at
    /mcp. The tools search, tell the schema, ask saved queries and queries, and describe things.

    \b
    Example:
      libris-sparql mcp --data /srv/libris
    """
    from sparql_server.cli.assistant import converse

    converse(data, sys.stdin.buffer, sys.stdout)


@cli.command()
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
    show_default="60",
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
        _fail(f"{failed} of them failed")


@cli.command()
@click.argument("release", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
def tables(release: Path, target: Path) -> None:
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

    for made in make_tables(open_release(release), load_tables(TABLES), target):
        click.echo(f"{made.table.name}\t{made.rows}\t{sum(file.bytes for file in made.files)}")


@cli.command("check-queries")
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
        _fail(f"{len(catalogue.problems)} can't")


def _text(query: str) -> str:
    """Return the query that an argument stands for."""
    if query == "-":
        return sys.stdin.read()
    # A query has braces, which hardly a file's name has; and a name longer than the system takes
    # makes is_file fail.
    if "{" not in query and Path(query).is_file():
        return Path(query).read_text(encoding="utf-8")
    return query


def _fail(message: str) -> NoReturn:
    click.echo(f"Error: {message}", err=True)
    sys.exit(1)


def main() -> None:
    """Run the command line; what the package raises on purpose becomes a line and exit code 1."""
    try:
        cli(standalone_mode=False)
    except click.Abort:
        _fail("interrupted")
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except ServerError as error:
        _fail(str(error))
    except BrokenPipeError:
        # Whoever read the result has enough; Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
