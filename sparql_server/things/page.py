"""What the page of a thing shows: sections of properties and values, with names and addresses."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from sparql_server.finding.schema import Schema
from sparql_server.saved.pickers import shorten_iri
from sparql_server.saved.table import shorten_subject
from sparql_server.things.addresses import LIBRIS, TERMS, Addresses
from sparql_server.things.facts import Incoming, Statements, Term, name_of
from sparql_server.things.names import Names, find_name, name
from sparql_server.things.order import HOLDS, MAIN_ENTITY, TYPE, is_leading, sort_properties

_DEEPEST = 5  # blank nodes in each other that a page shows
_MOST_VALUES = 100  # of a property


@dataclass(frozen=True, slots=True)
class Value:
    """A value. href: its page here. outside: its IRI, where that is not of this catalogue.

    aside: what tells it apart. kind: classes of the blank node that only says this. parts: what is
    said of one that says more.
    """

    text: str
    href: str | None = None
    language: str = ""
    aside: str = ""
    outside: str = ""
    kind: str = ""
    parts: tuple[Property, ...] = ()


@dataclass(frozen=True, slots=True)
class Property:
    """A property and its values. left_out: how many more values there are."""

    name: Value
    values: tuple[Value, ...]
    iri: str = ""
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """A thing of a document. lead, rest: what is said of it, in two parts."""

    iri: str
    title: str
    types: tuple[Value, ...]
    lead: tuple[Property, ...]
    rest: tuple[Property, ...]

    @property
    def fragment(self) -> str:
        """The fragment of its IRI, which is the element's on the page."""
        return self.iri.partition("#")[2]


@dataclass(frozen=True, slots=True)
class Pointing:
    """Things that point here. path: the properties. href: where all of them are."""

    path: tuple[Value, ...]
    count: int
    things: tuple[Value, ...]
    href: str
    is_holding: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A document: its main thing, others in it, the record. counted: whether ``pointing`` is."""

    document: str
    main: Section
    others: tuple[Section, ...]
    record: Section | None
    pointing: tuple[Pointing, ...]
    counted: bool

    @property
    def others_point(self) -> bool:
        """Whether things point here that are no holdings, or nobody knows, or nothing does."""
        return not self.pointing or any(not each.is_holding for each in self.pointing)


@dataclass(frozen=True, slots=True)
class Writer:
    """Makes pages' values of terms. language: of names. chosen: whether addresses must say so."""

    names: Names
    schema: Schema | None
    addresses: Addresses
    language: str
    chosen: bool = False

    def thing(self, iri: str) -> Value:
        """Return a thing by its name, with its page."""
        found = find_name(self.names, iri, self.language)
        outside = "" if iri.startswith((LIBRIS, TERMS)) or not _is_web(iri) else iri
        aside = shorten_subject(iri) if found else ""
        return Value(found or shorten_subject(iri), self._address(iri), "", aside, outside)

    def term(self, kind: str, iri: str) -> Value:
        """Return a class or a property by its label, with its page in the schema."""
        if self.schema is None or (kind, iri) not in self.schema.terms:
            text = find_name(self.names, iri, self.language) or shorten_iri(iri)
            return Value(text, self._address(iri))
        label = self.schema.terms[kind, iri].label(self.language)
        return Value(label, self._spoken(f"/schema/{kind}?iri={quote(iri, safe='')}"))

    def properties(self, statements: Statements, subject: str, depth: int = 0) -> list[Property]:
        """Return what is said of a subject, in order."""
        said = statements.get(subject, {})
        return [
            self._property(statements, each, said[each], depth) for each in sort_properties(said)
        ]

    def types(self, statements: Statements, subject: str) -> tuple[Value, ...]:
        """Return the classes of a subject."""
        return tuple(self.term("class", each) for each in list_types(statements, subject))

    def pointing(self, incoming: Incoming, document: str) -> Pointing:
        """Return things that point to a document, with their names."""
        path = tuple(self.term("property", each) for each in incoming.path)
        things = tuple(self.thing(source) for source in incoming.sources)
        key = urlencode({"incoming": write_path(incoming.path)})
        address = self.addresses.of(document)
        href = self._spoken(f"{address}{'&' if '?' in address else '?'}{key}")
        return Pointing(path, incoming.count, things, href, incoming.path == (HOLDS,))

    def _property(
        self, statements: Statements, property_: str, objects: Sequence[Term], depth: int
    ) -> Property:
        values = [self._value(statements, each, depth) for each in objects[:_MOST_VALUES]]
        values.sort(key=lambda value: value.text.casefold())
        left_out = max(0, len(objects) - _MOST_VALUES)
        return Property(self.term("property", property_), tuple(values), property_, left_out)

    def _value(self, statements: Statements, term: Term, depth: int) -> Value:
        if term["type"] == "uri":
            return self.thing(str(term["value"]))
        if term["type"] != "bnode":
            return Value(str(term["value"]), language=str(term.get("xml:lang", "")))
        subject = name_of(term)
        types = ", ".join(value.text for value in self.types(statements, subject))
        parts = self.properties(statements, subject, depth + 1) if depth < _DEEPEST else []
        if len(parts) == 1 and len(parts[0].values) == 1 and not parts[0].values[0].parts:
            return replace(parts[0].values[0], kind=types)  # as a title that has nothing else
        return Value(types, parts=tuple(parts))

    def _address(self, iri: str) -> str:
        return self._spoken(self.addresses.of(iri))

    def _spoken(self, address: str) -> str:
        """Return an address in the language that the reader has chosen."""
        if not self.chosen:
            return address
        path, mark, fragment = address.partition("#")
        return f"{path}{'&' if '?' in path else '?'}lang={self.language}{mark}{fragment}"


def make_page(
    writer: Writer,
    things: Sequence[str],
    statements: Statements,
    incoming: Sequence[Incoming] | None,
) -> Page:
    """Return the page of a document. things: its IRI, and those of what it tells of."""
    document = things[0]
    main = find_main(things, statements)
    sections = {each: _section(writer, statements, each) for each in things if each in statements}
    record = sections.pop(document, None) if main != document else None
    shown = sections.pop(main, None) or _section(writer, statements, main)
    pointing = tuple(writer.pointing(each, document) for each in incoming or ())
    return Page(document, shown, tuple(sections.values()), record, pointing, incoming is not None)


def find_main(things: Sequence[str], statements: Statements) -> str:
    """Return what a document is about: as it says, or what is told of first, or itself."""
    said = statements.get(things[0], {}).get(MAIN_ENTITY, ())
    named = [str(term["value"]) for term in said if term["value"] in things]
    described = [each for each in things[1:] if each in statements]
    return next(iter([*named, *([] if things[0] in statements else described)]), things[0])


def list_types(statements: Statements, subject: str) -> list[str]:
    """Return the classes that a subject is said to be of."""
    return sorted(str(term["value"]) for term in statements.get(subject, {}).get(TYPE, ()))


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


def write_path(path: Sequence[str]) -> str:
    """Return a path as the parameter ``incoming`` has it.

    >>> write_path(["https://id.kb.se/vocab/itemOf"])
    'kbv:itemOf'
    """
    return " ".join(map(shorten_iri, path))


def _section(writer: Writer, statements: Statements, iri: str) -> Section:
    properties = writer.properties(statements, iri)
    return Section(
        iri,
        name(writer.names, iri, writer.language),
        writer.types(statements, iri),
        tuple(each for each in properties if is_leading(each.iri)),
        tuple(each for each in properties if not is_leading(each.iri)),
    )


def _is_web(iri: str) -> bool:
    return iri.startswith(("http://", "https://"))
