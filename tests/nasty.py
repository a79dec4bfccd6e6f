"""Data that formats are written wrongly with, and ways to compare what a reader made of it."""

from __future__ import annotations

from collections.abc import Iterable

import pyoxigraph as ox

EX = "http://example.org/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
NASTY = "\x00\x01\x08\x0b\x0c\x1f,;\"'<>&]]>\r\n\r\t \\ \ufffe\uffff\x7f\x85\u2028\U0001f600å"
"""Control characters, all that a format escapes, line ends of every kind, and beyond the BMP."""

Term = ox.NamedNode | ox.BlankNode | ox.Literal


def iri(name: str) -> ox.NamedNode:
    return ox.NamedNode(name if ":" in name else f"{EX}{name}")


COMMA = iri("https://id.kb.se/term/sao/Kriminallitteratur,Romaner,'x'")
GRAPHS = (iri("nasty"), iri("nastier,&'x'"))
TEXTS = (
    NASTY,
    "\x00\x01\x08\x1f\ufffe\uffff\x7f",
    "",
    "\n",
    "\r",
    "\r\n",
    " \t ",
    '"',
    '""',
    "'''",
    '"""\\',
    ",",
    "a,b;c\td",
    "=1+1",
    "\ufeffx",
    "NA",
    "null",
    "]]>",
    "<!-- &amp; --><x/>",
    "\\u0041\\n",
    "e\u0301 é",
    "שלום",
    "\U0010ffff\U00010000",
    "ends in\\",
)
LITERALS = (
    *map(ox.Literal, TEXTS),
    *(ox.Literal(NASTY, language=tag) for tag in ("sv", "zh-hant-tw", "x-private")),
    *(ox.Literal(text, datatype=iri(f"{XSD}{name}")) for name, text in (
        ("integer", "5"),
        ("boolean", "true"),
        ("decimal", "1.5"),
        ("double", "1"),
        ("date", "2026-11-23"),
        ("gYear", "1940"),
    )),
    ox.Literal(NASTY, datatype=iri("urn:type,'x'")),
)  # fmt: skip
IRIS = (
    COMMA,
    iri("http://example.org/å\U0001f600(a);b&c=d?e=%2C,$!*~#x@y"),
    iri("urn:x,y"),
    iri("ex:looks.like:a.prefix."),
)


def _list(first: ox.BlankNode, items: Iterable[Term]) -> list[ox.Triple]:
    """A list that begins at a node."""
    triples, here, last = [], first, list(items)
    for number, item in enumerate(last, 1):
        end = number == len(last)
        rest = iri(f"{RDF}nil") if end else ox.BlankNode()
        triples += [
            ox.Triple(here, iri(f"{RDF}first"), item),
            ox.Triple(here, iri(f"{RDF}rest"), rest),
        ]
        here = here if end else rest
    return triples


def _things() -> list[ox.Triple]:
    thing, list_, inner = iri("thing,'&'"), ox.BlankNode(), ox.BlankNode()
    triples = [
        ox.Triple(thing, iri(f"{RDF}type"), iri("Thing")),
        ox.Triple(thing, iri("items"), list_),
        *_list(list_, (ox.Literal("a,b\r\n"), COMMA, inner, ox.Literal(5))),
        ox.Triple(inner, iri(f"{RDF}type"), iri("Inner")),
        ox.Triple(inner, iri("title"), ox.Literal(NASTY)),
        ox.Triple(thing, iri("none"), iri(f"{RDF}nil")),
    ]
    triples += [ox.Triple(thing, iri("title"), literal) for literal in LITERALS]
    return triples + [ox.Triple(thing, iri("about"), other) for other in IRIS]


def _knots() -> list[ox.Triple]:
    """Blank nodes that can't be written where they stand: mentioned twice, and in a circle."""
    twice, here, there = ox.BlankNode(), ox.BlankNode(), ox.BlankNode()
    return [
        ox.Triple(COMMA, iri("about"), twice),
        ox.Triple(iri("o"), iri("about"), twice),
        ox.Triple(twice, iri("title"), ox.Literal("\r", language="sv")),
        ox.Triple(here, iri("about"), there),
        ox.Triple(there, iri("about"), here),
    ]


QUADS = tuple(
    ox.Quad(*triple, name)
    for name, triples in zip(GRAPHS, (_things(), _knots()), strict=True)
    for triple in triples
)
"""A dataset of two graphs, which share no blank node."""

TRIPLES = tuple(quad.triple for quad in QUADS)


def canonical(quads: Iterable[ox.Quad]) -> set[str]:
    """The quads in writing, with blank nodes named by where they stand."""
    dataset = ox.Dataset(quads)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.UNSTABLE)
    return set(map(str, dataset))


def canonical_graph(triples: Iterable[ox.Triple]) -> set[str]:
    """The triples in writing, as ``canonical`` has quads."""
    return canonical(ox.Quad(*triple) for triple in triples)


def for_xml(text: str) -> str:
    """A text with what XML can't have replaced."""
    return "".join(
        "\ufffd"
        if (character < " " and character not in "\t\n\r") or character in "\ufffe\uffff"
        else character
        for character in text
    )


def in_xml(triples: Iterable[ox.Triple]) -> list[ox.Triple]:
    """The triples as XML can have them."""
    return [ox.Triple(*triple[:2], _in_xml(triple[2])) for triple in map(tuple, triples)]


def _in_xml(term: Term) -> Term:
    if not isinstance(term, ox.Literal):
        return term
    if term.language:
        return ox.Literal(for_xml(term.value), language=term.language)
    return ox.Literal(for_xml(term.value), datatype=term.datatype)
