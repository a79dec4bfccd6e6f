"""Records to triples: JSON-LD processing, repair of IRIs, a batch that survives its worst record.

One of two modules here that know pyoxigraph. JSON-LD 1.1, https://www.w3.org/TR/json-ld11/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import orjson
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, parse, serialize

from loader import numbers
from loader.context import CONTEXT
from loader.embedded import Ownership, Triple, name_by_content, partition
from loader.errors import TransformError

_CONTEXT = orjson.dumps(CONTEXT)
_KNOWN_TERMS = 200_000  # what a term cache holds before it starts anew: some 40 MB


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a record that could not be kept as it came.

    kind: ``repaired`` (an IRI was percent-encoded) or ``dropped`` (a triple was left out).
    value: the IRI or language tag at fault, as it came.
    """

    kind: str
    value: str


@dataclass(frozen=True, slots=True)
class Transformed:
    """One record as triples.

    identifier: the record's IRI, and the name of its graph.
    triples: N-Triples statements without the final dot, each once.
    outside: for each outside thing that the record describes, its statements likewise.
    """

    identifier: str
    triples: tuple[str, ...]
    outside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class LibrisDocument:
    """A Libris record before transformation.

    identifier: IRI of the Record. main_entity: IRI of the thing it describes.
    nodes: the members of its ``@graph``, the Record and its main entity first.
    """

    identifier: str
    main_entity: str
    nodes: list[Any]


def read_document(record: Any, where: str = "record") -> LibrisDocument:
    """Find the Record and its main entity in a decoded JSON document.

    Raises TransformError, with ``where`` for a name, if the document is not a Libris record.
    """
    graph = record.get("@graph") if isinstance(record, dict) else None
    if not isinstance(graph, list):
        raise TransformError(where, 'not a Libris record: no "@graph" list')
    nodes = list(_flatten(graph)) if _is_nested(graph) else graph
    for node in nodes:
        main = node.get("mainEntity") if isinstance(node, dict) else None
        if isinstance(main, dict) and isinstance(main.get("@id"), str):
            return LibrisDocument(_identifier(node, where), main["@id"], nodes)
    raise TransformError(where, 'not a Libris record: no node has a "mainEntity" with an "@id"')


def _identifier(node: Mapping[str, Any], where: str) -> str:
    identifier = node.get("@id")
    if not isinstance(identifier, str) or not _is_valid_iri(identifier):
        raise TransformError(where, f"the Record's @id is not an absolute IRI: {identifier!r}")
    return identifier


def _is_nested(graph: list[Any]) -> bool:
    for node in graph:  # noqa: SIM110 (a generator takes twice as long, and records are many)
        if isinstance(node, dict) and "@graph" in node:
            return True
    return False


def _flatten(graph: list[Any]) -> Iterator[Any]:
    """Yield the nodes of a graph and of the graphs nested in it, as embellished records have."""
    for node in graph:
        if isinstance(node, dict) and isinstance(node.get("@graph"), list):
            yield from _flatten(node["@graph"])
        else:
            yield node


def transform(documents: Sequence[LibrisDocument]) -> Iterator[Transformed | TransformError]:
    """Yield each document as triples, or why it can't be, in the order given.

    The context is processed once for all of them. A document that makes the batch fail is
    found by halving. The identifiers must differ.
    """
    try:
        yield from _transform_batch(documents)
    except SyntaxError as error:
        if len(documents) == 1:
            yield TransformError(documents[0].identifier, f"JSON-LD: {error.msg}")
        else:
            middle = len(documents) // 2
            yield from transform(documents[:middle])
            yield from transform(documents[middle:])


def _transform_batch(documents: Sequence[LibrisDocument]) -> list[Transformed | TransformError]:
    triples: dict[str, list[Triple]] = {f"<{one.identifier}>": [] for one in documents}
    outer = _outer_document(documents)
    # A label like _:b0 in two records means two nodes; the parser can't know where one ends.
    labelled = b'"_:' in outer
    terms = {graph: _Terms(f"r{n}" if labelled else "") for n, graph in enumerate(triples)}
    strangers: set[str] = set()
    # Lenient: the strict parser leaves out what has an invalid IRI without a word.
    for s, p, o, g in parse(outer, RdfFormat.JSON_LD, rename_blank_nodes=True, lenient=True):
        graph = str(g)
        if graph not in triples:
            strangers.add(graph)
        elif triple := terms[graph].triple(s, p, o):
            triples[graph].append(triple)
    if strangers:
        raise SyntaxError(f"a graph within a node: {', '.join(sorted(strangers))}")
    return [
        _finish(one, triples[f"<{one.identifier}>"], terms[f"<{one.identifier}>"].problems)
        for one in documents
    ]


def _outer_document(documents: Sequence[LibrisDocument]) -> bytes:
    graphs = orjson.dumps([{"@id": one.identifier, "@graph": one.nodes} for one in documents])
    return b'{"@context":' + _CONTEXT + b',"@graph":' + graphs + b"}"


def nquads(graphs: bytes) -> bytes:
    """Return the N-Quads of a JSON array of graphs that need no mending.

    Raises SyntaxError if it is no JSON-LD.
    """
    outer = b'{"@context":' + _CONTEXT + b',"@graph":' + graphs + b"}"
    # Lenient: their IRIs are known to be valid, and to check them again takes a fifth of the time.
    parsed = parse(outer, RdfFormat.JSON_LD, rename_blank_nodes=True, lenient=True)
    return serialize(parsed, format=RdfFormat.N_QUADS) or b""


