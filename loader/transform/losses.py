"""What JSON-LD processing passes over without a word, so that it can be reported.

The algorithms of https://www.w3.org/TR/json-ld11-api/ leave out keys that look like keywords,
values that belong to nothing, and IRIs that are spelt like a term without a meaning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from loader.transform.context import IGNORED, VOCABULARY_VALUES
from loader.transform.gate import Problem, shortened
from loader.transform.json_text import encode_json

_SENSELESS = tuple(f'"{term}"'.encode() for term in IGNORED)
_ELSEWHERE = frozenset({"@base", "@container", "@import", "@index", "@json", "@none", "@vocab"})
_USED = frozenset({"@context", "@direction", "@graph", "@id", "@included", "@language"}).union(
    {"@list", "@nest", "@reverse", "@set", "@type", "@value"}
)
_KEYWORDS = _USED | _ELSEWHERE
_LIKE_KEYWORD = re.compile(r"@[A-Za-z]+")  # JSON-LD 1.1 API, section 5.2.2: such a one is null


@dataclass(frozen=True, slots=True)
class _Terms:
    """What a context makes of keys: which say something, hold IRIs, or stand for nothing.

    has_aliases: keywords may go by other names.
    """

    used: frozenset[str]
    iris: frozenset[str]
    senseless: frozenset[str]
    has_aliases: bool


_LIBRIS = _Terms(_USED, frozenset({"@id", "@type", *VOCABULARY_VALUES}), frozenset(IGNORED), False)
_ANY = _Terms(_USED | {"@index"}, frozenset({"@id", "@type"}), frozenset(), True)


def may_lose(graphs: bytes, number: int = 1) -> bool:
    """Tell whether something in the JSON of so many records may be passed over.

    Of most records it is certain that nothing is.
    """
    named = graphs.count(b'"@graph"')
    usual = named + graphs.count(b'"@id"') + graphs.count(b'"@type"')
    is_usual = named == number and graphs.count(b'"@') == usual
    return not is_usual or any(term in graphs for term in _SENSELESS)


def losses(nodes: Iterable[Any], *, libris: bool = True) -> tuple[Problem, ...]:
    """Return what of a graph's nodes is passed over, as problems of the kind ``dropped``.

    libris: they have Libris' context, not one of their own in which terms mean something else.
    """
    terms = _LIBRIS if libris else _ANY
    dropped = [value for node in nodes for value in (*_stray([node]), *_within(node, terms))]
    return tuple(Problem("dropped", shortened(value)) for value in dict.fromkeys(dropped))


def _stray(members: Any) -> Iterator[str]:
    """Yield what stands in a graph and is no node."""
    waiting = [members]
    while waiting:
        member = waiting.pop()
        if isinstance(member, list):
            waiting += member
        elif isinstance(member, dict) and "@set" in member:
            waiting.append(member["@set"])
        elif isinstance(member, dict) and not member.keys() & {"@value", "@list"}:
            continue
        elif member is not None:
            yield encode_json(member).decode()


def _within(value: Any, terms: _Terms) -> Iterator[str]:
    unread = terms.senseless | {"@context"}
    waiting = [value]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, list):
            waiting += inner
        elif isinstance(inner, dict):
            yield from _of_object(inner, terms)
            if "@value" not in inner:
                waiting += [said for key, said in inner.items() if key not in unread]


def _of_object(value: dict[str, Any], terms: _Terms) -> Iterator[str]:
    for key, said in value.items():
        if key not in terms.used and _LIKE_KEYWORD.fullmatch(key):
            yield f"{key}: {encode_json(said).decode()}"
        elif key in terms.iris:
            iris = said if isinstance(said, list) else [said]
            yield from (iri for iri in iris if _is_null(iri, terms))
    if not terms.has_aliases and _is_half_a_value(value):
        yield encode_json(value).decode()
    if "@graph" in value:
        yield from _stray(value["@graph"])


def _is_half_a_value(value: dict[str, Any]) -> bool:
    if "@value" not in value:
        return bool(value.keys() & {"@language", "@direction"})
    # It is a node to the parser if a property comes first, and has no value then.
    return any(not key.startswith("@") for key in value)


def _is_null(iri: object, terms: _Terms) -> bool:
    """Tell whether a text in the place of an IRI stands for none."""
    if not isinstance(iri, str) or iri in _KEYWORDS:
        return False
    return iri in terms.senseless or _LIKE_KEYWORD.fullmatch(iri) is not None
