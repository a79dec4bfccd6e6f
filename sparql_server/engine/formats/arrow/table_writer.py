"""Tables written as an Arrow stream or as Parquet, batch by batch.

https://arrow.apache.org/docs/format/Columnar.html#ipc-streaming-format,
https://parquet.apache.org/docs/file-format/. A table that isn't written to its end has neither the
mark of a stream's end nor a file's footer.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import IO, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from sparql_server.engine.formats.arrow.batches import Batch, Table
from sparql_server.engine.formats.arrow.column_shapes import Full, Shape, choose_shape, make_untyped
from sparql_server.engine.formats.arrow.column_types import Holding

HELD = 256 * 1024 * 1024
"""Bytes of a result that are held until its types are known; of a longer one nothing is typed."""


class _BatchWriter(Protocol):
    def write_batch(self, batch: pa.RecordBatch) -> None:
        """Write some rows."""

    def close(self) -> None:
        """Write the end."""


class _Sink:
    """A writer as pyarrow takes a file. over: whether nothing more is to be written to it."""

    closed = False

    def __init__(self, writer: IO[bytes]) -> None:
        self._writer = writer
        self._size = 0
        self.over = False

    def write(self, data: bytes) -> int:
        if not self.over:
            self._writer.write(data)
        self._size += len(data)
        return len(data)

    def tell(self) -> int:
        return self._size

    def flush(self) -> None:
        """Do nothing: pieces go out by size."""

    def close(self) -> None:
        """Do nothing: the writer is another's."""


def write(table: Table, name: str, writer: IO[bytes], held: int = HELD) -> int | None:
    """Write a table in a format of ``ARROW``; return how many rows it has, None of an ASK.

    held: as ``HELD``. Raises what its batches do.
    """
    form, full, _ = name.partition("+")
    sink = _Sink(writer)
    try:
        if table.boolean is not None:
            _write_batches(form, sink, _make_boolean(table.boolean))
            return None
        return _write_batches(form, sink, _make_batches(table, form, bool(full), held))
    finally:
        sink.over = True  # pyarrow writes a footer of what it lets go of


def _make_boolean(value: bool) -> Iterator[pa.RecordBatch]:
    schema = pa.schema([("boolean", pa.bool_())])
    yield pa.record_batch([[value]], schema)


def _write_batches(form: str, sink: _Sink, batches: Iterator[pa.RecordBatch]) -> int:
    first, rows = next(batches), 0
    out = _WRITERS[form](sink, first.schema)
    for batch in chain([first], batches):
        if batch.num_rows:
            out.write_batch(batch)
            rows += batch.num_rows
    out.close()
    return rows


class _ParquetFile:
    """A file of Parquet, a row group to a batch."""

    def __init__(self, sink: _Sink, schema: pa.Schema) -> None:
        self._file = pq.ParquetWriter(sink, schema, compression="zstd")
        self._rows = 0

    def write_batch(self, batch: pa.RecordBatch) -> None:
        """Write some rows."""
        self._file.write_batch(batch)
        self._rows += batch.num_rows

    def close(self) -> None:
        """Write the footer. It has the number of rows: without columns they are nowhere else."""
        self._file.add_key_value_metadata({"rows": str(self._rows)})
        self._file.close()


_WRITERS: dict[str, Callable[[_Sink, pa.Schema], _BatchWriter]] = {
    "arrow": pa.ipc.new_stream,
    "parquet": _ParquetFile,
}


def _make_batches(table: Table, form: str, full: bool, held: int) -> Iterator[pa.RecordBatch]:
    """Yield a table as Arrow has it; one batch at least, which may be empty.

    Files always have dictionaries: those that are sorted take a third of what plain text does.
    """
    batches = iter(table.batches)
    if full:
        shapes: Sequence[Shape] = [Full()] * len(table.names)
        begun: deque[Batch] = deque()
    else:
        shapes, begun = _find_shapes(table.names, batches, held, form == "arrow")
    schema = _make_schema(table.names, shapes)
    yield _make_empty(schema)
    for batch in chain(_give_up(begun), batches):
        yield _make_batch(batch, shapes, schema)


def _give_up(begun: deque[Batch]) -> Iterator[Batch]:
    while begun:
        yield begun.popleft()


def _find_shapes(
    names: Sequence[str], batches: Iterator[Batch], most: int, may_be_plain: bool
) -> tuple[Sequence[Shape], deque[Batch]]:
    """Return the shape of each variable, and the batches that were looked at for it."""
    begun: deque[Batch] = deque()
    holdings = [Holding(may_be_plain) for _ in names]
    weight = 0
    for batch in batches:
        begun.append(batch)
        weight += batch.weight
        for holding, column in zip(holdings, batch.columns, strict=True):
            holding.add(column)
        if weight > most:
            return list(map(make_untyped, holdings)), begun
    return list(map(choose_shape, holdings)), begun


def _make_schema(names: Sequence[str], shapes: Sequence[Shape]) -> pa.Schema:
    taken = set(names)
    fields = []
    for name, shape in zip(names, shapes, strict=True):
        (_, *own), *more = shape.list_fields(name)
        fields.append(pa.field(name, own[0], metadata=own[1]))
        for beside, kind, facts in more:
            while beside in taken:
                beside += "_"
            taken.add(beside)
            fields.append(pa.field(beside, kind, metadata=facts))
    return pa.schema(fields)


def _make_empty(schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_pylist([], schema)


def _make_batch(batch: Batch, shapes: Sequence[Shape], schema: pa.Schema) -> pa.RecordBatch:
    if not shapes:
        return pa.RecordBatch.from_struct_array(pa.array([{}] * batch.size, pa.struct([])))
    arrays = [
        array
        for shape, column in zip(shapes, batch.columns, strict=True)
        for array in shape.make_arrays(column)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)
