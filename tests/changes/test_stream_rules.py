"""The event stream keeps the rules of TREE and LDES, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import Graph, Namespace, URIRef
from rdflib.term import Node

from sparql_server.changes.entries import Entry, Span
from sparql_server.changes.event_stream import write_page, write_root
from sparql_server.changes.feed import Feed
from sparql_server.changes.log import Log
from sparql_server.changes.log_writing import write_log

AS = Namespace("https://www.w3.org/ns/activitystreams#")
LDES = Namespace("https://w3id.org/ldes#")
TREE = Namespace("https://w3id.org/tree#")
BASE = "http://here/changes/stream"
BEGAN = 1_795_000_000_000  # milliseconds since 1970
SHAPES = Path(__file__).with_name("stream_shapes.ttl")
SIZES = {3: 250, 4: 0, 5: 1, 6: 101}
"""Release to the number of its changes: the logs of the first two have gone."""


def list_entries(release: int) -> Iterator[Entry]:
    kinds = ("Create", "Update", "Delete")
    for number in range(SIZES[release]):
        name = f"https://libris.kb.se/r{release}n{number}"
        said = (f'<{name}#it> <urn:p> "{number}"',)
        yield Entry(name, kinds[number % 3], f"{name}#it", came=said)


@pytest.fixture(scope="module")
def feed(tmp_path_factory: pytest.TempPathFactory) -> Feed:
    folder = tmp_path_factory.mktemp("changes")
    logs = []
    for release in SIZES:
        began = BEGAN + release * 60_000
        path = folder / f"{release:04}"
        write_log(path, release, release - 1, Span(began, began + 50_000), list_entries(release))
        logs.append(Log(path))
    return Feed(tuple(logs))


def read(text: str) -> tuple[Graph, set[str]]:
    """The statements of a page outside its members' graphs, and the names of these graphs."""
    graph, named = Graph(), set[str]()
    for quad in ox.parse(text.encode(), ox.RdfFormat.N_QUADS):
        if isinstance(quad.graph_name, ox.NamedNode):
            named.add(quad.graph_name.value)
        else:
            graph.parse(data=f"{quad.triple} .", format="nt")
    return graph, named


@pytest.fixture(scope="module")
def pages(feed: Feed) -> dict[str, tuple[Graph, set[str]]]:
    """All pages that are reached from the first, by address."""
    found = {BASE: read(write_root(feed, BASE, quads=True))}
    waiting = list(found[BASE][0].objects(None, TREE.node))
    while waiting:
        address = str(waiting.pop())
        if address not in found:
            release, page = map(int, address.removeprefix(f"{BASE}/").split("/"))
            log = feed.log(release)
            assert log is not None
            found[address] = read(write_page(log, page, BASE, quads=True))
            waiting += found[address][0].objects(None, TREE.node)
    return found


def test_pages_are_valid_by_the_rules(pages: dict[str, tuple[Graph, set[str]]]) -> None:
    from pyshacl import validate

    shapes = Graph().parse(SHAPES)
    for address, (page, _) in pages.items():
        conforms, _, why = validate(page, shacl_graph=shapes)
        assert conforms, why
        assert (URIRef(address), None, TREE.Node) in page
    broken = Graph() + pages[BASE][0]
    broken.remove((None, TREE.value, None))
    assert not validate(broken, shacl_graph=shapes)[0]


def test_every_member_is_reached_once(pages: dict[str, tuple[Graph, set[str]]]) -> None:
    members = [each for page, _ in pages.values() for each in page.objects(None, TREE.member)]
    assert len(members) == len(set(members)) == sum(SIZES.values())


def test_relations_bound_the_times_of_what_they_lead_to(
    pages: dict[str, tuple[Graph, set[str]]],
) -> None:
    def times(address: Node | None) -> list[str]:
        """Of the members of a page and of all that it leads on to."""
        page = pages[str(address)][0]
        own = [str(each) for each in page.objects(None, AS.published)]
        return [*own, *(time for node in page.objects(None, TREE.node) for time in times(node))]

    for page, _ in pages.values():
        for relation in page.objects(None, TREE.relation):
            bound = str(page.value(relation, TREE.value))
            below = times(page.value(relation, TREE.node))
            kind = page.value(relation, URIRef("http://www.w3.org/1999/02/22-rdf-syntax-ns#type"))
            at_least = kind == TREE.GreaterThanOrEqualToRelation
            assert all(time >= bound if at_least else time <= bound for time in below)


def test_graphs_are_those_of_members_that_are_there(
    pages: dict[str, tuple[Graph, set[str]]],
) -> None:
    for page, named in pages.values():
        there = {
            str(each) for kind in ("Create", "Update") for each in page.subjects(None, AS[kind])
        }
        assert named == there


def test_stream_says_from_when_on_it_has_changes(
    pages: dict[str, tuple[Graph, set[str]]], feed: Feed
) -> None:
    root = pages[BASE][0]
    policy = root.value(URIRef(BASE), LDES.retentionPolicy)
    times = [str(each) for page, _ in pages.values() for each in page.objects(None, AS.published)]
    assert str(root.value(policy, LDES.pointInTime)) <= min(times)
    assert not list(read(write_root(Feed(()), BASE, quads=True))[0].objects(None, TREE.relation))
