"""The page of a thing: sections of properties and values, with names and addresses."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from sparql_server.things.facts import Incoming
from sparql_server.things.names import name
from sparql_server.things.page_parts import Page, Section
from sparql_server.things.patterns import Document
from sparql_server.things.profiles.order import MAIN_ENTITY, is_leading
from sparql_server.things.statements import Said, Statements
from sparql_server.things.writer import Writer


def make_page(
    writer: Writer,
    document: Document,
    said: Said,
    incoming: Sequence[Incoming],
    above: Sequence[Sequence[str]] = (),
) -> Page:
    """Return the page of a document. above: what its main thing is below, level by level."""
    main, statements = find_main(document.things, said.statements), said.statements
    there = [each for each in document.things if each in statements]
    sections = {each: _section(writer, said, each) for each in there}
    of_record = [document.iri, *document.records] if main != document.iri else document.records
    records = [sections.pop(each) for each in of_record if each != main and each in sections]
    shown = sections.pop(main, None) or _section(writer, said, main)
    pointing = tuple(writer.pointing(each, document.iri) for each in incoming)
    others = (*sections.values(), *records[1:])
    record = records[0] if records else None
    levels = tuple(tuple(map(writer.thing, level)) for level in above)
    return Page(document.iri, shown, others, record, pointing, document.has_more, levels)


def find_main(things: Sequence[str], statements: Statements) -> str:
    """Return what a document is about: as it says, or what is told of first, or itself."""
    said = statements.get(things[0], {}).get(MAIN_ENTITY, ())
    named = [str(term["value"]) for term in said if term["value"] in things]
    described = [each for each in things[1:] if each in statements]
    return next(iter([*named, *([] if things[0] in statements else described)]), things[0])


def list_named(
    things: Collection[str], statements: Statements, incoming: Sequence[Incoming]
) -> Iterator[str]:
    """Yield the IRIs whose names a page shows."""
    yield from things
    for said in statements.values():
        for objects in said.values():
            yield from (str(term["value"]) for term in objects if term["type"] == "uri")
    for each in incoming:
        yield from each.sources


def _section(writer: Writer, said: Said, iri: str) -> Section:
    properties = writer.properties(said, iri)
    return Section(
        iri,
        name(writer.names, iri, writer.language),
        writer.types(said.statements, iri),
        tuple(each for each in properties if is_leading(each.iri)),
        tuple(each for each in properties if not is_leading(each.iri)),
    )
