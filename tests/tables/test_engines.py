"""The analyses that are put to several engines: what they find is what the records say."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from benchmarks import tables as benchmark
from tests.notebooks.test_notebooks import RECORDS, SWEDISH

# ibis calls what DuckDB has given another name.
pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")


@pytest.fixture(params=["duckdb", "spark"])
def engine(request: pytest.FixtureRequest, folder: Path) -> tuple[object, benchmark.Tables]:
    if request.param == "spark" and not find_spec("pyspark"):
        pytest.skip("pyspark is not installed")
    return getattr(benchmark, f"open_{request.param}")(folder)  # type: ignore[no-any-return]


def test_analyses_find_what_the_records_say(engine: tuple[object, benchmark.Tables]) -> None:
    connection, tables = engine
    found = {
        analysis.__name__: benchmark.measure(connection, analysis(tables))[1]  # type: ignore[arg-type]
        for analysis in benchmark.ANALYSES
    }
    years = {title["@id"]: RECORDS.year(title) for title in RECORDS.titles}
    held = {title: own for title, own in RECORDS.holders().items() if years[title]}
    by_library = found["titles_by_library_and_decade"]
    assert sum(row[2] for row in by_library) == sum(map(len, held.values()))  # type: ignore[misc]
    alone = {title for title, libraries in held.items() if len(libraries) == 1}
    subjects = [
        (title["@id"], subject)
        for title in RECORDS.titles
        if title["@id"] in alone
        for subject in RECORDS.work(title).get("subject", ())
    ]
    assert sum(row[2] for row in found["last_copies"]) == len(subjects)  # type: ignore[misc]
    into_swedish = sum(
        row[3]  # type: ignore[misc]
        for row in found["translations_by_decade"]
        if row[1] == SWEDISH
    )
    works = [RECORDS.work(title) for title in RECORDS.titles if RECORDS.year(title)]
    assert into_swedish == sum(
        "translationOf" in work and {"@id": SWEDISH} in work.get("language", ()) for work in works
    )
