"""Descriptions of documents as values of JSON: a way into this room beside ``describing``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from sparql_server.engine.columns.algebra import Kind
from sparql_server.engine.columns.solutions.arrays import find_distinct
from sparql_server.engine.columns.storage.triples import Columns
from sparql_server.engine.columns.telling.described_things import Found, find_document, find_numbers
from sparql_server.engine.columns.telling.incoming import Incoming, Path, Sources
from sparql_server.engine.columns.telling.main_things import find_main
from sparql_server.engine.columns.telling.names import read_names
from sparql_server.engine.columns.telling.own import Own, read_first, read_own
from sparql_server.engine.columns.telling.ranges import Numbers, Ranges, Rows
from sparql_server.engine.columns.telling.request import Telling
from sparql_server.engine.columns.telling.surroundings import find_above, find_origins

Json = dict[str, Any]


@lru_cache(maxsize=1)
def open_ranges(columns: Columns) -> Ranges:
    """Return the ranges of columns, made once."""
    return Ranges(columns)


def prepare(columns: Columns) -> None:
    """Find out once what would be found out for a request."""
    open_ranges(columns).pointed_to_twice  # noqa: B018


def tell(columns: Columns, wanted: Telling) -> Json:
    """Return what is told of a document: ``document`` is None where it isn't there."""
    ranges = open_ranges(columns)
    found = find_document(ranges, wanted)
    if found is None:
        return {"document": None}
    return _Teller(ranges, found, wanted).tell()


class _Teller:
    """Tells of one document."""

    def __init__(self, ranges: Ranges, found: Found, wanted: Telling) -> None:
        self._ranges = ranges
        self._found = found
        self._wanted = wanted
        self._things = find_numbers(ranges, found.things)
        self._terms: dict[int, Json] = {}
        self._named: list[Numbers] = [self._things]

    def tell(self) -> Json:
        found, wanted = self._found, self._wanted
        document = {
            "iri": found.iri,
            "things": found.things,
            "records": found.records,
            "has_more": found.has_more,
        }
        incoming = self._list_incoming()
        if wanted.traits:
            places = self._ranges.places(wanted.traits)
            rows = self._ranges.of_subjects(self._things, places)
            is_deep = wanted.measured and self._read_whole().is_deep
            said = self._write(rows)
            return {"document": document, "said": said, "incoming": incoming, "is_deep": is_deep}
        rows, counts = self._read_own()
        said = self._write(rows)
        main = find_main(found.things, said, wanted.main_property)
        above = find_above(self._ranges, main, wanted)
        origins = find_origins(self._ranges, self._things, found.records, wanted)
        told: Json = {"document": document, "said": said, "incoming": incoming, "counts": counts}
        told |= {"is_deep": False}
        told |= {"origins": [self._spell(origin) for origin in origins]}
        told |= {"above": [self._spell(level) for level in above]}
        return told | {"names": self._read_names([*self._named, *map(_make_numbers, above)])}

    def _read_own(self) -> tuple[Rows, list[tuple[str, str, int]]]:
        """Return what is said of the things: all, or the first values of each property."""
        ranges, wanted = self._ranges, self._wanted
        rows, counts = self._read_whole().rows, list[tuple[str, str, int]]()
        if len(rows) > wanted.most_statements:
            most = wanted.most_values
            rows, counted = read_first(ranges, self._things, most, wanted.deepest)
            iri = ranges.terms.value
            counts = [(iri(s), iri(self._predicate(p)), n) for (s, p), n in counted.items()]
        objects = rows.objects[(rows.objects >= ranges.first_iri)]
        self._named.append(objects[objects < ranges.end_of_iris])
        return rows, counts

    def _read_whole(self) -> Own:
        graphs = find_numbers(self._ranges, self._found.records).tolist()
        return read_own(self._ranges, self._things, graphs, self._wanted.deepest)

    def _list_incoming(self) -> list[Json]:
        """Return by which paths things point here, how many, and the first of them."""
        wanted = self._wanted
        only = tuple(self._ranges.place(each) for each in wanted.path) or None
        if only and min(only) < 0:
            return []
        found = Incoming(self._ranges, self._things, only).find()
        if wanted.classes:
            self._keep_classes(found.values())
        counted = [(path, each, each.count()) for path, each in found.items()]
        paths = [(-count, self._spell_path(path), each) for path, each, count in counted if count]
        paths.sort(key=lambda each: each[:2])
        return [
            self._fill(path, -count, each, number < wanted.most_filled)
            for number, (count, path, each) in enumerate(paths[: wanted.most_paths])
        ]

    def _keep_classes(self, found: Iterable[Sources]) -> None:
        """Keep those of the things that point here which are of one of the classes."""
        ranges, wanted = self._ranges, self._wanted
        place = ranges.places([wanted.type_property])
        classes = find_numbers(ranges, wanted.classes)
        instances = [subjects for _, subjects in ranges.subjects_of(classes, place)]
        for sources in found:
            sources.keep(instances)

    def _fill(self, path: list[str], count: int, sources: Sources, filled: bool) -> Json:
        wanted = self._wanted
        part = sources.part(wanted.offset, wanted.limit) if filled else []
        self._named.append(_make_numbers(part))
        return {"path": path, "count": count, "sources": self._spell(part)}

    def _read_names(self, named: list[Numbers]) -> Json:
        every, wanted = find_distinct(np.concatenate(named)), self._wanted
        return read_names(self._ranges, every, wanted.names, wanted.named_by_iri)

    def _write(self, rows: Rows) -> Json:
        """Return statements by subject and property, terms as in SPARQL's JSON."""
        said: dict[str, dict[str, list[Json]]] = {}
        columns = rows.subjects.tolist(), rows.places.tolist(), rows.objects.tolist()
        for subject, place, object_ in zip(*columns, strict=True):
            term = self._term(subject)
            name = f"_:{term['value']}" if term["type"] == "bnode" else term["value"]
            predicate = self._term(self._predicate(place))["value"]
            said.setdefault(name, {}).setdefault(predicate, []).append(self._term(object_))
        return said

    def _term(self, number: int) -> Json:
        if number not in self._terms:
            self._terms[number] = self._make_term(number)
        return self._terms[number]

    def _make_term(self, number: int) -> Json:
        terms = self._ranges.terms
        kind, value = terms.kind(number), terms.value(number)
        if kind <= Kind.IRI:
            return {"type": "uri" if kind == Kind.IRI else "bnode", "value": value}
        tags = {Kind.LANGUAGE: "xml:lang", Kind.TYPED: "datatype"}
        said = {"type": "literal", "value": value}
        return said | ({tags[kind]: terms.tag(number)} if kind in tags else {})

    def _predicate(self, place: int) -> int:
        return int(self._ranges.predicates[place])

    def _spell(self, numbers: Sequence[int | str]) -> list[str]:
        """Return IRIs, and literals' texts, for their numbers; what is text stays as it is."""
        value = self._ranges.terms.value
        return [value(each) if isinstance(each, int) else each for each in numbers]

    def _spell_path(self, path: Path) -> list[str]:
        return self._spell([self._predicate(place) for place in path])


def _make_numbers(numbers: list[int]) -> Numbers:
    return np.array(numbers, np.int32)
