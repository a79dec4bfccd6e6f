"""The documents that tell of a thing: a graph, or what a page shows; and their links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from sparql_server.answering.answer import Answer, Visitor
from sparql_server.answering.answers import Answers
from sparql_server.finding.schema import Schema
from sparql_server.sparql.formats import BY_NAME, Format
from sparql_server.sparql.protocol import QueryRequest
from sparql_server.things import schema_org
from sparql_server.things.addresses import SUFFIXES, Addresses
from sparql_server.things.facts import Asker, Incoming
from sparql_server.things.page import (
    Page,
    Writer,
    find_main,
    list_named,
    list_types,
    make_page,
    write_path,
)
from sparql_server.things.patterns import PART, SHOWN, construct, construct_part
from sparql_server.things.request import Wanted

_ASCII = "".join(map(chr, range(0x21, 0x7F)))  # of an IRI in a header, as it stands


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a document. host: address of the server as they have it, without a path.

    language: of names. chosen: whether the address says that language.
    """

    visitor: Visitor
    host: str
    language: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows. links: of the header. around: addresses of the parts before and after.

    data: formats, and where the same is had in them. about: it in schema.org's words, or None.
    """

    page: Page
    data: Sequence[tuple[Format, str]]
    about: dict[str, Any] | None
    around: dict[str, str]
    links: str


class Told:
    """What is told of a document and its things. spellings: its IRI, as it may be in the data.

    Raises RequestError: NotInRelease.
    """

    def __init__(
        self,
        answers: Answers,
        reader: Reader,
        addresses: Addresses,
        spellings: Sequence[str],
        wanted: Wanted,
    ) -> None:
        self._answers = answers
        self._reader = reader
        self._addresses = addresses
        self._wanted = wanted
        self._asker = Asker(answers, reader.visitor)
        self._things = self._asker.find_things(spellings)
        self._document = self._things[0]

    def graph(
        self, format_name: str | None, accept: str | None, *, head: bool = False
    ) -> tuple[Answer, str]:
        """Return it as a graph, in the format that is wanted most; and its links.

        head: without the body. Raises RequestError.
        """
        links = self._links(self._document)
        asked = QueryRequest(self._query(links), format=format_name)
        ask = self._answers.head if head else self._answers.answer
        return ask(asked, accept, self._reader.visitor), ", ".join(links)

    def show(self, schema: Schema | None) -> Shown:
        """Return what its page shows. Raises RequestError."""
        statements = self._asker.read_statements(self._things)
        incoming = self._incoming()
        main = find_main(self._things, statements)
        names = self._asker.read_names(list_named(self._things, statements, incoming or ()))
        reader = self._reader
        writer = Writer(names, schema, self._addresses, reader.language, reader.chosen)
        links = self._links(main, list_types(statements, main))
        around = self._around(incoming or [], links)
        return Shown(
            make_page(writer, self._things, statements, incoming),
            [(BY_NAME[each], self._with_suffix(each)) for each in SUFFIXES],
            schema_org.describe(statements, main, names, reader.language),
            around,
            ", ".join(links),
        )

    def _query(self, links: list[str]) -> str:
        incoming = self._incoming() or []
        if not self._wanted.incoming:
            links += [self._link(self._part(each.path), "related") for each in incoming]
            return construct(self._things, [(each.path, each.sources) for each in incoming])
        self._around(incoming, links)
        return construct_part(self._things, incoming[0].path, incoming[0].sources)

    def _incoming(self) -> list[Incoming] | None:
        """Return what points here, by all paths or that which is wanted; None: it is too much."""
        path, counted = self._wanted.incoming, self._asker.count_incoming(self._things)
        if path:
            known = [each for each in counted or () if each.path == path]
            part = known or [Incoming(path, 0)]
            return self._asker.fill(self._things, part, PART, self._wanted.offset)
        return None if counted is None else self._asker.fill(self._things, counted, SHOWN)

    def _around(self, incoming: list[Incoming], links: list[str]) -> dict[str, str]:
        """Return the addresses of the parts before and after; note them among the links."""
        found: dict[str, str] = {}
        if not self._wanted.incoming or not incoming:
            return found
        offset, path = self._wanted.offset, self._wanted.incoming
        if offset:
            found["prev"] = self._part(path, max(0, offset - PART))
        if len(incoming[0].sources) == PART:
            found["next"] = self._part(path, offset + PART)
        links += [self._link(address, relation) for relation, address in found.items()]
        return found

    def _part(self, path: tuple[str, ...], offset: int = 0) -> str:
        pairs = [("incoming", write_path(path))]
        pairs += [("offset", str(offset))] if offset else []
        pairs += [("lang", self._reader.language)] if self._reader.chosen else []
        return _add(self._addresses.of(self._document), pairs)

    def _with_suffix(self, format_name: str) -> str:
        own = self._addresses.own(self._document)
        pairs = [("incoming", write_path(self._wanted.incoming))] if self._wanted.incoming else []
        pairs += [("offset", str(self._wanted.offset))] if self._wanted.offset else []
        if own:
            return _add(f"{own}.{format_name}", pairs)
        return _add(self._addresses.of(self._document), [("format", format_name), *pairs])

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
