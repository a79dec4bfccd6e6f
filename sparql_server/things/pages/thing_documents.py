"""The documents that tell of a thing: a graph, or what a page shows; and their links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urlencode

from sparql_server.answering.answer import Answer
from sparql_server.answering.question import Question
from sparql_server.finding.schema import Schema
from sparql_server.records.kinds import find_kind
from sparql_server.sparql.formats import BY_NAME, EXPANDED, Format
from sparql_server.sparql.protocol import QueryRequest
from sparql_server.things.addresses import SUFFIXES, Addresses
from sparql_server.things.document_queries import UNCOUNTED, Document
from sparql_server.things.facts import Asker, Incoming
from sparql_server.things.gathering import Facts, gather_for_data, gather_for_page
from sparql_server.things.graph_query import (
    Listed,
    construct,
    construct_mapped,
    construct_part,
    construct_shown,
    gather_equivalents,
    select_equivalents,
)
from sparql_server.things.graph_request import describe
from sparql_server.things.incoming import MOST_FILLED
from sparql_server.things.pages import schema_org
from sparql_server.things.pages.framed_answers import FRAMED, frame_answer
from sparql_server.things.pages.page_parts import Page
from sparql_server.things.pages.thing_page import make_page
from sparql_server.things.pages.writer import Writer, list_types, write_path
from sparql_server.things.profiles.lenses import BIBFRAME, FULL, PROFILES, list_shown
from sparql_server.things.profiles.property_order import TYPE
from sparql_server.things.statements import Statements, find_main, read_traits
from sparql_server.things.thing_request import PART, Wanted

_ASCII = "".join(map(chr, range(0x21, 0x7F)))  # of an IRI in a header, as it stands
_HYDRA_TERMS = {"prev": "previous", "next": "next"}


@dataclass(frozen=True, slots=True)
class Reader:
    """The reader of a document. host: address of the server as they have it, without a path.

    language: of names. chosen: whether the address says that language. licences: by kind of record.
    """

    host: str
    language: str
    chosen: bool = False
    licences: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """Contents of a page. links: of the header. around: addresses of the parts before and after.

    data: formats, and where the same is had in them. about: it in schema.org's words, or None.
    """

    page: Page
    data: Sequence[tuple[Format, str]]
    about: dict[str, Any] | None
    around: dict[str, str]
    links: str


class Told:
    """The facts of a document and its things. spellings: its IRI, as it may be in the data."""

    def __init__(
        self,
        asker: Asker,
        reader: Reader,
        addresses: Addresses,
        spellings: Sequence[str],
        wanted: Wanted,
    ) -> None:
        self._asker = asker
        self._reader = reader
        self._addresses = addresses
        self._spellings = spellings
        self._wanted = wanted
        self._document = Document(spellings[-1], ())

    def graph(self, format_name: str, *, head: bool = False) -> tuple[Answer, str]:
        """Return it as a graph in a format, and its links.

        head: without the body. Raises RequestError: NotInRelease.
        """
        facts = gather_for_data(self._asker, self._spellings, self._wanted, head=head)
        self._document, said = facts.document, facts.said.statements
        main = find_main(facts.document.things, said)
        links = self._links(main, list_types(said, main))
        links += [self._link(self._addresses.of(self._document.iri), "describes")]
        links += self._describe_kind(said)
        links += self._lead_on(facts.incoming)
        return self._answer(facts, format_name, head=head), ", ".join(links)

    def _answer(self, facts: Facts, format_name: str, *, head: bool) -> Answer:
        answers, visitor = self._asker.answers, self._asker.visitor
        give = answers.give_head if head else answers.give
        if format_name == FRAMED.name:
            expanded = give(self._ask(facts, EXPANDED.name), replace(visitor, known=""))
            framed = frame_answer(expanded, facts.document.things, visitor)
            if framed:
                return framed
        return give(self._ask(facts, format_name), visitor)

    def show(self, schema: Schema | None) -> Shown:
        """Return what its page shows. Raises RequestError: NotInRelease."""
        facts, reader = gather_for_page(self._asker, self._spellings, self._wanted), self._reader
        self._document, said, names = facts.document, facts.said.statements, facts.names
        main = find_main(facts.document.things, said)
        writer = Writer(
            names, schema, self._addresses, reader.language, reader.chosen, facts.origins
        )
        links = self._links(main, list_types(said, main))
        links += self._describe_kind(said)
        around = dict(self._around(facts.incoming))
        links += [self._link(address, relation) for relation, address in around.items()]
        return Shown(
            make_page(writer, facts.document, facts.said, facts.incoming, facts.above),
            [(BY_NAME[each], self._with_suffix(each)) for each in SUFFIXES],
            schema_org.describe(said, main, names, reader.language),
            around,
            ", ".join(links),
        )

    def _ask(self, facts: Facts, format_name: str) -> Question:
        """Return the question for the graph."""
        asking, listed = self._asker.answers.asking, self._list_incoming(facts.incoming)
        shown = self._list_shown(facts)
        if self._asker.answers.tells:
            part = bool(self._wanted.incoming)
            mapped = self._wanted.profile == BIBFRAME and not part
            described = describe(facts, listed, shown, only_part=part, in_bibframe=mapped)
            return asking.telling(described.write(), format_name)
        query = self._query(facts, listed, shown)
        return asking.question(QueryRequest(query, format=format_name), None)

    def _query(
        self, facts: Facts, listed: Sequence[Listed], shown: Sequence[tuple[str, str]] | None
    ) -> str:
        if self._wanted.incoming:
            return construct_part(facts.document, listed[0])
        if self._wanted.profile == BIBFRAME:
            rows = self._asker.select(select_equivalents(facts.document, facts.depth))
            return construct_mapped(facts.document, facts.depth, gather_equivalents(rows))
        if shown is not None:
            return construct_shown(shown)
        return construct(facts.document, facts.depth, listed)

    def _list_shown(self, facts: Facts) -> list[tuple[str, str]] | None:
        """Return the properties of things that are shown; None: all."""
        if self._wanted.profile in (FULL, BIBFRAME) or self._wanted.incoming:
            return None
        said = facts.said.statements
        return [
            (thing, property_)
            for thing in facts.document.things
            for property_ in (TYPE, *list_shown(self._wanted.profile, list_types(said, thing)))
        ]

    def _list_incoming(self, incoming: Sequence[Incoming]) -> list[Listed]:
        """Return what points to the document, as the graph has it."""
        if self._wanted.incoming:
            around = self._around(incoming)
            parts = [(_HYDRA_TERMS[relation], self._host(address)) for relation, address in around]
            return [self._list(incoming[0], parts)]
        return [self._list(each) for each in incoming] if self._wanted.profile == FULL else []

    def _lead_on(self, incoming: Sequence[Incoming]) -> list[str]:
        """Return the links to where what points to the document is told of, or the rest of it."""
        if self._wanted.incoming:
            return [self._link(address, relation) for relation, address in self._around(incoming)]
        if self._wanted.profile != FULL:
            return []
        return [self._link(self._part(each.path), "related") for each in incoming[:MOST_FILLED]]

    def _describe_kind(self, said: Statements) -> list[str]:
        """Return the links that say the licence, if it has one, and which collection it is in."""
        found = [self._link("/dataset", "collection")]
        licence = self._reader.licences.get(find_kind(read_traits(self._document, said)))
        found += [self._link(licence, "license")] if licence else []
        profile = PROFILES[self._wanted.profile]
        return found + ([self._link(profile, "profile")] if profile else [])

    def _list(self, each: Incoming, parts: Sequence[tuple[str, str]] = ()) -> Listed:
        return Listed(each.path, each.count, each.sources, self._host(self._part(each.path)), parts)

    def _around(self, incoming: Sequence[Incoming]) -> list[tuple[str, str]]:
        """Return the relations and addresses of the parts before and after the one wanted."""
        offset, path, limit = self._wanted.offset, self._wanted.incoming, self._wanted.limit
        if not path or not incoming:
            return []
        found = [("prev", self._part(path, max(0, offset - limit)))] if offset else []
        following = offset + len(incoming[0].sources)
        is_full = len(incoming[0].sources) == limit
        if is_full and (incoming[0].count == UNCOUNTED or following < incoming[0].count):
            found.append(("next", self._part(path, following)))
        return found

    def _part(self, path: tuple[str, ...], offset: int = 0) -> str:
        pairs = [("incoming", write_path(path))]
        pairs += [("offset", str(offset))] if offset else []
        pairs += self._narrow()
        pairs += [("lang", self._reader.language)] if self._reader.chosen else []
        return _add(self._addresses.of(self._document.iri), pairs)

    def _narrow(self) -> list[tuple[str, str]]:
        pairs = [("class", write_path([self._wanted.kind]))] if self._wanted.kind else []
        return pairs + ([("limit", str(self._wanted.limit))] if self._wanted.limit != PART else [])

    def _host(self, address: str) -> str:
        return f"{self._reader.host}{quote(address, safe=_ASCII)}"

    def _with_suffix(self, format_name: str) -> str:
        own = self._addresses.own(self._document.iri)
        pairs = [("incoming", write_path(self._wanted.incoming))] if self._wanted.incoming else []
        pairs += [("offset", str(self._wanted.offset))] if self._wanted.offset else []
        pairs += self._narrow()
        pairs += [("profile", self._wanted.profile)] if self._wanted.profile != FULL else []
        if own:
            return _add(f"{own}.{format_name}", pairs)
        return _add(self._addresses.of(self._document.iri), [("format", format_name), *pairs])

    def _links(self, cited: str, types: list[str]) -> list[str]:
        """Return the links that lead programs on, https://signposting.org/FAIR/."""
        found = [self._link(cited, "cite-as")]
        for name in SUFFIXES:
            kind = BY_NAME[name].media_types[0]
            found.append(f'{self._link(self._with_suffix(name), "describedby")}; type="{kind}"')
        return found + [self._link(each, "type") for each in types]

    def _link(self, target: str, relation: str) -> str:
        """Return a link of the Link header, https://www.rfc-editor.org/rfc/rfc8288."""
        base = self._reader.host if target.startswith("/") else ""
        return f'<{base}{quote(target, safe=_ASCII)}>; rel="{relation}"'


def _add(address: str, pairs: list[tuple[str, str]]) -> str:
    if not pairs:
        return address
    return f"{address}{'&' if '?' in address else '?'}{urlencode(pairs)}"
