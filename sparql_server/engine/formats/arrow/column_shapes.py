"""Shapes: the columns of a table in which a variable stands, by what it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

from sparql_server.engine.formats.arrow.batches import BLANK, IRI, TRIPLE, Column, Sort
from sparql_server.engine.formats.arrow.column_types import Holding, Reader

_DICTIONARY = pa.dictionary(pa.int32(), pa.string())
_PARTS = ("kind", "value", "datatype", "language")
_RESOURCES = frozenset([IRI, BLANK, TRIPLE])

Facts = Mapping[str, str]
"""Metadata of a field."""


class Shape(Protocol):
    """The shape of a variable in a table."""

    def list_fields(self, name: str) -> list[tuple[str, pa.DataType, Facts]]:
        """Return the columns of a variable: name, type and facts of each, its own the first."""

    def make_arrays(self, column: Column) -> list[pa.Array]:
        """Return what some rows have in these columns."""


@dataclass(frozen=True, slots=True)
class Typed:
    """Values of a datatype, as values of a type."""

    reader: Reader
    datatype: str

    def list_fields(self, name: str) -> list[tuple[str, pa.DataType, Facts]]:
        """Return one column."""
        return [(name, self.reader.type, {"kind": "literal", "datatype": self.datatype})]

    def make_arrays(self, column: Column) -> list[pa.Array]:
        """Return the values."""
        values = self.reader.read_terms(column.terms)
        if values is None:
            raise ValueError(f"a value that is no {self.reader.type} as all were before")
        return [values.take(column.places)]


@dataclass(frozen=True, slots=True)
class Text:
    """Texts: IRIs, lexical forms, and ``_:`` before blank nodes' labels.

    facts: of all of them. beside: what a column of its own has, ``datatype`` or ``language``.
    plain: each row has its text, and not a number in a dictionary.
    """

    facts: Facts
    beside: Sequence[str] = ()
    plain: bool = False

    def list_fields(self, name: str) -> list[tuple[str, pa.DataType, Facts]]:
        """Return the texts' column, and those beside it."""
        more = [(f"{name}__{part}", _DICTIONARY, {f"{part}_of": name}) for part in self.beside]
        kind = pa.string() if self.plain else _DICTIONARY
        return [(name, kind, self.facts), *more]

    def make_arrays(self, column: Column) -> list[pa.Array]:
        """Return the texts, and what is beside them."""
        return [self._make_texts(column), *(_list_parts(column, part) for part in self.beside)]

    def _make_texts(self, column: Column) -> pa.Array:
        if self.plain:
            return column.terms.take_texts(column.places)
        return column.terms.code_texts(column.places)


class Full:
    """Whole terms."""

    def list_fields(self, name: str) -> list[tuple[str, pa.DataType, Facts]]:
        """Return one column, a struct."""
        return [(name, pa.struct([(part, _DICTIONARY) for part in _PARTS]), {"kind": "term"})]

    def make_arrays(self, column: Column) -> list[pa.Array]:
        """Return the terms; null where there is none."""
        values = pa.DictionaryArray.from_arrays(column.places, column.terms.values)
        kind, datatype, language = (
            _list_parts(column, part) for part in ("kind", "datatype", "language")
        )
        unbound = column.places.is_null()
        parts = [kind, values, datatype, language]
        return [pa.StructArray.from_arrays(parts, names=_PARTS, mask=unbound)]


def make_untyped(holding: Holding) -> Shape:
    """Return the shape that holds all that can come; holding: what has come so far."""
    return Text({"kind": "mixed"}, ("datatype", "language"), holding.is_plain())


def choose_shape(holding: Holding) -> Shape:
    """Return the shape of a variable that holds this and nothing else."""
    sorts, is_plain = list(holding.sorts), holding.is_plain()
    datatypes = list(dict.fromkeys(sort.datatype for sort in sorts))
    languages = list(dict.fromkeys(sort.language for sort in sorts))
    if holding.readers and datatypes[0]:
        return Typed(holding.readers[0], datatypes[0])
    if _RESOURCES.issuperset(sorts):
        return Text({"kind": "iri"}, (), is_plain)
    if len(languages) > 1 and len(datatypes) == 1:
        return Text(_describe(datatypes[0], None), ("language",), is_plain)
    if len(datatypes) > 1:
        beside = ("datatype", "language") if any(languages) else ("datatype",)
        return Text({"kind": "mixed"}, beside, is_plain)
    return Text(_describe(datatypes[0], languages[0]), (), is_plain)


def _describe(datatype: str | None, language: str | None) -> Facts:
    facts = {"kind": "literal", "datatype": datatype, "language": language}
    return {name: fact for name, fact in facts.items() if fact}


def _list_parts(column: Column, part: str) -> pa.DictionaryArray:
    """Return what each row's term has of a part of its sort; null for none."""
    parts = [_get_part(sort, part) for sort in column.terms.sorts]
    different = [text for text in dict.fromkeys(parts) if text is not None]
    numbers = pa.array([different.index(text) if text else None for text in parts], pa.int32())
    of_row = numbers.take(column.terms.take_numbers(column.places))
    return pa.DictionaryArray.from_arrays(of_row, pa.array(different, pa.string()))


def _get_part(sort: Sort, part: str) -> str | None:
    return {"kind": sort.kind, "datatype": sort.datatype, "language": sort.language}[part]
