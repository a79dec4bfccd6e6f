"""The documents that tell of a thing: a graph, or what a page shows; and their links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from urllib.parse import quote, urlencode

from sparql_server.answering.answer import Answer
from sparql_server.errors import ResultTooLarge
from sparql_server.finding.schema import Schema
from sparql_server.records.kinds import find_kind
from sparql_server.sparql.formats import BY_NAME, Format
from sparql_server.sparql.protocol import QueryRequest
from sparql_server.things import schema_org
from sparql_server.things.addresses import SUFFIXES, Addresses
from sparql_server.things.facts import Asker, Incoming
from sparql_server.things.graph_query import (
    Listed,
    construct,
    construct_mapped,
    construct_part,
    construct_shown,
    gather_equivalents,
    select_equivalents,
)
from sparql_server.things.incoming import MOST_FILLED, SHOWN
from sparql_server.things.page import find_main, list_named, make_page
from sparql_server.things.page_parts import Page
from sparql_server.things.patterns import DEPTH, UNCOUNTED
from sparql_server.things.profiles.lenses import BIBFRAME, FULL, PROFILES, list_shown
from sparql_server.things.profiles.order import TYPE
from sparql_server.things.request import PART, Wanted
from sparql_server.things.statements import Statements, read_traits
from sparql_server.things.surroundings import find_above, find_origins
from sparql_server.things.writer import Writer, list_types, write_path

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
    """The facts of a document and its things. spellings: its IRI, as it may be in the data.

    Raises RequestError: NotInRelease.
    """

    def __init__(
        self,
        asker: Asker,
        reader: Reader,
        addresses: Addresses,
        spellings: Sequence[str],
        wanted: Wanted,
    ) -> None:
        self._reader = reader
        self._addresses = addresses
        self._wanted = wanted
        self._asker = asker
        self._document = self._asker.find_document(spellings)
        self._things = self._document.things

    def graph(self, format_name: str, *, head: bool = False) -> tuple[Answer, str]:
        """Return it as a graph in a format, and its links.

        head: without the body. Raises RequestError.
        """
        traits = self._asker.read_traits(self._document)
        links = self._links(self._document.iri)
        links += self._describe_kind(traits)
        shown = self._wanted.profile != FULL and not self._wanted.incoming
        query = self._query_profile(traits) if shown else self._query(links)
        asked = QueryRequest(query, format=format_name)
        answers = self._asker.answers
        ask = answers.head if head else answers.answer
        return ask(asked, None, self._asker.visitor), ", ".join(links)

    def show(self, schema: Schema | None) -> Shown:
        """Return what its page shows. Raises RequestError."""
        said = self._asker.read_statements(self._document, self._shown_depth())
        incoming = self._incoming()
        main = find_main(self._things, said.statements)
        above = find_above(self._asker, main, said.statements)
        named = [*list_named(self._things, said.statements, incoming), *chain(*above)]
        names, reader = self._asker.read_names(named), self._reader
        origins = find_origins(self._asker, self._document)
        writer = Writer(names, schema, self._addresses, reader.language, reader.chosen, origins)
        links = self._links(main, list_types(said.statements, main))
        links += self._describe_kind(said.statements)
        around = dict(self._around(incoming))
        links += [self._link(address, relation) for relation, address in around.items()]
        return Shown(
            make_page(writer, self._document, said, incoming, above),
            [(BY_NAME[each], self._with_suffix(each)) for each in SUFFIXES],
            schema_org.describe(said.statements, main, names, reader.language),
            around,
            ", ".join(links),
        )

    def _shown_depth(self) -> int:
        try:
            return self._asker.measure_depth(self._document)
        except ResultTooLarge:
            return DEPTH  # what hangs deeper is said to be left out

    def _query_profile(self, said: Statements) -> str:
        """Return the query for what a profile shows of the things."""
        if self._wanted.profile == BIBFRAME:
            return self._query_mapped()
        shown = [
            (thing, property_)
            for thing in self._things
            for property_ in (TYPE, *list_shown(self._wanted.profile, list_types(said, thing)))
        ]
        return construct_shown(shown)

    def _query_mapped(self) -> str:
        depth = self._asker.measure_depth(self._document)
        rows = self._asker.select(select_equivalents(self._document, depth))
        return construct_mapped(self._document, depth, gather_equivalents(rows))

    def _describe_kind(self, said: Statements) -> list[str]:
        """Return the links that say the licence, if it has one, and which collection it is in."""
        found = [self._link("/dataset", "collection")]
        licence = self._reader.licences.get(find_kind(read_traits(self._document, said)))
        found += [self._link(licence, "license")] if licence else []
        profile = PROFILES[self._wanted.profile]
        return found + ([self._link(profile, "profile")] if profile else [])

    def _query(self, links: list[str]) -> str:
        """Return the query for the graph; note among the links where the rest is."""
        incoming = self._incoming()
        if self._wanted.incoming:
            around = self._around(incoming)
            links += [self._link(address, relation) for relation, address in around]
            parts = [(_HYDRA_TERMS[relation], self._host(address)) for relation, address in around]
            return construct_part(self._document, self._list(incoming[0], parts))
        links += [self._link(self._part(each.path), "related") for each in incoming[:MOST_FILLED]]
        depth = self._asker.measure_depth(self._document)
        return construct(self._document, depth, [self._list(each) for each in incoming])

    def _list(self, each: Incoming, parts: Sequence[tuple[str, str]] = ()) -> Listed:
        return Listed(each.path, each.count, each.sources, self._host(self._part(each.path)), parts)

    def _incoming(self) -> list[Incoming]:
        """Return what points here, by all paths or that which is wanted."""
        path, counted = self._wanted.incoming, self._asker.count_incoming(self._things)
        if path:
            known = [each for each in counted if each.path == path]
            part = known or [Incoming(path, UNCOUNTED)]
            return self._asker.fill(self._things, part, self._wanted.limit, self._wanted.offset)
        return self._asker.fill(self._things, counted, SHOWN)

    def _around(self, incoming: list[Incoming]) -> list[tuple[str, str]]:
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
        pairs += self._limit()
        pairs += [("lang", self._reader.language)] if self._reader.chosen else []
        return _add(self._addresses.of(self._document.iri), pairs)

    def _limit(self) -> list[tuple[str, str]]:
        return [("limit", str(self._wanted.limit))] if self._wanted.limit != PART else []

    def _host(self, address: str) -> str:
        return f"{self._reader.host}{quote(address, safe=_ASCII)}"

    def _with_suffix(self, format_name: str) -> str:
        own = self._addresses.own(self._document.iri)
        pairs = [("incoming", write_path(self._wanted.incoming))] if self._wanted.incoming else []
        pairs += [("offset", str(self._wanted.offset))] if self._wanted.offset else []
        pairs += self._limit()
        pairs += [("profile", self._wanted.profile)] if self._wanted.profile != FULL else []
        if own:
            return _add(f"{own}.{format_name}", pairs)
        return _add(self._addresses.of(self._document.iri), [("format", format_name), *pairs])

    def _links(self, cited: str, types: list[str] | None = None) -> list[str]:
        """Return the links that lead programs on, https://signposting.org/FAIR/."""
        found = [self._link(cited, "cite-as")]
        for name in SUFFIXES:
            kind = BY_NAME[name].media_types[0]
            found.append(f'{self._link(self._with_suffix(name), "describedby")}; type="{kind}"')
        return found + [self._link(each, "type") for each in types or ()]

    def _link(self, target: str, relation: str) -> str:
        """Return a link of the Link header, https://www.rfc-editor.org/rfc/rfc8288."""
        base = self._reader.host if target.startswith("/") else ""
        return f'<{base}{quote(target, safe=_ASCII)}>; rel="{relation}"'


def _add(address: str, pairs: list[tuple[str, str]]) -> str:
    if not pairs:
        return address
    return f"{address}{'&' if '?' in address else '?'}{urlencode(pairs)}"
