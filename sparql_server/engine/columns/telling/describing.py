"""The graph that tells of a document, read from columns: its triples, as pyoxigraph has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyoxigraph as ox

from sparql_server.engine.columns.results.graph_results import make_node
from sparql_server.engine.columns.solutions.arrays import find_distinct
from sparql_server.engine.columns.solutions.query_terms import QueryTerms
from sparql_server.engine.columns.storage.triples import Columns
from sparql_server.engine.columns.telling.described_things import find_document, find_numbers
from sparql_server.engine.columns.telling.own import add_hanging, drop_repeated, read_own
from sparql_server.engine.columns.telling.pointing import read_pointing
from sparql_server.engine.columns.telling.ranges import Numbers, Ranges, Rows, join_rows
from sparql_server.engine.columns.telling.request import Describing, Telling, Vocabulary
from sparql_server.engine.columns.telling.telling import open_ranges
from sparql_server.engine.columns.telling.translation import Translator

_Node = ox.NamedNode | ox.BlankNode | ox.Literal


class TooDeep(Exception):
    """More blank nodes hang on each other than are gone along."""


def describe(columns: Columns, wanted: Describing) -> Iterator[ox.Triple]:
    """Return the triples that tell of a document. Raises TooDeep."""
    ranges = open_ranges(columns)
    things = _list_things(ranges, wanted)
    parts = [_read_own(ranges, things, wanted)]
    if wanted.vocabulary:
        return _translate(ranges, parts[0], wanted, Vocabulary(*wanted.vocabulary))
    named = [_list_iris(ranges, parts[0].objects)]
    for path, sources in wanted.pointing:
        numbers = find_numbers(ranges, sources)
        places = [ranges.place(each) for each in path]
        parts.append(read_pointing(ranges, places, numbers, things))
        named.append(numbers)
    parts.append(_read_names(ranges, find_distinct(np.concatenate(named)), wanted))
    rows = drop_repeated(join_rows(parts))
    arrays = rows.subjects, ranges.predicates[rows.places], rows.objects
    triples = zip(*(array.tolist() for array in arrays), strict=True)
    return _make_triples(ranges, triples, wanted.more)


def _translate(
    ranges: Ranges, rows: Rows, wanted: Describing, vocabulary: Vocabulary
) -> Iterator[ox.Triple]:
    translator = Translator(ranges, vocabulary)
    yield from _make_triples(ranges, dict.fromkeys(translator.translate(rows)), "")
    document, remark = ox.NamedNode(wanted.things[0]), ox.NamedNode(vocabulary.remark)
    for term in sorted(set(translator.lacking)):
        said = ox.Literal(f"{vocabulary.lacking}{term}", language="en")
        yield ox.Triple(document, remark, said)


def _list_things(ranges: Ranges, wanted: Describing) -> Numbers:
    """Return the numbers of what is told of, sorted."""
    things = find_numbers(ranges, wanted.things)
    telling = Telling((wanted.document,), True, True, "")
    found = find_document(ranges, telling) if wanted.document else None
    return np.union1d(things, found.fragments) if found else things


def _read_own(ranges: Ranges, things: Numbers, wanted: Describing) -> Rows:
    if wanted.pairs is None:
        graphs = find_numbers(ranges, wanted.records).tolist()
        own = read_own(ranges, things, graphs, wanted.deepest)
        if own.is_deep:
            raise TooDeep
        return own.rows
    parts = [
        ranges.of_subjects(find_numbers(ranges, [thing]), ranges.places([property_]))
        for thing, property_ in wanted.pairs
    ]
    return add_hanging(ranges, join_rows(parts), wanted.deepest).rows


def _list_iris(ranges: Ranges, numbers: Numbers) -> Numbers:
    return numbers[(numbers >= ranges.first_iri) & (numbers < ranges.end_of_iris)]


def _read_names(ranges: Ranges, named: Numbers, wanted: Describing) -> Rows:
    """Return the names of things: what they say themselves, and the titles that hang on them."""
    parts = [ranges.of_subjects(named, ranges.places(wanted.naming))]
    titles = ranges.of_subjects(named, ranges.places(wanted.titles[:1]))
    titles = titles.take(titles.objects < ranges.first_iri)
    if not len(titles):
        return parts[0]
    below = ranges.of_subjects(find_distinct(titles.objects), ranges.places(wanted.titles[1:]))
    return join_rows([*parts, titles, below])


def _make_triples(
    ranges: Ranges, triples: Iterable[tuple[int, ...]], more: str
) -> Iterator[ox.Triple]:
    nodes, terms = dict[int, _Node](), QueryTerms(ranges.columns.terms)
    for triple in triples:
        for number in triple:
            if number not in nodes:
                nodes[number] = make_node(terms.term(number))
        yield ox.Triple(*(nodes[number] for number in triple))  # type: ignore[arg-type]
    for quad in ox.parse(more.encode(), ox.RdfFormat.N_TRIPLES):
        yield quad.triple
