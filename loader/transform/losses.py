"""Parts of a document that JSON-LD processing passes over, so that they can be reported.

The algorithms of https://www.w3.org/TR/json-ld11-api/ leave out keys that look like keywords,
values that belong to nothing, and IRIs that are spelt like a term without a meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from loader.transform.context import CONTEXT, IGNORED, VOCABULARY_VALUES
from loader.transform.gate import Problem, shortened
from loader.transform.json_text import encode_json

_SENSELESS = tuple(f'"{term}"'.encode() for term in IGNORED)
_ELSEWHERE = frozenset({"@base", "@container", "@import", "@index", "@json", "@none", "@vocab"})
_USED = frozenset({"@context", "@direction", "@graph", "@id", "@included", "@language"}).union(
    {"@list", "@nest", "@reverse", "@set", "@type", "@value"}
)
_KEYWORDS = _USED | _ELSEWHERE
_OF_A_VALUE = frozenset({"@context", "@direction", "@index", "@language", "@type", "@value"})
_LIKE_KEYWORD = re.compile(r"@[A-Za-z]+")  # JSON-LD 1.1 API, section 5.2.2: such a one is null


@dataclass(frozen=True, slots=True)
class _Terms:
    """The meanings that contexts give to keys.

    used: keywords that are read. iris: keys that hold IRIs. senseless: those that stand for
    nothing. maps: those that may hold values by language or index. aliases: the keyword that a
    term stands for.
    """

    used: frozenset[str] = _USED | {"@index"}
    iris: frozenset[str] = frozenset({"@id", "@type"})
    senseless: frozenset[str] = frozenset()
    maps: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)

    def within(self, context: object) -> _Terms:
        """Return what keys are under one more context."""
        terms = self
        for part in context if isinstance(context, list) else [context]:
            if part is None:
                terms = replace(terms, maps=frozenset(), aliases={})
            elif isinstance(part, dict):
                terms = terms._defined(part)
        return terms

    def _defined(self, context: dict[str, object]) -> _Terms:
        aliases, maps = dict(self.aliases), set(self.maps)
        for term, definition in _read_definitions(context):
            aliases.pop(term, None)
            meaning = definition.get("@id")
            if isinstance(meaning, str) and aliases.get(meaning, meaning) in _KEYWORDS:
                aliases[term] = aliases.get(meaning, meaning)
            container = definition.get("@container")
            containers = container if isinstance(container, list) else [container]
            (maps.add if any(kind in _MAPS for kind in containers) else maps.discard)(term)
        return replace(self, aliases=aliases, maps=frozenset(maps))

    def read(self, value: dict[str, object]) -> tuple[dict[str, Any], _Terms]:
        """Return an object with keywords for their aliases, and the terms that hold in it."""
        terms = self.within(value["@context"]) if "@context" in value else self
        if not terms.aliases:
            return value, terms
        return {terms.aliases.get(key, key): said for key, said in value.items()}, terms


_MAPS = ("@language", "@index", "@id", "@type", "@graph")


def _read_definitions(context: dict[str, object]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the terms that a context defines, and the contexts within it."""
    waiting: list[Any] = [context]
    while waiting:
        part = waiting.pop()
        if isinstance(part, list):
            waiting += part
        elif isinstance(part, dict):
            for term, definition in part.items():
                if isinstance(definition, dict):
                    waiting.append(definition.get("@context"))
                yield term, definition if isinstance(definition, dict) else {"@id": definition}


_ANY = _Terms()
_LIBRIS = replace(
    _ANY.within(CONTEXT),
    used=_USED,
    iris=frozenset({"@id", "@type", *VOCABULARY_VALUES}),
    senseless=frozenset(IGNORED),
)


def may_lose(graphs: bytes, number: int = 1) -> bool:
    """Tell whether something in the JSON of so many records may be passed over.

    Of most records it is certain that nothing is.
    """
    named = graphs.count(b'"@graph"')
    usual = named + graphs.count(b'"@id"') + graphs.count(b'"@type"')
    is_usual = named == number and graphs.count(b'"@') == usual
    return not is_usual or any(term in graphs for term in _SENSELESS)


def find_losses(nodes: Iterable[object], *, libris: bool = True) -> tuple[Problem, ...]:
    """Return what of a graph's nodes is passed over, as problems of the kind ``dropped``.

    libris: they have Libris' context, not one of their own in which terms mean something else.
    """
    terms = _LIBRIS if libris else _ANY
    dropped = [
        value
        for node in nodes
        for value in (*_find_stray([node], terms), *_list_within(node, terms))
    ]
    return tuple(Problem("dropped", shortened(value)) for value in dict.fromkeys(dropped))


def _find_stray(members: object, terms: _Terms) -> Iterator[str]:
    """Yield what stands in the place of nodes and is none."""
    waiting = [members]
    while waiting:
        member = waiting.pop()
        if isinstance(member, list):
            waiting += member
            continue
        node = terms.read(member)[0] if isinstance(member, dict) else {}
        # A list first: the parser passes over one with all that stands beside it.
        if isinstance(member, dict) and not node.keys() & {"@value", "@list"}:
            waiting.append(node.get("@set"))
        elif member is not None:
            yield encode_json(member).decode()


def _list_within(value: object, terms: _Terms) -> Iterator[str]:
    waiting = [(value, terms)]
    while waiting:
        inner, terms = waiting.pop()
        if isinstance(inner, list):
            waiting += [(member, terms) for member in inner]
        elif isinstance(inner, dict):
            node, terms = terms.read(inner)
            yield from _find_in_object(node, terms)
            if "@value" not in node:
                waiting += [(said, terms) for said in _list_members(node, terms)]


def _list_members(node: dict[str, object], terms: _Terms) -> Iterator[Any]:
    for key, said in node.items():
        if key in terms.maps and isinstance(said, dict):
            yield list(said.values())
        elif key not in terms.senseless and key != "@context":
            yield said


def _find_in_object(value: dict[str, Any], terms: _Terms) -> Iterator[str]:
    for key, said in value.items():
        if key not in terms.used and _LIKE_KEYWORD.fullmatch(key):
            yield f"{key}: {encode_json(said).decode()}"
        elif key in terms.iris:
            iris = said if isinstance(said, list) else [said]
            yield from (iri for iri in iris if _is_null(iri, terms))
    if _is_half_a_value(value, terms):
        yield encode_json(value).decode()
    if "@graph" in value:
        yield from _find_stray(value["@graph"], terms)
    if isinstance(value.get("@reverse"), dict):
        yield from _find_stray(list(_map_term(value["@reverse"], terms)), terms)


def _map_term(reverse: dict[str, object], terms: _Terms) -> Iterator[Any]:
    """Yield the values in maps of reverse properties: the parser refuses literals outside these."""
    for key, said in reverse.items():
        if key in terms.maps and isinstance(said, dict):
            yield from said.values()


def _is_half_a_value(value: dict[str, object], terms: _Terms) -> bool:
    if "@value" not in value:
        return bool(value.keys() & {"@language", "@direction"})
    # It is a node to the parser if what only a node has comes first, and has no value then.
    return any(
        key in _KEYWORDS or not (key in terms.senseless or _LIKE_KEYWORD.fullmatch(key))
        for key in value.keys() - _OF_A_VALUE
    )


def _is_null(iri: object, terms: _Terms) -> bool:
    """Tell whether a text in the place of an IRI stands for none."""
    if not isinstance(iri, str) or iri in _KEYWORDS:
        return False
    return iri in terms.senseless or _LIKE_KEYWORD.fullmatch(iri) is not None
