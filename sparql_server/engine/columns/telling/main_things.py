"""The main one of the things that a document tells of. Whoever asks queries asks this, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Statements = Mapping[str, Mapping[str, Sequence[Mapping[str, object]]]]
"""Subject to property to terms as in SPARQL's JSON."""


def main_first(iri: str) -> tuple[bool, str]:
    """Order a document's things: what it is about, as Libris names that, before the others."""
    return not iri.endswith("#it"), iri


def find_main(things: Sequence[str], said: Statements, main_property: str) -> str:
    """Return what a document is about: as it says, or what is told of first, or itself."""
    named = [str(term["value"]) for term in said.get(things[0], {}).get(main_property, ())]
    described = [each for each in things[1:] if each in said] if things[0] not in said else []
    return next(iter([*(each for each in named if each in things), *described]), things[0])
