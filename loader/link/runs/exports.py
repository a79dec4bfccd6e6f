"""Exports of links in force: SSSOM as a table, and what Wikidata lacks as QuickStatements.

https://mapping-commons.github.io/sssom/ and
https://www.wikidata.org/wiki/Help:QuickStatements
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import IO

from loader import __version__
from loader.link.entities.extraction import load_entity
from loader.link.extracts.tables import Tables
from loader.link.joining.decisions import EXACT, Link
from loader.link.runs.evidence import find_justification, spell_reason
from loader.link.runs.publication import load_reasons

_RECORD = re.compile(r"https://libris\.kb\.se/([0-9a-z]{14,17})#it", re.ASCII)
_ITEM = "http://www.wikidata.org/entity/"
_CONFIRMED = ("identifiers", "judgement")
_LINKS = (
    "SELECT subject, predicate, object, stage, confidence, why FROM link WHERE withdrawn IS NULL"
    " ORDER BY subject, predicate, object"
)
_COLUMNS = (
    *("subject_id", "subject_label", "predicate_id", "object_id", "mapping_justification"),
    *("confidence", "mapping_tool", "mapping_tool_version", "other"),
)


def load_links(tables: Tables) -> Iterator[Link]:
    """Yield the links in force."""
    for *stated, why in tables.connection.execute(_LINKS).fetchall():
        subject, predicate, other, stage, confidence = stated
        yield Link(subject, predicate, other, stage, confidence, load_reasons(why))


def write_sssom(tables: Tables, stream: IO[str]) -> int:
    """Write all links in force as an SSSOM table; return how many there are."""
    stream.write("#mapping_set_id: urn:x-libris-links:current\n")
    stream.write("#license: https://creativecommons.org/publicdomain/zero/1.0/\n")
    stream.write("#curie_map:\n#  semapv: https://w3id.org/semapv/vocab/\n")
    table = csv.writer(stream, csv.excel_tab, lineterminator="\n")
    table.writerow(_COLUMNS)
    count = 0
    for link in load_links(tables):
        reasons = "; ".join(spell_reason(step) for step in link.why)
        justification = f"semapv:{find_justification(link)}"
        row = [link.subject, _label(tables, link.subject), link.predicate, link.object]
        row += [justification, f"{link.confidence:g}", "libris-linked-data", __version__, reasons]
        table.writerow([" ".join(text.split()) for text in row])
        count += 1
    return count


def _label(tables: Tables, iri: str) -> str:
    row = tables.connection.execute("SELECT body FROM entity WHERE iri = ?", (iri,)).fetchone()
    return next(iter(load_entity(iri, row[0]).names), "") if row else ""


def write_quickstatements(tables: Tables, stream: IO[str], *, names: bool = False) -> int:
    """Write P5587 for the items that have none, for people to send; return how many there are.

    names: links that were found by name and nobody has confirmed, too.
    """
    stages = (*_CONFIRMED, *(("names",) if names else ()))
    count = 0
    for link in load_links(tables):
        record = _RECORD.fullmatch(link.subject)
        is_item = link.predicate == EXACT and link.object.startswith(_ITEM)
        if record and is_item and link.stage in stages and not _has_record(tables, link.object):
            stream.write(f'{link.object.removeprefix(_ITEM)}\tP5587\t"{record[1]}"\n')
            count += 1
    return count


def _has_record(tables: Tables, item: str) -> bool:
    query = (
        "SELECT 1 FROM authority JOIN identifier ON authority = authority.id"
        " WHERE authority.iri = ? AND property = 'P5587'"
    )
    return tables.connection.execute(query, (item,)).fetchone() is not None
