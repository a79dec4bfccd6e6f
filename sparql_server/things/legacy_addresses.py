"""The things that had another address before: which one a legacy address of Libris leads to.

``http://libris.kb.se/bib/8369159`` was a record, ``http://libris.kb.se/resource/bib/8369159`` what
it is about. A record says which addresses it had, those of records merged into it too; of those
that say nothing, the address can be computed, or their control number is the number.
"""

from __future__ import annotations

import re

from sparql_server.engine.terms import iri, literal
from sparql_server.records.legacy import compute_libris_id
from sparql_server.sparql.namespaces import KBV
from sparql_server.things.addresses import LIBRIS
from sparql_server.things.facts import Asker

_LEGACY = re.compile(
    r"https?://libris\.kb\.se/(resource/)?(auth|bib|hold)/0*([0-9]{1,9})(?:#it|[?].*)?"
)
_SAME = f"<{KBV}sameAs>|<http://www.w3.org/2002/07/owl#sameAs>"
_MOST = 20


def find_moved(asker: Asker, address: str) -> str | None:
    """Return the IRI of what a legacy address is that of; None: it is no such, or nothing's.

    address: as an IRI. Of a record's address it is the record's IRI, else the thing's.
    """
    parts = _LEGACY.fullmatch(address)
    if parts is None:
        return None
    collection, number = parts[2], int(parts[3])
    record = (
        _find_same(asker, collection, number)
        or _find_computed(asker, collection, number)
        or _find_numbered(asker, collection, number)
    )
    if record is None:
        return None
    return _find_main(asker, record) if parts[1] else record


def compute_record(address: str) -> str | None:
    """Return the IRI that a record with a legacy address has, or had, if it was migrated."""
    parts = _LEGACY.fullmatch(address)
    return f"{LIBRIS}{compute_libris_id(parts[2], int(parts[3]))}" if parts else None


def _find_same(asker: Asker, collection: str, number: int) -> str | None:
    rest = f"://libris.kb.se/{{}}{collection}/{number}"
    spellings = [f"{s}{rest.format(p)}" for p in ("", "resource/") for s in ("http", "https")]
    values = " ".join(map(iri, spellings))
    query = f"SELECT DISTINCT ?thing {{ VALUES ?old {{ {values} }} ?thing {_SAME} ?old }} LIMIT 20"
    things = {row["thing"]["value"].partition("#")[0] for row in asker.select(query)}
    own = sorted(each for each in things if each.startswith(LIBRIS))
    computed = f"{LIBRIS}{compute_libris_id(collection, number)}"
    return computed if computed in own else next(iter(own), None)


def _find_computed(asker: Asker, collection: str, number: int) -> str | None:
    record = f"{LIBRIS}{compute_libris_id(collection, number)}"
    return record if asker.ask(f"ASK {{ {iri(record)} ?p ?o }}") else None


def _find_numbered(asker: Asker, collection: str, number: int) -> str | None:
    """Return the only record with this control number that is of the kind; None: none, or more."""
    query = (
        f"SELECT ?record (BOUND(?item) AS ?held) (BOUND(?work) AS ?edition)"
        f" {{ ?record <{KBV}controlNumber> {literal(str(number))} ; <{KBV}mainEntity> ?main ."
        f" OPTIONAL {{ ?main <{KBV}itemOf> ?item }}"
        f" OPTIONAL {{ ?main <{KBV}instanceOf> ?work }} }}"
        f" LIMIT {_MOST}"
    )
    records = set()
    for row in asker.select(query):
        is_item, is_edition = (row[name]["value"] == "true" for name in ("held", "edition"))
        kind = "hold" if is_item else "bib" if is_edition else "auth"
        if kind == collection:
            records.add(row["record"]["value"])
    return records.pop() if len(records) == 1 else None


def _find_main(asker: Asker, record: str) -> str:
    query = f"SELECT ?main {{ {iri(record)} <{KBV}mainEntity> ?main FILTER(isIRI(?main)) }} LIMIT 1"
    rows = asker.select(query)
    return rows[0]["main"]["value"] if rows else record
