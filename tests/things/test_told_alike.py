"""What columns tell of a thing in one go is what queries tell of it, of every thing alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pyoxigraph as ox
import pytest

from loader.workspace import Workspace
from sparql_server.answering.answer import Answer, Visitor
from sparql_server.answering.answers import Answers
from sparql_server.engine.columns.storage.triples import Columns
from sparql_server.engine.columns.telling.describing import describe as read_graph
from sparql_server.engine.columns.telling.request import Describing, Telling, read_request
from sparql_server.engine.columns.telling.telling import tell
from sparql_server.engine.prefixes import predefined
from sparql_server.sparql.protocol import QueryRequest
from sparql_server.things.addresses import list_spellings
from sparql_server.things.facts import Asker, Hubs
from sparql_server.things.gathering import Facts, gather_for_data, gather_for_page
from sparql_server.things.graph_query import (
    Listed,
    construct,
    construct_mapped,
    construct_part,
    construct_shown,
    gather_equivalents,
    select_equivalents,
)
from sparql_server.things.graph_request import describe
from sparql_server.things.statements import Statements
from sparql_server.things.thing_request import Wanted
from tests.saved.conftest import sample
from tests.server.conftest import Server, publish

__all__ = ["sample"]
LIBRIS = "https://libris.kb.se/"
KBV = "https://id.kb.se/vocab/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
CHOSEN = [
    *(f"{LIBRIS}{name}" for name in ("sample-b0010", "sample-a0007", "sample-h0028")),
    "https://id.kb.se/term/saogf/Brevromaner",
    "http://www.wikidata.org/entity/Q25161",
    f"{KBV}itemOf",
]


class ByQueries:
    """Answers of an engine that evaluates queries, and nothing else."""

    tells = False
    release = None

    def __init__(self, path: Path) -> None:
        self.store = ox.Store.read_only(str(path))

    def query(self, query: str) -> Any:
        return self.store.query(query, use_default_graph_as_union=True, prefixes=predefined())

    def fetch(self, asked: QueryRequest, *_: object) -> Answer:
        body = self.query(asked.query).serialize(format=ox.QueryResultsFormat.JSON)
        return Answer(None, 0, "none", None, body)


class ByColumns:
    """Answers of an engine that tells of things."""

    tells = True
    release = None

    def __init__(self, path: Path) -> None:
        self.columns = Columns.of(path)

    def facts(self, wanted: str, _: object) -> dict[str, Any]:
        return tell(self.columns, cast(Telling, read_request(wanted)))


@dataclass(frozen=True)
class Both:
    """The same release, told of in both ways."""

    queries: ByQueries
    columns: ByColumns

    def askers(self) -> tuple[Asker, Asker]:
        first, second = (
            Asker(cast(Answers, each), Visitor(), Hubs()) for each in (self.queries, self.columns)
        )
        return first, second


def open_both(release: Path) -> Both:
    return Both(ByQueries(release / "store"), ByColumns(release / "columns"))


@pytest.fixture(scope="module")
def catalogue(sample: Server, sample_workspace: Workspace) -> Both:
    return open_both(sample_workspace.root / "current")


def odd() -> Iterator[str]:
    """Lists in lists and in blank nodes, circles, one thing by several, links of several graphs."""
    graph = f"<{LIBRIS}g>"
    for end in ("urn:a", f"{LIBRIS}x#it"):
        yield f"<{LIBRIS}t1> <{KBV}parts> _:l{len(end)} {graph} ."
        yield f"_:l{len(end)} <{RDF}first> <urn:other> {graph} ."
        yield f"_:l{len(end)} <{RDF}rest> _:m{len(end)} {graph} ."
        yield f"_:m{len(end)} <{RDF}first> <{end}> {graph} ."
        yield f"_:m{len(end)} <{RDF}rest> <{RDF}nil> {graph} ."
    yield f"<{LIBRIS}t2> <{KBV}subject> _:c {graph} ."
    yield f"_:c <{KBV}parts> _:l5 {graph} ."
    yield f"<{LIBRIS}t3> <{KBV}members> _:h {graph} ."
    yield f"_:h <{RDF}first> _:i {graph} ."
    yield f"_:h <{RDF}rest> <{RDF}nil> {graph} ."
    yield f"_:i <{KBV}agent> <{LIBRIS}x#it> {graph} ."
    yield f"_:i <{KBV}role> <urn:role> {graph} ."
    yield f"_:i <{KBV}again> _:i <urn:elsewhere> ."
    yield f"<{LIBRIS}x> <{KBV}mainEntity> <{LIBRIS}x#it> <{LIBRIS}x> ."
    yield f'<{LIBRIS}x#it> <{KBV}name> "X"@sv <{LIBRIS}x> .'
    yield f"<{LIBRIS}x#it> <{KBV}broader> <urn:a> <{LIBRIS}x> ."
    yield f"<urn:a> <{KBV}broader> <{LIBRIS}x#it> <urn:elsewhere> ."
    yield f"<{LIBRIS}x#it> <{KBV}exactMatch> <urn:a> <urn:run> ."
    yield f"<{LIBRIS}x#it> <{KBV}exactMatch> <urn:a> <urn:run2> ."
    yield f"<{LIBRIS}y> <{KBV}mainEntity> <urn:a> <{LIBRIS}y> ."
    for n in range(20):  # more than are looked for together, by the same person twice
        yield f"<{LIBRIS}w{n}> <{KBV}contribution> _:k{n} {graph} ."
        yield f"<{LIBRIS}w{n}> <{KBV}contribution> _:q{n} {graph} ."
        yield f"_:k{n} <{KBV}agent> <{LIBRIS}x#it> {graph} ."
        yield f"_:q{n} <{KBV}agent> <{LIBRIS}x#it> {graph} ."
        yield f"_:k{n} <{KBV}note> <urn:a> {graph} ."
        yield f"<{LIBRIS}w{n}> <{KBV}hasTitle> _:t{n} {graph} ."
        yield f'_:t{n} <{KBV}mainTitle> "Title {n}" {graph} .'
    yield f"<{LIBRIS}v> <{KBV}other> _:k3 {graph} ."


@pytest.fixture(scope="module")
def oddities(tmp_path_factory: pytest.TempPathFactory) -> Both:
    data = tmp_path_factory.mktemp("odd")
    publish(data, 1, "\n" + "\n".join(odd()), columns=True)
    return open_both(data / "current")


def list_documents(both: Both, most: int) -> list[str]:
    """Every so many of the documents, in order; the sample's have far too much to count."""
    if both.queries.store.contains_named_graph(ox.NamedNode(f"{LIBRIS}sample-b0010")):
        return CHOSEN
    rows = both.queries.query(
        "SELECT DISTINCT ?x { { GRAPH ?x { } } UNION { ?x ?p ?o } UNION { ?s ?p ?x } UNION"
        " { ?s ?x ?o } FILTER(isIRI(?x)) }"
    )
    every = sorted({str(row["x"].value) for row in rows})
    own = {x.partition("#")[0] if x.startswith((LIBRIS, "https://id.kb.se/")) else x for x in every}
    return [f"{LIBRIS}x", "urn:a", *sorted(own)[:: max(1, len(own) // most)]]


def sort_terms(statements: Statements) -> dict[str, dict[str, list[str]]]:
    return {
        subject: {
            p: sorted(map(str, map(sorted, map(dict.items, terms)))) for p, terms in said.items()
        }
        for subject, said in statements.items()
    }


def compare(facts: Facts) -> tuple[object, ...]:
    document, said = facts.document, facts.said
    return (
        document,
        sort_terms(said.statements),
        dict(said.counts),
        facts.incoming,
        facts.above,
        dict(facts.origins),
        facts.names,
    )


def list_graph(both: Both, facts: Facts, wanted: Wanted) -> tuple[set[str], set[str]]:
    document = facts.document
    listed = [Listed(each.path, each.count, each.sources, "urn:c") for each in facts.incoming]
    shown = [(thing, f"{KBV}{n}") for thing in document.things for n in ("hasTitle", "name")]
    query = {
        "": construct(document, facts.depth, listed),
        "chip": construct_shown(shown),
        "part": construct_part(document, listed[0]) if listed else "",
        "bibframe": _write_mapped(both, facts),
    }[wanted.profile]
    pairs = shown if wanted.profile == "chip" else None
    listed = [] if pairs else listed[:1] if wanted.profile == "part" else listed
    only_part, in_bibframe = (wanted.profile == name for name in ("part", "bibframe"))
    request = describe(facts, listed, pairs, only_part=only_part, in_bibframe=in_bibframe)
    asked = request.write()
    columns = both.columns.columns
    told = read_graph(columns, cast(Describing, read_request(asked)))
    return set(map(str, both.queries.query(query))), set(map(str, told))


def _write_mapped(both: Both, facts: Facts) -> str:
    rows = both.askers()[0].select(select_equivalents(facts.document, facts.depth))
    return construct_mapped(facts.document, facts.depth, gather_equivalents(rows))


@pytest.mark.parametrize("name", ["catalogue", "oddities"])
def test_page_and_data_have_the_same_facts(name: str, request: pytest.FixtureRequest) -> None:
    both: Both = request.getfixturevalue(name)
    for iri in list_documents(both, 20):
        for gather in (gather_for_page, gather_for_data):
            facts = [gather(each, list_spellings(iri), Wanted()) for each in both.askers()]
            assert compare(facts[0]) == compare(facts[1]), iri


@pytest.mark.parametrize("name", ["catalogue", "oddities"])
@pytest.mark.parametrize("what", ["", "chip", "part", "bibframe"])
def test_graphs_are_the_same(name: str, what: str, request: pytest.FixtureRequest) -> None:
    both: Both = request.getfixturevalue(name)
    for iri in list_documents(both, 12):
        facts = gather_for_data(both.askers()[1], list_spellings(iri), Wanted())
        if what != "part" or facts.incoming:
            by_query, by_columns = list_graph(both, facts, Wanted(profile=what))
            assert by_query == by_columns, iri


def test_parts_of_what_points_here_are_the_same(oddities: Both) -> None:
    paths = [(f"{KBV}contribution", f"{KBV}agent"), (f"{KBV}parts", f"{RDF}first"),
             (f"{KBV}members", f"{RDF}first", f"{KBV}agent"), (f"{KBV}nothing",)]  # fmt: skip
    for path in paths:
        sources = []
        for offset in (0, 7, 14, 21):
            wanted = Wanted(path, offset, 7)
            told = [
                gather_for_data(each, [f"{LIBRIS}x"], wanted).incoming for each in oddities.askers()
            ]
            assert told[0] == told[1], path
            sources += told[0][0].sources
        assert len(sources) == len(set(sources)) == (20, 1, 1, 0)[paths.index(path)]


def test_parts_of_a_class_are_the_same(catalogue: Both) -> None:
    path = (f"{KBV}descriptionCreator",)
    found = []
    for kinds in ((f"{KBV}Record",), (f"{KBV}Item", f"{KBV}Record"), ("urn:none",)):
        wanted = Wanted(path, 5, 7, kind=kinds[0], kinds=kinds)
        document = [f"{LIBRIS}library/S"]
        told = [gather_for_data(each, document, wanted) for each in catalogue.askers()]
        assert told[0].incoming == told[1].incoming
        found.append(len(told[0].incoming[0].sources))
    assert found == [7, 7, 0]
