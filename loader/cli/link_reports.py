"""The commands that tell what links there are: why, how many, and as files for others."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import click

from loader.cli.output import data_option, fail, open_existing


@click.command(short_help="Print the evidence for a thing's links, or why it has none.")
@data_option
@click.argument("iri", metavar="IRI")
def why(data: Path, iri: str) -> None:
    """Print the evidence for the links of a thing, or to it; or why it has none.

    \b
    Example:
      libris-loader link why http://www.wikidata.org/entity/Q7724 --data /srv/libris
    """
    from loader.link import operations
    from loader.link.missing_links import explain_absence, spell_address
    from loader.link.runs import judgements, report

    workspace, iri = open_existing(data, "there are no links"), spell_address(iri)
    with operations.open_tables(workspace) as tables:
        found = list(
            report.explain_links(tables, judgements.read_judgements(workspace.judgements), iri)
        )
        found = found or list(explain_absence(tables, iri))
    for line in found:
        click.echo(line)
    if not found:
        fail(
            f"no extract has {iri}, and no record that has been read is of it. Linked are agents,"
            " places, subjects, works, and editions with an ISBN, ISSN or number of OCLC"
        )


@click.command("export")
@data_option
@click.option(
    "--names", is_flag=True, help="With quickstatements and openrefine: links by name, too."
)
@click.argument("form", type=click.Choice(("sssom", "quickstatements", "openrefine")))
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
def export_command(data: Path, names: bool, form: str, path: Path) -> None:
    """Write the links in force to a file.

    sssom: all of them, a table with the evidence. quickstatements: Libris' identifiers (P5587)
    that Wikidata's items lack, for links by identifiers and those that people have confirmed. The
    file is for people to look through and send. openrefine: the same as CSV, with names.

    \b
    Example:
      libris-loader link export quickstatements p5587.txt --data /srv/libris
    """
    from loader.link import operations
    from loader.link.runs import exports

    temporary = path.with_name(f".{path.name}.part")
    with operations.open_tables(open_existing(data, "there are no links")) as tables:
        with open(temporary, "w", encoding="utf-8", newline="") as stream:
            if form == "sssom":
                count = exports.write_sssom(tables, stream)
            elif form == "openrefine":
                count = exports.write_openrefine(tables, stream, names=names)
            else:
                count = exports.write_quickstatements(tables, stream, names=names)
        temporary.replace(path)
    logging.info("%s: %s lines.", path, f"{count:,}")


@click.command("report")
@data_option
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of lines.")
def report_command(data: Path, as_json: bool) -> None:
    """Print what was read, what is in force, and what is in review.

    \b
    Example:
      libris-loader link report --data /srv/libris
    """
    from loader.link import operations
    from loader.link.runs import judgements, report

    workspace = open_existing(data, "there are no links")
    with operations.open_tables(workspace) as tables:
        found = report.count_all(tables, judgements.read_judgements(workspace.judgements))
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    else:
        for line in report.format_lines(found):
            click.echo(line)
