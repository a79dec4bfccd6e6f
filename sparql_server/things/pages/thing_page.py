"""The page of a thing: sections of properties and values, with names and addresses."""

from __future__ import annotations

from collections.abc import Sequence

from sparql_server.things.document_queries import Document
from sparql_server.things.facts import Incoming
from sparql_server.things.names import name
from sparql_server.things.pages.page_parts import Page, Section
from sparql_server.things.pages.writer import Writer
from sparql_server.things.profiles.property_order import is_leading
from sparql_server.things.statements import Said, find_main


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


def _section(writer: Writer, said: Said, iri: str) -> Section:
    properties = writer.properties(said, iri)
    return Section(
        iri,
        name(writer.names, iri, writer.language),
        writer.types(said.statements, iri),
        tuple(each for each in properties if is_leading(each.iri)),
        tuple(each for each in properties if not is_leading(each.iri)),
    )
