"""The writer of pages' values: terms by their names, with the addresses of what is told of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode

from sparql_server.finding.schema import Schema
from sparql_server.saved.pickers import shorten_iri
from sparql_server.saved.table import shorten_subject
from sparql_server.sparql.namespaces import RDF_FIRST, RDF_NIL, RDF_REST
from sparql_server.things.addresses import LIBRIS, TERMS, Addresses
from sparql_server.things.document_queries import SHOWN_VALUES
from sparql_server.things.facts import Incoming
from sparql_server.things.names import Names, find_name
from sparql_server.things.pages.page_parts import Pointing, Property, Value
from sparql_server.things.profiles.property_order import (
    HOLDS,
    TYPE,
    find_place,
    is_line,
    is_primary,
    sort_properties,
)
from sparql_server.things.statements import Said, Statements, Term, name_of
from sparql_server.things.surroundings import Origins

_LONGEST = 5000  # characters of a literal that a page shows
_IN_LIST = {"sv": "i en lista", "en": "in a list"}
_IN_LINE = 3  # values of a property that stand in a line
_DEEPEST = 5  # blank nodes in each other that a page shows


@dataclass(frozen=True, slots=True)
class Writer:
    """Makes pages' values of terms. language: of names. chosen: whether addresses must say so.

    origins: of links that records don't say.
    """

    names: Names
    schema: Schema | None
    addresses: Addresses
    language: str
    chosen: bool = False
    origins: Origins = field(default_factory=dict)

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

    def properties(self, said: Said, subject: str, depth: int = 0) -> list[Property]:
        """Return what is said of a subject, in order."""
        properties = sort_properties(said.statements.get(subject, {}))
        return [self._property(said, subject, each, depth) for each in properties]

    def types(self, statements: Statements, subject: str) -> tuple[Value, ...]:
        """Return the classes of a subject."""
        return tuple(self.term("class", each) for each in list_types(statements, subject))

    def pointing(self, incoming: Incoming, document: str) -> Pointing:
        """Return things that point to a document, with their names."""
        path = tuple(map(self._step, incoming.path))
        things = tuple(self.thing(source) for source in incoming.sources)
        key = urlencode({"incoming": write_path(incoming.path)})
        address = self.addresses.of(document)
        href = self._spoken(f"{address}{'&' if '?' in address else '?'}{key}")
        return Pointing(path, incoming.count, things, href, incoming.path == (HOLDS,))

    def _step(self, property_: str) -> Value:
        """Return a property of a path; of a list's, what it says is that something is in one."""
        value = self.term("property", property_)
        return replace(value, text=_IN_LIST[self.language]) if property_ == RDF_FIRST else value

    def _property(self, said: Said, subject: str, property_: str, depth: int) -> Property:
        every = said.statements[subject][property_]
        terms = list(self._list_items(said, every))
        values = [
            self._add_origin(property_, each, self._value(said, each, depth))
            for each in terms[:SHOWN_VALUES]
        ]
        if len(terms) == len(every):  # what is no list has no order
            values.sort(key=lambda value: (not value.is_first, value.told.casefold()))
        count = said.counts.get((subject, property_), len(terms))
        return Property(self.term("property", property_), tuple(values), property_, count)

    def _add_origin(self, property_: str, term: Term, value: Value) -> Value:
        origin = self.origins.get((property_, str(term["value"])))
        if origin is None:
            return value
        confidence = f"{float(origin.confidence):.2f}" if origin.confidence else ""
        evidence = " ".join(filter(None, (confidence, origin.reason)))
        return replace(value, origin=self.thing(origin.mapping or origin.graph), evidence=evidence)

    def _list_items(self, said: Said, terms: Sequence[Term]) -> Iterator[Term]:
        """Yield terms, and instead of a list what is in it."""
        for term in terms:
            cell, seen = term, set[str]()
            while cell["type"] == "bnode" and (name := name_of(cell)) not in seen:
                about = said.statements.get(name, {})
                if RDF_FIRST not in about or len(about.get(RDF_REST, ())) != 1:
                    break
                seen.add(name)
                yield about[RDF_FIRST][0]
                cell = about[RDF_REST][0]
            if not seen or cell["value"] != RDF_NIL:
                yield cell

    def _value(self, said: Said, term: Term, depth: int) -> Value:
        if term["type"] == "uri":
            return self.thing(str(term["value"]))
        if term["type"] != "bnode":
            text, language = str(term["value"]), str(term.get("xml:lang", ""))
            return Value(text[:_LONGEST], language=language, is_cut=len(text) > _LONGEST)
        subject = name_of(term)
        types = ", ".join(value.text for value in self.types(said.statements, subject))
        if depth >= _DEEPEST or subject not in said.statements:
            return Value(types or "…", is_cut=True)
        is_first = any(map(is_primary, list_types(said.statements, subject)))
        parts = self.properties(said, subject, depth + 1)
        if len(parts) == 1 and len(parts[0].values) == 1 and not parts[0].values[0].parts:
            only = parts[0].values[0]  # as of a title that has nothing else
            return replace(only, kind=types, is_first=is_first)
        if is_line([each.iri for each in parts]) and all(map(_is_short, parts)):
            ordered = sorted(parts, key=lambda each: find_place(each.iri))
            line = tuple(value for each in ordered for value in each.values)
            return Value("", kind=types, line=line, is_first=is_first)
        return Value(types, parts=tuple(parts), is_first=is_first)

    def _address(self, iri: str) -> str:
        return self._spoken(self.addresses.of(iri))

    def _spoken(self, address: str) -> str:
        """Return an address in the language that the reader has chosen."""
        if not self.chosen:
            return address
        path, mark, fragment = address.partition("#")
        return f"{path}{'&' if '?' in path else '?'}lang={self.language}{mark}{fragment}"


def list_types(statements: Statements, subject: str) -> list[str]:
    """Return the classes that a subject is said to be of."""
    return sorted(str(term["value"]) for term in statements.get(subject, {}).get(TYPE, ()))


def write_path(path: Sequence[str]) -> str:
    """Return a path as the parameter ``incoming`` has it.

    >>> write_path(["https://id.kb.se/vocab/itemOf"])
    'kbv:itemOf'
    """
    return " ".join(map(shorten_iri, path))


def _is_short(property_: Property) -> bool:
    """Tell whether the values of a property can stand in a line."""
    few = len(property_.values) <= _IN_LINE and not property_.is_cut
    return few and not any(value.parts or value.is_cut for value in property_.values)


def _is_web(iri: str) -> bool:
    return iri.startswith(("http://", "https://"))
