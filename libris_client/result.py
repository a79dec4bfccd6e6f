"""Results as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    import pandas
    import polars


class Result:
    """A result: an Arrow table, which others take as they like it.

    table: the table, with typed columns. release: the number of the release it is of, or None.
    polars, DuckDB and others take a result itself, by the Arrow PyCapsule interface.
    """

    def __init__(self, table: pa.Table, release: int | None = None) -> None:
        self.table = table
        self.release = release

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __repr__(self) -> str:
        columns = ", ".join(
            f"{field.name}: {_name_type(field.type)}" for field in self.table.schema
        )
        return f"<Result of {len(self):,} rows: {columns}>"

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list(self.table.column_names)

    def to_arrow(self) -> pa.Table:
        """Return the Arrow table."""
        return self.table

    def to_pandas(self) -> pandas.DataFrame:
        """Return a data frame of pandas; whole numbers and truth values keep their types."""
        import pandas

        mapping = {pa.int64(): pandas.Int64Dtype(), pa.bool_(): pandas.BooleanDtype()}
        frame: pandas.DataFrame = self.table.to_pandas(types_mapper=mapping.get)
        return frame

    def to_polars(self) -> polars.DataFrame:
        """Return a data frame of polars."""
        import polars

        frame = polars.from_arrow(self.table)
        assert isinstance(frame, polars.DataFrame)
        return frame

    def to_list(self) -> list[dict[str, Any]]:
        """Return the rows, each a dictionary."""
        return list(self.table.to_pylist())


def _name_type(kind: pa.DataType) -> str:
    return "text" if pa.types.is_dictionary(kind) or pa.types.is_string(kind) else str(kind)
