"""Analyses of a release's tables on one machine and on many: the same expressions, other engines.

    python -m benchmarks.tables data/releases/0007/tables
    python -m benchmarks.tables data/releases/0007/tables --spark

The expressions are ibis's, https://ibis-project.org/; DuckDB evaluates them in this process, Spark
(PyPI's pyspark, which needs Java) on a local cluster of two workers. Both read the Parquet files.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import ibis
from ibis import _
from ibis.backends.sql import SQLBackend
from ibis.expr.types import Table

NAMES = ("holdings", "instances", "publications", "subjects", "works")

Tables = Mapping[str, Table]


def titles_by_library_and_decade(tables: Tables) -> Table:
    """How many titles does each library have of each decade?"""
    years = _years(tables["publications"])
    return (
        tables["holdings"]
        .join(years, "instance")
        .group_by("library", "decade")
        .aggregate(titles=_.instance.nunique())
        .order_by("library", "decade")
    )


def last_copies(tables: Tables) -> Table:
    """How many titles does one library alone have, by subject and decade?"""
    alone = tables["holdings"].group_by("instance").having(_.library.nunique() == 1).aggregate()
    subjects = tables["subjects"].filter(_.relation == "subject").select("work", "label")
    return (
        alone.join(_years(tables["publications"]), "instance")
        .join(tables["instances"].select("instance", "work"), "instance")
        .join(subjects, "work")
        .group_by("label", "decade")
        .aggregate(titles=_.instance.nunique())
        .order_by("label", "decade")
    )


def translations_by_decade(tables: Tables) -> Table:
    """How many titles are translations, by the languages of both and by decade?"""
    works = tables["works"].filter(_.is_translation).drop("title")
    return (
        works.join(tables["instances"].select("instance", "work"), "work")
        .join(_years(tables["publications"]), "instance")
        .group_by("original_language", "language", "decade")
        .aggregate(titles=_.instance.nunique())
        .order_by("original_language", "language", "decade")
    )


ANALYSES: tuple[Callable[[Tables], Table], ...] = (
    titles_by_library_and_decade,
    last_copies,
    translations_by_decade,
)


def _years(publications: Table) -> Table:
    return publications.filter(_.is_primary, _.year.notnull()).select(
        "instance", decade=(_.year // 10) * 10
    )


def open_duckdb(folder: Path) -> tuple[SQLBackend, Tables]:
    """Return DuckDB with the tables of a folder."""
    connection = ibis.duckdb.connect()
    return connection, {
        name: connection.read_parquet(str(folder / f"{name}*.parquet"), table_name=name)
        for name in NAMES
    }


def open_spark(folder: Path) -> tuple[SQLBackend, Tables]:
    """Return Spark, a cluster of two workers on this machine, with the tables of a folder."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local-cluster[2,1,2048]").appName("libris-tables")
    connection = ibis.pyspark.connect(builder.getOrCreate())
    return connection, {
        name: connection.read_parquet(str(folder / f"{name}*.parquet"), table_name=name)
        for name in NAMES
    }


def measure(connection: SQLBackend, expression: Table) -> tuple[float, list[tuple[object, ...]]]:
    """Return the seconds that an analysis took, and its rows."""
    began = time.perf_counter()
    rows = connection.to_pyarrow(expression)
    seconds = time.perf_counter() - began
    return seconds, [tuple(row.values()) for row in rows.to_pylist()]


def main() -> None:
    parser = argparse.ArgumentParser(description="Analyses of tables on several engines.")
    parser.add_argument("folder", type=Path, help="folder of a release's tables")
    parser.add_argument("--spark", action="store_true", help="ask Spark, too")
    parser.add_argument("--rounds", type=int, default=3, help="of each the fastest is printed")
    arguments = parser.parse_args()
    engines = {"duckdb": open_duckdb(arguments.folder)}
    if arguments.spark:
        engines["spark"] = open_spark(arguments.folder)
    for analysis in ANALYSES:
        answers = {}
        for name, (connection, tables) in engines.items():
            expression = analysis(tables)
            runs = [measure(connection, expression) for _round in range(arguments.rounds)]
            answers[name] = runs[0][1]
            print(f"{analysis.__name__:32} {name:8} {min(run[0] for run in runs):8.3f} s")
        assert len({str(sorted(map(str, rows))) for rows in answers.values()}) == 1, "they differ"


if __name__ == "__main__":
    main()
