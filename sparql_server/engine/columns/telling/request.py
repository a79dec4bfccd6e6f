"""Requests for what is told of a thing, to an engine that has the data in columns: plain values."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class Telling:
    """A request for what is told of a document.

    spellings: its IRI, as it may be in the data. has_fragments: whether it tells of fragments of
    its IRI; is_record: whether it is a record, whose graph has its name. main_property: leads from
    a record to what it is about. most_records, most_fragments, most_statements, most_values,
    most_paths, most_filled: of each, so many are shown. deepest: blank nodes that are gone along.
    path, offset, limit: the things that point by a path; by no path: the first by each.
    classes: of one of which they are to be, as type_property says; none: of any.
    traits: properties that are told alone; none: all are, with hierarchies and names.
    upwards: properties that lead to what stands above. evidence: properties of what says why a
    link is: target, source, confidence, reason. names: kind of name to paths of
    properties; named_by_iri: kinds whose names are IRIs.
    measured: whether it is told, beside traits, that more blank nodes hang on each other.
    """

    spellings: tuple[str, ...]
    has_fragments: bool
    is_record: bool
    main_property: str
    most_records: int = 10
    most_fragments: int = 50
    most_statements: int = 3000
    most_values: int = 100
    most_paths: int = 501
    most_filled: int = 24
    deepest: int = 8
    path: tuple[str, ...] = ()
    offset: int = 0
    limit: int = 10
    classes: tuple[str, ...] = ()
    type_property: str = ""
    traits: tuple[str, ...] = ()
    upwards: tuple[str, ...] = ()
    most_levels: int = 8
    most_above: int = 20
    most_links: int = 500
    evidence: tuple[str, ...] = ()
    names: dict[str, list[list[str]]] = field(default_factory=dict)
    named_by_iri: tuple[str, ...] = ()
    measured: bool = False

    def write(self) -> str:
        """Return it as JSON."""
        return _write("facts", self)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A vocabulary in whose terms something is told. namespace: what its IRIs begin with.

    same_property, same_class: the properties from a term to its equivalent. above: those to terms
    above it. remark: the property that says, of the document, which of its terms have none;
    lacking: what is said before each.
    """

    namespace: str
    same_property: str
    same_class: str
    above: tuple[str, ...]
    remark: str
    lacking: str


@dataclass(frozen=True, slots=True)
class Describing:
    """A graph that tells of a document.

    document: its IRI, if all fragments are told of. things, records: of it. pairs: things and
    properties of them that are told alone; None: everything is. deepest: as of ``Telling``.
    pointing: paths, and the things that point by them. naming: properties that name things;
    titles: the property to a blank node that does, and properties of that. more: N-Triples.
    vocabulary: fields of the one in whose terms alone it is told; None: it is told as it is.
    """

    document: str
    things: tuple[str, ...]
    records: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] | None = None
    deepest: int = 8
    pointing: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    naming: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    more: str = ""
    vocabulary: tuple[Any, ...] | None = None

    def write(self) -> str:
        """Return it as JSON."""
        return _write("graph", self)


def _write(kind: str, wanted: Telling | Describing) -> str:
    return json.dumps([kind, {each.name: getattr(wanted, each.name) for each in fields(wanted)}])


def read_request(text: str) -> Telling | Describing:
    """Return what JSON asks for."""
    kind, said = json.loads(text)
    return Telling(**said) if kind == "facts" else Describing(**said)
