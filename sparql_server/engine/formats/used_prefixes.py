"""Prefixes that occur: which of those that are known a graph's IRIs can be shortened with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import pyoxigraph as ox

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Quad = ox.Triple | ox.Quad

# A part of Turtle's PN_LOCAL (production 168): what needs no escape, and no thought.
_LOCAL = re.compile(r"(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_-])?)?")


class Prefixes:
    """Shortens IRIs. namespaces: by prefix. used: those with which one has been."""

    def __init__(self, namespaces: Mapping[str, str]) -> None:
        """namespaces: by prefix; of two prefixes with the same one, the longer counts."""
        self._prefixes = {namespaces[prefix]: prefix for prefix in sorted(namespaces, key=len)}
        longest_first = sorted(filter(None, self._prefixes), key=len, reverse=True)
        self._namespace = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")
        self.namespaces = namespaces
        self.used: dict[str, str] = {}

    def shorten(self, iri: str) -> str | None:
        """Return an IRI as a prefixed name, or None if it can't be written as one."""
        match = self._namespace.match(iri)
        if match is None or not _LOCAL.fullmatch(iri, match.end()):
            return None
        prefix = self._prefixes[match[0]]
        self.used[prefix] = match[0]
        return f"{prefix}:{iri[match.end() :]}"

    def sort_used(self) -> dict[str, str]:
        """Return the prefixes that were used, sorted."""
        return dict(sorted(self.used.items()))


def find_occurring(quads: Iterable[Quad], namespaces: Mapping[str, str]) -> dict[str, str]:
    """Return the prefixes, with their namespaces, that IRIs of triples or quads can have."""
    prefixes = Prefixes(namespaces)
    for iri in {iri for quad in quads for iri in _list_iris(quad)}:
        prefixes.shorten(iri)
    return prefixes.sort_used()


def _list_iris(quad: Quad) -> Iterator[str]:
    for term in quad:
        if isinstance(term, ox.NamedNode):
            yield term.value
        elif isinstance(term, ox.Literal):
            yield term.datatype.value
