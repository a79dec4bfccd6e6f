"""Makes the tables of a release: each from its query, and what describes them all.

Columns answer the queries, and the store what they don't, in memory that is bounded: pieces of a
result go to disk as numbers, are sorted as numbers, and become text row group by row group.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from sparql_server.engine.columns.algebra import Unsuited
from sparql_server.engine.columns.results.answering import answer_in_pieces, prepare
from sparql_server.engine.columns.results.solution_numbers import number_solutions
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.storage.layout import ColumnsError
from sparql_server.engine.columns.storage.triples import Columns
from sparql_server.engine.local.evaluation import evaluate, open_store
from sparql_server.engine.messages import Job
from sparql_server.engine.releases import Release
from sparql_server.errors import ServerError
from sparql_server.errors.failures.failure import Failed
from sparql_server.tables.croissant import describe_in_croissant
from sparql_server.tables.datapackage import describe_package
from sparql_server.tables.fields import count_fields
from sparql_server.tables.model import CROISSANT, FIELDS, PACKAGE, Made, Sizes, Table
from sparql_server.tables.parquet_files import write_files
from sparql_server.tables.reuse import Former, define, find_former
from sparql_server.tables.table_rows import Rows, store_rows

logger = logging.getLogger(__name__)

_PIECE = 1_000_000  # rows that a query is evaluated for at once


class NoTables(ServerError):
    """Tables can't be made; nothing of them is left."""


def make_tables(
    release: Release,
    tables: Sequence[Table],
    target: Path,
    sizes: Sizes | None = None,
    former: Iterable[Path] = (),
) -> tuple[Made, ...]:
    """Make a release's tables in a folder, which is there whole or not at all; return them.

    former: folders of other releases: one with the same data has the same tables.
    Raises NoTables, and OSError if the disk refuses.
    """
    began = time.monotonic()
    making = target.with_name(f"{target.name}.part")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    try:
        columns = Columns.of(release.path / "columns")
        maker = _Maker(
            release, columns, making, sizes or Sizes(), find_former(release.path, former)
        )
        made = tuple(map(maker.make, tables))
    except (ColumnsError, MemoryError, RecursionError) as error:
        shutil.rmtree(making, ignore_errors=True)
        reason = str(error) or "there is too little memory"
        raise NoTables(f"release {release.number} can't have tables: {reason}") from error
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
    _write_descriptions(made, release, making)
    making.rename(target)
    logger.info("%d tables are made, in %.1f s.", len(made), time.monotonic() - began)
    return made


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes tables of a release in a folder. former: those of another one with the same data."""

    release: Release
    columns: Columns
    folder: Path
    sizes: Sizes
    former: Former | None

    def make(self, table: Table) -> Made:
        """Make a table, or take it from a release that has it."""
        definition = define(table, self.sizes)
        taken = self.former.take(table, definition, self.folder) if self.former else None
        if taken:
            return taken
        with TemporaryDirectory(dir=self.folder, prefix=f".{table.name}-") as scratch:
            rows = _find_rows(self.release, self.columns, table, Path(scratch))
            files = write_files(table, rows, self.folder, self.sizes)
            return Made(table, files, count_fields(table, rows), definition)


def _find_rows(release: Release, columns: Columns, table: Table, scratch: Path) -> Rows:
    """Return a table's rows; the release's store is asked for what columns don't answer."""
    try:
        found = answer_in_pieces(columns, prepare(table.query, {}), table.names, _PIECE)
        return store_rows(found.parts, table.names, found.terms, scratch)
    except Unsuited as error:
        logger.warning(
            "%s.rq takes longer than others, since the store answers it: columns don't take %s.",
            table.name,
            error,
        )
    try:
        results, _ = evaluate(open_store(release.store), Job(table.query, solutions="json"))
        terms = QueryTerms(columns.terms)
        parts = number_solutions(cast(Iterable[Any], results), table.names, terms)
        return store_rows(parts, table.names, terms, scratch)
    except (Failed, Unsuited, RuntimeError, OSError) as error:
        raise NoTables(f"{table.name}.rq can't be answered: {error}") from error


def _write_descriptions(made: Sequence[Made], release: Release, folder: Path) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    published = str(release.manifest().get("published", now))  # or is about to be
    fields = {
        "release": f"{release.number:04}",
        "tables": [{"name": each.table.name, **each.fields} for each in made],
    }
    _write_json(folder / FIELDS, fields)
    _write_json(folder / PACKAGE, describe_package(made, release.number, published))
    _write_json(folder / CROISSANT, describe_in_croissant(made, release.number, published))


def _write_json(path: Path, value: Any) -> None:
    with open(path, "w", encoding="utf-8") as stream:
        json.dump(value, stream, ensure_ascii=False, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
