"""Columns of a release in memory: they are there, the same everywhere, and nobody needs them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
import pytest

from sparql_server.engine.columns.algebra import Kind, Term
from sparql_server.engine.columns.storage import sharing
from sparql_server.engine.local.crew import Crew, CrewError
from sparql_server.engine.local.engine import Embedded
from sparql_server.engine.query_limits import Limits
from sparql_server.engine.releases import find_current
from tests.server.columns_comparison import built
from tests.server.conftest import NUMBERS, publish
from tests.server.processes import children, wait_for
from tests.server.test_columns_building import in_store, quads

pytestmark = pytest.mark.skipif(
    not hasattr(os, "memfd_create"), reason="the system has no such memory"
)

TRIPLE = "\n<urn:s> <urn:p> <<( <urn:s> <urn:p> <urn:o> )>> <urn:g> ."


@contextmanager
def crew_on(data: Path, mode: str) -> Iterator[Crew]:
    release = find_current(data)
    assert release is not None
    crew = Crew(release, mode, True)
    try:
        assert crew.nursery.ready(30)
        yield crew
    finally:
        crew.close()


def test_release_in_memory_has_its_triples_in_columns(data: Path) -> None:
    with crew_on(data, "memory") as crew:
        columns = crew.columns
        assert columns is not None
        assert columns is crew.columns
        store = ox.Store.read_only(str(data / "releases" / "0001" / "store"))
        assert quads(columns) == in_store(store)


def test_release_on_disk_has_no_columns(data: Path) -> None:
    with crew_on(data, "disk") as crew:
        assert crew.columns is None


def test_columns_stay_for_whoever_has_them_when_the_crew_has_ended(data: Path) -> None:
    with crew_on(data, "memory") as crew:
        columns = crew.columns
        assert columns is not None
    assert crew.columns is None
    number = columns.terms.find(Term(Kind.IRI, "urn:is"))
    numbers = columns.property(number)
    assert numbers is not None
    assert len(numbers.subjects) == NUMBERS + 1


def test_nursery_has_one_thread_when_it_has_columns(data: Path) -> None:
    with crew_on(data, "memory") as crew:
        worker = crew.start_one()
        for pid in (crew.nursery.pid, worker.pid):
            assert len(os.listdir(f"/proc/{pid}/task")) == 1
            assert "/memfd:columns" in Path(f"/proc/{pid}/maps").read_text()
        worker.kill()


def test_engine_has_the_columns_of_the_release_that_it_serves_from_memory(data: Path) -> None:
    engine = Embedded(data, Limits(workers=1), str(2**30))
    assert engine.columns is None
    engine.start()
    try:
        assert wait_for(lambda: engine.columns is not None)
        found = engine.columns
        assert found is not None
        assert (found.release, found.mode) == (1, "memory")
        publish(data, 2)
        assert wait_for(lambda: engine.columns is not None and engine.columns.release == 2)
    finally:
        engine.stop()
    assert engine.columns is None


def test_release_on_disk_gives_the_engine_no_columns(data: Path) -> None:
    engine = Embedded(data, Limits(workers=1), "off")
    engine.start()
    try:
        assert engine.release is not None
        assert engine.columns is None
    finally:
        engine.stop()


def test_release_that_columns_can_not_hold_is_held_without(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    publish(tmp_path, 1, TRIPLE)
    with crew_on(tmp_path, "memory") as crew:
        crew.start_one().kill()
        assert crew.columns is None
    assert capfd.readouterr().err == "release has no columns: it has a triple for a term\n"


def test_reading_that_is_killed_gives_no_release(data: Path) -> None:
    release = find_current(data)
    assert release is not None
    crew = Crew(release, "memory", True)
    try:
        assert wait_for(lambda: any("dumping" in line for line in lines_of(crew.nursery.pid)))
        for pid in children(crew.nursery.pid):
            os.kill(pid, 9)
        with pytest.raises(CrewError):
            crew.nursery.ready(30)
    finally:
        crew.close()


def lines_of(pid: int) -> list[str]:
    return [Path(f"/proc/{child}/cmdline").read_text() for child in children(pid)]


def test_half_written_columns_are_none() -> None:
    descriptor = sharing.create()
    os.write(descriptor, built([b"<urn:s> <urn:p> <urn:o> .\n"])[:100])
    assert not sharing.is_whole(descriptor)
    os.close(descriptor)
    assert not sharing.is_whole(sharing.NONE)


def test_columns_that_were_written_can_not_be_changed() -> None:
    descriptor = sharing.create()
    sharing.write(descriptor, [built([b"<urn:s> <urn:p> <urn:o> .\n"])])
    assert sharing.is_whole(descriptor)
    with pytest.raises(PermissionError):
        os.pwrite(descriptor, b"x", 0)
    with pytest.raises(PermissionError):
        os.ftruncate(descriptor, 0)
    assert sharing.columns_of(sharing.mapped(descriptor)).size == 1
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_server_of_a_release_on_disk_does_not_import_numpy() -> None:
    program = "import sys, sparql_server.serving.serve; print('numpy' in sys.modules)"
    command = [sys.executable, "-P", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
