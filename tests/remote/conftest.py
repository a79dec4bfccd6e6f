"""Two stores with the same data, and our server in front of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest

from tests.remote import stores
from tests.remote.stores import Store
from tests.server.conftest import DATASET, NUMBERS, Server, stop
from tests.server.conftest import start as serve


@dataclass
class Front:
    """Our server in front of a store."""

    store: Store
    server: Server


@pytest.fixture(scope="session")
def nquads(sample_store: ox.Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample, the small dataset of the server's tests, and numbers to make long work of."""
    path = tmp_path_factory.mktemp("quads") / "all.nq"
    lines = [f'<urn:n{n}> <urn:is> "{n}" <urn:numbers> .\n' for n in range(NUMBERS)]
    small = "".join(f"{quad} .\n" for quad in ox.parse(DATASET.encode(), ox.RdfFormat.TRIG))
    sample = sample_store.dump(format=ox.RdfFormat.N_QUADS) or b""
    path.write_bytes(sample + small.encode() + "".join(lines).encode())
    return path


@pytest.fixture(scope="session", params=["virtuoso", "oxigraph"])
def store(
    request: pytest.FixtureRequest, nquads: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    running = stores.start(request.param, tmp_path_factory.mktemp(request.param), nquads)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def front(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    data = tmp_path_factory.mktemp("front")
    server = serve(data, "--remote", store.query, "--timeout", "20")
    yield Front(store, server)
    assert stop(server) == 0
