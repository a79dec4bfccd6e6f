"""The Parquet files of a table: compressed, sorted, in row groups that readers can skip.

https://parquet.apache.org/docs/file-format/; each row group has the least and the greatest value of
each column, and the file says what it is sorted by.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sparql_server.tables.model import File, Sizes, Table
from sparql_server.tables.table_rows import Rows
from sparql_server.tables.values import make_schema, make_values

_LEVEL = 9  # of zstd: a tenth smaller than 3, and three times as slow, which reading hardly is

# Of what hardly occurs twice: instants, and keys, which are sorted and begin alike.
_ENCODINGS = {"dateTime": "DELTA_BINARY_PACKED", "iri": "DELTA_BYTE_ARRAY"}


def write_files(table: Table, rows: Rows, folder: Path, sizes: Sizes) -> tuple[File, ...]:
    """Write a table's files into a folder; return them.

    ``NAME.parquet``; of more rows than a file has ``NAME-0001.parquet`` and so on.
    """
    order = rows.sort(table.order)
    starts = range(0, max(rows.size, 1), sizes.file)
    several = len(starts) > 1
    files = []
    for number, begin in enumerate(starts, 1):
        name = f"{table.name}-{number:04}.parquet" if several else f"{table.name}.parquet"
        places = order[begin : begin + sizes.file]
        _write(table, rows, places, folder / name, sizes.group)
        files.append(_describe(folder / name, len(places)))
    return tuple(files)


def _write(table: Table, rows: Rows, places: NDArray[np.int64], path: Path, group: int) -> None:
    schema = make_schema(table)
    encodings = {
        column.name: _ENCODINGS[column.type]
        for column in table.columns
        if column.type == "dateTime" or (column.name,) == table.key
    }
    sorting = [pq.SortingColumn(table.names.index(name), nulls_first=True) for name in table.order]
    with pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=_LEVEL,
        sorting_columns=sorting,
        write_page_index=True,
        use_dictionary=[name for name in table.names if name not in encodings],
        column_encoding=encodings,
    ) as out:
        for batch in _make_batches(table, rows, places, schema, group):
            out.write_batch(batch, row_group_size=group)


def _make_batches(
    table: Table, rows: Rows, places: NDArray[np.int64], schema: pa.Schema, size: int
) -> Iterator[pa.RecordBatch]:
    for begin in range(0, len(places), size):
        here = places[begin : begin + size]
        arrays = [
            make_values(rows.terms, rows.columns[column.name][here], column.type)
            for column in table.columns
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def _describe(path: Path, rows: int) -> File:
    with open(path, "rb") as stream:
        checksum = hashlib.file_digest(stream, "sha256").hexdigest()
        os.fsync(stream.fileno())
    return File(path.name, rows, path.stat().st_size, checksum)
