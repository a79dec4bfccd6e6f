"""The parts of pages of things: values, properties, sections, what points there."""

from __future__ import annotations

from dataclasses import dataclass

from sparql_server.things.document_queries import UNCOUNTED
from sparql_server.things.incoming import MOST_FILLED, MOST_PATHS, SHOWN


@dataclass(frozen=True, slots=True)
class Value:
    """A value. href: its page here. outside: its IRI, where that is not of this catalogue.

    aside: what tells it apart. kind: classes of the blank node that only says this. parts: what is
    said of one that says more. line: of one that is told in a line, one after the other.
    is_first: whether it stands before its likes.
    """

    text: str
    href: str | None = None
    language: str = ""
    aside: str = ""
    outside: str = ""
    kind: str = ""
    parts: tuple[Property, ...] = ()
    line: tuple[Value, ...] = ()
    is_cut: bool = False
    is_first: bool = False
    origin: Value | None = None
    evidence: str = ""

    @property
    def told(self) -> str:
        """Its text, or that of its line."""
        return self.text or ", ".join(each.told for each in self.line)


@dataclass(frozen=True, slots=True)
class Property:
    """A property and its values. count: of all there are, where not all are here."""

    name: Value
    values: tuple[Value, ...]
    iri: str = ""
    count: int = 0

    @property
    def is_cut(self) -> bool:
        """Whether there are other values."""
        return self.count > len(self.values)


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

    @property
    def has_more(self) -> bool:
        """Whether others point here in the same way."""
        return len(self.things) < self.count or (
            self.count == UNCOUNTED and len(self.things) >= SHOWN
        )


@dataclass(frozen=True, slots=True)
class Page:
    """A document: its main thing, others in it, the record, what points there.

    has_more: whether there are other things in it. above: what the main thing is below, level by
    level, the highest first.
    """

    document: str
    main: Section
    others: tuple[Section, ...]
    record: Section | None
    pointing: tuple[Pointing, ...]
    has_more: bool = False
    above: tuple[tuple[Value, ...], ...] = ()

    @property
    def filled(self) -> tuple[Pointing, ...]:
        """The paths of which the first things are shown."""
        return self.pointing[:MOST_FILLED]

    @property
    def unfilled(self) -> tuple[Pointing, ...]:
        """The other paths by which things point here."""
        return self.pointing[MOST_FILLED:MOST_PATHS]

    @property
    def has_more_paths(self) -> bool:
        """Whether things point here by still other paths."""
        return len(self.pointing) > MOST_PATHS

    @property
    def is_counted(self) -> bool:
        """Whether it is known how much points here."""
        return all(each.count != UNCOUNTED for each in self.pointing)

    @property
    def others_point(self) -> bool:
        """Whether things point here that are no holdings, or nobody knows, or nothing does."""
        return not self.pointing or any(not each.is_holding for each in self.pointing)
