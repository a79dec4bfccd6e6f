"""The command that feeds a remote store: push."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from loader.cli.output import data_option, fail, open_existing

if TYPE_CHECKING:
    from loader.push.transfer import PushReport


@click.command(short_help="Feed a remote store with the graphs that have changed.")
@data_option
@click.option(
    "--to",
    "url",
    required=True,
    metavar="URL",
    help="Graph Store of the remote store: http://…/sparql-graph-crud-auth of Virtuoso, /store of"
    " Oxigraph, /data of Fuseki.",
)
@click.option(
    "--all", "everything", is_flag=True, help="Send all graphs, whatever was sent before."
)
@click.option(
    "--connections",
    type=click.IntRange(1, 64),
    default=4,
    show_default=True,
    metavar="N",
    help="Requests at once.",
)
@click.option("--user", default="", metavar="NAME", help="User of the remote store.")
@click.option("--digest", is_flag=True, help="Digest authentication, as Virtuoso has it.")
@click.option(
    "--password",
    envvar="LIBRIS_PUSH_PASSWORD",
    default="",
    metavar="SECRET",
    help="The user's password; better in the environment, where other users don't see it."
    "  [environment: LIBRIS_PUSH_PASSWORD]",
)
@click.option(
    "--token",
    envvar="LIBRIS_PUSH_TOKEN",
    default="",
    metavar="SECRET",
    help="Bearer token instead of user and password.  [environment: LIBRIS_PUSH_TOKEN]",
)
@click.option(
    "--verify",
    "endpoint",
    metavar="URL",
    help="SPARQL endpoint of the remote store: count each graph's triples there afterwards.",
)
@click.option(
    "--bulk",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Send nothing: write everything as N-Quads files, and print how to load them.",
)
def push(
    data: Path,
    url: str,
    everything: bool,
    connections: int,
    endpoint: str | None,
    bulk: Path | None,
    **access: str | bool,
) -> None:
    """Feed a remote store with the graphs that have changed since the last push.

    Graph by graph, over the SPARQL 1.1 Graph Store HTTP Protocol; a push that was interrupted or
    killed goes on where it stood. A server that has the store as its --remote takes up what the
    last graph, a marker, says.

    \b
    Example:
      libris-loader push --to http://127.0.0.1:8890/sparql-graph-crud-auth --user dba --digest
    """
    from loader.push import transfer
    from loader.push.graph_store_client import Access, RemoteStore

    workspace = open_existing(data, "there is nothing to push")
    if bulk is not None:
        report, lines = transfer.write_files(workspace, url, bulk)
        _say(report, f"written to {bulk}")
        for line in lines:
            click.echo(line)
        return
    remote = RemoteStore(url, Access(**access))  # type: ignore[arg-type]
    report = transfer.push(workspace, remote, everything=everything, connections=connections)
    _say(report, "sent")
    if not report.finished:
        logging.warning("The push is not at its end; the same command goes on.")
        sys.exit(1)
    if endpoint is not None:
        _verify(transfer.find_differences(workspace, remote, endpoint))


def _verify(differences: Iterator[str]) -> None:
    found = list(differences)
    for difference in found:
        click.echo(difference)
    if found:
        fail(f"{len(found)} differences; push --all sends everything again")
    logging.info("The remote store holds what it was given, graph by graph.")


def _say(report: PushReport, done: str) -> None:
    logging.info(
        "Push: %s graphs with %s quads %s, %s deleted, %s requests again, in %.1f s; release %s.",
        f"{report.sent:,}",
        f"{report.quads:,}",
        done,
        f"{report.deleted:,}",
        f"{report.retries:,}",
        report.seconds,
        report.release,
    )
