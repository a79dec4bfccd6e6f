"""The list of saved queries: what a search and a tag leave of it, and what a program gets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sparql_server.catalogue.saved_query import LANGUAGES, Catalogue, Parameter, SavedQuery
from sparql_server.saved.page_texts import Wording
from sparql_server.saved.saved_request import list_extensions

OTHER = "other"


def find_matching(catalogue: Catalogue, search: str = "", tag: str = "") -> list[SavedQuery]:
    """Return the queries that have a tag, and in any of their texts all words of a search."""
    words = search.casefold().split()
    return [query for query in catalogue.queries.values() if _fits(query, words, tag)]


def _fits(query: SavedQuery, words: Sequence[str], tag: str) -> bool:
    if tag and tag not in query.tags:
        return False
    text = searchable_text(query)
    return all(word in text for word in words)


def searchable_text(query: SavedQuery) -> str:
    """Return all that a query says of itself, in both languages, without case."""
    said = [query.name, *query.tags]
    for language in LANGUAGES:
        said += map(Wording(language).tag, query.tags)
    for texts in (query.title, query.description, query.notes):
        said += texts.values()
    return " ".join(said).casefold()


def count_tags(queries: Iterable[SavedQuery]) -> list[tuple[str, int]]:
    """Return tags and how many queries have them, those of most first."""
    counted = Counter(tag for query in queries for tag in query.tags)
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))


def group_by_theme(queries: Iterable[SavedQuery]) -> list[tuple[str, list[SavedQuery]]]:
    """Return the queries below the first of their tags, the largest theme first.

    Those that would be alone stand together as ``other``, at the end.
    """
    themes: dict[str, list[SavedQuery]] = {}
    for query in queries:
        themes.setdefault(query.tags[0] if query.tags else OTHER, []).append(query)
    large = {tag: members for tag, members in themes.items() if len(members) > 1 and tag != OTHER}
    rest = [query for tag, members in themes.items() if tag not in large for query in members]
    ordered = sorted(large.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [*ordered, (OTHER, rest)] if rest else ordered


def as_json(query: SavedQuery, base: str) -> dict[str, Any]:
    """Return what a program gets to know of a query. base: address of the list, absolute."""
    return {
        "name": query.name,
        "address": f"{base}{query.name}",
        "title": dict(query.title),
        "description": dict(query.description),
        "notes": dict(query.notes),
        "tags": list(query.tags),
        "form": query.form,
        "columns": list(query.variables),
        "formats": list_extensions(query),
        "parameters": [
            _describe_parameter(parameter, query, base) for parameter in query.parameters
        ],
    }


def _describe_parameter(parameter: Parameter, query: SavedQuery, base: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": parameter.name,
        "type": parameter.type,
        "label": dict(parameter.labels),
        "default": list(parameter.default),
        "example": parameter.example,
        "required": parameter.required,
        "multiple": parameter.multiple,
    }
    if parameter.values or parameter.class_ or parameter.scheme or parameter.choices:
        found["values"] = f"{base}{query.name}/values/{parameter.name}"
    bounds = {"minimum": parameter.minimum, "maximum": parameter.maximum}
    return found | {name: bound for name, bound in bounds.items() if bound is not None}
