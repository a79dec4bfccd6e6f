"""Every format can be read by readers that keep to its specification, and loses nothing."""

from __future__ import annotations

import csv
import io
import json
import xml.parsers.expat
from collections import Counter
from collections.abc import Iterable
from xml.etree import ElementTree

import lxml.etree
import pyoxigraph as ox
import pytest
import rdflib
import rdflib.compare
from hypothesis import given, settings
from hypothesis import strategies as st

from sparql_server.engine.formats.csv_writer import CsvWriter
from sparql_server.engine.formats.graph_writer import SMALL, write_dataset, write_graph
from sparql_server.engine.formats.solution_writer import write_solutions
from sparql_server.engine.formats.xml_text import XmlWriter
from sparql_server.errors.failures.failure import Unwritable
from tests.nasty import COMMA, EX, NASTY, RDF, XSD, canonical_graph, for_xml, iri

NAMESPACES = {
    "": EX,
    "ex": EX,
    "rdf": RDF,
    "xsd": XSD,
    "odd": "urn:odd",
    "unused": "http://unused.example/",
    "dash": "http://example.org/dash-",
}
READERS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "rdf": ox.RdfFormat.RDF_XML,
    "jsonld": ox.RdfFormat.JSON_LD,
    "expanded": ox.RdfFormat.JSON_LD,
    "nq": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
}
GRAPHS = ("ttl", "nt", "rdf", "jsonld", "expanded")


def graph(turtle: str) -> list[ox.Triple]:
    text = f"@prefix : <{EX}> . @prefix rdf: <{RDF}> . {turtle}"
    return [quad.triple for quad in ox.parse(text, ox.RdfFormat.TURTLE)]


def written(triples: Iterable[ox.Triple], name: str) -> str:
    out = io.BytesIO()
    write_graph(triples, name, NAMESPACES, out)
    return out.getvalue().decode()


def read_back(text: str, name: str) -> set[str]:
    return canonical_graph(quad.triple for quad in ox.parse(text, READERS[name]))


def solutions(
    values: Iterable[ox.NamedNode | ox.Literal | None], name: str, *, native: bool = False
) -> str:
    """A result of two columns. native: as pyoxigraph writes what is made of it then."""
    rows = " ".join("(UNDEF 1)" if value is None else f"({value} 1)" for value in values)
    results = ox.Store().query(f"SELECT * {{ VALUES (?a ?b) {{ {rows} }} }}")
    assert isinstance(results, ox.QuerySolutions)
    if native:
        source = {"csv": ox.QueryResultsFormat.TSV, "xml": ox.QueryResultsFormat.XML}[name]
        return (results.serialize(format=source) or b"").decode()
    out = io.BytesIO()
    write_solutions(results, name, out)
    return out.getvalue().decode()


VALUES = [ox.Literal(NASTY), COMMA, ox.Literal(NASTY, language="sv"), None, ox.Literal("")]


# Solutions


def test_csv_is_read_back_whole() -> None:
    rows = list(csv.reader(io.StringIO(solutions(VALUES, "csv"), newline="")))
    texts = ["" if value is None else value.value for value in VALUES]
    assert rows == [["a", "b"], *([text, "1"] for text in texts)]


def test_csv_of_one_column_has_a_line_for_each_row() -> None:
    results = ox.Store().query('SELECT ?a { VALUES ?a { "x" UNDEF "" "y" } }')
    out = io.BytesIO()
    write_solutions(results, "csv", out)
    assert out.getvalue() == b'a\r\nx\r\n""\r\n""\r\ny\r\n'


# Texts that look like what stands around them in TSV, with what makes a line be read otherwise.
LIKE_TSV = [
    "@",
    "@en",
    "^^<x:y>",
    "^^<x",
    "<b>",
    "<",
    ">",
    "<<",
    ",",
    ",,",
    "a,b",
    "_:b",
    "1,5",
    "?",
]


@pytest.mark.parametrize("other", ["", ",", "\\", '"', "<<", "\n"])
def test_csv_of_texts_that_look_like_tsv_is_read_back_whole(other: str) -> None:
    texts = [text + more for text in LIKE_TSV for more in ("", other)]
    values = [
        *map(ox.Literal, texts),
        *(ox.Literal(text, language="sv-x-a") for text in texts),
        *(ox.Literal(text, datatype=ox.NamedNode("http://e.org/,")) for text in texts),
    ]
    rows = list(csv.reader(io.StringIO(solutions(values, "csv"), newline="")))
    assert rows == [["a", "b"], *([value.value, "1"] for value in values)]


def test_xml_is_well_formed_and_keeps_carriage_returns() -> None:
    text = solutions(VALUES, "xml")
    xml.parsers.expat.ParserCreate().Parse(text.encode(), True)
    root = lxml.etree.fromstring(text.encode())
    space = {"s": "http://www.w3.org/2005/sparql-results#"}
    literals = root.findall(".//s:binding[@name='a']/s:literal", space)
    assert [literal.text for literal in literals] == [for_xml(NASTY), for_xml(NASTY), None]


