"""Columns hold what the dump has: every triple, and every term as it is."""

from __future__ import annotations

from collections import Counter
from io import BytesIO
from pathlib import Path

import numpy as np
import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sparql_server.engine.columns.algebra import Kind, Term
from sparql_server.engine.columns.storage.layout import ColumnsError, Unrepresentable
from sparql_server.engine.columns.storage.nquads import DEFAULT
from sparql_server.engine.columns.storage.share import Share
from sparql_server.engine.columns.storage.triples import Columns
from tests.server.columns_comparison import built
from tests.server.test_columns_terms import all_of, of_oxigraph

HOSTILE = [
    "",
    " ",
    "a <b>",
    "a <urn:b>",
    "a _:b",
    '" <urn:b> .',
    '" .\n<urn:s> <urn:p> "',
    "\\",
    '\\" <urn:g>',
    "\\u0041\\n",
    "tab\tfeed\x0cbell\x08return\r\nnull\x00",
    "\x7f\x85\u2028\ufeff\ufffe",
    "åäö 𐐷",
    '"@en',
    '"^^<urn:d>',
    "@en <urn:g>",
]

TEXT = st.one_of(
    st.sampled_from(HOSTILE), st.text('<>"\\ _:.@^\n\tub', max_size=8), st.text(max_size=4)
).filter(lambda text: not any("\ud800" <= character <= "\udfff" for character in text))
IRIS = st.sampled_from(["urn:a", "urn:b", "urn:å", "http://example.org/#it"]).map(ox.NamedNode)
BLANKS = st.sampled_from(["b", "0", "c.d", "e-f"]).map(ox.BlankNode)
LITERALS = st.one_of(
    TEXT.map(ox.Literal),
    st.builds(lambda text: ox.Literal(text, language="sv-se"), TEXT),
    st.builds(lambda text, kind: ox.Literal(text, datatype=kind), TEXT, IRIS),
)
QUADS = st.builds(
    ox.Quad,
    IRIS | BLANKS,
    IRIS,
    IRIS | BLANKS | LITERALS,
    st.one_of(st.just(ox.DefaultGraph()), IRIS, BLANKS),
)


def quads(columns: Columns) -> Counter[ox.Quad]:
    """Return the quads, having looked at both orders of each property and at each graph."""
    terms = [of_oxigraph(term) for term in all_of(columns.terms)]
    found: Counter[ox.Quad] = Counter()
    for place, predicate in enumerate(columns.properties()):
        one = columns.property(predicate)
        assert one is not None
        by_subject = _rows(one.subjects, one.objects, one.graphs)
        by_object = _rows(one.by_object_objects, one.by_object_subjects, one.by_object_graphs)
        assert by_subject == sorted(by_subject)
        assert by_object == sorted((object_, subject, g) for subject, object_, g in by_subject)
        assert one.distinct_subjects == len(set(one.subjects.tolist()))
        assert one.distinct_objects == len(set(one.objects.tolist()))
        here = slice(*columns.starts[place : place + 2].tolist())
        whole = columns.subjects[here], columns.objects[here], columns.graphs[here]
        assert _rows(*whole) == by_subject
        for s, o, g in by_subject:
            graph = ox.DefaultGraph() if g == DEFAULT else terms[g]
            found[ox.Quad(terms[s], terms[predicate], terms[o], graph)] += 1  # type: ignore[arg-type]
    assert found.total() == columns.size
    for graph in columns.graph_names.tolist():
        rows = columns.rows_of_graph(graph)
        assert rows.tolist() == np.flatnonzero(columns.graphs == graph).tolist()
    assert sum(map(len, map(columns.rows_of_graph, columns.graph_names.tolist()))) == columns.size
    assert not len(columns.rows_of_graph(columns.terms.count))
    return found


def _rows(*columns: np.typing.NDArray[np.int32]) -> list[tuple[int, ...]]:
    return list(zip(*(column.tolist() for column in columns), strict=True))


