"""The request for the graph of a document, to an engine that reads it from columns in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple

from sparql_server.engine.columns.telling.request import Describing
from sparql_server.things.gathering import Facts
from sparql_server.things.graph_query import VOCABULARY, Listed, list_controls
from sparql_server.things.names import NAMING, TITLES


def describe(
    facts: Facts,
    listed: Sequence[Listed],
    shown: Sequence[tuple[str, str]] | None,
    *,
    only_part: bool,
    in_bibframe: bool = False,
) -> Describing:
    """Return the request for a graph. listed: what points to the document.

    shown: the properties of things that are told; None: all are. only_part: none are, but what
    points there. in_bibframe: whether it is told in the terms of BIBFRAME alone.
    """
    document = facts.document
    pairs = () if only_part else shown
    return Describing(
        document.iri if document.has_more and pairs is None else "",
        document.things,
        document.records,
        None if pairs is None else tuple(pairs),
        pointing=tuple((each.path, tuple(each.sources)) for each in listed if each.sources),
        naming=NAMING,
        titles=TITLES,
        vocabulary=astuple(VOCABULARY) if in_bibframe else None,
        more="".join(f"{' '.join(triple)} .\n" for triple in list_controls(document, listed)),
    )
