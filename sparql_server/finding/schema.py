"""The schema of the release that is served: read once, then looked things up in."""

from __future__ import annotations

import json
import threading
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from typing import Any

from sparql_server.engine.prefixes import predefined
from sparql_server.engine.releases import Release
from sparql_server.engine.text import SCHEMA
from sparql_server.engine.text.storage.word_folding import words
from sparql_server.saved.pickers import shorten_iri


@dataclass(frozen=True, slots=True)
class Term:
    """A class or a property. kind: which of both. name: its IRI with a prefix, if it has one."""

    kind: str
    iri: str
    name: str
    labels: Mapping[str, str]
    count: int

    def label(self, language: str) -> str:
        """Return what it is called: in a language, or another, or by its name."""
        return self.labels.get(language) or next(iter(self.labels.values()), self.name)


class Schema:
    """The classes and properties of a release. said: all of it, as ``/schema`` has it."""

    def __init__(self, said: dict[str, Any]) -> None:
        self.said = {**said, "prefixes": predefined()}
        self.classes: dict[str, dict[str, Any]] = {
            class_["iri"]: class_ for class_ in said["classes"]
        }
        self.properties = {property_["iri"]: property_ for property_ in said["properties"]}
        self.terms = {
            (kind, iri): Term(kind, iri, shorten_iri(iri), described["label"], described["count"])
            for kind, several in (("class", self.classes), ("property", self.properties))
            for iri, described in several.items()
        }

    @cached_property
    def text(self) -> str:
        """All of it as JSON."""
        return json.dumps(self.said, ensure_ascii=False, separators=(",", ":")) + "\n"

    def term(self, iri: str) -> Term:
        """Return what an IRI is called: as a class, as a property, or by itself."""
        for kind in ("class", "property"):
            if (kind, iri) in self.terms:
                return self.terms[kind, iri]
        return Term("", iri, shorten_iri(iri), {}, 0)

    def of_kind(self, kind: str) -> list[Term]:
        """Return the classes, or the properties, in their order."""
        return [term for term in self.terms.values() if term.kind == kind]

    def users_of(self, iri: str) -> list[tuple[dict[str, Any], int]]:
        """Return the classes whose things have a property, and how often; most first."""
        rows = [
            (class_, row["count"])
            for class_ in self.classes.values()
            for row in class_["properties"]
            if row["iri"] == iri
        ]
        return sorted(rows, key=lambda row: -row[1])

    def narrower(self, iri: str) -> list[str]:
        """Return the classes and properties that say that this one is above them."""
        several = (*self.classes.values(), *self.properties.values())
        return [term["iri"] for term in several if iri in term["broader"]]

    def list_below(self, names: Iterable[str]) -> list[str]:
        """Return classes or properties with all that are below them, each once."""
        waiting, found = list(names), dict[str, None]()
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = None
                waiting += self.narrower(name)
        return list(found)

    def terms_named(self, text: str, most: int | None = None) -> list[Term]:
        """Return the terms with a name that has all these words, or begins so; most used first."""
        fitting = set(range(len(self._by_use)))
        for word in words(text):
            fitting &= self._places(word)
        return [self._by_use[place] for place in sorted(fitting)[:most]]

    def _places(self, word: str) -> set[int]:
        """Return where in the order of use the terms are that have a word that begins so."""
        begin = bisect_left(self._words, (word, -1))
        fitting = takewhile(
            lambda at: self._words[at][0].startswith(word), range(begin, len(self._words))
        )
        return {self._words[at][1] for at in fitting}

    @cached_property
    def _by_use(self) -> Sequence[Term]:
        return sorted(self.terms.values(), key=lambda term: -term.count)

    @cached_property
    def _words(self) -> Sequence[tuple[str, int]]:
        """The words of all names, sorted, each with the place of its term in the order of use."""
        return sorted(
            {
                (word, place)
                for place, term in enumerate(self._by_use)
                for text in (*term.labels.values(), term.name)
                for word in words(text)
            }
        )


class Schemas:
    """Reads the schema of the release that is served, once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._latest: tuple[Path, Schema | None] | None = None

    def of(self, release: Release | None) -> Schema | None:
        """Return a release's schema; None if it has none that can be read."""
        if release is None:
            return None
        with self._lock:
            if self._latest is None or self._latest[0] != release.path:
                self._latest = (release.path, _read(release.path / SCHEMA))
            return self._latest[1]


def _read(path: Path) -> Schema | None:
    try:
        return Schema(json.loads(path.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
