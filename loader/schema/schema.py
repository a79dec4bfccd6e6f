"""The schema of a release, as ``schema.json`` has it: classes, properties, counts, examples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from loader.schema.count_table import Table, Values
from loader.schema.linksets import count_links
from loader.text.classes import Classes
from loader.text.naming_properties import OWL, RDFS, TYPE
from loader.text.things import Thing, Things
from loader.text.triples import Triples, find

MOST = 2000
"""Classes and properties that it has at most, of either: those of most things."""

_EXAMPLES = 3
_LONGEST = 200  # characters of an example
_LANGUAGES = ("sv", "en")


def describe(triples: Triples, things: Things) -> dict[str, Any]:
    """Return the schema of what columns hold."""
    return _Description(triples, things).whole()


class _Description:
    """Describes classes and properties."""

    def __init__(self, triples: Triples, things: Things) -> None:
        self._triples = triples
        self._things = things
        counts = Classes(triples).counts
        named = [number for number in counts if self._is_iri(number)]
        self._classes = sorted(named, key=lambda number: (-counts[number], number))
        sizes = {number: len(triples.pairs(number).subjects) for number in triples.properties()}
        self._properties = sorted(sizes, key=lambda number: (-sizes[number], number))
        self._counts = counts | sizes
        self._left_out = max(len(self._classes), len(self._properties), MOST) - MOST
        del self._classes[MOST:], self._properties[MOST:]
        self._examples = {number: self._most_used(number) for number in self._classes}
        self._known = self._read_names()

    def whole(self) -> dict[str, Any]:
        """Return all of it."""
        table = self._table()
        return {
            "classes": [self._class(number, table.get(number, {})) for number in self._classes],
            "properties": [self._property(number) for number in self._properties],
            "left_out": self._left_out,
            "linksets": count_links(self._triples),
        }

    def _is_iri(self, number: int) -> bool:
        return self._triples.first_iri <= number < self._triples.nodes

    def _table(self) -> dict[int, dict[int, Values]]:
        """Return class to property to its values, by number."""
        table = Table(self._triples, self._classes)
        found: dict[int, dict[int, Values]] = {}
        for number in self._properties:
            for kind, values in table.of(number).items():
                found.setdefault(kind, {})[number] = values
        return found

    def _read_names(self) -> Mapping[int, Thing]:
        """Return what names classes, properties and examples."""
        wanted = [*self._classes, *self._properties]
        wanted += [number for numbers in self._examples.values() for number in numbers]
        return self._things.some(np.unique(np.array(wanted, np.int64)))

    def _most_used(self, number: int) -> list[int]:
        """Return the IRIs of a class that are used most."""
        kinds = self._triples.by_object(self._triples.number(TYPE))
        place = slice(*find(kinds, (number, number + 1)).tolist())
        members = self._triples.by_object_subjects(self._triples.number(TYPE))[place]
        members = members[self._triples.is_iri(members)]
        uses = self._things.uses[members]
        least = min(len(members), _EXAMPLES)
        best = np.argpartition(-uses, least - 1)[:least] if least else np.zeros(0, np.int64)
        found = members[best].tolist()
        return sorted(found, key=lambda member: (-int(self._things.uses[member]), member))

    def _class(self, number: int, table: Mapping[int, Values]) -> dict[str, Any]:
        rows = sorted(table.items(), key=lambda item: (-item[1].count, item[0]))
        return {
            **self._said(number, "subClassOf", "equivalentClass"),
            "properties": [self._row(prop, values) for prop, values in rows],
            "examples": [self._example(example) for example in self._examples[number]],
        }

    def _said(self, number: int, above: str, same: str) -> dict[str, Any]:
        return {
            "iri": self._iri(number),
            "label": self._label(number),
            "count": self._counts[number],
            "broader": self._related(number, [f"{RDFS}{above}"]),
            "equivalent": self._related(number, [f"{OWL}{same}"]),
        }

    def _row(self, number: int, values: Values) -> dict[str, Any]:
        return {
            "iri": self._iri(number),
            "count": values.count,
            "values": {
                "classes": _ranked(values.classes),
                "datatypes": _ranked(values.datatypes),
                "languages": [language["iri"] for language in _ranked(values.languages)],
                "untyped": values.untyped,
            },
        }

    def _property(self, number: int) -> dict[str, Any]:
        found = self._triples.columns.property(number)
        return {
            **self._said(number, "subPropertyOf", "equivalentProperty"),
            "subjects": found.distinct_subjects if found else 0,
            "objects": found.distinct_objects if found else 0,
            "examples": self._triples_of(number),
        }

    def _triples_of(self, number: int) -> list[dict[str, Any]]:
        """Return some statements of a property: the values are spread over all there are."""
        subjects = self._triples.by_object_subjects(number)
        objects = self._triples.by_object(number)
        first = int(find(objects, self._triples.first_iri))  # blank nodes say nothing
        size = len(objects) - first
        places = [first + size * part // (2 * _EXAMPLES) for part in (1, 3, 5)] if size else []
        shown = [self._statement(int(subjects[at]), int(objects[at])) for at in places]
        return [triple for place, triple in enumerate(shown) if triple not in shown[:place]]

    def _statement(self, subject: int, value: int) -> dict[str, Any]:
        return {
            "subject": self._iri(subject) if self._is_iri(subject) else None,
            "value": self._iri(value)[:_LONGEST],
            "type": "iri" if self._is_iri(value) else "literal",
        }

    def _example(self, number: int) -> dict[str, Any]:
        thing = self._known.get(number)
        iri = self._iri(number)
        return {"iri": iri, "label": thing.shown.names[0].text if thing else iri}

    def _label(self, number: int) -> dict[str, str]:
        thing = self._known.get(number)
        names = thing.shown.names[: thing.shown.preferred] if thing else ()
        by_language = {name.language: name.text for name in reversed(names)}
        labels = {
            language: by_language.get(language, by_language.get("")) for language in _LANGUAGES
        }
        return {language: label for language, label in labels.items() if label}

    def _related(self, number: int, properties: Iterable[str]) -> list[str]:
        found = [self._triples.objects_of(number, iri) for iri in properties]
        return [self._iri(other) for several in found for other in several if self._is_iri(other)]

    def _iri(self, number: int) -> str:
        return self._triples.terms.value(number)


def _ranked(counts: Mapping[str, int]) -> Sequence[dict[str, Any]]:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"iri": iri, "count": count} for iri, count in ranked]
