"""The sample published with tables, and a server of it; made once for all tests here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from loader.files import files
from loader.release import release
from loader.store import pipeline
from loader.workspace import Workspace
from tests.conftest import SAMPLE
from tests.server.conftest import Server, start, stop


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A data directory with the sample, published with tables."""
    workspace = Workspace(tmp_path_factory.mktemp("published"))
    pipeline.load(workspace, files.find_files([SAMPLE]), None)
    with pipeline.opened(workspace, "release") as archive:
        release.publish(workspace, archive, 3, ["tables"])
    return workspace


@pytest.fixture(scope="session")
def folder(published: Workspace) -> Path:
    """The folder of the tables."""
    return published.current / "tables"


@pytest.fixture(scope="session")
def serving(published: Workspace) -> Iterator[Server]:
    """A server of the sample."""
    running = start(published.root, "--workers", "2", "--contact", "libris@example.org")
    yield running
    assert stop(running) == 0
