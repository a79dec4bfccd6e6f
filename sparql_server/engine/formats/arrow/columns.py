"""Results on their way to a table: in batches, with each term of a batch's column there once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

pa.set_memory_pool(pa.system_memory_pool())  # the one whose memory goes back to the system

ROWS = 64 * 1024
"""Rows of a batch, at most."""

XSD = "http://www.w3.org/2001/XMLSchema#"
LANGUAGE_STRING = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"


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


@dataclass(frozen=True, slots=True)
class Column:
    """The values of a variable in some rows.

    places: for each row, which of the terms (int32); null: it is unbound. sorts: those that occur.
    sort_of: for each term, which of the sorts (int32). values: returns the terms' IRIs, labels or
    lexical forms (string).
    """

    places: pa.Int32Array
    sorts: Sequence[Sort]
    sort_of: pa.Int32Array
    values: Callable[[], pa.StringArray]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows. size: how many. weight: bytes that it takes. columns: returns them, in order."""

    size: int
    weight: int
    columns: Callable[[], Sequence[Column]]


@dataclass(frozen=True, slots=True)
class Table:
    """A result. names: of the variables. batches: to be gone through once. boolean: of an ASK."""

    names: Sequence[str]
    batches: Iterable[Batch]
    boolean: bool | None = None
