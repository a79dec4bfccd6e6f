"""Values of columns: numbers of terms as Arrow has them, of the type that the column says."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from sparql_server.engine.columns.results.arrow_tables import make_column
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.formats.arrow.batches import XSD
from sparql_server.engine.formats.arrow.column_types import READERS, Reader
from sparql_server.tables.model import Table, Type
from sparql_server.tables.table_rows import Numbers

_TYPES: Mapping[Type, pa.DataType] = {
    "iri": pa.string(),
    "string": pa.string(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "dateTime": pa.timestamp("ms", "UTC"),
}
_READERS = {name: READERS[f"{XSD}{name}"][0] for name in ("integer", "boolean", "date", "dateTime")}


def make_schema(table: Table) -> pa.Schema:
    """Return the schema of a table's files, with what explains it: the same in every release."""
    fields = [
        pa.field(column.name, _TYPES[column.type], metadata=dict(column.about))
        for column in table.columns
    ]
    about = {f"title_{language}": title for language, title in table.title.items()}
    return pa.schema(fields, metadata={"table": table.name, **about})


def make_values(terms: QueryTerms, numbers: Numbers, kind: Type) -> pa.Array:
    """Return some rows' values; null where there is none, or none of the type."""
    column = make_column(terms, numbers)
    if kind in ("iri", "string"):
        return column.terms.take_texts(column.places)
    values = _read(_READERS[kind], column.terms.values).take(column.places)
    return values.cast(_TYPES[kind], safe=False)  # of a second, thousandths are kept


def _read(reader: Reader, texts: pa.StringArray) -> pa.Array:
    """Return texts as values; null for those that the type hasn't."""
    fitting = pc.match_substring_regex(texts, rf"\A(?:{reader.form})\z")
    kept = pc.if_else(fitting, texts, None)
    values = reader.read(kept.drop_null())
    if values is not None and not kept.null_count:
        return values
    # What is of the form and yet no value, such as the 30th of February, is told one by one.
    single = [
        reader.read(pa.array([text])) if text is not None else None for text in kept.to_pylist()
    ]
    return pa.concat_arrays(
        [pa.nulls(1, reader.type) if value is None else value for value in single]
        or [pa.nulls(0, reader.type)]
    )
