"""The types that names are reconciled with, and the properties that may be given beside a name."""

from __future__ import annotations

from dataclasses import dataclass

from sparql_server.sparql.namespaces import KBV


@dataclass(frozen=True, slots=True)
class Kind:
    """A type. id: IRI of a class. classes: in which its things are looked for, by their names.

    controlled: whether its names are those of a vocabulary, in which each is one thing's.
    """

    id: str
    name: str
    classes: tuple[str, ...]
    controlled: bool = False

    def as_json(self) -> dict[str, str]:
        """Return it as a service names it."""
        return {"id": self.id, "name": self.name}


@dataclass(frozen=True, slots=True)
class Property:
    """A property. id: a name of this service, or an IRI. kinds: ids of types that have it."""

    id: str
    name: str
    kinds: tuple[str, ...] = ()

    def as_json(self) -> dict[str, str]:
        """Return it as a service names it."""
        return {"id": self.id, "name": self.name}


def _kind(name: str, shown: str, *others: str, controlled: bool = False) -> Kind:
    return Kind(
        f"{KBV}{name}", shown, tuple(f"{KBV}{class_}" for class_ in (name, *others)), controlled
    )


KINDS = (
    _kind("Person", "Person"),
    _kind("Organization", "Organization"),
    _kind("Work", "Work"),
    _kind("Instance", "Instance (edition)"),
    _kind("Topic", "Subject", "ComplexSubject", "Temporal", "GenreForm", controlled=True),
    _kind("Geographic", "Place", "Place", "Country", controlled=True),
)
"""Those that are named in the manifest."""

_WRITTEN = (f"{KBV}Work", f"{KBV}Instance")

YEARS = Property("years", "Years (of life, of publication)", (f"{KBV}Person", *_WRITTEN))
AUTHOR = Property("author", "Author or other contributor", _WRITTEN)
LANGUAGE = Property("language", "Language", _WRITTEN)
PROPERTIES = (YEARS, AUTHOR, LANGUAGE)
"""Those that this service knows beside the vocabulary's."""


def find_kind(name: str) -> Kind:
    """Return the type of an id, which may be any class."""
    known = (kind for kind in KINDS if kind.id == name)
    return next(known, None) or Kind(name, name.rpartition("/")[2], (name,))
