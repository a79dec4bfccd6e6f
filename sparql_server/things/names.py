"""What things are called: the best of their names, in a language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sparql_server.saved.table import shorten_subject

Names = dict[str, dict[str, dict[str, str]]]
"""Thing to kind of name to language (empty: none) to name."""

_KINDS = ("label", "name", "family", "title", "work", "holder")  # the best first


def read_names(rows: Iterable[Mapping[str, Any]]) -> Names:
    """Return names as ``patterns.select_names`` finds them; of equals the first in the alphabet."""
    found: Names = {}
    for row in rows:
        if row["name"]["type"] == "literal":
            kinds = found.setdefault(row["thing"]["value"], {})
            names = kinds.setdefault(row["kind"]["value"], {})
            language, name = row["name"].get("xml:lang", ""), row["name"]["value"]
            names[language] = min(names.get(language, name), name)
    return found


def find_name(names: Names, iri: str, language: str) -> str | None:
    """Return what a thing is called: in a language, or in none, or in another; None: nothing.

    >>> person = {"family": {"": "Boye"}, "given": {"": "Karin"}, "life": {"": "1900-1941"}}
    >>> find_name({"urn:k": person}, "urn:k", "sv")
    'Boye, Karin, 1900-1941'
    """
    kinds = names.get(iri, {})
    best = next((kind for kind in _KINDS if kind in kinds), None)
    if best is None:
        return None
    parts = [best, "given", "life"] if best == "family" else [best, "life"]
    return ", ".join(_pick(kinds[kind], language) for kind in parts if kind in kinds)


def name(names: Names, iri: str, language: str) -> str:
    """Return what a thing is called, or else its IRI in short."""
    return find_name(names, iri, language) or shorten_subject(iri)


def _pick(names: Mapping[str, str], language: str) -> str:
    other = next(iter(sorted(names.values())))
    return names.get(language) or names.get("") or names.get("sv") or other
