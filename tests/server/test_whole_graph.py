"""All graphs are read from columns as they stand in the store."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pyoxigraph as ox
import pytest

from sparql_server.engine.columns.results import whole_graph
from sparql_server.engine.columns.results.graph_results import read_graph
from sparql_server.engine.columns.results.whole_graph import read_quads, read_triples
from sparql_server.engine.columns.storage.triples import Columns
from tests.server.columns_comparison import built
from tests.server.columns_questions import nquads


@pytest.mark.parametrize("seed", range(6))
def test_quads_and_triples_are_those_of_the_store(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_graph, "_SUBJECTS", 3 if seed else 20_000)
    data = nquads(Random(seed)).encode()
    store = ox.Store()
    store.load(data, ox.RdfFormat.N_QUADS)
    columns = Columns.of(built([store.dump(format=ox.RdfFormat.N_QUADS)]))
    quads = list(read_quads(columns))
    assert len(quads) == len(store)
    assert set(quads) == set(store)
    triples = list(read_triples(columns))
    assert set(triples) == {quad.triple for quad in store}
    assert len(triples) == len(set(triples))
    subjects = [triple.subject for triple in triples]
    changes = sum(subject != following for subject, following in pairwise(subjects))
    assert changes == len(set(subjects)) - 1


def test_default_graph_alone_is_what_stands_in_no_other() -> None:
    data = b"<urn:a> <urn:p> <urn:b> .\n<urn:a> <urn:p> <urn:c> <urn:g> .\n"
    found = read_graph(Columns.of(built([data])), None)
    assert found is not None
    assert [str(triple) for triple in found.triples()] == ["<urn:a> <urn:p> <urn:b>"]
    assert read_graph(Columns.of(built([data[26:]])), None) is None


def test_nothing_has_no_triples() -> None:
    columns = Columns.of(built([b""]))
    assert list(read_triples(columns)) == []
    assert list(read_quads(columns)) == []