def test_json_is_read_back_whole() -> None:
    found = json.loads(solutions(VALUES, "json"))["results"]["bindings"]
    assert [row.get("a", {}).get("value") for row in found] == [
        None if value is None else value.value for value in VALUES
    ]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
@pytest.mark.parametrize("name", ["csv", "xml"])
def test_result_is_the_same_in_pieces_of_any_size(name: str, size: int) -> None:
    out = io.BytesIO()
    writer = {"csv": lambda: CsvWriter(out, 2), "xml": lambda: XmlWriter(out)}[name]()
    raw = solutions(VALUES * 3, name, native=True).encode()
    for start in range(0, len(raw), size):
        writer.write(raw[start : start + size])
    assert out.getvalue().decode() == solutions(VALUES * 3, name)


# Graphs

SHAPES = {
    "nothing": "",
    "types and several values": ':s a :T, :U ; :p "x"@sv, "y", 5, 1.0, 1e0, true, :o .',
    "a type that is a literal": ':s a "T" .',
    "nested": ':s :p [ :q [ :r "deep" ] ; :q2 "x" ] . [] :p [] .',
    "mentioned twice": ":s :p _:b . :t :p _:b . _:b :q :o .",
    "a circle": "_:a :p _:b . _:b :p _:a . _:c :p _:c .",
    "a circle beside a chain": "_:a :p _:b . _:b :p _:a ; :q [ :r [ :x 1 ] ] .",
    "lists": ':s :p ( 1 "a" :o ) , () ; :q ( ( 1 ) [ :x 2 ] ) .',
    "a list with more": ":s :p _:l . _:l rdf:first 1 ; rdf:rest () ; :more 2 .",
    "a list twice": ":s :p _:l . :t :p _:l . _:l rdf:first 1 ; rdf:rest () .",
    "a list of nobody": "_:l rdf:first 1 ; rdf:rest ( 2 3 ) .",
    "a list that is its own": "_:l rdf:first _:l ; rdf:rest () .",
    "a list in a circle": "_:l rdf:first 1 ; rdf:rest _:m . _:m rdf:first 2 ; rdf:rest _:l .",
    "a list without an end": ":s :p _:l . _:l rdf:first 1 ; rdf:rest _:m . _:m rdf:first 2 .",
    "a list with two ends": ":s :p _:l . _:l rdf:first 1 ; rdf:rest () , ( 2 ) .",
    "nil with properties": "rdf:nil :p 1 . :s :p rdf:nil .",
    "an IRI like a prefixed name": "<rdf:x> a <ex:T> ; <unused:p> <xsd:y> . :s :p <dash:z> .",
    "names with odd ends": "<ex:a.> :p <http://example.org/d,e>, <http://example.org/%41>, : .",
}


@pytest.mark.parametrize("name", GRAPHS)
@pytest.mark.parametrize("shape", SHAPES)
def test_graph_is_read_back_whole(shape: str, name: str) -> None:
    triples = graph(SHAPES[shape])
    assert read_back(written(triples, name), name) == canonical_graph(triples)


@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
@pytest.mark.parametrize("name", GRAPHS)
def test_graph_is_read_back_by_rdflib(name: str) -> None:
    triples = graph(SHAPES["nested"] + SHAPES["lists"] + SHAPES["mentioned twice"])
    reader = {"ttl": "turtle", "rdf": "xml", "jsonld": "json-ld", "expanded": "json-ld"}
    found = rdflib.Graph().parse(data=written(triples, name), format=reader.get(name, name))
    expected = rdflib.Graph().parse(data=written(triples, "nt"), format="nt")
    assert rdflib.compare.isomorphic(found, expected)


@pytest.mark.parametrize("name", GRAPHS)
def test_deep_chains_and_long_lists_are_read_back_whole(name: str) -> None:
    steps = [f"_:b{n} :p _:b{n + 1} ; :l ( {n} ) ." for n in range(1900)]
    items = " ".join(map(str, range(1000)))
    triples = graph(f":s :p _:b0 ; :l ( {items} ) . {' '.join(steps)}")
    assert len(triples) < SMALL
    found = [quad.triple for quad in ox.parse(written(triples, name), READERS[name])]
    assert frequencies(found) == frequencies(triples)


def frequencies(triples: Iterable[ox.Triple]) -> Counter[str]:
    """How often each predicate stands: graphs as deep as these take too long to compare."""
    return Counter(triple.predicate.value for triple in triples)


