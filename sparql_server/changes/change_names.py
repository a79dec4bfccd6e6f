"""Names of changes, for people: by what a graph said of its thing, a deleted one's too."""

from __future__ import annotations

from collections import defaultdict

from sparql_server.changes.entries import Entry
from sparql_server.sparql.namespaces import KBV

_NAMES = (
    f"{KBV}prefLabel",
    f"{KBV}label",
    f"{KBV}name",
    "http://www.w3.org/2000/01/rdf-schema#label",
)
_PARTS = (f"{KBV}familyName", f"{KBV}givenName")
_TITLE, _MAIN = f"{KBV}hasTitle", f"{KBV}mainTitle"
_ITEM_OF = f"{KBV}itemOf"

Said = dict[tuple[str, str], list[str]]


def name_entry(entry: Entry) -> str:
    """Return what a changed thing is called, or was; else its IRI.

    >>> went = ('<urn:a> <https://id.kb.se/vocab/label> "Ett \\\\"namn\\\\""@sv',)
    >>> name_entry(Entry("urn:a", "Delete", "urn:a", went=went))
    'Ett "namn"'
    """
    said = _read(entry.kept + entry.came or entry.went)
    thing = f"<{entry.thing}>"
    titles = [text for node in said[thing, _TITLE] for text in said[node, _MAIN]]
    parts = [text for name in _PARTS for text in said[thing, name][:1]]
    names = [text for name in _NAMES for text in said[thing, name]]
    found = [*titles, *([", ".join(map(_read_text, parts))] if parts else ()), *names]
    return _read_text(found[0]) if found else entry.thing


def _read(statements: tuple[str, ...]) -> Said:
    said: Said = defaultdict(list)
    for line in sorted(statements):
        subject, predicate, value = line.split(" ", 2)
        said[subject, predicate[1:-1]].append(value)
    return said


def _read_text(value: str) -> str:
    """Return the text of a literal; what is none, as it is."""
    if not value.startswith('"'):
        return value
    text = value[1 : value.rindex('"')]
    return text.replace('\\"', '"').replace("\\n", " ").replace("\\\\", "\\")
