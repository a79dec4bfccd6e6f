"""The console script ``libris-sparql``: the only place that prints.

Data goes to stdout, everything else to stderr. Exit codes: 0 done, 1 failed, 2 wrong usage.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import NoReturn

import click

from sparql_server import __version__
from sparql_server.errors import ServerError

_data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("data"),
    show_default="./data",
    metavar="DIR",
    help="Directory with the releases, as libris-loader makes it.",
)
_allow_service = click.option(
    "--allow-service",
    multiple=True,
    metavar="IRI",
    help="Endpoint that queries may call with SERVICE; may be repeated.  [default: none]",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="libris-sparql")
def cli() -> None:
    """Answer SPARQL queries on the current release.

    \b
    Example:
      libris-sparql serve --data /srv/libris --port 8080
    """
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)


@cli.command()
@_data
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8080,
    show_default=True,
    help="Port to listen on; 0 takes a free one and prints it.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=os.cpu_count() or 2,
    show_default="one a core",
    help="Queries evaluated at once.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.1),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Wall-clock time that a query may take.",
)
@click.option(
    "--queue-timeout",
    type=click.FloatRange(min=0.1),
    default=30.0,
    show_default=True,
    metavar="SECONDS",
    help="Time that a request waits for a worker.",
)
@click.option(
    "--threads",
    type=click.IntRange(min=2),
    default=32,
    show_default=True,
    help="Requests handled at once, waiting ones included.",
)
@click.option(
    "--remote",
    metavar="URL",
    help="SPARQL endpoint that evaluates the queries, fed with libris-loader push.  [default: none,"
    " the release is asked]",
)
@_allow_service
def serve(
    data: Path,
    host: str,
    port: int,
    workers: int,
    timeout: float,
    queue_timeout: float,
    threads: int,
    remote: str | None,
    allow_service: tuple[str, ...],
) -> None:
    """Serve the current release over HTTP until interrupted.

    The endpoint is at /sparql, a page with a query box at /. A new release is taken up without
    dropping a request.

    \b
    Example:
      libris-sparql serve --data /srv/libris --port 8080 --timeout 30
    """
    from sparql_server.serving import serve as run
    from sparql_server.settings import Settings

    allowed = frozenset(allow_service)
    run(Settings(data, host, port, workers, timeout, queue_timeout, allowed, threads, remote))


@cli.command()
@_data
@click.option(
    "--format",
    "name",
    type=click.Choice(["csv", "json", "xml", "tsv", "ttl", "nt", "jsonld", "rdf"]),
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
    from sparql_server.local import answer

    answer(data, _text(query), name, frozenset(allow_service), sys.stdout.buffer)


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


if __name__ == "__main__":
    main()
