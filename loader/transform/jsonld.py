"""Records to triples: JSON-LD processing, repair of IRIs, a batch that survives its worst record.

JSON-LD 1.1, https://www.w3.org/TR/json-ld11/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from pyoxigraph import RdfFormat, parse, serialize

from loader.errors import TooLarge, TransformError
from loader.transform.context import CONTEXT
from loader.transform.document import LibrisDocument, read_document
from loader.transform.gate import Gate, Problem, repair_iri
from loader.transform.json_text import decode_json, encode_canonically, encode_json
from loader.transform.long_texts import set_aside
from loader.transform.losses import find_losses, may_lose
from loader.transform.ownership import Ownership, Triple, name_by_content, partition_triples

__all__ = [
    "LibrisDocument",
    "Problem",
    "Transformed",
    "REFUSALS",
    "encode_canonically",
    "decode_json",
    "from_ntriples",
    "write_nquads",
    "read_document",
    "describe_refusal",
    "repair_iri",
    "transform",
]

_OPENING = b'{"@context":' + encode_json(CONTEXT) + b',"@graph":'


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


REFUSALS = (SyntaxError, MemoryError, ValueError, TooLarge, TransformError)
"""The exceptions that pyoxigraph and the gate raise because of what a document holds."""


def describe_refusal(error: BaseException) -> str:
    """Return why a document was refused, as people are told."""
    if isinstance(error, TransformError):
        return error.reason
    if isinstance(error, MemoryError):
        return f"too large for Oxigraph: {error}"
    return str(error.msg if isinstance(error, SyntaxError) else error)


def transform(documents: Sequence[LibrisDocument]) -> Iterator[Transformed | TransformError]:
    """Yield each document as triples, or why it can't be, in the order given.

    The context is processed once for all of them. A document that makes the batch fail is
    found by halving. The identifiers must differ.
    """
    try:
        yield from _transform_batch(documents)
    except REFUSALS as error:
        if len(documents) == 1:
            yield _transform_alone(documents[0], error)
        else:
            middle = len(documents) // 2
            yield from transform(documents[:middle])
            yield from transform(documents[middle:])


def _transform_alone(
    document: LibrisDocument, error: BaseException
) -> Transformed | TransformError:
    """Try a document that was refused once more if it may have been for a text's length."""
    if isinstance(error, MemoryError):
        nodes, texts = set_aside(document.nodes)
        try:
            (result,) = _transform_batch([replace(document, nodes=nodes)], texts)
        except REFUSALS as second:  # kept by this frame, it would keep all that calls it
            return _refuse(document, second)
        return result
    return _refuse(document, error)


def _refuse(document: LibrisDocument, error: BaseException) -> TransformError:
    return TransformError(document.identifier, f"JSON-LD: {describe_refusal(error)}")


_NONE: Mapping[str, str] = {}


def _transform_batch(
    documents: Sequence[LibrisDocument], texts: Mapping[str, str] = _NONE
) -> list[Transformed]:
    """Return documents as triples. texts: what stands for marks in their literals.

    Raises one of REFUSALS for all of them.
    """
    triples: dict[str, list[Triple]] = {f"<{document.identifier}>": [] for document in documents}
    outer = _wrap_documents(documents)
    # A label like _:b0 in two records means two nodes; the parser can't know where one ends.
    labelled = b'"_:' in outer
    gates = {
        graph: Gate(f"r{n}" if labelled else "", graph, texts) for n, graph in enumerate(triples)
    }
    strangers: set[str] = set()
    # Lenient: the strict parser leaves out what has an invalid IRI without a word.
    for s, p, o, g in parse(outer, RdfFormat.JSON_LD, rename_blank_nodes=True, lenient=True):
        graph = str(g)
        if graph not in triples:
            strangers.add(graph)
        elif triple := gates[graph].triple(s, p, o):
            triples[graph].append(triple)
    if strangers:
        raise SyntaxError(f"a graph within a node: {', '.join(sorted(strangers))}")
    suspicious = may_lose(outer[len(_OPENING) :], len(documents))
    if suspicious or not all([_has_nodes_only(document) for document in documents]):
        for document in documents:
            gates[f"<{document.identifier}>"].problems += find_losses(document.nodes)
    return [
        _finish(
            document,
            triples[f"<{document.identifier}>"],
            gates[f"<{document.identifier}>"].problems,
        )
        for document in documents
    ]


def _has_nodes_only(document: LibrisDocument) -> bool:
    return all([isinstance(node, dict) for node in document.nodes])


def _wrap_documents(documents: Sequence[LibrisDocument]) -> bytes:
    """Return documents as named graphs of one.

    Raises SyntaxError if there are several and one could say something in another's graph.
    """
    graphs = encode_json(
        [{"@id": document.identifier, "@graph": document.nodes} for document in documents]
    )
    alone = graphs.count(b'"@graph"') == len(documents) and b'"@context"' not in graphs
    if len(documents) > 1 and not alone:
        raise SyntaxError("a graph or a context within a node")
    return _OPENING + graphs + b"}"


def write_nquads(graphs: bytes) -> bytes:
    """Return the N-Quads of a JSON array of graphs that need no mending.

    Raises SyntaxError if it is no JSON-LD.
    """
    outer = _OPENING + graphs + b"}"
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
        triples, outside = partition_triples(triples, own)
    return Transformed(
        document.identifier,
        _write_statements(triples),
        {thing: _write_statements(name_by_content(thing, said)) for thing, said in outside.items()},
        tuple(dict.fromkeys(problems)),
    )


def _write_statements(triples: Sequence[Triple]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([f"{s} {p} {o}" for s, p, o in triples]))


def from_ntriples(graph: str, payload: bytes) -> Transformed:
    """Return N-Triples as a graph's statements, with blank node labels that are used nowhere.

    Raises one of REFUSALS if they are none, or more than the store can take.
    """
    gate = Gate(graph=graph)
    # Lenient: a former version may have taken in what is not valid, and that is to be mended.
    parsed = parse(payload, RdfFormat.N_TRIPLES, rename_blank_nodes=True, lenient=True)
    triples = [triple for s, p, o, _ in parsed if (triple := gate.triple(s, p, o))]
    return Transformed(graph, _write_statements(triples), {}, tuple(dict.fromkeys(gate.problems)))
