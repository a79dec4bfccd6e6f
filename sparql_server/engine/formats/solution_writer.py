"""Solutions and booleans of pyoxigraph's, written in a format.

pyoxigraph writes them itself, which takes a third of the time; what it writes otherwise than here
is mended as it passes: characters that XML hasn't, and CSV, where it quotes no IRI.
"""

from __future__ import annotations

from typing import IO, cast

import pyoxigraph as ox

from sparql_server.engine.formats.arrow.format_names import ARROW, write_table
from sparql_server.engine.formats.csv_writer import CsvWriter
from sparql_server.engine.formats.xml_text import XmlWriter
from sparql_server.sparql.formats import SOLUTIONS, Format

Results = ox.QuerySolutions | ox.QueryBoolean


def _find_native_format(described: Format) -> ox.QueryResultsFormat:
    known = ox.QueryResultsFormat.from_media_type(described.media_types[0])
    assert known is not None
    return known


SOLUTION_FORMATS = {
    described.name: _find_native_format(described)
    for described in SOLUTIONS
    if described.name not in ARROW
}
"""pyoxigraph's values for the formats of solutions and booleans, by their names."""


def write_solutions(results: Results, name: str, writer: IO[bytes]) -> int | None:
    """Write results in a format to their end. Raises what evaluating them does.

    Returns the rows of a table of Arrow, whose bytes don't tell.
    """
    if name in ARROW:
        return write_table(results, name, writer)
    if name == "xml":
        writer = cast(IO[bytes], XmlWriter(writer))
    if name == "csv" and isinstance(results, ox.QuerySolutions):
        converter = CsvWriter(writer, len(results.variables))
        results.serialize(cast(IO[bytes], converter), ox.QueryResultsFormat.TSV)
    else:
        results.serialize(writer, SOLUTION_FORMATS[name])
    return None
