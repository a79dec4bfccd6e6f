"""The console script ``libris-sparql``: the only place that prints.

Data goes to stdout, everything else to stderr. Exit codes: 0 done, 1 failed, 2 wrong usage.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from sparql_server import __version__
from sparql_server.cli import asking, maintenance
from sparql_server.cli.options import option
from sparql_server.cli.output import OneLine, data_option, fail
from sparql_server.errors import ServerError
from sparql_server.settings import Settings, list_described


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="libris-sparql")
def cli() -> None:
    """Answer SPARQL queries on the current release.

    \b
    Example:
      libris-sparql serve --data /srv/libris --port 8080
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine("%(message)s"))
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
@data_option
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


for command in (*asking.commands, *maintenance.commands):
    cli.add_command(command)


def main() -> None:
    """Run the command line; what the package raises on purpose becomes a line and exit code 1."""
    try:
        cli(standalone_mode=False)
    except click.Abort:
        fail("interrupted")
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except ServerError as error:
        fail(str(error))
    except BrokenPipeError:
        # Whoever read the result has enough; Python would complain once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
