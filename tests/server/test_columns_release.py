"""Columns of a release: mapped by all processes, and done without where there are none."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
import pytest

from sparql_server.engine.columns.algebra import Kind, Term
from sparql_server.engine.local.crew import Crew, CrewError
from sparql_server.engine.local.engine import Embedded
from sparql_server.engine.query_limits import Limits
from sparql_server.engine.releases import find_current
from tests.server.conftest import NUMBERS, publish
from tests.server.http import ask, request, values
from tests.server.processes import serving, wait_for
from tests.server.test_columns_building import in_store, quads
from tests.server.test_workers import RELEASE


@pytest.fixture
def data(tmp_path: Path) -> Path:
    publish(tmp_path, 1, columns=True)
    return tmp_path


@contextmanager
def crew_on(data: Path) -> Iterator[Crew]:
    release = find_current(data)
    assert release is not None
    crew = Crew(release, True)
    try:
        assert crew.nursery.ready(30)
        yield crew
    finally:
        crew.close()


@contextmanager
def engine_on(data: Path) -> Iterator[Embedded]:
    engine = Embedded(data, Limits(workers=1))
    engine.start()
    try:
        yield engine
    finally:
        engine.stop()


def test_columns_of_a_release_have_what_its_store_has(data: Path) -> None:
    with crew_on(data) as crew:
        assert (crew.mode, crew.missing) == ("columns", "")
        assert crew.columns is not None
        store = ox.Store.read_only(str(data / "releases" / "0001" / "store"))
        assert quads(crew.columns) == in_store(store)


def test_columns_stay_for_whoever_has_them_when_crew_and_release_have_gone(data: Path) -> None:
    with crew_on(data) as crew:
        columns = crew.columns
        assert columns is not None
    assert crew.columns is None
    shutil.rmtree(data / "releases")
    number = columns.terms.find(Term(Kind.IRI, "urn:is"))
    numbers = columns.property(number)
    assert numbers is not None
    assert len(numbers.subjects) == NUMBERS + 1


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="the system doesn't say")
def test_nursery_has_one_thread_and_its_workers_the_same_files(data: Path) -> None:
    with crew_on(data) as crew:
        worker = crew.start_one()
        assert len(os.listdir(f"/proc/{crew.nursery.pid}/task")) == 1
        for pid in (crew.nursery.pid, worker.pid):
            assert "/0001/columns/subjects" in Path(f"/proc/{pid}/maps").read_text()
        worker.kill()


def test_engine_has_the_columns_of_the_release_that_it_serves(data: Path) -> None:
    with engine_on(data) as engine:
        found = engine.columns
        assert found is not None
        assert (found.release, found.mode) == (1, "columns")
        publish(data, 2, columns=True)
        assert wait_for(lambda: engine.columns is not None and engine.columns.release == 2)
    assert engine.columns is None


def test_release_of_before_is_served_without_columns_which_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    publish(tmp_path, 1)
    with caplog.at_level(logging.WARNING), engine_on(tmp_path) as engine:
        assert engine.release is not None
        assert engine.columns is None
        assert engine.status().mode == "disk"
        assert "published by an earlier version" in engine.status().missing
    said = [record.message for record in caplog.records if "has no columns" in record.message]
    assert len(said) == 1


@pytest.mark.parametrize("name", ["head.json", "objects", "offsets"])
@pytest.mark.parametrize("is_there", [True, False])
def test_release_whose_columns_are_damaged_is_served_without(
    data: Path, name: str, is_there: bool
) -> None:
    path = data / "current" / "columns" / name
    path.write_bytes(path.read_bytes()[:-1]) if is_there else path.unlink()
    with crew_on(data) as crew:
        assert crew.mode == "disk"
        assert name in crew.missing
        crew.start_one().kill()


def test_release_without_columns_answers_and_health_says_why(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    with serving(tmp_path) as server:
        assert values(ask(server, RELEASE)) == [["1"]]
        health = request(server, "GET", "/health").json()
        assert (health["ready"], health["engine"]) == (True, "disk")
        assert health["columns"].startswith("the release has none")
        publish(tmp_path, 2, columns=True)
        assert wait_for(lambda: values(ask(server, RELEASE)) == [["2"]])
        health = request(server, "GET", "/health").json()
        assert health["engine"] == "columns"
        assert "columns" not in health


def test_columns_that_go_between_two_looks_end_the_crew_not_the_server(data: Path) -> None:
    release = find_current(data)
    assert release is not None
    crew = Crew(release, True)
    (data / "current" / "columns" / "head.json").unlink()
    try:
        with pytest.raises(CrewError, match="can't open"):
            crew.nursery.ready(30)
    finally:
        crew.close()


def test_server_of_a_release_on_disk_does_not_import_numpy() -> None:
    program = "import sys, sparql_server.serving.serve; print('numpy' in sys.modules)"
    command = [sys.executable, "-P", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_building_columns_imports_neither_the_evaluator_nor_the_server() -> None:
    program = (
        "import sys, sparql_server.engine.columns.storage.building;"
        "print([name for name in sys.modules if name.startswith('sparql_server')],"
        " {'flask', 'pyoxigraph'} & set(sys.modules))"
    )
    command = [sys.executable, "-P", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    modules, libraries = done.stdout.rsplit("] ", 1)
    assert libraries == "set()\n"
    assert not [name for name in ("web", "evaluation", "results", "local") if f".{name}" in modules]


def test_option_that_is_gone_says_what_came_instead(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sparql_server.cli", "serve", "--memory", "8G"]
    done = subprocess.run([*command, "--data", str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 2
    assert "libris-loader release" in done.stderr
