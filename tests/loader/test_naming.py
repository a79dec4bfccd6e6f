"""Names of blank nodes by content: the same for the same graph, whatever the order and labels."""

from __future__ import annotations

import random

import pytest

from loader.store.contents.difference import find_difference
from loader.store.contents.graph_contents import is_isomorphic
from loader.transform.blank_node_names import Triple, is_hard, make_labels

DEEP = 160  # nodes that look alike at first: more than the standard algorithm is asked to name


def chain(start: str, name: str, end: str) -> list[Triple]:
    """A chain of blank nodes from a node to a text."""
    nodes = [start, *(f"_:{name}{number}" for number in range(DEEP))]
    links = [(s, "<urn:part>", o) for s, o in zip(nodes, nodes[1:], strict=False)]
    return [*links, (nodes[-1], "<urn:label>", end)]


def shuffled(triples: list[Triple], seed: int) -> list[Triple]:
    """The same graph with other labels, in another order."""
    choose = random.Random(seed)
    nodes = sorted({term for s, _, o in triples for term in (s, o) if term.startswith("_:")})
    renamed = dict(zip(nodes, choose.sample(range(10**6), len(nodes)), strict=True))
    named = {node: f"_:n{number}" for node, number in renamed.items()}
    mixed = [(named.get(s, s), p, named.get(o, o)) for s, p, o in triples]
    choose.shuffle(mixed)
    return mixed


def statements(triples: list[Triple]) -> list[str]:
    return [" ".join(triple) for triple in triples]


TWINS = {
    "below-two-things": [*chain("<urn:a>", "a", '"x"'), *chain("<urn:b>", "b", '"x"')],
    "below-two-blank-nodes": [
        ("_:top1", "<urn:label>", '"1"'),
        ("_:top2", "<urn:label>", '"2"'),
        *chain("_:top1", "a", '"x"'),
        *chain("_:top2", "b", '"x"'),
    ],
    "below-one-thing": [*chain("<urn:a>", "a", '"x"'), *chain("<urn:a>", "b", '"x"')],
    "meeting": [
        *chain("<urn:a>", "a", '"x"'),
        *chain("<urn:a>", "b", '"x"'),
        ("_:other", "<urn:part>", "_:a0"),
    ],
}


@pytest.mark.parametrize("graph", TWINS.values(), ids=TWINS.keys())
def test_deep_graphs_that_differ_in_order_and_labels_are_the_same(graph: list[Triple]) -> None:
    assert is_hard(graph)
    for seed in range(8):
        assert is_isomorphic(statements(graph), statements(shuffled(graph, seed)))


@pytest.mark.parametrize("graph", TWINS.values(), ids=TWINS.keys())
def test_deep_graph_has_the_same_labels_whatever_it_came_with(graph: list[Triple]) -> None:
    def labelled(triples: list[Triple]) -> list[Triple]:
        names = make_labels(triples)
        assert len(set(names.values())) == len(names)
        return sorted((names.get(s, s), p, names.get(o, o)) for s, p, o in triples)

    expected = labelled(graph)
    assert all(labelled(shuffled(graph, seed)) == expected for seed in range(8))


@pytest.mark.parametrize("graph", TWINS.values(), ids=TWINS.keys())
def test_deep_graph_that_came_again_is_not_written(graph: list[Triple]) -> None:
    for seed in range(8):
        change = find_difference("urn:g", statements(graph), statements(shuffled(graph, seed)))
        assert (change.removed, change.added, change.anew) == ([], [], False)


def test_deep_graphs_that_differ_are_not_the_same() -> None:
    crossed = [*chain("<urn:a>", "a", '"x"'), *chain("<urn:b>", "b", '"y"')]
    straight = [*chain("<urn:a>", "a", '"y"'), *chain("<urn:b>", "b", '"x"')]
    assert not is_isomorphic(statements(crossed), statements(straight))
