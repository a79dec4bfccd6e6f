"""Results on their way to a table: in batches, of which several may share their different terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from sparql_server.sparql.namespaces import RDF

pa.set_memory_pool(pa.system_memory_pool())  # the one whose memory goes back to the system

ROWS = 64 * 1024
"""Rows of a batch, at most."""

XSD = "http://www.w3.org/2001/XMLSchema#"
LANGUAGE_STRING = f"{RDF}langString"


class Sort(NamedTuple):
    """A term without its value. kind: ``iri``, ``bnode``, ``literal`` or ``triple``.

    datatype: IRI, of literals only. language: of those that have one, and their direction after
    two hyphens.
    """

    kind: str
    datatype: str | None = None
    language: str | None = None


IRI, BLANK, TRIPLE = Sort("iri"), Sort("bnode"), Sort("triple")
TEXT = Sort("literal", f"{XSD}string")


def make_language_sort(language: str) -> Sort:
    """Return the sort of literals in a language."""
    return Sort("literal", LANGUAGE_STRING, language)


@dataclass(frozen=True)
class Terms:
    """Different terms of a variable.

    sorts: those that occur. keys: a number for each term, the same in all of the result.
    make_values: returns the IRIs, labels or lexical forms of the terms at some places (string), of
    all of them for None. numbers: for each term, which of the sorts; None where there is but one.
    known: by type, what returns the values of all terms, or None if one of them isn't of it;
    without it they are read from the lexical forms. read: values that have been read, by reader.
    """

    sorts: Sequence[Sort]
    keys: pa.Array
    make_values: Callable[[pa.Int32Array | None], pa.StringArray]
    numbers: pa.Int32Array | None = None
    known: Mapping[pa.DataType, Callable[[], pa.Array | None]] = field(default_factory=dict)
    read: dict[object, pa.Array | None] = field(default_factory=dict)

    @property
    def nbytes(self) -> int:
        """The bytes that are held for the terms while nothing is written of them."""
        numbers = self.numbers.nbytes if self.numbers else 0
        return int(self.keys.nbytes + numbers + sum(values.nbytes for values in self._list_read()))

    @cached_property
    def values(self) -> pa.StringArray:
        """The IRIs, labels or lexical forms."""
        return self.make_values(None)

    @cached_property
    def _texts(self) -> pa.StringArray:
        return self._mark_blanks(self.values, self.numbers)

    @cached_property
    def _coded_texts(self) -> pa.DictionaryArray:
        return self._texts.dictionary_encode()

    def code_texts(self, places: pa.Int32Array) -> pa.DictionaryArray:
        """Return the texts of the terms at some places, as numbers in a dictionary.

        Text has ``_:`` before labels of blank nodes. In the dictionary it is once, also where
        different terms have it: pandas refuses any other.
        """
        if len(self.sorts) < 2 or {IRI, BLANK}.issuperset(self.sorts):
            return pa.DictionaryArray.from_arrays(places, self._texts)
        coded = self._coded_texts
        return pa.DictionaryArray.from_arrays(coded.indices.take(places), coded.dictionary)

    def take_texts(self, places: pa.Int32Array) -> pa.StringArray:
        """Return the texts of the terms at some places, without making all of them."""
        return self._mark_blanks(self.make_values(places), self.take_numbers(places))

    def take_numbers(self, places: pa.Int32Array) -> pa.Int32Array:
        """Return which of the sorts the terms at some places are of; null for null."""
        if self.numbers is None:
            return pc.multiply(places, pa.scalar(0, pa.int32()))
        return self.numbers.take(places)

    def _mark_blanks(self, values: pa.StringArray, numbers: pa.Int32Array | None) -> pa.StringArray:
        if BLANK not in self.sorts:
            return values
        marked = pc.binary_join_element_wise("_:", values, "")
        if numbers is None:
            return marked
        return pc.if_else(pc.equal(numbers, self.sorts.index(BLANK)), marked, values)

    def _list_read(self) -> list[pa.Array]:
        return [values for values in self.read.values() if values is not None]


@dataclass(frozen=True, slots=True)
class Column:
    """The values of a variable in some rows. places: which of the terms (int32); null: unbound."""

    places: pa.Int32Array
    terms: Terms


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows. size: how many. weight: bytes that it takes. columns: in their order."""

    size: int
    weight: int
    columns: Sequence[Column]


@dataclass(frozen=True, slots=True)
class Table:
    """A result. names: of the variables. batches: to be gone through once. boolean: of an ASK."""

    names: Sequence[str]
    batches: Iterable[Batch]
    boolean: bool | None = None
