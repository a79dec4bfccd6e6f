"""The marker: a graph of the remote store that says which state of the data it holds."""

from __future__ import annotations

import re
from contextlib import suppress

from loader.archive.archive import Archive
from loader.dates import now
from loader.push.sent_graphs import SentGraphs, Target

MARKER = "urn:libris:release"
_VERSION = "http://www.w3.org/2002/07/owl#versionInfo"
_MARK = "urn:libris:mark"
_STATEMENT = re.compile(r'<([^>]*)>\s*"([^"]*)"')


def read_marker(text: str) -> tuple[int, str | None]:
    """Return number and mark of a marker in N-Triples; 0 and None where it has none.

    >>> read_marker("")
    (0, None)
    """
    said = dict(_STATEMENT.findall(text))
    with suppress(ValueError):
        return int(said.get(_VERSION, "0")), said.get(_MARK)
    return 0, said.get(_MARK)


def make_marker(archive: Archive, sent: SentGraphs, target: Target, release: int) -> list[str]:
    """Return the marker's statements: number, time, mark, and counts of what the target was given.

    The first three are in the terms of OWL, Dublin Core and VoID.
    """
    graphs, quads = sent.count_all(target)
    integer = "^^<http://www.w3.org/2001/XMLSchema#integer>"
    moment = "^^<http://www.w3.org/2001/XMLSchema#dateTime>"
    said = (
        (_VERSION, f'"{release}"'),
        ("http://purl.org/dc/terms/issued", f'"{now()[:19]}Z"{moment}'),
        ("http://rdfs.org/ns/void#documents", f'"{archive.reader.record_count()}"{integer}'),
        ("http://rdfs.org/ns/void#triples", f'"{quads}"{integer}'),
        ("urn:libris:graphs", f'"{graphs}"{integer}'),
        (_MARK, f'"{target.mark}"'),
    )
    return [f"<{MARKER}> <{predicate}> {value}" for predicate, value in said]
