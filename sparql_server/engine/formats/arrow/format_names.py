"""The formats' names, and the way to what writes them: nothing else here is imported before."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

from sparql_server.sparql.formats import FULL

if TYPE_CHECKING:
    import pyoxigraph as ox

ARROW = frozenset([*FULL, *(described.name for described in FULL.values())])
"""Names of the formats that are written here."""


def write_table(
    results: ox.QuerySolutions | ox.QueryBoolean, name: str, writer: IO[bytes]
) -> int | None:
    """Write pyoxigraph's results in a format of ``ARROW``; return the rows, None of an ASK.

    Raises what evaluating them does.
    """
    from sparql_server.engine.formats.arrow.oxigraph_tables import make_table
    from sparql_server.engine.formats.arrow.table_writer import write

    return write(make_table(results), name, writer)
