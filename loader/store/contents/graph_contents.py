"""The contents of a graph, however it is written: normal form, equality, counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pyoxigraph as ox

from loader.store.contents.difference import Statement
from loader.store.contents.literal_values import respelt
from loader.transform.blank_node_names import describe_looks, is_hard

RDF_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"


def normalize(statements: Iterable[Statement]) -> list[Statement]:
    """Return the statements as a store would give them back: each once, values in its spelling.

    Oxigraph keeps numbers and dates by value, so ``"01"^^xsd:integer`` comes back as ``"1"``.
    """
    store = ox.Store()
    text = "".join(f"{statement} .\n" for statement in statements)
    store.load(text.encode(), ox.RdfFormat.N_TRIPLES)
    return [f"{quad.subject} {quad.predicate} {quad.object}" for quad in store]


def is_isomorphic(graph: Iterable[Statement], other: Iterable[Statement]) -> bool:
    """Tell whether two graphs are the same but for blank node labels."""
    return _canonicalize(graph) == _canonicalize(other)


def _canonicalize(statements: Iterable[Statement]) -> list[Statement]:
    """Return statements with canonical labels: by RDFC-1.0, unless that may take long."""
    text = "".join(f"{statement} .\n" for statement in statements)
    store = ox.Store()
    store.load(text.encode(), ox.RdfFormat.N_TRIPLES)
    triples = [(str(quad.subject), str(quad.predicate), str(quad.object)) for quad in store]
    if is_hard(triples):
        names = describe_looks(triples)
        return sorted(f"{names.get(s, s)} {p} {names.get(o, o)}" for s, p, o in triples)
    if not any(s[0] == "_" or o[0] == "_" for s, _, o in triples):
        return sorted(map(" ".join, triples))
    dataset = ox.Dataset(store)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(f"{quad.subject} {quad.predicate} {quad.object}" for quad in dataset)


def tally(statements: Iterable[Statement]) -> Counter[tuple[str, str]]:
    """Count the uses of each property, and of each class as a type: ``("class", IRI): n``.

    A class that is a blank node has no name to be counted by. Beside them, literals that the store
    spells otherwise, by datatype.
    """
    statements = list(statements)
    counts = respelt(statements)
    for statement in statements:
        _, predicate, object_ = statement.split(" ", 2)
        counts["property", predicate[1:-1]] += 1
        if predicate == RDF_TYPE and object_[0] == "<":
            counts["class", object_[1:-1]] += 1
    return counts
