"""The console script ``libris-loader``: the only place that prints.

Data goes to stdout, everything else to stderr. Exit codes: 0 done, 1 failed, 2 wrong usage.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import click

from loader import __version__
from loader.cli import backup, emm, harvest, maintenance, release
from loader.cli.link import link
from loader.cli.output import (
    data_option,
    fail,
    fail_if_lost,
    open_existing,
    open_workspace,
    say_what_was_applied,
    say_what_was_loaded,
)
from loader.cli.publishing import Publishing, publishes
from loader.cli.push import push
from loader.disk import REFUSALS, explain_refusal
from loader.errors import LoaderError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="libris-loader")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing but warnings and errors.")
def cli(quiet: bool) -> None:
    """Bring Libris records into a store and publish releases of it.

    Each command can be run again after a crash and goes on from where the last one stood.

    \b
    Example:
      libris-loader load records.jsonl.gz vocabulary.nq.gz
      libris-loader release
    """
    level = logging.WARNING if quiet else logging.INFO
    logging.basicConfig(level=level, format="%(message)s", stream=sys.stderr)


@cli.command()
@data_option
@click.option(
    "--graph",
    metavar="IRI",
    help="Name of the graph for RDF that stands in none.  [default: file:NAME]",
)
@click.option(
    "--format",
    "extension",
    default="jsonl",
    show_default=True,
    metavar="EXT",
    help="What standard input or a pipe holds, as a file name extension.",
)
@click.option("--strict", is_flag=True, help="Refuse plain RDF whole if anything in it is invalid.")
@click.argument("paths", nargs=-1, required=True, metavar="FILE...")
def load(
    data: Path, graph: str | None, extension: str, strict: bool, paths: tuple[str, ...]
) -> None:
    """Load files into archive and store.

    FILE: Libris records (.jsonl .ndjson .json .jsonld) or plain RDF (.nq .trig .ttl .nt .rdf .xml,
    .jsonld with its own context), each also .gz; a folder; a pipe; - for standard input. Records
    that haven't changed are left alone.

    A record that can't be read goes to quarantine, and a statement that can't be mended is left
    out and noted. The rest is loaded; then the exit code is 1, as for a file that can't be read.

    \b
    Example:
      libris-loader load --data /srv/libris records/ id.kb.se.nq.gz
      zcat part.nt.gz | libris-loader load --format nt --graph https://example.org/part -
    """
    from loader.files import files
    from loader.store import pipeline

    workspace = open_workspace(data)
    with files.gather_files(map(Path, paths), extension) as inputs:
        report = pipeline.load(workspace, inputs, graph, strict=strict)
    say_what_was_loaded(report)
    fail_if_lost(report)


@cli.command(short_help="Make the store anew from the archive.")
@data_option
@publishes(parts=False)
@click.option("--release", "publish", is_flag=True, help="Publish it, too; print the number.")
def rebuild(data: Path, publishing: Publishing, publish: bool) -> None:
    """Make the store anew from the archive, beside the one that there is until it is whole.

    \b
    Example:
      libris-loader rebuild --data /srv/libris
    """
    from loader.store import pipeline

    workspace = open_existing(data, "there is nothing to rebuild")
    report = pipeline.rebuild(workspace)
    say_what_was_applied(report)
    if publish:
        release.publish_release(workspace, publishing, if_changed=False)
    fail_if_lost(report)


for command in (
    *harvest.commands,
    *emm.commands,
    *release.commands,
    *backup.commands,
    *maintenance.commands,
    push,
    link,
):
    cli.add_command(command)


def main() -> None:
    """Run the command line; what the package raises on purpose becomes a line and exit code 1."""
    try:
        cli(standalone_mode=False)
    except click.Abort:
        fail("interrupted; the same command goes on from here")
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except LoaderError as error:
        fail(str(error))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except REFUSALS as error:
        fail(explain_refusal(error))
