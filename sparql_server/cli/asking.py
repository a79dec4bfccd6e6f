"""The commands that ask the data without a server: a query, a result to keep, an assistant."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from sparql_server.cli.options import option
from sparql_server.cli.output import data_option
from sparql_server.settings import list_described

_allow_service = option(
    next(setting for setting in list_described() if setting.name == "allow_service")
)


@click.command()
@data_option
@click.option(
    "--format",
    "name",
    type=click.Choice(
        ["csv", "json", "xml", "tsv", "arrow", "parquet"]
        + ["ttl", "nt", "jsonld", "rdf", "nq", "trig"]
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


@click.command(short_help="Keep a result for good, so that it can be cited.")
@data_option
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


@click.command(short_help="Let a language model ask (Model Context Protocol).")
@data_option
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


commands = (query, freeze, mcp)


def _text(query: str) -> str:
    """Return the query that an argument stands for."""
    if query == "-":
        return sys.stdin.read()
    # A query has braces, which hardly a file's name has; and a name longer than the system takes
    # makes is_file fail.
    if "{" not in query and Path(query).is_file():
        return Path(query).read_text(encoding="utf-8")
    return query
