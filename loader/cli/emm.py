"""The commands of Libris' Entity Metadata Management interface: dump, changes, vocabulary."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from loader.cli.options import Asking, asks, moment
from loader.cli.output import fail, open_workspace

if TYPE_CHECKING:
    from loader.harvest.emm import Emm

EMM = "https://libris.kb.se/api/emm/"


@click.command(short_help="Take in one of Libris' dumps (EMM).")
@asks(EMM)
@click.option(
    "--selection",
    required=True,
    metavar="NAME",
    help="type:Person (or another class), itemAndInstance:SIGEL, or all.",
)
@click.option(
    "--download", is_flag=True, help="Fetch it as one file, .ndjsonld.gz, instead of in pages."
)
def dump(asking: Asking, selection: str, download: bool) -> None:
    """Take in one of Libris' dumps (EMM); changes goes on from its beginning.

    \b
    Example:
      libris-loader dump --selection type:Person --contact librarian@example.org
    """
    from loader.harvest import emm_dumps

    if download:
        folder = open_workspace(asking.data).downloads
        _follow(asking, lambda emm: emm_dumps.download(emm, selection, folder, asking.limit))
    else:
        _follow(asking, lambda emm: emm_dumps.take_pages(emm, selection, asking.limit))


@click.command(short_help="Follow the changes that Libris announces (EMM).")
@asks(EMM)
@click.option(
    "--since",
    callback=moment(),
    metavar="DATE",
    help="Begin here.  [default: where the last run, or dump, began]",
)
@click.option(
    "--everything", is_flag=True, help="Take all, now and later, not only what a dump has had."
)
def changes(asking: Asking, since: str | None, everything: bool) -> None:
    """Follow the changes that Libris announces (EMM), silent ones too.

    Of things that the archive doesn't have, those are taken that a dump's selection has. A server
    of this project announces its changes below /changes/; the copy holds what it holds.

    \b
    Example:
      libris-loader changes --contact librarian@example.org
    """
    _follow(asking, lambda emm: emm.changes(since, asking.limit, everything=everything))


@click.command(short_help="Take in what records link to on id.kb.se.")
@asks(EMM)
@click.option(
    "--type",
    "types",
    multiple=True,
    metavar="TYPE",
    help="Only things of this type, or these.  [default: those of id.kb.se's datasets]",
)
@click.option(
    "--document",
    metavar="URL",
    help="The vocabulary itself, in Turtle.  [default: id.kb.se's, when Libris is the provider]",
)
def vocabulary(asking: Asking, types: tuple[str, ...], document: str | None) -> None:
    """Take in what records link to on id.kb.se: languages, countries, relators, the vocabulary.

    Libris doesn't have them in its OAI-PMH, but in its dumps (EMM): one of each type. Changes to
    them come with changes, or update; the vocabulary itself comes anew with this command.

    \b
    Example:
      libris-loader vocabulary --contact librarian@example.org
    """
    from loader.harvest import vocabulary as vocabularies

    address = document or (vocabularies.DOCUMENT if asking.base_url == EMM else None)
    failures: list[str] = []

    def work(emm: Emm) -> None:
        failures.extend(vocabularies.take_things(emm, types or vocabularies.TYPES, asking.limit))
        if address and not emm.stop():
            vocabularies.take_document(emm, address, asking.manners(address))

    _follow(asking, work)
    if not address:
        logging.info("The vocabulary itself hasn't been asked for: --document names its address.")
    if failures:
        fail("; ".join(failures))


def _follow(asking: Asking, work: Callable[[Emm], object]) -> None:
    from loader.harvest import update

    harvested, applied = update.follow(
        open_workspace(asking.data),
        asking.base_url,
        asking.manners(asking.base_url),
        work,
        archive_only=asking.archive_only,
        tell=asking.tell,
    )
    asking.conclude(harvested, applied)


commands = (dump, changes, vocabulary)
