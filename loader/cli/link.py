"""The commands that link: find, take back, explain, and have people judge."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from loader.cli.link_reports import export_command, report_command, why
from loader.cli.output import data_option, open_existing, open_workspace
from loader.cli.review import review
from loader.link.runs import STAGES

if TYPE_CHECKING:
    from loader.link.operations import Online
    from loader.link.runs.runs import Outcome


@click.group(
    invoke_without_command=True,
    short_help="Find what things are called elsewhere, from extracts.",
)
@data_option
@click.option(
    "--stage",
    "stages",
    multiple=True,
    type=click.Choice(STAGES),
    help="Only this stage, or these; links of the others stay as they are.  [default: all]",
)
@click.option(
    "--online",
    is_flag=True,
    help="Ask Wikidata, the Library of Congress and VIAF about what the extracts leave open.",
)
@click.option("--replay", is_flag=True, help="As --online, but only from answers that were kept.")
@click.option(
    "--contact",
    envvar="LIBRIS_CONTACT",
    default="",
    metavar="ADDRESS",
    help="Whom services can write to: an e-mail address or a page. Needed for --online."
    "  [environment: LIBRIS_CONTACT]",
)
@click.option(
    "--service",
    "elsewhere",
    multiple=True,
    metavar="NAME=URL",
    help="Ask another server: wikidata-query, wikidata, lc or viaf.",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Say what would change, and change nothing; with --online, print how many requests each"
    " service would get at most, and send none.",
)
@click.pass_context
def link(
    context: click.Context,
    /,
    data: Path,
    stages: tuple[str, ...],
    online: bool,
    replay: bool,
    dry_run: bool,
    **manners: Any,
) -> None:
    """Find what entities in the store are called elsewhere, from extracts on this machine.

    Links go into a graph of their own for each run, with their evidence in another; records stay
    as they are. What is likely but not certain goes to review. Prints the run's name, or nothing
    if there was nothing to change.

    \b
    Example:
      libris-loader link extract wikidata latest-all.json.bz2 --data /srv/libris
      libris-loader link --data /srv/libris
      libris-loader link why https://libris.kb.se/tr574vdc33gk2cc --data /srv/libris
    """
    if context.invoked_subcommand is not None:
        context.default_map = _name_data_below(data)
        return
    from loader.link import operations

    workspace = open_workspace(data)
    asking = _asking(replay, **manners) if online or replay else None
    if asking is not None and dry_run:
        for name, count in operations.count_requests(workspace, asking).items():
            click.echo(f"{name}\t{asking.services[name].url}\t{count}")
        return
    outcome = operations.link(workspace, stages or STAGES, dry_run=dry_run, online=asking)
    _say(outcome, "would be " if dry_run else "")
    if outcome.id and not dry_run:
        click.echo(outcome.id)


def _name_data_below(data: Path) -> dict[str, dict[str, object]]:
    """Return defaults of the subcommands: the directory may be named before them too."""
    below = {"data": data}
    defaults: dict[str, dict[str, object]] = {
        name: {**below} for name in ("extract", "undo", "why", "export", "report")
    }
    return {**defaults, "review": {"export": below, "import": below, "serve": below}}


def _asking(replay: bool, contact: str, elsewhere: tuple[str, ...]) -> Online:
    from loader.link.online.services import choose_services
    from loader.link.operations import Online

    pairs = [option.partition("=")[::2] for option in elsewhere]
    try:
        return Online(contact, choose_services(dict(pairs)), replay)
    except KeyError as error:
        raise click.BadParameter(f"no service {error}", param_hint="--service") from error


def _say(outcome: Outcome, verb: str) -> None:
    logging.info(
        "Links: %s %sadded, %s %swithdrawn, %s in force; %s doubts in review.",
        f"{outcome.added:,}",
        verb,
        f"{outcome.withdrawn:,}",
        verb,
        f"{outcome.in_force:,}",
        f"{outcome.doubts:,}",
    )


@link.command()
@data_option
@click.option("--drop", is_flag=True, help="Forget what these files said instead.")
@click.argument("source", type=click.Choice(("wikidata", "lc", "viaf")))
@click.argument(
    "paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
def extract(data: Path, drop: bool, source: str, paths: tuple[Path, ...]) -> None:
    """Read dumps or query results into local lookup tables.

    wikidata: JSON dump, entity data or JSON Lines (.json .jsonl), truthy N-Triples (.nt), results
    of SPARQL queries (.json .csv .tsv). lc: N-Triples (.nt), JSON-LD by the line (.jsonld),
    RDF/XML (.rdf), labels with addresses (.tsv). viaf: clusters (.xml), links (.txt), N-Triples
    (.nt). Each also .gz or .bz2.

    A run that was interrupted goes on where it stood; a file that has not changed is left alone.

    \b
    Example:
      libris-loader link extract lc subjects.skosrdf.nt.gz --data /srv/libris
    """
    from loader.link import operations

    workspace = open_workspace(data)
    if drop:
        for name in operations.drop_extracts(workspace, source, paths):
            logging.info("%s is forgotten.", name)
        return
    for extracted in operations.read_extracts(workspace, source, paths):
        known = " before" if extracted.was_known else ""
        logging.info(
            "%s: %s facts%s, %s units unread%s.",
            extracted.name,
            f"{extracted.kept:,}",
            known,
            extracted.unread,
            f", {extracted.dropped:,} items dropped" if extracted.dropped else "",
        )


@link.command()
@data_option
@click.argument("run")
def undo(data: Path, run: str) -> None:
    """Take a run back: what it added goes, what it withdrew is in force again.

    \b
    Example:
      libris-loader link undo 107cc1589d63 --data /srv/libris
    """
    from loader.link import operations

    outcome = operations.undo_run(open_existing(data, "there are no links"), run)
    _say(outcome, "")


for command in (why, export_command, report_command, review):
    link.add_command(command)
