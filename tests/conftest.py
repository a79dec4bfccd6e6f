"""Fixtures that several areas use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest

from loader.files import files
from loader.store import pipeline
from loader.store.pipeline import Report
from loader.workspace import Workspace

SAMPLE = Path(__file__).parents[1] / "loader" / "sample"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have files that take long begin first: at the end one of them would run alone."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "data")


@pytest.fixture
def load(workspace: Workspace) -> Callable[..., Report]:
    """Load files into the workspace: ``load(path, …, graph=None)``."""

    def run(*paths: Path, graph: str | None = None) -> Report:
        return pipeline.load(workspace, files.find_files(paths), graph)

    return run


@pytest.fixture(scope="session")
def sample_workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A data directory into which the sample has been loaded."""
    workspace = Workspace(tmp_path_factory.mktemp("sample"))
    report = pipeline.load(workspace, files.find_files([SAMPLE]), None)
    assert report.unreadable == report.quarantined == report.failed == 0
    return workspace


@pytest.fixture(scope="session")
def sample_store(sample_workspace: Workspace) -> ox.Store:
    """The sample as the loader stores it."""
    return ox.Store.read_only(str(sample_workspace.store))
