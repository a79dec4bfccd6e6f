"""The documents of a release's columns: which things one tells of, and the records of a thing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sparql_server.engine.columns.algebra import Kind
from sparql_server.engine.columns.solutions.arrays import find_distinct
from sparql_server.engine.columns.telling.main_things import main_first
from sparql_server.engine.columns.telling.ranges import Numbers, Ranges
from sparql_server.engine.columns.telling.request import Telling
from sparql_server.sparql.namespaces import RDF, XSD

_NONE = np.empty(0, np.int32)
_UNWRITTEN = {f"{XSD}string": Kind.SIMPLE, f"{RDF}langString": Kind.LANGUAGE}
"""The datatypes that literals have without saying so."""


@dataclass(frozen=True, slots=True)
class Found:
    """A document. things: it, and those that it tells of. has_more: whether there are others.

    records: the graphs that say nothing else. fragments: the numbers of all IRIs in the data that
    are the document's with a fragment, whichever graph they stand in.
    """

    iri: str
    things: tuple[str, ...]
    records: tuple[str, ...]
    fragments: Numbers = field(default_factory=lambda: _NONE)
    has_more: bool = False


def find_document(ranges: Ranges, wanted: Telling) -> Found | None:
    """Return the first of the documents that is there; None: none is."""
    return next(filter(None, (_find(ranges, iri, wanted) for iri in wanted.spellings)), None)


def _find(ranges: Ranges, iri: str, wanted: Telling) -> Found | None:
    graph = ranges.columns.find_iri(iri)
    own = wanted.has_fragments
    fragments = _list_fragments(ranges, iri) if own else _NONE
    if not len(fragments) and not _is_there(ranges, iri):
        return None
    records = (iri,) if wanted.is_record else _list_records(ranges, graph, wanted)
    return _gather(ranges, Found(iri, (), records, fragments), wanted)


def _list_fragments(ranges: Ranges, iri: str) -> Numbers:
    return np.arange(*ranges.terms.find_prefixed(Kind.IRI, f"{iri}#"), dtype=np.int32)


def _is_there(ranges: Ranges, iri: str) -> bool:
    """Tell whether an IRI stands in any quad."""
    number = ranges.columns.find_iri(iri)
    if number < 0:
        return _is_datatype(ranges, iri)
    wanted = np.array([number], np.int32)
    return (
        ranges.place(iri) >= 0
        or len(ranges.columns.rows_of_graph(number)) > 0
        or len(ranges.of_subjects(wanted)) > 0
        or next(ranges.subjects_of(wanted), None) is not None
        or _is_datatype(ranges, iri)
    )


def _is_datatype(ranges: Ranges, iri: str) -> bool:
    """Tell whether an IRI is the datatype of a literal."""
    bounds, kind = ranges.terms.bounds, _UNWRITTEN.get(iri)
    if kind is not None and bounds[kind] < bounds[kind + 1]:
        return True
    return iri in ranges.terms.tag_names


def _list_records(ranges: Ranges, thing: int, wanted: Telling) -> tuple[str, ...]:
    """Return the records of a thing, in order: those whose own graph says what they are about."""
    place = ranges.places([wanted.main_property])
    if thing < 0:
        return ()
    rows = ranges.of_objects(np.array([thing], np.int32), place)
    own = rows.subjects[(rows.subjects == rows.graphs) & (rows.subjects >= ranges.first_iri)]
    numbers = find_distinct(own)[: wanted.most_records].tolist()
    return tuple(ranges.terms.value(number) for number in numbers)


def _gather(ranges: Ranges, found: Found, wanted: Telling) -> Found:
    """Return a document with its things, as many as are shown."""
    most = wanted.most_fragments
    shown = {ranges.terms.value(number) for number in found.fragments[:most].tolist()}
    shown |= {f"{found.iri}#it"} if wanted.has_fragments else set()
    others = (record for record in found.records if record != found.iri)
    things = (found.iri, *sorted(shown, key=main_first), *others)
    return replace(found, things=things, has_more=len(found.fragments) > most)


def find_numbers(ranges: Ranges, iris: Sequence[str]) -> Numbers:
    """Return the numbers of those IRIs that there are, sorted."""
    numbers = {ranges.columns.find_iri(iri) for iri in iris} - {-1}
    return np.array(sorted(numbers), np.int32)
