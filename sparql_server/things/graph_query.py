"""The query for a document as a graph: all of its own statements, names, what points to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sparql_server.engine.columns.telling.request import Vocabulary
from sparql_server.engine.terms import iri, literal
from sparql_server.sparql.namespaces import RDF_TYPE, RDFS
from sparql_server.things.document_queries import (
    DEPTH,
    UNCOUNTED,
    Document,
    Path,
    write_chain,
    write_objects,
    write_own,
    write_values,
)
from sparql_server.things.incoming import write_fixed
from sparql_server.things.names import NAMING, TITLES

_BIBFRAME = "http://id.loc.gov/ontologies/bibframe/"
_LACKING = "Not in BIBFRAME: "
_OWL = "http://www.w3.org/2002/07/owl#"
_HYDRA = "http://www.w3.org/ns/hydra/core#"
_INTEGER = "http://www.w3.org/2001/XMLSchema#integer"
_VOID_PROPERTY = "http://rdfs.org/ns/void#property"

VOCABULARY = Vocabulary(
    _BIBFRAME,
    f"{_OWL}equivalentProperty",
    f"{_OWL}equivalentClass",
    (f"{RDFS}subClassOf", f"{RDFS}subPropertyOf"),
    f"{RDFS}comment",
    _LACKING,
)
"""BIBFRAME, to an engine that translates by itself."""

Triple = tuple[str, str, str]
"""A triple, its terms as SPARQL writes them."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Things that point to a document by a path. sources: some of them.

    count: of all, or ``UNCOUNTED``. address: where all are, as an IRI. parts: relation (``next``)
    to the address of another part of them.
    """

    path: Path
    count: int
    sources: Sequence[str]
    address: str
    parts: Sequence[tuple[str, str]] = ()


def construct(document: Document, depth: int, listed: Sequence[Listed]) -> str:
    """Return the query for a document's own statements, and the first things that point to it.

    Nothing bounds its own statements: a graph that isn't whole looks as if it were. What points
    to it is said as collections (https://www.hydra-cg.com/spec/latest/core/#collections): how many
    there are, and where all are.
    """
    named = _write_names(_select_from(write_objects(document, depth)))
    return _construct(document, [*write_own(document, depth), named], listed)


def construct_part(document: Document, listed: Listed) -> str:
    """Return the query for the statements by which things of a part point to a document."""
    return _construct(document, [], [listed])


def construct_shown(shown: Sequence[tuple[str, str]]) -> str:
    """Return the query for properties of things, what hangs on them, and names, as a graph.

    shown: each a thing and a property of it.
    """
    rows = " ".join(f"({iri(thing)} {iri(property_)})" for thing, property_ in shown)
    values = f"VALUES (?s0 ?q0) {{ {rows} }}"
    own = [f"{{ VALUES (?s ?p) {{ {rows} }} ?s ?p ?o }}"]
    objects = [f"{{ {values} ?s0 ?q0 ?s FILTER(isIRI(?s)) }}"]
    for level in range(1, DEPTH + 1):
        chain = f"{values} {write_chain(level, DEPTH)}"
        own.append(f"{{ {chain} ?s{level} ?p ?o BIND(?s{level} AS ?s) }}")
        objects.append(f"{{ {chain} ?s{level} ?q{level} ?s FILTER(isIRI(?s)) }}")
    named = _write_names(_select_from(" UNION ".join(objects)))
    return f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {' UNION '.join([*own, named])} }}"


def select_equivalents(document: Document, depth: int) -> str:
    """Return the query for the terms that a document is told in, and BIBFRAME's for them.

    Solutions are ``?term``, ``?is`` (the property that says which is the same), ``?up`` (the term
    or one above it) and ``?other``, which is unbound where BIBFRAME has none.
    """
    own = " UNION ".join(write_own(document, depth))
    parts = [
        f"{{ SELECT DISTINCT (?{variable} AS ?term) (<{_OWL}{same}> AS ?is)"
        f" {{ {own} FILTER(?p {sign} <{RDF_TYPE}>) }} }}"
        for variable, same, sign in (
            ("p", "equivalentProperty", "!="),
            ("o", "equivalentClass", "="),
        )
    ]
    up = f"?term (<{RDFS}subClassOf>|<{RDFS}subPropertyOf>)* ?up . ?up ?is ?other"
    known = f"{up} FILTER(STRSTARTS(STR(?other), {literal(_BIBFRAME)}))"
    return f"SELECT ?term ?is ?up ?other {{ {{ {' UNION '.join(parts)} }} OPTIONAL {{ {known} }} }}"


def gather_equivalents(
    rows: Iterable[Mapping[str, Mapping[str, str]]],
) -> dict[tuple[str, str], list[str]]:
    """Return the solutions of ``select_equivalents``: a term's own, else those of terms above."""
    own: dict[tuple[str, str], set[str]] = {}
    above: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        if row["term"]["type"] == "uri":
            key = row["is"]["value"], row["term"]["value"]
            own.setdefault(key, set())
            if "other" in row:
                found = own if row["up"] == row["term"] else above
                found.setdefault(key, set()).add(row["other"]["value"])
    return {key: sorted(others or above.get(key, set())) for key, others in own.items()}


def construct_mapped(
    document: Document,
    depth: int,
    equivalents: Mapping[tuple[str, str], Sequence[str]],
) -> str:
    """Return the query for a document in BIBFRAME, and for what of it has no name there.

    equivalents: property of OWL and term to BIBFRAME's terms; that there are none is said as a
    comment.
    """
    own = " UNION ".join(write_own(document, depth))
    rows: dict[str, list[str]] = {"Property": [], "Class": []}
    comments = []
    for (same, term), others in sorted(equivalents.items()):
        kind = same.removeprefix(f"{_OWL}equivalent")
        rows[kind] += [f"({iri(term)} {iri(other)})" for other in others]
        if not others:
            said = literal(f"{_LACKING}{term}", language="en")
            comments.append(f"({iri(document.iri)} <{RDFS}comment> {said})")
    properties = f"VALUES (?p ?bp) {{ {' '.join(rows['Property'])} }}"
    classes = f"VALUES (?o ?bc) {{ {' '.join(rows['Class'])} }}"
    return (
        f"CONSTRUCT {{ ?s ?bp ?o . ?s a ?bc . ?x ?y ?z }} WHERE {{ {{ {{ {own} }} {properties} }}"
        f" UNION {{ {{ {own} }} FILTER(?p = <{RDF_TYPE}>) {classes} }}"
        f" UNION {{ VALUES (?x ?y ?z) {{ {' '.join(comments)} }} }} }}"
    )


def _select_from(pattern: str) -> Callable[[str], str]:
    """Return what makes the pattern of the different ``?s`` of a pattern, for a variable."""

    def write(variable: str) -> str:
        selected = "?s" if variable == "s" else f"(?s AS ?{variable})"
        return f"{{ SELECT DISTINCT {selected} {{ {pattern} }} }}"

    return write


def _construct(document: Document, where: list[str], listed: Sequence[Listed]) -> str:
    template = ["?s ?p ?o ."]
    for number, each in enumerate(listed):
        if each.sources:
            patterns, triples = write_fixed(document.things, each.path, each.sources, number)
            template.append(triples)
            where += patterns
    sources = sorted({source for each in listed for source in each.sources})
    if sources:
        where.append(_write_names(lambda variable: write_values(variable, sources)))
    controls = list_controls(document, listed)
    if controls:
        rows = " ".join(f"({' '.join(triple)})" for triple in controls)
        where.append(f"{{ VALUES (?s ?p ?o) {{ {rows} }} }}")
    return f"CONSTRUCT {{ {' '.join(template)} }} WHERE {{ {' UNION '.join(where)} }}"


def _write_names(find: Callable[[str], str]) -> str:
    """Return the pattern of what names things, and says of what class they are: ``?s ?p ?o``.

    find: returns the pattern of the things, for a variable.
    """
    title, titles = f"<{TITLES[0]}>", write_values("p", TITLES[1:])
    parts = (
        f"{find('s')} {write_values('p', NAMING)} ?s ?p ?o",
        f"{find('s')} ?s {title} ?o FILTER(isBlank(?o)) BIND({title} AS ?p)",
        f"{find('owner')} ?owner {title} ?s FILTER(isBlank(?s)) {titles} ?s ?p ?o",
    )
    return " UNION ".join(f"{{ {part} }}" for part in parts)


def list_controls(document: Document, listed: Sequence[Listed]) -> list[Triple]:
    """Return what is said of the collections of things that point to a document."""
    return [triple for each in listed for triple in _describe(document, each)]


def _describe(document: Document, listed: Listed) -> list[Triple]:
    """Return what is said of the collection of things that point to a document by a path."""
    collection = iri(listed.address)
    said = [
        (iri(document.iri), iri(f"{_HYDRA}collection"), collection),
        (collection, iri(RDF_TYPE), iri(f"{_HYDRA}Collection")),
        *((collection, iri(_VOID_PROPERTY), iri(each)) for each in listed.path),
    ]
    if listed.count != UNCOUNTED:
        total = literal(str(listed.count), _INTEGER)
        said.append((collection, iri(f"{_HYDRA}totalItems"), total))
    for relation, address in listed.parts:
        said.append((collection, iri(f"{_HYDRA}{relation}"), iri(address)))
    return said
