"""Exports of links in force: SSSOM as a table, and what Wikidata lacks, for two tools.

https://mapping-commons.github.io/sssom/ and
https://www.wikidata.org/wiki/Help:QuickStatements and
https://openrefine.org/docs/manual/wikibase/overview
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import IO
from urllib.parse import quote

from loader import __version__
from loader.link.entities.extraction import load_entity
from loader.link.extracts.link_database import Tables
from loader.link.joining.decisions import EXACT, Link
from loader.link.runs.evidence_rdf import find_justification, spell_reason
from loader.link.runs.publication import load_reasons
from loader.link.runs.review import protect_cell

_RECORD = re.compile(r"https://libris\.kb\.se/([0-9a-z]{14,17})#it", re.ASCII)
_ITEM = "http://www.wikidata.org/entity/"
_CONFIRMED = ("identifiers", "judgement")
_LINKS = (
    "SELECT subject, predicate, object, stage, confidence, why FROM link WHERE withdrawn IS NULL"
    " ORDER BY subject, predicate, object"
)
_KEPT = "%/:#?&=+,;@!$'()*~[]"
_CALLED = (
    "SELECT value FROM authority JOIN said ON said.authority = authority.id"
    " WHERE iri = ? AND property = 'label' ORDER BY value"
)
_PREFIXES = {
    "semapv": "https://w3id.org/semapv/vocab/",
    "urn": "urn:",
    "kbv": "https://id.kb.se/vocab/",
    "idkb": "https://id.kb.se/",
    "libris": "https://libris.kb.se/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "wd": _ITEM,
    "viaf": "http://viaf.org/viaf/",
    "isni": "https://isni.org/isni/",
    "gnd": "https://d-nb.info/gnd/",
    "orcid": "https://orcid.org/",
    "dbpedia": "http://dbpedia.org/resource/",
    "svwiki": "https://sv.wikipedia.org/wiki/",
    "enwiki": "https://en.wikipedia.org/wiki/",
}
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
    stream.write("#curie_map:\n")
    for prefix, beginning in _PREFIXES.items():
        stream.write(f'#  {prefix}: "{beginning}"\n')
    table = csv.writer(stream, csv.excel_tab, lineterminator="\n")
    table.writerow(_COLUMNS)
    count = 0
    for link in load_links(tables):
        reasons = "; ".join(spell_reason(step) for step in link.why)
        justification = f"semapv:{find_justification(link)}"
        label, predicate = _label(tables, link.subject), _shorten(link.predicate)
        row = [_shorten(link.subject), label, predicate, _shorten(link.object)]
        row += [justification, f"{link.confidence:g}", "libris-linked-data", __version__, reasons]
        table.writerow([" ".join(text.split()) for text in row])
        count += 1
    return count


def _shorten(iri: str) -> str:
    """Return an IRI as a CURIE, as the table wants it; as a URI if no prefix is known for it."""
    iri = quote(iri, safe=_KEPT)  # tools leave out mappings of what isn't ASCII
    fitting = [prefix for prefix, beginning in _PREFIXES.items() if iri.startswith(beginning)]
    if not fitting:
        return iri
    longest = max(fitting, key=lambda prefix: len(_PREFIXES[prefix]))
    return f"{longest}:{iri.removeprefix(_PREFIXES[longest])}"


def _label(tables: Tables, iri: str) -> str:
    row = tables.connection.execute("SELECT body FROM entity WHERE iri = ?", (iri,)).fetchone()
    return next(iter(load_entity(iri, row[0]).names), "") if row else ""


def write_quickstatements(tables: Tables, stream: IO[str], *, names: bool = False) -> int:
    """Write P5587 for the items that have none, for people to send; return how many there are.

    names: links that were found by name and nobody has confirmed, too.
    """
    count = 0
    for item, record, _ in _list_lacking(tables, names):
        stream.write(f'{item}\tP5587\t"{record}"\n')
        count += 1
    return count


def write_openrefine(tables: Tables, stream: IO[str], *, names: bool = False) -> int:
    """Write the same as ``write_quickstatements`` as CSV, to be opened in OpenRefine.

    ``item`` is for "use values as identifiers", ``record`` for P5587 in a schema; the others help
    to look it through. Return how many rows there are.
    """
    table = csv.writer(stream, lineterminator="\n")
    table.writerow(("item", "record", "name in Libris", "name in Wikidata", "found by", "likely"))
    count = 0
    for item, record, link in _list_lacking(tables, names):
        called = tables.connection.execute(_CALLED, (link.object,)).fetchone()
        there = called[0] if called else ""
        label, likely = _label(tables, link.subject), f"{link.confidence:g}"
        row = (item, record, label, there, link.stage, likely)
        table.writerow([protect_cell(text) for text in row])
        count += 1
    return count


def _list_lacking(tables: Tables, names: bool) -> Iterator[tuple[str, str, Link]]:
    """Yield item and record of the links to items without a record, and the link."""
    stages = (*_CONFIRMED, *(("names",) if names else ()))
    for link in load_links(tables):
        record = _RECORD.fullmatch(link.subject)
        is_item = link.predicate == EXACT and link.object.startswith(_ITEM)
        if record and is_item and link.stage in stages and not _has_record(tables, link.object):
            yield link.object.removeprefix(_ITEM), record[1], link


def _has_record(tables: Tables, item: str) -> bool:
    query = (
        "SELECT 1 FROM authority JOIN identifier ON authority = authority.id"
        " WHERE authority.iri = ? AND property = 'P5587'"
    )
    return tables.connection.execute(query, (item,)).fetchone() is not None