@pytest.mark.parametrize("name", GRAPHS)
def test_large_graph_is_read_back_whole(name: str) -> None:
    lines = (f':s{n} a :T ; :p "{n}", :o{n}, <ex:{n}> .' for n in range(SMALL // 2))
    triples = graph(" ".join(lines))
    found = {str(quad.triple) for quad in ox.parse(written(triples, name), READERS[name])}
    assert found == set(map(str, triples))


@pytest.mark.parametrize("name", GRAPHS)
def test_nasty_literals_are_read_back(name: str) -> None:
    literals = [ox.Literal(NASTY), ox.Literal("\r x \n\r"), ox.Literal("\r", language="sv")]
    triples = [ox.Triple(COMMA, iri("p"), literal) for literal in literals]
    found = {quad.object.value for quad in ox.parse(written(triples, name), READERS[name])}
    whole = for_xml if name == "rdf" else str
    assert found == {whole(literal.value) for literal in literals}


def test_turtle_has_the_prefixes_that_occur_and_nests_what_is_mentioned_once() -> None:
    triples = graph(':s a :T ; :p [ :q "x"@sv ; :r ( 1 :o ) ] .')
    assert written(triples, "ttl") == (
        "@prefix ex: <http://example.org/> .\n\n"
        "ex:s a ex:T ;\n"
        "    ex:p [\n"
        '        ex:q "x"@sv ;\n'
        "        ex:r ( 1 ex:o )\n"
        "    ] .\n"
    )


def test_json_ld_has_types_lists_and_languages() -> None:
    triples = graph(':s a :T ; :p "x"@sv, "y" ; :r ( 1 :o ) .')
    assert json.loads(written(triples, "jsonld")) == {
        "@context": {"ex": EX, "xsd": XSD},
        "@graph": [
            {
                "@id": "ex:s",
                "@type": "ex:T",
                "ex:p": [{"@value": "x", "@language": "sv"}, "y"],
                "ex:r": {"@list": [{"@value": "1", "@type": "xsd:integer"}, {"@id": "ex:o"}]},
            }
        ],
    }


def test_expanded_json_ld_has_no_context() -> None:
    (node,) = json.loads(written(graph(':s a :T ; :p "y" .'), "expanded"))
    assert node == {"@id": f"{EX}s", "@type": [f"{EX}T"], f"{EX}p": [{"@value": "y"}]}


@pytest.mark.parametrize(
    "predicate",
    [
        *("http://e.org/250", "http://e.org/p/", "http://e.org/x#", "urn:1", f"{EX}p,"),
        *(f"{RDF}li", f"{RDF}Description", "http://www.w3.org/2000/xmlns/p", f"{EX}%C3%A5"),
    ],
)
@pytest.mark.parametrize("before", [0, SMALL + 10])
def test_predicate_without_a_name_is_no_rdf_xml(predicate: str, before: int) -> None:
    triples = [ox.Triple(iri("s"), iri("p"), ox.Literal(n)) for n in range(before)]
    triples.append(ox.Triple(iri("s"), iri(predicate), iri("o")))
    out = io.BytesIO()
    with pytest.raises(Unwritable, match="format=ttl"):
        write_graph(triples, "rdf", NAMESPACES, out)
    assert before or not out.getvalue()
    with pytest.raises(ElementTree.ParseError):
        ElementTree.fromstring(out.getvalue())


LOCAL = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs"]), max_size=6)


@settings(max_examples=200, deadline=None)
@given(LOCAL)
def test_rdf_xml_is_refused_or_read_back(local: str) -> None:
    try:
        predicate = iri(f"{EX}{local}")
    except ValueError:
        return
    triples = [ox.Triple(iri("s"), predicate, ox.Literal(NASTY))]
    try:
        text = written(triples, "rdf")
    except Unwritable:
        return
    (found,) = rdflib.Graph().parse(data=text, format="xml")
    assert [str(found[1]), str(found[2])] == [predicate.value, for_xml(NASTY)]
    lxml.etree.fromstring(text.encode())


def test_labels_that_are_no_xml_names_become_such() -> None:
    triples = graph("_:1 :p _:2 . _:bn-1 :p _:1 . _:a :p _:2, _:a .")
    text = written(triples, "rdf")
    assert read_back(text, "rdf") == canonical_graph(triples)
    assert len(rdflib.Graph().parse(data=text, format="xml")) == len(triples)


@pytest.mark.parametrize("name", ["nq", "trig"])
@pytest.mark.parametrize(
    "trig",
    [
        ":g { :s :p [ :q 1 ] } :h { :s :p ( 1 ) } { :s :p 2 }",
        ":g { :s :p _:b } :h { _:b :q 1 }",
        "_:b { :s :p _:b }",
        "",
    ],
)
def test_dataset_is_read_back_whole(name: str, trig: str) -> None:
    quads = list(ox.parse(f"@prefix : <{EX}> . {trig}", ox.RdfFormat.TRIG))
    out = io.BytesIO()
    write_dataset(quads, name, NAMESPACES, out)
    found, expected = ox.Dataset(ox.parse(out.getvalue(), READERS[name])), ox.Dataset(quads)
    for dataset in (found, expected):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    assert found == expected
