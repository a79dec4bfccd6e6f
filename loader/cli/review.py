"""The commands of review: a table of doubts for a spreadsheet, and the judgements in it."""

from __future__ import annotations

import logging
from pathlib import Path

import click

from loader.cli.output import data_option, open_existing


@click.group()
def review() -> None:
    """Have people judge what is likely but not certain."""


@review.command("export")
@data_option
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.tsv")
def export_review(data: Path, path: Path) -> None:
    """Write what is in review as a table for a spreadsheet.

    Fill in the columns verdict (yes, no, unsure), who, when and note, and import it.

    \b
    Example:
      libris-loader link review export doubts.tsv --data /srv/libris
    """
    from loader.link import operations
    from loader.link.runs.review import export_doubts

    temporary = path.with_name(f".{path.name}.part")
    with operations.open_tables(open_existing(data, "there are no links")) as tables:
        with open(temporary, "w", encoding="utf-8", newline="") as stream:
            count = export_doubts(tables, stream)
        temporary.replace(path)
    logging.info("%s: %s doubts.", path, f"{count:,}")


@review.command("serve", short_help="Show doubts one by one at a page, to be judged.")
@data_option
@click.option("--who", required=True, metavar="NAME", help="Whose judgements they are.")
@click.option(
    "--port",
    default=8765,
    show_default=True,
    type=click.IntRange(0, 65535),
    metavar="N",
    help="Port that the page answers on; 0 takes a free one and prints it.",
)
@click.option("--behind", default="", metavar="HOST", help="Name of a proxy that asks for a login.")
@click.option(
    "--user-header",
    default="X-Forwarded-User",
    show_default=True,
    metavar="NAME",
    help="With --behind: the header that says who has logged in.",
)
def serve_review(data: Path, who: str, port: int, behind: str, user_header: str) -> None:
    """Show doubts one by one at a page on this machine, to be judged with a key each.

    What a decision is worth most about comes first: what many titles use, and what is uncertain.
    The page answers on 127.0.0.1 alone. With --behind a proxy on this machine may pass it on to
    those who have logged in, and judgements are theirs: it has to set the header itself.

    \b
    Example:
      libris-loader link review serve --who "K. Librarian" --data /srv/libris
    """
    from werkzeug.serving import make_server

    from loader.link.desk.pages import Login, make_app

    login = Login(behind, user_header) if behind else None
    workspace = open_existing(data, "there are no links")
    server = make_server("127.0.0.1", port, make_app(workspace, who, login))
    logging.info("http://127.0.0.1:%s/ until Ctrl-C.", server.server_port)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        logging.info("Judgements are in the log.")
    finally:
        server.server_close()


@review.command("import", short_help="Take in the judgements in a table.")
@data_option
@click.option("--who", default="", metavar="NAME", help="Who has judged, for rows that don't say.")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE.tsv")
def import_review(data: Path, who: str, path: Path) -> None:
    """Add the judgements in a table to the log; the next link run heeds them.

    \b
    Example:
      libris-loader link review import doubts.tsv --who "K. Librarian" --data /srv/libris
    """
    from loader.link.runs import judgements
    from loader.link.runs.review import import_judgements

    workspace = open_existing(data, "there are no links")
    with workspace.locked("link review import"):
        found = import_judgements(path, who, judgements.read_judgements(workspace.judgements))
        judgements.append_judgements(workspace.judgements, found)
    logging.info("%s judgements taken in.", f"{len(found):,}")
