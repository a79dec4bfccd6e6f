"""Types of columns: which type holds all values of a datatype that a column has.

Lexical forms are those of XML Schema, https://www.w3.org/TR/xmlschema11-2/.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from sparql_server.engine.formats.arrow.batches import ROWS, XSD, Column, Sort, Terms

_FIRST, _LAST = -62_135_596_800_000_000, 253_402_300_799_999_999  # the years 1 to 9999

# Of dates, what every reader of tables has: of the years 1 to 9999, and no midnight at 24:00.
_DATE = r"(?:000[1-9]|00[1-9]\d|0[1-9]\d{2}|[1-9]\d{3})-\d{2}-\d{2}"
_TIME = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,6})?"
_ZONE = r"(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)"
_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads lexical forms as values of a type. form: a regular expression that all must match."""

    type: pa.DataType
    form: str

    def read_terms(self, terms: Terms) -> pa.Array | None:
        """Return the terms' values, read once; None if one of them is none of this type."""
        if self not in terms.read:
            known = terms.known.get(self.type, _know_nothing)()
            terms.read[self] = (
                self.read(terms.make_values(None)) if known is None else self._check(known)
            )
        return terms.read[self]

    def read(self, values: pa.StringArray) -> pa.Array | None:
        """Return the values; None if one of them is none of this type."""
        if not pc.all(
            pc.match_substring_regex(values, rf"\A(?:{self.form})\z"), min_count=0
        ).as_py():
            return None
        try:
            return self._check(pc.cast(self._spell(values), self.type))
        except pa.ArrowInvalid:
            return None

    def _spell(self, values: pa.StringArray) -> pa.StringArray:
        # Arrow's integers have no plus sign.
        return pc.replace_substring_regex(values, r"\A\+", "")

    def _check(self, values: pa.Array) -> pa.Array | None:
        if not pa.types.is_timestamp(self.type) or not len(values):
            return values
        ends = pc.min_max(values.cast(pa.int64()))
        return values if _FIRST <= ends["min"].as_py() <= ends["max"].as_py() <= _LAST else None


def _know_nothing() -> None:
    return None


def _make_decimal(scale: int) -> Reader:
    """Return a reader of 38 digits, so many of them behind the point: more, Arrow would change."""
    form = rf"[+-]?0*(?:\d{{1,{38 - scale}}}(?:\.\d{{0,{scale}}})?|\.\d{{1,{scale}}})"
    return Reader(pa.decimal128(38, scale), form)


_INTEGERS = (
    Reader(pa.int64(), r"[+-]?\d+"),
    Reader(pa.decimal128(38, 0), r"[+-]?0*\d{1,38}"),
)
_FLOAT = rf"{_NUMBER}(?:[eE][+-]?\d+)?|[+-]?INF|NaN"
_INSTANT = Reader(pa.timestamp("us", "UTC"), f"{_DATE}T{_TIME}{_ZONE}")

_NAMED_INTEGERS = (
    "integer long int short byte nonNegativeInteger positiveInteger nonPositiveInteger "
    "negativeInteger unsignedLong unsignedInt unsignedShort unsignedByte"
)

READERS: Mapping[str, tuple[Reader, ...]] = {
    **{f"{XSD}{name}": _INTEGERS for name in _NAMED_INTEGERS.split()},
    f"{XSD}decimal": tuple(map(_make_decimal, (2, 6, 12, 18))),
    f"{XSD}double": (Reader(pa.float64(), _FLOAT),),
    f"{XSD}float": (Reader(pa.float32(), _FLOAT),),
    f"{XSD}boolean": (Reader(pa.bool_(), "true|false|0|1"),),
    f"{XSD}date": (Reader(pa.date32(), _DATE),),
    f"{XSD}dateTime": (_INSTANT, Reader(pa.timestamp("us"), f"{_DATE}T{_TIME}")),
    f"{XSD}dateTimeStamp": (_INSTANT,),
    f"{XSD}gYear": (Reader(pa.int64(), r"-?\d{4,}"),),
}
"""By datatype, the readers of it: the first that reads all of a column is the column's."""


@dataclass(slots=True)
class Holding:
    """The kinds of values seen of a variable so far.

    may_be_plain: whether its texts may stand in no dictionary. readers: those that have read all of
    it. rows: how many. keys: of the different terms.
    """

    may_be_plain: bool = True
    sorts: dict[Sort, None] = field(default_factory=dict)
    readers: tuple[Reader, ...] | None = None
    rows: int = 0
    keys: list[pa.Array] = field(default_factory=list)
    _last: Terms | None = None

    def add(self, column: Column) -> None:
        """See some rows."""
        self.rows += len(column.places)
        if column.terms is not self._last and column.terms.sorts:
            self._last = column.terms
            self.keys.append(column.terms.keys)
            self._add_terms(column.terms)

    def is_plain(self) -> bool:
        """Tell whether texts are plain: of many rows, more than a quarter of them different."""
        if not self.may_be_plain or self.rows <= ROWS or not self.keys:
            return False
        different = len(self.keys[0]) if len(self.keys) == 1 else _count_different(self.keys)
        return 4 * different > self.rows

    def _add_terms(self, terms: Terms) -> None:
        self.sorts.update(dict.fromkeys(terms.sorts))
        datatypes = {sort.datatype for sort in self.sorts}
        known = READERS.get(datatypes.pop() or "", ()) if len(datatypes) == 1 else ()
        left = known if self.readers is None else self.readers
        self.readers = _list_fitting(left, terms) if known and left else ()


def _count_different(keys: Sequence[pa.Array]) -> int:
    return int(pc.count_distinct(pa.chunked_array(keys)).as_py())


def _list_fitting(readers: Iterable[Reader], terms: Terms) -> tuple[Reader, ...]:
    return tuple(reader for reader in readers if reader.read_terms(terms) is not None)