def dumped(store: ox.Store, length: int = 1 << 16) -> list[bytes]:
    output = BytesIO()
    store.dump(output, ox.RdfFormat.N_QUADS)
    text = output.getvalue()
    return [text[begin : begin + length] for begin in range(0, len(text), length)]


def in_store(store: ox.Store) -> Counter[ox.Quad]:
    return Counter(store)


@settings(deadline=None)
@given(st.lists(QUADS, max_size=20), st.integers(1, 200))
def test_every_triple_of_a_store_is_there_once_for_each_graph(
    statements: list[ox.Quad], length: int
) -> None:
    store = ox.Store()
    store.extend(statements)
    assert quads(Columns.of(built(dumped(store, length)))) == in_store(store)


@pytest.mark.parametrize("graph", [ox.DefaultGraph(), ox.NamedNode("urn:g"), ox.BlankNode("g")])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_as_it_is(text: str, graph: ox.NamedNode) -> None:
    store, node = ox.Store(), ox.NamedNode("urn:s")
    for literal in (
        ox.Literal(text),
        ox.Literal(text, language="en"),
        ox.Literal(text, datatype=node),
    ):
        store.add(ox.Quad(node, node, literal, graph))
    columns = Columns.of(built(dumped(store)))
    assert quads(columns) == in_store(store)
    assert columns.terms.find(Term(Kind.LANGUAGE, text, "en")) >= 0


def test_sample_is_whole(sample_store: ox.Store) -> None:
    columns = Columns.of(built(dumped(sample_store)))
    assert columns.size == len(sample_store)
    assert quads(columns) == in_store(sample_store)


def test_more_than_one_piece_of_reading_is_put_together() -> None:
    line = "<urn:s{0}> <urn:p> <urn:o{0}> <urn:g> .\n".format
    text = "".join(line(number) for number in range(60_000)).encode()
    assert len(text) > 2 << 20
    columns = Columns.of(
        built(text[begin : begin + 999_999] for begin in range(0, len(text), 999_999))
    )
    assert (
        columns.size
        == columns.property(columns.terms.find(Term(Kind.IRI, "urn:p"))).distinct_subjects
    )  # type: ignore[union-attr]
    assert columns.size == 60_000


def test_empty_store_has_empty_columns() -> None:
    columns = Columns.of(built([]))
    assert columns.size == columns.terms.count == 0
    assert columns.properties() == ()
    assert columns.terms.find(Term(Kind.IRI, "urn:s")) == -1
    assert columns.terms.find_prefixed(Kind.IRI, "urn:") == (0, 0)


def test_property_that_is_not_there_is_none() -> None:
    columns = Columns.of(built([b"<urn:s> <urn:p> <urn:o> .\n"]))
    assert columns.property(columns.terms.find(Term(Kind.IRI, "urn:s"))) is None
    assert columns.property(-1) is None


def test_single_property_has_one_object_to_a_subject() -> None:
    lines = [
        b"<urn:s> <urn:one> <urn:o> .\n<urn:t> <urn:one> <urn:o> .\n",
        b"<urn:s> <urn:two> <urn:o> .\n<urn:s> <urn:two> <urn:t> .\n",
    ]
    columns = Columns.of(built(lines))
    one, two = (
        columns.property(columns.terms.find(Term(Kind.IRI, n))) for n in ("urn:one", "urn:two")
    )
    assert one is not None
    assert two is not None
    assert one.single
    assert not two.single