def _finish(
    document: LibrisDocument, triples: list[Triple], problems: list[Problem]
) -> Transformed:
    own = Ownership(document.identifier, document.main_entity)
    subjects = {triple[0] for triple in triples}
    outside: dict[str, list[Triple]] = {}
    if any(subject[0] == "<" and not own.owns(subject) for subject in subjects):
        triples, outside = partition(triples, own)
    return Transformed(
        document.identifier,
        _statements(triples),
        {thing: _statements(name_by_content(thing, said)) for thing, said in outside.items()},
        tuple(dict.fromkeys(problems)),
    )


def _statements(triples: Sequence[Triple]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([f"{s} {p} {o}" for s, p, o in triples]))


class _Terms:
    """Writes terms as N-Triples and remembers what it had to mend.

    Texts that proved valid are remembered by all, since most IRIs come again.
    """

    valid: set[str] = set()

    def __init__(self, blank_node_suffix: str = "") -> None:
        self.problems: list[Problem] = []
        self._suffix = blank_node_suffix

    def triple(self, s: object, p: object, o: object) -> Triple | None:
        """Return the three terms as N-Triples texts, or None if one is beyond repair."""
        subject, predicate, object_ = str(s), str(p), str(o)
        valid = self.valid
        if subject not in valid:
            subject = subject + self._suffix if subject[0] == "_" else self._iri(subject)
        if predicate not in valid:
            predicate = self._iri(predicate)
        if object_ not in valid:
            object_ = self._object(o, object_)
        return (subject, predicate, object_) if subject and predicate and object_ else None

    def graph(self, name: object) -> str | None:
        """Return a graph's name as N-Quads writes it, or None if it is beyond repair."""
        text = str(name)
        return text if text[0] == "_" else self._iri(text) or None

    def _object(self, term: object, text: str) -> str:
        if text[0] == "_":
            return text + self._suffix
        if not isinstance(term, Literal):
            return self._iri(text)
        if term.language is not None:
            return self._tagged(term.value, term.language)
        return text if text[-1] == '"' or self._iri(str(term.datatype)) else ""

    def _tagged(self, value: str, language: str) -> str:
        try:
            return str(Literal(value, language=language))
        except ValueError:
            self.problems.append(Problem("dropped", f"@{language}"))
            return ""

    def _iri(self, text: str) -> str:
        """Return a valid IRI in angle brackets, repaired if need be, or an empty text."""
        if text in self.valid:
            return text
        iri = text[1:-1]
        mended = iri if _is_valid_iri(iri) else repair_iri(iri)
        if mended is None:
            self.problems.append(Problem("dropped", iri))
            return ""
        if mended != iri:
            self.problems.append(Problem("repaired", iri))
        elif len(self.valid) < _KNOWN_TERMS:
            self.valid.add(text)
        else:
            self.valid.clear()
        return f"<{mended}>"


def _is_valid_iri(iri: str) -> bool:
    try:
        NamedNode(iri)
    except ValueError:
        return False
    return True


# What no IRI may contain, RFC 3987 section 2.2: controls, space, and "<>\^`{|}; a percent sign
# that begins no percent-encoding; and brackets, which only an IPv6 address may have.
_ILLEGAL = re.compile(r'[\x00-\x20"<>\\^`{|}\[\]\x7f-\x9f]|%(?![0-9A-Fa-f]{2})')


def repair_iri(iri: str) -> str | None:
    """Percent-encode what an IRI may not contain; None if it is no absolute IRI even then.

    >>> repair_iri("http://example.org/a b[1]")
    'http://example.org/a%20b%5B1%5D'
    >>> repair_iri("www.example.org") is None
    True
    """
    mended = _ILLEGAL.sub(lambda match: quote(match[0], safe=""), iri.strip())
    return mended if _is_valid_iri(mended) else None


def repaired(quads: Iterable[Quad]) -> tuple[list[Quad], tuple[tuple[str, str], ...]]:
    """Return leniently parsed quads with their IRIs made valid, and what had to be done."""
    terms = _Terms()
    lines = []
    for s, p, o, g in quads:
        triple = terms.triple(s, p, o)
        graph = "" if isinstance(g, DefaultGraph) else terms.graph(g)
        if triple and graph is not None:
            lines.append(" ".join([*triple, graph, "."]))
    parsed = parse("\n".join(lines), RdfFormat.N_QUADS)
    return list(parsed), tuple((one.kind, one.value) for one in terms.problems)


def blank_nodes_renamed(statements: bytes) -> list[str]:
    """Return N-Triples as statements without the final dot, with blank node labels used nowhere."""
    parsed = parse(statements, RdfFormat.N_TRIPLES, rename_blank_nodes=True)
    return [_statement(s, p, o) for s, p, o, _ in parsed]


def _statement(s: object, p: object, o: object) -> str:
    return f"{s} {p} {o}"


def decode_json(payload: bytes, where: str) -> Any:
    """Decode JSON; raise TransformError, with ``where`` for a name, if it is not well-formed."""
    try:
        return numbers.loads(payload)
    except ValueError as error:
        raise TransformError(where, f"not JSON: {error}") from error


def canonical_json(value: Any) -> bytes:
    """Encode so that equal content gives equal bytes: keys sorted, no white space."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
