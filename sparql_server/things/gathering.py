"""Gathers what is told of a document: in one go from an engine that can, else by queries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from sparql_server.engine.columns.telling.request import Telling
from sparql_server.errors import ResultTooLarge
from sparql_server.errors.failures.translation import make_too_deep
from sparql_server.things import incoming as pointing
from sparql_server.things.addresses import LIBRIS, find_fault, is_documented
from sparql_server.things.document_queries import (
    DEEPEST,
    DEPTH,
    MOST_RECORDS,
    SHOWN_FRAGMENTS,
    SHOWN_STATEMENTS,
    SHOWN_VALUES,
    TRAITS,
    TYPE,
    UNCOUNTED,
    Document,
)
from sparql_server.things.facts import Asker, Incoming
from sparql_server.things.names import LIBRARY, PATHS, Names
from sparql_server.things.profiles.lenses import FULL
from sparql_server.things.profiles.property_order import MAIN_ENTITY
from sparql_server.things.statements import Said, Statements, find_main, list_objects
from sparql_server.things.surroundings import (
    EVIDENCE,
    HIGHEST,
    MOST_ABOVE,
    MOST_LINKS,
    UPWARDS,
    Origin,
    Origins,
    find_above,
    find_origins,
)
from sparql_server.things.thing_request import Wanted


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is told of a document. incoming: what points there, some with the first things.

    said: of data only what tells the kinds of the things. above: what the main thing is below,
    level by level. depth: of blank nodes that hang on things.
    """

    document: Document
    said: Said
    incoming: list[Incoming]
    depth: int = DEPTH
    above: list[list[str]] = field(default_factory=list)
    origins: Origins = field(default_factory=dict)
    names: Names = field(default_factory=dict)


def gather_for_page(asker: Asker, spellings: Sequence[str], wanted: Wanted) -> Facts:
    """Return what a page shows of a document. spellings: of its IRI. Raises RequestError."""
    if asker.answers.tells:
        return _tell(asker, spellings, wanted)
    document = asker.find_document(spellings)
    said = asker.read_statements(document, _measure_shown(asker, document))
    incoming = _list_incoming(asker, document, wanted)
    above = find_above(asker, find_main(document.things, said.statements), said.statements)
    named = [*_list_named(document.things, said.statements, incoming), *chain(*above)]
    names = asker.read_names(named)
    origins = find_origins(asker, document)
    return Facts(document, said, incoming, above=above, origins=origins, names=names)


def gather_for_data(
    asker: Asker, spellings: Sequence[str], wanted: Wanted, *, head: bool = False
) -> Facts:
    """Return what data and its links need to know of a document. Raises RequestError.

    head: whether nobody will ask for the graph, which would tell that too much hangs on it.
    """
    whole = not wanted.incoming and wanted.profile == FULL
    if asker.answers.tells:
        return _tell(asker, spellings, wanted, TRAITS, measured=head and whole)
    document = asker.find_document(spellings)
    said = Said(asker.read_traits(document))
    depth = asker.measure_depth(document) if whole else DEPTH
    return Facts(document, said, _list_incoming(asker, document, wanted), depth)


def _measure_shown(asker: Asker, document: Document) -> int:
    try:
        return asker.measure_depth(document)
    except ResultTooLarge:
        return DEPTH  # what hangs deeper is said to be left out


def _list_incoming(asker: Asker, document: Document, wanted: Wanted) -> list[Incoming]:
    """Return what points to a document, by all paths or that which is wanted."""
    things = document.things
    if wanted.kinds:
        of_kinds = asker.count_part(things, wanted.incoming, wanted.kinds)
        return asker.fill(things, [of_kinds], wanted.limit, wanted.offset, wanted.kinds)
    counted = asker.count_incoming(things)
    if not wanted.incoming:
        return asker.fill(things, counted, pointing.SHOWN)
    known = [each for each in counted if each.path == wanted.incoming]
    part = known or [Incoming(wanted.incoming, UNCOUNTED)]
    return asker.fill(things, part, wanted.limit, wanted.offset)


def _list_named(
    things: Sequence[str], statements: Statements, incoming: Sequence[Incoming]
) -> Iterator[str]:
    """Yield the IRIs whose names a page shows."""
    yield from things
    yield from list_objects(statements)
    for each in incoming:
        yield from each.sources


# In one go


def _tell(
    asker: Asker,
    spellings: Sequence[str],
    wanted: Wanted,
    traits: tuple[str, ...] = (),
    *,
    measured: bool = False,
) -> Facts:
    known = [iri for iri in spellings if find_fault(iri) is None]
    telling = _write(known, wanted, traits, measured=measured) if known else None
    told = asker.answers.facts(telling, asker.visitor) if telling else {"document": None}
    if told["document"] is None:
        raise asker.explain_missing(spellings)
    if told["is_deep"]:
        raise make_too_deep(DEEPEST)
    facts = _read(told)
    asker.check_deletion(facts.document.iri)
    if wanted.incoming and not facts.incoming:
        facts.incoming.append(Incoming(wanted.incoming, UNCOUNTED))
    return facts


def _write(
    spellings: Sequence[str], wanted: Wanted, traits: tuple[str, ...], *, measured: bool
) -> str:
    document = spellings[0]
    return Telling(
        tuple(spellings),
        is_documented(document),
        is_documented(document) and document.startswith(LIBRIS),
        MAIN_ENTITY,
        most_records=MOST_RECORDS,
        most_fragments=SHOWN_FRAGMENTS,
        most_statements=SHOWN_STATEMENTS,
        most_values=SHOWN_VALUES,
        most_paths=pointing.MOST_PATHS + 1,
        most_filled=pointing.MOST_FILLED,
        deepest=DEEPEST,
        path=wanted.incoming,
        offset=wanted.offset,
        limit=wanted.limit if wanted.incoming else pointing.SHOWN,
        classes=wanted.kinds,
        type_property=TYPE,
        traits=traits,
        upwards=UPWARDS,
        most_levels=HIGHEST,
        most_above=MOST_ABOVE,
        most_links=MOST_LINKS,
        evidence=EVIDENCE,
        names=PATHS,
        named_by_iri=(LIBRARY,),
        measured=measured,
    ).write()


def _read(told: Mapping[str, Any]) -> Facts:
    document = told["document"]
    return Facts(
        Document(
            document["iri"],
            tuple(document["things"]),
            tuple(document["records"]),
            document["has_more"],
        ),
        Said(told["said"], {(s, p): count for s, p, count in told.get("counts", ())}),
        [
            Incoming(tuple(each["path"]), each["count"], tuple(each["sources"]))
            for each in told["incoming"]
        ],
        DEEPEST,
        told.get("above", []),
        {(p, o): Origin(*rest) for p, o, *rest in told.get("origins", ())},
        told.get("names", {}),
    )