def test_same_term_written_in_two_ways_is_one() -> None:
    columns = Columns.of(
        built(
            [
                b'<urn:s> <urn:p> "A" .\n',
                b'<urn:s> <urn:p> "\\u0041" .\n',
                b'<urn:s> <urn:p> "A"^^<http://www.w3.org/2001/XMLSchema#string> .\n',
                b'<urn:\\U00000073> <urn:p> "B"@EN .\n<urn:s> <urn:p> "B"@en .\n',
            ]
        )
    )
    assert columns.size == 2
    assert all_of(columns.terms) == [
        Term(Kind.IRI, "urn:p"),
        Term(Kind.IRI, "urn:s"),
        Term(Kind.SIMPLE, "A"),
        Term(Kind.LANGUAGE, "B", "en"),
    ]
    assert columns.property(0).objects.tolist() == [2, 3]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "object_",
    [
        ox.Triple(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), ox.Literal("a <b>")),
        ox.Literal("a", language="en", direction=ox.BaseDirection.LTR),
    ],
)
@pytest.mark.parametrize("graph", [ox.DefaultGraph(), ox.NamedNode("urn:g")])
def test_what_is_no_term_of_rdf_1_1_is_refused(object_: ox.Triple, graph: ox.NamedNode) -> None:
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), object_, graph))
    with pytest.raises(Unrepresentable):
        built(dumped(store))


def test_half_a_line_is_refused() -> None:
    with pytest.raises(ValueError, match="whole"):
        built([b"<urn:s> <urn:p> <urn:o> .\n<urn:s> <urn:p"])


TINY = Share(terms=5, quads=7, text=400, merged=300, rows=3, graphs=4)


@settings(max_examples=10, deadline=None)
@given(st.lists(QUADS, min_size=5, max_size=30), st.integers(1, 200))
def test_what_does_not_fit_into_memory_is_merged_to_the_same(
    quads: list[ox.Quad], length: int
) -> None:
    store = ox.Store()
    store.extend(quads)
    whole, merged = built(dumped(store)), built(dumped(store, length), TINY)
    assert content(merged) == content(whole)


def content(folder: Path) -> dict[str, bytes]:
    """Return the files of columns."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_statement_that_comes_twice_is_there_once() -> None:
    line = b"<urn:s> <urn:p> <urn:o> <urn:g> .\n"
    assert content(built([line, line])) == content(built([line]))
    assert content(built([line] * 50, TINY)) == content(built([line]))


def test_columns_know_how_much_there_is_of_everything() -> None:
    lines = [
        b'<urn:s> <urn:p> "a" <urn:g> .\n<urn:s> <urn:p> "a" <urn:h> .\n',
        b'_:b <urn:q> "b"@en <urn:g> .\n<urn:s> <urn:p> <urn:s> .\n',
    ]
    facts = Columns.of(built(lines)).facts
    assert (facts["quads"], facts["triples"], facts["graphs"]) == (4, 3, 3)
    assert facts["subjects"] == [1, 1, 0, 0, 0]
    assert facts["objects"] == [0, 1, 1, 1, 0]
    assert facts["subject_rows"] == [1, 3, 0, 0, 0]
    assert facts["object_rows"] == [0, 1, 2, 1, 0]


@pytest.mark.parametrize("name", ["head.json", "subjects", "blob"])
def test_columns_that_are_cut_or_missing_are_refused(name: str) -> None:
    path = built([b"<urn:s> <urn:p> <urn:o> .\n"]) / name
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ColumnsError, match=name):
        Columns.of(path.parent)
    path.unlink()
    with pytest.raises(ColumnsError, match=f"{name} is missing"):
        Columns.of(path.parent)


def test_head_that_was_changed_is_refused() -> None:
    folder = built([b"<urn:s> <urn:p> <urn:o> .\n"])
    head = (folder / "head.json").read_text()
    (folder / "head.json").write_text(head.replace('"quads": 1', '"quads": 2'))
    with pytest.raises(ColumnsError, match="not as it was written"):
        Columns.of(folder)


def test_columns_of_another_format_are_refused() -> None:
    folder = built([])
    head = (folder / "head.json").read_text()
    (folder / "head.json").write_text(head.replace('"format": ', '"format": 1'))
    with pytest.raises(ColumnsError, match="format 1"):
        Columns.of(folder)


def test_columns_can_not_be_written_to() -> None:
    columns = Columns.of(built([b"<urn:s> <urn:p> <urn:o> .\n"]))
    links = columns.property(1)
    assert links is not None
    with pytest.raises(ValueError, match="read-only"):
        links.subjects[0] = 0
    assert not columns.terms.blob.flags.writeable
    assert links.subjects.dtype == np.int32
